#include "model/contracts/step_executor.hpp"

#include "model/assert.hpp"
#include "model/contracts/commitment.hpp"
#include "model/layers/micro_state.hpp"

namespace p2pllm::contracts {

std::optional<Bytes> SampleExecutor::execute(const StepOfTerms& step, std::int64_t micro, ByteView before) {
  constexpr std::size_t state_bytes_max = 1024;
  if (before.empty() || before.size() > state_bytes_max) return std::nullopt;
  Bytes next;
  next.reserve(before.size());
  const auto place = static_cast<unsigned>((step.step + step.layers.first + micro) % 251);
  for (std::size_t k = 0; k < before.size(); ++k) {
    const unsigned left = before[k == 0 ? before.size() - 1 : k - 1];
    next.push_back(
        static_cast<std::uint8_t>((3U * before[k] + left + place + step.model[k % step.model.size()]) % 251U));
  }
  return next;
}

std::vector<Bytes> SampleExecutor::micro_states(const StepOfTerms& step, const Bytes& before) {
  std::vector<Bytes> states{before};
  for (std::int64_t micro = 1; micro <= micro_steps(step); ++micro) {
    auto next = execute(step, micro, states.back());
    P2PLLM_ASSERT(next);
    states.push_back(*std::move(next));
  }
  return states;
}

std::optional<StepStart> SampleExecutor::start(const StepOfTerms& step, ByteView manifest, ByteView state,
                                               const Hash* row) const {
  if (!manifest.empty() || row != nullptr || !execute(step, 1, state)) return std::nullopt;
  return StepStart{micro_steps(step), micro_state_hash(state)};
}

Judgement SampleExecutor::judge(const StepOfTerms& step, std::int64_t micro, ByteView before, const Hash& after,
                                ByteView witness) const {
  const auto next = execute(step, micro, before);
  if (!next || !witness.empty()) return Judgement::unfit;
  const Hash hash = micro == micro_steps(step) ? state_hash(*next) : micro_state_hash(*next);
  return hash == after ? Judgement::right : Judgement::wrong;
}

const StepExecutor& sample_executor() {
  static const SampleExecutor executor;
  return executor;
}

}  // namespace p2pllm::contracts
