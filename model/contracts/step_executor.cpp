#include "model/contracts/step_executor.hpp"

namespace p2pllm::contracts {
namespace {

class SampleExecutor : public StepExecutor {
 public:
  [[nodiscard]] std::optional<Bytes> execute(const Hash& model, const LayerRange& layers, std::int64_t step,
                                             ByteView state) const override {
    constexpr std::size_t state_bytes_max = 1024;
    if (state.empty() || state.size() > state_bytes_max) return std::nullopt;
    Bytes next;
    next.reserve(state.size());
    for (std::size_t k = 0; k < state.size(); ++k) {
      const unsigned left = state[k == 0 ? state.size() - 1 : k - 1];
      const auto place = static_cast<unsigned>((step + layers.first) % 251);
      next.push_back(static_cast<std::uint8_t>((3U * state[k] + left + place + model[k % model.size()]) % 251U));
    }
    return next;
  }
};

}  // namespace

const StepExecutor& sample_executor() {
  static const SampleExecutor executor;
  return executor;
}

const StepExecutor* find_executor(std::string_view name) { return name == "sample" ? &sample_executor() : nullptr; }

}  // namespace p2pllm::contracts
