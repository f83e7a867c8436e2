#include "optimized/market/joint_newton.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>

#include "kernels/market/equilibrium_lane.hpp"
#include "kernels/portable/exp.hpp"
#include "kernels/portable/log.hpp"
#include "kernels/portable/omega.hpp"
#include "optimized/market/clones.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::size_t chunk_nodes = 1024;
constexpr std::size_t lanes = kernels::newton_lanes;
constexpr std::size_t fine_lanes = kernels::radius_lanes;
using Sums = kernels::NewtonSums;

/// The elementary functions of kernels/portable, by the fastest instructions that the processor has.
struct Elementary {
  static double exp(double x) { return kernels::exp(x); }
  static double log(double x) { return kernels::log(x); }
  static double omega(double x) { return kernels::omega(x); }
};

using Scratch = std::array<double, chunk_nodes>;

/// Moves ln P by the step that was found before.
P2PLLM_CLONES
double take_step(std::size_t count, double* __restrict log_share, const double* __restrict scaled_residual,
                 const double* __restrict inverse_slope, double log_sum_change) {
  double greatest[lanes] = {};
  const auto step = [&](std::size_t k, std::size_t lane) {
    const double change = kernels::newton_change({scaled_residual[k], inverse_slope[k]}, log_sum_change);
    log_share[k] = kernels::capped_log_share(log_share[k] - change);
    const double size = kernels::magnitude(change);
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
    const kernels::Linearized at = kernels::linearized(log_share[k], share[k], utility[k], log_sum);
    scaled_residual[k] = at.scaled_residual;
    inverse_slope[k] = at.inverse_slope;
    shares[lane] += share[k];
    residuals[lane] += share[k] * at.scaled_residual;
    slopes[lane] += share[k] * at.inverse_slope;
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
  for (std::size_t half = lanes / 2; half > 0; half /= 2)
    for (std::size_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
  return {sums[0], 0, 0, *std::max_element(greatest, greatest + lanes)};
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
    solution_.utility[solution_.dominant] = kernels::absent_utility;
  }

  JointSolution run() {
    start();
    while (state_.has_ended == 0) step();
    solution_.log_odds = state_.log_odds;
    solution_.log_sum = state_.log_sum;
    solution_.steps = state_.steps;
    solution_.has_converged = state_.has_converged != 0;
    return std::move(solution_);
  }

 private:
  void start() {
    for_each_chunk(nodes_, [&](std::size_t c, std::size_t begin, std::size_t count) {
      Scratch term;
      const auto utilities = std::span(solution_.utility).subspan(begin, count);
      kernels::exp(utilities, std::span(term).first(count));
      sums_[c] = sum_and_greatest(count, term.data(), utilities.data());
    });
    state_ =
        kernels::newton_start(Elementary(), total().share, std::ranges::max_element(sums_, {}, &Sums::change)->change);
    for_each_chunk(nodes_, [&](std::size_t, std::size_t begin, std::size_t count) {
      for (std::size_t k = begin; k < begin + count; ++k) {
        solution_.log_share[k] = kernels::first_log_share(solution_.utility[k], state_.log_sum);
        scaled_residual_[k] = inverse_slope_[k] = 0;
      }
    });
  }

  [[nodiscard]] Sums total() const {
    kernels::NewtonAddition sum;
    for (const Sums& each : sums_) sum.add(each);
    return sum.value();
  }

  /// Makes the step found before and finds the next.
  void step() {
    for_each_chunk(nodes_, [&](std::size_t c, std::size_t begin, std::size_t count) {
      double* const log_share = solution_.log_share.data() + begin;
      const double change = take_step(count, log_share, scaled_residual_.data() + begin, inverse_slope_.data() + begin,
                                      state_.log_sum_change);
      Scratch share;
      kernels::exp(std::span(log_share, count), std::span(share).first(count));
      sums_[c] = linearize(count, log_share, share.data(), solution_.utility.data() + begin, state_.log_sum,
                           scaled_residual_.data() + begin, inverse_slope_.data() + begin);
      sums_[c].change = change;
      if (begin <= solution_.dominant && solution_.dominant < begin + count)  // it stays absent
        scaled_residual_[solution_.dominant] = inverse_slope_[solution_.dominant] = 0;
    });
    kernels::newton_step(Elementary(), total(), state_);
  }

  std::size_t nodes_;
  JointSolution solution_;
  std::vector<Sums> sums_;
  Doubles scaled_residual_ = Doubles(nodes_);  ///< g / G'
  Doubles inverse_slope_ = Doubles(nodes_);    ///< 1 / G'
  kernels::NewtonState state_;
};

using Certain = kernels::CertainSums;

P2PLLM_CLONES
Certain bound_residuals(std::size_t count, const double* __restrict log_share, const double* __restrict share,
                        const double* __restrict utility, const double* __restrict cost, double by_cost, double log_sum,
                        double* __restrict bound) {
  double shares[fine_lanes] = {}, residuals[fine_lanes] = {}, slopes[fine_lanes] = {};
  const auto add = [&](std::size_t k, std::size_t lane) {
    const kernels::BoundedResidual residual =
        kernels::bounded_residual(log_share[k], share[k], utility[k], cost[k] * by_cost, log_sum);
    bound[k] = residual.bound;
    shares[lane] += share[k];
    residuals[lane] += share[k] * bound[k];
    slopes[lane] += share[k] / residual.slope;
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
  const double inverse = 1.0 / sensitivity;
  for (std::size_t k = 0; k < count; ++k) {
    const kernels::NodeEnds ends = kernels::node_ends(share[k], bound[k], radius, inverse);
    price_lower[k] = ends.price_lower;
    price_upper[k] = ends.price_upper;
    share_lower[k] = ends.share_lower;
    share_upper[k] = ends.share_upper;
    revenue_lower[k] = ends.revenue_lower;
    revenue_upper[k] = ends.revenue_upper;
  }
}

}  // namespace

JointSolution solve_group(std::span<const double> cost, double by_cost) { return Iteration(cost, by_cost).run(); }

bool enclose(const JointSolution& solution, std::span<const double> cost, double by_cost, double sensitivity,
             const EquilibriumEnds& ends) {
  const std::size_t nodes = cost.size();
  Doubles bound(nodes), share(nodes);
  std::vector<Certain> chunks(nodes / chunk_nodes + 1);
  for_each_chunk(nodes, [&](std::size_t c, std::size_t begin, std::size_t count) {
    const double* const log_share = solution.log_share.data() + begin;
    kernels::exp(std::span(log_share, count), std::span(share.data() + begin, count));
    chunks[c] = bound_residuals(count, log_share, share.data() + begin, solution.utility.data() + begin,
                                cost.data() + begin, by_cost, solution.log_sum, bound.data() + begin);
  });
  kernels::CompensatedSum shares, residuals, slopes;
  for (const Certain& chunk : chunks) shares.add(chunk.share), residuals.add(chunk.residual), slopes.add(chunk.slope);
  const std::size_t d = solution.dominant;
  const kernels::NewtonRadius radius =
      kernels::newton_radius(Elementary(), {shares.value(), residuals.value(), slopes.value()}, solution.log_odds,
                             solution.log_sum, cost[d] * by_cost);
  if (radius.encloses == 0) return false;
  for_each_chunk(nodes, [&](std::size_t, std::size_t begin, std::size_t count) {
    write_ends(count, share.data() + begin, bound.data() + begin, radius.of_others, sensitivity,
               ends.price_lower.data() + begin, ends.price_upper.data() + begin, ends.share_lower.data() + begin,
               ends.share_upper.data() + begin, ends.revenue_lower.data() + begin, ends.revenue_upper.data() + begin);
  });
  const kernels::NodeEnds dominant = kernels::dominant_ends(radius, sensitivity);
  ends.price_lower[d] = dominant.price_lower, ends.price_upper[d] = dominant.price_upper;
  ends.share_lower[d] = dominant.share_lower, ends.share_upper[d] = dominant.share_upper;
  ends.revenue_lower[d] = dominant.revenue_lower, ends.revenue_upper[d] = dominant.revenue_upper;
  return true;
}

}  // namespace p2pllm::optimized
