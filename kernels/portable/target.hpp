#pragma once

#include <cstddef>
#include <span>

namespace p2pllm::kernels {

/// Two columns of ends of intervals.
struct ConstColumns {
  const double* lower;
  const double* upper;
};
struct Columns {
  double* lower;
  double* upper;
};

/// The functions of this library as compiled for one instruction set.
///
/// Law: for every argument, all targets return the same bits.
struct Target {
  using Function = double (*)(double x);
  using Batch = void (*)(const double* in, double* out, std::size_t count);
  using IntervalFunction = void (*)(ConstColumns x, Columns out, std::size_t count);
  using IntervalOperation = void (*)(ConstColumns a, ConstColumns b, Columns out, std::size_t count);

  const char* name;
  Function exp;
  Function log;
  Function omega;
  Batch exp_batch;
  Batch log_batch;
  Batch omega_batch;
  IntervalOperation add;
  IntervalOperation subtract;
  IntervalOperation multiply;
  IntervalOperation divide;
  IntervalFunction exp_intervals;
  IntervalFunction log_intervals;
  IntervalFunction omega_intervals;  ///< an end is NaN where the first step does not certify it
};

/// The targets that this processor runs, the fastest first; the last is the baseline.
[[nodiscard]] std::span<const Target* const> targets();
/// The fastest of them, found once.
[[nodiscard]] const Target& fastest_target();

}  // namespace p2pllm::kernels
