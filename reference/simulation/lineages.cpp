#include "reference/simulation/lineages.hpp"

#include <algorithm>

namespace p2pllm::reference {

Lineages::Lineages(const Network& network, bool cost_matters)
    : network_(network), cost_matters_(cost_matters), lineage_(network.size()) {
  for (std::size_t node = 0; node < network.size(); ++node) state(node, network.nodes[node].price);
}

void Lineages::state(std::size_t node, const Rational& price) {
  const Rational cost = cost_matters_ ? network_.nodes[node].cost : Rational(0);
  const auto [at, is_new] = stated_.try_emplace({cost, price}, count_);
  count_ += is_new ? 1 : 0;
  lineage_[node] = at->second;
}

std::uint64_t Lineages::name_of(std::uint64_t first, std::uint64_t second) {
  const auto [at, is_new] = pairs_.try_emplace({first, second}, count_);
  count_ += is_new ? 1 : 0;
  return at->second;
}

/// A list of lineages is named item by item. A pair is never both a list and a lineage of a group: all names differ,
/// and the second part of the former is a lineage, that of the latter a list.
void Lineages::step(std::span<const std::size_t> nodes, const std::vector<bool>& updates) {
  std::vector<std::uint64_t> all;
  for (const std::size_t node : nodes) all.push_back(lineage_[node]);
  std::ranges::sort(all);
  std::uint64_t group = empty_list;
  for (const std::uint64_t one : all) group = name_of(group, one);
  for (std::size_t k = 0; k < nodes.size(); ++k)
    if (updates[k]) lineage_[nodes[k]] = name_of(lineage_[nodes[k]], group);
}

}  // namespace p2pllm::reference
