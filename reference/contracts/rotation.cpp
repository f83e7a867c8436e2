#include "reference/contracts/rotation.hpp"

#include <algorithm>
#include <optional>

#include "model/assert.hpp"
#include "model/numbers/rational.hpp"
#include "reference/contracts/parameter_rules.hpp"

namespace p2pllm::reference {
namespace {

Lineup<std::int64_t> lineup_of(const Validators& validators) {
  Lineup<std::int64_t> lineup;
  for (const auto& [id, validator] : validators) lineup.push_back(validator);
  return lineup;
}

/// The ticks until a node is eligible: one, unless all nodes are in debt (POS-1).
std::int64_t ticks_of_turn(const Lineup<std::int64_t>& lineup) {
  std::optional<std::int64_t> ticks;
  for (const auto& [stake, priority] : lineup)
    if (stake > 0) ticks = std::min(ticks.value_or(amount_max), 1 + std::max<std::int64_t>(0, -priority) / stake);
  P2PLLM_ASSERT(ticks);
  return *ticks;
}

Turn<std::int64_t> next_turn(Lineup<std::int64_t> lineup) {
  const std::int64_t ticks = ticks_of_turn(lineup);
  for (auto& node : lineup) node = raised(node, ticks);
  return take_turn(lineup);
}

Turn<std::int64_t> turn_of_round(const Validators& validators, std::int64_t round) {
  P2PLLM_ASSERT(round >= 0);
  Turn<std::int64_t> turn = next_turn(lineup_of(validators));
  for (std::int64_t r = 0; r < round; ++r) turn = next_turn(std::move(turn.after));
  return turn;
}

std::int64_t total_of(const Validators& validators) {
  std::int64_t total = 0;
  for (const auto& [id, validator] : validators) total += validator.stake;
  return total;
}

/// As many turns are owed under the new total as under the old one, rounded down.
std::int64_t rescaled(std::int64_t priority, std::int64_t total, std::int64_t new_total) {
  return floor(Rational(priority) * Rational(new_total) / Rational(total)).get_si();
}

}  // namespace

AccountId proposer_of(const Validators& validators, std::int64_t round) {
  return std::next(validators.begin(), turn_of_round(validators, round).place)->first;
}

Validators after_block(const Validators& validators, std::int64_t round) {
  const Turn<std::int64_t> turn = turn_of_round(validators, round);
  Validators next = validators;
  auto place = turn.after.begin();
  for (auto& [id, validator] : next) validator = *place++;
  return next;
}

Validators with_stakes(const Validators& validators, const std::map<AccountId, Amount>& stakes) {
  const auto is_same = [](const auto& member, const auto& stake) {
    return member.first == stake.first && member.second.stake == stake.second;
  };
  if (std::ranges::equal(validators, stakes, is_same)) return validators;
  std::int64_t new_total = 0;
  for (const auto& [id, stake] : stakes) new_total += stake;
  P2PLLM_ASSERT(new_total > 0);
  const std::int64_t total = total_of(validators);
  Validators next;
  for (const auto& [id, stake] : stakes) {
    const auto old = validators.find(id);
    const std::int64_t priority = old == validators.end() ? 0 : rescaled(old->second.priority, total, new_total);
    next[id] = {stake, kept_priority<std::int64_t>({stake, priority})};
  }
  return next;
}

}  // namespace p2pllm::reference
