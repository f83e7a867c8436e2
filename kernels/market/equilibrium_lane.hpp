#pragma once

#include "kernels/market/compensated_sum.hpp"
#include "kernels/market/equilibrium_rules.hpp"
#include "kernels/market/price_rules.hpp"
#include "kernels/portable/rounding_lane.hpp"

// The price equilibrium of a group by Newton's method in doubles (PRICE-12): what is done for one node, and once for a
// group. The CPU's loops and the kernels of a device call these functions, so that both have the same bits.
// `Elementary` has the functions exp, log and omega.
//
// Why residuals enclose. For a given s let P_i(s) solve ln P + 1 / (1 - P) = u_i - s, and likewise the odds o(s) of the
// dominant node; F(s) = ln(sum of the others' P_i(s)) + ln(1 + o(s)) is 0 at the equilibrium alone. A computed ln P_i
// with the residual rho_i is exact at t - rho_i, and |d ln P_i / ds| <= 1. So F(t) differs from the computed sum's
// logarithm by at most the average of |rho_i| weighted by shares, and that of the dominant node times its share. F
// falls by K = average of 1 / G' + (o / (1 + o)) / H' per unit of s, which changes by less than 5 % within 1/1000 of t,
// as |dG'/dq| <= 6.6 for P <= 0.51. So the true s is within |F(t)| / (0.95 K) of t, and each true ln P_i as near to the
// computed one, its own residual added.
namespace p2pllm::kernels {

inline constexpr int newton_lanes = 16;  ///< of the sums over a chunk: node k is added in lane k % newton_lanes
inline constexpr int radius_lanes = 32;  ///< the same where roundings are bounded: 32 in a lane, 5 over the lanes
/// A node other than the dominant one has a share of at most 1/2.
inline constexpr double log_share_max = -0.69;
/// In the place of the dominant node: a utility so low that its exponential is 0.
inline constexpr double absent_utility = -1e300;
/// Sums of shares below this are beyond doubles.
inline constexpr double least_share_sum = 0x1p-900;
inline constexpr int newton_steps_max = 100;

/// The step of ln P of one node, as far as it does not depend on that of the sum.
struct Linearized {
  double scaled_residual;  ///< g / G'
  double inverse_slope;    ///< 1 / G'
};
[[nodiscard]] P2PLLM_LANE Linearized linearized(double log_share, double share, double utility, double log_sum) {
  const double odds_and_one = 1.0 / (1.0 - share);
  const double inverse = 1.0 / log_share_slope(share, odds_and_one);
  return {log_share_residual(log_share, odds_and_one, utility, log_sum) * inverse, inverse};
}
[[nodiscard]] P2PLLM_LANE double newton_change(const Linearized& at, double log_sum_change) {
  return at.scaled_residual + log_sum_change * at.inverse_slope;
}
[[nodiscard]] P2PLLM_LANE double capped_log_share(double log_share) { return least_of(log_share_max, log_share); }
/// At first all others are taken to charge 1 / a, as nodes of small shares nearly do.
[[nodiscard]] P2PLLM_LANE double first_log_share(double utility, double log_sum) {
  return capped_log_share(utility - log_sum - 1);
}

/// What the nodes of a group add up, without the dominant one.
struct NewtonSums {
  double share = 0;     ///< P
  double residual = 0;  ///< P g / G'
  double slope = 0;     ///< P / G'
  double change = 0;    ///< greatest |change of ln P| that is made at this step
};
/// The sums of chunks, one after the other.
class NewtonAddition {
 public:
  P2PLLM_LANE void add(const NewtonSums& chunk) {
    share_.add(chunk.share);
    residual_.add(chunk.residual);
    slope_.add(chunk.slope);
    change_ = greatest_of(change_, chunk.change);
  }
  [[nodiscard]] P2PLLM_LANE NewtonSums value() const {
    return {share_.value(), residual_.value(), slope_.value(), change_};
  }

 private:
  CompensatedSum share_, residual_, slope_;
  double change_ = 0;
};

/// Where the iteration of a group is.
struct NewtonState {
  double log_odds = 0;        ///< ln(P / (1 - P)) of the dominant node
  double log_sum = 0;         ///< t = ln S, relative to e^-(least cost weight)
  double log_sum_change = 0;  ///< of the step that comes next
  double change = infinity;   ///< greatest change of a logarithm at the last step
  std::int32_t steps = 0;
  std::int32_t has_ended = 0;
  std::int64_t has_converged = 0;
};

/// @param sum   of e^utility over the others
/// @param best  the greatest of these utilities, which represents others that are all far below the doubles
template <class Elementary>
[[nodiscard]] P2PLLM_LANE NewtonState newton_start(const Elementary& elementary, double sum, double best) {
  const double log_others = sum > least_share_sum ? elementary.log(sum) : best;
  const double odds = elementary.omega(-log_others);
  NewtonState state;
  state.log_odds = -log_others - odds;
  state.log_sum = log_others - 1 + elementary.log(1 + odds);
  return state;
}

/// Finds the next step of a group, and whether it is the last.
/// @param sums  of all chunks, after the step that was found before
template <class Elementary>
P2PLLM_LANE void newton_step(const Elementary& elementary, const NewtonSums& sums, NewtonState& state) {
  const double before = state.change;
  ++state.steps;
  if (!(sums.share > least_share_sum)) {
    state.has_ended = 1;
    return;
  }
  const double odds = elementary.exp(state.log_odds);
  const double inverse = 1 / log_odds_slope(odds);
  const double log_price = elementary.log(1 + odds);
  const double residual = log_odds_residual(state.log_odds, log_price, odds, state.log_sum);
  const double weight = odds / (1 + odds) * inverse;
  const double sum_residual = elementary.log(sums.share) + log_price;
  state.log_sum_change =
      joint_step(sum_residual, sums.residual / sums.share, sums.slope / sums.share, residual, weight);
  const double odds_change = (residual + state.log_sum_change) * inverse;
  // Far from the solution the odds may want to move by many powers of e.
  const double longest = greatest_of(2.0, 0.5 * magnitude(state.log_odds));
  state.log_odds -= odds_change < -longest ? -longest : longest < odds_change ? longest : odds_change;
  state.log_sum += state.log_sum_change;
  const double of_sum = magnitude(state.log_sum_change), of_nodes = state.steps > 1 ? sums.change : 1.0;
  const double change = greatest_of(greatest_of(magnitude(odds_change), of_sum), of_nodes);
  state.change = change;
  // Quadratic convergence: once the step that was made is this short the next one is all rounding.
  state.has_converged = change <= 1e-9 || (change < 1e-6 && change >= before) ? 1 : 0;
  const bool is_finite = change < infinity;  // false for a NaN
  state.has_ended = !is_finite || state.has_converged != 0 || state.steps == newton_steps_max ? 1 : 0;
}

/// A bound of a residual: what was computed, the roundings of its sums (each partial sum is at most |ln P| + |u| + 2),
/// those of 1 / (1 - P) <= 2.1, and the errors of two cost weights.
struct BoundedResidual {
  double bound;
  double slope;  ///< G'
};
[[nodiscard]] P2PLLM_LANE BoundedResidual bounded_residual(double log_share, double share, double utility,
                                                           double cost_weight, double log_sum) {
  const double odds_and_one = 1.0 / (1.0 - share);
  const double residual = log_share_residual(log_share, odds_and_one, utility, log_sum);
  return {
      magnitude(residual) + eps * (2.1 * magnitude(log_share) + 2.2 * magnitude(utility) + 16.0 + 9.0 * cost_weight),
      log_share_slope(share, odds_and_one)};
}

/// What is certain of the others' residuals and shares.
struct CertainSums {
  double share = 0;     ///< sum of P
  double residual = 0;  ///< sum of P times the bound of |rho|
  double slope = 0;     ///< sum of P / G'
};

/// How far off the logarithms may be.
struct NewtonRadius {
  double of_others = infinity;    ///< beside each one's own residual
  double of_dominant = infinity;  ///< its own residual
  double dominant_odds = 0;
  std::int64_t encloses = 0;
};
template <class Elementary>
[[nodiscard]] P2PLLM_LANE NewtonRadius newton_radius(const Elementary& elementary, const CertainSums& sums,
                                                     double log_odds, double log_sum, double least_cost_weight) {
  constexpr double of_sums = 64 * eps, radius_max = 0.001;
  if (!(sums.share > least_share_sum)) return {};
  const double odds = elementary.exp(log_odds);
  const double log_price = elementary.log(1 + odds);
  const double residual = log_odds_residual(log_odds, log_price, odds, log_sum);
  const double bound = magnitude(residual) +
                       8 * eps * (magnitude(log_odds) + odds + log_price + magnitude(log_sum) + 2 + least_cost_weight);
  const double share = share_from(odds);
  const double off = 1.02 * magnitude(sums.share * (1 + odds) - 1) + of_sums;
  const double slope = sums.slope / sums.share + share / log_odds_slope(odds);
  const double radius = 1.06 / slope * (off + 1.02 * (sums.residual / sums.share) + 1.02 * share * bound);
  return {radius, bound, odds, radius + bound <= radius_max ? 1 : 0};
}

/// Enclosures of one node's price, share and revenue.
struct NodeEnds {
  double price_lower, price_upper, share_lower, share_upper, revenue_lower, revenue_upper;
};
/// All relative errors of doubles are within 16 eps.
[[nodiscard]] P2PLLM_LANE NodeEnds node_ends(double share, double bound, double radius, double inverse_sensitivity) {
  constexpr double roundings = 16 * eps;
  const double error = 1.02 * (radius + bound);
  const double price = inverse_sensitivity / (1.0 - share);
  const double revenue = share * price;
  const double price_error = 1.1 * error + roundings, share_error = error + roundings,
               revenue_error = 2.1 * error + roundings;
  // Below the normal doubles an absolute error remains.
  const bool is_normal = share > 0x1p-900;
  return {price - price * price_error,
          price + price * price_error,
          is_normal ? share - share * share_error : 0.0,
          is_normal ? share + share * share_error : 0x1p-899,
          is_normal ? revenue - revenue * revenue_error : 0.0,
          is_normal ? revenue + revenue * revenue_error : 0x1p-898 * inverse_sensitivity};
}
[[nodiscard]] P2PLLM_LANE NodeEnds dominant_ends(const NewtonRadius& radius, double sensitivity) {
  const double error = 1.02 * (radius.of_others + radius.of_dominant) + 16 * eps;
  const double odds = radius.dominant_odds;
  const double price = scaled_price_of(odds) / sensitivity, share = share_from(odds), revenue = odds / sensitivity;
  return {price - price * error, price + price * error,     share - share * error,
          share + share * error, revenue - revenue * error, revenue + revenue * error};
}

}  // namespace p2pllm::kernels
