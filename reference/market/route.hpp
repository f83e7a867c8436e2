#pragma once

#include "model/chain.hpp"
#include "model/network.hpp"

namespace p2pllm::reference {

inline constexpr std::size_t graph_edges_max = 30'000'000;

/// The optimal chain of a network for one client (ROUTE-3, ROUTE-4), or why there is none (ROUTE-5).
///
/// Topological sort and dynamic programming on the explicit graph: the least (weight, price, time), and
/// of the chains that share it the lexicographically smallest sequence of node indices in file order.
/// @param alpha  in [0, 1]
/// @returns the route with a dual label a node; an error when the graph has more than `graph_edges_max` edges
/// Exact. Linear in the vertices and edges, of which there are up to n^2 / m.
/// Source: the paper's Algorithms 1 and 2, corrected.
[[nodiscard]] Result<RouteAnswer> route(const Network& network, const Rational& alpha, const ClientLegs& legs);

/// The same answer where there is no latency between peers, by one label a boundary and no graph (ROUTE-7).
/// @param network  its `latency` is empty
/// Exact. O(n) label operations.
[[nodiscard]] RouteAnswer merged_route(const Network& network, const Rational& alpha, const ClientLegs& legs);

/// The boundaries reachable from 0, and the greatest of them (ROUTE-5); meaningful when no chain exists.
[[nodiscard]] Unreachable reachable_boundaries(const Network& network);

inline constexpr long counted_chains_bits_max = 4096;

/// Number of chains from 0 to the last layer (ROUTE-1), exact below 2^counted_chains_bits_max.
/// @returns the number, or that limit when there are as many or more
[[nodiscard]] mpz_class count_chains(const Network& network);

}  // namespace p2pllm::reference
