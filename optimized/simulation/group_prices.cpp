#include "optimized/simulation/group_prices.hpp"

#include <algorithm>

#include "kernels/market/ascent_lane.hpp"
#include "kernels/portable/exp.hpp"
#include "model/assert.hpp"
#include "optimized/market/clones.hpp"

namespace p2pllm::optimized {
namespace {

constexpr double u = kernels::eps;
constexpr double padding_weight = kernels::ascent_padding_weight;
constexpr double upward = 1 + 0x1p-48;                     ///< more than the roundings of a bound's own few operations
constexpr std::size_t lane_count = kernels::ascent_lanes;  ///< columns are padded to a multiple of it

struct Sums {
  double term = 0;
  double weighted = 0;  ///< terms times weights
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

P2PLLM_CLONES
kernels::StepGreatest ascend(std::size_t count, const kernels::StepFactors& factors, const double* __restrict term,
                             const double* __restrict weight, const double* __restrict moves,
                             double* __restrict price) {
  const kernels::StepFactors f = factors;  // no store can change it
  double growths[lane_count] = {}, roundings[lane_count] = {}, prices[lane_count] = {}, errors[lane_count] = {};
  in_lanes(count, [&](std::size_t k, std::size_t lane) {
    const double before = price[k];
    const kernels::Ascended of = kernels::ascended(f, term[k], weight[k], before);
    price[k] = before + moves[k] * of.rise;
    const double growth = moves[k] * of.part.growth;
    growths[lane] = growth > growths[lane] ? growth : growths[lane];
    roundings[lane] = of.part.rounding > roundings[lane] ? of.part.rounding : roundings[lane];
    prices[lane] = before > prices[lane] ? before : prices[lane];
    errors[lane] = of.part.share_error > errors[lane] ? of.part.share_error : errors[lane];
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
  if (base_age_++ % kernels::steps_of_a_base == 0) choose_base(a);
  const double base = a * price_[base_] + cost_weight_[base_];
  weigh(padded(), price_.data(), cost_weight_.data(), a, base, scratch.weight.data(), scratch.term.data());
  kernels::exp(scratch.term, scratch.term);
  const Sums sums = sum(padded(), scratch.term.data(), scratch.weight.data());
  const kernels::StepFactors factors =
      kernels::step_factors(a, constants.rate, sums.term, sums.weighted, base, static_cast<double>(size()));
  const kernels::StepGreatest greatest =
      ascend(padded(), factors, scratch.term.data(), scratch.weight.data(), scratch.moves.data(), price_.data());
  radius_ = kernels::next_radius(factors, greatest, radius_, !moves.empty());
}

void GroupPrices::set_ascended(std::span<const double> price, std::size_t base, std::uint32_t base_age, double radius) {
  std::ranges::copy(price.first(size()), price_.begin());
  base_ = base;
  base_age_ = base_age;
  radius_ = radius;
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
