#pragma once

#include "kernels/portable/omega_lane.hpp"
#include "kernels/portable/target.hpp"

// A batch may overwrite its own input: every iteration reads and writes its own element alone, which the compiler is
// told.
#if defined(__clang__)
#define P2PLLM_INDEPENDENT_ITERATIONS _Pragma("clang loop vectorize(assume_safety)")
#else
#define P2PLLM_INDEPENDENT_ITERATIONS _Pragma("GCC ivdep")
#endif

// Included by one source file for each target, which is compiled for that target. Everything has internal linkage. The
// compiler makes the vectors: on GCC 12 and clang 14 it leaves nothing of the loops scalar, the speeds are those that
// bench/kernels.cpp demands, and one text serves every target and GPUs. Highway would need the text in its own types.
namespace p2pllm::kernels {
namespace {

double exp_one(double x) { return exp_lane(x); }
double log_one(double x) { return log_lane(x); }
double omega_one(double x) { return omega_lane(x); }

template <double function(double)>
void map(const double* in, double* out, std::size_t count) {
  P2PLLM_INDEPENDENT_ITERATIONS
  for (std::size_t i = 0; i < count; ++i) out[i] = function(in[i]);
}
template <Ends function(const Ends&)>
void map_intervals(ConstColumns x, Columns out, std::size_t count) {
  P2PLLM_INDEPENDENT_ITERATIONS
  for (std::size_t i = 0; i < count; ++i) {
    const Ends result = function({x.lower[i], x.upper[i]});
    out.lower[i] = result.lower;
    out.upper[i] = result.upper;
  }
}
template <Ends operation(const Ends&, const Ends&)>
void combine_intervals(ConstColumns a, ConstColumns b, Columns out, std::size_t count) {
  P2PLLM_INDEPENDENT_ITERATIONS
  for (std::size_t i = 0; i < count; ++i) {
    const Ends result = operation({a.lower[i], a.upper[i]}, {b.lower[i], b.upper[i]});
    out.lower[i] = result.lower;
    out.upper[i] = result.upper;
  }
}

constexpr Target target_named(const char* name) {
  return {.name = name,
          .exp = exp_one,
          .log = log_one,
          .omega = omega_one,
          .exp_batch = map<exp_lane>,
          .log_batch = map<log_lane>,
          .omega_batch = map<omega_lane>,
          .add = combine_intervals<add_lane>,
          .subtract = combine_intervals<subtract_lane>,
          .multiply = combine_intervals<multiply_lane>,
          .divide = combine_intervals<divide_lane>,
          .exp_intervals = map_intervals<exp_ends>,
          .log_intervals = map_intervals<log_ends>,
          .omega_intervals = map_intervals<omega_ends>};
}

}  // namespace
}  // namespace p2pllm::kernels
