#include "model/simulation/histories.hpp"

namespace p2pllm {

Histories::Histories(const Peers& peers, bool cost_matters)
    : peers_(peers), cost_matters_(cost_matters), history_(peers.size()) {}

void Histories::begin(std::size_t node, std::uint32_t range, std::int64_t updates) {
  const Rational cost = cost_matters_ ? peers_.cost(node) : Rational(0);
  const auto [at, is_new] = first_.try_emplace({range, updates, cost, peers_.price(node)}, count_);
  count_ += is_new ? 1 : 0;
  history_[node] = at->second;
}

void Histories::separate(std::size_t node, std::int64_t step, std::uint32_t what) {
  const auto [at, is_new] = next_.try_emplace({history_[node], step, what}, count_);
  count_ += is_new ? 1 : 0;
  history_[node] = at->second;
}

}  // namespace p2pllm
