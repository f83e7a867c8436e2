#include "optimized/simulation/twins.hpp"

#include <algorithm>

namespace p2pllm::optimized {

Twins::Twins(const Peers& peers, const Rational& alpha) {
  const bool cost_matters = alpha != Rational(1), price_matters = alpha.sign() != 0;
  std::map<std::pair<Rational, Rational>, std::uint64_t> stated;
  std::map<Rational, std::uint64_t> costs;
  for (std::size_t node = 0; node < peers.size(); ++node) {
    const Rational cost = peers.cost(node), price = peers.price(node);
    const auto [at, is_new] = stated.try_emplace({cost_matters ? cost : Rational(0), price}, count_);
    count_ += is_new ? 1 : 0;
    class_.push_back(at->second);
    if (!price_matters) of_cost_.push_back(costs.try_emplace(cost, costs.size()).first->second);
    is_free_.push_back(price.sign() == 0 ? 1 : 0);
  }
  can_be_ = stated.size() < peers.size();
}

void Twins::begin_update() {
  groups_.clear();
  next_.clear();
}

Twins::Group Twins::group_of(std::span<const std::uint32_t> nodes) const {
  std::vector<std::uint64_t> classes;
  classes.reserve(nodes.size());
  for (const std::uint32_t node : nodes) classes.push_back(class_[node]);
  std::ranges::sort(classes);
  Group group;
  for (const std::uint64_t one : classes) {
    if (group.empty() || group.back().first != one) group.emplace_back(one, 0);
    ++group.back().second;
  }
  return group;
}

void Twins::step(std::span<const std::uint32_t> nodes, std::span<const double> moves) {
  const auto is_moved = [&](std::size_t k) { return moves.empty() || moves[k] != 0; };
  for (std::size_t k = 0; k < nodes.size(); ++k)
    if (is_moved(k)) is_free_[nodes[k]] = 0;
  if (!can_be_) return;
  const std::uint64_t group = groups_.try_emplace(group_of(nodes), groups_.size()).first->second;
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    if (!is_moved(k)) continue;
    const auto [at, is_new] = next_.try_emplace({class_[nodes[k]], group}, count_);
    count_ += is_new ? 1 : 0;
    class_[nodes[k]] = at->second;
  }
}

}  // namespace p2pllm::optimized
