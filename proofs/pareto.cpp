#include "proofs/routing_terms.hpp"

namespace p2pllm::proofs {
namespace {

/// The fault of asking for less in both objectives.
SymBool better_in_both(const Cost& a, const Cost& b) { return land(a.price < b.price, a.time < b.time); }

/// The fault of asking for less in either objective.
SymBool better_in_one(const Cost& a, const Cost& b) { return lor(a.price < b.price, a.time < b.time); }

std::vector<Obligation> order_obligations() {
  std::vector<Obligation> list;
  list.push_back({"PARETO-1", "pareto-1-dominance", "to dominate is to be at least as good in both and not the same",
                  "all costs", [](Scope& scope) -> Goal {
                    const Cost a = any_cost(scope, "a"), b = any_cost(scope, "b");
                    const SymBool stated = land(weakly_dominates(a, b), lnot(same(a, b)));
                    return {iff(dominates(a, b), stated), iff(better_in_both(a, b), stated)};
                  }});
  list.push_back(
      {"PARETO-1", "pareto-1-weak-order", "weak dominance is reflexive, antisymmetric and transitive", "all costs",
       [](Scope& scope) -> Goal {
         const Cost a = any_cost(scope, "a"), b = any_cost(scope, "b"), c = any_cost(scope, "c");
         const auto is_order = [&](auto relation) {
           return all(scope, {relation(a, a), implies(land(relation(a, b), relation(b, a)), same(a, b)),
                              implies(land(relation(a, b), relation(b, c)), relation(a, c))});
         };
         // The fault: only prices are looked at.
         const auto by_price = [](const Cost& x, const Cost& y) { return x.price <= y.price; };
         return {is_order([](const Cost& x, const Cost& y) { return weakly_dominates(x, y); }), is_order(by_price)};
       }});
  list.push_back({"PARETO-2", "pareto-2-asymmetric", "nothing dominates itself, nor do two dominate each other",
                  "all costs", [](Scope& scope) -> Goal {
                    const Cost a = any_cost(scope, "a"), b = any_cost(scope, "b");
                    return {land(lnot(dominates(a, a)), lnot(land(dominates(a, b), dominates(b, a)))),
                            lnot(land(weakly_dominates(a, b), weakly_dominates(b, a)))};
                  }});
  list.push_back(
      {"PARETO-2", "pareto-2-transitive", "dominances compose, with each other and with weak ones on either side",
       "all costs", [](Scope& scope) -> Goal {
         const Cost a = any_cost(scope, "a"), b = any_cost(scope, "b"), c = any_cost(scope, "c");
         const SymBool composes = all(scope, {implies(land(dominates(a, b), dominates(b, c)), dominates(a, c)),
                                              implies(land(weakly_dominates(a, b), dominates(b, c)), dominates(a, c)),
                                              implies(land(dominates(a, b), weakly_dominates(b, c)), dominates(a, c))});
         return {composes, implies(land(better_in_one(a, b), better_in_one(b, c)), better_in_one(a, c))};
       }});
  return list;
}

std::vector<Obligation> dominance_obligations() {
  std::vector<Obligation> list;
  list.push_back({"PARETO-2", "pareto-2-translation",
                  "the same piece before two costs changes no dominance, weak or not", "all costs",
                  [](Scope& scope) -> Goal {
                    const Cost a = any_cost(scope, "a"), b = any_cost(scope, "b"), piece = any_cost(scope, "c");
                    const auto kept = [&](const Cost& longer_a, const Cost& longer_b) {
                      return land(iff(dominates(a, b), dominates(longer_a, longer_b)),
                                  iff(weakly_dominates(a, b), weakly_dominates(longer_a, longer_b)));
                    };
                    // The fault: the time of the piece is counted once only.
                    return {kept(piece + a, piece + b), kept(piece + a, {piece.price + b.price, b.time})};
                  }});
  list.push_back({"PARETO-2", "pareto-2-frontier-falls",
                  "of two undominated costs the one of higher price has the shorter time", "all costs",
                  [](Scope& scope) -> Goal {
                    const Cost a = any_cost(scope, "a"), b = any_cost(scope, "b");
                    const SymBool falls = implies(a.price < b.price, b.time < a.time);
                    return {implies(lnot(dominates(a, b)), falls), implies(lnot(better_in_both(a, b)), falls)};
                  }});
  list.push_back({"PARETO-4", "pareto-4-scales-free", "dominance does not depend on the scales", "all costs and scales",
                  [](Scope& scope) -> Goal {
                    const Cost a = any_cost(scope, "a"), b = any_cost(scope, "b");
                    const SymReal coin = scope.positive("coin"), tick = scope.positive("tick");
                    // A factor of unknown sign turns an objective round.
                    const SymReal factor = scope.real("factor");
                    const auto scaled = [&](const Cost& c, const SymReal& by) {
                      return Cost{c.price * by, c.time * tick};
                    };
                    return {iff(dominates(a, b), dominates(scaled(a, coin), scaled(b, coin))),
                            iff(dominates(a, b), dominates(scaled(a, factor), scaled(b, factor)))};
                  }});
  list.push_back(
      {"PARETO-3", "pareto-3-optimal-suffixes", "the rest of a Pareto-optimal way is Pareto-optimal",
       "an edge to a node with 3 suffixes, all costs", [](Scope& scope) -> Goal {
         const Cost edge = any_cost(scope, "e");
         std::vector<SymBool> whole, weakly_whole, rest;
         const Cost mine = any_cost(scope, "0");
         for (const char* name : {"1", "2"}) {
           const Cost other = any_cost(scope, name);
           whole.push_back(lnot(dominates(edge + other, edge + mine)));
           weakly_whole.push_back(lnot(better_in_both(edge + other, edge + mine)));
           rest.push_back(lnot(dominates(other, mine)));
         }
         return {implies(all(scope, whole), all(scope, rest)), implies(all(scope, weakly_whole), all(scope, rest))};
       }});
  return list;
}

/// A certificate's list of labels at a node: anyone may have written it down.
std::vector<Cost> any_list(const Scope& scope, const std::string& name, int count) {
  std::vector<Cost> list;
  for (int k = 0; k < count; ++k) list.push_back(any_cost(scope, name + std::to_string(k)));
  return list;
}

SymBool covers(const Scope& scope, const std::vector<Cost>& list, const Cost& cost) {
  std::vector<SymBool> facts;
  for (const Cost& member : list) facts.push_back(weakly_dominates(member, cost));
  return any(scope, facts);
}

SymBool covers_all(const Scope& scope, const std::vector<Cost>& list, const std::vector<Cost>& costs) {
  std::vector<SymBool> facts;
  for (const Cost& cost : costs) facts.push_back(covers(scope, list, cost));
  return all(scope, facts);
}

std::vector<Cost> extended(const Cost& edge, std::vector<Cost> list) {
  for (Cost& cost : list) cost = edge + cost;
  return list;
}

/// (a) of CERT-4; the fault lets times stay.
SymBool strictly_sorted(const Scope& scope, const std::vector<Cost>& list, bool times_may_stay = false) {
  std::vector<SymBool> facts;
  for (std::size_t k = 1; k < list.size(); ++k)
    facts.push_back(land(list[k - 1].price < list[k].price,
                         times_may_stay ? list[k].time <= list[k - 1].time : list[k].time < list[k - 1].time));
  return all(scope, facts);
}

SymBool none_dominates(const Scope& scope, const std::vector<Cost>& list) {
  std::vector<SymBool> facts;
  for (const Cost& a : list)
    for (const Cost& b : list) facts.push_back(lnot(dominates(a, b)));
  return all(scope, facts);
}

std::vector<Obligation> cover_obligations() {
  std::vector<Obligation> list;
  list.push_back({"CERT-4", "cert-4-cover-step", "an extended cost is covered if the rest is and the labels are closed",
                  "lists of 3 labels, one edge, all costs", [](Scope& scope) -> Goal {
                    const Cost edge = any_cost(scope, "e"), suffix = any_cost(scope, "k");
                    const std::vector<Cost> here = any_list(scope, "i", 3), there = any_list(scope, "j", 3);
                    scope.assume(covers(scope, there, suffix));
                    const SymBool covered = covers(scope, here, edge + suffix);
                    // The fault: the last label of the successor is not extended.
                    const std::vector<Cost> forgetful(there.begin(), there.end() - 1);
                    return {implies(covers_all(scope, here, extended(edge, there)), covered),
                            implies(covers_all(scope, here, extended(edge, forgetful)), covered)};
                  }});
  list.push_back({"CERT-4", "cert-4-cover-transitive", "what covers a cover covers all that it covers",
                  "lists of 3, all costs", [](Scope& scope) -> Goal {
                    const std::vector<Cost> a = any_list(scope, "a", 3), b = any_list(scope, "b", 3);
                    const std::vector<Cost> c = any_list(scope, "c", 3);
                    scope.assume(covers_all(scope, b, c));
                    const std::vector<Cost> part(b.begin(), b.end() - 1);
                    return {implies(covers_all(scope, a, b), covers_all(scope, a, c)),
                            implies(covers_all(scope, a, part), covers_all(scope, a, c))};
                  }});
  list.push_back({"CERT-4", "cert-4-points-cover-chains", "accepted by (b): a point weakly dominates every chain",
                  "2 nodes, then 2 nodes with latencies, 2 labels each, 2 points, all costs", [](Scope& scope) -> Goal {
                    std::vector<std::vector<Cost>> labels;
                    for (const char* node : {"n0_", "n1_", "n2_", "n3_"}) labels.push_back(any_list(scope, node, 2));
                    const std::vector<Cost> points = any_list(scope, "q", 2);
                    const Cost last_2 = any_cost(scope, "2"), last_3 = any_cost(scope, "3");
                    scope.assume(land(covers(scope, labels[2], last_2), covers(scope, labels[3], last_3)));
                    std::vector<SymBool> chains, closed;
                    for (const std::size_t i : {0U, 1U}) {
                      scope.assume(covers_all(scope, points, labels[i]));
                      for (const std::size_t j : {2U, 3U}) {
                        const Cost edge = any_cost(scope, std::to_string(i) + "_" + std::to_string(j));
                        closed.push_back(covers_all(scope, labels[i], extended(edge, labels[j])));
                        chains.push_back(covers(scope, points, edge + (j == 2 ? last_2 : last_3)));
                      }
                    }
                    const SymBool covered = all(scope, chains);
                    // The fault: the last edge is not looked at.
                    const std::vector<SymBool> but_one(closed.begin(), closed.end() - 1);
                    return {implies(all(scope, closed), covered), implies(all(scope, but_one), covered)};
                  }});
  return list;
}

std::vector<Obligation> points_obligations() {
  std::vector<Obligation> list;
  list.push_back({"CERT-4", "cert-4-sorted-is-undominated",
                  "prices that rise and times that fall: no point dominates another", "4 points, all costs",
                  [](Scope& scope) -> Goal {
                    const std::vector<Cost> points = any_list(scope, "q", 4);
                    const SymBool undominated = none_dominates(scope, points);
                    return {implies(strictly_sorted(scope, points), undominated),
                            implies(strictly_sorted(scope, points, true), undominated)};
                  }});
  list.push_back({"CERT-4", "cert-4-points-are-the-frontier",
                  "points that cover every chain, are chains' costs and dominate one another nowhere are the frontier",
                  "3 points and any other chain, all costs", [](Scope& scope) -> Goal {
                    const std::vector<Cost> points = any_list(scope, "q", 3);
                    const Cost chain = any_cost(scope, "k");
                    scope.assume(covers(scope, points, chain));
                    std::vector<SymBool> undominated, is_point, chain_undominated;
                    for (const Cost& point : points) {
                      undominated.push_back(lnot(dominates(chain, point)));
                      chain_undominated.push_back(lnot(dominates(point, chain)));
                      is_point.push_back(same(point, chain));
                    }
                    const SymBool frontier =
                        land(all(scope, undominated), implies(all(scope, chain_undominated), any(scope, is_point)));
                    return {implies(none_dominates(scope, points), frontier),
                            implies(strictly_sorted(scope, points, true), frontier)};
                  }});
  list.push_back({"CERT-4", "cert-4-phantoms-harmless",
                  "one more label that no suffix has: accepted with it, the cover of the rest still reaches the points",
                  "2 labels and a phantom, an edge, 2 points, all costs", [](Scope& scope) -> Goal {
                    const Cost edge = any_cost(scope, "e"), suffix = any_cost(scope, "k"),
                               phantom = any_cost(scope, "phantom");
                    const std::vector<Cost> points = any_list(scope, "q", 2);
                    std::vector<Cost> labels = any_list(scope, "i", 2);
                    const std::vector<Cost> without = labels;
                    labels.push_back(phantom);
                    scope.assume(covers(scope, labels, suffix));
                    const SymBool covered = covers(scope, points, edge + suffix);
                    // The fault: a checker that knows phantoms and spares them.
                    return {implies(covers_all(scope, points, extended(edge, labels)), covered),
                            implies(covers_all(scope, points, extended(edge, without)), covered)};
                  }});
  list.push_back(
      {"CERT-5", "cert-5-smaller-label-dominates",
       "a label below what a point's suffix costs, but not equal, leads to a label that dominates the longer suffix",
       "lists of 3 labels, one edge, all costs", [](Scope& scope) -> Goal {
         const Cost edge = any_cost(scope, "e"), rest = any_cost(scope, "r"), label = any_cost(scope, "l");
         const std::vector<Cost> here = any_list(scope, "i", 3);
         scope.assume(land(weakly_dominates(label, rest), covers(scope, here, edge + label)));
         std::vector<SymBool> found;
         for (const Cost& member : here) found.push_back(dominates(member, edge + rest));
         return {implies(lnot(same(label, rest)), any(scope, found)), any(scope, found)};
       }});
  return list;
}

}  // namespace

std::vector<Obligation> pareto_obligations() {
  std::vector<Obligation> all;
  for (const auto& part : {order_obligations, dominance_obligations, alpha_obligations, cover_obligations,
                           points_obligations, chain_of_a_point_obligations})
    for (Obligation& obligation : part()) all.push_back(std::move(obligation));
  return all;
}

}  // namespace p2pllm::proofs
