#include "optimized/simulation/placement.hpp"

#include <algorithm>
#include <numeric>

#include "model/assert.hpp"
#include "optimized/market/wide.hpp"

namespace p2pllm::optimized {
namespace {

RangeIndex index_of(const Network& network) {
  RangeIndex index;
  index.ranges = network.blocks;
  for (const Node& node : network.nodes)
    if (index.ranges.empty() || index.ranges.back() != node.layers) index.ranges.push_back(node.layers);
  std::ranges::sort(index.ranges);
  index.ranges.erase(std::unique(index.ranges.begin(), index.ranges.end()),
                     index.ranges.end());  // clang 14 has no std::ranges::unique
  index.of_node.reserve(network.size());
  for (const Node& node : network.nodes) index.of_node.push_back(index.place(node.layers));
  return index;
}

}  // namespace

std::optional<MigrationKeys> plan_keys(WeightRule rule, const Network& network) {
  constexpr std::size_t bits_max = 128;
  MigrationKeys keys{MigrationRule::share, {}, 1, std::vector<bool>(network.size(), true)};
  if (rule == WeightRule::count) {
    keys.keys.assign(network.size(), 1);
    return keys;
  }
  mpz_class common = 1;
  for (const Node& node : network.nodes) {
    common = lcm(common, node.cost.denominator());
    if (mpz_sizeinbase(common.get_mpz_t(), 2) > bits_max) return std::nullopt;
  }
  keys.unit = Rational(mpz_class(1), common);
  keys.keys.reserve(network.size());
  for (const Node& node : network.nodes) {
    const mpz_class key = node.cost.numerator() * (common / node.cost.denominator());
    if (mpz_sizeinbase(key.get_mpz_t(), 2) > bits_max) return std::nullopt;
    keys.keys.push_back(to_wide(key));
  }
  return keys;
}

Placement::Placement(const Scenario& scenario, const Network& network, MigrationKeys keys, std::uint64_t seed)
    : scenario_(scenario),
      draws_(seed),
      keys_(std::move(keys)),
      index_(index_of(network)),
      serves_(index_.of_node),
      present_(network.size()) {
  std::iota(present_.begin(), present_.end(), std::size_t{0});
  if (scenario.migration || (scenario.churn && scenario.churn->target == JoinTarget::best))
    state_ = std::make_unique<MigrationState>(keys_, index_, nullptr);
}

void Placement::leave(std::uint32_t node) {
  const bool is_decided = !state_ || state_->leave(node);
  P2PLLM_ASSERT(is_decided);  // as every comparison of sums of rationals
  serves_[node] = static_cast<std::uint32_t>(index_.size());
  present_.erase(std::ranges::lower_bound(present_, node));
}

std::uint32_t Placement::join(std::uint32_t node, std::int64_t step) {
  constexpr std::uint32_t which_target = 1;
  const auto at = static_cast<std::uint64_t>(step);
  enter(node, scenario_.churn->target == JoinTarget::best
                  ? state_->least_loaded(0)
                  : static_cast<std::uint32_t>(
                        index_below(index_.size(), draws_.bits(Stream::joins, at, node, which_target))));
  return serves_[node];
}

void Placement::enter(std::uint32_t node, std::uint32_t to) {
  serves_[node] = to;
  const bool is_decided = !state_ || state_->join(node, to);
  P2PLLM_ASSERT(is_decided);
  present_.insert(std::ranges::lower_bound(present_, node), node);
}

void Placement::move(std::uint32_t node, std::uint32_t to) {
  const bool is_decided = !state_ || state_->move(node, to);
  P2PLLM_ASSERT(is_decided);  // as every comparison of sums of rationals
  serves_[node] = to;
}

/// All nodes are where a state says (SIM-17).
void Placement::put_all(const std::vector<std::uint32_t>& serves) {
  for (std::uint32_t node = 0; node < serves.size(); ++node) {
    if (serves[node] == serves_[node]) continue;
    if (serves[node] == index_.size()) {
      leave(node);
    } else if (is_absent(node)) {
      enter(node, serves[node]);
    } else {
      move(node, serves[node]);
    }
  }
}

std::uint32_t Placement::destination(std::uint32_t node) {
  const auto to = state_->destination(node);
  P2PLLM_ASSERT(to.has_value());
  return *to;
}

void Placement::ask(std::uint32_t node) {
  const std::uint32_t from = serves_[node];
  std::uint32_t to = destination(node);
  if (to == from) return;
  if (scenario_.migration->tie == TieRule::random) {
    const auto equal = state_->equal_destinations(to);
    P2PLLM_ASSERT(equal.has_value());
    constexpr std::uint32_t among_equals = 1;
    to = (*equal)[index_below(equal->size(), bits(node, among_equals))];
  }
  move(node, to);
  steps_.push_back({node, from, to});
}

/// The load of a range in units of 1 / unit, without one node's weight.
Rational Placement::load_without(std::uint32_t range, std::uint32_t node) const {
  Rational load = 0;
  for (std::uint32_t other = 0; other < serves_.size(); ++other)
    if (serves_[other] == range && other != node) load += Rational(mpz_class(1), to_integer(keys_.keys[other]));
  return load;
}

void Placement::ask_best() {
  std::optional<std::uint32_t> best;
  Rational most = 0;
  for (const std::size_t present : present_) {
    const auto node = static_cast<std::uint32_t>(present);
    const std::uint32_t to = destination(node);
    if (to == serves_[node]) continue;
    const Rational own(mpz_class(1), to_integer(keys_.keys[node]));
    const Rational here = own + load_without(serves_[node], node);
    const Rational there = own + load_without(to, node);
    const Rational rise = own / there - own / here;
    if (rise <= most) continue;
    best = node;
    most = rise;
  }
  if (best) ask(*best);
}

void Placement::ask_gainer(bool first) {
  std::vector<std::uint32_t> gainers;
  for (const std::size_t present : present_) {
    const auto node = static_cast<std::uint32_t>(present);
    if (destination(node) == serves_[node]) continue;
    gainers.push_back(node);
    if (first) break;
  }
  if (!gainers.empty()) ask(first ? gainers.front() : gainers[index_below(gainers.size(), bits(0))]);
}

void Placement::ask_next() {
  const auto at = std::ranges::lower_bound(present_, next_);
  const auto node = static_cast<std::uint32_t>(at == present_.end() ? present_.front() : *at);
  next_ = node + 1;
  ask(node);
}

const std::vector<Placement::Step>& Placement::round(std::int64_t step) {
  P2PLLM_ASSERT(scenario_.migration.has_value());
  steps_.clear();
  step_ = step;
  if (present_.empty()) return steps_;
  switch (scenario_.migration->schedule) {
    case MigrationSchedule::sweep:
      for (const std::size_t node : present_) ask(static_cast<std::uint32_t>(node));
      break;
    case MigrationSchedule::sweep_random:
      for (const std::size_t node : random_order(draws_, static_cast<std::uint64_t>(step), present_))
        ask(static_cast<std::uint32_t>(node));
      break;
    case MigrationSchedule::next: ask_next(); break;
    case MigrationSchedule::one_random:
      ask(static_cast<std::uint32_t>(present_[index_below(present_.size(), bits(0))]));
      break;
    case MigrationSchedule::best: ask_best(); break;
    case MigrationSchedule::first: ask_gainer(true); break;
    case MigrationSchedule::gainer_random: ask_gainer(false); break;
    case MigrationSchedule::probability:
      for (const std::size_t present : present_) {
        const auto node = static_cast<std::uint32_t>(present);
        if (happens(scenario_.migration->probability, bits(node))) ask(node);
      }
      break;
  }
  return steps_;
}

}  // namespace p2pllm::optimized
