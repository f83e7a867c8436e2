#include "reference/simulation/revenue_moves.hpp"

#include <algorithm>
#include <iterator>

#include "reference/market/demand_rules.hpp"
#include "reference/market/migration_rules.hpp"

namespace p2pllm::reference {
namespace {

/// No weight is negative, so this names none that is known as a rational number.
const Rational by_lineage = -1;

}  // namespace

RevenueMoves::RevenueMoves(const FrozenPrices& frozen, MigrationState& state,
                           const std::vector<std::vector<std::size_t>>& members)
    : frozen_(frozen),
      state_(state),
      sensitivity_(price_sensitivity(frozen.alpha, frozen.network.price_scale, frozen.network.temperature)),
      members_(members.size()),
      weighed_(frozen.network.size()),
      loads_(members.size(), Interval(Rational(0), frozen.bits)) {
  for (std::size_t range = 0; range < members.size(); ++range)
    for (const std::size_t node : members[range]) join(node, range);
}

RevenueMoves::Weighed RevenueMoves::weigh(std::size_t node, std::size_t range) const {
  const Network& network = frozen_.network;
  const Rational by_cost =
      cost_weight(frozen_.alpha, network.nodes[node].cost, network.cost_scale, network.temperature);
  std::optional<Rational> exact;
  if (sensitivity_.sign() == 0) exact = by_cost;
  else if (frozen_.exact[node]) exact = demand_weight(sensitivity_, *frozen_.exact[node], by_cost);
  const auto [price, weight] = frozen_.prices.enclosed(range, node);
  return {exact, weight, exp(-weight), price};
}

void RevenueMoves::join(std::size_t node, std::size_t range) {
  members_[range].push_back(node);
  weighed_[node] = weigh(node, range);
  loads_[range] += weighed_[node]->term;
}

void RevenueMoves::move(std::size_t node, std::size_t to) {
  const std::size_t from = state_.served_by(node);
  state_.move(node, to);
  std::erase(members_[from], node);
  members_[to].push_back(node);
  loads_[from] -= weighed_[node]->term;
  loads_[to] += weighed_[node]->term;
}

/// The nodes of a range but this one, by the names of their weights.
std::vector<RevenueMoves::Named> RevenueMoves::rivals(std::size_t node, std::size_t range) const {
  std::vector<Named> all;
  for (const std::size_t other : members_[range]) {
    if (other == node) continue;
    const auto& exact = weighed_[other]->exact;
    all.push_back({exact ? WeightName(*exact, 0) : WeightName(by_lineage, frozen_.lineages.of(other)), other});
  }
  std::ranges::sort(all, {}, &Named::name);
  return all;
}

Interval RevenueMoves::rivals_load(std::size_t node, std::size_t range) const {
  return state_.served_by(node) == range ? loads_[range] - weighed_[node]->term : loads_[range];
}

/// Whether the rivals' load of a node at `a` is less than at `b` (MIG-3).
Uncertain RevenueMoves::is_less(std::size_t node, std::size_t a, std::size_t b) const {
  const Uncertain filtered = gains_by_moving(rivals_load(node, b), rivals_load(node, a));
  if (decided(filtered)) return filtered;
  const std::vector<Named> all_there = rivals(node, a), all_here = rivals(node, b);
  std::vector<Named> there, here;
  std::ranges::set_difference(all_there, all_here, std::back_inserter(there), {}, &Named::name, &Named::name);
  std::ranges::set_difference(all_here, all_there, std::back_inserter(here), {}, &Named::name, &Named::name);
  if (there.empty() || here.empty()) return to_uncertain(!here.empty());
  const Interval& shift = weighed_[here.front().node]->weight;  // any one: it keeps the terms from vanishing
  const auto sum = [&](const std::vector<Named>& nodes) {
    Interval total(Rational(0), frozen_.bits);
    for (const Named& one : nodes) total += exp(shift.midpoint() - weighed_[one.node]->weight);
    return total;
  };
  return gains_by_moving(sum(here), sum(there));
}

Result<std::size_t> RevenueMoves::destination(std::size_t node) const {
  const std::size_t here = state_.served_by(node);
  const bool earns_nothing = frozen_.exact[node] && frozen_.exact[node]->sign() == 0;  // MIG-3
  if (earns_nothing || members_[here].size() == 1) return here;                        // MIG-4
  std::size_t best = here;
  const LayerRange& own = state_.ranges()[here];
  for (const std::size_t target : state_.of_length().at(own.last - own.first)) {
    if (target == here) continue;
    const Uncertain better = is_less(node, target, best);
    if (!decided(better)) return undecided(node, target);
    if (certainly(better)) best = target;
  }
  return best;
}

Result<std::vector<std::size_t>> RevenueMoves::equal_targets(std::size_t node, std::size_t target) const {
  std::vector<std::size_t> equal;
  const LayerRange& own = state_.ranges()[target];
  for (const std::size_t other : state_.of_length().at(own.last - own.first)) {
    const Uncertain more = is_less(node, other, target), less = is_less(node, target, other);
    if (!decided(more) || !decided(less)) return undecided(node, other);
    if (certainly_not(more) && certainly_not(less)) equal.push_back(other);
  }
  return equal;
}

Result<std::size_t> RevenueMoves::best_target(std::size_t node) const {
  std::size_t best = 0;
  for (std::size_t target = 1; target < members_.size(); ++target) {
    const Uncertain better = is_less(node, target, best);
    if (!decided(better)) return undecided(node, target);
    if (certainly(better)) best = target;
  }
  return best;
}

Interval RevenueMoves::rise(const Wish& wish) const {
  const Weighed& own = *weighed_[wish.node];
  const auto share = [&](std::size_t range) { return load_share(own.term, rivals_load(wish.node, range)); };
  return revenue(own.price, share(wish.to) - share(state_.served_by(wish.node)));
}

/// Whether two nodes of one lineage have rivals of the same weights here, and would have so there: their revenues then
/// rise by the same number.
bool RevenueMoves::are_alike(const Wish& one, const Wish& other) const {
  if (frozen_.lineages.of(one.node) != frozen_.lineages.of(other.node)) return false;
  const auto same = [&](std::size_t range, std::size_t its_range) {
    return std::ranges::equal(rivals(one.node, range), rivals(other.node, its_range), {}, &Named::name, &Named::name);
  };
  return same(state_.served_by(one.node), state_.served_by(other.node)) && same(one.to, other.to);
}

Result<bool> RevenueMoves::gives_more(const Wish& one, const Wish& other) const {
  const Uncertain more = rise(other) < rise(one);
  if (decided(more)) return certainly(more);
  if (are_alike(one, other)) return false;
  return limit_reached("which of the nodes " + frozen_.network.nodes[one.node].id + " and " +
                       frozen_.network.nodes[other.node].id + " gains more by moving");
}

tl::unexpected<Fault> RevenueMoves::undecided(std::size_t node, std::size_t target) const {
  return limit_reached("whether node " + frozen_.network.nodes[node].id + " earns more at " +
                       to_string(state_.ranges()[target]));
}

}  // namespace p2pllm::reference
