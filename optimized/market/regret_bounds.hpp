#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/market/demand_lane.hpp"
#include "optimized/market/verify.hpp"

// Regret brackets in doubles, a chunk of nodes at a time. Every quantity is a product, quotient or sum of numbers >= 0,
// so that its relative error is bounded by adding up those of its parts (PRICE-15).
namespace p2pllm::optimized {

inline constexpr std::size_t chunk_nodes = kernels::chunk_nodes;
using kernels::ChunkSum;
using kernels::GroupSum;
using kernels::PriceFactors;

/// A node's integers, gathered.
struct ChunkInput {
  std::span<const double> price;  ///< integers of the price column
  std::span<const double> cost;
};

/// Demand weights and e^-(w - least w) of a chunk.
/// @param own  receives the exponentials
[[nodiscard]] ChunkSum sum_chunk(const PriceFactors& factors, const ChunkInput& input, std::span<double> own);

/// @param offsets  of the chunks in the columns
[[nodiscard]] GroupSum combine(std::span<const ChunkSum> chunks, std::span<const std::size_t> offsets);

/// The state of a node after the filter.
enum class NodeState : std::uint8_t { within, exceeds, open };

/// The counts and findings of a chunk.
struct ChunkDecision {
  std::size_t within = 0;
  std::size_t exceeding = 0;
  std::vector<std::size_t> open;  ///< places in the columns
  std::size_t worst = 0;          ///< place of the node of greatest regret among those that exceed
  double worst_regret = -1;
  double worst_gain = 0;  ///< a lower bound of R(trial) - R(p)
};

/// Columns of a chunk.
struct ChunkOutput {
  std::span<double> share_lower, share_upper, response_lower, response_upper, regret_lower, regret_upper, trial;
};

/// Brackets the regret of every node of a chunk.
/// @param own           from sum_chunk
/// @param least_weight  of the chunk
/// @param begin         place of the chunk in the columns
[[nodiscard]] ChunkDecision bound_chunk(const PriceFactors& factors, const GroupSum& group, const ChunkInput& input,
                                        std::span<const double> own, double least_weight, std::size_t begin,
                                        const ChunkOutput& output);

/// Encloses only the shares (PRICE-8).
void share_chunk(const PriceFactors& factors, const GroupSum& group, const ChunkInput& input,
                 std::span<const double> own, double least_weight, const ChunkOutput& output);

}  // namespace p2pllm::optimized
