#pragma once

#include <string>

#include "model/market/chain.hpp"
#include "model/market/network.hpp"

namespace p2pllm::app {

/// With more edges only those of the chosen chain are drawn.
inline constexpr std::size_t drawn_edges_max = 3000;
inline constexpr std::size_t drawn_nodes_max = 1000;

/// The graph of a network (ROUTE-1) as an SVG picture, the paper's Figure 1: the nodes between the boundaries of the
/// layers that they serve, numbered in a topological order (ROUTE-6: by rising first layer, then in file order), every
/// edge, and the chosen chain (ROUTE-3) in thick lines.
/// @param network  has at most `drawn_nodes_max` nodes
/// @param chain    null if none is chosen
/// @param note     a sentence about the chain, or why there is none
[[nodiscard]] std::string network_svg(const Network& network, const Chain* chain, const std::string& note);

}  // namespace p2pllm::app
