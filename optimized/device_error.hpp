#pragma once

#include <span>
#include <stdexcept>
#include <vector>

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

/// A copy on a device of the host's elements, which must stay until `finish`.
template <typename T>
kernels::DeviceArray<T> copied(kernels::Device& device, std::span<const T> elements) {
  return value_of(kernels::DeviceArray<T>::of(device, elements));
}
template <typename T>
kernels::DeviceArray<T> copied(kernels::Device& device, const std::vector<T>& elements) {
  return copied(device, std::span<const T>(elements));
}
/// Elements on a device that nobody has written.
template <typename T>
kernels::DeviceArray<T> array_of(kernels::Device& device, std::int64_t size) {
  return value_of(kernels::DeviceArray<T>::of_size(device, size));
}

}  // namespace p2pllm::optimized
