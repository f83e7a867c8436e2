#include "model/contracts/ledger_state.hpp"

#include <algorithm>
#include <type_traits>

#include "model/contracts/field_encoding.hpp"

namespace p2pllm::contracts {

Hash hash_of(const StakeSnapshot& snapshot) {
  CborWriter out;
  out.array(2 + 2 * snapshot.stakes.size()).text("stakes");
  encode_field(out, snapshot.height);
  for (const auto& [id, stake] : snapshot.stakes) {
    encode_field(out, id);
    encode_field(out, stake);
  }
  return hash_tagged("p2pllm/1/stakes", out.view());
}

namespace {

constexpr std::int64_t steps_limit = 1 << 20;           ///< of `steps_max` (LEDGER-1)
constexpr Amount price_limit = std::int64_t{1} << 40;   ///< of `price_max` (LEDGER-1)
constexpr Height height_limit = std::int64_t{1} << 41;  ///< no chain is as high

/// Looks at every number, and adds up the value. The first fault is kept.
class RangeCheck {
 public:
  explicit RangeCheck(std::int64_t layers) : layers_(layers) {}

  template <typename Record>
  void fields(const Record& record, const char* what) {
    Record::fields(record, [&](std::string_view, const auto& value) {
      using Value = std::remove_cvref_t<decltype(value)>;
      if constexpr (std::is_same_v<Value, std::int64_t>) within(value, 0, channel_nothing_posted, what);
      if constexpr (std::is_same_v<Value, std::uint64_t>) require(value <= std::uint64_t{amount_max}, what);
      if constexpr (std::is_same_v<Value, LayerRange>)
        require(0 <= value.first && value.first < value.last && value.last <= layers_, what);
    });
  }
  void within(std::int64_t value, std::int64_t low, std::int64_t high, const char* what) {
    require(low <= value && value <= high, what);
  }
  /// Adds value to what was seen, which stays at most a supply.
  void add(Amount value, const char* what) {
    within(value, 0, supply_max - seen_, what);
    if (!fault_) seen_ += value;
  }
  void require(bool holds, const char* what) {
    if (!holds && !fault_) fault_ = std::string(what) + " has a number that no ledger can have";
  }
  [[nodiscard]] std::optional<std::string> fault() const { return fault_; }

 private:
  std::int64_t layers_;
  Amount seen_ = 0;
  std::optional<std::string> fault_;
};

void check_shard(const Shard& shard, RangeCheck& check) {
  check.add(shard.burned, "what is burned");
  for (const auto& [id, account] : shard.accounts) {
    check.fields(account, "an account");
    check.add(account.balance, "an account");
  }
  for (const auto& [id, node] : shard.nodes) {
    check.fields(node, "a node");
    check.add(node.registration.stake, "a node");
    check.within(node.cost_us, 1, amount_max, "a node");
    check.within(node.registration.version, 0, height_limit, "a node");
    check.within(node.registration.updated_at, 0, height_limit, "a node");
    check.within(node.registration.open_slas, 0, height_limit, "a node");
  }
  for (const auto& [id, record] : shard.slas) {
    check.fields(record, "an SLA");
    for (const Amount value : {record.sla.escrow, record.sla.bond, record.sla.challenge_bond})
      check.add(value, "an SLA");
    check.within(record.terms.price, 0, price_limit, "an SLA");
    check.within(record.terms.units, 1, steps_limit, "an SLA");
    check.within(record.terms.steps_per_unit, 1, steps_limit, "an SLA");
  }
  for (const auto& [id, record] : shard.channels) {
    check.fields(record, "a channel");
    const auto& channel = record.channel;
    const bool holds_a = channel.status >= 1 && channel.status <= 3,
               holds_b = channel.status == 2 || channel.status == 3;
    check.add(holds_a ? channel.deposit_a : 0, "a channel");
    check.add(holds_b ? channel.deposit_b : 0, "a channel");
    check.within(channel.deposit_a, 0, amount_max - std::min(channel.deposit_b, amount_max), "a channel");
  }
}

}  // namespace

std::optional<std::string> range_fault(const LedgerState& state, std::int64_t layers) {
  RangeCheck check(layers);
  check.within(state.height, 1, height_limit, "the height");
  for (const Shard& shard : state.shards) check_shard(shard, check);
  for (const Receipt& receipt : state.in_flight) check.add(receipt.amount, "a receipt");
  Amount stakes = 0;
  for (const auto& [id, validator] : state.validators) {
    check.within(validator.stake, 0, 2 * supply_max - stakes, "a validator");
    if (!check.fault()) stakes += validator.stake;
  }
  check.require(state.validators.empty() || stakes > 0, "a validator");
  for (const auto& [id, validator] : state.validators)
    check.within(validator.priority, -5 * supply_max, 10 * supply_max, "a validator");
  return check.fault();
}

}  // namespace p2pllm::contracts
