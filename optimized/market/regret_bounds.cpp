#include "optimized/market/regret_bounds.hpp"

#include <algorithm>
#include <array>

#include "kernels/market/regret_lane.hpp"
#include "kernels/portable/exp.hpp"
#include "kernels/portable/log.hpp"
#include "kernels/portable/omega.hpp"
#include "optimized/market/clones.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::size_t lanes = 16;
using Scratch = std::array<double, chunk_nodes>;

/// The nodes of a chunk while their regrets are bounded.
struct Work {
  Scratch own, rivals, mass, scaled_price, weight, odds, exponent, rise, trial, deviation, gain, excess, is_valid;
};

/// own, rivals, a p, w, and the exponent of the mass.
P2PLLM_CLONES
void prepare(std::size_t count, const double* price, const double* cost, const double* own, const PriceFactors& factors,
             double chunk_factor, double total, Work& __restrict work) {
  for (std::size_t k = 0; k < count; ++k) {
    work.scaled_price[k] = price[k] * factors.by_price;
    work.weight[k] = kernels::demand_weight(price[k], cost[k], factors.by_price, factors.by_cost);
    work.own[k] = own[k] * chunk_factor;
    work.rivals[k] = total - work.own[k];
    work.exponent[k] = kernels::mass_exponent(work.scaled_price[k]);
  }
}

/// The odds approximately, and the argument y / W of the logarithm that improves them.
P2PLLM_CLONES
void approximate(std::size_t count, Work& __restrict work) {
  for (std::size_t k = 0; k < count; ++k) {
    const double y = kernels::bounded_mass(work.own[k], work.mass[k], work.rivals[k]);
    const double odds = kernels::approximate_odds(y);
    work.mass[k] = y;
    work.odds[k] = odds;
    work.exponent[k] = y / odds;
  }
}

P2PLLM_CLONES
void improve(std::size_t count, const double* logarithm, Work& __restrict work) {
  for (std::size_t k = 0; k < count; ++k) work.odds[k] = kernels::improved_odds(work.odds[k], logarithm[k]);
}

void charge_great_odds(std::size_t count, double least_weight, const double* cost, const PriceFactors& factors,
                       Work& __restrict work) {
  for (std::size_t k = 0; k < count; ++k)
    if (work.mass[k] > kernels::approximate_mass_max)
      work.odds[k] = kernels::omega(
          kernels::great_odds_argument(least_weight, cost[k] * factors.by_cost, kernels::log(work.rivals[k])));
}

/// The trial price and a (q - p).
P2PLLM_CLONES
void charge(std::size_t count, const double* price, const PriceFactors& factors, Work& __restrict work) {
  const double inverse = 1.0 / factors.sensitivity;
  for (std::size_t k = 0; k < count; ++k) {
    const kernels::Trial trial =
        kernels::trial_of(work.odds[k], price[k], work.own[k], work.rivals[k], work.weight[k], factors, inverse);
    work.is_valid[k] = trial.is_valid ? 1.0 : 0.0;
    work.trial[k] = trial.price;
    work.exponent[k] = trial.exponent;
  }
}

P2PLLM_CLONES
void refine(std::size_t count, const PriceFactors& factors, Work& __restrict work) {
  for (std::size_t k = 0; k < count; ++k) {
    const kernels::RefinedTrial refined =
        kernels::refined_trial(work.trial[k], work.rise[k], work.own[k], work.rivals[k], factors.sensitivity);
    work.trial[k] = refined.price;
    work.rise[k] = refined.rise;
  }
}

P2PLLM_CLONES
void bracket_shares(std::size_t count, const Work& work, double total, double total_error,
                    double* __restrict share_lower, double* __restrict share_upper) {
  const double inverse_total = 1.0 / total;
  for (std::size_t k = 0; k < count; ++k) {
    const double error = kernels::regret_errors(work.weight[k], 0, 0, total_error).own;
    const kernels::ShareEnds ends = kernels::share_ends(work.own[k], inverse_total, error, work.is_valid[k] > 0.0);
    share_lower[k] = ends.lower;
    share_upper[k] = ends.upper;
  }
}

P2PLLM_CLONES
void bracket_responses(std::size_t count, const PriceFactors& factors, double total_error, Work& __restrict work,
                       double* __restrict response_lower, double* __restrict response_upper) {
  for (std::size_t k = 0; k < count; ++k) {
    const double trial = work.trial[k];
    const double z_error =
        kernels::regret_errors(work.weight[k], work.scaled_price[k], factors.sensitivity * trial, total_error).z;
    const kernels::ResponseEnds ends = kernels::response_ends(trial, work.rise[k], work.own[k], work.rivals[k],
                                                              factors.sensitivity, z_error, work.is_valid[k] > 0.0);
    response_lower[k] = ends.lower;
    response_upper[k] = ends.upper;
    work.deviation[k] = ends.deviation;
  }
}

template <bool is_absolute>
[[gnu::always_inline]] inline void regrets_of(std::size_t count, const double* __restrict price,
                                              const PriceFactors& factors, double total, double total_error,
                                              Work& __restrict work, double* __restrict regret_lower,
                                              double* __restrict regret_upper) {
  const PriceFactors copy = factors;  // no store can change it
  for (std::size_t k = 0; k < count; ++k) {
    const double trial = work.trial[k];
    const kernels::RegretErrors errors =
        kernels::regret_errors(work.weight[k], work.scaled_price[k], copy.sensitivity * trial, total_error);
    const kernels::RegretEnds ends = kernels::regret_ends<is_absolute>(
        price[k], trial, work.rise[k], work.own[k], work.rivals[k], total, work.deviation[k], copy, errors);
    regret_lower[k] = ends.least;
    regret_upper[k] = ends.most;
    work.gain[k] = ends.gain;
    work.excess[k] = ends.excess;
  }
}
P2PLLM_CLONES
void bracket_regrets(std::size_t count, const double* price, const PriceFactors& factors, double total,
                     double total_error, Work& work, double* regret_lower, double* regret_upper) {
  if (factors.is_absolute)
    regrets_of<true>(count, price, factors, total, total_error, work, regret_lower, regret_upper);
  else regrets_of<false>(count, price, factors, total, total_error, work, regret_lower, regret_upper);
}

/// How many nodes are within epsilon and how many exceed it, and the greatest regret of the latter.
struct Tally {
  double within, exceeding, greatest;
};
P2PLLM_CLONES
Tally tally(std::size_t count, const Work& work, const double* __restrict regret_lower,
            const double* __restrict regret_upper, double epsilon) {
  double within[lanes] = {}, exceeding[lanes] = {}, greatest[lanes];
  for (double& each : greatest) each = -1;
  const auto add = [&](std::size_t k, std::size_t lane) {
    const bool exceeds = work.excess[k] > 0.0;
    within[lane] += (work.is_valid[k] > 0.0) & (regret_upper[k] <= epsilon) ? 1.0 : 0.0;
    exceeding[lane] += exceeds ? 1.0 : 0.0;
    const double regret = exceeds ? regret_lower[k] : -1.0;
    greatest[lane] = regret > greatest[lane] ? regret : greatest[lane];
  };
  std::size_t k = 0;
  for (; k + lanes <= count; k += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane) add(k + lane, lane);
  for (std::size_t lane = 0; k < count; ++k, ++lane) add(k, lane);
  Tally result{0, 0, -1};
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    result.within += within[lane];
    result.exceeding += exceeding[lane];
    result.greatest = std::max(result.greatest, greatest[lane]);
  }
  return result;
}

ChunkDecision summarize(std::size_t count, const PriceFactors& factors, const Work& work, const ChunkOutput& output,
                        std::size_t begin) {
  const Tally counts =
      tally(count, work, output.regret_lower.data(), output.regret_upper.data(), factors.epsilon_below);
  ChunkDecision decision;
  decision.within = static_cast<std::size_t>(counts.within);
  decision.exceeding = static_cast<std::size_t>(counts.exceeding);
  decision.worst_regret = counts.greatest;
  if (decision.within + decision.exceeding < count)
    for (std::size_t k = 0; k < count; ++k)
      if (!(work.excess[k] > 0) && !(work.is_valid[k] > 0 && output.regret_upper[k] <= factors.epsilon_below))
        decision.open.push_back(begin + k);
  if (decision.exceeding == 0) return decision;
  decision.worst_gain = -1;
  for (std::size_t k = 0; k < count; ++k) {  // of equal regrets the greatest gain, and of those the first
    if (output.regret_lower[k] != counts.greatest || !(work.excess[k] > 0) || work.gain[k] <= decision.worst_gain)
      continue;
    decision.worst = begin + k;
    decision.worst_gain = work.gain[k];
  }
  return decision;
}

}  // namespace

ChunkDecision bound_chunk(const PriceFactors& factors, const GroupSum& group, const ChunkInput& input,
                          std::span<const double> own, double least_weight, std::size_t begin,
                          const ChunkOutput& output) {
  const std::size_t count = input.price.size();
  const double* const price = input.price.data();
  const double* const cost = input.cost.data();
  Work work;
  prepare(count, price, cost, own.data(), factors, kernels::exp(group.least_weight - least_weight), group.total, work);
  const auto lightest = static_cast<std::size_t>(group.lightest);
  const bool holds_lightest = begin <= lightest && lightest < begin + count;
  if (holds_lightest) work.rivals[lightest - begin] = group.others;
  const auto used = [count](Scratch& scratch) { return std::span(scratch).first(count); };
  kernels::exp(used(work.exponent), used(work.mass));
  approximate(count, work);
  kernels::log(used(work.exponent), used(work.exponent));
  improve(count, work.exponent.data(), work);
  charge_great_odds(count, group.least_weight, cost, factors, work);
  charge(count, price, factors, work);
  if (!factors.is_usable || !group.is_in_range()) std::ranges::fill(used(work.is_valid), 0.0);
  kernels::exp(used(work.exponent), used(work.rise));
  refine(count, factors, work);
  const double error = std::max(group.total_error, group.others_error);
  bracket_shares(count, work, group.total, error, output.share_lower.data(), output.share_upper.data());
  bracket_responses(count, factors, error, work, output.response_lower.data(), output.response_upper.data());
  bracket_regrets(count, price, factors, group.total, error, work, output.regret_lower.data(),
                  output.regret_upper.data());
  std::ranges::copy(used(work.trial), output.trial.begin());

  return summarize(count, factors, work, output, begin);
}

void share_chunk(const PriceFactors& factors, const GroupSum& group, const ChunkInput& input,
                 std::span<const double> own, double least_weight, const ChunkOutput& output) {
  const std::size_t count = input.price.size();
  const double factor = kernels::exp(group.least_weight - least_weight);
  for (std::size_t k = 0; k < count; ++k) {
    const double weight = kernels::demand_weight(input.price[k], input.cost[k], factors.by_price, factors.by_cost);
    const kernels::ShareEnds ends =
        kernels::share_ends_alone(own[k] * factor, weight, group, factors.is_usable && group.is_in_range());
    output.share_lower[k] = ends.lower;
    output.share_upper[k] = ends.upper;
    output.response_lower[k] = output.regret_lower[k] = output.trial[k] = 0;
    output.response_upper[k] = output.regret_upper[k] = kernels::infinity;
  }
}

}  // namespace p2pllm::optimized
