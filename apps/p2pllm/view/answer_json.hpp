#pragma once

#include <optional>
#include <vector>

#include "model/encoding/json.hpp"
#include "model/market/allocation.hpp"
#include "model/market/frontier.hpp"
#include "model/market/network.hpp"
#include "model/market/verdict.hpp"

// The answers of the market verbs as JSON (FORMAT-7): what --json prints and what `diff` compares.
namespace p2pllm::app {

/// A migration to rest, or with no moves the present allocation and the nodes that gain by leaving it.
struct BalanceAnswer {
  MigrationRule rule = MigrationRule::share;
  Migration migration;
  std::vector<Move> gains;
  std::vector<RangeLoad> loads;  ///< of the allocation in `migration`
};

[[nodiscard]] Json route_json(const Network& network, const Rational& alpha, const ClientLegs& legs,
                              const RouteAnswer& answer);
[[nodiscard]] Json frontier_json(const Network& network, const ClientLegs& legs, const FrontierAnswer& answer);
[[nodiscard]] Json::Object report_json(const Network& network, const Rational& alpha, const EquilibriumReport& report);
[[nodiscard]] Json solution_json(const Network& network, const Rational& alpha, long bits,
                                 const std::vector<EquilibriumGroup>& groups);
/// @param alpha  absent under the share rule, which does not use it
[[nodiscard]] Json balance_json(const Network& network, const std::optional<Rational>& alpha,
                                const BalanceAnswer& answer);
/// [{"node", "from", "to"}, ...].
[[nodiscard]] Json moves_json(const Network& network, const std::vector<Move>& moves);

}  // namespace p2pllm::app
