#pragma once

#include <cstdint>

#include "model/crypto/merkle.hpp"

namespace p2pllm::contracts {

/// The hash that represents a state in a commitment (COMMIT-4).
[[nodiscard]] Hash state_hash(ByteView state);

/// Step j of a computation as its provider commits to it (COMMIT-4).
struct CommittedStep {
  Hash model{};                   ///< hash of the model's parameters and rules
  std::uint64_t step = 0;         ///< j, from 1 to N
  std::uint64_t first_layer = 0;  ///< the range [first, last) that the step runs
  std::uint64_t last_layer = 0;
  Hash before{};  ///< state_(j-1); for j = 1 the state of the input
  Hash after{};   ///< state_j

  bool operator==(const CommittedStep&) const = default;
};

/// leaf_j = H(leaf tag, [model, j, [first, last], state_(j-1), state_j]) (COMMIT-4). Its index in the tree is j - 1.
[[nodiscard]] MerkleLeaf commitment_leaf(const CommittedStep& step);

}  // namespace p2pllm::contracts
