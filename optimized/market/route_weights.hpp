#pragma once

#include <limits>
#include <optional>

#include "model/numbers/filtered.hpp"
#include "model/numbers/rational.hpp"
#include "optimized/enclosed.hpp"
#include "optimized/market/route_rules.hpp"
#include "optimized/market/route_scan.hpp"

namespace p2pllm::optimized {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

[[nodiscard]] mpz_class to_integer(Int128 value);

// The nearest double; that of a rational is truncated.
[[nodiscard]] inline double as_double(std::int64_t value) { return static_cast<double>(value); }
[[nodiscard]] inline double as_double(Int128 value) {
  const auto low = static_cast<std::int64_t>(value);
  return low == value ? static_cast<double>(low) : static_cast<double>(value);  // the first has an instruction
}
[[nodiscard]] inline double as_double(const Rational& value) { return value.raw().get_d(); }

/// Integer price and time of a piece of a chain, in the units of its column and of its index.
template <typename Integer>
struct IntegerCost {
  Integer price{};
  Integer time{};
  friend IntegerCost operator+(const IntegerCost& a, const IntegerCost& b) {
    return {a.price + b.price, a.time + b.time};
  }
  friend bool operator==(const IntegerCost&, const IntegerCost&) = default;
};

// Relative errors of approximate weights (see route_weights.cpp), and the margins of candidate_bound for them.
inline constexpr double double_error = 0x1p-49;
inline constexpr double double_margin = 4 * double_error;
inline constexpr float float_margin = 4 * 0x1p-21F;

/// The units of the integers whose weights are compared, each over its scale.
struct CostUnits {
  /// @param of_price  of one integer of price, over the price scale; > 0
  /// @param of_time   of one integer of time, over the cost scale; > 0
  /// @param bits      the price and the time of every chain are below 2^bits; at most 124
  CostUnits(const Rational& of_price, const Rational& of_time, unsigned bits);
  CostUnits() : CostUnits(1, 1, 1) {}

  Rational price;
  Rational time;
  unsigned sum_bits;
  Rational part;                    ///< the greatest unit that both are multiples of
  mpz_class price_parts;            ///< price = price_parts * part
  mpz_class time_parts;             ///< time = time_parts * part
  ScanWeights<double> approximate;  ///< both over the greater of the two
};

/// alpha * price / price scale + (1 - alpha) * time / cost scale as exact coefficients of integers (ROUTE-2), and as
/// enclosures of them over a power of two, with which no weight of a chain exceeds 2^127. A common factor of the
/// coefficients changes no comparison.
struct ExactWeights {
  mpz_class price, time;  ///< >= 0, not both 0
  Enclosed<Int128> wide_price, wide_time;

  ExactWeights(const CostUnits& units, const Rational& alpha);
};

/// Approximate coefficients at one alpha, and the way to the exact ones, which few queries need.
class RouteWeights {
 public:
  /// Both must outlive the weights.
  RouteWeights(const CostUnits& units, const Rational& alpha);

  ScanWeights<double> approximate;  ///< their common factor does not depend on alpha
  ScanWeights<float> coarse;
  double margin = double_margin;  ///< infinite if a coefficient is too small for a double of full precision
  float coarse_margin = float_margin;

  [[nodiscard]] ExactWeights exact() const { return {*units_, *alpha_}; }
  /// The weight of a chain. Exact.
  [[nodiscard]] Rational weight(const IntegerCost<Int128>& cost) const;
  [[nodiscard]] Rational weight(const IntegerCost<Rational>& cost) const;

 private:
  const CostUnits* units_;
  const Rational* alpha_;
};

/// The rule of ROUTE-3 as an object.
struct ComesFirst {
  template <Ordered T>
  [[nodiscard]] Truth<T> operator()(const RouteLabel<T>& a, const RouteLabel<T>& b) const {
    return comes_first(a, b);
  }
};

/// The one order of chains at one alpha (ROUTE-3), decided in double, in integers of 128 bits, or exactly.
class RouteOrder {
 public:
  /// @param weights  must outlive the order
  explicit RouteOrder(const RouteWeights& weights) : weights_(weights) {}

  [[nodiscard]] bool comes_first(const IntegerCost<Int128>& a, const IntegerCost<Int128>& b) {
    if (a == b) return false;  // common, and no weight is needed to know it
    return certainly(filtered_([&] { return std::tuple(approximate(a), approximate(b)); },
                               [&] { return std::tuple(wide(a), wide(b)); },
                               [&] { return std::tuple(exact(a), exact(b)); }));
  }
  /// Always exact: for costs that no machine integer holds.
  [[nodiscard]] bool comes_first(const IntegerCost<Rational>& a, const IntegerCost<Rational>& b);

  /// The approximate weight of a cost, within a factor 1 +- double_error of it.
  [[nodiscard]] double approximate_weight(double price, double time) const {
    return weight_of(weights_.approximate.price, weights_.approximate.time, price, time);
  }
  [[nodiscard]] FilterCounts counts() const {
    FilterCounts counts = filtered_.counts();
    counts.exact += always_exact_;
    return counts;
  }

 private:
  [[nodiscard]] RouteLabel<Enclosed<double>> approximate(const IntegerCost<Int128>& cost) const;
  [[nodiscard]] RouteLabel<Enclosed<Int128>> wide(const IntegerCost<Int128>& cost);
  [[nodiscard]] RouteLabel<Rational> exact(const IntegerCost<Int128>& cost);
  [[nodiscard]] const ExactWeights& exact_weights() {
    if (!exact_weights_) exact_weights_ = weights_.exact();
    return *exact_weights_;
  }

  const RouteWeights& weights_;
  std::optional<ExactWeights> exact_weights_;  ///< from the first decision that needs them
  Filtered<ComesFirst> filtered_{ComesFirst{}};
  std::uint64_t always_exact_ = 0;
};

}  // namespace p2pllm::optimized
