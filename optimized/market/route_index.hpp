#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "model/market/chain.hpp"
#include "optimized/market/columns.hpp"
#include "optimized/market/route_weights.hpp"

namespace p2pllm::optimized {

/// Own prices and times of nodes in the order of an index. A time includes the client's leg before a node at boundary 0
/// and after a node at the last boundary.
template <typename T>
struct SortedCosts {
  std::vector<T> price;
  std::vector<T> time;
};

/// The nodes of a network, sorted into cells of one range each.
///
/// Nodes that lead to the last boundary by no chain are left out.
struct CellLayout {
  /// The nodes of one range; within it they keep their file order.
  struct Cell {
    std::uint32_t begin = 0;  ///< of its nodes
    std::uint32_t end = 0;
    std::uint32_t block_begin = 0;  ///< of its blocks
    std::uint32_t block_end = 0;
    std::uint32_t next = 0;  ///< the group at its last boundary; groups.size() for the last boundary of all
  };
  /// The cells that begin at one boundary.
  struct Group {
    std::uint32_t boundary = 0;
    std::uint32_t cell_begin = 0;
    std::uint32_t cell_end = 0;
  };

  std::vector<Group> groups;               ///< by ascending boundary
  std::vector<Cell> cells;                 ///< by ascending range
  std::vector<std::uint32_t> block_ends;   ///< runs of at most route_block_nodes nodes of one cell
  std::vector<std::uint32_t> node;         ///< index in file order of each node here
  std::optional<Unreachable> unreachable;  ///< the answer at every alpha if no chain exists (ROUTE-5); then no group

  /// The nodes of a group: [begin, end) in the order of this layout.
  [[nodiscard]] std::uint32_t group_begin(std::size_t g) const { return cells[groups[g].cell_begin].begin; }
  [[nodiscard]] std::uint32_t group_end(std::size_t g) const { return cells[groups[g].cell_end - 1].end; }
};

/// The cells of a network. O(V + m) operations.
[[nodiscard]] CellLayout make_cell_layout(const MarketColumns& columns);

/// The nodes of a network without latency between peers, sorted into cells, with the costs that one client sees
/// (ROUTE-7). It depends on no alpha.
struct RouteIndex : CellLayout {
  /// Rationals only where a common unit of times needs integers of more than 64 bits.
  std::variant<SortedCosts<std::uint32_t>, SortedCosts<std::uint64_t>, SortedCosts<Rational>> costs;
  CostUnits units;          ///< over the scales, as weights need them
  Rational price_unit = 1;  ///< of one integer of price
  Rational time_unit = 1;   ///< of one integer of time
};

inline constexpr std::uint32_t route_block_nodes = 512;

/// @param client  whose legs count, an index into columns.clients; nothing: all legs 0
/// @pre `columns` has no latency
/// Exact. O(V + m) operations.
[[nodiscard]] RouteIndex make_route_index(const MarketColumns& columns, std::optional<std::size_t> client);

}  // namespace p2pllm::optimized
