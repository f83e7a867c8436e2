#include "kernels/market/migration_rules.hpp"
#include "proofs/fraction.hpp"
#include "proofs/obligation.hpp"
#include "reference/market/migration_rules.hpp"

// The rules of the fast half's migration equal the reference's for all values.
namespace p2pllm::proofs {
namespace {

/// The fast half's one comparison: the least load of all ranges with the rivals' load here.
SymBool moves_to_least(const Fraction& least, const Fraction& here, const Fraction& own) {
  return kernels::is_less_loaded(least, kernels::rivals_of(here, own));
}

/// A node of weight k at A, beside three other ranges of its length; B before C before D in their order.
struct FourLoads {
  explicit FourLoads(Scope& scope)
      : own(scope.positive("k")),
        rivals(scope.non_negative("rivals_in_A")),
        b(scope.non_negative("S_B")),
        c(scope.non_negative("S_C")),
        d(scope.non_negative("S_D")) {}
  Fraction own, rivals, b, c, d;
  [[nodiscard]] Fraction here() const { return rivals + own; }
};

Fraction number(Scope& scope, int value) { return scope.number(value); }

/// The reference's choice: each target in turn, taken if the share there is greater than at the best one so far.
Fraction chosen_in_turn(Scope& scope, const FourLoads& loads) {
  Fraction best = number(scope, 0), rivals = loads.rivals;
  int index = 1;
  for (const Fraction& target : {loads.b, loads.c, loads.d}) {
    const SymBool better = reference::gains_by_moving(rivals, target);
    best = select(better, number(scope, index++), best);
    rivals = select(better, target, rivals);
  }
  return best;
}

/// The fast half's: the least loaded of all four, the lowest of equals, then one comparison. The node's own range has
/// the place `own_place` among the others.
template <typename Moves>
Fraction chosen_at_once(Scope& scope, const FourLoads& loads, int own_place, const Moves& moves) {
  std::vector<std::pair<Fraction, int>> order = {{loads.b, 1}, {loads.c, 2}, {loads.d, 3}};
  order.insert(order.begin() + own_place, {loads.here(), 0});
  Fraction least = order[0].first, index = number(scope, order[0].second);
  for (std::size_t k = 1; k < order.size(); ++k) {
    const SymBool less = kernels::is_less_loaded(order[k].first, least);
    index = select(less, number(scope, order[k].second), index);
    least = select(less, order[k].first, least);
  }
  return select(moves(least), index, number(scope, 0));
}

std::function<Goal(Scope&)> choice(int own_place) {
  return [own_place](Scope& scope) -> Goal {
    const FourLoads loads(scope);
    const Fraction expected = chosen_in_turn(scope, loads);
    const auto moves = [&](const Fraction& least) { return moves_to_least(least, loads.here(), loads.own); };
    // The fault: the node compares with its own weight counted.
    const auto forgetful = [&](const Fraction& least) { return kernels::is_less_loaded(least, loads.here()); };
    return {chosen_at_once(scope, loads, own_place, moves) == expected,
            chosen_at_once(scope, loads, own_place, forgetful) == expected};
  };
}

Goal gain(Scope& scope) {
  const Fraction own = scope.positive("k"), rivals = scope.non_negative("rivals"), there = scope.non_negative("S_B");
  const SymBool expected = reference::gains_by_moving(rivals, there);
  return {iff(moves_to_least(there, rivals + own, own), expected),
          iff(moves_to_least(there + own, rivals + own, own), expected)};
}

Goal margin(Scope& scope) {
  const Fraction own = scope.positive("k"), rivals = scope.non_negative("rivals"), there = scope.non_negative("S_B");
  const Fraction here = rivals + own, expected = reference::moving_margin(here, there, own);
  return {kernels::loss_margin(there, own, here) == expected,
          kernels::loss_margin(there, number(scope, 0), here) == expected};
}

/// Two terms, each approximated up to the factor, and one that is left out.
Goal enclosure(Scope& scope) {
  const Fraction low = scope.positive("factor_low"), high = scope.positive("factor_high");
  const Fraction a = scope.non_negative("a"), b = scope.non_negative("b");
  const Fraction f = scope.positive("f"), g = scope.positive("g"), tiny = scope.non_negative("tiny"),
                 most = scope.non_negative("tiny_max"), zero = number(scope, 0);
  for (const Fraction& factor : {f, g}) scope.assume(land(low <= factor, factor <= high));
  scope.assume(tiny <= most);
  const Fraction truth = a * f + b * g + tiny, sum = a + b;
  const auto holds = [&](const Fraction& upper) {
    return land(kernels::enclosed_load(sum, low, zero) <= truth, truth <= upper);
  };
  return {holds(kernels::enclosed_load(sum, high, most)), holds(kernels::enclosed_load(sum, high, zero))};
}

/// A load decided in an enclosure is decided as its true value is.
Goal filter(Scope& scope) {
  const Fraction s = scope.non_negative("S_B"), t = scope.non_negative("rivals"), s_up = scope.non_negative("S_B_up"),
                 t_low = scope.real("rivals_low"), t_up = scope.non_negative("rivals_up"),
                 s_low = scope.real("S_B_low");
  for (const auto& [low, value, up] : {std::tuple(s_low, s, s_up), std::tuple(t_low, t, t_up)})
    scope.assume(land(low <= value, value <= up));
  const SymBool truth = kernels::is_less_loaded(s, t);
  const auto sound = [&](const SymBool& yes, const SymBool& no) {
    return land(implies(yes, truth), implies(no, lnot(truth)));
  };
  const SymBool no = lnot(kernels::is_less_loaded(s_low, t_up));
  return {sound(kernels::is_less_loaded(s_up, t_low), no), sound(kernels::is_less_loaded(s_low, t_up), no)};
}

Obligation choice_at(int place) {
  return {"MIG-5", "agree-migration-choice-" + std::to_string(place),
          "the least loaded of all ranges and one comparison give the reference's target, place by place",
          "the node's range and three others, its range at place " + std::to_string(place), choice(place)};
}

}  // namespace

std::vector<Obligation> agree_migration_obligations() {
  std::vector<Obligation> list;
  list.push_back(choice_at(0));
  list.push_back(choice_at(1));
  list.push_back(choice_at(2));
  list.push_back(choice_at(3));
  list.push_back({"MIG-3", "agree-migration-gain", "the fast half's comparison is the reference's", "all loads", gain});
  list.push_back({"MIG-9", "agree-migration-margin", "the fast half's margin is the reference's", "all loads", margin});
  list.push_back({"MIG-1", "agree-migration-enclosure",
                  "a load lies between the approximate sum times the ends of the factor, and what was left out",
                  "two terms and one left out", enclosure});
  list.push_back({"PRICE-15", "agree-migration-filter", "what enclosures of two loads decide is true of the loads",
                  "all enclosures", filter});
  return list;
}

}  // namespace p2pllm::proofs
