#pragma once

#include "model/contracts/commitment.hpp"
#include "reference/contracts/ledger.hpp"

// The computation that an SLA is about, as far as the ledger must know it: how states are hashed, and a small model
// whose steps it can execute again.
namespace p2pllm::contracts {

/// The hash by which a commitment names a state (COMMIT-4).
[[nodiscard]] Hash state_hash(ByteView state);

/// A fixed-point model for tests and examples: a state is 1 .. 1024 bytes, and step j replaces each byte by a sum of
/// it, its left neighbour, j, the first layer and a byte of the model's hash, modulo 251. Exact, so bit-reproducible.
[[nodiscard]] std::optional<Bytes> sample_step(const Hash& model, const LayerRange& layers, std::int64_t step,
                                               ByteView state);

/// All states state_0 .. state_N of a computation, and the leaves that its provider commits to.
struct Computation {
  std::vector<Bytes> states;
  std::vector<MerkleLeaf> leaves;
};
[[nodiscard]] Computation compute(StepFunction step, const Hash& model, const LayerRange& layers, Bytes input,
                                  std::int64_t steps);

}  // namespace p2pllm::contracts
