#include "model/simulation/histories.hpp"

namespace p2pllm {

Histories::Histories(const Network& network, bool cost_matters)
    : network_(network), cost_matters_(cost_matters), history_(network.size()) {}

void Histories::begin(std::size_t node, std::uint32_t range, std::int64_t updates) {
  const Node& of = network_.nodes[node];
  const auto [at, is_new] =
      first_.try_emplace({range, updates, cost_matters_ ? of.cost : Rational(0), of.price}, count_);
  count_ += is_new ? 1 : 0;
  history_[node] = at->second;
}

void Histories::separate(std::size_t node, std::int64_t step, std::uint32_t what) {
  const auto [at, is_new] = next_.try_emplace({history_[node], step, what}, count_);
  count_ += is_new ? 1 : 0;
  history_[node] = at->second;
}

}  // namespace p2pllm
