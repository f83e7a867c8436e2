#pragma once

#include <span>
#include <vector>

#include "kernels/device/device.hpp"

namespace p2pllm::kernels {

/// Numbers of all nodes, group after group, to which an answer is copied; all of one size.
struct RegretColumns {
  std::span<double> share_lower, share_upper, response_lower, response_upper, regret_lower, regret_upper, trial;
  std::span<std::uint8_t> states;
};
struct EquilibriumColumns {
  std::span<double> price_lower, price_upper, share_lower, share_upper, revenue_lower, revenue_upper;
};

/// The groups of a market on a device. The costs stay there between calls.
class DevicePrices {
 public:
  /// @param begins  of each group, and the end of the last; none is empty
  /// @param cost    integers of all nodes, group after group; must stay until the device has finished
  [[nodiscard]] static DeviceResult<DevicePrices> of(Device& device, std::span<const std::size_t> begins,
                                                     std::span<const double> cost);

  /// Brackets of all regrets at a price profile (PRICE-15), as the CPU gives them. Waits for the device.
  /// @param price            integers of all nodes
  /// @param has_sensitivity  whether a > 0
  /// @returns a tally of each chunk of chunk_nodes nodes of a group
  [[nodiscard]] DeviceResult<std::vector<RegretTally>> regrets(Device& device, const PriceFactors& factors,
                                                               std::span<const double> price, bool has_sensitivity,
                                                               const RegretColumns& columns);
  /// Enclosures of the equilibrium of every group (PRICE-12), as the CPU gives them; 0 and infinity where there is
  /// none. Waits for the device.
  /// @param by_cost  cost weight per integer of cost @param sensitivity  a > 0
  /// @returns the most steps that a group took
  [[nodiscard]] DeviceResult<int> equilibria(Device& device, double by_cost, double sensitivity,
                                             const EquilibriumColumns& columns);

 private:
  [[nodiscard]] ChunkTable table() const;

  std::vector<std::int64_t> host_begins_, host_groups_, host_firsts_;
  DeviceArray<std::int64_t> begins_, groups_, firsts_;
  DeviceArray<double> cost_;
};

}  // namespace p2pllm::kernels
