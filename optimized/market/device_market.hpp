#pragma once

#include "optimized/device_error.hpp"
#include "optimized/market/market_loops.hpp"

namespace p2pllm::optimized {

/// The loops over all nodes by the kernels of a device. Each function throws DeviceError if the device fails.
class DeviceMarket final : public MarketLoops {
 public:
  /// @param device  outlives this object
  explicit DeviceMarket(kernels::Device& device) : device_(device) {}

  void scan(std::span<const std::uint32_t> price, std::span<const std::uint32_t> time,
            std::span<const std::uint32_t> ends, const ScanWeights<float>& weights, std::span<float> least) override;
  void scan(std::span<const std::uint64_t> price, std::span<const std::uint64_t> time,
            std::span<const std::uint32_t> ends, const ScanWeights<double>& weights, std::span<double> least) override;
  [[nodiscard]] std::vector<LeastTwo> least_two(std::span<const std::uint64_t> rows, double coefficient,
                                                std::span<const double> labels) override;
  [[nodiscard]] std::vector<ChunkDecision> bound_regrets(const kernels::PriceFactors& factors, bool has_sensitivity,
                                                         VerifiedPrices& prices) override;
  void enclose_equilibria(double by_cost, double sensitivity, SolvedPrices& prices) override;
  [[nodiscard]] std::vector<kernels::MigrationScore> scores(std::span<const kernels::ScoredRange> ranges,
                                                            std::span<const std::uint32_t> served_by,
                                                            std::span<const double> weight,
                                                            std::span<const std::uint8_t> may_gain) override;

 private:
  kernels::Device& device_;
};

}  // namespace p2pllm::optimized
