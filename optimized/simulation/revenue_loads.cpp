#include "optimized/simulation/revenue_loads.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include "kernels/market/migration_rules.hpp"

namespace p2pllm::optimized {
namespace {

using kernels::DoubleInterval;

DoubleInterval enclosed_price(const GroupPrices::Member& member, double radius) {
  return DoubleInterval(member.price) + DoubleInterval(-radius, radius);
}

DoubleInterval enclosed_weight(const GroupPrices::Member& member, const DoubleInterval& price,
                               const DoubleInterval& sensitivity) {
  const double by_cost = member.cost_weight;  // rounded to nearest
  return sensitivity * price + DoubleInterval(kernels::next_down(by_cost), kernels::next_up(by_cost));
}

}  // namespace

RevenueLoads::RevenueLoads(std::span<const GroupPrices> groups, const DoubleInterval& sensitivity, const Twins& twins,
                           const std::vector<LayerRange>& ranges, std::size_t nodes)
    : sensitivity_(sensitivity),
      twins_(twins),
      ranges_(ranges),
      members_(groups.size()),
      term_(nodes),
      price_(nodes),
      loads_(groups.size()) {
  const auto member = [](const GroupPrices& group, std::size_t k) {
    return GroupPrices::Member{group.nodes()[k], group.price(k), group.cost_weight(k)};
  };
  double least = std::numeric_limits<double>::max();
  for (const GroupPrices& group : groups)
    for (std::size_t k = 0; k < group.size(); ++k) {
      const GroupPrices::Member one = member(group, k);
      shift_ = least = std::min(least, enclosed_weight(one, DoubleInterval(one.price), sensitivity).lower());
    }
  for (std::uint32_t range = 0; range < groups.size(); ++range)
    for (std::size_t k = 0; k < groups[range].size(); ++k)
      join(member(groups[range], k), groups[range].radius(), range);
}

void RevenueLoads::join(const GroupPrices::Member& member, double radius, std::uint32_t to) {
  price_[member.node] = enclosed_price(member, radius);
  term_[member.node] = exp(DoubleInterval(shift_) - enclosed_weight(member, price_[member.node], sensitivity_));
  members_[to].push_back(member.node);
  loads_[to] = loads_[to] + term_[member.node];
}

void RevenueLoads::move(const Wish& wish) {
  std::erase(members_[wish.from], wish.node);
  members_[wish.to].push_back(wish.node);
  loads_[wish.from] = loads_[wish.from] - term_[wish.node];
  loads_[wish.to] = loads_[wish.to] + term_[wish.node];
}

DoubleInterval RevenueLoads::load(const Load& of) const {
  return of.without == nobody ? loads_[of.range] : loads_[of.range] - term_[of.without];
}

DoubleInterval RevenueLoads::sum(const std::vector<std::uint32_t>& nodes) const {
  DoubleInterval total;
  for (const std::uint32_t node : nodes) total = total + term_[node];
  return total;
}

/// The nodes of a load by the classes of their weights, so that equal ones of two loads meet.
std::vector<std::uint32_t> RevenueLoads::in_order(const Load& of) const {
  std::vector<std::uint32_t> nodes = members_[of.range];
  std::erase(nodes, of.without);
  std::ranges::sort(nodes, {}, [&](std::uint32_t node) { return twins_.by_weight(node); });
  return nodes;
}

Uncertain RevenueLoads::is_less(const Load& a, const Load& b) const {
  const Uncertain filtered = kernels::is_less_loaded(load(a), load(b));
  if (decided(filtered)) return filtered;
  const auto by_class = [&](std::uint32_t node) { return twins_.by_weight(node); };
  const std::vector<std::uint32_t> all_a = in_order(a), all_b = in_order(b);
  std::vector<std::uint32_t> only_a, only_b;
  std::ranges::set_difference(all_a, all_b, std::back_inserter(only_a), {}, by_class, by_class);
  std::ranges::set_difference(all_b, all_a, std::back_inserter(only_b), {}, by_class, by_class);
  if (only_a.empty() || only_b.empty()) return to_uncertain(!only_b.empty());
  return kernels::is_less_loaded(sum(only_a), sum(only_b));
}

std::optional<std::uint32_t> RevenueLoads::destination(std::uint32_t node, std::uint32_t from) const {
  if (twins_.earns_nothing(node) || members_[from].size() == 1) return from;
  const auto length = [&](std::uint32_t range) { return ranges_[range].last - ranges_[range].first; };
  Load best{from, node};
  for (std::uint32_t to = 0; to < ranges_.size(); ++to) {
    if (to == from || length(to) != length(from)) continue;
    const Uncertain better = is_less({to, nobody}, best);
    if (!decided(better)) return std::nullopt;
    if (certainly(better)) best = {to, nobody};
  }
  return best.range;
}

std::optional<std::vector<std::uint32_t>> RevenueLoads::equal_destinations(const Wish& wish) const {
  const auto length = [&](std::uint32_t range) { return ranges_[range].last - ranges_[range].first; };
  std::vector<std::uint32_t> equal;
  for (std::uint32_t to = 0; to < ranges_.size(); ++to) {
    if (to == wish.from || length(to) != length(wish.from)) continue;  // it gains, so what it leaves is no equal
    const Uncertain more = is_less({wish.to, nobody}, {to, nobody});
    if (!decided(more)) return std::nullopt;
    if (certainly_not(more)) equal.push_back(to);  // none is less than the least
  }
  return equal;
}

std::optional<std::uint32_t> RevenueLoads::least_loaded() const {
  std::uint32_t least = 0;
  for (std::uint32_t range = 1; range < ranges_.size(); ++range) {
    const Uncertain better = is_less({range, nobody}, {least, nobody});
    if (!decided(better)) return std::nullopt;
    if (certainly(better)) least = range;
  }
  return least;
}

DoubleInterval RevenueLoads::rise(const Wish& wish) const {
  const DoubleInterval& own = term_[wish.node];
  const DoubleInterval here = own / (own + load({wish.from, wish.node}));
  const DoubleInterval there = own / (own + load({wish.to, nobody}));
  return price_[wish.node] * (there - here);
}

bool RevenueLoads::are_alike(const Load& a, const Load& b) const {
  const auto by_class = [&](std::uint32_t node) { return twins_.by_weight(node); };
  return std::ranges::equal(in_order(a), in_order(b), {}, by_class, by_class);
}

std::optional<bool> RevenueLoads::gives_more(const Wish& one, const Wish& other) const {
  const Uncertain more = rise(other) < rise(one);
  if (decided(more)) return certainly(more);
  const bool is_same = twins_.of(one.node) == twins_.of(other.node) &&
                       are_alike({one.from, one.node}, {other.from, other.node}) &&
                       are_alike({one.to, nobody}, {other.to, nobody});
  return is_same ? std::optional(false) : std::nullopt;
}

}  // namespace p2pllm::optimized
