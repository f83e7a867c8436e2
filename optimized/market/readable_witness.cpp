#include "optimized/market/readable_witness.hpp"

#include <algorithm>

namespace p2pllm::optimized {
namespace {

/// Whether a gain of this size, rounded to twelve digits, still exceeds epsilon; the checker divides it by the revenue
/// at the witness's price for a relative one.
bool has_room(const Rational& gain, const Rational& regret, const Tolerance& tolerance) {
  if (tolerance.absolute) return gain > tolerance.epsilon;
  return (regret - tolerance.epsilon) * Rational(100'000'000'000) > regret;
}

}  // namespace

Witness readable_witness(Witness witness, const WitnessGround& ground, const Tolerance& tolerance) {
  const auto& [sensitivity, regret, best] = ground;
  const Rational revenue_max = best.upper - Rational(1) / sensitivity;
  for (int digits = 6; digits < 40; digits += digits / 2) {
    const Rational price = round_decimal(witness.price, digits);
    const Rational distance = std::max(abs(price - best.lower), abs(price - best.upper));
    const Rational least = std::min(price, best.lower);
    if (least.sign() <= 0) continue;
    const Rational lost =
        distance * distance / Rational(2) * (Rational(1) / (least * least) + sensitivity * sensitivity / Rational(4));
    const Rational gain = round_decimal(witness.gain - lost * revenue_max, 12, Rounding::down);
    const Rational regret_left = tolerance.absolute ? gain : regret - lost;
    if (gain < witness.gain * Rational(99999, 100000) || !has_room(gain, regret_left, tolerance)) continue;
    return {witness.node, price, gain};
  }
  const Rational gain = round_decimal(witness.gain, 12, Rounding::down);
  if (has_room(gain, regret, tolerance)) witness.gain = gain;
  return witness;
}

}  // namespace p2pllm::optimized
