#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "model/crypto/sha256.hpp"
#include "model/layer_range.hpp"

namespace p2pllm::contracts {

/// Re-executes one step of a computation, bit for bit (COMMIT-4). Deterministic and stateless.
class StepExecutor {
 public:
  virtual ~StepExecutor() = default;
  /// @returns the state after step `step` of `model` on `layers`; nothing if the bytes are not a state
  [[nodiscard]] virtual std::optional<Bytes> execute(const Hash& model, const LayerRange& layers, std::int64_t step,
                                                     ByteView state) const = 0;
};

/// A fixed-point model for tests and examples. A state is 1 .. 1024 bytes, and step j replaces each byte by the sum of
/// that byte, its left neighbour, j, the first layer and a byte of the model's hash, modulo 251. It is exact and so
/// bit-reproducible.
[[nodiscard]] const StepExecutor& sample_executor();

/// Chooses the executor by the hash of the model; a model that is not listed uses the fallback.
class ExecutorRegistry : public StepExecutor {
 public:
  /// @param fallback  must outlive this object, as must the executors that are added
  explicit ExecutorRegistry(const StepExecutor& fallback) : fallback_(&fallback) {}

  void add(const Hash& model, const StepExecutor& executor) { by_model_[model] = &executor; }
  [[nodiscard]] std::optional<Bytes> execute(const Hash& model, const LayerRange& layers, std::int64_t step,
                                             ByteView state) const override {
    const auto found = by_model_.find(model);
    return (found == by_model_.end() ? fallback_ : found->second)->execute(model, layers, step, state);
  }

 private:
  const StepExecutor* fallback_;
  std::map<Hash, const StepExecutor*> by_model_;
};

/// The executor with this name, as it may appear in a trace; null if there is none. At present: "sample".
[[nodiscard]] const StepExecutor* find_executor(std::string_view name);

}  // namespace p2pllm::contracts
