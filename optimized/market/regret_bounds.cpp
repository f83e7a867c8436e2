#include "optimized/market/regret_bounds.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "kernels/portable/exp.hpp"
#include "kernels/portable/log.hpp"
#include "kernels/portable/omega.hpp"
#include "optimized/market/clones.hpp"
#include "optimized/market/price_rules.hpp"

// Error bounds. Let eps = 2^-53. A factor is off by 2 eps, an integer by eps, so a demand weight w, made of two
// products and a sum, by at most 6 eps w; differences from two least weights add eps w. So an exponent is off by at
// most 7 eps w, and e^ of it relatively by a little more; with the errors of exp (1.25 eps, twice) and of a product
// this is at most weight_error * w + few below. Weights are below 2^20, so that squares of errors vanish in the slack
// of the constants.
namespace p2pllm::optimized {
namespace {

constexpr double eps = 0x1p-53;
constexpr double weight_error = 1.125 * 0x1p-50;  ///< 9 eps
constexpr double few = 8 * eps;
constexpr double sum_error = 128 * eps;  ///< 64 roundings in a lane, 5 over the lanes, 2 over the chunks, and few
constexpr double weight_max = 0x1p20;
constexpr double exponent_max = 600;    ///< beyond this, an exponential is not a normal number with room to spare
constexpr double least_own = 0x1p-860;  ///< above e^-exponent_max times any error
constexpr std::size_t lanes = 16;

using Scratch = std::array<double, chunk_nodes>;

struct Sums {
  double plain;
  double weighted;
};

P2PLLM_CLONES
void weigh(std::size_t count, const double* price, const double* cost, double by_price, double by_cost,
           double* weight) {
  for (std::size_t k = 0; k < count; ++k) weight[k] = price[k] * by_price + cost[k] * by_cost;
}
P2PLLM_CLONES
void negated_excess(std::size_t count, const double* weight, double least, double* out) {
  for (std::size_t k = 0; k < count; ++k) out[k] = least - weight[k];
}

/// The sum of terms, and of terms times weights, in 16 lanes and then by halves. @param count  at most chunk_nodes
P2PLLM_CLONES
Sums sum_lanes(std::size_t count, const double* term, const double* weight) {
  double plain[lanes] = {};
  double weighted[lanes] = {};
  std::size_t k = 0;
  for (; k + lanes <= count; k += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      plain[lane] += term[k + lane];
      weighted[lane] += term[k + lane] * weight[k + lane];
    }
  for (std::size_t lane = 0; k < count; ++k, ++lane) {
    plain[lane] += term[k];
    weighted[lane] += term[k] * weight[k];
  }
  for (std::size_t half = lanes / 2; half > 0; half /= 2)
    for (std::size_t lane = 0; lane < half; ++lane) {
      plain[lane] += plain[lane + half];
      weighted[lane] += weighted[lane + half];
    }
  return {plain[0], weighted[0]};
}

/// A sum whose rounding errors are carried along: relatively off by 2 eps.
class CompensatedSum {
 public:
  void add(double term) {
    const double next = sum_ + term;
    const double kept = next - sum_;
    lost_ += (sum_ - (next - kept)) + (term - kept);
    sum_ = next;
  }
  [[nodiscard]] double value() const { return sum_ + lost_; }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

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

/// The factor from a chunk's exponentials to those relative to the group's least weight.
double factor_of(double chunk_least, double group_least) { return kernels::exp(group_least - chunk_least); }

}  // namespace

ChunkSum sum_chunk(const PriceFactors& factors, const ChunkInput& input, std::span<double> own) {
  const std::size_t count = input.price.size();
  Scratch weight;
  weigh(count, input.price.data(), input.cost.data(), factors.by_price, factors.by_cost, weight.data());
  const auto least = std::min_element(weight.begin(), weight.begin() + static_cast<std::ptrdiff_t>(count));
  ChunkSum result;
  result.least_weight = *least;
  result.lightest = static_cast<std::size_t>(least - weight.begin());
  negated_excess(count, weight.data(), *least, own.data());
  kernels::exp(own, own);
  own[result.lightest] = 0;
  const Sums sums = sum_lanes(count, own.data(), weight.data());
  own[result.lightest] = 1;
  result.others = sums.plain;
  result.others_by_weight = sums.weighted;
  result.is_in_range = *least <= weight_max;
  return result;
}

GroupSum combine(std::span<const ChunkSum> chunks, std::span<const std::size_t> offsets) {
  const auto by_weight = [](const ChunkSum& a, const ChunkSum& b) { return a.least_weight < b.least_weight; };
  const auto first = static_cast<std::size_t>(std::ranges::min_element(chunks, by_weight) - chunks.begin());
  GroupSum group;
  group.least_weight = chunks[first].least_weight;
  group.lightest = offsets[first] + chunks[first].lightest;
  group.is_in_range = chunks[first].is_in_range;
  CompensatedSum others, others_by_weight;
  for (std::size_t c = 0; c < chunks.size(); ++c) {
    const ChunkSum& chunk = chunks[c];
    const double factor = factor_of(chunk.least_weight, group.least_weight);
    others.add(factor * chunk.others);
    others_by_weight.add(factor * chunk.others_by_weight);
    if (c == first) continue;
    others.add(factor);
    others_by_weight.add(factor * chunk.least_weight);
  }
  group.others = others.value();
  group.total = 1 + group.others;
  // Each term is off by weight_error times its weight: on average by that times the average weight.
  group.others_error =
      group.others > 0 ? 1.01 * (weight_error * (others_by_weight.value() / group.others) + sum_error) : 0;
  const double total_by_weight = group.least_weight + others_by_weight.value();
  group.total_error = 1.01 * (weight_error * (total_by_weight / group.total) + sum_error);
  return group;
}

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

  ChunkDecision decision;
  for (std::size_t k = 0; k < count; ++k) {
    const bool is_within = work.is_valid[k] > 0 && output.regret_upper[k] <= factors.epsilon_below;
    const bool exceeds = work.excess[k] > 0;
    if (is_within) ++decision.within;
    else if (!exceeds) decision.open.push_back(begin + k);
    if (!exceeds) continue;
    ++decision.exceeding;
    const double regret = output.regret_lower[k];
    if (regret < decision.worst_regret || (regret == decision.worst_regret && work.gain[k] <= decision.worst_gain))
      continue;
    decision.worst = begin + k;
    decision.worst_regret = regret;
    decision.worst_gain = work.gain[k];
  }
  return decision;
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
