#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/market/network.hpp"
#include "model/market/verdict.hpp"

namespace p2pllm {

/// What a node that moves wants more of (MIG-1, MIG-3).
enum class MigrationRule {
  share,    ///< its share of the serving capacity: weights 1 / cost
  revenue,  ///< its revenue at frozen prices: weights e^-w
};
[[nodiscard]] const char* to_string(MigrationRule rule);
[[nodiscard]] std::optional<MigrationRule> migration_rule_named(const std::string& name);

/// The range that each node serves, in file order.
using Allocation = std::vector<LayerRange>;

/// A node leaves one range for another of the same length.
struct Move {
  std::size_t node = 0;  ///< index in file order
  LayerRange from;
  LayerRange to;
  friend bool operator==(const Move&, const Move&) = default;
};

/// The weights of the nodes that serve a range, summed (MIG-1).
struct RangeLoad {
  LayerRange range;
  std::size_t nodes = 0;
  Enclosure load;  ///< a point under the share rule; from 0 when e^-w is under 2^-65536
};

/// The course of a migration (MIG-5).
struct Migration {
  std::vector<Move> moves;  ///< in the order made
  Allocation allocation;    ///< at rest
};

/// "`node` does not gain by moving to `to`": the load there, itself included, is at least 1 + margin times the load
/// where it is (MIG-9).
struct Comparison {
  std::size_t node = 0;
  LayerRange to;
  Rational margin;  ///< >= 0, a lower bound
};

/// "At this allocation nobody gains by moving", with every comparison that shows it (CERT-8).
struct BalanceClaim {
  MigrationRule rule = MigrationRule::share;
  long bits = 128;  ///< significant bits to which the checker rounds outward
  Allocation allocation;
  std::vector<Comparison> comparisons;  ///< by length, range left and target
};

}  // namespace p2pllm
