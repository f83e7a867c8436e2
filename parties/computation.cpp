#include "parties/computation.hpp"

#include "model/assert.hpp"

namespace p2pllm::parties {

Computation compute(const StepExecutor& executor, const Hash& model, const LayerRange& layers, Bytes input,
                    std::int64_t steps) {
  Computation result;
  result.states.push_back(std::move(input));
  for (std::int64_t j = 1; j <= steps; ++j) {
    auto next = executor.execute(model, layers, j, result.states.back());
    P2PLLM_ASSERT(next);
    result.states.push_back(*std::move(next));
    const std::size_t n = result.states.size();
    result.leaves.push_back(commitment_leaf(
        {model, static_cast<std::uint64_t>(j), static_cast<std::uint64_t>(layers.first),
         static_cast<std::uint64_t>(layers.last), state_hash(result.states[n - 2]), state_hash(result.states[n - 1])}));
  }
  return result;
}

}  // namespace p2pllm::parties
