#pragma once

#include <functional>

#include "model/market/network.hpp"

namespace p2pllm::app {

/// A small network with a property that the given one has.
///
/// Greedy, until no step keeps the property: nodes are left out, then latency, legs, blocks and scales, then layers are
/// merged and numbers rounded.
/// @param has_property  true of `network`; called with networks that have their SHA-256
/// @param trials_max    the greatest number of calls
[[nodiscard]] Network shrunk(Network network, const std::function<bool(const Network&)>& has_property,
                             std::size_t trials_max);

}  // namespace p2pllm::app
