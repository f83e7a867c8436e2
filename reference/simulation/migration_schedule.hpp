#pragma once

#include <vector>

#include "model/simulation/draws.hpp"
#include "model/simulation/record.hpp"
#include "model/simulation/scenario.hpp"
#include "reference/simulation/move_rule.hpp"

namespace p2pllm::reference {

/// The rational weights of a plan (SIM-8): those of the share rule, which say where nodes are under the revenue rule
/// too, or 1 for each node.
[[nodiscard]] MigrationWeights weights_of(const MigrationPlan& plan, const Network& network);

/// Asks the nodes that a plan's schedule names at one step whether they gain, one after the other, and moves those that
/// do (SIM-8). Every decision is certain.
class MigrationRound {
 public:
  /// @param state  where nodes are, as `rule` changes it
  /// @param rule   decides; changes with each move
  /// @param next   the schedule `next` asks the first node from this one on; advanced
  /// @param nodes  those that take part, in file order; must outlive the object
  MigrationRound(const MigrationPlan& plan, const Draws& draws, const MigrationState& state, MoveRule& rule,
                 std::size_t& next, const std::vector<std::size_t>& nodes)
      : plan_(plan), draws_(draws), state_(state), rule_(rule), next_(next), nodes_(nodes) {}

  /// @returns the moves in their order, or an undecided comparison
  [[nodiscard]] Result<std::vector<SimulatedMove>> run(std::int64_t step);

 private:
  [[nodiscard]] Result<void> ask(std::size_t node);
  [[nodiscard]] Result<void> ask_next();
  [[nodiscard]] Result<void> ask_best();
  [[nodiscard]] Result<void> ask_gainer(bool first);

  const MigrationPlan& plan_;
  const Draws& draws_;
  const MigrationState& state_;
  MoveRule& rule_;
  std::size_t& next_;
  const std::vector<std::size_t>& nodes_;
  std::int64_t step_ = 0;
  std::vector<SimulatedMove> moves_;
};

}  // namespace p2pllm::reference
