#pragma once

#include "properties/generators/near_tie.hpp"
#include "reference/market/migrate.hpp"

/// Networks whose nodes may change places.
namespace p2pllm::properties {

struct MigrationCase {
  Network network;
  Rational alpha;  ///< in [0, 1]; counts under the revenue rule alone
  MigrationRule rule = MigrationRule::share;

  [[nodiscard]] reference::MigrationWeights weights() const {
    return rule == MigrationRule::share ? reference::share_weights(network)
                                        : reference::revenue_weights(network, posted_prices(network), alpha);
  }
};

/// A few nodes on ranges of one layer and occasionally of more, with blocks that may be empty, by either rule.
[[nodiscard]] MigrationCase draw_migration();

/// A case in which a node's rivals weigh as much in its own range as in one target, or nearly.
struct NearBalance {
  MigrationCase market;
  std::size_t node;
  LayerRange target;
  Side side;          ///< of the rivals' load at the target against the one here: the node gains iff it is below
  bool by_logarithm;  ///< the revenue rule, and the tie approximated by convergents of a logarithm
  bool is_multiple;   ///< that logarithm is w + ln j: one weight on its own against j > 1 equal ones
  bool is_close;      ///< not on the tie, and the weight that decides is off by less than 1e-12 of itself
};
/// @returns nothing if the drawn case has no such node and target
[[nodiscard]] std::optional<NearBalance> draw_near_balance();

}  // namespace p2pllm::properties
