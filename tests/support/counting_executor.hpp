#pragma once

#include "model/contracts/step_executor.hpp"

namespace p2pllm::testing {

/// The sample executor, which counts how often it is asked.
class CountingExecutor : public contracts::StepExecutor {
 public:
  mutable int started = 0, judged = 0;

  [[nodiscard]] std::optional<contracts::StepStart> start(const contracts::StepOfTerms& step, ByteView manifest,
                                                          ByteView state, const Hash* row) const override {
    ++started;
    return contracts::sample_executor().start(step, manifest, state, row);
  }
  [[nodiscard]] Judgement judge(const contracts::StepOfTerms& step, std::int64_t micro, ByteView before,
                                const Hash& after, ByteView witness) const override {
    ++judged;
    return contracts::sample_executor().judge(step, micro, before, after, witness);
  }
  [[nodiscard]] bool shows(const contracts::StepOfTerms& last, ByteView state, std::int64_t unit, ByteView row,
                           const MerkleProof& proof) const override {
    return contracts::sample_executor().shows(last, state, unit, row, proof);
  }
};

}  // namespace p2pllm::testing
