#pragma once

#include <string>

#include "model/market/frontier.hpp"
#include "model/market/network.hpp"

namespace p2pllm::app {

/// A plot of time against price as an SVG picture, which distinguishes the convex hull that alpha can reach from the
/// unsupported points. It is readable on light and dark backgrounds; every point has a tooltip with its figures and
/// chain.
[[nodiscard]] std::string frontier_svg(const Network& network, const Frontier& frontier);

}  // namespace p2pllm::app
