#pragma once

#include <cstdio>
#include <cstdlib>

#include "kernels/device/device.hpp"

namespace p2pllm::kernels {

/// The value of a device's answer; a fault ends the program with a sentence and the status 1.
template <class T>
T value_of(DeviceResult<T>&& result) {
  if (!result) {
    std::fprintf(stderr, "p2pllm_gpu: the device failed: %s\n", result.error().what.c_str());
    std::exit(1);
  }
  return std::move(*result);
}
inline void expect_done(const DeviceResult<void>& done) {
  (void)value_of(done ? DeviceResult<int>(0) : tl::unexpected(done.error()));
}

}  // namespace p2pllm::kernels
