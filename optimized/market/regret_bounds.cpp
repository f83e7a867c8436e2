#include "optimized/market/regret_bounds.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "kernels/portable/exp.hpp"
#include "kernels/portable/log.hpp"
#include "kernels/portable/omega.hpp"
#include "optimized/market/clones.hpp"
#include "optimized/market/error_bounds.hpp"
#include "optimized/market/price_rules.hpp"

namespace p2pllm::optimized {
namespace {

using Scratch = std::array<double, chunk_nodes>;

/// The nodes of a chunk while their regrets are bounded.
struct Work {
  Scratch own, rivals, mass, scaled_price, weight, odds, exponent, rise, trial, deviation, gain, excess, is_valid;
};

/// own, rivals, a p, w, and the exponent a p - 1 of the mass y = e^(-d-1) / rivals, of which the odds are W(y).
P2PLLM_CLONES
void prepare(std::size_t count, const double* price, const double* cost, const double* own, const PriceFactors& factors,
             double chunk_factor, double total, Work& __restrict work) {
  for (std::size_t k = 0; k < count; ++k) {
    const double scaled = price[k] * factors.by_price;
    work.scaled_price[k] = scaled;
    work.weight[k] = scaled + cost[k] * factors.by_cost;
    work.own[k] = own[k] * chunk_factor;
    work.rivals[k] = total - work.own[k];
    work.exponent[k] = (scaled < exponent_max ? scaled : exponent_max) - 1.0;
  }
}

/// A rational approximation of W(y), below 6 % off up to y = e, and the argument y / W of the logarithm that improves
/// it.
P2PLLM_CLONES
void approximate_odds(std::size_t count, Work& __restrict work) {
  for (std::size_t k = 0; k < count; ++k) {
    const double y = work.own[k] * work.mass[k] / work.rivals[k];
    const double bounded = y > 0x1p-960 ? (y < 0x1p200 ? y : 0x1p200) : 0x1p-960;
    const double odds =
        bounded * ((17.0 * bounded + 114.0) * bounded + 60.0) / ((101.0 * bounded + 174.0) * bounded + 60.0);
    work.mass[k] = bounded;
    work.odds[k] = odds;
    work.exponent[k] = bounded / odds;
  }
}

/// One step of Fritsch, Shafer and Crowley, which takes the error to its fourth power; the trial price and a (q - p).
P2PLLM_CLONES
void improve_odds(std::size_t count, const double* logarithm, Work& __restrict work) {
  for (std::size_t k = 0; k < count; ++k) {
    const double odds = work.odds[k];
    const double residual = logarithm[k] - odds;
    const double slope = 1.0 + odds;
    const double curvature = 2.0 * slope * (slope + residual * (2.0 / 3.0));
    work.odds[k] = odds + odds * (residual * (curvature - residual)) / (slope * (curvature - 2.0 * residual));
  }
}

P2PLLM_CLONES
void charge(std::size_t count, const double* price, const PriceFactors& factors, Work& __restrict work) {
  const double inverse = 1.0 / factors.sensitivity;
  for (std::size_t k = 0; k < count; ++k) {
    const double trial = (1.0 + work.odds[k]) * inverse;
    const double exponent = (trial - price[k] * factors.price_unit) * factors.sensitivity;
    const bool is_valid = (work.own[k] >= least_own) & (work.rivals[k] >= least_own) & (work.weight[k] <= weight_max) &
                          (exponent <= exponent_max) & (exponent >= -exponent_max);
    work.is_valid[k] = is_valid ? 1.0 : 0.0;
    work.trial[k] = trial;
    work.exponent[k] = is_valid ? exponent : 0.0;
  }
}

/// Newton's step for ln z = 0 from the trial price, where it is so short that e^ of it needs no exponential.
P2PLLM_CLONES
void refine(std::size_t count, const PriceFactors& factors, Work& __restrict work) {
  constexpr double step_max = 0x1p-12;
  for (std::size_t k = 0; k < count; ++k) {
    const double trial = work.trial[k];
    const double scaled = factors.sensitivity * trial;
    const double mass = trial_mass(work.own[k], work.rivals[k], work.rise[k]);
    const double inverse_mass = 1.0 / mass;
    const double z = trial_stationarity(scaled, work.rivals[k], work.rise[k], inverse_mass);
    const double relative = (1.0 - z) / (1.0 + scaled * (work.own[k] * inverse_mass));
    const double next = trial + trial * relative;
    const double step = factors.sensitivity * (next - trial);
    const bool is_short = step < step_max && step > -step_max;
    work.trial[k] = is_short ? next : trial;
    work.rise[k] = is_short ? work.rise[k] * (1.0 + step * (1.0 + step * (0.5 + step * (1.0 / 6.0)))) : work.rise[k];
  }
}

/// Relative errors of one node's quantities.
struct Errors {
  double own, ratio, z, trial_revenue;
};
[[gnu::always_inline]] inline Errors errors_of(double weight, double scaled_price, double scaled_trial,
                                               double total_error) {
  const double own = weight_error * weight + few;
  const double rivals = 2 * total_error + own + few;
  const double rise = weight_error * (scaled_price + scaled_trial) + few;
  const double mass = rivals + rise + few;
  return {1.01 * (own + total_error + few), 1.01 * (mass + total_error + few), 1.01 * (mass + rivals + rise + few),
          1.01 * (own + mass + few)};
}

P2PLLM_CLONES
void bracket_shares(std::size_t count, const Work& work, double total, double total_error,
                    double* __restrict share_lower, double* __restrict share_upper) {
  const double inverse_total = 1.0 / total;
  for (std::size_t k = 0; k < count; ++k) {
    const bool is_valid = work.is_valid[k] > 0.0;
    const double share = work.own[k] * inverse_total;
    const double error = errors_of(work.weight[k], 0, 0, total_error).own;
    share_lower[k] = is_valid ? share - share * error : 0.0;
    share_upper[k] = is_valid ? share + share * error : 1.0;
  }
}

/// The best response, and at least |z - 1|: 1 where nothing is known.
P2PLLM_CLONES
void bracket_responses(std::size_t count, const PriceFactors& factors, double total_error, Work& __restrict work,
                       double* __restrict response_lower, double* __restrict response_upper) {
  const double infinite = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < count; ++k) {
    const double trial = work.trial[k];
    const double scaled = factors.sensitivity * trial;
    const Errors errors = errors_of(work.weight[k], work.scaled_price[k], scaled, total_error);
    const double mass = trial_mass(work.own[k], work.rivals[k], work.rise[k]);
    const double inverse_mass = 1.0 / mass;
    const double z = trial_stationarity(scaled, work.rivals[k], work.rise[k], inverse_mass);
    const double excess = (z - 1.0) + z * errors.z;
    const double deficit = (1.0 - z) + z * errors.z;
    const double deviation = excess > deficit ? excess : deficit;
    const bool is_near = (work.is_valid[k] > 0.0) & (deviation < 0.5);
    const double least = excess > 0.0 ? trial * response_factor_below(excess) : trial;
    const double most = deficit > 0.0 ? trial * response_factor_above(deficit) : trial;
    response_lower[k] = is_near ? least - least * few : 0.0;
    response_upper[k] = is_near ? most + most * few : infinite;
    work.deviation[k] = is_near ? deviation : 1.0;
  }
}

/// What is known of one node's regret.
struct RegretEnds {
  double least, most;
  double gain;    ///< a lower bound of R(trial) - R(p)
  double excess;  ///< above 0: the regret is proved to exceed epsilon
};
template <bool is_absolute>
[[gnu::always_inline]] inline RegretEnds regret_ends(double ratio, double deviation, double revenue, bool is_free,
                                                     double epsilon, const Errors& errors) {
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
[[gnu::always_inline]] inline void regrets_of(std::size_t count, const double* __restrict price,
                                              const PriceFactors& factors, double total, double total_error,
                                              Work& __restrict work, double* __restrict regret_lower,
                                              double* __restrict regret_upper) {
  const double unknown = is_absolute ? std::numeric_limits<double>::infinity() : 1.0;
  const double price_unit = factors.price_unit, epsilon = factors.epsilon_above;
  const double sensitivity = factors.sensitivity;
  for (std::size_t k = 0; k < count; ++k) {
    const double trial = work.trial[k], deviation = work.deviation[k];
    const Errors errors = errors_of(work.weight[k], work.scaled_price[k], sensitivity * trial, total_error);
    const double mass = trial_mass(work.own[k], work.rivals[k], work.rise[k]);
    const double ratio = revenue_ratio(price[k] * price_unit, trial, mass, total);
    const double revenue = trial * (work.own[k] / mass);
    const RegretEnds ends = regret_ends<is_absolute>(ratio, deviation, revenue, price[k] == 0.0, epsilon, errors);
    const bool is_near = deviation < 0.5;
    regret_lower[k] = is_near ? ends.least : 0.0;
    regret_upper[k] = is_near ? ends.most : unknown;
    work.gain[k] = ends.gain;
    work.excess[k] = is_near ? ends.excess : 0.0;
  }
}
P2PLLM_CLONES
void bracket_regrets(std::size_t count, const double* price, const PriceFactors& factors, double total,
                     double total_error, Work& work, double* regret_lower, double* regret_upper) {
  if (factors.is_absolute)
    regrets_of<true>(count, price, factors, total, total_error, work, regret_lower, regret_upper);
  else regrets_of<false>(count, price, factors, total, total_error, work, regret_lower, regret_upper);
}

void charge_great_odds(std::size_t count, double least_weight, const double* cost, const PriceFactors& factors,
                       Work& __restrict work) {
  constexpr double mass_max = 2.7;  // beyond this the rational approximation is poor
  for (std::size_t k = 0; k < count; ++k) {
    if (work.mass[k] <= mass_max) continue;
    const double x = (least_weight - cost[k] * factors.by_cost - 1.0) - kernels::log(work.rivals[k]);
    work.odds[k] = kernels::omega(x);
  }
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
  prepare(count, price, cost, own.data(), factors, factor_of(least_weight, group.least_weight), group.total, work);
  const bool holds_lightest = begin <= group.lightest && group.lightest < begin + count;
  if (holds_lightest) work.rivals[group.lightest - begin] = group.others;
  const auto used = [count](Scratch& scratch) { return std::span(scratch).first(count); };
  kernels::exp(used(work.exponent), used(work.mass));
  approximate_odds(count, work);
  kernels::log(used(work.exponent), used(work.exponent));
  improve_odds(count, work.exponent.data(), work);
  charge_great_odds(count, group.least_weight, cost, factors, work);
  charge(count, price, factors, work);
  if (!group.is_in_range) std::ranges::fill(used(work.is_valid), 0.0);
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
  Work work;
  prepare(count, input.price.data(), input.cost.data(), own.data(), factors,
          factor_of(least_weight, group.least_weight), group.total, work);
  const double infinite = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < count; ++k) {
    const bool is_valid = work.own[k] >= least_own && work.weight[k] <= weight_max && group.is_in_range;
    const double share = work.own[k] / group.total;
    const double error = 1.01 * (weight_error * work.weight[k] + group.total_error + 2 * few);
    output.share_lower[k] = is_valid ? share - share * error : 0;
    output.share_upper[k] = is_valid ? std::min(share + share * error, 1.0) : 1;
    output.response_lower[k] = output.regret_lower[k] = output.trial[k] = 0;
    output.response_upper[k] = output.regret_upper[k] = infinite;
  }
}

}  // namespace p2pllm::optimized
