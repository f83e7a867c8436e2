#include "reference/market/migration_state.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "reference/market/migration_rules.hpp"

namespace p2pllm::reference {
namespace {

std::int64_t length_of(const LayerRange& range) { return range.last - range.first; }

/// The weight of a key; under the revenue rule every weight is multiplied by e^shift.
Interval weight_of(MigrationRule rule, const Rational& key, long bits, const Rational& shift = 0) {
  if (rule == MigrationRule::share) return serving_capacity(Interval(key, bits));
  return exp(Interval(shift - key, bits));
}

std::vector<Rational> keys_of(const Rivals& rivals) {
  std::vector<Rational> keys = *rivals.keys;
  if (rivals.without != nullptr) keys.erase(std::lower_bound(keys.begin(), keys.end(), *rivals.without));
  return keys;
}

/// The sum of 1 / key, computed by halves so that denominators stay short for as long as possible.
Rational capacity_between(const Rational* first, const Rational* last) {
  if (first == last) return 0;
  if (last - first == 1) return serving_capacity(*first);
  const Rational* middle = first + (last - first) / 2;
  return capacity_between(first, middle) + capacity_between(middle, last);
}

/// Decides gains_by_moving exactly (MIG-8), from the keys that the two sides do not share.
Uncertain gains_exactly(MigrationRule rule, const Rivals& here, const Rivals& there) {
  const std::vector<Rational> all_here = keys_of(here);
  const std::vector<Rational> all_there = keys_of(there);
  std::vector<Rational> only_here;
  std::vector<Rational> only_there;
  std::ranges::set_difference(all_here, all_there, std::back_inserter(only_here));
  std::ranges::set_difference(all_there, all_here, std::back_inserter(only_there));
  if (only_here.empty() || only_there.empty()) return to_uncertain(!only_here.empty());
  if (rule == MigrationRule::share) return to_uncertain(gains_by_moving(capacity(only_here), capacity(only_there)));
  const Rational minimum = std::min(only_here.front(), only_there.front());
  return certify(migration_precision, [&](long bits) {
    const auto sum = [&](const std::vector<Rational>& keys) {
      Interval total(Rational(0), bits);
      for (const Rational& key : keys) total += weight_of(rule, key, bits, minimum);
      return total;
    };
    return gains_by_moving(sum(only_here), sum(only_there));
  });
}

}  // namespace

Rational capacity(const std::vector<Rational>& keys) {
  return capacity_between(keys.data(), keys.data() + keys.size());
}

MigrationState::MigrationState(const Network& network, const MigrationWeights& weights, const Allocation& allocation)
    : network_(network), weights_(weights) {
  std::set<LayerRange> targets(network.blocks.begin(), network.blocks.end());
  for (const Node& node : network.nodes) targets.insert(node.layers);
  ranges_.assign(targets.begin(), targets.end());
  for (std::size_t r = 0; r < ranges_.size(); ++r) of_length_[length_of(ranges_[r])].push_back(r);
  keys_.resize(ranges_.size());
  loads_.assign(ranges_.size(), Interval(Rational(0), filter_bits));
  for (std::size_t i = 0; i < network.size(); ++i) {
    own_.push_back(weight_of(weights.rule, weights.keys[i], filter_bits));
    const auto place = std::ranges::lower_bound(ranges_, allocation[i]);
    serves_.push_back(static_cast<std::size_t>(place - ranges_.begin()));
    keys_[serves_[i]].push_back(weights.keys[i]);
    loads_[serves_[i]] += own_[i];
  }
  for (auto& keys : keys_) std::ranges::sort(keys);
}

Result<std::size_t> MigrationState::destination(std::size_t node) const {
  const std::size_t here = serves_[node];
  if (!weights_.may_gain[node] || keys_[here].size() == 1) return here;  // MIG-3; MIG-4
  std::size_t best = here;
  for (const std::size_t target :
       of_length_.at(length_of(ranges_[here]))) {  // by rising x, so that the first of equals is kept
    if (target == here) continue;
    const Uncertain better = has_greater_share(node, target, best);
    if (!decided(better)) return undecided(node, target);
    if (certainly(better)) best = target;
  }
  return best;
}

Result<std::vector<std::size_t>> MigrationState::equal_targets(std::size_t node, std::size_t target) const {
  std::vector<std::size_t> equal;
  for (const std::size_t other : of_length_.at(length_of(ranges_[target]))) {
    const Uncertain more = has_greater_share(node, other, target);
    const Uncertain less = has_greater_share(node, target, other);
    if (!decided(more) || !decided(less)) return undecided(node, other);
    if (certainly_not(more) && certainly_not(less)) equal.push_back(other);
  }
  return equal;
}

Rational MigrationState::share_at(std::size_t node, std::size_t range) const {
  return load_share(serving_capacity(weights_.keys[node]), capacity(keys_of(rivals(node, range))));
}

void MigrationState::move(std::size_t node, std::size_t to) {
  leave(node);
  join(node, to);
}

void MigrationState::leave(std::size_t node) {
  const std::size_t from = serves_[node];
  auto& left = keys_[from];
  left.erase(std::ranges::lower_bound(left, weights_.keys[node]));
  loads_[from] -= own_[node];
  serves_[node] = ranges_.size();
}

void MigrationState::join(std::size_t node, std::size_t range) {
  auto& joined = keys_[range];
  joined.insert(std::ranges::lower_bound(joined, weights_.keys[node]), weights_.keys[node]);
  loads_[range] += own_[node];
  serves_[node] = range;
}

Result<std::size_t> MigrationState::best_target(std::size_t node, std::size_t like) const {
  const std::vector<std::size_t>& targets = of_length_.at(length_of(ranges_[like]));
  std::size_t best = targets.front();
  for (const std::size_t target : targets) {
    const Uncertain better = has_greater_share(node, target, best);
    if (!decided(better)) return undecided(node, target);
    if (certainly(better)) best = target;
  }
  return best;
}

Rivals MigrationState::rivals(std::size_t node, std::size_t range) const {
  if (range != serves_[node]) return {&keys_[range], nullptr, loads_[range]};
  return {&keys_[range], &weights_.keys[node], loads_[range] - own_[node]};
}

Uncertain MigrationState::has_greater_share(std::size_t node, std::size_t a, std::size_t b) const {
  const Rivals there = rivals(node, a);
  const Rivals here = rivals(node, b);
  const Uncertain filtered = gains_by_moving(here.load, there.load);
  return decided(filtered) ? filtered : gains_exactly(weights_.rule, here, there);
}

tl::unexpected<Fault> MigrationState::undecided(std::size_t node, std::size_t target) const {
  return limit_reached("undecided at " + std::to_string(migration_precision.last_bits) + " bits: whether node " +
                       network_.nodes[node].id + " gains by moving to " + to_string(ranges_[target]));
}

}  // namespace p2pllm::reference
