#include "proofs/symbolic_network.hpp"

namespace p2pllm::proofs {

using reference::joined, reference::minimum;

std::vector<Served> one_layer_nodes(int layers, int nodes_per_layer) {
  std::vector<Served> nodes;
  for (int layer = 0; layer < layers; ++layer)
    for (int k = 0; k < nodes_per_layer; ++k) nodes.push_back({layer, layer + 1});
  return nodes;
}

SymbolicNetwork::SymbolicNetwork(const Scope& scope, int layers, std::vector<Served> nodes, Legs legs, Unknown unknown)
    : scope_(scope), layers_(layers), nodes_(std::move(nodes)), legs_(legs) {
  for (std::size_t i = 0; i < size(); ++i) own_.push_back(unknown(scope, std::to_string(i)));
  const auto name = [&](std::size_t v) { return v == source() ? "s" : v == target() ? "t" : std::to_string(v); };
  for (std::size_t vertex = 0; vertex <= source(); ++vertex)
    for (const std::size_t next : successors(vertex))
      if (has_own_label(vertex, next))
        leg_.emplace(std::pair(vertex, next), unknown(scope, name(vertex) + "_" + name(next)));
}

bool SymbolicNetwork::has_own_label(std::size_t vertex, std::size_t next) const {
  return legs_ == Legs::all || (legs_ == Legs::client && (vertex == source() || next == target()));
}

std::vector<std::size_t> SymbolicNetwork::successors(std::size_t vertex) const {
  const int boundary = vertex == source() ? 0 : nodes_[vertex].last;
  if (boundary == layers_) return {target()};
  std::vector<std::size_t> next;
  for (std::size_t j = 0; j < size(); ++j)
    if (nodes_[j].first == boundary) next.push_back(j);
  return next;
}

Label SymbolicNetwork::step(std::size_t vertex, std::size_t next) const {
  const auto leg = leg_.find({vertex, next});
  if (vertex == source()) {
    const SymReal zero = scope_.number(0);
    return leg == leg_.end() ? Label{zero, zero, zero} : leg->second;
  }
  return leg == leg_.end() ? own_[vertex] : joined(own_[vertex], leg->second);
}

void SymbolicNetwork::extend(Chain& chain, std::vector<Chain>& found) const {
  for (const std::size_t next : successors(chain.empty() ? source() : chain.back())) {
    if (next == target()) {
      found.push_back(chain);
      continue;
    }
    chain.push_back(next);
    extend(chain, found);
    chain.pop_back();
  }
}

std::vector<SymbolicNetwork::Chain> SymbolicNetwork::chains() const {
  std::vector<Chain> found;
  Chain chain;
  extend(chain, found);
  return found;
}

Label SymbolicNetwork::label_of(const Chain& chain) const {
  return joined(step(source(), chain.front()), suffix_label(chain, 0));
}

Label SymbolicNetwork::suffix_label(const Chain& chain, std::size_t k) const {
  Label sum = step(chain.back(), target());
  for (std::size_t next = chain.size() - 1; next > k; --next) sum = joined(step(chain[next - 1], chain[next]), sum);
  return sum;
}

std::vector<std::optional<Label>> SymbolicNetwork::node_labels() const {
  std::vector<std::optional<Label>> labels(size() + 2);
  const SymReal zero = scope_.number(0);
  labels[target()] = Label{zero, zero, zero};
  const auto relax = [&](std::size_t vertex) {
    for (const std::size_t next : successors(vertex)) {
      if (!labels[next]) continue;
      const Label through = joined(step(vertex, next), *labels[next]);
      labels[vertex] = labels[vertex] ? minimum(*labels[vertex], through) : through;
    }
  };
  for (int first = layers_ - 1; first >= 0; --first)
    for (std::size_t i = 0; i < size(); ++i)
      if (nodes_[i].first == first) relax(i);
  relax(source());
  return labels;
}

Label SymbolicNetwork::boundary_merge(std::optional<std::size_t> forgotten) const {
  const SymReal zero = scope_.number(0);
  std::map<int, Label> rest{{layers_, Label{zero, zero, zero}}};
  for (int boundary = layers_ - 1; boundary >= 0; --boundary)
    for (std::size_t i = 0; i < size(); ++i) {
      if (nodes_[i].first != boundary || forgotten == i || !rest.contains(nodes_[i].last)) continue;
      const bool is_end = nodes_[i].last == layers_;
      Label own = is_end ? step(i, target()) : own_[i];
      if (boundary == 0) own = joined(step(source(), i), own);
      const Label through = joined(own, rest.at(nodes_[i].last));
      const auto here = rest.find(boundary);
      if (here == rest.end()) rest.emplace(boundary, through);
      else here->second = minimum(here->second, through);
    }
  return rest.at(0);
}

}  // namespace p2pllm::proofs
