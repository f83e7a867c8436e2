#include "optimized/market/migrate_weights.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/portable/exp.hpp"

namespace p2pllm::optimized {
namespace {

/// Under the revenue rule the greatest weight is approximated by about e^600, the least one that is kept by e^-600: so
/// a weight, the part of it beyond 53 bits, and a sum of 2^32 weights are normal numbers.
constexpr double exponent_max = 600;

/// 1 / key times the least common multiple of all keys, if all sums of these are exact in doubles.
std::optional<std::vector<double>> exact_shares(const MigrationKeys& keys, std::span<const std::uint32_t> nodes) {
  constexpr std::uint64_t exact_max = std::uint64_t{1} << 53;
  std::uint64_t multiple = 1;
  auto least = static_cast<std::uint64_t>(-1);
  for (const std::uint32_t i : nodes) {
    if (keys.keys[i] >= exact_max) return std::nullopt;
    const auto key = static_cast<std::uint64_t>(keys.keys[i]);
    least = std::min(least, key);
    if (multiple % key == 0) continue;
    const Wide next = static_cast<Wide>(multiple / std::gcd(multiple, key)) * key;
    if (next >= exact_max) return std::nullopt;
    multiple = static_cast<std::uint64_t>(next);
  }
  if (static_cast<Wide>(multiple / least) * nodes.size() >= exact_max) return std::nullopt;
  std::vector<double> weights;
  weights.reserve(nodes.size());
  for (const std::uint32_t i : nodes)
    weights.push_back(static_cast<double>(multiple / static_cast<std::uint64_t>(keys.keys[i])));
  return weights;
}

ApproximateWeights share_approximations(const MigrationKeys& keys, std::span<const std::uint32_t> nodes) {
  if (auto exact = exact_shares(keys, nodes)) return {*std::move(exact), kernels::DoubleInterval(1)};
  ApproximateWeights result{{}, {1 - 0x1p-51, 1 + 0x1p-51}};  // two roundings: of the key, and of the quotient
  result.approximate.reserve(nodes.size());
  for (const std::uint32_t i : nodes) result.approximate.push_back(1 / static_cast<double>(keys.keys[i]));
  return result;
}

/// A difference of keys in units as the sum of two doubles, relatively to 2^-100.
class Exponents {
 public:
  explicit Exponents(const Rational& unit) {
    // Beyond these magnitudes every difference but 0 is over 2 exponent_max, or all are below 2^-700.
    if (unit > Rational::power_of_two(800)) unit_ = 0x1p800;
    else if (unit >= Rational::power_of_two(-900)) {
      unit_ = unit.raw().get_d();  // truncated, and the rest is the second part
      rest_of_unit_ = (unit - exactly(unit_)).raw().get_d();
    }
  }

  /// e^(exponent_max - difference units), relatively to 2^-50; 0 if that is below e^-exponent_max.
  [[nodiscard]] double weight(Wide difference) const {
    const auto leading = static_cast<double>(difference);
    const Wide rounded = leading < 0x1p127 ? static_cast<Wide>(leading) : Wide{1} << 127;
    const double rest =
        rounded > difference ? -static_cast<double>(rounded - difference) : static_cast<double>(difference - rounded);
    const double product = leading * unit_;
    if (!(product <= 2 * exponent_max)) return 0;
    const double error = std::fma(leading, unit_, -product) + (leading * rest_of_unit_ + rest * unit_);
    const double exponent = exponent_max - product;
    const double product_used = exponent_max - exponent;
    const double lost = (exponent_max - (exponent + product_used)) + (product_used - product);
    return kernels::exp(exponent) * (1 + (lost - error));
  }

 private:
  static Rational exactly(double value) { return Rational::from_canonical(mpq_class(value)); }
  double unit_ = 0;
  double rest_of_unit_ = 0;
};

ApproximateWeights revenue_approximations(const MigrationKeys& keys, std::span<const std::uint32_t> nodes) {
  const auto key_of = [&](std::uint32_t i) { return keys.keys[i]; };
  const Wide least = key_of(*std::ranges::min_element(nodes, {}, key_of));
  const bool are_equal = std::ranges::all_of(nodes, [&](std::uint32_t i) { return keys.keys[i] == least; });
  if (are_equal) return {std::vector<double>(nodes.size(), 1), kernels::DoubleInterval(1)};
  const Exponents exponents(keys.unit);
  ApproximateWeights result{{}, {1 - 0x1p-49, 1 + 0x1p-49}};
  result.approximate.reserve(nodes.size());
  for (const std::uint32_t i : nodes) result.approximate.push_back(exponents.weight(keys.keys[i] - least));
  return result;
}

}  // namespace

ApproximateWeights approximate_weights(const MigrationKeys& keys, std::span<const std::uint32_t> nodes) {
  if (nodes.empty()) return {{}, kernels::DoubleInterval(1)};
  return keys.rule == MigrationRule::share ? share_approximations(keys, nodes) : revenue_approximations(keys, nodes);
}

Interval wider_factor() {
  const Rational error = Rational::power_of_two(-100);
  return {1 - error, 1 + error, wider_bits};
}

WiderWeight wider_weight(const MigrationKeys& keys, std::size_t node, Wide least_key) {
  const long bits = wider_bits;
  Interval weight = weight_of(keys, keys.keys[node], least_key, bits);
  if (keys.rule == MigrationRule::revenue) {
    const Rational exponent = Rational(to_integer(keys.keys[node] - least_key)) * keys.unit;
    if (exponent > Rational(static_cast<long>(2 * exponent_max))) return {0, 0};
    weight = weight * exp(Interval(Rational(static_cast<long>(exponent_max)), bits));
  }
  const double leading = weight.approximate();
  const Interval rest = weight - Interval(Rational::from_canonical(mpq_class(leading)), bits);
  return {leading, rest.approximate()};
}

Interval weight_of(const MigrationKeys& keys, Wide key, Wide shift, long bits) {
  if (keys.rule == MigrationRule::share) return Interval(Rational(1, to_integer(key)), bits);
  const mpz_class difference = to_integer(shift) - to_integer(key);
  return exp(Interval(Rational(difference) * keys.unit, bits));
}

}  // namespace p2pllm::optimized
