#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "optimized/market/route_scan.hpp"

namespace p2pllm::optimized {

inline constexpr std::size_t client_tile = 8;  ///< clients whose labels lie side by side

/// For each client of a tile the least of several weights, the position of the first that has it, and the second least.
struct LeastTwo {
  std::array<double, client_tile> least;
  std::array<double, client_tile> second;
  std::array<std::int64_t, client_tile> position;
};

/// One row of a min-plus product with a tile of columns: the least two of coefficient * row[j] +
/// labels[j * client_tile + c] over all j, for each client c. An empty row has infinite weights and the position -1.
///
/// Each operation is rounded to nearest, whatever the unit: equal bits on every machine. O(row.size()) vector
/// operations.
[[nodiscard]] LeastTwo least_two(std::span<const std::uint64_t> row, double coefficient, std::span<const double> labels,
                                 VectorUnit unit);

}  // namespace p2pllm::optimized
