#include "reference/contracts/rotation.hpp"

#include <algorithm>
#include <ranges>

#include "model/numbers/rational.hpp"

namespace p2pllm::contracts {
namespace {

Lineup<std::int64_t> lineup_of(const Validators& validators) {
  Lineup<std::int64_t> lineup;
  for (const auto& [id, validator] : validators) lineup.push_back(validator);
  return lineup;
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

/// Raises all priorities alike until they sum to 0 if they sum to less; what is left goes one by one to the lowest ids.
void raise_to_centre(Validators& validators) {
  Rational sum;
  for (const auto& [id, validator] : validators) sum += Rational(validator.priority);
  if (sum.sign() >= 0) return;
  const Rational count(static_cast<std::int64_t>(validators.size()));
  const std::int64_t each = floor(-sum / count).get_si();
  std::int64_t rest = floor(-sum - Rational(each) * count).get_si();
  for (auto& [id, validator] : validators) validator.priority += each + (rest-- > 0 ? 1 : 0);
}

}  // namespace

AccountId proposer_of(const Validators& validators, std::int64_t round) {
  Turn<std::int64_t> turn = take_turn(lineup_of(validators));
  for (std::int64_t r = 0; r < round; ++r) turn = take_turn(turn.after);
  return std::next(validators.begin(), turn.place)->first;
}

Validators after_block(const Validators& validators, std::int64_t round) {
  Lineup<std::int64_t> lineup = lineup_of(validators);
  for (std::int64_t r = 0; r <= round; ++r) lineup = take_turn(lineup).after;
  Validators next = validators;
  auto place = lineup.begin();
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
  const std::int64_t total = total_of(validators);
  Validators next;
  for (const auto& [id, stake] : stakes) {
    const auto old = validators.find(id);
    const std::int64_t priority = old == validators.end() ? entry_priority(new_total)
                                                          : std::min(rescaled(old->second.priority, total, new_total),
                                                                     credit_turns_max * new_total);
    next.emplace(id, Validator<std::int64_t>{stake, priority});
  }
  raise_to_centre(next);
  return next;
}

}  // namespace p2pllm::contracts
