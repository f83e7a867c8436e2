#pragma once

#include <span>
#include <vector>

#include "kernels/portable/interval.hpp"
#include "model/numbers/interval.hpp"
#include "optimized/market/migrate.hpp"

namespace p2pllm::optimized {

/// Approximations of the weights of nodes that compete for the ranges of one length, up to a common factor.
///
/// Law: node i weighs factor * approximate[i] for some number in `factor`, times the common factor; a weight that is
/// approximated by 0 is at most `vanished_max` instead. Equal keys have equal approximations. If `factor` is the point
/// 1, every sum of the weights is exact in doubles.
struct ApproximateWeights {
  std::vector<double> approximate;
  kernels::DoubleInterval factor;
  static constexpr double vanished_max = 0x1p-860;
};
/// Weights to about 50 bits.
/// @param nodes  indices of those that compete; the answer has their order
[[nodiscard]] ApproximateWeights approximate_weights(const MigrationKeys& keys, std::span<const std::uint32_t> nodes);

/// The same weights, and the common factor, to about 100 bits: as the sum of two doubles.
struct WiderWeight {
  double leading;
  double rest;
};
inline constexpr long wider_bits = 128;
[[nodiscard]] Interval wider_factor();
/// @param least_key  of those that compete
[[nodiscard]] WiderWeight wider_weight(const MigrationKeys& keys, std::size_t node, Wide least_key);

/// The weight of a key without a common factor: e^-(key - shift) under the revenue rule, 1 / key per unit under the
/// share rule.
[[nodiscard]] Interval weight_of(const MigrationKeys& keys, Wide key, Wide shift, long bits);

}  // namespace p2pllm::optimized
