#pragma once

#include <string_view>

#include "model/contracts/step_executor.hpp"

namespace p2pllm::optimized {

/// The executor of models in layers (STEP-1 .. STEP-6), by the judge of this half: a step runs one position through one
/// layer, a unit is a position, and a model is named by its manifest's hash.
class LayersExecutor : public contracts::StepExecutor {
 public:
  [[nodiscard]] std::optional<contracts::StepStart> start(const contracts::StepOfTerms& step, ByteView manifest,
                                                          ByteView state, const Hash* row) const override;
  [[nodiscard]] Judgement judge(const contracts::StepOfTerms& step, std::int64_t micro, ByteView before,
                                const Hash& after, ByteView witness) const override;
  [[nodiscard]] bool shows(const contracts::StepOfTerms& last, ByteView state, std::int64_t unit, ByteView row,
                           const MerkleProof& proof) const override;
};

/// The executor with this name, as it may appear in a trace: "sample" or "layers"; null if there is none.
[[nodiscard]] const contracts::StepExecutor* find_executor(std::string_view name);

}  // namespace p2pllm::optimized
