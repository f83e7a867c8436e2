#pragma once

#include <vector>

#include "model/layers/steps.hpp"

namespace p2pllm {

/// What a provider commits to when it computes by layers: the states of all steps so far, by their hashes (STEP-1), and
/// the leaves of COMMIT-4.
struct CommitmentRecord {
  Computation computation;
  Hash model{};                    ///< the id of the model
  Hash input{};                    ///< the state before the first step
  std::vector<Hash> states;        ///< the state after each step, in the order of steps
  std::vector<MerkleLeaf> leaves;  ///< of each step
  Hash root{};                     ///< over the leaves
  std::vector<Hash> rows;          ///< of each unit, the hash of the row that entered
  Hash inputs{};                   ///< the root of the leaves of these rows, each with its unit
  Hash outputs{};                  ///< the root of STEP-1 of the rows that left
  bool operator==(const CommitmentRecord&) const = default;
};

/// The root over the rows that enter a range: of the leaves of STEP-1 of their hashes, of unit 1, 2, ...
[[nodiscard]] inline Hash inputs_root(std::span<const Hash> rows) {
  std::vector<MerkleLeaf> leaves;
  for (const Hash& row : rows) leaves.push_back(row_leaf(static_cast<std::int64_t>(leaves.size()) + 1, row));
  return merkle_root(leaves);
}

}  // namespace p2pllm
