#include "optimized/market/range_index.hpp"

#include <algorithm>
#include <atomic>

namespace p2pllm::optimized {
namespace {

constexpr std::int64_t table_layers_max = 1000;  ///< up to here a table of all ranges is small

/// Of a model with many layers: by sorting.
void index_by_sorting(const MarketColumns& market, RangeIndex& index) {
  for (std::size_t i = 0; i < market.size(); ++i) index.ranges.push_back({market.first[i], market.last[i]});
  std::ranges::sort(index.ranges);
  index.ranges.erase(std::unique(index.ranges.begin(), index.ranges.end()), index.ranges.end());
  for (std::size_t i = 0; i < market.size(); ++i) index.of_node[i] = index.place({market.first[i], market.last[i]});
}

/// By a table of all ranges that the model could have, in ascending order.
void index_by_table(const MarketColumns& market, RangeIndex& index) {
  const auto width = static_cast<std::size_t>(market.layers) + 1;
  std::vector<std::atomic<bool>> is_used(width * width);
  for (const LayerRange& block : index.ranges)
    is_used[static_cast<std::size_t>(block.first) * width + static_cast<std::size_t>(block.last)] = true;
  const auto* const first = market.first.data();
  const auto* const last = market.last.data();
  for_each_stretch(market.size(), Stretches::stretch_nodes_min, [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      auto& used = is_used[first[i] * width + last[i]];
      if (!used.load(std::memory_order_relaxed)) used.store(true, std::memory_order_relaxed);
    }
  });
  index.ranges.clear();
  std::vector<std::uint32_t> place(width * width);
  for (std::size_t entry = 0; entry < is_used.size(); ++entry) {
    if (!is_used[entry]) continue;
    place[entry] = static_cast<std::uint32_t>(index.ranges.size());
    index.ranges.push_back({static_cast<std::int64_t>(entry / width), static_cast<std::int64_t>(entry % width)});
  }
  for_each_stretch(market.size(), Stretches::stretch_nodes_min, [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) index.of_node[i] = place[first[i] * width + last[i]];
  });
}

}  // namespace

std::uint32_t RangeIndex::place(const LayerRange& range) const {
  return static_cast<std::uint32_t>(std::ranges::lower_bound(ranges, range) - ranges.begin());
}

RangeIndex index_ranges(const MarketColumns& market, const std::vector<LayerRange>& blocks, RangeIndex buffer) {
  RangeIndex index = std::move(buffer);
  index.ranges = blocks;
  index.of_node.resize(market.size());
  if (market.layers > table_layers_max) index_by_sorting(market, index);
  else index_by_table(market, index);
  return index;
}

Stretches Stretches::of(GroupColumns& groups) {
  const std::vector<std::uint32_t>& group = groups.index.of_node;
  // A table of stretches and groups has no more entries than there are nodes, or one stretch.
  Stretches stretches{std::max(stretch_nodes_min, groups.size()), {}};
  const std::size_t number = (group.size() + stretches.stretch_nodes - 1) / stretches.stretch_nodes;
  stretches.next.resize(number * groups.size());
  for_each_stretch(group.size(), stretches.stretch_nodes, [&](std::size_t stretch, std::size_t begin, std::size_t end) {
    std::uint32_t* const counts = stretches.next.data() + stretch * groups.size();
    for (std::size_t i = begin; i < end; ++i) ++counts[group[i]];
  });
  groups.begin.assign(groups.size() + 1, 0);
  std::uint32_t place = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t stretch = 0; stretch < number; ++stretch)
      place += std::exchange(stretches.next[stretch * groups.size() + g], place);
    groups.begin[g + 1] = place;
  }
  return stretches;
}

}  // namespace p2pllm::optimized
