#include "reference/contracts/computation.hpp"

namespace p2pllm::contracts {

Hash state_hash(ByteView state) { return hash_tagged("p2pllm/1/computation-state", state); }

std::optional<Bytes> sample_step(const Hash& model, const LayerRange& layers, std::int64_t step, ByteView state) {
  constexpr std::size_t state_bytes_max = 1024;
  if (state.empty() || state.size() > state_bytes_max) return std::nullopt;
  Bytes next;
  for (std::size_t k = 0; k < state.size(); ++k) {
    const unsigned left = state[k == 0 ? state.size() - 1 : k - 1];
    const auto place = static_cast<unsigned>((step + layers.first) % 251);
    next.push_back(static_cast<std::uint8_t>((3U * state[k] + left + place + model[k % model.size()]) % 251U));
  }
  return next;
}

Computation compute(StepFunction step, const Hash& model, const LayerRange& layers, Bytes input, std::int64_t steps) {
  Computation result;
  result.states.push_back(std::move(input));
  for (std::int64_t j = 1; j <= steps; ++j) {
    result.states.push_back(step(model, layers, j, result.states.back()).value());
    const std::size_t n = result.states.size();
    result.leaves.push_back(commitment_leaf(
        {model, static_cast<std::uint64_t>(j), static_cast<std::uint64_t>(layers.first),
         static_cast<std::uint64_t>(layers.last), state_hash(result.states[n - 2]), state_hash(result.states[n - 1])}));
  }
  return result;
}

}  // namespace p2pllm::contracts
