#pragma once

#include "optimized/market/route.hpp"

namespace p2pllm::optimized {

/// The integers of a network with latency, in the order of a layout.
template <typename T>
struct LatencyTerms {
  std::vector<T> price;
  std::vector<T> time;             ///< own, without legs
  std::vector<T> latency;          ///< for each node a row: to each node of the group that follows it
  std::vector<std::vector<T>> to;  ///< for each client a leg to each node
  std::vector<std::vector<T>> from;
};

/// A network with latency between peers, prepared for every client and alpha.
struct LatencyIndex : CellLayout {
  std::vector<std::size_t> row_begin;  ///< of each node's row; an empty row if the node ends at the last boundary
  /// Rationals only where a common unit of times needs integers of more than 64 bits.
  std::variant<LatencyTerms<std::uint64_t>, LatencyTerms<Rational>> terms;
  CostUnits units;
  Rational price_unit = 1;
  Rational time_unit = 1;
};

/// @pre `columns` has latency
/// Exact. O(V + E) operations for E pairs of nodes of which one begins where the other ends.
[[nodiscard]] LatencyIndex make_latency_index(const MarketColumns& columns);

using ClientChoice = std::optional<std::size_t>;  ///< an index into the clients of a network; nothing: all legs 0

/// The optimal chain of each client at one alpha (ROUTE-3 .. ROUTE-5), in their order.
///
/// Backward labels of the nodes, eight clients side by side: a min-plus product with one row at a time. Runs on the
/// threads of the calling arena of oneTBB, eight clients a task; answers and counts do not depend on their number.
/// @param alpha  in [0, 1]
/// @param loops  who takes the min-plus products, of one task at a time; null: the processor
/// Exact: the least two sums in double decide where they differ by more than a proved margin; else the sums within it
/// are compared in integers of 128 bits, then exactly. O(V + E) a client.
[[nodiscard]] std::vector<Counted<RouteResult>> routes(const LatencyIndex& index, const Rational& alpha,
                                                       std::span<const ClientChoice> clients,
                                                       VectorUnit unit = widest_vector_unit(),
                                                       MarketLoops* loops = nullptr);

/// The optimal chain of one client with the dual labels that a certificate needs.
/// @param nodes  of the network from which the index was made
[[nodiscard]] Counted<RouteAnswer> certified_route(const LatencyIndex& index, const Rational& alpha,
                                                   const ClientChoice& client, std::size_t nodes,
                                                   MarketLoops* loops = nullptr);

}  // namespace p2pllm::optimized
