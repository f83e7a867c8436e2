#pragma once

#include "kernels/market/demand_lane.hpp"
#include "kernels/market/price_rules.hpp"
#include "kernels/portable/rounding_lane.hpp"

// Brackets of one node's share, best response and regret in doubles. Every quantity is a product, quotient or sum of
// numbers >= 0, so that its relative error is bounded by adding up those of its parts (PRICE-15). The CPU's loops and
// the kernels of a device call these functions, so that both have the same bits.
namespace p2pllm::kernels {

inline constexpr double exponent_max = 600;  ///< beyond this, an exponential is not a normal number with room to spare
inline constexpr double least_own = 0x1p-860;        ///< above e^-exponent_max times any error
inline constexpr double approximate_mass_max = 2.7;  ///< beyond it the rational approximation of the odds is poor

/// The exponent a p - 1 of the mass y = e^(-d-1) / rivals, of which the odds of the best response are W(y).
[[nodiscard]] P2PLLM_LANE double mass_exponent(double scaled_price) {
  return (scaled_price < exponent_max ? scaled_price : exponent_max) - 1.0;
}
/// The mass within what doubles hold with room to spare.
[[nodiscard]] P2PLLM_LANE double bounded_mass(double own, double exponential, double rivals) {
  const double y = own * exponential / rivals;
  return y > 0x1p-960 ? (y < 0x1p200 ? y : 0x1p200) : 0x1p-960;
}
/// A rational approximation of W(y), below 6 % off up to y = e.
[[nodiscard]] P2PLLM_LANE double approximate_odds(double y) {
  return y * ((17.0 * y + 114.0) * y + 60.0) / ((101.0 * y + 174.0) * y + 60.0);
}
/// One step of Fritsch, Shafer and Crowley, which takes the error to its fourth power.
/// @param logarithm  of y / odds
[[nodiscard]] P2PLLM_LANE double improved_odds(double odds, double logarithm) {
  const double residual = logarithm - odds;
  const double slope = 1.0 + odds;
  const double curvature = 2.0 * slope * (slope + residual * (2.0 / 3.0));
  return odds + odds * (residual * (curvature - residual)) / (slope * (curvature - 2.0 * residual));
}
/// The x whose omega(x) is the odds where the approximation is poor.
[[nodiscard]] P2PLLM_LANE double great_odds_argument(double least_weight, double cost_weight, double log_rivals) {
  return (least_weight - cost_weight - 1.0) - log_rivals;
}

/// A trial price near the best response.
struct Trial {
  double price;     ///< q
  double exponent;  ///< a (q - p); 0 if it is not valid
  bool is_valid;    ///< whether doubles hold the node's numbers with room to spare
};
[[nodiscard]] P2PLLM_LANE Trial trial_of(double odds, double price, double own, double rivals, double weight,
                                         const PriceFactors& factors, double inverse_sensitivity) {
  const double trial = (1.0 + odds) * inverse_sensitivity;
  const double exponent = (trial - price * factors.price_unit) * factors.sensitivity;
  const bool is_valid = (own >= least_own) & (rivals >= least_own) & (weight <= weight_max) &
                        (exponent <= exponent_max) & (exponent >= -exponent_max);
  return {trial, is_valid ? exponent : 0.0, is_valid};
}

/// A trial price and its rise e^(a (q - p)).
struct RefinedTrial {
  double price, rise;
};
/// Newton's step for ln z = 0 from the trial price, where it is so short that e^ of it needs no exponential.
[[nodiscard]] P2PLLM_LANE RefinedTrial refined_trial(double trial, double rise, double own, double rivals,
                                                     double sensitivity) {
  constexpr double step_max = 0x1p-12;
  const double scaled = sensitivity * trial;
  const double inverse_mass = 1.0 / trial_mass(own, rivals, rise);
  const double z = trial_stationarity(scaled, rivals, rise, inverse_mass);
  const double relative = (1.0 - z) / (1.0 + scaled * (own * inverse_mass));
  const double next = trial + trial * relative;
  const double step = sensitivity * (next - trial);
  const bool is_short = step < step_max && step > -step_max;
  return {is_short ? next : trial, is_short ? rise * (1.0 + step * (1.0 + step * (0.5 + step * (1.0 / 6.0)))) : rise};
}

/// Relative errors of one node's quantities.
struct RegretErrors {
  double own, ratio, z, trial_revenue;
};
[[nodiscard]] P2PLLM_LANE RegretErrors regret_errors(double weight, double scaled_price, double scaled_trial,
                                                     double total_error) {
  const double own = weight_error * weight + few;
  const double rivals = 2 * total_error + own + few;
  const double rise = weight_error * (scaled_price + scaled_trial) + few;
  const double mass = rivals + rise + few;
  return {1.01 * (own + total_error + few), 1.01 * (mass + total_error + few), 1.01 * (mass + rivals + rise + few),
          1.01 * (own + mass + few)};
}

struct ShareEnds {
  double lower, upper;
};
[[nodiscard]] P2PLLM_LANE ShareEnds share_ends(double own, double inverse_total, double error, bool is_valid) {
  const double share = own * inverse_total;
  return {is_valid ? share - share * error : 0.0, is_valid ? share + share * error : 1.0};
}
/// The same of a node whose group has no equilibrium.
[[nodiscard]] P2PLLM_LANE ShareEnds share_ends_alone(double own, double weight, const GroupSum& group,
                                                     bool is_in_range) {
  const bool is_valid = own >= least_own && weight <= weight_max && is_in_range;
  const double share = own / group.total;
  const double error = 1.01 * (weight_error * weight + group.total_error + 2 * few);
  const double upper = share + share * error;
  return {is_valid ? share - share * error : 0.0, is_valid ? least_of(1.0, upper) : 1.0};
}

/// The best response, and at least |z - 1|: 1 where nothing is known.
struct ResponseEnds {
  double lower, upper, deviation;
};
[[nodiscard]] P2PLLM_LANE ResponseEnds response_ends(double trial, double rise, double own, double rivals,
                                                     double sensitivity, double z_error, bool is_valid) {
  const double inverse_mass = 1.0 / trial_mass(own, rivals, rise);
  const double z = trial_stationarity(sensitivity * trial, rivals, rise, inverse_mass);
  const double excess = (z - 1.0) + z * z_error;
  const double deficit = (1.0 - z) + z * z_error;
  const double deviation = excess > deficit ? excess : deficit;
  const bool is_near = is_valid & (deviation < 0.5);
  const double least = excess > 0.0 ? trial * response_factor_below(excess) : trial;
  const double most = deficit > 0.0 ? trial * response_factor_above(deficit) : trial;
  return {is_near ? least - least * few : 0.0, is_near ? most + most * few : infinity, is_near ? deviation : 1.0};
}

/// What is known of one node's regret.
struct RegretEnds {
  double least, most;
  double gain;    ///< a lower bound of R(trial) - R(p)
  double excess;  ///< above 0: the regret is proved to exceed epsilon
};
template <bool is_absolute>
[[nodiscard]] P2PLLM_LANE RegretEnds near_regret_ends(double ratio, double deviation, double revenue, bool is_free,
                                                      double epsilon, const RegretErrors& errors) {
  const double lower = relative_lower(ratio) - ratio * errors.ratio - few;
  const double clipped = lower > 0.0 ? lower : 0.0;
  const double gain = (revenue - revenue * errors.trial_revenue) * clipped * (1.0 - few);
  if constexpr (is_absolute) {
    const double revenue_most = revenue + revenue * errors.trial_revenue;
    const double most = absolute_upper(revenue_most, ratio, deviation) + revenue_most * (ratio * errors.ratio + few);
    return {gain, most * (1.0 + few), gain, gain - epsilon};
  }
  const double upper = relative_upper(ratio, deviation) + ratio * errors.ratio + few;
  const double capped = upper < 1.0 ? upper : 1.0;
  // The gain exceeds epsilon also over an upper bound of R(trial), as a checker asks.
  const double beyond = clipped - epsilon * (1.0 + 4.0 * errors.trial_revenue) - few;
  return {is_free ? 1.0 : clipped, is_free ? 1.0 : capped, gain, is_free ? 1.0 : beyond};
}
template <bool is_absolute>
[[nodiscard]] P2PLLM_LANE RegretEnds regret_ends(double price, double trial, double rise, double own, double rivals,
                                                 double total, double deviation, const PriceFactors& factors,
                                                 const RegretErrors& errors) {
  const double mass = trial_mass(own, rivals, rise);
  const double ratio = revenue_ratio(price * factors.price_unit, trial, mass, total);
  const double revenue = trial * (own / mass);
  const RegretEnds ends =
      near_regret_ends<is_absolute>(ratio, deviation, revenue, price == 0.0, factors.epsilon_above, errors);
  const bool is_near = deviation < 0.5;
  return {is_near ? ends.least : 0.0, is_near ? ends.most : (is_absolute ? infinity : 1.0), ends.gain,
          is_near ? ends.excess : 0.0};
}

}  // namespace p2pllm::kernels
