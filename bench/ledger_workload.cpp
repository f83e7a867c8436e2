#include "bench/ledger_workload.hpp"

#include <algorithm>
#include <map>

#include "model/contracts/channel_message.hpp"
#include "parties/computation.hpp"

namespace p2pllm::bench {
namespace {

using namespace parties;
using namespace reference;

constexpr std::size_t people = 100, providers = 20;  // in each shard
constexpr std::int64_t layers_of_shard = 4;
const Bytes prompt(64, 7);

/// The people of one shard, and what they do in a round.
class Crowd {
 public:
  Crowd(TraceWriter& writer, const SignatureScheme& scheme, std::int64_t shard, std::vector<KeyPair> keys,
        std::size_t& left)
      : writer_(writer), scheme_(scheme), shard_(shard), keys_(std::move(keys)), left_(left) {}

  void enroll() {
    for (std::size_t p = 0; p < providers; ++p) send(p, Register{layers(), 1000, 10, 1000});
  }
  void propose_jobs() {
    jobs_.clear();
    for (std::size_t p = 0; p < providers; ++p) {
      const Height h = writer_.ledger().height();
      jobs_.push_back(
          send(providers + p, Propose{id(p), layers(), {}, state_hash(prompt), 5, 4, 2, h + 2, h + 9, 4, 3, 20, 4}));
      send(p, Accept{jobs_[p]});
      send(p, Accept{jobs_[p]});  // fails
    }
    transfers(40);
  }
  void deliver_jobs() {
    const ComputedSteps work = compute({}, layers(), prompt, 8);
    for (std::size_t p = 0; p < providers; ++p) {
      send(p, delivery(jobs_[p], job(p), work));
      if (p % 5 == 0) send(providers + p, Challenge::of_shown(jobs_[p], 5));
      else if (p % 5 == 1) send(providers + p, Demand{jobs_[p], 1}), send(p, Publish{jobs_[p], work.states[8]});
      else send(providers + p, Acknowledge{jobs_[p]});
    }
    for (std::size_t p = 0; p < providers; p += 5) dispute(p, jobs_[p], work);
    transfers(20);
    channels();
  }
  void finalize_jobs() {
    for (std::size_t p = 1; p < providers; p += 5) send(99, Finalize{jobs_[p]});
    for (std::size_t p = 0; p < providers; ++p) send(p, Update{static_cast<Amount>(10 + p)});
  }

 private:
  [[nodiscard]] const SlaRecord& job(std::size_t p) const {
    return writer_.ledger().shards()[static_cast<std::size_t>(shard_)].slas.at(jobs_[p]);
  }
  [[nodiscard]] AccountId id(std::size_t k) const { return keys_[k].public_key; }
  [[nodiscard]] LayerRange layers() const { return {shard_ * layers_of_shard, (shard_ + 1) * layers_of_shard}; }
  Hash send(std::size_t who, Operation operation) {
    if (left_ == 0) return {};
    --left_;
    const Height height = writer_.ledger().height();
    const auto& account = writer_.ledger().shards()[static_cast<std::size_t>(shard_)].accounts.at(id(who));
    Transaction made{writer_.ledger().chain(), shard_, id(who), account.nonce, height + 5, 1, std::move(operation), {}};
    made.signature = scheme_.sign(keys_[who].secret_key, transaction_id(made));
    return writer_.execute(made).id;
  }
  /// One of ten goes to the next shard.
  void transfers(std::size_t number) {
    const std::int64_t next = (shard_ + 1) % writer_.ledger().genesis().shards;
    for (std::size_t k = 0; k < number; ++k, ++turn_)
      send((turn_ * 7) % people,
           Transfer{id((turn_ * 13 + 5) % people), turn_ % 10 == 0 ? next : shard_, static_cast<Amount>(turn_ % 50)});
  }
  void dispute(std::size_t p, const Hash& job, const ComputedSteps& work) {
    const auto record = [&] { return writer_.ledger().shards()[static_cast<std::size_t>(shard_)].slas.at(job); };
    while (left_ > 0 && record().sla.status == static_cast<std::int64_t>(SlaStatus::disputed))
      if (record().sla.turn == client_turn) send(providers + p, Side{job, true});
      else send(p, turn_of_provider(record(), job, work));
  }
  void channels() {
    const Hash ledger = ledger_id(writer_.ledger().chain(), shard_);
    for (std::size_t k = 0; k < 10; ++k) {
      const std::size_t a = 40 + k, b = 60 + k;
      const ChannelTerms terms{id(a), id(b), static_cast<std::int64_t>(turn_), 4,
                               60,    40,    writer_.ledger().height() + 2};
      send(a, ChannelOpen{terms});
      send(b, ChannelFund{terms});
      const ChannelPlace place{ledger, channel_id(ledger, terms)};
      const auto state = [&](std::int64_t version, Amount of_a) {
        const Hash message = channel_state_message(place, {version, of_a, 100 - of_a});
        return ChannelSignedBalances{version, of_a, 100 - of_a, scheme_.sign(keys_[a].secret_key, message),
                                     scheme_.sign(keys_[b].secret_key, message)};
      };
      send(a, ChannelClose{place.channel, state(1, 50)});
      send(b, ChannelRefute{place.channel, state(2, 30)});
      if (k % 2 == 0) send(b, ChannelCooperativeClose{place.channel, state(channel_version_final, 30)});
    }
  }

  TraceWriter& writer_;
  const SignatureScheme& scheme_;
  std::int64_t shard_;
  std::vector<KeyPair> keys_;
  std::size_t& left_;  ///< operations of the history that are still to come
  std::vector<Hash> jobs_;
  std::size_t turn_ = 0;
};

/// A genesis with `people` accounts in each shard, which is the home of each of them (SHARD-4).
TraceHead head_of(bool is_ideal, std::int64_t shards, std::vector<std::vector<KeyPair>>& keys) {
  TraceHead head{{"bench",
                  shards,
                  layers_of_shard * shards,
                  {100, 1000, 1, 5, 30, 5, 20, 50, 2, 20, 1, 10, 4096, 1'000'000, 5, 2, 20},
                  std::vector<std::map<AccountId, Amount>>(static_cast<std::size_t>(shards)),
                  {}},
                 is_ideal,
                 {},
                 {}};
  keys.resize(static_cast<std::size_t>(shards));
  const SignatureScheme& scheme = is_ideal ? ideal_signatures() : ed25519();
  const auto is_full = [](const std::vector<KeyPair>& of_shard) { return of_shard.size() == people; };
  for (std::size_t k = 0; !std::ranges::all_of(keys, is_full); ++k) {
    const KeyPair pair = scheme.key_of_seed(sha256(bytes_of("bench " + std::to_string(k))));
    const auto home = static_cast<std::size_t>(home_of(head.genesis, pair.public_key));
    if (is_full(keys[home])) continue;
    keys[home].push_back(pair);
    head.genesis.balances[home][pair.public_key] = 1'000'000;
  }
  head.genesis.proposers = {keys[0][0].public_key};
  return head;
}

/// A history, as a trace, of transfers, jobs paid and disputed, channels closed alone and by agreement, and failures,
/// in blocks of about a hundred operations of each shard.
std::string trace_of(bool is_ideal, std::int64_t shards) {
  std::vector<std::vector<KeyPair>> keys;
  TraceWriter writer(head_of(is_ideal, shards, keys), false);
  std::size_t left = workload_operations * keys.size();
  std::vector<Crowd> crowds;
  for (std::size_t s = 0; s < keys.size(); ++s)
    crowds.emplace_back(writer, is_ideal ? ideal_signatures() : ed25519(), static_cast<std::int64_t>(s), keys[s], left);
  for (Crowd& crowd : crowds) crowd.enroll();
  while (left > 0) {
    for (Crowd& crowd : crowds) crowd.propose_jobs();
    writer.end_blocks();
    for (Crowd& crowd : crowds) crowd.deliver_jobs();
    writer.end_blocks(5);
    for (Crowd& crowd : crowds) crowd.finalize_jobs();
    writer.end_blocks();
  }
  return writer.text();
}

WorkloadHistory history_of(bool is_ideal, std::int64_t shards) {
  WorkloadHistory history{{}, {}, trace_of(is_ideal, shards)};
  std::size_t failures = 0;
  Replay replay = Replay::start(history.text, "bench").value();
  history.head = replay.head();
  while (!replay.is_done()) {
    const ReplayedLine line = replay.next().value();
    if (!line.differences.empty() || !replay.ledger().faults().empty()) throw std::runtime_error("a line differs");
    history.events.push_back(line.event);
    if (line.outcome && line.outcome->reason != Reason::none) ++failures;
  }
  if (10 * failures > 2 * history.events.size()) throw std::runtime_error("too much fails");
  return history;
}

}  // namespace

const WorkloadHistory& workload(bool is_ideal, std::int64_t shards) {
  static std::map<std::pair<bool, std::int64_t>, WorkloadHistory> histories;
  const std::pair wanted(is_ideal, shards);
  const auto found = histories.find(wanted);
  return found != histories.end() ? found->second
                                  : histories.emplace(wanted, history_of(is_ideal, shards)).first->second;
}

}  // namespace p2pllm::bench
