#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "model/assert.hpp"
#include "optimized/market/verify.hpp"

namespace p2pllm::optimized {
namespace {

Rational exactly(double value) { return Rational::from_canonical(mpq_class(value)); }
std::optional<Enclosure> enclosed(double lower, double upper) {
  if (!std::isfinite(upper)) return std::nullopt;
  return Enclosure{exactly(lower), exactly(upper)};
}

/// The places of a group's nodes that are listed, ascending.
std::vector<std::size_t> listed_places(const VerifiedPrices& verified, std::size_t group, std::size_t listed_max) {
  const std::size_t begin = verified.groups.begin[group], end = verified.groups.begin[group + 1];
  const double* const upper = verified.columns.regret_upper.data();
  std::vector<std::size_t> places;
  if (end - begin <= listed_max) {
    places.resize(end - begin);
    std::iota(places.begin(), places.end(), begin);
    return places;
  }
  std::vector<double> ends(upper + begin, upper + end);
  const auto last = ends.begin() + static_cast<std::ptrdiff_t>(listed_max) - 1;
  std::ranges::nth_element(ends, last, std::greater<>());
  const double least = *last;
  // The columns round the ends of a precise regret up, so of those that are equal here another may be the greater one.
  std::size_t equal = 0;
  for (std::size_t place = begin; place < end; ++place)
    if (upper[place] > least || (upper[place] == least && (verified.precise.contains(place) || equal++ < listed_max)))
      places.push_back(place);
  return places;
}

NodeReport node_report(const VerifiedPrices& verified, std::size_t group, std::size_t place, const Column& prices) {
  if (const auto precise = verified.precise.find(place); precise != verified.precise.end()) return precise->second;
  const std::size_t node = verified.groups.nodes[place];
  const Rational price = prices.value(node);
  if (verified.decisions[group].verdict == Verdict::equilibrium) {
    const Rational share(1, static_cast<long>(verified.groups.begin[group + 1] - verified.groups.begin[group]));
    return {node, price, Enclosure{share, share}, Enclosure{price, price}, Enclosure{0, 0}, price};
  }
  const PriceColumns& columns = verified.columns;
  return {node,
          price,
          enclosed(columns.share_lower[place], columns.share_upper[place]),
          enclosed(columns.response_lower[place], columns.response_upper[place]),
          enclosed(columns.regret_lower[place], columns.regret_upper[place]),
          columns.trial[place] > 0 ? std::optional(exactly(columns.trial[place])) : std::nullopt};
}

}  // namespace

EquilibriumReport equilibrium_report(const VerifiedPrices& verified, const Column& prices, std::size_t listed_max) {
  P2PLLM_ASSERT(listed_max > 0);
  EquilibriumReport report;
  report.verdict = verified.verdict;
  report.tolerance = verified.tolerance;
  report.witness = verified.witness;
  report.bits = verified.bits;
  for (std::size_t g = 0; g < verified.groups.size(); ++g) {
    GroupReport& group = report.groups.emplace_back();
    group.range = verified.groups.index.ranges[g];
    group.verdict = verified.decisions[g].verdict;
    group.witness = verified.decisions[g].witness;
    for (const std::size_t place : listed_places(verified, g, listed_max))
      group.nodes.push_back(node_report(verified, g, place, prices));
    group.unlisted = verified.groups.begin[g + 1] - verified.groups.begin[g] - group.nodes.size();
  }
  return report;
}

}  // namespace p2pllm::optimized
