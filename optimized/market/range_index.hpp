#pragma once

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
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
/// @param buffer  an index that is no longer needed, whose memory is used again
/// O(n) if the model has at most 1000 layers, otherwise O(n log n).
[[nodiscard]] RangeIndex index_ranges(const MarketColumns& market, const std::vector<LayerRange>& blocks = {},
                                      RangeIndex buffer = {});

/// Calls body(number, begin, end) for each stretch of the numbers below `size`, from several threads if there are many.
template <typename Body>
void for_each_stretch(std::size_t size, std::size_t stretch_size, const Body& body) {
  constexpr std::size_t serial_max = 8;  // so many are done before another thread wakes up
  const std::size_t stretches = (size + stretch_size - 1) / stretch_size;
  const auto one = [&](std::size_t number) {
    body(number, number * stretch_size, std::min(size, (number + 1) * stretch_size));
  };
  if (stretches <= serial_max)
    for (std::size_t number = 0; number < stretches; ++number) one(number);
  else tbb::parallel_for(std::size_t{0}, stretches, one);
}

/// The nodes of each range side by side (PRICE-1).
struct GroupColumns {
  RangeIndex index;
  std::vector<std::uint32_t> nodes;  ///< indices in file order, range after range
  std::vector<std::size_t> begin;    ///< range g has nodes[begin[g]] .. nodes[begin[g + 1] - 1]

  [[nodiscard]] std::size_t size() const { return index.size(); }
};

/// Where each stretch of `stretch_nodes` nodes in file order puts the nodes that it has of each group.
struct Stretches {
  static constexpr std::size_t stretch_nodes_min = 1 << 14;

  std::size_t stretch_nodes;
  std::vector<std::uint32_t> next;  ///< groups numbers per stretch: the place of its first node of that group

  /// Counts the nodes and sets `groups.begin`.
  [[nodiscard]] static Stretches of(GroupColumns& groups);
};

/// The groups of the market, by rising range and in file order within each. Calls visit(node, place) for every node,
/// from several threads.
/// @param buffer  an answer that is no longer needed, whose memory is used again
/// O(n), as index_ranges.
template <typename Visit>
[[nodiscard]] GroupColumns group_nodes(const MarketColumns& market, const Visit& visit, GroupColumns buffer = {}) {
  GroupColumns groups = std::move(buffer);
  groups.index = index_ranges(market, {}, std::move(groups.index));
  groups.nodes.resize(market.size());
  Stretches stretches = Stretches::of(groups);
  const std::uint32_t* const group = groups.index.of_node.data();
  std::uint32_t* const nodes = groups.nodes.data();
  for_each_stretch(market.size(), stretches.stretch_nodes,
                   [&](std::size_t stretch, std::size_t begin, std::size_t end) {
                     std::uint32_t* const next = stretches.next.data() + stretch * groups.size();
                     for (std::size_t i = begin; i < end; ++i) {
                       const std::size_t place = next[group[i]]++;
                       nodes[place] = static_cast<std::uint32_t>(i);
                       visit(i, place);
                     }
                   });
  return groups;
}

}  // namespace p2pllm::optimized
