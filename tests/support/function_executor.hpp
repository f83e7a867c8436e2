#pragma once

#include <functional>
#include <utility>

#include "model/contracts/step_executor.hpp"

namespace p2pllm::testing {

/// A step executor made of a function, so that a test can compute wrongly or count.
class FunctionExecutor : public contracts::StepExecutor {
 public:
  using Function = std::function<std::optional<Bytes>(const Hash&, const LayerRange&, std::int64_t, ByteView)>;
  explicit FunctionExecutor(Function function) : function_(std::move(function)) {}

  [[nodiscard]] std::optional<Bytes> execute(const Hash& model, const LayerRange& layers, std::int64_t step,
                                             ByteView state) const override {
    return function_(model, layers, step, state);
  }

 private:
  Function function_;
};

}  // namespace p2pllm::testing
