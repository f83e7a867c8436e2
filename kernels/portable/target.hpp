#pragma once

#include <cstddef>
#include <span>

namespace p2pllm::kernels {

/// The functions of this library as compiled for one instruction set.
///
/// Law: for every argument, all targets return the same bits.
struct Target {
  const char* name;
  double (*exp)(double x);
  double (*log)(double x);
  void (*exp_batch)(const double* in, double* out, std::size_t count);
  void (*log_batch)(const double* in, double* out, std::size_t count);
};

/// The targets that this processor runs, the fastest first; the last is the baseline.
[[nodiscard]] std::span<const Target* const> targets();
/// The fastest of them, found once.
[[nodiscard]] const Target& fastest_target();

}  // namespace p2pllm::kernels
