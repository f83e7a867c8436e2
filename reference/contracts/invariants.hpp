#pragma once

#include <span>
#include <string>
#include <vector>

#include "reference/contracts/execute.hpp"

// What must hold after every step (LEDGER-5). An invariant that fails is a fault of this program, not an outcome.
namespace p2pllm::reference {

/// What the invariants look at: the whole state between two transactions, or what one of them touched.
struct StateView {
  const Genesis& genesis;
  Height height;
  std::span<const Shard> shards;
  std::span<const Receipt> in_flight;
  Amount supply;
  std::int64_t first_shard = 0;  ///< the number of shards[0]
};

/// Invariant: named, with the sentence that it checks.
struct Invariant {
  std::string_view name;
  std::string_view says;
  /// What violates it; empty if nothing does.
  std::string (*fault)(const StateView&);
  bool needs_all = false;  ///< speaks of all objects together: of a part of the state it says nothing
};
[[nodiscard]] const std::vector<Invariant>& invariants();

/// Every violation: "conserved: ...". Empty if all hold.
[[nodiscard]] std::vector<std::string> violations(const StateView& view);

/// What a shard holds, all kinds of value together.
[[nodiscard]] Amount value_of(const Shard& shard);

/// Every violation by what a transaction changed: `before` and `after` are all that it could touch. Invariants of
/// single objects are asked of `after`; of sums and counts, that they change by as much as their parts do; and
/// violations of the step itself. So if all held before and this is empty, all hold.
[[nodiscard]] std::vector<std::string> violations_of_change(const BlockContext& block, std::int64_t shard,
                                                            const Shard& before, const Shard& after);

/// Violations between two states of one shard: terms changed, versions fell, final objects moved, evidence was lost.
[[nodiscard]] std::vector<std::string> violations_of_step(const Shard& before, const Shard& after);

}  // namespace p2pllm::reference
