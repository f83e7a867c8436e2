#include "model/simulation/histories.hpp"

namespace p2pllm {

Histories::Histories(const Network& network, bool cost_matters) {
  std::map<std::tuple<LayerRange, Rational, Rational>, std::uint32_t> known;
  history_.reserve(network.size());
  for (const Node& node : network.nodes) {
    const auto [at, is_new] =
        known.try_emplace({node.layers, cost_matters ? node.cost : Rational(0), node.price}, count_);
    count_ += is_new ? 1 : 0;
    history_.push_back(at->second);
  }
}

void Histories::separate(std::size_t node, std::int64_t step, std::uint32_t what) {
  const auto [at, is_new] = next_.try_emplace({history_[node], step, what}, count_);
  count_ += is_new ? 1 : 0;
  history_[node] = at->second;
}

}  // namespace p2pllm
