#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "model/simulation/draws.hpp"
#include "model/simulation/record.hpp"
#include "model/simulation/scenario.hpp"
#include "optimized/market/migrate_state.hpp"

namespace p2pllm::optimized {

/// The costs of a network as integers of one unit, or 1 for each node: the keys of a migration (SIM-8).
/// @returns nothing if an integer needs more than 128 bits
[[nodiscard]] std::optional<MigrationKeys> plan_keys(WeightRule rule, const Network& network);

/// Where the nodes of a simulation are, and which of them move at a step of a plan (SIM-8).
///
/// Law: its moves are those of the definition, whichever arithmetic decided.
class Placement {
 public:
  /// @param scenario  must outlive the placement
  /// @param keys      of the plan's rule; not read without a plan and without nodes that join the best target
  Placement(const Scenario& scenario, const Network& network, MigrationKeys keys, std::uint64_t seed);

  /// The targets of all nodes, ascending (MIG-2); a range is named by its place here.
  [[nodiscard]] const std::vector<LayerRange>& ranges() const { return index_.ranges; }
  /// The range of each node; of an absent one the number of ranges.
  [[nodiscard]] const std::vector<std::uint32_t>& serves() const { return serves_; }
  [[nodiscard]] bool is_absent(std::uint32_t node) const { return serves_[node] == index_.size(); }

  struct Step {
    std::uint32_t node;
    std::uint32_t from;
    std::uint32_t to;
  };
  /// Moves a node whether it gains or not.
  void move(std::uint32_t node, std::uint32_t to);
  /// A node no longer takes part, from the start or from a step on (SIM-19).
  void leave(std::uint32_t node);
  /// A node takes part. @returns its range
  std::uint32_t join(std::uint32_t node, std::int64_t step);
  /// Asks the nodes that the plan's schedule names at a step, and moves those that gain.
  /// @returns the moves in their order
  [[nodiscard]] const std::vector<Step>& round(std::int64_t step);

  /// What a run has to remember of it (SIM-17).
  template <typename State>
  void keep(State& state) {
    std::vector<std::uint32_t> serves = serves_;
    state(serves, next_);
    state.require(serves.size() == serves_.size() &&
                  std::ranges::all_of(serves, [this](std::uint32_t range) { return range <= index_.size(); }));
    if (State::reads && state.holds()) put_all(serves);
  }

 private:
  void enter(std::uint32_t node, std::uint32_t to);
  void put_all(const std::vector<std::uint32_t>& serves);
  void ask(std::uint32_t node);
  void ask_best();
  void ask_gainer(bool first);
  [[nodiscard]] std::uint32_t destination(std::uint32_t node);
  [[nodiscard]] Rational load_without(std::uint32_t range, std::uint32_t node) const;
  [[nodiscard]] std::uint64_t bits(std::uint32_t entity, std::uint32_t draw = 0) const {
    return draws_.bits(Stream::migration_order, static_cast<std::uint64_t>(step_), entity, draw);
  }

  void ask_next();

  const Scenario& scenario_;
  Draws draws_;
  MigrationKeys keys_;
  RangeIndex index_;
  std::vector<std::uint32_t> serves_;
  std::vector<std::size_t> present_;  ///< the nodes that take part, in file order
  std::unique_ptr<MigrationState> state_;
  std::uint32_t next_ = 0;
  std::int64_t step_ = 0;
  std::vector<Step> steps_;
};

}  // namespace p2pllm::optimized
