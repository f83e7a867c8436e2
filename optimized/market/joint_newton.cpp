#include "optimized/market/joint_newton.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kernels/portable/exp.hpp"
#include "kernels/portable/log.hpp"
#include "kernels/portable/omega.hpp"
#include "optimized/market/clones.hpp"
#include "optimized/market/compensated_sum.hpp"
#include "optimized/market/equilibrium_rules.hpp"
#include "optimized/market/price_rules.hpp"

// Why residuals enclose. For a given s let P_i(s) solve ln P + 1 / (1 - P) = u_i - s, and likewise the odds o(s) of the
// dominant node; F(s) = ln(sum of the others' P_i(s)) + ln(1 + o(s)) is 0 at the equilibrium alone. A computed ln P_i
// with the residual rho_i is exact at t - rho_i, and |d ln P_i / ds| <= 1. So F(t) differs from the computed sum's
// logarithm by at most the average of |rho_i| weighted by shares, and that of the dominant node times its share. F
// falls by K = average of 1 / G' + (o / (1 + o)) / H' per unit of s, which changes by less than 5 % within 1/1000 of t,
// as |dG'/dq| <= 6.6 for P <= 0.51. So the true s is within |F(t)| / (0.95 K) of t, and each true ln P_i as near to the
// computed one, its own residual added.
namespace p2pllm::optimized {
namespace {

constexpr double eps = 0x1p-53;
constexpr std::size_t chunk_nodes = 1024;
constexpr std::size_t lanes = 16;
constexpr std::size_t fine_lanes = 32;  ///< where roundings of sums are bounded: 32 in a lane, 5 over the lanes
/// A node other than the dominant one has a share of at most 1/2.
constexpr double log_share_max = -0.69;
/// In the place of the dominant node: a utility so low that its exponential is 0.
constexpr double absent_utility = -1e300;
/// Sums of shares below this are beyond doubles.
constexpr double least_sum = 0x1p-900;
constexpr int steps_max = 100;

/// What a chunk adds up, over nodes other than the dominant one.
struct Sums {
  double share = 0;     ///< P
  double residual = 0;  ///< P g / G'
  double slope = 0;     ///< P / G'
  double change = 0;    ///< greatest |change of ln P| that is made at this step
};

using Scratch = std::array<double, chunk_nodes>;

/// Moves ln P by the step that was found before.
P2PLLM_CLONES
double take_step(std::size_t count, double* __restrict log_share, const double* __restrict scaled_residual,
                 const double* __restrict inverse_slope, double log_sum_change) {
  double greatest[lanes] = {};
  const auto step = [&](std::size_t k, std::size_t lane) {
    const double change = scaled_residual[k] + log_sum_change * inverse_slope[k];
    const double moved = log_share[k] - change;
    log_share[k] = moved < log_share_max ? moved : log_share_max;
    const double size = change < 0 ? -change : change;
    greatest[lane] = size > greatest[lane] ? size : greatest[lane];
  };
  std::size_t k = 0;
  for (; k + lanes <= count; k += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane) step(k + lane, lane);
  for (std::size_t lane = 0; k < count; ++k, ++lane) step(k, lane);
  return *std::max_element(greatest, greatest + lanes);
}

P2PLLM_CLONES
Sums linearize(std::size_t count, const double* __restrict log_share, const double* __restrict share,
               const double* __restrict utility, double log_sum, double* __restrict scaled_residual,
               double* __restrict inverse_slope) {
  double shares[lanes] = {}, residuals[lanes] = {}, slopes[lanes] = {};
  const auto add = [&](std::size_t k, std::size_t lane) {
    const double odds_and_one = 1.0 / (1.0 - share[k]);
    const double inverse = 1.0 / log_share_slope(share[k], odds_and_one);
    const double residual = log_share_residual(log_share[k], odds_and_one, utility[k], log_sum) * inverse;
    scaled_residual[k] = residual;
    inverse_slope[k] = inverse;
    shares[lane] += share[k];
    residuals[lane] += share[k] * residual;
    slopes[lane] += share[k] * inverse;
  };
  std::size_t k = 0;
  for (; k + lanes <= count; k += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane) add(k + lane, lane);
  for (std::size_t lane = 0; k < count; ++k, ++lane) add(k, lane);
  for (std::size_t half = lanes / 2; half > 0; half /= 2)
    for (std::size_t lane = 0; lane < half; ++lane) {
      shares[lane] += shares[lane + half];
      residuals[lane] += residuals[lane + half];
      slopes[lane] += slopes[lane + half];
    }
  return {shares[0], residuals[0], slopes[0], 0};
}

/// The sum of terms as `share`, and the greatest value as `change`.
P2PLLM_CLONES
Sums sum_and_greatest(std::size_t count, const double* __restrict term, const double* __restrict value) {
  double sums[lanes] = {}, greatest[lanes];
  for (double& each : greatest) each = value[0];
  const auto add = [&](std::size_t k, std::size_t lane) {
    sums[lane] += term[k];
    greatest[lane] = value[k] > greatest[lane] ? value[k] : greatest[lane];
  };
  std::size_t k = 0;
  for (; k + lanes <= count; k += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane) add(k + lane, lane);
  for (std::size_t lane = 0; k < count; ++k, ++lane) add(k, lane);
  double sum = 0;
  for (const double each : sums) sum += each;
  return {sum, 0, 0, *std::max_element(greatest, greatest + lanes)};
}

P2PLLM_CLONES
double least_of(std::size_t count, const double* values) {
  double least[lanes];
  for (double& each : least) each = values[0];
  std::size_t k = 0;
  for (; k + lanes <= count; k += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane)
      least[lane] = values[k + lane] < least[lane] ? values[k + lane] : least[lane];
  for (; k < count; ++k) least[0] = std::min(least[0], values[k]);
  return *std::min_element(least, least + lanes);
}

/// Calls body(chunk, begin, count) for every chunk, in any order.
template <typename Body>
void for_each_chunk(std::size_t nodes, const Body& body) {
  const std::size_t chunks = (nodes + chunk_nodes - 1) / chunk_nodes;
  const auto one = [&](std::size_t c) { body(c, c * chunk_nodes, std::min(chunk_nodes, nodes - c * chunk_nodes)); };
  if (chunks == 1) one(0);
  else tbb::parallel_for(std::size_t{0}, chunks, one);
}

class Iteration {
 public:
  Iteration(std::span<const double> cost, double by_cost)
      : nodes_(cost.size()), sums_((nodes_ + chunk_nodes - 1) / chunk_nodes) {
    solution_.log_share.resize(nodes_);
    solution_.utility.resize(nodes_);
    solution_.dominant =
        static_cast<std::size_t>(std::ranges::find(cost, least_of(cost.size(), cost.data())) - cost.begin());
    const double least = cost[solution_.dominant] * by_cost;
    for_each_chunk(nodes_, [&](std::size_t, std::size_t begin, std::size_t count) {
      for (std::size_t k = begin; k < begin + count; ++k) solution_.utility[k] = least - cost[k] * by_cost;
    });
    solution_.utility[solution_.dominant] = absent_utility;
  }

  JointSolution run() {
    start();
    double previous = std::numeric_limits<double>::infinity();
    for (solution_.steps = 1; solution_.steps <= steps_max; ++solution_.steps) {
      const double change = step();
      if (!std::isfinite(change)) break;
      // Quadratic convergence: once the step that was made is this short the next one is all rounding.
      solution_.has_converged = change <= 1e-9 || (change < 1e-6 && change >= previous);
      if (solution_.has_converged) break;
      previous = change;
    }
    return std::move(solution_);
  }

 private:
  /// At first all others are taken to charge 1 / a, as nodes of small shares nearly do.
  void start() {
    for_each_chunk(nodes_, [&](std::size_t c, std::size_t begin, std::size_t count) {
      Scratch term;
      const auto utilities = std::span(solution_.utility).subspan(begin, count);
      kernels::exp(utilities, std::span(term).first(count));
      sums_[c] = sum_and_greatest(count, term.data(), utilities.data());
    });
    const double sum = total().share;
    // Others that are all far below the doubles are represented by the best of them.
    const double best = std::ranges::max_element(sums_, {}, &Sums::change)->change;
    const double log_others = sum > least_sum ? kernels::log(sum) : best;
    const double odds = kernels::omega(-log_others);
    solution_.log_odds = -log_others - odds;
    solution_.log_sum = log_others - 1 + kernels::log(1 + odds);
    for_each_chunk(nodes_, [&](std::size_t, std::size_t begin, std::size_t count) {
      for (std::size_t k = begin; k < begin + count; ++k) {
        solution_.log_share[k] = std::min(solution_.utility[k] - solution_.log_sum - 1, log_share_max);
        scaled_residual_[k] = inverse_slope_[k] = 0;
      }
    });
    log_sum_change_ = 0;
  }

  [[nodiscard]] Sums total() const {
    CompensatedSum share, residual, slope;
    Sums result;
    for (const Sums& each : sums_) {
      share.add(each.share);
      residual.add(each.residual);
      slope.add(each.slope);
      result.change = std::max(result.change, each.change);
    }
    result.share = share.value(), result.residual = residual.value(), result.slope = slope.value();
    return result;
  }

  /// Makes the step found before and finds the next. @returns the greatest change of a logarithm that comes next
  double step() {
    for_each_chunk(nodes_, [&](std::size_t c, std::size_t begin, std::size_t count) {
      double* const log_share = solution_.log_share.data() + begin;
      const double change =
          take_step(count, log_share, scaled_residual_.data() + begin, inverse_slope_.data() + begin, log_sum_change_);
      Scratch share;
      kernels::exp(std::span(log_share, count), std::span(share).first(count));
      sums_[c] = linearize(count, log_share, share.data(), solution_.utility.data() + begin, solution_.log_sum,
                           scaled_residual_.data() + begin, inverse_slope_.data() + begin);
      sums_[c].change = change;
      if (begin <= solution_.dominant && solution_.dominant < begin + count)  // it stays absent
        scaled_residual_[solution_.dominant] = inverse_slope_[solution_.dominant] = 0;
    });
    const Sums sums = total();
    if (!(sums.share > least_sum)) return std::numeric_limits<double>::quiet_NaN();
    const double odds = kernels::exp(solution_.log_odds);
    const double inverse = 1 / log_odds_slope(odds);
    const double log_price = kernels::log(1 + odds);
    const double residual = log_odds_residual(solution_.log_odds, log_price, odds, solution_.log_sum);
    const double weight = odds / (1 + odds) * inverse;
    const double sum_residual = kernels::log(sums.share) + log_price;
    log_sum_change_ = joint_step(sum_residual, sums.residual / sums.share, sums.slope / sums.share, residual, weight);
    const double odds_change = (residual + log_sum_change_) * inverse;
    // Far from the solution the odds may want to move by many powers of e.
    const double longest = std::max(2.0, 0.5 * std::abs(solution_.log_odds));
    solution_.log_odds -= std::clamp(odds_change, -longest, longest);
    solution_.log_sum += log_sum_change_;
    return std::max({std::abs(odds_change), std::abs(log_sum_change_), solution_.steps > 1 ? sums.change : 1.0});
  }

  std::size_t nodes_;
  JointSolution solution_;
  std::vector<Sums> sums_;
  Doubles scaled_residual_ = Doubles(nodes_);  ///< g / G'
  Doubles inverse_slope_ = Doubles(nodes_);    ///< 1 / G'
  double log_sum_change_ = 0;
};

/// What is certain of the others' residuals and shares.
struct Certain {
  double share = 0;     ///< sum of P
  double residual = 0;  ///< sum of P times the bound of |rho|
  double slope = 0;     ///< sum of P / G'
};

/// A bound of a residual: what was computed, the roundings of its sums (each partial sum is at most |ln P| + |u| + 2),
/// those of 1 / (1 - P) <= 2.1, and the errors of two cost weights.
[[gnu::always_inline]] inline double residual_bound(double log_share, double utility, double computed,
                                                    double cost_weight) {
  const auto size = [](double value) { return value < 0 ? -value : value; };
  return size(computed) + eps * (2.1 * size(log_share) + 2.2 * size(utility) + 16.0 + 9.0 * cost_weight);
}

P2PLLM_CLONES
Certain bound_residuals(std::size_t count, const double* __restrict log_share, const double* __restrict share,
                        const double* __restrict utility, const double* __restrict cost, double by_cost, double log_sum,
                        double* __restrict bound) {
  double shares[fine_lanes] = {}, residuals[fine_lanes] = {}, slopes[fine_lanes] = {};
  const auto add = [&](std::size_t k, std::size_t lane) {
    const double odds_and_one = 1.0 / (1.0 - share[k]);
    const double residual = log_share_residual(log_share[k], odds_and_one, utility[k], log_sum);
    bound[k] = residual_bound(log_share[k], utility[k], residual, cost[k] * by_cost);
    shares[lane] += share[k];
    residuals[lane] += share[k] * bound[k];
    slopes[lane] += share[k] / log_share_slope(share[k], odds_and_one);
  };
  std::size_t k = 0;
  for (; k + fine_lanes <= count; k += fine_lanes)
    for (std::size_t lane = 0; lane < fine_lanes; ++lane) add(k + lane, lane);
  for (std::size_t lane = 0; k < count; ++k, ++lane) add(k, lane);
  for (std::size_t half = fine_lanes / 2; half > 0; half /= 2)
    for (std::size_t lane = 0; lane < half; ++lane) {
      shares[lane] += shares[lane + half];
      residuals[lane] += residuals[lane + half];
      slopes[lane] += slopes[lane + half];
    }
  return {shares[0], residuals[0], slopes[0]};
}

/// The ends from a bound of |error of ln P|; all relative errors of doubles are within `few`.
P2PLLM_CLONES
void write_ends(std::size_t count, const double* __restrict share, const double* __restrict bound, double radius,
                double sensitivity, double* __restrict price_lower, double* __restrict price_upper,
                double* __restrict share_lower, double* __restrict share_upper, double* __restrict revenue_lower,
                double* __restrict revenue_upper) {
  constexpr double few = 16 * eps;
  const double inverse = 1.0 / sensitivity;
  for (std::size_t k = 0; k < count; ++k) {
    const double error = 1.02 * (radius + bound[k]);
    const double price = inverse / (1.0 - share[k]);
    const double revenue = share[k] * price;
    const double price_error = 1.1 * error + few, share_error = error + few, revenue_error = 2.1 * error + few;
    price_lower[k] = price - price * price_error;
    price_upper[k] = price + price * price_error;
    // Below the normal doubles an absolute error remains.
    const bool is_normal = share[k] > 0x1p-900;
    share_lower[k] = is_normal ? share[k] - share[k] * share_error : 0.0;
    share_upper[k] = is_normal ? share[k] + share[k] * share_error : 0x1p-899;
    revenue_lower[k] = is_normal ? revenue - revenue * revenue_error : 0.0;
    revenue_upper[k] = is_normal ? revenue + revenue * revenue_error : 0x1p-898 * inverse;
  }
}

}  // namespace

JointSolution solve_group(std::span<const double> cost, double by_cost) { return Iteration(cost, by_cost).run(); }

bool enclose(const JointSolution& solution, std::span<const double> cost, double by_cost, double sensitivity,
             const EquilibriumEnds& ends) {
  constexpr double sum_error = 64 * eps, few = 16 * eps, radius_max = 0.001;
  const std::size_t nodes = cost.size();
  Doubles bound(nodes), share(nodes);
  std::vector<Certain> chunks(nodes / chunk_nodes + 1);
  for_each_chunk(nodes, [&](std::size_t c, std::size_t begin, std::size_t count) {
    const double* const log_share = solution.log_share.data() + begin;
    kernels::exp(std::span(log_share, count), std::span(share.data() + begin, count));
    chunks[c] = bound_residuals(count, log_share, share.data() + begin, solution.utility.data() + begin,
                                cost.data() + begin, by_cost, solution.log_sum, bound.data() + begin);
  });
  CompensatedSum shares, residuals, slopes;
  for (const Certain& chunk : chunks) shares.add(chunk.share), residuals.add(chunk.residual), slopes.add(chunk.slope);
  const double others = shares.value();
  if (!(others > least_sum)) return false;
  const double odds = kernels::exp(solution.log_odds);
  const double log_price = kernels::log(1 + odds);
  const double residual = log_odds_residual(solution.log_odds, log_price, odds, solution.log_sum);
  const double least_weight = cost[solution.dominant] * by_cost;
  const double dominant_bound =
      std::abs(residual) +
      8 * eps * (std::abs(solution.log_odds) + odds + log_price + std::abs(solution.log_sum) + 2 + least_weight);
  const double dominant_share = share_from(odds);
  const double off = 1.02 * std::abs(others * (1 + odds) - 1) + sum_error;
  const double slope = slopes.value() / others + dominant_share / log_odds_slope(odds);
  const double radius =
      1.06 / slope * (off + 1.02 * (residuals.value() / others) + 1.02 * dominant_share * dominant_bound);
  if (!(radius + dominant_bound <= radius_max)) return false;
  for_each_chunk(nodes, [&](std::size_t, std::size_t begin, std::size_t count) {
    write_ends(count, share.data() + begin, bound.data() + begin, radius, sensitivity, ends.price_lower.data() + begin,
               ends.price_upper.data() + begin, ends.share_lower.data() + begin, ends.share_upper.data() + begin,
               ends.revenue_lower.data() + begin, ends.revenue_upper.data() + begin);
  });
  const std::size_t d = solution.dominant;
  const double error = 1.02 * (radius + dominant_bound) + few;
  const auto put = [error](double value, double& lower, double& upper) {
    lower = value - value * error;
    upper = value + value * error;
  };
  put(scaled_price_of(odds) / sensitivity, ends.price_lower[d], ends.price_upper[d]);
  put(dominant_share, ends.share_lower[d], ends.share_upper[d]);
  put(odds / sensitivity, ends.revenue_lower[d], ends.revenue_upper[d]);
  return true;
}

}  // namespace p2pllm::optimized
