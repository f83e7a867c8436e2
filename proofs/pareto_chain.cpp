#include <set>

#include "proofs/symbolic_network.hpp"

namespace p2pllm::proofs {
namespace {

using Chain = SymbolicNetwork::Chain;

Cost operator-(const Cost& a, const Cost& b) { return {a.price - b.price, a.time - b.time}; }
Cost cost_of(const Label& label) { return {label.price, label.time}; }
Label any_price_and_time(const Scope& scope, const std::string& name) {
  return {scope.number(0), scope.real("p_" + name), scope.real("t_" + name)};
}

/// The costs of the continuations from a node, each of which may exist or not, and F of the node (PARETO-3).
struct WaysOn {
  std::vector<Cost> costs;
  std::vector<SymBool> exist;

  /// Whether `rest` is in F. @param as_same  the comparison of the walk with a label
  [[nodiscard]] SymBool label_is(const Scope& scope, const Cost& rest, auto as_same) const {
    std::vector<SymBool> found;
    for (std::size_t k = 0; k < costs.size(); ++k) {
      std::vector<SymBool> facts = {exist[k], as_same(costs[k], rest)};
      for (std::size_t other = 0; other < costs.size(); ++other)
        facts.push_back(lnot(land(exist[other], dominates(costs[other], costs[k]))));
      found.push_back(all(scope, facts));
    }
    return any(scope, found);
  }
};

/// A network and its chains' costs.
class Walks {
 public:
  Walks(const Scope& scope, int layers, const std::vector<Served>& nodes)
      : scope_(scope),
        network_(scope, layers, nodes, SymbolicNetwork::Legs::all, any_price_and_time),
        chains_(network_.chains()),
        ways_on_(network_.size() + 2) {
    std::set<Chain> seen;
    for (const Chain& chain : chains_)
      for (std::size_t k = 0; k < chain.size(); ++k)
        if (seen.emplace(chain.begin() + static_cast<std::ptrdiff_t>(k), chain.end()).second) {
          ways_on_[chain[k]].costs.push_back(cost_of(network_.suffix_label(chain, k)));
          ways_on_[chain[k]].exist.push_back(scope.truth(true));
        }
  }

  [[nodiscard]] const std::vector<Chain>& chains() const { return chains_; }
  [[nodiscard]] Cost cost(const Chain& chain) const { return cost_of(network_.label_of(chain)); }
  [[nodiscard]] SymBool is_undominated(const Chain& chain) const {
    std::vector<SymBool> facts;
    for (const Chain& other : chains_) facts.push_back(lnot(dominates(cost(other), cost(chain))));
    return all(scope_, facts);
  }
  /// No chain that precedes it in the lexicographic order has the same cost.
  [[nodiscard]] SymBool is_first(const Chain& chain) const {
    std::vector<SymBool> facts;
    for (const Chain& other : chains_)
      if (other < chain) facts.push_back(lnot(same(cost(other), cost(chain))));
    return all(scope_, facts);
  }
  /// Whether the walk of PARETO-6 follows this chain.
  /// @param takes_last  the fault: the greatest of the possible successors is taken
  [[nodiscard]] SymBool is_walked(const Chain& chain, bool takes_last = false) const {
    std::vector<SymBool> facts;
    Cost remaining = cost(chain);
    std::size_t here = network_.source();
    for (const std::size_t taken : chain) {
      for (const std::size_t next : network_.successors(here)) {
        const Cost rest = remaining - cost_of(network_.step(here, next));
        const SymBool leads_on =
            ways_on_[next].label_is(scope_, rest, [](const Cost& a, const Cost& b) { return same(a, b); });
        if (next == taken) facts.push_back(leads_on);
        else if ((next < taken) != takes_last) facts.push_back(lnot(leads_on));
      }
      remaining = remaining - cost_of(network_.step(here, taken));
      here = taken;
    }
    return all(scope_, facts);
  }

 private:
  const Scope& scope_;
  SymbolicNetwork network_;
  std::vector<Chain> chains_;
  std::vector<WaysOn> ways_on_;
};

}  // namespace

std::vector<Obligation> chain_of_a_point_obligations() {
  std::vector<Obligation> list;
  list.push_back({"PARETO-6", "pareto-6-exact-rest-step",
                  "a way on completes a chain of the point's cost iff what remains of it is an undominated cost there",
                  "an edge to a node with up to 4 ways on, or none, all costs", [](Scope& scope) -> Goal {
                    const Cost edge = any_cost(scope, "e"), point = any_cost(scope, "q");
                    WaysOn ways;
                    std::vector<SymBool> completes;
                    for (const char* name : {"0", "1", "2", "3"}) {
                      ways.costs.push_back(any_cost(scope, name));
                      ways.exist.push_back(scope.unknown(std::string("exists_") + name));
                      const Cost whole = edge + ways.costs.back();
                      scope.assume(lnot(land(ways.exist.back(), dominates(whole, point))));
                      completes.push_back(land(ways.exist.back(), same(whole, point)));
                    }
                    const auto by_price = [](const Cost& a, const Cost& b) { return a.price == b.price; };
                    const auto exactly = [](const Cost& a, const Cost& b) { return same(a, b); };
                    const Cost rest = point - edge;
                    return {iff(any(scope, completes), ways.label_is(scope, rest, exactly)),
                            iff(any(scope, completes), ways.label_is(scope, rest, by_price))};
                  }});
  list.push_back(
      {"PARETO-6", "pareto-6-walk-is-first",
       "the walk of a Pareto-optimal cost is the first of the chains that cost it",
       "4 layers, 9 ranges with latencies and legs, one a dead end, each of 11 chains, all costs",
       [](Scope& scope) -> Goal {
         const Walks walks(scope, 4, {{0, 1}, {0, 2}, {1, 2}, {1, 3}, {2, 4}, {2, 4}, {0, 4}, {0, 1}, {1, 2}});
         std::vector<SymBool> right, wrong;
         for (const Chain& chain : walks.chains()) {
           const SymBool first = walks.is_first(chain), shown = walks.is_undominated(chain);
           right.push_back(implies(shown, iff(walks.is_walked(chain), first)));
           wrong.push_back(implies(shown, iff(walks.is_walked(chain, true), first)));
         }
         return {all(scope, right), all(scope, wrong)};
       }});
  return list;
}

}  // namespace p2pllm::proofs
