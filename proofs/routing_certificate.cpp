#include "proofs/symbolic_network.hpp"

namespace p2pllm::proofs {
namespace {

using namespace reference;
using Legs = SymbolicNetwork::Legs;

/// The mistakes that a checker may make about (a) of CERT-2.
struct Laxity {
  std::optional<std::size_t> node = {};  ///< one that it passes over
  bool before_null = false;              ///< passes over a null that leads to a label
};

/// A claim of CERT-2 about a symbolic network, with arbitrary labels or null.
class RouteClaim {
 public:
  RouteClaim(const Scope& scope, int layers, std::vector<Served> nodes, SymbolicNetwork::Chain path)
      : scope_(scope), network_(scope, layers, std::move(nodes), Legs::all, any_label), path_(std::move(path)) {
    const SymReal zero = scope.number(0);
    for (std::size_t i = 0; i < network_.size(); ++i) {
      claimed_.push_back(any_label(scope, "lambda" + std::to_string(i)));
      present_.push_back(scope.unknown("present" + std::to_string(i)));
    }
    for (const std::size_t end : {network_.source(), network_.target()}) {  // of these the target's alone is looked at
      claimed_.push_back({zero, zero, zero});
      present_.push_back(scope.truth(end == network_.target()));
    }
  }

  /// (a)
  [[nodiscard]] SymBool feasible(const Laxity& laxity = {}) const {
    std::vector<SymBool> facts;
    for (std::size_t i = 0; i < network_.size(); ++i)
      for (const std::size_t next : network_.successors(i)) {
        const SymBool bounds = at_most(claimed_[i], joined(network_.step(i, next), claimed_[next]));
        const SymBool asked = laxity.before_null ? land(present_[next], present_[i]) : present_[next];
        if (laxity.node != i) facts.push_back(implies(asked, land(present_[i], bounds)));
      }
    return all(scope_, facts);
  }

  /// (c) @param except  a first node that the checker passes over
  [[nodiscard]] SymBool no_start_below(std::optional<std::size_t> except = {}) const {
    std::vector<SymBool> facts;
    for (const std::size_t i : network_.successors(network_.source()))
      if (except != i) facts.push_back(implies(present_[i], at_most(network_.label_of(path_), from_start(i))));
    return all(scope_, facts);
  }

  /// (d) for the vertices of the path from the `first`-th on, the source being the 0th.
  [[nodiscard]] SymBool no_smaller_tight(std::size_t first = 0) const {
    std::vector<SymBool> facts;
    for (std::size_t k = first; k < path_.size(); ++k) {
      const std::size_t here = k == 0 ? network_.source() : path_[k - 1];
      const Label total = k == 0 ? network_.label_of(path_) : network_.suffix_label(path_, k - 1);
      for (const std::size_t j : network_.successors(here))
        if (j < path_[k])
          facts.push_back(lnot(land(present_[j], same(joined(network_.step(here, j), claimed_[j]), total))));
    }
    return all(scope_, facts);
  }

  [[nodiscard]] SymBool no_chain_before() const {
    std::vector<SymBool> facts;
    for (const auto& chain : network_.chains())
      facts.push_back(at_most(network_.label_of(path_), network_.label_of(chain)));
    return all(scope_, facts);
  }

  [[nodiscard]] SymBool no_smaller_chain_equal() const {
    std::vector<SymBool> facts;
    for (const auto& chain : network_.chains())
      if (chain < path_) facts.push_back(lnot(same(network_.label_of(path_), network_.label_of(chain))));
    return all(scope_, facts);
  }

  [[nodiscard]] SymBool labels_bound_suffixes() const {
    std::vector<SymBool> facts;
    for (const auto& chain : network_.chains())
      for (std::size_t k = 0; k < chain.size(); ++k)
        facts.push_back(land(present_[chain[k]], at_most(claimed_[chain[k]], network_.suffix_label(chain, k))));
    return all(scope_, facts);
  }

  [[nodiscard]] SymBool nodes_of_chains_have_labels() const {
    std::vector<SymBool> facts;
    for (const auto& chain : network_.chains())
      for (const std::size_t node : chain) facts.push_back(present_[node]);
    return all(scope_, facts);
  }

  [[nodiscard]] const SymbolicNetwork& network() const { return network_; }
  void claim(std::size_t node, const std::optional<Label>& label) {
    present_[node] = scope_.truth(label.has_value());
    if (label) claimed_[node] = *label;
  }

 private:
  [[nodiscard]] Label from_start(std::size_t i) const {
    return joined(network_.step(network_.source(), i), claimed_[i]);
  }
  const Scope& scope_;
  SymbolicNetwork network_;
  SymbolicNetwork::Chain path_;
  std::vector<Label> claimed_;
  std::vector<SymBool> present_;
};

const std::vector<Served> ladder = {{0, 1}, {0, 2}, {1, 2}, {1, 3}, {2, 3}, {2, 3}, {0, 1}, {1, 2}};

/// No node starts at boundary 3, so nodes 1, 3 and 7 lead nowhere.
const std::vector<Served> maze = {{0, 1}, {0, 3}, {1, 2}, {1, 3}, {1, 4}, {2, 4}, {0, 2}, {2, 3}};

std::vector<Obligation> null_obligations() {
  std::vector<Obligation> list;
  list.push_back({"CERT-2", "cert-2-null-step", "before a label that bounds the rest is one that bounds the whole",
                  "one edge, labels or null", [](Scope& scope) -> Goal {
                    const Label edge = any_label(scope, "e"), rest = any_label(scope, "R");
                    const Label here = any_label(scope, "lambda_i"), there = any_label(scope, "lambda_j");
                    const SymBool is_here = scope.unknown("present_i"), is_there = scope.unknown("present_j");
                    scope.assume(land(is_there, at_most(there, rest)));
                    const SymBool feasible = at_most(here, joined(edge, there));
                    const SymBool bounds = land(is_here, at_most(here, joined(edge, rest)));
                    return {implies(implies(is_there, land(is_here, feasible)), bounds),
                            implies(implies(land(is_there, is_here), feasible), bounds)};
                  }});
  list.push_back(
      {"CERT-2", "cert-2-null-leads-nowhere", "a node whose label is null is on no chain",
       "4 layers, 8 ranges, three of them dead ends; labels or null", [](Scope& scope) -> Goal {
         const RouteClaim claim(scope, 4, maze, {6, 5});
         const SymBool present = claim.nodes_of_chains_have_labels();
         return {implies(claim.feasible(), present), implies(claim.feasible({.before_null = true}), present)};
       }});
  list.push_back(
      {"CERT-2", "cert-2-null-accepted-is-optimal",
       "accepted by (a) to (d), nulls and labels of dead ends included: the path is the optimal chain",
       "4 layers, 8 ranges, three of them dead ends; labels or null", [](Scope& scope) -> Goal {
         const RouteClaim claim(scope, 4, maze, {6, 5});
         scope.assume(land(claim.no_start_below(), claim.no_smaller_tight()));
         const SymBool optimal = land(claim.no_chain_before(), claim.no_smaller_chain_equal());
         return {implies(claim.feasible(), optimal), implies(claim.feasible({.before_null = true}), optimal)};
       }});
  list.push_back({"CERT-2", "cert-2-null-where-nothing-leads",
                  "the reference's own labels, null at dead ends, are feasible, so a true claim can be proved",
                  "4 layers, 8 ranges, three of them dead ends; all labels", [](Scope& scope) -> Goal {
                    RouteClaim claim(scope, 4, maze, {6, 5});
                    const auto labels = claim.network().node_labels();
                    for (std::size_t i = 0; i < claim.network().size(); ++i) claim.claim(i, labels[i]);
                    const SymBool right = claim.feasible();
                    // The fault: a node that leads to the last boundary through another one is treated as a dead end.
                    claim.claim(2, {});
                    return {right, claim.feasible()};
                  }});
  return list;
}

std::vector<Obligation> dual_obligations() {
  std::vector<Obligation> list;
  list.push_back({"CERT-2", "cert-2-bound-step", "a feasible label that bounds the rest bounds the whole suffix",
                  "one edge, all labels", [](Scope& scope) -> Goal {
                    const Label edge = any_label(scope, "e"), rest = any_label(scope, "R");
                    const Label here = any_label(scope, "lambda_i"), there = any_label(scope, "lambda_j");
                    scope.assume(at_most(there, rest));
                    const SymBool bounds = at_most(here, joined(edge, rest));
                    return {implies(at_most(here, joined(edge, there)), bounds),
                            implies(here.weight <= joined(edge, there).weight, bounds)};
                  }});
  list.push_back({"CERT-2", "cert-2-strict-step", "a label strictly below the rest is strictly below the whole suffix",
                  "one edge, all labels", [](Scope& scope) -> Goal {
                    const Label edge = any_label(scope, "e"), rest = any_label(scope, "R");
                    const Label here = any_label(scope, "lambda_i"), there = any_label(scope, "lambda_j");
                    scope.assume(at_most(here, joined(edge, there)));
                    const SymBool below = precedes(here, joined(edge, rest));
                    return {implies(precedes(there, rest), below), implies(at_most(there, rest), below)};
                  }});
  list.push_back({"CERT-2", "cert-2-labels-bound-all",
                  "feasible labels are lower bounds of every way on from their node",
                  "3 layers, 8 ranges with latencies and legs, labels or null", [](Scope& scope) -> Goal {
                    const RouteClaim claim(scope, 3, ladder, {0, 3});
                    const SymBool bounded = claim.labels_bound_suffixes();
                    return {implies(claim.feasible(), bounded), implies(claim.feasible({.node = 3}), bounded)};
                  }});
  list.push_back({"CERT-2", "cert-2-accepted-is-least", "accepted by (a) to (c): no chain comes before the path",
                  "3 layers, 8 ranges with latencies and legs, labels or null", [](Scope& scope) -> Goal {
                    const RouteClaim claim(scope, 3, ladder, {1, 5});
                    scope.assume(claim.feasible());
                    const SymBool optimal = claim.no_chain_before();
                    return {implies(claim.no_start_below(), optimal), implies(claim.no_start_below(6), optimal)};
                  }});
  list.push_back({"CERT-2", "cert-2-accepted-is-optimal",
                  "accepted by (a) to (d): no chain of the path's label has smaller node numbers either",
                  "3 layers, 8 ranges with latencies and legs, labels or null", [](Scope& scope) -> Goal {
                    const RouteClaim claim(scope, 3, ladder, {6, 7, 5});
                    scope.assume(land(claim.feasible(), claim.no_start_below()));
                    const SymBool first = claim.no_smaller_chain_equal();
                    // The fault: smaller successors of the source are not checked.
                    return {implies(claim.no_smaller_tight(), first), implies(claim.no_smaller_tight(1), first)};
                  }});
  list.push_back({"CERT-2", "cert-2-lower-labels-harmless",
                  "a label too low can cost the acceptance, never bring it: what it proves, a higher one proves",
                  "one first node, all labels", [](Scope& scope) -> Goal {
                    const Label path = any_label(scope, "path"), leg = any_label(scope, "f");
                    const Label low = any_label(scope, "low"), true_label = any_label(scope, "L");
                    const SymBool accepted = at_most(path, joined(leg, low));
                    const SymBool holds = at_most(path, joined(leg, true_label));
                    scope.assume(accepted);
                    return {implies(at_most(low, true_label), holds), implies(at_most(true_label, low), holds)};
                  }});
  list.push_back({"CERT-2", "cert-2-optimum-is-accepted",
                  "the reference's own labels are feasible, so a true claim can be proved",
                  "3 layers, 8 ranges with latencies and legs, all labels", [](Scope& scope) -> Goal {
                    RouteClaim claim(scope, 3, ladder, {0, 3});
                    const auto labels = claim.network().node_labels();
                    for (std::size_t i = 0; i < claim.network().size(); ++i) claim.claim(i, labels[i]);
                    const SymBool right = claim.feasible();
                    // The fault: a label lacks its node's own share.
                    claim.claim(2, minimum(*labels[4], *labels[5]));
                    return {right, claim.feasible()};
                  }});
  return list;
}

/// Boundaries 0 = r_0 < r_1 < r_2 < r_3 that a certificate lists as reachable.
class ListedBoundaries {
 public:
  explicit ListedBoundaries(Scope& scope) {
    listed_.push_back(SymInt(scope.integer("x0").term().ctx().int_val(0)));
    for (const char* name : {"r1", "r2", "r3"}) {
      const SymInt next = scope.integer(name);
      scope.assume(listed_.back() < next);
      listed_.push_back(next);
    }
  }
  /// Whether it is among the first `count`.
  [[nodiscard]] SymBool contains(const SymInt& boundary, std::size_t count = 4) const {
    SymBool found = boundary == listed_[0];
    for (std::size_t k = 1; k < count; ++k) found = lor(found, boundary == listed_[k]);
    return found;
  }
  [[nodiscard]] const SymInt& operator[](std::size_t k) const { return listed_[k]; }

 private:
  std::vector<SymInt> listed_;
};

std::vector<Obligation> unreachable_obligations() {
  std::vector<Obligation> list;
  list.push_back({"CERT-3", "cert-3-closed-excludes-chains", "a closed list without the last boundary leaves no chain",
                  "4 listed boundaries, a row of 3 nodes, all ranges", [](Scope& scope) -> Goal {
                    const ListedBoundaries listed(scope);
                    const SymInt m = scope.integer("m");
                    scope.assume(lnot(listed.contains(m)));
                    std::vector<SymInt> first, last;
                    SymBool closed = scope.truth(true), closed_but_one = scope.truth(true);
                    for (std::size_t k = 0; k < 3; ++k) {
                      first.push_back(scope.integer("x" + std::to_string(k)));
                      last.push_back(scope.integer("y" + std::to_string(k)));
                      scope.assume(land(first[k] < last[k], first[k] == (k == 0 ? listed[0] : last[k - 1])));
                      const SymBool kept = implies(listed.contains(first[k]), listed.contains(last[k]));
                      closed = land(closed, kept);
                      if (k != 1) closed_but_one = land(closed_but_one, kept);
                    }
                    const SymBool no_chain = lnot(last[2] == m);
                    return {implies(closed, no_chain), implies(closed_but_one, no_chain)};
                  }});
  list.push_back({"CERT-3", "cert-3-grounded-step",
                  "the node that a listed boundary ends starts at an earlier listed one",
                  "4 listed boundaries, all ranges", [](Scope& scope) -> Goal {
                    const ListedBoundaries listed(scope);
                    const SymInt first = scope.integer("x"), last = scope.integer("y");
                    scope.assume(land(listed.contains(first), last == listed[3]));
                    const SymBool earlier = listed.contains(first, 3);
                    return {implies(first < last, earlier), implies(first <= last, earlier)};
                  }});
  list.push_back({"ROUTE-5", "route-5-nobody-starts-at-the-block",
                  "no node starts at the greatest boundary of a closed list", "4 listed boundaries, all ranges",
                  [](Scope& scope) -> Goal {
                    const ListedBoundaries listed(scope);
                    const SymInt first = scope.integer("x"), last = scope.integer("y");
                    scope.assume(land(first < last, implies(listed.contains(first), listed.contains(last))));
                    return {lnot(first == listed[3]), lnot(first == listed[2])};
                  }});
  return list;
}

}  // namespace

std::vector<Obligation> route_certificate_obligations() {
  std::vector<Obligation> all;
  for (const auto& part : {dual_obligations, null_obligations, unreachable_obligations})
    for (Obligation& obligation : part()) all.push_back(std::move(obligation));
  return all;
}

}  // namespace p2pllm::proofs
