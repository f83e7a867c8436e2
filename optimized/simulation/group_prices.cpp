#include "optimized/simulation/group_prices.hpp"

#include <algorithm>
#include <limits>

#include "kernels/portable/exp.hpp"
#include "model/assert.hpp"
#include "optimized/market/clones.hpp"
#include "optimized/simulation/ascent_rules.hpp"

// Why the radius is one (SIM-13). Let u = 2^-53, let p be the doubles that stand for the prices before a step, and let
// F be the exact step. True prices within e of p lead to prices within rho e of F(p), rho being the greatest sum of
// absolute partial derivatives in that box. What is computed differs from F(p) by at most delta. The next radius is
// rho e + delta.
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
namespace p2pllm::optimized {
namespace {

constexpr double u = 0x1p-53;
constexpr double lost_terms = 0x1p-500;
constexpr double weight_max = 0x1p40;       ///< beyond it, the first-order terms above do not suffice
constexpr double padding_weight = 0x1p900;  ///< its term is 0, and its product with 0 is 0
constexpr double upward = 1 + 0x1p-48;      ///< more than the roundings of a bound's own few operations
constexpr std::size_t lane_count = 8;       ///< columns are padded to a multiple of it
constexpr std::uint32_t base_age_max = 64;  ///< steps

struct Sums {
  double term = 0;
  double weighted = 0;  ///< terms times weights
};

/// What a step takes from the columns beside the new prices.
struct Greatest {
  double growth = 0;       ///< of one node, at the computed values
  double rounding = 0;     ///< delta without the part of the addition
  double price = 0;        ///< before the step
  double share_error = 0;  ///< P pi
};

template <typename Add>
[[gnu::always_inline]] inline void in_lanes(std::size_t count, const Add& add) {
  for (std::size_t k = 0; k < count; k += lane_count)
    for (std::size_t lane = 0; lane < lane_count; ++lane) add(k + lane, lane);
}

double greatest_of(const double (&values)[lane_count]) { return *std::max_element(values, values + lane_count); }

P2PLLM_CLONES
void weigh(std::size_t count, const double* __restrict price, const double* __restrict cost_weight, double sensitivity,
           double base, double* __restrict weight, double* __restrict excess) {
  for (std::size_t k = 0; k < count; ++k) {
    weight[k] = sensitivity * price[k] + cost_weight[k];
    excess[k] = base - weight[k];
  }
}

/// In 8 lanes and then by halves: each sum has fewer than n roundings.
P2PLLM_CLONES
Sums sum(std::size_t count, const double* __restrict term, const double* __restrict weight) {
  double terms[lane_count] = {}, weighted[lane_count] = {};
  in_lanes(count, [&](std::size_t k, std::size_t lane) {
    terms[lane] += term[k];
    weighted[lane] += term[k] * weight[k];
  });
  for (std::size_t half = lane_count / 2; half > 0; half /= 2)
    for (std::size_t lane = 0; lane < half; ++lane) {
      terms[lane] += terms[lane + half];
      weighted[lane] += weighted[lane + half];
    }
  return {terms[0], weighted[0]};
}

/// The constants of a group's step that do not change from node to node.
struct StepFactors {
  double sensitivity;
  double rate;
  double rate_sensitivity;
  double sum;
  double share_error;  ///< pi_i = share_error + share_error_slope * w_i
  double share_error_slope;
};

P2PLLM_CLONES
Greatest ascend(std::size_t count, const StepFactors& f, const double* __restrict term, const double* __restrict weight,
                const double* __restrict moves, double* __restrict price) {
  double growths[lane_count] = {}, roundings[lane_count] = {}, prices[lane_count] = {}, errors[lane_count] = {};
  in_lanes(count, [&](std::size_t k, std::size_t lane) {
    const double share = term[k] / f.sum;
    const double rest = 1.0 - share;
    const double before = price[k];
    const double by_price = f.sensitivity * before;
    const double pull = by_price * rest;
    const double push = by_price * share;
    const double b = 1.0 - pull;
    const double size = b < 0 ? -b : b;
    price[k] = before + moves[k] * ascent_rise(f.rate, share, pull);
    const double error = share * f.share_error + (share * weight[k]) * f.share_error_slope;
    const double rounding = f.rate * (error * (size + push) + (4.3 * u) * share * (by_price + size));
    const double grows = radius_growth(f.rate_sensitivity * share * rest, b + push);
    const double growth = moves[k] * grows;
    growths[lane] = growth > growths[lane] ? growth : growths[lane];
    roundings[lane] = rounding > roundings[lane] ? rounding : roundings[lane];
    prices[lane] = before > prices[lane] ? before : prices[lane];
    errors[lane] = error > errors[lane] ? error : errors[lane];
  });
  return {greatest_of(growths), greatest_of(roundings), greatest_of(prices), greatest_of(errors)};
}

/// The columns of a step that the next one does not need.
struct Scratch {
  std::vector<double> weight;
  std::vector<double> term;
  std::vector<double> moves;  ///< 1 for a node that moves its price, 0 for another one and for padding
  std::size_t all = 0;        ///< of how many nodes `moves` says that all move; 0 if it says something else
};

Scratch& scratch_of(std::size_t padded) {
  thread_local Scratch scratch;
  if (scratch.moves.size() == padded) return scratch;
  for (std::vector<double>* column : {&scratch.weight, &scratch.term, &scratch.moves}) column->resize(padded);
  scratch.all = 0;
  return scratch;
}

/// @param some  one entry per node; empty if all move
void set_moves(Scratch& scratch, std::size_t nodes, std::span<const double> some) {
  if (some.empty() && scratch.all == nodes) return;
  scratch.all = some.empty() ? nodes : 0;
  std::ranges::fill(scratch.moves, 0.0);
  if (some.empty()) std::fill_n(scratch.moves.begin(), nodes, 1.0);
  else std::ranges::copy(some, scratch.moves.begin());
}

}  // namespace

void GroupPrices::reserve(std::size_t nodes) {
  nodes_.reserve(nodes);
  price_.reserve((nodes + lane_count - 1) / lane_count * lane_count);
  cost_weight_.reserve(price_.capacity());
}

void GroupPrices::resize(std::size_t nodes) {
  const std::size_t whole = (nodes + lane_count - 1) / lane_count * lane_count;
  nodes_.resize(nodes);
  price_.resize(whole);
  cost_weight_.resize(whole, padding_weight);
  for (std::size_t k = nodes; k < whole; ++k) {
    price_[k] = 0;
    cost_weight_[k] = padding_weight;
  }
  base_age_ = 0;
  steps_alone_ = 0;
}

void GroupPrices::set(std::size_t k, const Member& member) {
  nodes_[k] = member.node;
  price_[k] = member.price;
  cost_weight_[k] = member.cost_weight;
}

void GroupPrices::append(const Member& member) {
  P2PLLM_ASSERT(nodes_.empty() || nodes_.back() < member.node);
  const std::size_t n = size();
  resize(n + 1);
  set(n, member);
}

void GroupPrices::insert(const Member& member) {
  const auto place = static_cast<std::size_t>(std::ranges::lower_bound(nodes_, member.node) - nodes_.begin());
  const std::size_t n = size();
  resize(n + 1);
  for (std::size_t k = n; k > place; --k) set(k, {nodes_[k - 1], price_[k - 1], cost_weight_[k - 1]});
  set(place, member);
}

GroupPrices::Member GroupPrices::take(std::uint32_t node) {
  const auto place = static_cast<std::size_t>(std::ranges::lower_bound(nodes_, node) - nodes_.begin());
  P2PLLM_ASSERT(place < size() && nodes_[place] == node);
  const Member taken{node, price_[place], cost_weight_[place]};
  for (std::size_t k = place; k + 1 < size(); ++k) set(k, {nodes_[k + 1], price_[k + 1], cost_weight_[k + 1]});
  resize(size() - 1);
  return taken;
}

/// The node of least weight becomes the base, so that no term is much above 1. Prices change slowly, so the choice is
/// made anew only when the group has changed and now and then.
void GroupPrices::choose_base(double sensitivity) {
  base_ = 0;
  const auto weight = [&](std::size_t k) { return price_[k] * sensitivity + cost_weight_[k]; };
  for (std::size_t k = 1; k < size(); ++k)
    if (weight(k) < weight(base_)) base_ = k;
}

/// A sole server's share is 1, so the gradient of its revenue is 1 (SIM-7), and no rule moves two prices further apart.
/// Each price is computed from the first one, so that roundings do not add up.
void GroupPrices::step_alone(const AscentConstants& constants) {
  if (constants.monopoly == MonopolyRule::hold) return;
  if (steps_alone_ == 0) {
    first_alone_ = price_[0];
    first_radius_ = radius_;
  }
  const double risen = constants.rate * static_cast<double>(++steps_alone_);
  double after = first_alone_ + risen;
  if (constants.monopoly == MonopolyRule::cap) after = std::max(first_alone_, std::min(after, constants.cap));
  price_[0] = after;
  radius_ = (first_radius_ + u * (2 * after + 3 * risen)) * upward;
}

/// @param moves  as in `step`; empty if all nodes move
void GroupPrices::step_group(const AscentConstants& constants, std::span<const double> moves) {
  Scratch& scratch = scratch_of(padded());
  set_moves(scratch, size(), moves);
  const double a = constants.sensitivity;
  if (base_age_++ % base_age_max == 0) choose_base(a);
  const double base = a * price_[base_] + cost_weight_[base_];
  weigh(padded(), price_.data(), cost_weight_.data(), a, base, scratch.weight.data(), scratch.term.data());
  kernels::exp(scratch.term, scratch.term);
  const Sums sums = sum(padded(), scratch.term.data(), scratch.weight.data());
  const double average = sums.weighted / sums.term;
  const double n = static_cast<double>(size());
  constexpr double safe = 1.03;  // for the second-order terms of everything
  const StepFactors factors{a,
                            constants.rate,
                            constants.rate * a,
                            sums.term,
                            safe * 1.02 * u * (4.1 * (average + 2 * base) + 3.2 + 1.01 * n),
                            safe * 1.02 * u * 4.1};
  const Greatest greatest =
      ascend(padded(), factors, scratch.term.data(), scratch.weight.data(), scratch.moves.data(), price_.data());

  const double by_radius = a * radius_;
  const double tau = 3 * by_radius + safe * greatest.share_error + 2 * u;
  const double h_error = 2 * (a * greatest.price + by_radius) * tau + by_radius;
  const double h_max = 1 + a * greatest.price + h_error;
  const double slack = factors.rate_sensitivity * ((2 * tau + u) * (1 + 2 * h_max) + h_error) + 32 * u * (1 + h_max);
  double growth = greatest.growth + slack;
  if (!moves.empty()) growth = std::max(growth, 1.0);  // of those that do not move
  const double next_max = greatest.price + constants.rate;
  radius_ = (growth * radius_ + safe * greatest.rounding + u * next_max + lost_terms) * upward;
  const bool holds = by_radius <= 0.1 && average <= weight_max && base <= weight_max;  // false for a NaN, too
  if (!holds) radius_ = std::numeric_limits<double>::infinity();
}

void GroupPrices::step(const AscentConstants& constants) {
  if (size() == 1) step_alone(constants);
  else if (size() > 1) step_group(constants, {});
}

void GroupPrices::step(const AscentConstants& constants, std::span<const double> moves) {
  P2PLLM_ASSERT(moves.size() == size());
  if (std::ranges::none_of(moves, [](double one) { return one != 0; })) return;
  if (size() == 1) return step_alone(constants);
  step_group(constants, moves);
}

}  // namespace p2pllm::optimized
