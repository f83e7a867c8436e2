#pragma once

#include <stdexcept>

#include "kernels/device/device.hpp"

namespace p2pllm::optimized {

/// A device did not do what it was asked to do. Nothing that was under way may be used any more.
class DeviceError : public std::runtime_error {
 public:
  explicit DeviceError(const kernels::DeviceFault& fault) : std::runtime_error(fault.what), kind(fault.kind) {}
  kernels::DeviceFault::Kind kind;
};

/// The value of a device's answer. @throws DeviceError if it has none
template <typename T>
T value_of(kernels::DeviceResult<T>&& result) {
  if (!result) throw DeviceError(result.error());
  return std::move(*result);
}
inline void expect_done(const kernels::DeviceResult<void>& result) {
  if (!result) throw DeviceError(result.error());
}

}  // namespace p2pllm::optimized
