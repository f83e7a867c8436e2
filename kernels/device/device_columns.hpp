#pragma once

#include <array>
#include <span>
#include <vector>

#include "kernels/device/device.hpp"

namespace p2pllm::kernels {

/// Columns of price and time that lie on a device, block by block of nodes.
/// @tparam F  float for columns of 32 bits, double for those of 64 @tparam Bits  the unsigned integer of its size
template <class F, class Bits>
class DeviceColumns {
 public:
  /// Coefficients of price and time, each in [0, 1].
  struct Weights {
    F price = 0;
    F time = 0;
  };

  /// Copies of the columns, which must stay until the device has finished.
  /// @param ends  of the blocks, ascending; none is empty
  [[nodiscard]] static DeviceResult<DeviceColumns> of(Device& device, std::span<const Bits> price,
                                                      std::span<const Bits> time, std::span<const std::int64_t> ends);

  /// For each block and each pair of coefficients the least of price * w.price + time * w.time, as the CPU's scan gives
  /// it. Waits for the device.
  /// @param least  ends x weights, row by row
  [[nodiscard]] DeviceResult<void> least_weights(Device& device, std::span<const Weights> weights, std::span<F> least);

 private:
  DeviceArray<Bits> price_, time_, least_;
  DeviceArray<std::int64_t> ends_;
  std::vector<Bits> infinite_;
};

extern template class DeviceColumns<float, std::uint32_t>;
extern template class DeviceColumns<double, std::uint64_t>;

}  // namespace p2pllm::kernels
