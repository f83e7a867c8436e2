#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/market/network.hpp"
#include "model/market/verdict.hpp"

namespace p2pllm {

/// The quantity that a moving node wants to increase (MIG-1, MIG-3).
enum class MigrationRule {
  share,    ///< its share of the serving capacity: weights 1 / cost
  revenue,  ///< its revenue at frozen prices: weights e^-w
};
[[nodiscard]] const char* to_string(MigrationRule rule);
[[nodiscard]] std::optional<MigrationRule> migration_rule_named(const std::string& name);

/// The range that each node serves, in file order.
using Allocation = std::vector<LayerRange>;

/// The move of a node from one range to another of the same length.
struct Move {
  std::size_t node = 0;  ///< index in file order
  LayerRange from;
  LayerRange to;
  friend bool operator==(const Move&, const Move&) = default;
};

/// The sum of the weights of the nodes that serve a range (MIG-1).
struct RangeLoad {
  LayerRange range;
  std::size_t nodes = 0;
  Enclosure load;  ///< a point under the share rule; its lower end is 0 if e^-w is below 2^-65536
};

/// The course of a migration until it is at rest (MIG-5).
struct Migration {
  std::vector<Move> moves;  ///< in the order made
  Allocation allocation;    ///< at rest
};

/// "`node` does not gain by moving to `to`": the load there, including its own, is at least 1 + margin times the load
/// at its present range (MIG-9).
struct Comparison {
  std::size_t node = 0;
  LayerRange to;
  Rational margin;  ///< >= 0, a lower bound
};

/// "At this allocation no node gains by moving", with every comparison that proves it (CERT-8).
struct BalanceClaim {
  MigrationRule rule = MigrationRule::share;
  long bits = 128;  ///< significant bits to which the checker rounds outward
  Allocation allocation;
  std::vector<Comparison> comparisons;  ///< by length, range left and target
};

}  // namespace p2pllm
