#pragma once

#include <span>

#include "kernels/device/device.hpp"
#include "kernels/matrix/matrix.hpp"

namespace p2pllm::kernels {

/// Vectors that matrices are multiplied by, one a position, in the parts that the kernel reads.
class DeviceVectors {
 public:
  /// @param positions  at most, in one batch @param blocks  of 64 numbers, of the longest vector
  [[nodiscard]] static DeviceResult<DeviceVectors> of_size(Device& device, std::int64_t positions, std::int64_t blocks);

  [[nodiscard]] simt::DeviceSpan<std::uint32_t> upper(std::int64_t positions, std::int64_t blocks);
  [[nodiscard]] simt::DeviceSpan<std::uint32_t> lower(std::int64_t positions, std::int64_t blocks);
  [[nodiscard]] simt::DeviceSpan<std::uint8_t> exponents(std::int64_t positions);

 private:
  DeviceArray<std::uint32_t> upper_, lower_;
  DeviceArray<std::uint8_t> exponents_;
};

/// A matrix of exact layers that lies on a device.
class DeviceMatrix {
 public:
  /// A copy of the matrix, which must stay until the device has finished.
  [[nodiscard]] static DeviceResult<DeviceMatrix> of(Device& device, const PackedMatrix& matrix);

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t blocks() const { return blocks_; }
  /// Queues that each position's numbers become the block that this matrix is multiplied by, after a norm if there is a
  /// gain, and the product (LAYER-3, LAYER-4, LAYER-8): from prefill_positions_least positions on by the tensor cores.
  /// @param row  what to take; its places for the parts are set here @param product  [position][row]
  [[nodiscard]] DeviceResult<void> multiply(Device& device, PrepareArguments row, std::int64_t positions,
                                            DeviceVectors& vectors, simt::DeviceSpan<std::int32_t> product) const;

 private:
  DeviceArray<std::uint32_t> words_;
  DeviceArray<std::uint8_t> exponents_;
  std::int64_t rows_ = 0;
  std::int64_t blocks_ = 0;
};

}  // namespace p2pllm::kernels
