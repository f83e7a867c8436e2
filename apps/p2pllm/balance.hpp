#pragma once

#include <string>
#include <vector>

#include "model/market/allocation.hpp"
#include "model/market/network.hpp"

namespace p2pllm::app {

/// A table of the first moves, with the number of those omitted.
void print_moves(const Network& network, const std::vector<Move>& moves);
/// "at rest: nobody gains by moving", or the nodes that gain and where; without a full stop.
[[nodiscard]] std::string rest_sentence(const Network& network, MigrationRule rule, const std::vector<Move>& gains);

}  // namespace p2pllm::app
