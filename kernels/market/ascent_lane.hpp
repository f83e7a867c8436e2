#pragma once

#include "kernels/market/ascent_rules.hpp"
#include "kernels/portable/rounding_lane.hpp"

// A step of gradient ascent of a group's prices with a certified radius (SIM-6, SIM-13): what is done for one node, and
// once for a group. The CPU's loops and the kernel of a device call these functions, so that both have the same bits.
//
// Why the radius is one (SIM-13). Let u = eps = 2^-53, let p be the doubles that stand for the prices before a step,
// and let F be the exact step. True prices within e of p lead to prices within rho e of F(p), rho being the greatest
// sum of absolute partial derivatives in that box. What is computed differs from F(p) by at most delta. The next radius
// is rho e + delta.
//
// delta. A computed weight w_i = a p_i + d_i has an error of at most 3 u w_i, its difference to the base's weight w_b
// one of 4 u (w_i + w_b), and so the term e^(w_b - w_i) a relative one of r_i = 4.1 u (w_i + w_b) + 1.1 u. A sum of n
// terms has r_s = sum P_j r_j + 1.01 n u, which needs the average weight sum P_j w_j, and a share
// pi_i = 1.02 (r_i + r_s + u); 1 - P has the error P pi + u. With b = 1 - a p (1 - P), the step eta P b has at most
// 1.03 eta P (pi (|b| + a p P) + 4.3 u (a p + |b|)), and the addition u times the next price. A term below 2^-1000 may
// be 0 instead; this is less than `lost_terms` for all of them.
//
// rho. Where prices differ by e, ln P and ln (1 - P) differ by at most 2 a e. So P and 1 - P differ from the computed
// ones by at most tau = 3 a e + pi + 2 u while a e <= 1/10, kappa by eta a (2 tau + u), h by 2 a p tau + a e. The sum
// |1 - kappa (1 + h)| + kappa |h| changes by at most (1 + 2 |h|) per unit of kappa and 2 kappa <= eta a / 2 of h.
namespace p2pllm::kernels {

inline constexpr int ascent_lanes = 8;                    ///< of the sum over a group: node k is added in lane k % 8
inline constexpr std::int64_t steps_of_a_base = 64;       ///< after which the node of least weight is chosen anew
inline constexpr double ascent_weight_max = 0x1p40;       ///< beyond it, the first-order terms above do not suffice
inline constexpr double ascent_padding_weight = 0x1p900;  ///< its term is 0, and its product with 0 is 0
inline constexpr double second_order = 1.03;              ///< for the second-order terms of everything

/// The constants of a group's step that do not change from node to node.
struct StepFactors {
  double sensitivity;
  double rate;
  double rate_sensitivity;
  double sum;
  double share_error;  ///< pi_i = share_error + share_error_slope * w_i
  double share_error_slope;
  double average;  ///< weight
  double base;     ///< weight of the node whose weight is subtracted from all
};
/// @param weighted  the sum of terms times weights
[[nodiscard]] P2PLLM_LANE StepFactors step_factors(double sensitivity, double rate, double terms, double weighted,
                                                   double base, double nodes) {
  const double average = weighted / terms;
  return {sensitivity,
          rate,
          rate * sensitivity,
          terms,
          second_order * 1.02 * eps * (4.1 * (average + 2 * base) + 3.2 + 1.01 * nodes),
          second_order * 1.02 * eps * 4.1,
          average,
          base};
}

/// What a step takes from the columns beside the new prices.
struct StepGreatest {
  double growth;       ///< of one node, at the computed values
  double rounding;     ///< delta without the part of the addition
  double price;        ///< before the step
  double share_error;  ///< P pi
};
/// One node's next price, and its part in the radius.
struct Ascended {
  double rise;
  StepGreatest part;
};
[[nodiscard]] P2PLLM_LANE Ascended ascended(const StepFactors& f, double term, double weight, double before) {
  const double share = term / f.sum;
  const double rest = 1.0 - share;
  const double by_price = f.sensitivity * before;
  const double pull = by_price * rest;
  const double push = by_price * share;
  const double b = 1.0 - pull;
  const double size = magnitude(b);
  const double error = share * f.share_error + (share * weight) * f.share_error_slope;
  return {ascent_rise(f.rate, share, pull),
          {radius_growth(f.rate_sensitivity * share * rest, b + push),
           f.rate * (error * (size + push) + (4.3 * eps) * share * (by_price + size)), before, error}};
}

/// The radius after a step.
/// @param some_rest  whether a node did not move
[[nodiscard]] P2PLLM_LANE double next_radius(const StepFactors& f, const StepGreatest& greatest, double radius,
                                             bool some_rest) {
  constexpr double lost_terms = 0x1p-500;
  constexpr double upward = 1 + 0x1p-48;  // more than the roundings of a bound's own few operations
  const double a = f.sensitivity, by_radius = a * radius;
  const double tau = 3 * by_radius + second_order * greatest.share_error + 2 * eps;
  const double h_error = 2 * (a * greatest.price + by_radius) * tau + by_radius;
  const double h_max = 1 + a * greatest.price + h_error;
  const double slack = f.rate_sensitivity * ((2 * tau + eps) * (1 + 2 * h_max) + h_error) + 32 * eps * (1 + h_max);
  double growth = greatest.growth + slack;
  if (some_rest) growth = greatest_of(growth, 1.0);
  const double next_max = greatest.price + f.rate;
  const double next = (growth * radius + second_order * greatest.rounding + eps * next_max + lost_terms) * upward;
  // Comparisons with a NaN are false.
  return by_radius <= 0.1 && f.average <= ascent_weight_max && f.base <= ascent_weight_max ? next : infinity;
}

}  // namespace p2pllm::kernels
