#include "reference/market/migrate.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "reference/market/demand_rules.hpp"
#include "reference/market/migration_rules.hpp"

namespace p2pllm::reference {
namespace {

std::int64_t length_of(const LayerRange& range) { return range.last - range.first; }

/// The weight of a key; under the revenue rule every weight is multiplied by e^shift.
Interval weight_of(MigrationRule rule, const Rational& key, long bits, const Rational& shift = 0) {
  if (rule == MigrationRule::share) return serving_capacity(Interval(key, bits));
  return exp(Interval(shift - key, bits));
}

/// A part of a load: the keys of some nodes, in ascending order, and the sum of their weights.
struct Rivals {
  const std::vector<Rational>* keys;
  const Rational* without;  ///< a key of which one occurrence is left out, or null
  Interval load;
};

std::vector<Rational> keys_of(const Rivals& rivals) {
  std::vector<Rational> keys = *rivals.keys;
  if (rivals.without != nullptr) keys.erase(std::lower_bound(keys.begin(), keys.end(), *rivals.without));
  return keys;
}

/// The sum of 1 / key, computed by halves so that denominators stay short for as long as possible.
Rational capacity(const Rational* first, const Rational* last) {
  if (first == last) return 0;
  if (last - first == 1) return serving_capacity(*first);
  const Rational* middle = first + (last - first) / 2;
  return capacity(first, middle) + capacity(middle, last);
}
Rational capacity(const std::vector<Rational>& costs) { return capacity(costs.data(), costs.data() + costs.size()); }

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

/// An allocation while it changes: the range that each node serves, and the loads.
class State {
 public:
  State(const Network& network, const MigrationWeights& weights, const Allocation& allocation)
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

  [[nodiscard]] const std::vector<LayerRange>& ranges() const { return ranges_; }
  [[nodiscard]] const std::map<std::int64_t, std::vector<std::size_t>>& of_length() const { return of_length_; }
  [[nodiscard]] std::size_t served_by(std::size_t node) const { return serves_[node]; }
  [[nodiscard]] const std::vector<Rational>& keys(std::size_t range) const { return keys_[range]; }
  [[nodiscard]] const Interval& load(std::size_t range) const { return loads_[range]; }
  [[nodiscard]] const Interval& own(std::size_t node) const { return own_[node]; }

  /// The target to which a node moves (MIG-5), or the range it serves; an error if that cannot be decided.
  [[nodiscard]] Result<std::size_t> destination(std::size_t node) const {
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

  void move(std::size_t node, std::size_t to) {
    const std::size_t from = serves_[node];
    auto& left = keys_[from];
    auto& joined = keys_[to];
    left.erase(std::ranges::lower_bound(left, weights_.keys[node]));
    joined.insert(std::ranges::lower_bound(joined, weights_.keys[node]), weights_.keys[node]);
    loads_[from] -= own_[node];
    loads_[to] += own_[node];
    serves_[node] = to;
  }

 private:
  static constexpr long filter_bits = 128;  ///< a comparison that the loads' width leaves open is decided exactly

  [[nodiscard]] Rivals rivals(std::size_t node, std::size_t range) const {
    if (range != serves_[node]) return {&keys_[range], nullptr, loads_[range]};
    return {&keys_[range], &weights_.keys[node], loads_[range] - own_[node]};
  }

  /// Whether the node's share would be greater at `a` than at `b` (MIG-3).
  [[nodiscard]] Uncertain has_greater_share(std::size_t node, std::size_t a, std::size_t b) const {
    const Rivals there = rivals(node, a);
    const Rivals here = rivals(node, b);
    const Uncertain filtered = gains_by_moving(here.load, there.load);
    return decided(filtered) ? filtered : gains_exactly(weights_.rule, here, there);
  }

  [[nodiscard]] tl::unexpected<Fault> undecided(std::size_t node, std::size_t target) const {
    return limit_reached("undecided at " + std::to_string(migration_precision.last_bits) + " bits: whether node " +
                         network_.nodes[node].id + " gains by moving to " + to_string(ranges_[target]));
  }

  const Network& network_;
  const MigrationWeights& weights_;
  std::vector<LayerRange> ranges_;  ///< every target, ascending
  std::map<std::int64_t, std::vector<std::size_t>> of_length_;
  std::vector<std::vector<Rational>> keys_;  ///< of the nodes that serve a range, ascending
  std::vector<Interval> loads_;
  std::vector<Interval> own_;        ///< weight of a node
  std::vector<std::size_t> serves_;  ///< range of a node
};

}  // namespace

MigrationWeights share_weights(const Network& network) {
  MigrationWeights weights{MigrationRule::share, {}, std::vector<bool>(network.size(), true)};
  for (const Node& node : network.nodes) weights.keys.push_back(node.cost);
  return weights;
}

MigrationWeights revenue_weights(const Network& network, const Prices& prices, const Rational& alpha) {
  MigrationWeights weights{MigrationRule::revenue, {}, {}};
  const Rational sensitivity = price_sensitivity(alpha, network.price_scale, network.temperature);
  for (std::size_t i = 0; i < network.size(); ++i) {
    const Rational by_cost = cost_weight(alpha, network.nodes[i].cost, network.cost_scale, network.temperature);
    weights.keys.push_back(demand_weight(sensitivity, prices.values[i], by_cost));
    weights.may_gain.push_back(prices.values[i].sign() > 0);
  }
  return weights;
}

Allocation initial_allocation(const Network& network) {
  Allocation allocation;
  for (const Node& node : network.nodes) allocation.push_back(node.layers);
  return allocation;
}

Result<Migration> migrate(const Network& network, const MigrationWeights& weights, const Progress& progress) {
  Migration result{{}, initial_allocation(network)};
  State state(network, weights, result.allocation);
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t i = 0; i < network.size(); ++i) {
      report(progress, i, network.size());
      const auto to = state.destination(i);
      if (!to) return tl::unexpected<Fault>(to.error());
      if (*to == state.served_by(i)) continue;
      if (result.moves.size() == moves_max)
        return limit_reached("not at rest after " + std::to_string(moves_max) + " moves");
      result.moves.push_back({i, result.allocation[i], state.ranges()[*to]});
      result.allocation[i] = state.ranges()[*to];
      state.move(i, *to);
      moved = true;
    }
  }
  return result;
}

Result<std::vector<Move>> gaining_moves(const Network& network, const MigrationWeights& weights,
                                        const Allocation& allocation) {
  const State state(network, weights, allocation);
  std::vector<Move> moves;
  for (std::size_t i = 0; i < network.size(); ++i) {
    const auto to = state.destination(i);
    if (!to) return tl::unexpected<Fault>(to.error());
    if (*to != state.served_by(i)) moves.push_back({i, allocation[i], state.ranges()[*to]});
  }
  return moves;
}

std::vector<RangeLoad> loads_of(const Network& network, const MigrationWeights& weights, const Allocation& allocation) {
  const State state(network, weights, allocation);
  std::vector<RangeLoad> result;
  for (std::size_t r = 0; r < state.ranges().size(); ++r) {
    RangeLoad& entry = result.emplace_back(RangeLoad{state.ranges()[r], state.keys(r).size(), {}});
    if (weights.rule == MigrationRule::share) entry.load.lower = entry.load.upper = capacity(state.keys(r));
    else entry.load = {*state.load(r).lower(), *state.load(r).upper()};  // e^-w <= 1: never infinite
  }
  return result;
}

BalanceClaim balance_claim(const Network& network, const MigrationWeights& weights, const Allocation& allocation) {
  constexpr int margin_digits = 6;
  // A load may be e^30000 times another, which is beyond the checker's exponentials; any lower bound is sufficient.
  const Rational margin_max = 1'000'000;
  const State state(network, weights, allocation);
  std::vector<std::optional<std::size_t>> lightest(state.ranges().size());
  for (std::size_t i = 0; i < network.size(); ++i) {
    auto& chosen = lightest[state.served_by(i)];
    if (weights.may_gain[i] && (!chosen || weights.keys[i] > weights.keys[*chosen])) chosen = i;
  }
  BalanceClaim claim;
  claim.rule = weights.rule;
  claim.allocation = allocation;
  for (const auto& [length, ranges] : state.of_length())
    for (const std::size_t here : ranges)
      for (const std::size_t there : ranges) {
        if (there == here || !lightest[here]) continue;
        const std::size_t node = *lightest[here];
        const auto margin = moving_margin(state.load(here), state.load(there), state.own(node)).lower();
        const Rational shown = margin ? round_decimal(*margin, margin_digits, Rounding::down) : Rational(0);
        claim.comparisons.push_back({node, state.ranges()[there], std::clamp(shown, Rational(0), margin_max)});
      }
  return claim;
}

}  // namespace p2pllm::reference
