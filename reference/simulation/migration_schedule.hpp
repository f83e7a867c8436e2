#pragma once

#include <vector>

#include "model/simulation/draws.hpp"
#include "model/simulation/record.hpp"
#include "model/simulation/scenario.hpp"
#include "reference/market/migration_state.hpp"

namespace p2pllm::reference {

/// The weights of a plan (SIM-8): those of the share rule, or 1 for each node.
[[nodiscard]] MigrationWeights weights_of(const MigrationPlan& plan, const Network& network);

/// Asks the nodes that a plan's schedule names at one step whether they gain, one after the other, and moves those that
/// do (SIM-8). Every decision is exact.
class MigrationRound {
 public:
  /// @param state  changes with each move
  /// @param next   the schedule `next` asks the first node from this one on; advanced
  /// @param nodes  those that take part, in file order; must outlive the object
  MigrationRound(const MigrationPlan& plan, const Draws& draws, MigrationState& state, std::size_t& next,
                 const std::vector<std::size_t>& nodes)
      : plan_(plan), draws_(draws), state_(state), next_(next), nodes_(nodes) {}

  /// @returns the moves in their order, or an undecided comparison
  [[nodiscard]] Result<std::vector<SimulatedMove>> run(std::int64_t step);

 private:
  [[nodiscard]] Result<void> ask(std::size_t node);
  [[nodiscard]] Result<void> ask_next();
  [[nodiscard]] Result<void> ask_best();
  [[nodiscard]] Result<void> ask_gainer(bool first);

  const MigrationPlan& plan_;
  const Draws& draws_;
  MigrationState& state_;
  std::size_t& next_;
  const std::vector<std::size_t>& nodes_;
  std::int64_t step_ = 0;
  std::vector<SimulatedMove> moves_;
};

}  // namespace p2pllm::reference
