#include "reference/simulation/market_record.hpp"

#include "reference/market/migration_rules.hpp"

namespace p2pllm::reference {
namespace {

/// An interval as rational numbers; nothing if an end is beyond 2^(+-65536).
std::optional<Enclosure> enclosure(const Interval& value) {
  auto lower = value.lower(), upper = value.upper();
  if (!lower || !upper) return std::nullopt;
  return Enclosure{*std::move(lower), *std::move(upper)};
}

/// S_r of the share rule (MIG-1), whatever the rule of migration is.
Rational load_of(const Network& network, const std::vector<std::size_t>& nodes) {
  std::vector<Rational> costs;
  costs.reserve(nodes.size());
  for (const std::size_t node : nodes) costs.push_back(network.nodes[node].cost);
  return capacity(costs);
}

}  // namespace

std::optional<StepRecord> market_record(const Network& network, const MigrationState& state,
                                        const CertifiedPrices& prices,
                                        const std::vector<std::vector<std::size_t>>& members, long bits) {
  StepRecord record;
  std::optional<Interval> throughput;
  std::optional<Rational> least;
  for (std::size_t range = 0; range < members.size(); ++range) {
    RangeRecord& entry = record.ranges.emplace_back();
    entry.range = state.ranges()[range];
    entry.nodes = members[range].size();
    const Rational load = load_of(network, members[range]);
    entry.load = {load, load};
    least = least ? minimum(*least, load) : load;
    if (members[range].empty()) continue;
    entry.prices = prices.summary(range, members[range]);
    record.sole += entry.nodes == 1 ? 1 : 0;
    Interval revenue(Rational(0), bits);
    const auto states = prices.states(range, members[range]);
    for (std::size_t k = 0; k < states.size(); ++k) {
      revenue += states[k].revenue;
      const auto gain = states[k].gain.upper();
      if (!gain) return std::nullopt;
      record.regret_bound = maximum(record.regret_bound, *gain);
      // A share that may be 0 is less than 2^-2^60: the node carries more than the ratio of any two numbers of a file.
      if (!certainly(Interval(Rational(0), bits) < states[k].share)) continue;
      const Interval able(serving_capacity(network.nodes[members[range][k]].cost), bits);
      const Interval carried = able / states[k].share;
      throughput = throughput ? minimum(*throughput, carried) : carried;
    }
    const auto enclosed = enclosure(revenue);
    if (!enclosed) return std::nullopt;
    entry.revenue = *enclosed;
  }
  record.least_load = {*least, *least};
  const auto carried = throughput ? enclosure(*throughput) : Enclosure{0, 0};
  if (!carried) return std::nullopt;
  record.throughput = *carried;
  for (std::size_t node = 0; node < network.size(); ++node)
    record.serves.push_back(static_cast<std::uint32_t>(state.served_by(node)));
  return record;
}

}  // namespace p2pllm::reference
