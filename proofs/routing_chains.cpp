#include "proofs/symbolic_network.hpp"

namespace p2pllm::proofs {
namespace {

using namespace reference;
using Legs = SymbolicNetwork::Legs;

std::vector<std::string> numbered(int count) {
  std::vector<std::string> names;
  for (int k = 0; k < count; ++k) names.push_back(std::to_string(k));
  return names;
}

Label least_of(const std::vector<Label>& labels) {
  Label result = labels.front();
  for (const Label& label : labels) result = minimum(result, label);
  return result;
}

Label least_joined(const Label& first, std::vector<Label> labels) {
  for (Label& label : labels) label = joined(first, label);
  return least_of(labels);
}

/// The node form of the optimum against the boundary form, and the fault of a boundary that forgets its last node.
Obligation node_form_is_boundary_form(const std::string& shape, const std::string& instance, int layers,
                                      std::vector<Served> nodes, Legs legs, SymbolicNetwork::Unknown unknown) {
  return {"ROUTE-7", "route-7-boundary-merge-" + shape,
          "one label a boundary finds the same optimum as one label a node", instance, [=](Scope& scope) -> Goal {
            const SymbolicNetwork network(scope, layers, nodes, legs, unknown);
            const Label optimum = *network.node_labels()[network.source()];
            return {same(optimum, network.boundary_merge()), same(optimum, network.boundary_merge(network.size() - 1))};
          }};
}

std::vector<Obligation> merge_obligations() {
  std::vector<Obligation> list;
  list.push_back({"ROUTE-7", "route-7-one-layer-step",
                  "whatever leads there, the best way on is the best way on from the boundary",
                  "one layer of 32 nodes, all weights", [](Scope& scope) -> Goal {
                    const Label predecessor = any_weight(scope, "e");
                    std::vector<Label> onward;
                    for (const std::string& j : numbered(32))
                      onward.push_back(joined(any_weight(scope, "own" + j), any_weight(scope, "rest" + j)));
                    const Label boundary_form = joined(predecessor, least_of(onward));
                    const std::vector<Label> forgetful(onward.begin(), onward.end() - 1);
                    return {same(least_joined(predecessor, onward), boundary_form),
                            same(least_joined(predecessor, forgetful), boundary_form)};
                  }});
  list.push_back({"ROUTE-7", "route-7-one-layer-step-full",
                  "whatever leads there, the best way on is the best way on from the boundary",
                  "one layer of 8 nodes, full labels", [](Scope& scope) -> Goal {
                    const Label predecessor = any_label(scope, "e");
                    std::vector<Label> onward;
                    for (const std::string& j : numbered(8))
                      onward.push_back(joined(any_label(scope, "own" + j), any_label(scope, "rest" + j)));
                    const Label boundary_form = joined(predecessor, least_of(onward));
                    const std::vector<Label> forgetful(onward.begin(), onward.end() - 1);
                    return {same(least_joined(predecessor, onward), boundary_form),
                            same(least_joined(predecessor, forgetful), boundary_form)};
                  }});
  list.push_back({"ROUTE-7", "route-7-min-plus-associative",
                  "merging layers from the front or from the back is the same", "8 nodes by 8 nodes, all weights",
                  [](Scope& scope) -> Goal {
                    const std::size_t count = 8;
                    std::vector<Label> front, back, backward;
                    std::vector<std::vector<Label>> middle(count), to(count);
                    for (std::size_t k = 0; k < count; ++k) {
                      front.push_back(any_weight(scope, "a" + std::to_string(k)));
                      back.push_back(any_weight(scope, "c" + std::to_string(k)));
                      for (std::size_t j = 0; j < count; ++j)
                        middle[k].push_back(any_weight(scope, "b" + std::to_string(k) + "_" + std::to_string(j)));
                    }
                    std::vector<Label> forward, wrong;
                    for (std::size_t j = 0; j < count; ++j) {
                      std::vector<Label> here, exchanged;
                      for (std::size_t k = 0; k < count; ++k) {
                        here.push_back(joined(front[k], middle[k][j]));
                        exchanged.push_back(joined(front[k], middle[j][k]));
                      }
                      forward.push_back(joined(least_of(here), back[j]));
                      wrong.push_back(joined(least_of(exchanged), back[j]));
                    }
                    for (std::size_t k = 0; k < count; ++k) {
                      std::vector<Label> onward;
                      for (std::size_t j = 0; j < count; ++j) onward.push_back(joined(middle[k][j], back[j]));
                      backward.push_back(joined(front[k], least_of(onward)));
                    }
                    return {same(least_of(forward), least_of(backward)), same(least_of(wrong), least_of(backward))};
                  }});
  return list;
}

std::vector<Obligation> boundary_obligations() {
  std::vector<Obligation> list;
  list.push_back(node_form_is_boundary_form("4x4", "4 layers of 4 nodes, all weights", 4, one_layer_nodes(4, 4),
                                            Legs::none, any_weight));
  list.push_back(node_form_is_boundary_form(
      "spans", "5 layers, 10 ranges of 1 to 3 layers, all weights", 5,
      {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}, {2, 5}, {3, 4}, {3, 5}, {4, 5}}, Legs::none, any_weight));
  list.push_back(node_form_is_boundary_form(
      "dead-ends", "4 layers, ranges that lead nowhere or start where nobody arrives, all weights", 4,
      {{0, 2}, {0, 3}, {1, 4}, {0, 4}, {2, 4}, {0, 2}, {2, 4}}, Legs::none, any_weight));
  list.push_back(node_form_is_boundary_form("client", "3 layers, 7 ranges of 1 to 3, a client's legs, full labels", 3,
                                            {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}, {2, 3}}, Legs::client,
                                            any_label));
  list.push_back({"ROUTE-7", "route-7-latency-needs-nodes",
                  "with latency between peers no node need be the best way on from all of a boundary's nodes",
                  "2 nodes, then 2 nodes; latencies that differ alike from both leave one best way",
                  [](Scope& scope) -> Goal {
                    const SymReal zero = scope.number(0);
                    const Label on_2{scope.positive("on_2"), zero, zero}, on_3{scope.positive("on_3"), zero, zero};
                    const auto leg = [&](const char* name) { return Label{scope.non_negative(name), zero, zero}; };
                    const Label l02 = leg("l_02"), l03 = leg("l_03"), l12 = leg("l_12"), l13 = leg("l_13");
                    const SymBool disagree = land(precedes(joined(l02, on_2), joined(l03, on_3)),
                                                  precedes(joined(l13, on_3), joined(l12, on_2)));
                    return {disagree, land(disagree, l02.weight - l03.weight == l12.weight - l13.weight)};
                  },
                  Obligation::Kind::exists});
  return list;
}

/// The vertices of a chain with the source before them.
std::vector<std::size_t> walk_of(const SymbolicNetwork& network, const SymbolicNetwork::Chain& chain) {
  std::vector<std::size_t> walk{network.source()};
  walk.insert(walk.end(), chain.begin(), chain.end());
  return walk;
}

/// Whether the walk of ROUTE-3 goes along this chain: each edge is tight, and from no vertex is one to a smaller node.
SymBool is_walked(const Scope& scope, const SymbolicNetwork& network, const SymbolicNetwork::Chain& chain) {
  const auto labels = network.node_labels();
  const std::vector<std::size_t> walk = walk_of(network, chain);
  std::vector<SymBool> facts;
  for (std::size_t k = 0; k + 1 < walk.size(); ++k)
    for (const std::size_t next : network.successors(walk[k])) {
      const SymBool tight = at_most(joined(network.step(walk[k], next), *labels[next]), *labels[walk[k]]);
      if (next < walk[k + 1]) facts.push_back(lnot(tight));
      if (next == walk[k + 1]) facts.push_back(tight);
    }
  return all(scope, facts);
}

/// First in the one order: of least label, and of least sequence among those.
SymBool is_optimal(const Scope& scope, const SymbolicNetwork& network, const SymbolicNetwork::Chain& chain) {
  std::vector<SymBool> facts;
  const Label mine = network.label_of(chain);
  for (const SymbolicNetwork::Chain& other : network.chains())
    if (other < chain) facts.push_back(precedes(mine, network.label_of(other)));
    else facts.push_back(at_most(mine, network.label_of(other)));
  return all(scope, facts);
}

std::vector<Obligation> optimum_obligations() {
  std::vector<Obligation> list;
  list.push_back({"ROUTE-3", "route-3-optimum", "the label at the source is a chain's and no chain comes before it",
                  "3 layers of 3 nodes with latencies and legs, 27 chains, all weights", [](Scope& scope) -> Goal {
                    const SymbolicNetwork network(scope, 3, one_layer_nodes(3, 3), Legs::all, any_weight);
                    const auto labels = network.node_labels();
                    const Label optimum = *labels[network.source()];
                    // The fault: the client's legs to the first nodes are not counted.
                    const Label without_legs = minimum(minimum(*labels[0], *labels[1]), *labels[2]);
                    const auto is_least = [&](const Label& label) {
                      std::vector<SymBool> below, equal;
                      for (const auto& chain : network.chains()) {
                        below.push_back(at_most(label, network.label_of(chain)));
                        equal.push_back(same(label, network.label_of(chain)));
                      }
                      return land(all(scope, below), any(scope, equal));
                    };
                    return {is_least(optimum), is_least(without_legs)};
                  }});
  list.push_back({"ROUTE-3", "route-3-walk-is-optimal", "a chain is the optimal one iff the greedy walk goes along it",
                  "3 layers of 2 nodes with latencies and legs, each of 8 chains, full labels",
                  [](Scope& scope) -> Goal {
                    const SymbolicNetwork network(scope, 3, one_layer_nodes(3, 2), Legs::all, any_label);
                    std::vector<SymBool> right, wrong;
                    for (const auto& chain : network.chains()) {
                      const SymBool walked = is_walked(scope, network, chain);
                      right.push_back(iff(walked, is_optimal(scope, network, chain)));
                      // The fault: walks that end elsewhere are looked at from the back first.
                      const SymbolicNetwork::Chain mirrored(chain.rbegin(), chain.rend());
                      std::vector<SymBool> facts;
                      for (const auto& other : network.chains()) {
                        const bool first = SymbolicNetwork::Chain(other.rbegin(), other.rend()) < mirrored;
                        const Label mine = network.label_of(chain), its = network.label_of(other);
                        facts.push_back(first ? precedes(mine, its) : at_most(mine, its));
                      }
                      wrong.push_back(iff(walked, all(scope, facts)));
                    }
                    return {all(scope, right), all(scope, wrong)};
                  }});
  list.push_back({"ROUTE-3", "route-3-optimal-edges-are-tight",
                  "where an optimal suffix leaves by an edge, that edge is tight and the rest is optimal",
                  "one vertex, all labels", [](Scope& scope) -> Goal {
                    const Label edge = any_label(scope, "e"), rest = any_label(scope, "R");
                    const Label here = any_label(scope, "L_u"), there = any_label(scope, "L_j");
                    scope.assume(at_most(there, rest));
                    scope.assume(at_most(here, joined(edge, there)));
                    const SymBool tight = land(same(rest, there), same(here, joined(edge, there)));
                    return {implies(same(joined(edge, rest), here), tight),
                            implies(joined(edge, rest).weight == here.weight, tight)};
                  }});
  return list;
}

std::vector<Obligation> graph_obligations() {
  std::vector<Obligation> list;
  list.push_back({"ROUTE-6", "route-6-no-cycle", "along an edge ranges ascend by a layer or more, so no chain returns",
                  "4 nodes in a row, all ranges", [](Scope& scope) -> Goal {
                    std::vector<SymInt> first, last;
                    SymBool ranges = scope.truth(true), empty_allowed = scope.truth(true);
                    for (std::size_t k = 0; k < 4; ++k) {
                      first.push_back(scope.integer("x" + std::to_string(k)));
                      last.push_back(scope.integer("y" + std::to_string(k)));
                      if (k > 0) scope.assume(last[k - 1] == first[k]);
                      ranges = land(ranges, first[k] < last[k]);
                      empty_allowed = land(empty_allowed, first[k] <= last[k]);
                    }
                    const SymBool ascends = lnot(last[3] == first[0]);
                    return {implies(ranges, ascends), implies(empty_allowed, ascends)};
                  }});
  list.push_back({"ROUTE-6", "route-6-chain-length",
                  "a chain of k nodes has served k layers or more, so k is at most m",
                  "step from k to k + 1, all ranges", [](Scope& scope) -> Goal {
                    const SymInt one = SymInt(scope.integer("k").term().ctx().int_val(1));
                    const SymInt k = scope.integer("k"), served = scope.integer("y_k"), first = scope.integer("x");
                    const SymInt last = scope.integer("y"), layers = scope.integer("m");
                    scope.assume(land(k <= served, served == first));
                    scope.assume(land(first < last, last <= layers));
                    return {land(k + one <= last, k + one <= layers), k + one < last};
                  }});
  return list;
}

}  // namespace

std::vector<Obligation> chain_obligations() {
  std::vector<Obligation> all;
  for (const auto& part : {merge_obligations, boundary_obligations, optimum_obligations, graph_obligations})
    for (Obligation& obligation : part()) all.push_back(std::move(obligation));
  return all;
}

}  // namespace p2pllm::proofs
