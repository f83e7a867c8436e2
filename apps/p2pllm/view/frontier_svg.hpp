#pragma once

#include <string>

#include "model/market/frontier.hpp"
#include "model/market/network.hpp"

namespace p2pllm::app {

/// Time against price as an SVG picture: the convex hull that alpha can reach, and the unsupported points apart.
/// Readable on light and dark backgrounds; every point has a tooltip with its figures and chain.
[[nodiscard]] std::string frontier_svg(const Network& network, const Frontier& frontier);

}  // namespace p2pllm::app
