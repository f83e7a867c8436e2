#include "optimized/simulation/record_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace p2pllm::optimized {
namespace {

using kernels::DoubleInterval;

constexpr double infinite = std::numeric_limits<double>::infinity();

DoubleInterval around(const DoubleInterval& value, double radius) { return value + DoubleInterval(-radius, radius); }

Enclosure widened(const DoubleInterval& value, double radius) { return enclosure_of(around(value, radius)); }

DoubleInterval least(const DoubleInterval& a, const DoubleInterval& b) {
  return {std::min(a.lower(), b.lower()), std::min(a.upper(), b.upper())};
}

/// Shares of the group's nodes wherever its prices lie within the radius, and those of all others.
struct Shares {
  std::vector<DoubleInterval> own;
  std::vector<DoubleInterval> rest;
};

Shares shares_of(const GroupPrices& group, const DoubleInterval& sensitivity) {
  const std::size_t n = group.size();
  std::vector<DoubleInterval> weight(n), term(n), after(n);
  std::size_t lightest = 0;
  for (std::size_t k = 0; k < n; ++k) {
    const double cost_weight = group.cost_weight(k);  // rounded to nearest
    weight[k] = sensitivity * around(DoubleInterval(group.price(k)), group.radius()) +
                DoubleInterval(kernels::next_down(cost_weight), kernels::next_up(cost_weight));
    if (weight[k].upper() < weight[lightest].upper()) lightest = k;
  }
  for (std::size_t k = 0; k < n; ++k) term[k] = exp(DoubleInterval(weight[lightest].lower()) - weight[k]);
  for (std::size_t k = n - 1; k-- > 0;) after[k] = after[k + 1] + term[k + 1];
  Shares shares;
  DoubleInterval before;
  for (std::size_t k = 0; k < n; ++k) {
    const DoubleInterval others = before + after[k];
    shares.own.push_back(term[k] / (term[k] + others));
    shares.rest.push_back(others / (term[k] + others));
    before = before + term[k];
  }
  return shares;
}

/// The rate of requests at which a node has no time left. The share of a node may be too small for a double.
DoubleInterval carried(const DoubleInterval& capacity, const DoubleInterval& share) {
  if (share.lower() > 0) return capacity / share;
  if (!(share.upper() > 0)) return {infinite, infinite};
  return {(capacity / DoubleInterval(share.upper())).lower(), infinite};
}

bool is_finite(const DoubleInterval& value) { return std::isfinite(value.lower()) && std::isfinite(value.upper()); }

PriceSummary summary_of(const GroupPrices& group) {
  const std::size_t n = group.size();
  std::vector<double> prices(n);
  DoubleInterval sum;
  for (std::size_t k = 0; k < n; ++k) sum = sum + DoubleInterval(prices[k] = group.price(k));
  std::ranges::sort(prices);
  const DoubleInterval median =
      (DoubleInterval(prices[(n - 1) / 2]) + DoubleInterval(prices[n / 2])) / DoubleInterval(2);
  const double radius = group.radius();
  return {widened(sum / DoubleInterval(static_cast<double>(n)), radius), widened(median, radius),
          widened(DoubleInterval(prices.front()), radius), widened(DoubleInterval(prices.back()), radius)};
}

}  // namespace

Enclosure enclosure_of(const DoubleInterval& value) {
  return {Rational::from_canonical(mpq_class(value.lower())), Rational::from_canonical(mpq_class(value.upper()))};
}

std::optional<GroupBounds> group_bounds(const GroupPrices& group, const DoubleInterval& sensitivity,
                                        std::span<const DoubleInterval> capacities) {
  GroupBounds bounds{{}, DoubleInterval(infinite, infinite), 0};
  const std::size_t n = group.size();
  bounds.record.nodes = n;
  DoubleInterval load, revenue;
  for (const std::uint32_t node : group.nodes()) load = load + capacities[node];
  if (!is_finite(load)) return std::nullopt;
  bounds.record.load = enclosure_of(load);
  bounds.record.revenue = enclosure_of(revenue);
  if (n == 0) return bounds;
  bounds.record.prices = summary_of(group);
  if (n == 1) {
    bounds.record.revenue = widened(DoubleInterval(group.price(0)), group.radius());
    bounds.throughput = capacities[group.nodes()[0]];
    bounds.regret_bound = 1;
    return bounds;
  }
  const Shares shares = shares_of(group, sensitivity);
  const DoubleInterval one(1);
  for (std::size_t k = 0; k < n; ++k) {
    const DoubleInterval price = around(DoubleInterval(group.price(k)), group.radius());
    revenue = revenue + price * shares.own[k];
    bounds.throughput = least(bounds.throughput, carried(capacities[group.nodes()[k]], shares.own[k]));
    const DoubleInterval z = sensitivity * price * shares.rest[k];
    bounds.regret_bound = std::max(bounds.regret_bound, (one - z * exp(one - z)).upper());
  }
  if (!is_finite(revenue) || !is_finite(bounds.throughput) || !std::isfinite(bounds.regret_bound)) return std::nullopt;
  bounds.record.revenue = enclosure_of(revenue);
  return bounds;
}

}  // namespace p2pllm::optimized
