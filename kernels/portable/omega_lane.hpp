#pragma once

#include "kernels/portable/interval_lane.hpp"

namespace p2pllm::kernels {

/// Below this, omega(x) = e^x up to a relative 2^-57.
inline constexpr double omega_exponential_max = -40;
/// Above this, omega(x) = x - ln x up to a relative 2^-100.
inline constexpr double omega_linear_min = 0x1p60;

/// One step of Fritsch, Shafer and Crowley for y + ln y = x: the relative error e becomes about e^4.
P2PLLM_LANE double omega_step(double x, double y) {
  const double residual = (x - y) - log_lane(y);
  const double slope = 1.0 + y;
  const double curvature = 2.0 * slope * std::fma(residual, 2.0 / 3.0, slope);
  const double numerator = residual * (curvature - residual);
  const double denominator = slope * std::fma(-2.0, residual, curvature);
  return std::fma(y, numerator / denominator, y);
}

/// omega(x) for omega_exponential_max <= x <= omega_linear_min, given e^min(x, 1) and ln max(x, 1).
P2PLLM_LANE double omega_between(double x, double exponential, double logarithm) {
  const double z = exponential;
  // Pade's approximant of W at zero; below 6 % off up to z = e. The asymptotic series is below 4 % off from x = 1.
  const double small = z * std::fma(std::fma(17.0, z, 114.0), z, 60.0) / std::fma(std::fma(101.0, z, 174.0), z, 60.0);
  const double large = (x - logarithm) + logarithm / x;
  double y = x > 1 ? large : small;
  y = omega_step(x, y);
  y = omega_step(x, y);
  // Where ln y is much greater than y its rounding spoils y; y = e^x e^-y does not suffer from that.
  const double residual = std::fma(-z, exp_lane(-y), y);
  const double slope = 1.0 + y;
  const double correction = residual / slope;
  const double corrected = y - correction;
  return x > 1 ? y : corrected;
}

/// The y > 0 with y + ln y = x; see omega.hpp.
P2PLLM_LANE double omega_lane(double x) {
  const double exponential = exp_lane(x > 1 ? 1.0 : x);
  const double logarithm = log_lane(x > 1 ? x : 1.0);
  double result = omega_between(x, exponential, logarithm);
  result = x < omega_exponential_max ? exponential : result;
  result = x > omega_linear_min ? x - logarithm : result;
  result = x == infinity ? infinity : result;
  return x != x ? canonical_nan : result;
}

/// An enclosure of a quantity with the sign of y + ln y - x, in interval arithmetic: for x > 1 this residual itself,
/// otherwise y e^y - e^x, in which no great numbers cancel.
P2PLLM_LANE Ends omega_residual(double x, double y) {
  const Ends logarithmic = add_lane(subtract_lane({y, y}, {x, x}), log_ends({y, y}));
  const Ends e_y = exp_ends({y, y});
  const Ends product{multiply_down(y, e_y.lower), multiply_up(y, e_y.upper)};
  const Ends exponential = subtract_lane(product, exp_ends({x, x}));
  return {x > 1 ? logarithmic.lower : exponential.lower, x > 1 ? logarithmic.upper : exponential.upper};
}

/// How far a tried end lies from the computed omega: relative to it, and in least subnormals.
struct OmegaStep {
  double relative_logarithmic;
  double relative_exponential;
  double absolute;
};
P2PLLM_LANE OmegaStep omega_first_step() { return {0x1p-51, 0x1p-49, 0x1p-1074}; }

/// An end below omega(x), near `y`; NaN if its residual is not certainly below zero.
P2PLLM_LANE double omega_below(double x, double y, const OmegaStep& step) {
  const double finite = least_of(y, greatest_finite);
  const double distance = finite * (x > 1 ? step.relative_logarithmic : step.relative_exponential) + step.absolute;
  const double end = greatest_of(finite - distance, 0.0);
  const double certified = omega_residual(x, end).upper < 0 ? end : canonical_nan;
  return end == 0 ? 0.0 : certified;
}
/// An end above omega(x), near `y`; NaN if its residual is not certainly above zero.
P2PLLM_LANE double omega_above(double x, double y, const OmegaStep& step) {
  const double distance = y * (x > 1 ? step.relative_logarithmic : step.relative_exponential) + step.absolute;
  const double end = y + distance;
  const double certified = omega_residual(x, end).lower > 0 ? end : canonical_nan;
  return end == infinity ? infinity : certified;
}

/// omega of both ends, enclosed; an end is NaN where the first step does not certify it.
P2PLLM_LANE Ends omega_ends(const Ends& x) {
  return {omega_below(x.lower, omega_lane(x.lower), omega_first_step()),
          omega_above(x.upper, omega_lane(x.upper), omega_first_step())};
}

}  // namespace p2pllm::kernels
