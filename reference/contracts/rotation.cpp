#include "reference/contracts/rotation.hpp"

#include <algorithm>
#include <optional>
#include <ranges>

#include "model/numbers/rational.hpp"

namespace p2pllm::contracts {
namespace {

/// Due times are compared by products that machine integers do not hold.
Lineup<Rational> lineup_of(const Validators& validators) {
  Lineup<Rational> lineup;
  for (const auto& [id, validator] : validators)
    lineup.push_back({Rational(validator.stake), Rational(validator.priority)});
  return lineup;
}

/// The ticks until somebody is eligible: one, but where everybody is in debt (POS-1).
Rational ticks_of_turn(const Lineup<Rational>& lineup) {
  std::optional<Rational> ticks;
  for (const Validator<Rational>& node : lineup)
    if (node.stake.sign() > 0) {
      const Rational mine = Rational(1) + Rational(floor(greatest(Rational(0), -node.priority / node.stake)));
      ticks = ticks ? least(*ticks, mine) : mine;
    }
  return *ticks;
}

Turn<Rational> next_turn(Lineup<Rational> lineup) {
  const Rational ticks = ticks_of_turn(lineup);
  for (Validator<Rational>& node : lineup) node = raised(node, ticks);
  return take_turn(lineup);
}

Turn<Rational> turn_of_round(const Validators& validators, std::int64_t round) {
  Turn<Rational> turn = next_turn(lineup_of(validators));
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
  return std::next(validators.begin(), floor(turn_of_round(validators, round).place).get_si())->first;
}

Validators after_block(const Validators& validators, std::int64_t round) {
  const Turn<Rational> turn = turn_of_round(validators, round);
  Validators next = validators;
  auto place = turn.after.begin();
  for (auto& [id, validator] : next) validator.priority = floor((place++)->priority).get_si();
  return next;
}

Validators with_stakes(const Validators& validators, const std::map<AccountId, Amount>& stakes) {
  const auto is_same = [](const auto& member, const auto& stake) {
    return member.first == stake.first && member.second.stake == stake.second;
  };
  if (std::ranges::equal(validators, stakes, is_same)) return validators;
  std::int64_t new_total = 0;
  for (const auto& [id, stake] : stakes) new_total += stake;
  const std::int64_t total = total_of(validators);
  Validators next;
  for (const auto& [id, stake] : stakes) {
    const auto old = validators.find(id);
    next[id] = {stake, old == validators.end() ? 0 : rescaled(old->second.priority, total, new_total)};
  }
  return next;
}

}  // namespace p2pllm::contracts
