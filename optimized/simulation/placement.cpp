#include "optimized/simulation/placement.hpp"

#include <algorithm>
#include <numeric>

#include "model/assert.hpp"
#include "optimized/market/wide.hpp"

namespace p2pllm::optimized {
namespace {

RangeIndex index_of(const Peers& peers) {
  RangeIndex index;
  index.ranges = peers.market().blocks;
  for (std::size_t node = 0; node < peers.size(); ++node)
    if (const LayerRange range = peers.layers(node); index.ranges.empty() || index.ranges.back() != range)
      index.ranges.push_back(range);
  std::ranges::sort(index.ranges);
  index.ranges.erase(std::unique(index.ranges.begin(), index.ranges.end()),
                     index.ranges.end());  // clang 14 has no std::ranges::unique
  index.of_node.reserve(peers.size());
  for (std::size_t node = 0; node < peers.size(); ++node) index.of_node.push_back(index.place(peers.layers(node)));
  return index;
}

}  // namespace

std::optional<MigrationKeys> plan_keys(WeightRule rule, const Peers& peers) {
  constexpr std::size_t bits_max = 128;
  MigrationKeys keys{MigrationRule::share, {}, 1, std::vector<bool>(peers.size(), true)};
  if (rule != WeightRule::share) {
    keys.keys.assign(peers.size(), 1);
    return keys;
  }
  mpz_class common = 1;
  for (std::size_t node = 0; node < peers.size(); ++node) {
    common = lcm(common, peers.cost(node).denominator());
    if (mpz_sizeinbase(common.get_mpz_t(), 2) > bits_max) return std::nullopt;
  }
  keys.unit = Rational(mpz_class(1), common);
  keys.keys.reserve(peers.size());
  for (std::size_t node = 0; node < peers.size(); ++node) {
    const Rational cost = peers.cost(node);
    const mpz_class key = cost.numerator() * (common / cost.denominator());
    if (mpz_sizeinbase(key.get_mpz_t(), 2) > bits_max) return std::nullopt;
    keys.keys.push_back(to_wide(key));
  }
  return keys;
}

Placement::Placement(const Scenario& scenario, const Peers& peers, MigrationKeys keys, std::uint64_t seed)
    : scenario_(scenario),
      draws_(seed),
      keys_(std::move(keys)),
      index_(index_of(peers)),
      serves_(index_.of_node),
      present_(scenario.migration ? peers.size() : 0) {
  std::iota(present_.begin(), present_.end(), std::size_t{0});
  const bool is_by_revenue = scenario.migration && scenario.migration->rule == WeightRule::revenue;
  const bool joins_best = scenario.churn && scenario.churn->target == JoinTarget::best;
  if (!is_by_revenue && (scenario.migration || joins_best))
    state_ = std::make_unique<MigrationState>(keys_, index_, nullptr);
  else index_.of_node = {};
}

void Placement::leave(std::uint32_t node) {
  const bool is_decided = !state_ || state_->leave(node);
  P2PLLM_ASSERT(is_decided);  // as every comparison of sums of rationals
  serves_[node] = static_cast<std::uint32_t>(index_.size());
  if (scenario_.migration) present_.erase(std::ranges::lower_bound(present_, node));
}

std::optional<std::uint32_t> Placement::join(std::uint32_t node, std::int64_t step, const RevenueLoads* loads) {
  constexpr std::uint32_t which_target = 1;
  std::optional<std::uint32_t> to;
  if (scenario_.churn->target == JoinTarget::random) {
    const auto drawn = draws_.bits(Stream::joins, static_cast<std::uint64_t>(step), node, which_target);
    to = static_cast<std::uint32_t>(index_below(index_.size(), drawn));
  } else {
    to = loads != nullptr ? loads->least_loaded() : state_->least_loaded(0);
  }
  if (to) enter(node, *to);
  return to;
}

void Placement::enter(std::uint32_t node, std::uint32_t to) {
  serves_[node] = to;
  const bool is_decided = !state_ || state_->join(node, to);
  P2PLLM_ASSERT(is_decided);
  if (scenario_.migration) present_.insert(std::ranges::lower_bound(present_, node), node);
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

std::optional<std::uint32_t> Placement::destination(std::uint32_t node) {
  if (loads_ != nullptr) return loads_->destination(node, serves_[node]);
  const auto to = state_->destination(node);
  P2PLLM_ASSERT(to.has_value());
  return to;
}

std::optional<std::vector<std::uint32_t>> Placement::equal_destinations(std::uint32_t node, std::uint32_t to) {
  if (loads_ != nullptr) return loads_->equal_destinations({node, serves_[node], to});
  const auto equal = state_->equal_destinations(to);
  P2PLLM_ASSERT(equal.has_value());
  return equal;
}

bool Placement::ask(std::uint32_t node) {
  const std::uint32_t from = serves_[node];
  auto to = destination(node);
  if (!to) return false;
  if (*to == from) return true;
  if (scenario_.migration->tie == TieRule::random) {
    const auto equal = equal_destinations(node, *to);
    if (!equal) return false;
    constexpr std::uint32_t among_equals = 1;
    to = (*equal)[index_below(equal->size(), bits(node, among_equals))];
  }
  move(node, *to);
  if (loads_ != nullptr) loads_->move({node, from, *to});
  steps_.push_back({node, from, *to});
  return true;
}

/// The load of a range in units of 1 / unit, without one node's weight.
Rational Placement::load_without(std::uint32_t range, std::uint32_t node) const {
  Rational load = 0;
  for (std::uint32_t other = 0; other < serves_.size(); ++other)
    if (serves_[other] == range && other != node) load += Rational(mpz_class(1), to_integer(keys_.keys[other]));
  return load;
}

/// By how much a node's share rises.
Rational Placement::rise(const Step& step) const {
  const Rational own(mpz_class(1), to_integer(keys_.keys[step.node]));
  const Rational here = own + load_without(step.from, step.node);
  const Rational there = own + load_without(step.to, step.node);
  return own / there - own / here;
}

std::optional<bool> Placement::gives_more(const Step& one, const Step& other) const {
  if (loads_ == nullptr) return rise(other) < rise(one);
  return loads_->gives_more({one.node, one.from, one.to}, {other.node, other.from, other.to});
}

bool Placement::ask_best() {
  std::optional<Step> best;
  for (const std::size_t present : present_) {
    const auto node = static_cast<std::uint32_t>(present);
    const auto to = destination(node);
    if (!to) return false;
    if (*to == serves_[node]) continue;
    const Step wish{node, serves_[node], *to};
    const auto more = best ? gives_more(wish, *best) : std::optional(true);
    if (!more) return false;
    if (*more) best = wish;
  }
  return !best || ask(best->node);
}

bool Placement::ask_gainer(bool first) {
  std::vector<std::uint32_t> gainers;
  for (const std::size_t present : present_) {
    const auto node = static_cast<std::uint32_t>(present);
    const auto to = destination(node);
    if (!to) return false;
    if (*to == serves_[node]) continue;
    gainers.push_back(node);
    if (first) break;
  }
  return gainers.empty() || ask(first ? gainers.front() : gainers[index_below(gainers.size(), bits(0))]);
}

bool Placement::ask_next() {
  const auto at = std::ranges::lower_bound(present_, next_);
  const auto node = static_cast<std::uint32_t>(at == present_.end() ? present_.front() : *at);
  next_ = node + 1;
  return ask(node);
}

bool Placement::ask_all(const std::vector<std::size_t>& nodes) {
  return std::ranges::all_of(nodes, [this](std::size_t node) { return ask(static_cast<std::uint32_t>(node)); });
}

bool Placement::round(std::int64_t step, RevenueLoads* loads) {
  P2PLLM_ASSERT(scenario_.migration.has_value());
  steps_.clear();
  step_ = step;
  loads_ = loads;
  if (present_.empty()) return true;
  switch (scenario_.migration->schedule) {
    case MigrationSchedule::sweep: return ask_all(present_);
    case MigrationSchedule::sweep_random:
      return ask_all(random_order(draws_, static_cast<std::uint64_t>(step), present_));
    case MigrationSchedule::next: return ask_next();
    case MigrationSchedule::one_random:
      return ask(static_cast<std::uint32_t>(present_[index_below(present_.size(), bits(0))]));
    case MigrationSchedule::best: return ask_best();
    case MigrationSchedule::first: return ask_gainer(true);
    case MigrationSchedule::gainer_random: return ask_gainer(false);
    case MigrationSchedule::probability:
      return std::ranges::all_of(present_, [this](std::size_t present) {
        const auto node = static_cast<std::uint32_t>(present);
        return !happens(scenario_.migration->probability, bits(node)) || ask(node);
      });
  }
  return true;
}

}  // namespace p2pllm::optimized
