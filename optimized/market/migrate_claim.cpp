#include <algorithm>
#include <map>

#include "kernels/market/migration_rules.hpp"
#include "optimized/market/migrate_weights.hpp"
#include "optimized/market/range_index.hpp"

namespace p2pllm::optimized {
namespace {

constexpr long claim_bits = 128;

/// The nodes that serve each range: how many there are of each key.
std::vector<std::map<Wide, std::uint32_t>> keys_by_range(const MigrationKeys& keys, const RangeIndex& index,
                                                         const Allocation& allocation) {
  std::vector<std::map<Wide, std::uint32_t>> result(index.size());
  for (std::size_t i = 0; i < allocation.size(); ++i) ++result[index.place(allocation[i])][keys.keys[i]];
  return result;
}

Interval enclosed(const MigrationKeys& keys, const std::map<Wide, std::uint32_t>& served) {
  Interval sum(Rational(0), claim_bits);
  for (const auto& [key, times] : served)
    sum += Interval(Rational(static_cast<long>(times)), claim_bits) * weight_of(keys, key, 0, claim_bits);
  return keys.rule == MigrationRule::share ? sum / Interval(keys.unit, claim_bits) : sum;
}

using Entry = std::pair<const Wide, std::uint32_t>;
/// The sum of times / key, by halves.
Rational capacity(std::span<const Entry* const> entries) {
  if (entries.empty()) return 0;
  if (entries.size() == 1) return {to_integer(entries[0]->second), to_integer(entries[0]->first)};
  const std::size_t half = entries.size() / 2;
  return capacity(entries.first(half)) + capacity(entries.subspan(half));
}

Enclosure load_of(const MigrationKeys& keys, const std::map<Wide, std::uint32_t>& served) {
  if (keys.rule == MigrationRule::revenue) {
    const Interval load = enclosed(keys, served);
    return {*load.lower(), *load.upper()};  // at most the number of nodes: never infinite
  }
  std::vector<const Entry*> entries;
  for (const Entry& entry : served) entries.push_back(&entry);
  const Rational load = capacity(entries) / keys.unit;
  return {load, load};
}

}  // namespace

std::vector<RangeLoad> loads_of(const MarketColumns& market, const MigrationKeys& keys, const Allocation& allocation) {
  const RangeIndex index = index_ranges(market, market.blocks);
  const auto served = keys_by_range(keys, index, allocation);
  std::vector<RangeLoad> result;
  for (std::size_t r = 0; r < index.size(); ++r) {
    std::size_t nodes = 0;
    for (const auto& [key, times] : served[r]) nodes += times;
    result.push_back({index.ranges[r], nodes, load_of(keys, served[r])});
  }
  return result;
}

BalanceClaim balance_claim(const MarketColumns& market, const MigrationKeys& keys, const Allocation& allocation) {
  constexpr int margin_digits = 6;
  // A load may be e^30000 times another, which is beyond the checker's exponentials; any lower bound is sufficient.
  const Rational margin_max = 1'000'000;
  const RangeIndex index = index_ranges(market, market.blocks);
  std::vector<std::optional<std::size_t>> lightest(index.size());
  for (std::size_t i = 0; i < market.size(); ++i) {
    auto& chosen = lightest[index.place(allocation[i])];
    if (keys.may_gain[i] && (!chosen || keys.keys[i] > keys.keys[*chosen])) chosen = i;
  }
  std::vector<Interval> loads;
  for (const auto& served : keys_by_range(keys, index, allocation)) loads.push_back(enclosed(keys, served));
  std::map<std::int64_t, std::vector<std::size_t>> by_length;
  for (std::size_t r = 0; r < index.size(); ++r) by_length[index.ranges[r].last - index.ranges[r].first].push_back(r);

  BalanceClaim claim;
  claim.rule = keys.rule;
  claim.allocation = allocation;
  for (const auto& [length, ranges] : by_length)
    for (const std::size_t here : ranges) {
      if (!lightest[here]) continue;
      const std::size_t node = *lightest[here];
      Interval own = weight_of(keys, keys.keys[node], 0, claim_bits);
      if (keys.rule == MigrationRule::share) own /= Interval(keys.unit, claim_bits);
      for (const std::size_t there : ranges) {
        if (there == here) continue;
        const auto margin = kernels::loss_margin(loads[there], own, loads[here]).lower();
        const Rational shown = margin ? round_decimal(*margin, margin_digits, Rounding::down) : Rational(0);
        claim.comparisons.push_back({node, index.ranges[there], std::clamp(shown, Rational(0), margin_max)});
      }
    }
  return claim;
}

}  // namespace p2pllm::optimized
