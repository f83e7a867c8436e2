#pragma once

#include "model/market/frontier.hpp"
#include "model/market/network.hpp"
#include "model/progress.hpp"

namespace p2pllm::reference {

/// The exact Pareto frontier of (price, time) over all chains (PARETO-3 .. PARETO-6), or the reason why there is none.
///
/// Label setting backward over the acyclic graph: each node keeps the undominated costs from entering it to the client.
/// @param labels_max  the greatest number of labels kept, over all nodes
/// @returns the whole frontier; an error, never a part of it, if the limit is reached
/// Exact. O(extensions) operations: each edge extends every label of its head.
[[nodiscard]] Result<FrontierAnswer> pareto(const Network& network, const ClientLegs& legs,
                                            std::size_t labels_max = frontier_labels_max,
                                            const Progress& progress = {});

}  // namespace p2pllm::reference
