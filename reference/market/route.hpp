#pragma once

#include "model/market/chain.hpp"
#include "model/market/network.hpp"

namespace p2pllm::reference {

/// The optimal chain of a network for one client (ROUTE-3, ROUTE-4), or the reason why there is none (ROUTE-5). It has
/// the least (weight, price, time) and, among the chains that share it, the lexicographically smallest sequence of node
/// indices in file order.
///
/// Topological sort and dynamic programming: on the multigraph of boundaries if there is no latency between peers
/// (ROUTE-7), otherwise on the explicit graph.
/// @param alpha  in [0, 1]
/// @returns the route with one dual label per node; an error, as from `explicit_route`, if the network has latency
/// Exact. Without latency: O(V) label operations and O(V log V) comparisons of boundaries; with it: O(V + E).
/// Source: the paper's Algorithms 1 and 2, corrected.
[[nodiscard]] Result<RouteAnswer> route(const Network& network, const Rational& alpha, const ClientLegs& legs);

inline constexpr std::size_t graph_edges_max = 30'000'000;

/// The same answer on the explicit graph of ROUTE-1, with or without latency.
/// @returns an error if the graph has more than `graph_edges_max` edges
/// Exact. O(V + E) label operations, E up to n^2 / 4.
[[nodiscard]] Result<RouteAnswer> explicit_route(const Network& network, const Rational& alpha, const ClientLegs& legs);

/// The boundaries reachable from 0, and the greatest of them (ROUTE-5); meaningful if no chain exists.
[[nodiscard]] Unreachable reachable_boundaries(const Network& network);

inline constexpr long counted_chains_bits_max = 4096;

/// The number of chains from 0 to the last layer (ROUTE-1), exact below 2^counted_chains_bits_max.
/// @returns the number, or that limit if there are as many chains or more
[[nodiscard]] mpz_class count_chains(const Network& network);

}  // namespace p2pllm::reference
