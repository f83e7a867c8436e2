#pragma once

#include <string>
#include <vector>

#include "reference/contracts/ledger.hpp"

// What must hold after every step (LEDGER-5). An invariant that fails is a fault of this program, not an outcome.
namespace p2pllm::contracts {

/// What the invariants look at: the whole state between two transactions.
struct StateView {
  const Genesis& genesis;
  Height height;
  const std::vector<Shard>& shards;
  const std::vector<Receipt>& in_flight;
  Amount supply;
};

/// Invariant: named, with the sentence that it checks.
struct Invariant {
  std::string_view name;
  std::string_view says;
  /// What violates it; empty if nothing does.
  std::string (*fault)(const StateView&);
};
[[nodiscard]] const std::vector<Invariant>& invariants();

/// Every violation: "conserved: ...". Empty if all hold.
[[nodiscard]] std::vector<std::string> violations(const StateView& view);

/// What a shard holds, all kinds of value together.
[[nodiscard]] Amount value_of(const Shard& shard);

/// Violations between two states of one shard: terms changed, versions fell, final objects moved, evidence was lost.
[[nodiscard]] std::vector<std::string> violations_of_step(const Shard& before, const Shard& after);

}  // namespace p2pllm::contracts
