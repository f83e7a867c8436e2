#include "optimized/contracts/block_invariants.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "model/encoding/bytes.hpp"
#include "optimized/contracts/invariant_rules.hpp"
#include "optimized/contracts/registration_rules.hpp"

namespace p2pllm::optimized {
namespace {

using Numbers = std::int64_t;

constexpr Height late = Height{1} << 43;  ///< after every deadline of a ledger

Amount value_of(const Account& account) { return account.balance; }
Amount value_of(const RegisteredNode& node) { return node.registration.stake; }
Amount value_of(const SlaRecord& record) { return sla_value(record.sla); }
Amount value_of(const ChannelRecord& record) { return optimized::value_of(record.channel); }
Amount value_of(const Arrival& arrival) { return arrival.amount; }
Amount value_of(const Mark&) { return 0; }

class Check {
 public:
  Check(const Genesis& genesis, Height height, std::vector<ShardState>& shards)
      : genesis_(genesis), height_(height), shards_(shards) {}

  void look_at(ShardState& shard) {
    shard_ = &shard;
    gained_ += shard.burned - shard.burned_before();
    require(shard.burned >= 0, "nothing_negative", ByteView());
    open_.clear();
    shard.for_each_table([this](std::string_view, auto& table) { look_at_table(table); });
    for (const auto& [node, change] : open_)
      require(change == 0 || shard.nodes.find(node) == shard.nodes.none, "open_slas_counted", node.bytes);
  }
  [[nodiscard]] std::vector<std::string> result(Amount gained) && {
    if (gained_ != gained) found_.push_back("conserved: the value changed by " + std::to_string(gained_));
    return std::move(found_);
  }

 private:
  template <typename Table>
  void look_at_table(Table& table) {
    for (const auto& change : table.changes()) {
      const auto* before = change.was_there ? &change.before : nullptr;
      const auto* after = table.holds(change.place) ? &table[change.place] : nullptr;
      gained_ += (after ? value_of(*after) : 0) - (before ? value_of(*before) : 0);
      look_at_object(table.key(change.place), before, after);
    }
  }

  void look_at_object(const AccountId& id, const Account*, const Account* after) {
    require(after && after->balance >= 0, "nothing_negative", id.bytes);
  }
  void look_at_object(const AccountId& id, const RegisteredNode* before, const RegisteredNode* after) {
    open_[id] += (before ? before->registration.open_slas : 0) - (after ? after->registration.open_slas : 0);
    if (after == nullptr) return;
    const auto& now = after->registration;
    require(now.stake >= 0, "nothing_negative", id.bytes);
    require(contracts::shard_of(genesis_, after->layers) == shard_->number(), "nodes_in_their_shard", id.bytes);
    require(now.stake == 0 || !is_one_of(now.status, NodeStatus::withdrawn, NodeStatus::tombstoned),
            "ended_hold_nothing", id.bytes);
    if (before == nullptr) return require_single(id);
    require(before->registration.version <= now.version, "versions_rise", id.bytes);
    require(
        !is_one_of(before->registration.status, NodeStatus::tombstoned) || now.status == before->registration.status,
        "final_absorbs", id.bytes);
  }
  /// A key has one registration, and its home shard knows whether it is elsewhere (SHARD-4).
  void require_single(const AccountId& id) {
    const auto home = home_of(genesis_, id);
    bool is_single = shard_->away.find(id) == shard_->away.none;
    for (const ShardState& other : shards_) {
      if (&other == shard_) continue;
      is_single &= other.nodes.find(id) == other.nodes.none;
      is_single &= other.number() != home || other.away.find(id) != other.away.none;
    }
    require(is_single, "registered_once", id.bytes);
  }
  void look_at_object(const AccountId&, const Mark*, const Mark*) {}
  void look_at_object(const Hash& id, const Mark*, const Mark* after) { require(after, "evidence_kept", id); }
  void look_at_object(const Hash& id, const Arrival*, const Arrival* after) {
    require(!after || after->amount >= 0, "nothing_negative", id);
  }

  void look_at_object(const Hash& id, const SlaRecord* before, const SlaRecord* after) {
    if (after == nullptr) return require(false, "terms_immutable", id);
    const auto& now = after->sla;
    const auto counts = [](const SlaRecord& record) { return is_open(record.sla) ? 1 : 0; };
    if (const int change = counts(*after) - (before ? counts(*before) : 0); change != 0)
      open_[after->provider] += change;
    require(now.escrow >= 0 && now.bond >= 0 && now.challenge_bond >= 0, "nothing_negative", id);
    require(is_sound(now, after->terms, genesis_.parameters, height_), "slas_sound", id);
    require(is_final(now) || can_be_ended(now, after->terms, late), "nothing_stuck", id);
    if (before == nullptr) return;
    const auto terms = [](const SlaRecord& r) {
      return std::tie(r.client, r.provider, r.layers, r.model, r.input, r.first_position, r.inputs, r.terms);
    };
    require(terms(*before) == terms(*after), "terms_immutable", id);
    require(!is_final(before->sla) || before->sla.status == now.status, "final_absorbs", id);
  }
  void look_at_object(const Hash& id, const ChannelRecord* before, const ChannelRecord* after) {
    if (after == nullptr) return require(false, "final_absorbs", id);
    const auto& now = after->channel;
    require(now.balance_a >= 0 && now.balance_b >= 0, "nothing_negative", id);
    require(!is_one_of(now.status, ChannelStatus::opening, ChannelStatus::closing) || can_be_ended(now, late),
            "nothing_stuck", id);
    if (before == nullptr) return;
    const auto& was = before->channel;
    const auto terms = [](const ChannelRecord& r) {
      const auto& c = r.channel;
      return std::tuple(r.a, r.b, c.deposit_a, c.deposit_b, c.fund_by, c.closing_time);
    };
    require(terms(*before) == terms(*after), "terms_immutable", id);
    const bool was_final = is_one_of(was.status, ChannelStatus::settled);
    require(!was_final || now.status == was.status, "final_absorbs", id);
    require(was_final || was.version <= now.version, "versions_rise", id);
  }

  void require(bool holds, std::string_view invariant, ByteView id) {
    if (!holds) found_.push_back(std::string(invariant) + ": " + to_hex(id.first(std::min<std::size_t>(4, id.size()))));
  }

  const Genesis& genesis_;
  Height height_;
  std::vector<ShardState>& shards_;
  ShardState* shard_ = nullptr;
  Amount gained_ = 0;
  std::map<AccountId, Numbers> open_;  ///< open SLAs gained by a provider, less what its registration counts
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> violations_of_block(const Genesis& genesis, Height height, std::vector<ShardState>& shards,
                                             Amount gained) {
  Check check(genesis, height, shards);
  for (ShardState& shard : shards) check.look_at(shard);
  return std::move(check).result(gained);
}

}  // namespace p2pllm::optimized
