#include "optimized/market/range_index.hpp"

#include <algorithm>

namespace p2pllm::optimized {
namespace {

constexpr std::int64_t table_layers_max = 1000;  ///< up to here a table of all ranges is smaller than a sort is slow

std::vector<LayerRange> different_ranges(const MarketColumns& market, std::vector<LayerRange> all) {
  if (market.layers > table_layers_max) {
    for (std::size_t i = 0; i < market.size(); ++i) all.push_back({market.first[i], market.last[i]});
  } else {
    const auto width = static_cast<std::size_t>(market.layers) + 1;
    std::vector<bool> seen(width * width);
    for (std::size_t i = 0; i < market.size(); ++i) {
      const std::size_t place = market.first[i] * width + market.last[i];
      if (seen[place]) continue;
      seen[place] = true;
      all.push_back({market.first[i], market.last[i]});
    }
  }
  std::ranges::sort(all);
  all.erase(std::ranges::unique(all).begin(), all.end());
  return all;
}

}  // namespace

std::uint32_t RangeIndex::place(const LayerRange& range) const {
  return static_cast<std::uint32_t>(std::ranges::lower_bound(ranges, range) - ranges.begin());
}

RangeIndex index_ranges(const MarketColumns& market, const std::vector<LayerRange>& blocks) {
  RangeIndex index{different_ranges(market, blocks), {}};
  index.of_node.reserve(market.size());
  if (market.layers > table_layers_max) {
    for (std::size_t i = 0; i < market.size(); ++i)
      index.of_node.push_back(index.place({market.first[i], market.last[i]}));
    return index;
  }
  const auto width = static_cast<std::size_t>(market.layers) + 1;
  std::vector<std::uint32_t> place(width * width);
  for (std::size_t r = 0; r < index.size(); ++r)
    place[static_cast<std::size_t>(index.ranges[r].first) * width + static_cast<std::size_t>(index.ranges[r].last)] =
        static_cast<std::uint32_t>(r);
  for (std::size_t i = 0; i < market.size(); ++i)
    index.of_node.push_back(place[market.first[i] * width + market.last[i]]);
  return index;
}

GroupColumns group_columns(const MarketColumns& market) {
  GroupColumns groups{index_ranges(market), std::vector<std::uint32_t>(market.size()), {}};
  groups.begin.assign(groups.size() + 1, 0);
  for (const std::uint32_t g : groups.index.of_node) ++groups.begin[g + 1];
  for (std::size_t g = 0; g < groups.size(); ++g) groups.begin[g + 1] += groups.begin[g];
  std::vector<std::size_t> next(groups.begin.begin(), groups.begin.end() - 1);
  for (std::size_t i = 0; i < market.size(); ++i)
    groups.nodes[next[groups.index.of_node[i]]++] = static_cast<std::uint32_t>(i);
  return groups;
}

}  // namespace p2pllm::optimized
