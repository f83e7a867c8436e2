#include "optimized/contracts/rotation.hpp"

#include <algorithm>
#include <limits>

#include "model/assert.hpp"
#include "optimized/contracts/hash_batch.hpp"
#include "optimized/contracts/rotation_rules.hpp"
#include "optimized/contracts/state_row.hpp"

namespace p2pllm::optimized {
namespace {

__extension__ using Wide = __int128;

using Members = std::vector<Rotation::Member>;

/// The ticks until somebody is owed something: one, unless all with stake are in debt (POS-1).
std::int64_t ticks_until_turn(const Members& members) {
  std::int64_t ticks = std::numeric_limits<std::int64_t>::max();
  for (const Rotation::Member& member : members)
    if (member.stake > 0) ticks = std::min(ticks, member.owed >= 0 ? 1 : 1 - member.owed / member.stake);
  P2PLLM_ASSERT(ticks != std::numeric_limits<std::int64_t>::max());
  return ticks;
}

/// Gives the next turn. @returns the place of the member that has it
std::size_t take_turn(Members& members) {
  const std::int64_t ticks = ticks_until_turn(members);
  std::int64_t best_owed = 0, total = 0;
  std::size_t best = 0;
  for (std::size_t k = 0; k < members.size(); ++k) {
    Rotation::Member& member = members[k];
    member.owed += ticks * member.stake;
    total += member.stake;
    if (!is_owed_more(member.stake, member.owed, best_owed)) continue;
    best_owed = member.owed;
    best = k;
  }
  for (std::size_t k = 0; k < members.size(); ++k) members[k].owed = owed_after(members[k].owed, total, k == best);
  return best;
}

/// The greatest integer at most owed * new_total / total.
std::int64_t rescaled(std::int64_t owed, std::int64_t total, std::int64_t new_total) {
  const Wide product = static_cast<Wide>(owed) * new_total;
  const Wide quotient = product / total;
  return static_cast<std::int64_t>(quotient - (product % total < 0 ? 1 : 0));
}

}  // namespace

const AccountId& Rotation::proposer(std::int64_t round) const {
  thread_local Members members;
  members = content_.members;
  for (std::int64_t lost = 0; lost < round; ++lost) (void)take_turn(members);
  return content_.members[take_turn(members)].id;
}

void Rotation::end_block(std::int64_t round) {
  for (std::int64_t turn = 0; turn <= round; ++turn) (void)take_turn(content_.members);
}

namespace {

/// Whether members have these stakes, and no others have any.
bool have_stakes(const Members& members, const auto& stakes) {
  return std::ranges::equal(members, stakes, [](const Rotation::Member& member, const auto& stake) {
    return member.id == stake.first && member.stake == stake.second;
  });
}

}  // namespace

void Rotation::set_stakes(const Stakes& stakes) {
  if (have_stakes(content_.members, stakes)) return;
  std::int64_t total = 0, new_total = 0;
  for (const Member& member : content_.members) total += member.stake;
  for (const auto& [id, stake] : stakes) new_total += stake;
  P2PLLM_ASSERT(new_total > 0);
  Members next;
  next.reserve(stakes.size());
  auto old = content_.members.begin();
  for (const auto& [id, stake] : stakes) {
    while (old != content_.members.end() && old->id < id) ++old;
    const bool is_old = old != content_.members.end() && old->id == id;
    next.push_back({id, stake, owed_still(stake, is_old ? rescaled(old->owed, total, new_total) : 0)});
  }
  content_.members = std::move(next);
}

void Rotation::take_snapshot(Height height, Height evidence_age_max) {
  Snapshots& kept = content_.snapshots;
  if (kept.empty() || !have_stakes(content_.members, kept.back()->stakes)) {
    StakeSnapshot made{height, {}, {}};
    for (const Member& member : content_.members) made.stakes.emplace_hint(made.stakes.end(), member.id, member.stake);
    made.hash = hash_of(made);
    kept.push_back(std::make_shared<const StakeSnapshot>(std::move(made)));
  }
  while (kept.size() > 1 && kept[1]->height <= height - evidence_age_max) kept.erase(kept.begin());
}

Amount Rotation::stake_at(const AccountId& node, Height height) const {
  auto latest = content_.snapshots.rbegin();
  while (latest != content_.snapshots.rend() && (*latest)->height > height) ++latest;
  if (latest == content_.snapshots.rend()) return 0;
  const auto found = (*latest)->stakes.find(node);
  return found == (*latest)->stakes.end() ? 0 : found->second;
}

Validators validators_of(const Rotation::Content& content) {
  Validators all;
  for (const Rotation::Member& member : content.members) all[member.id] = {member.stake, member.owed};
  return all;
}

Rotation::Content content_of(const Validators& validators, const std::deque<StakeSnapshot>& snapshots) {
  Rotation::Content content;
  for (const auto& [id, validator] : validators) content.members.push_back({id, validator.stake, validator.priority});
  for (const StakeSnapshot& one : snapshots) content.snapshots.push_back(std::make_shared<const StakeSnapshot>(one));
  return content;
}

namespace {

constexpr std::string_view key_tag = "p2pllm/1/key", leaf_tag = "p2pllm/1/leaf/state";

/// The sign is separate, as what is owed may be below 0.
StateRow leaf_of(const Rotation::Member& member) {
  const std::int64_t sign = member.owed < 0 ? 1 : 0, size = member.owed < 0 ? -member.owed : member.owed;
  return StateRow(5, "validator").add(member.id).add(member.stake).add(sign).add(size);
}

}  // namespace

/// What changes in the map is found first, so that its hashes are made together.
void Rotation::sync_members() {
  struct Change {
    std::size_t place;  ///< of the member
    bool is_new;
  };
  thread_local std::vector<Change> changes;
  thread_local HashBatch batch;
  changes.clear();
  batch.clear();
  std::vector<SyncedMember>& next = next_members_;
  next.clear();
  const auto add = [&](const Member& member, bool is_new) {
    changes.push_back({next.size(), is_new});
    batch.add(leaf_tag, leaf_of(member).bytes());
    if (is_new) batch.add(key_tag, StateRow(2, "validator").add(member.id).bytes());
  };
  auto old = synced_members_.begin();
  const auto erase_below = [&](const AccountId* id) {
    for (; old != synced_members_.end() && (id == nullptr || old->member.id < *id); ++old) map_.erase(old->entry);
  };
  for (const Member& member : content_.members) {
    erase_below(&member.id);
    if (old == synced_members_.end() || old->member.id != member.id) {
      add(member, true);
      next.push_back({member, {}});
      continue;
    }
    if (old->member.stake != member.stake || old->member.owed != member.owed) add(member, false);
    next.push_back({member, old->entry});
    ++old;
  }
  erase_below(nullptr);
  auto hash = batch.hash().begin();
  for (const Change& change : changes) {
    const MerkleLeaf leaf{*hash++};
    if (change.is_new) next[change.place].entry = map_.insert(*hash++, leaf);
    else map_.update(next[change.place].entry, leaf);
  }
  synced_members_.swap(next);
}

void Rotation::sync_snapshots() {
  const auto leaf = [](const StakeSnapshot& one) {
    return merkle_leaf("state", StateRow(3, "stakes").add(one.height).add(one.hash).bytes());
  };
  std::vector<SyncedSnapshot>& next = next_snapshots_;
  next.clear();
  auto old = synced_snapshots_.begin();
  for (const auto& one : content_.snapshots) {
    for (; old != synced_snapshots_.end() && old->height < one->height; ++old) map_.erase(old->entry);
    const bool is_known = old != synced_snapshots_.end() && old->height == one->height;
    if (is_known && old->hash != one->hash) map_.update(old->entry, leaf(*one));
    next.push_back(
        {one->height, one->hash,
         is_known ? old->entry
                  : map_.insert(hash_tagged(key_tag, StateRow(2, "stakes").add(one->height).bytes()), leaf(*one))});
    if (is_known) ++old;
  }
  for (; old != synced_snapshots_.end(); ++old) map_.erase(old->entry);
  synced_snapshots_.swap(next);
}

Hash Rotation::sync() {
  sync_members();
  sync_snapshots();
  return map_.root();
}

}  // namespace p2pllm::optimized
