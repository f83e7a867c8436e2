#include "optimized/market/route_rules.hpp"
#include "proofs/routing_terms.hpp"

// The rules of fast routing and of fast frontiers equal the reference's for all values within their bounds.
namespace p2pllm::proofs {
namespace {

using FastLabel = optimized::RouteLabel<SymReal>;

FastLabel fast(const Label& label) { return {label.weight, label.price, label.time}; }

SymBool is_within(const SymReal& value, const SymReal& least, const SymReal& most) {
  return land(least <= value, value <= most);
}

/// A factor 1 - error .. 1 + error.
SymReal factor(Scope& scope, const std::string& name, const SymReal& error) {
  const SymReal value = scope.real(name);
  scope.assume(is_within(value, scope.number(1) - error, scope.number(1) + error));
  return value;
}

std::vector<Obligation> order_obligations() {
  std::vector<Obligation> list;
  list.push_back({"ROUTE-3", "agree-route-order", "the fast order of labels is the reference's", "all labels",
                  [](Scope& scope) -> Goal {
                    const Label a = any_label(scope, "a"), b = any_label(scope, "b");
                    const SymBool expected = reference::precedes(a, b);
                    // The fault: the price is forgotten.
                    const FastLabel cheap_a{a.weight, a.time, a.time}, cheap_b{b.weight, b.time, b.time};
                    return {iff(optimized::comes_first(fast(a), fast(b)), expected),
                            iff(optimized::comes_first(cheap_a, cheap_b), expected)};
                  }});
  list.push_back(
      {"ROUTE-7", "agree-route-cell",
       "of two nodes of one range the fast order of their own labels is the reference's of the chains over them",
       "all labels of the two and of the rest", [](Scope& scope) -> Goal {
         const Label a = any_label(scope, "a"), b = any_label(scope, "b"), rest = any_label(scope, "rest");
         const SymBool expected = reference::precedes(joined(a, rest), joined(b, rest));
         // The fault: the weight alone is compared.
         return {iff(optimized::comes_first(fast(a), fast(b)), expected), iff(lnot(b.weight <= a.weight), expected)};
       }});
  return list;
}

std::vector<Obligation> weight_obligations() {
  std::vector<Obligation> list;
  list.push_back(
      {"ROUTE-2", "agree-route-weight", "the weight of integers with coefficients is the reference's of their values",
       "all alpha, scales, units and integers", [](Scope& scope) -> Goal {
         const Preference by = any_preference(scope);
         const SymReal coin = scope.positive("price_unit"), tick = scope.positive("time_unit");
         const SymReal price = scope.real("price"), time = scope.real("time");
         const SymReal rest = scope.number(1) - by.alpha;
         const SymReal by_price = by.alpha * (coin / by.price_scale), by_time = rest * (tick / by.cost_scale);
         const SymReal expected = reference::path_weight(by, price * coin, time * tick);
         scope.hint(by.alpha * (price * coin) / by.price_scale == by_price * price);
         scope.hint(rest * (time * tick) / by.cost_scale == by_time * time);
         // The fault: the units are exchanged.
         return {optimized::weight_of(by_price, by_time, price, time) == expected,
                 optimized::weight_of(by_time, by_price, price, time) == expected};
       }});
  list.push_back({"ROUTE-3", "agree-route-common-factor", "a common factor of the coefficients changes no comparison",
                  "all factors > 0", [](Scope& scope) -> Goal {
                    const SymReal by_price = scope.non_negative("by_price"), by_time = scope.non_negative("by_time");
                    const SymReal common = scope.positive("factor");
                    const Cost a = any_cost(scope, "a"), b = any_cost(scope, "b");
                    const auto weight_by = [&](const SymReal& p, const SymReal& t, const Cost& cost) {
                      return optimized::weight_of(p, t, cost.price, cost.time);
                    };
                    const SymReal difference = weight_by(by_price, by_time, a) - weight_by(by_price, by_time, b);
                    const auto scaled_difference = [&](const SymReal& p, const SymReal& t) {
                      return weight_by(p, t, a) - weight_by(p, t, b);
                    };
                    const SymReal zero = scope.number(0);
                    const SymReal both = scaled_difference(common * by_price, common * by_time);
                    scope.hint(both == common * difference);
                    scope.hint(iff(common * difference < zero, difference < zero));
                    // The fault: one coefficient keeps its old unit.
                    return {iff(both < zero, difference < zero),
                            iff(scaled_difference(common * by_price, by_time) < zero, difference < zero)};
                  }});
  list.push_back({"ROUTE-3", "agree-route-enclosure", "coefficients rounded down and up enclose the weight",
                  "all coefficients >= 0, prices and times >= 0", [](Scope& scope) -> Goal {
                    const SymReal price = scope.non_negative("price"), time = scope.non_negative("time");
                    const SymReal by_price = scope.non_negative("by_price"), by_time = scope.non_negative("by_time");
                    const SymReal low_price = scope.real("low_price"), high_price = scope.real("high_price");
                    const SymReal low_time = scope.real("low_time"), high_time = scope.real("high_time");
                    scope.assume(is_within(by_price, low_price, high_price));
                    scope.assume(is_within(by_time, low_time, high_time));
                    const SymReal exact = optimized::weight_of(by_price, by_time, price, time);
                    const SymReal lower = optimized::weight_of(low_price, low_time, price, time);
                    const auto encloses = [&](const SymReal& upper) { return is_within(exact, lower, upper); };
                    // The fault: the time's coefficient is rounded down on both sides.
                    return {encloses(optimized::weight_of(high_price, high_time, price, time)),
                            encloses(optimized::weight_of(high_price, low_time, price, time))};
                  }});
  return list;
}

/// No sum of products in 128 bits overflows: a coefficient has at most 125 - bits bits and is rounded up at most to the
/// next power of two.
Obligation no_overflow(int bits) {
  return {"ROUTE-3", "agree-route-no-overflow-" + std::to_string(bits),
          "no weight in 128 bits reaches 2^127 where chains cost below 2^" + std::to_string(bits),
          "all coefficients of at most " + std::to_string(125 - bits) + " bits", [bits](Scope& scope) -> Goal {
            const auto power = [&](int exponent) { return scope.number(Rational::power_of_two(exponent)); };
            const SymReal price = scope.non_negative("price"), time = scope.non_negative("time");
            const SymReal by_price = scope.non_negative("by_price"), by_time = scope.non_negative("by_time");
            for (const SymReal& sum : {price, time}) scope.assume(sum < power(bits));
            for (const SymReal& coefficient : {by_price, by_time}) scope.assume(coefficient <= power(125 - bits));
            scope.hint(by_price * price <= power(125 - bits) * price);
            scope.hint(by_time * time <= power(125 - bits) * time);
            const SymReal weight = optimized::weight_of(by_price, by_time, price, time);
            // The fault: one bit less is claimed for the sum than the coefficients leave.
            return {weight < power(127), weight < power(125)};
          }};
}

/// @param coefficient  the roundings of the coefficient
/// @param all          the roundings that are granted to the term
Obligation term_error(const std::string& type, int coefficient, int all) {
  return {"ROUTE-3", "agree-route-term-error-" + type,
          "a rounded coefficient times a rounded integer, rounded, is within " + std::to_string(all) +
              " roundings of its value",
          "roundings of at most u <= 2^-20, " + std::to_string(coefficient) + " of them in the coefficient",
          [coefficient, all](Scope& scope) -> Goal {
            const SymReal u = scope.positive("u");
            scope.assume(u <= scope.number(Rational::power_of_two(-20)));
            const SymReal one = scope.number(1);
            const SymReal error = scope.number(coefficient) * u;
            const auto holds = [&](int roundings) {
              const SymReal limit = scope.number(roundings) * u;
              return land((one + error) * (one + u) * (one + u) <= one + limit,
                          one - limit <= (one - error) * (one - u) * (one - u));
            };
            // The fault: the rounding of the product is not counted.
            return {holds(all), holds(coefficient + 1)};
          }};
}

std::vector<Obligation> filter_obligations() {
  std::vector<Obligation> list;
  list.push_back(
      {"ROUTE-3", "agree-route-filter", "a label beyond the candidate bound of another is the heavier one",
       "all weights >= 0, errors e in (0, 1/8], the bound itself rounded by up to e/4", [](Scope& scope) -> Goal {
         const SymReal error = scope.positive("error");
         scope.assume(error <= scope.number(Rational(1, 8)));
         const SymReal weight = scope.non_negative("weight"), least = scope.non_negative("least");
         const SymReal shown = weight * factor(scope, "weight_rounding", error);
         const SymReal shown_least = least * factor(scope, "least_rounding", error);
         const SymReal one = scope.number(1);
         const SymReal rounding = factor(scope, "bound_rounding", error / scope.number(4));
         const auto bound = [&](int margin) {
           return optimized::candidate_bound(shown_least, scope.number(margin) * error) * rounding;
         };
         const SymReal lowest = (one - error) * (one + scope.number(4) * error) * (one - error / scope.number(4));
         scope.hint(one + error < lowest);
         scope.hint(shown <= weight * (one + error));
         scope.hint((one - error) * least <= shown_least);
         scope.hint((one - error) * least * (one + scope.number(4) * error) <=
                    optimized::candidate_bound(shown_least, scope.number(4) * error));
         scope.hint(least * lowest <= bound(4));
         scope.hint(implies(weight <= least, weight * (one + error) <= least * (one + error)));
         scope.hint(least * (one + error) <= least * lowest);
         // The fault: a margin of one error.
         return {implies(bound(4) < shown, least < weight), implies(bound(1) < shown, least < weight)};
       }});
  list.push_back({"ROUTE-3", "agree-route-sum-error",
                  "the rounded sum of two terms >= 0 within e of their values is within e + 2 u of the weight",
                  "all terms >= 0, e <= 1/4, u <= 1/4", [](Scope& scope) -> Goal {
                    const SymReal error = scope.positive("e"), u = scope.positive("u");
                    for (const SymReal& each : {error, u}) scope.assume(each <= scope.number(Rational(1, 4)));
                    const SymReal price = scope.non_negative("price_term"), time = scope.non_negative("time_term");
                    const SymReal shown_price = scope.real("shown_price"), shown_time = scope.real("shown_time");
                    const SymReal one = scope.number(1);
                    scope.assume(is_within(shown_price, price - error * price, price + error * price));
                    scope.assume(is_within(shown_time, time - error * time, time + error * time));
                    const SymReal exact = optimized::weight_of(one, one, price, time);
                    const SymReal sum = optimized::weight_of(one, one, shown_price, shown_time);
                    const SymReal shown = scope.real("shown");
                    scope.assume(is_within(shown, sum - u * sum, sum + u * sum));
                    scope.hint(is_within(sum, exact - error * exact, exact + error * exact));
                    scope.hint(u * sum <= u * (exact + error * exact));
                    scope.hint(u * error * exact <= u * exact);
                    const auto holds = [&](const SymReal& limit) {
                      return is_within(shown, exact - limit * exact, exact + limit * exact);
                    };
                    // The fault: the rounding of the sum is not counted.
                    return {holds(error + scope.number(2) * u), holds(error)};
                  }});
  return list;
}

std::vector<Obligation> batch_obligations() {
  std::vector<Obligation> list;
  list.push_back({"ROUTE-2", "agree-route-concave",
                  "a node weighs at least the interpolation of lower bounds of its weights at two alphas",
                  "all alphas and shares", [](Scope& scope) -> Goal {
                    const SymReal first = scope.non_negative("first_alpha"),
                                  second = scope.non_negative("second_alpha");
                    const SymReal share = scope.non_negative("first_share"), one = scope.number(1);
                    scope.assume(share <= one);
                    const SymReal other = one - share;
                    const Cost cost = any_cost(scope, "node");
                    const auto weight_at = [&](const SymReal& alpha) {
                      return reference::path_weight<SymReal>({alpha, one, one}, cost.price, cost.time);
                    };
                    const SymReal least_first = scope.real("least_first"), least_second = scope.real("least_second");
                    scope.assume(land(least_first <= weight_at(first), least_second <= weight_at(second)));
                    scope.hint(share * least_first <= share * weight_at(first));
                    scope.hint(other * least_second <= other * weight_at(second));
                    const SymReal own = weight_at(share * first + other * second);
                    scope.hint(own == share * weight_at(first) + other * weight_at(second));
                    // The fault: the shares are exchanged.
                    return {optimized::interpolated_least(share, least_first, other, least_second) <= own,
                            optimized::interpolated_least(other, least_first, share, least_second) <= own};
                  }});
  return list;
}

std::vector<Obligation> hull_obligations() {
  std::vector<Obligation> list;
  list.push_back({"PARETO-4", "agree-hull-alpha", "the alpha of equal weight is the reference's", "all points",
                  [](Scope& scope) -> Goal {
                    const SymReal added = scope.positive("added"), saved = scope.positive("saved");
                    const Cost cheaper = any_cost(scope, "cheaper");
                    const SymReal expected = reference::break_even_alpha(cheaper.price, cheaper.time,
                                                                         cheaper.price + added, cheaper.time - saved);
                    const SymReal span = saved + added;
                    const SymReal fast_alpha = optimized::alpha_of_equal_weight(added, saved);
                    scope.hint(expected * span == saved);
                    scope.hint(fast_alpha * span == saved);
                    scope.hint((expected - fast_alpha) * span == scope.number(0));
                    // The fault: price and time are exchanged.
                    return {fast_alpha == expected, optimized::alpha_of_equal_weight(saved, added) == expected};
                  }});
  list.push_back({"PARETO-4", "agree-hull-vertex",
                  "a point is a vertex of the hull iff the reference's alphas of equal weight descend strictly over it",
                  "3 points", [](Scope& scope) -> Goal {
                    const SymReal added_1 = scope.positive("added_1"), saved_1 = scope.positive("saved_1");
                    const SymReal added_2 = scope.positive("added_2"), saved_2 = scope.positive("saved_2");
                    const Cost a = any_cost(scope, "a");
                    const Cost b{a.price + added_1, a.time - saved_1}, c{b.price + added_2, b.time - saved_2};
                    const SymReal first = reference::break_even_alpha(a.price, a.time, b.price, b.time);
                    const SymReal second = reference::break_even_alpha(b.price, b.time, c.price, c.time);
                    const SymReal span_1 = saved_1 + added_1, span_2 = saved_2 + added_2;
                    const SymReal zero = scope.number(0);
                    const SymReal area = saved_1 * added_2 - saved_2 * added_1;
                    scope.hint(first * span_1 == saved_1);
                    scope.hint(second * span_2 == saved_2);
                    const SymReal difference = (first - second) * (span_1 * span_2);
                    scope.hint(difference == area);
                    scope.hint(implies(second < first, zero < difference));
                    scope.hint(implies(first <= second, difference <= zero));
                    const auto is_vertex = [](const SymReal& pb, const SymReal& tb, const SymReal& pa,
                                              const SymReal& ta) { return optimized::is_hull_vertex(pb, tb, pa, ta); };
                    // The fault: the differences of one axis are exchanged.
                    return {iff(is_vertex(added_1, saved_1, added_2, saved_2), second < first),
                            iff(is_vertex(added_2, saved_1, added_1, saved_2), second < first)};
                  }});
  list.push_back({"PARETO-1", "agree-pareto-staircase",
                  "a label is added to a staircase iff no label of it weakly dominates the new one by the reference",
                  "staircases of 3", [](Scope& scope) -> Goal {
                    std::vector<Cost> stairs{any_cost(scope, "0")};
                    for (const char* name : {"1", "2"})
                      stairs.push_back({stairs.back().price + scope.positive(std::string("added_") + name),
                                        stairs.back().time - scope.positive(std::string("saved_") + name)});
                    const Cost label = any_cost(scope, "new");
                    SymBool is_dominated = scope.truth(false);
                    SymBool is_added = scope.truth(true);
                    SymBool faulty = scope.truth(true);
                    for (const Cost& stair : stairs) {
                      is_dominated = lor(is_dominated, weakly_dominates(stair, label));
                      // The last one that costs no more decides; the fault: one that costs as much does not count.
                      const SymBool adds = optimized::is_undominated(label.time, stair.time);
                      const SymBool counts = stair.price <= label.price;
                      is_added = land(lor(lnot(counts), adds), lor(counts, is_added));
                      const SymBool counts_less = stair.price < label.price;
                      faulty = land(lor(lnot(counts_less), adds), lor(counts_less, faulty));
                    }
                    return {iff(is_added, lnot(is_dominated)), iff(faulty, lnot(is_dominated))};
                  }});
  return list;
}

}  // namespace

std::vector<Obligation> agree_routing_obligations() {
  std::vector<Obligation> list;
  for (const auto& topic :
       {order_obligations, weight_obligations, filter_obligations, batch_obligations, hull_obligations})
    for (Obligation& obligation : topic()) list.push_back(std::move(obligation));
  list.push_back(term_error("double", 6, 9));
  list.push_back(term_error("float", 2, 5));
  list.push_back(no_overflow(52));
  list.push_back(no_overflow(84));
  list.push_back(no_overflow(124));
  return list;
}

}  // namespace p2pllm::proofs
