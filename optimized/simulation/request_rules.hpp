#pragma once

#include <cstdint>

#include "kernels/portable/interval.hpp"

namespace p2pllm::optimized {

/// The uniform number (x + 1/2) / 2^64 of 64 bits x (SIM-5), enclosed by doubles.
[[nodiscard]] inline kernels::DoubleInterval enclosed_uniform(std::uint64_t bits) {
  constexpr double unit = 0x1p-64;
  constexpr std::uint64_t whole_max = std::uint64_t{1} << 52U;  // below it x + 1/2 is a double
  const auto rounded = static_cast<double>(bits);
  if (bits < whole_max) return kernels::DoubleInterval((rounded + 0.5) * unit);
  // The double nearest to x is within half of its spacing, which is at least 1, and so is x + 1/2 of its neighbours.
  return {kernels::next_down(rounded) * unit, kernels::next_up(rounded) * unit};
}

/// The ticks of an exponential time (SIM-10), in doubles.
/// @param uniform  in (0, 1]
/// @param mean     in ticks
[[nodiscard]] inline kernels::DoubleInterval exponential_time(const kernels::DoubleInterval& uniform,
                                                              const kernels::DoubleInterval& mean) {
  return -log(uniform) * mean;
}

}  // namespace p2pllm::optimized
