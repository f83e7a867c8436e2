#pragma once

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>

#include <cstddef>

namespace p2pllm::optimized {

/// Calls `run` with each number below `count`.
/// @param parallel_from  on all processors where there are so many that waking other threads pays
template <typename Run>
void for_all(std::size_t count, std::size_t parallel_from, const Run& run) {
  using Control = oneapi::tbb::global_control;
  if (count >= parallel_from && Control::active_value(Control::max_allowed_parallelism) > 1)
    oneapi::tbb::parallel_for(std::size_t{0}, count, run);
  else
    for (std::size_t k = 0; k < count; ++k) run(k);
}

}  // namespace p2pllm::optimized
