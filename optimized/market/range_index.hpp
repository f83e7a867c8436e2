#pragma once

#include <vector>

#include "optimized/market/columns.hpp"

namespace p2pllm::optimized {

/// The different ranges of a market, ascending, and the place of each node's range among them.
struct RangeIndex {
  std::vector<LayerRange> ranges;
  std::vector<std::uint32_t> of_node;  ///< in file order

  [[nodiscard]] std::size_t size() const { return ranges.size(); }
  /// The place of a range.
  /// @param range  one of `ranges`
  [[nodiscard]] std::uint32_t place(const LayerRange& range) const;
};

/// @param blocks  ranges that are listed even if no node serves them
/// O(n) if the model has at most 1000 layers, otherwise O(n log n).
[[nodiscard]] RangeIndex index_ranges(const MarketColumns& market, const std::vector<LayerRange>& blocks = {});

/// The nodes of each range side by side (PRICE-1).
struct GroupColumns {
  RangeIndex index;
  std::vector<std::uint32_t> nodes;  ///< indices in file order, range after range
  std::vector<std::size_t> begin;    ///< range g has nodes[begin[g]] .. nodes[begin[g + 1] - 1]

  [[nodiscard]] std::size_t size() const { return index.size(); }
};
/// The same before any node is placed: `nodes` has its size alone.
[[nodiscard]] GroupColumns empty_groups(const MarketColumns& market);
/// Places the nodes, calling visit(node, place) for each in file order.
template <typename Visit>
void place_nodes(GroupColumns& groups, const Visit& visit) {
  std::vector<std::size_t> next(groups.begin.begin(), groups.begin.end() - 1);
  const std::uint32_t* const group = groups.index.of_node.data();
  for (std::size_t i = 0; i < groups.nodes.size(); ++i) {
    const std::size_t place = next[group[i]]++;
    groups.nodes[place] = static_cast<std::uint32_t>(i);
    visit(i, place);
  }
}
/// The groups of the market, by rising range and in file order within each. O(n).
[[nodiscard]] GroupColumns group_columns(const MarketColumns& market);

}  // namespace p2pllm::optimized
