#pragma once

#include "kernels/portable/exp_lane.hpp"
#include "kernels/portable/log_lane.hpp"
#include "kernels/portable/rounding_lane.hpp"

namespace p2pllm::kernels {

/// The ends of an interval: lower <= upper, lower < infinity, upper > -infinity.
struct Ends {
  double lower;
  double upper;
};

P2PLLM_LANE Ends whole_line_if(bool condition, const Ends& otherwise) {
  return {condition ? -infinity : otherwise.lower, condition ? infinity : otherwise.upper};
}

P2PLLM_LANE Ends add_lane(const Ends& a, const Ends& b) {
  return {add_down(a.lower, b.lower), add_up(a.upper, b.upper)};
}
P2PLLM_LANE Ends subtract_lane(const Ends& a, const Ends& b) {
  return {add_down(a.lower, -b.upper), add_up(a.upper, -b.lower)};
}

/// The least of four products, then one step down if any of the least lies above its exact product.
P2PLLM_LANE double least_product(const Product& a, const Product& b, const Product& c, const Product& d) {
  const double least = least_of(least_of(a.rounded, b.rounded), least_of(c.rounded, d.rounded));
  const double error = least_of(
      least_of(a.rounded == least && a.error < 0 ? -1.0 : 0.0, b.rounded == least && b.error < 0 ? -1.0 : 0.0),
      least_of(c.rounded == least && c.error < 0 ? -1.0 : 0.0, d.rounded == least && d.error < 0 ? -1.0 : 0.0));
  return (error < 0 ? next_down(least) : least) + 0.0;
}
P2PLLM_LANE Product negated(const Product& product) { return {-product.rounded, -product.error}; }
P2PLLM_LANE Ends multiply_lane(const Ends& x, const Ends& y) {
  const Product a = product_of(x.lower, y.lower);
  const Product b = product_of(x.lower, y.upper);
  const Product c = product_of(x.upper, y.lower);
  const Product d = product_of(x.upper, y.upper);
  return {least_product(a, b, c, d), -least_product(negated(a), negated(b), negated(c), negated(d)) + 0.0};
}

/// A divisor below zero changes sign together with the dividend; one that contains zero gives the whole line.
P2PLLM_LANE Ends divide_lane(const Ends& a, const Ends& b) {
  const bool is_negative = b.upper < 0;
  const Ends dividend{is_negative ? -a.upper : a.lower, is_negative ? -a.lower : a.upper};
  const Ends divisor{is_negative ? -b.upper : b.lower, is_negative ? -b.lower : b.upper};
  const double lower = divide_down(dividend.lower, dividend.lower < 0 ? divisor.lower : divisor.upper);
  const double upper = divide_up(dividend.upper, dividend.upper < 0 ? divisor.upper : divisor.lower);
  return whole_line_if(!(divisor.lower > 0), {lower, upper});
}

/// e^X from exp at both ends: the neighbours of its result enclose e^x strictly (exp.hpp), and at zero it is exact.
P2PLLM_LANE Ends exp_enclosure(const Ends& x, double exp_lower, double exp_upper) {
  return {x.lower == 0 ? 1.0 : greatest_of(next_down(exp_lower), 0.0), x.upper == 0 ? 1.0 : next_up(exp_upper)};
}
/// ln X from log at both ends: the neighbours of its result enclose ln x strictly (log.hpp), and at one it is exact.
P2PLLM_LANE Ends log_enclosure(const Ends& x, double log_lower, double log_upper) {
  const double lower = x.lower == 1 ? 0.0 : next_down(log_lower);
  const double upper = x.upper == 1 ? 0.0 : next_up(log_upper);
  return whole_line_if(!(x.upper > 0), {x.lower > 0 ? lower : -infinity, upper});
}

P2PLLM_LANE Ends exp_ends(const Ends& x) { return exp_enclosure(x, exp_lane(x.lower), exp_lane(x.upper)); }
P2PLLM_LANE Ends log_ends(const Ends& x) { return log_enclosure(x, log_lane(x.lower), log_lane(x.upper)); }

}  // namespace p2pllm::kernels
