#pragma once

#include <map>
#include <optional>
#include <vector>

#include "model/layers/steps.hpp"

namespace p2pllm::contracts {

/// A step of a computation, as the terms of an agreement name it (SLA-2): a range that is not empty, a first position
/// of 0 or more, and a step and steps a unit of at least 1.
struct StepOfTerms {
  Hash model{};
  LayerRange layers{};
  std::int64_t first_position = 0;
  std::int64_t steps_per_unit = 1;
  std::int64_t step = 1;  ///< from 1
};

/// The beginning of a step that is executed in micro-steps (SLA-15).
struct StepStart {
  std::int64_t micro_steps = 1;
  Hash state{};  ///< the hash of micro-state 0
  bool operator==(const StepStart&) const = default;
};

/// Cuts the steps of a computation into micro-steps and executes one of them again, bit for bit (COMMIT-4).
/// Deterministic and stateless: an answer is a function of the arguments.
class StepExecutor {
 public:
  virtual ~StepExecutor() = default;
  /// @param manifest  of the model, as a party shows it @param state  the bytes of the state before the step
  /// @param row  the hash of the row that enters, if the step reads one (SLA-15); null if it does not
  /// @returns nothing if the model has no such step or no such manifest, if it cannot begin at these bytes, or if it
  ///   reads a row and none is given, or the other way round
  [[nodiscard]] virtual std::optional<StepStart> start(const StepOfTerms& step, ByteView manifest, ByteView state,
                                                       const Hash* row) const = 0;
  /// @param micro  from 1 @param before  the bytes of the micro-state before @param after  the hash of the micro-state
  ///   after, which for the last one is that of the state after the step
  [[nodiscard]] virtual Judgement judge(const StepOfTerms& step, std::int64_t micro, ByteView before, const Hash& after,
                                        ByteView witness) const = 0;
  /// Whether the state after the last step names a row as the one that left with a unit (SLA-6).
  /// @param unit  from 1 to that of the last step @param proof  of the row among those of all units
  [[nodiscard]] virtual bool shows(const StepOfTerms& last, ByteView state, std::int64_t unit, ByteView row,
                                   const MerkleProof& proof) const = 0;
};

/// A toy for tests and examples. A state is 1 .. 1024 bytes. Step j has 1 + j mod 3 micro-steps, and each replaces each
/// byte by the sum of three times that byte, its left neighbour, j, the first layer, the number of the micro-step and a
/// byte of the model's hash, modulo 251. It needs neither manifest nor witness, and reads and leaves no rows.
class SampleExecutor : public StepExecutor {
 public:
  [[nodiscard]] static std::int64_t micro_steps(const StepOfTerms& step) { return 1 + step.step % 3; }
  /// @returns the bytes after one micro-step; nothing if the bytes are not a state
  [[nodiscard]] static std::optional<Bytes> execute(const StepOfTerms& step, std::int64_t micro, ByteView before);
  /// All micro-states of a step, from the state before it to the state after it.
  /// @pre the bytes are a state
  [[nodiscard]] static std::vector<Bytes> micro_states(const StepOfTerms& step, const Bytes& before);

  [[nodiscard]] std::optional<StepStart> start(const StepOfTerms& step, ByteView manifest, ByteView state,
                                               const Hash* row) const override;
  [[nodiscard]] Judgement judge(const StepOfTerms& step, std::int64_t micro, ByteView before, const Hash& after,
                                ByteView witness) const override;
  /// No rows leave: the last state is the output.
  [[nodiscard]] bool shows(const StepOfTerms& /*last*/, ByteView /*state*/, std::int64_t /*unit*/, ByteView row,
                           const MerkleProof& proof) const override {
    return row.empty() && proof.empty();
  }
};
[[nodiscard]] const StepExecutor& sample_executor();

/// Chooses the executor by the hash of the model.
class ExecutorRegistry : public StepExecutor {
 public:
  /// @param others  of all models that are not added; must outlive this object
  explicit ExecutorRegistry(const StepExecutor& others) : others_(&others) {}

  /// @param executor  must outlive this object
  void add(const Hash& model, const StepExecutor& executor) { by_model_[model] = &executor; }
  [[nodiscard]] std::optional<StepStart> start(const StepOfTerms& step, ByteView manifest, ByteView state,
                                               const Hash* row) const override {
    return of(step.model).start(step, manifest, state, row);
  }
  [[nodiscard]] Judgement judge(const StepOfTerms& step, std::int64_t micro, ByteView before, const Hash& after,
                                ByteView witness) const override {
    return of(step.model).judge(step, micro, before, after, witness);
  }
  [[nodiscard]] bool shows(const StepOfTerms& last, ByteView state, std::int64_t unit, ByteView row,
                           const MerkleProof& proof) const override {
    return of(last.model).shows(last, state, unit, row, proof);
  }

 private:
  [[nodiscard]] const StepExecutor& of(const Hash& model) const {
    const auto found = by_model_.find(model);
    return found == by_model_.end() ? *others_ : *found->second;
  }

  const StepExecutor* others_;
  std::map<Hash, const StepExecutor*> by_model_;
};

}  // namespace p2pllm::contracts
