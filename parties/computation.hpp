#pragma once

#include <vector>

#include "model/contracts/commitment.hpp"
#include "model/contracts/step_executor.hpp"

namespace p2pllm::parties {

using namespace contracts;

/// All states s_0 .. s_n of a computation, and the leaves to which its provider commits (COMMIT-4).
struct Computation {
  std::vector<Bytes> states;
  std::vector<MerkleLeaf> leaves;
};

/// Executes all steps.
/// @pre the input is a state of the model
[[nodiscard]] Computation compute(const StepExecutor& executor, const Hash& model, const LayerRange& layers,
                                  Bytes input, std::int64_t steps);

}  // namespace p2pllm::parties
