#pragma once

#include "apps/p2pllm/verbs.hpp"
#include "model/encoding/json.hpp"
#include "reference/market/migrate.hpp"

namespace p2pllm::app {

/// The weights of --rule; prices and alpha matter only under the revenue rule.
[[nodiscard]] reference::MigrationWeights chosen_weights(const std::string& rule, const Network& network,
                                                         const Prices& prices, const Rational& alpha);

/// [{"node", "from", "to"}, ...] (FORMAT-7).
[[nodiscard]] Json moves_json(const Network& network, const std::vector<Move>& moves);
/// A table of the first moves, with the number of those omitted.
void print_moves(const Network& network, const std::vector<Move>& moves);
/// "at rest: nobody gains by moving", or the nodes that gain and where; without a full stop.
[[nodiscard]] std::string rest_sentence(const Network& network, MigrationRule rule, const std::vector<Move>& gains);

}  // namespace p2pllm::app
