#pragma once

#include <cstdint>
#include <string>

#include "kernels/simt/machine.hpp"

namespace p2pllm::kernels::simt {

/// Who touched an element, and when. Steps are counted by the barriers passed: of the block and of the warp.
struct Visit {
  std::uint64_t launch = 0;  ///< 0 for none
  std::int64_t block = 0;
  int thread = 0;
  std::uint32_t step = 0;
  std::uint32_t warp_step = 0;
  bool is_atomic = false;
  Place place;

  /// Whether this came before a visit of the running thread, by the order of one thread or by a barrier.
  [[nodiscard]] bool is_before(const Visit& now) const {
    if (launch != now.launch) return true;
    if (block != now.block) return false;
    return thread == now.thread || step < now.step ||
           (thread / warp_size == now.thread / warp_size && warp_step < now.warp_step);
  }
};

/// What is known of all memory of the device.
class Shadow {
 public:
  /// Notes a visit; the sentence of the rule that it breaks, "" if it breaks none.
  [[nodiscard]] static std::string visited(const void* address, std::size_t bytes, hooks::Access kind,
                                           const Visit& visit);
  [[nodiscard]] static std::string forgotten(const void* address, std::size_t bytes);
};

}  // namespace p2pllm::kernels::simt
