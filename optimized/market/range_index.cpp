#include "optimized/market/range_index.hpp"

#include <algorithm>

namespace p2pllm::optimized {
namespace {

constexpr std::int64_t table_layers_max = 1000;  ///< up to here a table of all ranges is small

/// Of a model with many layers: by sorting.
RangeIndex index_by_sorting(const MarketColumns& market, std::vector<LayerRange> all) {
  for (std::size_t i = 0; i < market.size(); ++i) all.push_back({market.first[i], market.last[i]});
  std::ranges::sort(all);
  all.erase(std::ranges::unique(all).begin(), all.end());
  RangeIndex index{std::move(all), {}};
  index.of_node.reserve(market.size());
  for (std::size_t i = 0; i < market.size(); ++i)
    index.of_node.push_back(index.place({market.first[i], market.last[i]}));
  return index;
}

}  // namespace

std::uint32_t RangeIndex::place(const LayerRange& range) const {
  return static_cast<std::uint32_t>(std::ranges::lower_bound(ranges, range) - ranges.begin());
}

RangeIndex index_ranges(const MarketColumns& market, const std::vector<LayerRange>& blocks) {
  if (market.layers > table_layers_max) return index_by_sorting(market, blocks);
  const auto width = static_cast<std::size_t>(market.layers) + 1;
  constexpr std::uint32_t unseen = 0xffff'ffff;
  std::vector<std::uint32_t> number(width * width, unseen);  // of a range, in order of appearance
  RangeIndex index;
  const auto number_of = [&](std::size_t first, std::size_t last) {
    std::uint32_t& own = number[first * width + last];
    if (own == unseen) {
      own = static_cast<std::uint32_t>(index.ranges.size());
      index.ranges.push_back({static_cast<std::int64_t>(first), static_cast<std::int64_t>(last)});
    }
    return own;
  };
  for (const LayerRange& block : blocks)
    (void)number_of(static_cast<std::size_t>(block.first), static_cast<std::size_t>(block.last));
  index.of_node.resize(market.size());
  for (std::size_t i = 0; i < market.size(); ++i) index.of_node[i] = number_of(market.first[i], market.last[i]);
  if (std::ranges::is_sorted(index.ranges)) return index;
  std::vector<LayerRange> appeared = index.ranges;
  std::ranges::sort(index.ranges);
  std::vector<std::uint32_t> place;
  place.reserve(appeared.size());
  for (const LayerRange& range : appeared) place.push_back(index.place(range));
  for (std::uint32_t& own : index.of_node) own = place[own];
  return index;
}

GroupColumns empty_groups(const MarketColumns& market) {
  GroupColumns groups{index_ranges(market), std::vector<std::uint32_t>(market.size()), {}};
  groups.begin.assign(groups.size() + 1, 0);
  for (const std::uint32_t g : groups.index.of_node) ++groups.begin[g + 1];
  for (std::size_t g = 0; g < groups.size(); ++g) groups.begin[g + 1] += groups.begin[g];
  return groups;
}

GroupColumns group_columns(const MarketColumns& market) {
  GroupColumns groups = empty_groups(market);
  place_nodes(groups, [](std::size_t, std::size_t) {});
  return groups;
}

}  // namespace p2pllm::optimized
