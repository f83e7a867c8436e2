#pragma once

#include <span>
#include <string>
#include <vector>

#include "reference/contracts/execute.hpp"

// Conditions that must hold after every step (LEDGER-5). A failed invariant is a fault of this program, not an outcome.
namespace p2pllm::reference {

/// The input of the invariants: the whole state between two transactions, or the part that one of them touched.
struct StateView {
  const Genesis& genesis;
  Height height;
  std::span<const Shard> shards;
  std::span<const Receipt> in_flight;
  Amount supply;
  std::int64_t first_shard = 0;  ///< the number of the shard in shards[0]
};

/// A named invariant, with a sentence that states the condition it checks.
struct Invariant {
  std::string_view name;
  std::string_view says;
  /// Describes the violation; empty if there is none.
  std::string (*fault)(const StateView&);
  bool needs_all = false;  ///< it concerns all objects together, and says nothing about a part of the state
};
[[nodiscard]] const std::vector<Invariant>& invariants();

/// Every violation, as "conserved: ...". Empty if all invariants hold.
[[nodiscard]] std::vector<std::string> violations(const StateView& view);

/// The value that a shard holds, of all kinds together.
[[nodiscard]] Amount value_of(const Shard& shard);

/// Every violation in the part that a transaction could touch, `before` and `after` it. Invariants of single objects
/// are checked on `after`; sums and counts must change by as much as their parts do; and the step itself is checked. So
/// if all invariants held before and the result is empty, all of them hold.
[[nodiscard]] std::vector<std::string> violations_of_change(const BlockContext& block, std::int64_t shard,
                                                            const Shard& before, const Shard& after);

/// Violations between two states of one shard: terms changed, versions fell, final objects moved, evidence was lost.
[[nodiscard]] std::vector<std::string> violations_of_step(const Shard& before, const Shard& after);

}  // namespace p2pllm::reference
