#include "proofs/routing_terms.hpp"

namespace p2pllm::proofs {
namespace {

using namespace reference;

std::vector<Obligation> weight_obligations() {
  std::vector<Obligation> list;
  list.push_back(
      {"ROUTE-2", "route-2-weight", "the weight is (alpha price / price scale) + ((1 - alpha) time / cost scale)",
       "all alpha in [0, 1], all scales", [](Scope& scope) -> Goal {
         const Preference by = any_preference(scope);
         const Cost cost = any_cost(scope, "");
         // Cleared of denominators, so that the rule's divisions are not repeated.
         const auto stated = [&](const SymReal& price_scale, const SymReal& cost_scale) {
           return weight(by, cost) * price_scale * cost_scale ==
                  by.alpha * cost.price * cost_scale + (scope.number(1) - by.alpha) * cost.time * price_scale;
         };
         return {stated(by.price_scale, by.cost_scale), stated(by.cost_scale, by.price_scale)};
       }});
  list.push_back(
      {"ROUTE-2", "route-2-labels-add", "two pieces in a row: the label of the summed cost is the sum of labels",
       "all costs, alpha and scales", [](Scope& scope) -> Goal {
         const Preference by = any_preference(scope);
         const Cost a = any_cost(scope, "a"), b = any_cost(scope, "b");
         const Label sum = joined(label(by, a), label(by, b));
         const auto splits = [&](const SymReal& factor, const SymReal& x, const SymReal& y, const SymReal& scale) {
           scope.hint(factor * (x + y) / scale == factor * x / scale + factor * y / scale);
         };
         splits(by.alpha, a.price, b.price, by.price_scale);
         splits(scope.number(1) - by.alpha, a.time, b.time, by.cost_scale);
         // The fault: the second piece's time is not counted.
         return {same(sum, label(by, a + b)), same(sum, label(by, {a.price + b.price, a.time}))};
       }});
  list.push_back(
      {"ROUTE-2", "route-2-labels-tell-costs", "labels are equal iff costs are", "all costs, alpha and scales",
       [](Scope& scope) -> Goal {
         const Preference by = any_preference(scope);
         const Cost a = any_cost(scope, "a"), b = any_cost(scope, "b");
         return {iff(same(label(by, a), label(by, b)), same(a, b)), iff(weight(by, a) == weight(by, b), same(a, b))};
       }});
  list.push_back({"ROUTE-2", "route-2-price-raises-weight",
                  "a higher price never lowers the weight, and raises it if alpha > 0", "all alpha in [0, 1]",
                  [](Scope& scope) -> Goal {
                    const Preference by = any_preference(scope);
                    const Cost low = any_cost(scope, "");
                    const SymReal high = low.price + scope.positive("added");
                    const SymReal before = weight(by, low), after = path_weight(by, high, low.time);
                    return {land(before <= after, implies(scope.number(0) < by.alpha, before < after)), before < after};
                  }});
  list.push_back({"ROUTE-2", "route-2-time-raises-weight",
                  "a longer time never lowers the weight, and raises it if alpha < 1", "all alpha in [0, 1]",
                  [](Scope& scope) -> Goal {
                    const Preference by = any_preference(scope);
                    const Cost low = any_cost(scope, "");
                    const SymReal longer = low.time + scope.positive("added");
                    const SymReal before = weight(by, low), after = path_weight(by, low.price, longer);
                    return {land(before <= after, implies(by.alpha < scope.number(1), before < after)), before < after};
                  }});
  list.push_back({"ROUTE-2", "route-2-units", "other units of price and time (scales included) change no weight",
                  "all changes of unit > 0", [](Scope& scope) -> Goal {
                    const Preference by = any_preference(scope);
                    const Cost cost = any_cost(scope, "");
                    const SymReal coin = scope.positive("coin"), tick = scope.positive("tick");
                    const Cost converted{cost.price * coin, cost.time * tick};
                    const Preference other{by.alpha, by.price_scale * coin, by.cost_scale * tick};
                    const SymReal rest = scope.number(1) - by.alpha;
                    scope.hint(by.alpha * converted.price / other.price_scale ==
                               by.alpha * cost.price / by.price_scale);
                    scope.hint(rest * converted.time / other.cost_scale == rest * cost.time / by.cost_scale);
                    // The fault: the cost scale is omitted.
                    const Preference half{by.alpha, by.price_scale * coin, by.cost_scale};
                    return {weight(other, converted) == weight(by, cost), weight(half, converted) == weight(by, cost)};
                  }});
  return list;
}

/// The form of an order that omits a comparison.
SymBool by_weight_and_price(const Label& a, const Label& b) {
  return lor(a.weight < b.weight, land(a.weight == b.weight, a.price < b.price));
}

std::vector<Obligation> order_obligations() {
  std::vector<Obligation> list;
  list.push_back({"ROUTE-3", "route-3-order-asymmetric", "no label comes before itself, nor two before each other",
                  "all labels", [](Scope& scope) -> Goal {
                    const Label a = any_label(scope, "a"), b = any_label(scope, "b");
                    const auto loose = [](const Label& x, const Label& y) {
                      return lor(by_weight_and_price(x, y),
                                 land(x.weight == y.weight, land(x.price == y.price, x.time <= y.time)));
                    };
                    return {land(lnot(precedes(a, a)), lnot(land(precedes(a, b), precedes(b, a)))),
                            lnot(land(loose(a, b), loose(b, a)))};
                  }});
  list.push_back({"ROUTE-3", "route-3-order-transitive", "a before b and b before c: a before c", "all labels",
                  [](Scope& scope) -> Goal {
                    const Label a = any_label(scope, "a"), b = any_label(scope, "b"), c = any_label(scope, "c");
                    // The fault: the price decides although the weights differ.
                    const auto mixed = [](const Label& x, const Label& y) {
                      return lor(x.weight < y.weight, x.price < y.price);
                    };
                    return {implies(land(precedes(a, b), precedes(b, c)), precedes(a, c)),
                            implies(land(mixed(a, b), mixed(b, c)), mixed(a, c))};
                  }});
  list.push_back({"ROUTE-3", "route-3-order-total", "of two labels that differ one comes before the other",
                  "all labels", [](Scope& scope) -> Goal {
                    const Label a = any_label(scope, "a"), b = any_label(scope, "b");
                    return {lor(same(a, b), lor(precedes(a, b), precedes(b, a))),
                            lor(same(a, b), lor(by_weight_and_price(a, b), by_weight_and_price(b, a)))};
                  }});
  list.push_back({"ROUTE-3", "route-3-order-translation", "joining the same piece to two labels keeps their order",
                  "all labels, either side", [](Scope& scope) -> Goal {
                    const Label a = any_label(scope, "a"), b = any_label(scope, "b"), c = any_label(scope, "c");
                    // The fault: a chain weighs as much as its heaviest piece.
                    const auto heaviest = [](const Label& x, const Label& y) {
                      return Label{select(x.weight < y.weight, y.weight, x.weight), x.price + y.price, x.time + y.time};
                    };
                    const SymBool order = precedes(a, b);
                    return {land(iff(order, precedes(joined(a, c), joined(b, c))),
                                 iff(order, precedes(joined(c, a), joined(c, b)))),
                            iff(order, precedes(heaviest(c, a), heaviest(c, b)))};
                  }});
  list.push_back(
      {"ROUTE-3", "route-3-order-first-objective",
       "a label of less weight comes first; of equal weight, the lower price; then the shorter time", "all labels",
       [](Scope& scope) -> Goal {
         const Label a = any_label(scope, "a"), b = any_label(scope, "b");
         // Case by case, whereas the rule is one formula.
         const SymBool stated = all(
             scope, {implies(a.weight < b.weight, precedes(a, b)), implies(a.weight > b.weight, lnot(precedes(a, b))),
                     implies(land(a.weight == b.weight, a.price < b.price), precedes(a, b)),
                     implies(land(a.weight == b.weight, a.price > b.price), lnot(precedes(a, b))),
                     implies(land(a.weight == b.weight, a.price == b.price), iff(precedes(a, b), a.time < b.time))});
         return {stated, implies(a.price < b.price, precedes(a, b))};
       }});
  return list;
}

/// The fault of a client that compares only the weight and keeps its previous choice.
Label least_by_weight(const Label& a, const Label& b) { return select_label<SymReal>(b.weight < a.weight, b, a); }

/// The fault of choosing each entry separately.
Label least_of_each(const Label& a, const Label& b) {
  return {minimum(a.weight, b.weight), minimum(a.price, b.price), minimum(a.time, b.time)};
}

std::vector<Obligation> least_obligations() {
  std::vector<Obligation> list;
  list.push_back({"ROUTE-3", "route-3-least-is-one-and-first",
                  "the least of two labels is one of them and neither comes before it", "all labels",
                  [](Scope& scope) -> Goal {
                    const Label a = any_label(scope, "a"), b = any_label(scope, "b");
                    const auto chosen = [&](const Label& c) {
                      return land(lor(same(c, a), same(c, b)), land(at_most(c, a), at_most(c, b)));
                    };
                    return {chosen(minimum(a, b)), chosen(least_of_each(a, b))};
                  }});
  list.push_back(
      {"ROUTE-3", "route-3-least-any-order", "the least of several labels does not depend on the order of looking",
       "commutative and associative, all labels", [](Scope& scope) -> Goal {
         const Label a = any_label(scope, "a"), b = any_label(scope, "b"), c = any_label(scope, "c");
         return {land(same(minimum(a, b), minimum(b, a)), same(minimum(minimum(a, b), c), minimum(a, minimum(b, c)))),
                 same(least_by_weight(a, b), least_by_weight(b, a))};
       }});
  list.push_back({"ROUTE-3", "route-3-least-distributes",
                  "a piece joined to the least is the least with the piece joined", "all labels",
                  [](Scope& scope) -> Goal {
                    const Label a = any_label(scope, "a"), b = any_label(scope, "b"), c = any_label(scope, "c");
                    const auto distributes = [&](const Label& chosen, const Label& choice_of_joined) {
                      return same(joined(a, chosen), choice_of_joined);
                    };
                    // The fault: the piece in front is counted after the choice, and its own weight before it.
                    const Label light = {c.weight + a.weight, c.price, c.time};
                    return {distributes(minimum(b, c), minimum(joined(a, b), joined(a, c))),
                            distributes(minimum(b, c), minimum(joined(a, b), light))};
                  }});
  list.push_back({"ROUTE-3", "route-3-least-monotone", "where no label gets later, the least does not get later",
                  "all labels", [](Scope& scope) -> Goal {
                    const Label a = any_label(scope, "a"), b = any_label(scope, "b");
                    const Label sooner_a = any_label(scope, "a2"), sooner_b = any_label(scope, "b2");
                    scope.assume(land(at_most(sooner_a, a), at_most(sooner_b, b)));
                    return {at_most(minimum(sooner_a, sooner_b), minimum(a, b)),
                            at_most(least_by_weight(sooner_a, sooner_b), least_by_weight(a, b))};
                  }});
  return list;
}

}  // namespace

std::vector<Obligation> routing_obligations() {
  std::vector<Obligation> all;
  for (const auto& part :
       {weight_obligations, order_obligations, least_obligations, chain_obligations, route_certificate_obligations})
    for (Obligation& obligation : part()) all.push_back(std::move(obligation));
  return all;
}

}  // namespace p2pllm::proofs
