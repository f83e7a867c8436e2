#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "model/simulation/draws.hpp"
#include "model/simulation/peers.hpp"
#include "model/simulation/record.hpp"
#include "model/simulation/scenario.hpp"
#include "optimized/market/migrate_state.hpp"
#include "optimized/simulation/revenue_loads.hpp"

namespace p2pllm::optimized {

/// The costs of a network as integers of one unit, or 1 for each node: the keys of a migration (SIM-8). Under the
/// revenue rule keys say nothing, and are those of `count`.
/// @returns nothing if an integer needs more than 128 bits
[[nodiscard]] std::optional<MigrationKeys> plan_keys(WeightRule rule, const Peers& peers);

/// Where the nodes of a simulation are, and which of them move at a step of a plan (SIM-8).
///
/// Law: its moves are those of the definition, whichever arithmetic decided.
class Placement {
 public:
  /// @param scenario  must outlive the placement
  /// @param keys      of the plan's rule; not read without a plan and without nodes that join the best target
  Placement(const Scenario& scenario, const Peers& peers, MigrationKeys keys, std::uint64_t seed);

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
  /// A node takes part. @returns its range; nothing if it is not decided
  /// @param loads  of the revenue rule; null under another one
  std::optional<std::uint32_t> join(std::uint32_t node, std::int64_t step, const RevenueLoads* loads);
  /// Asks the nodes that the plan's schedule names at a step, and moves those that gain.
  /// @param loads  of the revenue rule, which change with each move; null under another one
  /// @returns whether all of it is decided
  [[nodiscard]] bool round(std::int64_t step, RevenueLoads* loads);
  /// The moves of the last round in their order.
  [[nodiscard]] const std::vector<Step>& moves() const { return steps_; }

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
  // Of these, `false` and nothing say that something is not decided.
  [[nodiscard]] bool ask_all(const std::vector<std::size_t>& nodes);
  [[nodiscard]] bool ask(std::uint32_t node);
  [[nodiscard]] bool ask_best();
  [[nodiscard]] bool ask_gainer(bool first);
  [[nodiscard]] bool ask_next();
  [[nodiscard]] std::optional<std::uint32_t> destination(std::uint32_t node);
  [[nodiscard]] std::optional<std::vector<std::uint32_t>> equal_destinations(std::uint32_t node, std::uint32_t to);
  [[nodiscard]] std::optional<bool> gives_more(const Step& one, const Step& other) const;
  [[nodiscard]] Rational rise(const Step& step) const;
  [[nodiscard]] Rational load_without(std::uint32_t range, std::uint32_t node) const;
  [[nodiscard]] std::uint64_t bits(std::uint32_t entity, std::uint32_t draw = 0) const {
    return draws_.bits(Stream::migration_order, static_cast<std::uint64_t>(step_), entity, draw);
  }

  const Scenario& scenario_;
  Draws draws_;
  MigrationKeys keys_;
  RangeIndex index_;
  std::vector<std::uint32_t> serves_;
  std::vector<std::size_t> present_;  ///< with a plan, the nodes that take part, in file order
  std::unique_ptr<MigrationState> state_;
  RevenueLoads* loads_ = nullptr;  ///< of the round that is made
  std::uint32_t next_ = 0;
  std::int64_t step_ = 0;
  std::vector<Step> steps_;
};

}  // namespace p2pllm::optimized
