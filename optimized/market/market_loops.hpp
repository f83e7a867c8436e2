#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/market/migration_lane.hpp"
#include "optimized/market/min_plus.hpp"
#include "optimized/market/regret_bounds.hpp"
#include "optimized/market/solve.hpp"

namespace p2pllm::optimized {

/// The loops over all nodes of a market by somebody else than the processor's vector units, with the same bits: a
/// device (device_market.hpp). Each function throws if it cannot be done.
class MarketLoops {
 public:
  MarketLoops() = default;
  virtual ~MarketLoops() = default;
  MarketLoops(const MarketLoops&) = delete;
  MarketLoops& operator=(const MarketLoops&) = delete;

  /// For each block of nodes, from the first node on, what scan_blocks gives at one pair of coefficients.
  virtual void scan(std::span<const std::uint32_t> price, std::span<const std::uint32_t> time,
                    std::span<const std::uint32_t> ends, const ScanWeights<float>& weights, std::span<float> least) = 0;
  virtual void scan(std::span<const std::uint64_t> price, std::span<const std::uint64_t> time,
                    std::span<const std::uint32_t> ends, const ScanWeights<double>& weights,
                    std::span<double> least) = 0;
  /// What least_two gives for each of several rows.
  /// @param rows  of latencies, one after the other, each as long as there are labels for client_tile clients
  [[nodiscard]] virtual std::vector<LeastTwo> least_two(std::span<const std::uint64_t> rows, double coefficient,
                                                        std::span<const double> labels) = 0;
  /// What bound_chunk or share_chunk gives for every chunk, and the columns of `prices`.
  /// @param has_sensitivity  a > 0
  [[nodiscard]] virtual std::vector<ChunkDecision> bound_regrets(const kernels::PriceFactors& factors,
                                                                 bool has_sensitivity, VerifiedPrices& prices) = 0;
  /// Sets the columns of `prices` to what enclose gives, or 0 and infinity, and `steps`.
  virtual void enclose_equilibria(double by_cost, double sensitivity, SolvedPrices& prices) = 0;
  /// score_of of each node.
  /// @param served_by, weight, may_gain  of each node
  [[nodiscard]] virtual std::vector<kernels::MigrationScore> scores(std::span<const kernels::ScoredRange> ranges,
                                                                    std::span<const std::uint32_t> served_by,
                                                                    std::span<const double> weight,
                                                                    std::span<const std::uint8_t> may_gain) = 0;
};

}  // namespace p2pllm::optimized
