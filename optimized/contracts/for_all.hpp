#pragma once

#include <oneapi/tbb/parallel_for.h>

#include <cstddef>

namespace p2pllm::optimized {

/// Calls `run` with each number below `count`, on all processors where there are so many that waking other threads
/// pays: for calls that make a hash or two each.
template <typename Run>
void for_all(std::size_t count, const Run& run) {
  constexpr std::size_t parallel_from = 256;
  if (count >= parallel_from) oneapi::tbb::parallel_for(std::size_t{0}, count, run);
  else
    for (std::size_t k = 0; k < count; ++k) run(k);
}

}  // namespace p2pllm::optimized
