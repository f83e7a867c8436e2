#pragma once

#include <span>

#include "optimized/counted.hpp"
#include "optimized/market/route_index.hpp"

namespace p2pllm::optimized {

class MarketLoops;

/// The optimal chain without its dual labels (ROUTE-3), or the reason why there is none (ROUTE-5).
using RouteResult = std::variant<Chain, Unreachable>;

/// The optimal chain at one alpha from an index of a network without latency (ROUTE-7).
///
/// @param alpha  in [0, 1]
/// @param unit   an instruction set of this machine; the answer and the counts are the same with each
/// Exact: a pass over the nodes in float or double with a proved margin, then the nodes within the margin in integers
/// of 128 bits, then exactly. One pass over 8 bytes a node, or 16 if the index holds 64-bit integers.
[[nodiscard]] Counted<RouteResult> route(const RouteIndex& index, const Rational& alpha,
                                         VectorUnit unit = widest_vector_unit());

/// The optimal chain at each alpha, in their order, by few passes over the nodes.
///
/// Eight of the alphas are scanned in one pass. The least weight of a block is concave in alpha, so that two of the
/// eight bound it from below at an alpha between them, and few blocks are scanned again. Runs on the threads of the
/// calling arena of oneTBB; answers and counts do not depend on their number.
[[nodiscard]] std::vector<Counted<RouteResult>> routes(const RouteIndex& index, std::span<const Rational> alphas,
                                                       VectorUnit unit = widest_vector_unit());

/// The optimal chain of one client (ROUTE-3 .. ROUTE-5): the index is built and used once.
/// @param loops  who passes over the nodes; null: the processor
[[nodiscard]] Counted<RouteResult> route(const MarketColumns& columns, const Rational& alpha,
                                         std::optional<std::size_t> client, MarketLoops* loops = nullptr);

/// The same with the dual labels that a certificate needs.
[[nodiscard]] Counted<RouteAnswer> certified_route(const MarketColumns& columns, const Rational& alpha,
                                                   std::optional<std::size_t> client, MarketLoops* loops = nullptr);

}  // namespace p2pllm::optimized
