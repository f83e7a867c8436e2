#pragma once

#include <span>

#include "kernels/device/device.hpp"
#include "kernels/matrix/matrix.hpp"

namespace p2pllm::kernels {

/// A matrix of exact layers that lies on a device.
class DeviceMatrix {
 public:
  /// A copy of the matrix, which must stay until the device has finished.
  [[nodiscard]] static DeviceResult<DeviceMatrix> of(Device& device, const PackedMatrix& matrix);

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  /// Queues the product with a vector that lies on the device (LAYER-4).
  /// @param vector  64 numbers a block, -32767 .. 32767 @param exponent  of the vector, 0 .. 16
  /// @param product  a number for each row
  [[nodiscard]] DeviceResult<void> multiply(Device& device, simt::DeviceSpan<const std::int16_t> vector,
                                            std::int64_t exponent, simt::DeviceSpan<std::int32_t> product);

 private:
  DeviceArray<std::uint32_t> words_;
  DeviceArray<std::uint8_t> exponents_;
  DeviceArray<std::uint32_t> upper_, lower_;  // the parts of the vector
  std::int64_t rows_ = 0;
  std::int64_t blocks_ = 0;
};

}  // namespace p2pllm::kernels
