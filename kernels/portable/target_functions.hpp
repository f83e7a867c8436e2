#pragma once

#include "kernels/portable/exp_lane.hpp"
#include "kernels/portable/log_lane.hpp"
#include "kernels/portable/target.hpp"

// A batch may overwrite its own input: every iteration reads and writes its own element alone, which the compiler is
// told.
#if defined(__clang__)
#define P2PLLM_INDEPENDENT_ITERATIONS _Pragma("clang loop vectorize(assume_safety)")
#else
#define P2PLLM_INDEPENDENT_ITERATIONS _Pragma("GCC ivdep")
#endif

// Included by one source file for each target, which is compiled for that target. Everything has internal linkage.
namespace p2pllm::kernels {
namespace {

double exp_one(double x) { return exp_lane(x); }
double log_one(double x) { return log_lane(x); }

void exp_batch(const double* in, double* out, std::size_t count) {
  P2PLLM_INDEPENDENT_ITERATIONS
  for (std::size_t i = 0; i < count; ++i) out[i] = exp_lane(in[i]);
}
void log_batch(const double* in, double* out, std::size_t count) {
  P2PLLM_INDEPENDENT_ITERATIONS
  for (std::size_t i = 0; i < count; ++i) out[i] = log_lane(in[i]);
}

constexpr Target target_named(const char* name) { return {name, exp_one, log_one, exp_batch, log_batch}; }

}  // namespace
}  // namespace p2pllm::kernels
