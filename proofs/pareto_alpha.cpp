#include <tuple>

#include "proofs/routing_terms.hpp"

namespace p2pllm::proofs {
namespace {

using namespace reference;

/// Costs over their scales: PARETO-4 speaks of these.
Cost scaled(const Preference& by, const Cost& cost) { return {cost.price / by.price_scale, cost.time / by.cost_scale}; }

SymReal break_even(const Cost& cheaper, const Cost& faster) {
  return break_even_alpha(cheaper.price, cheaper.time, faster.price, faster.time);
}

/// A preference by alpha alone. What is proved with scales 1 holds of costs over any scales: path_weight of a cost is
/// that of the scaled cost (route-2-units).
Preference unit_preference(const Scope& scope, const SymReal& alpha) {
  return {alpha, scope.number(1), scope.number(1)};
}

SymReal alpha_of_unit_interval(Scope& scope) {
  const SymReal alpha = scope.non_negative("alpha");
  scope.assume(alpha <= scope.number(1));
  return alpha;
}

/// Undominated points by rising price: each next one costs more and takes less time.
std::vector<Cost> descending(Scope& scope, int count) {
  std::vector<Cost> points{any_cost(scope, "0")};
  for (int k = 1; k < count; ++k) {
    const std::string name = std::to_string(k);
    points.push_back(
        {points.back().price + scope.positive("added" + name), points.back().time - scope.positive("saved" + name)});
  }
  return points;
}

/// Twice the area of the triangle of three points, > 0 iff the middle one lies above the segment of its neighbours.
SymReal above(const Cost& a, const Cost& b, const Cost& c) {
  return (b.time - a.time) * (c.price - a.price) - (c.time - a.time) * (b.price - a.price);
}

/// How far apart two break-even alphas are, times positive factors.
void sign_hints(Scope& scope, const SymReal& first, const SymReal& second, const SymReal& area,
                const std::vector<Cost>& points) {
  const auto span = [&](std::size_t k) {
    return points[k].time - points[k + 1].time + (points[k + 1].price - points[k].price);
  };
  const SymReal zero = scope.number(0), difference = (first - second) * (span(0) * span(1));
  scope.hint(difference == zero - area);
  scope.hint(implies(second < first, zero < difference));
  scope.hint(implies(first < second, difference < zero));
}

/// The middle point's excess weight over its neighbours, averaged, is (1 - alpha) times how far it is above them.
void segment_hints(Scope& scope, const Preference& by, const std::vector<Cost>& points) {
  const SymReal zero = scope.number(0), rest = scope.number(1) - by.alpha;
  const SymReal area = above(points[0], points[1], points[2]), own = weight(by, points[1]);
  const SymReal over_0 = (own - weight(by, points[0])) * (points[2].price - points[1].price);
  const SymReal over_2 = (own - weight(by, points[2])) * (points[1].price - points[0].price);
  scope.hint(over_0 + over_2 == rest * area);
  scope.hint(implies(own <= weight(by, points[0]), over_0 <= zero));
  scope.hint(implies(own <= weight(by, points[2]), over_2 <= zero));
  scope.hint(implies(land(zero < area, zero < rest), zero < rest * area));
  scope.hint(implies(rest == zero, weight(by, points[0]) < own));
}

/// At either end of alpha one objective alone counts.
Obligation end_alpha_misleads(int alpha) {
  return {
      "PARETO-5",
      "pareto-5-end-alpha-" + std::to_string(alpha),
      "at alpha = " + std::to_string(alpha) + " a chain of least weight may be dominated",
      "3 costs; none is better in both",
      [alpha](Scope& scope) -> Goal {
        const Preference by = unit_preference(scope, scope.number(alpha));
        std::vector<Cost> costs;
        for (const char* name : {"a", "b", "c"})
          costs.push_back({scope.positive(std::string("p_") + name), scope.positive(std::string("t_") + name)});
        for (const Cost& other : costs) scope.assume(weight(by, costs[0]) <= weight(by, other));
        return {dominates(costs[1], costs[0]), land(costs[1].price < costs[0].price, costs[1].time < costs[0].time)};
      },
      Obligation::Kind::exists};
}

std::vector<Obligation> selection_obligations() {
  std::vector<Obligation> list;
  list.push_back({"PARETO-5", "pareto-5-inner-alpha",
                  "for 0 < alpha < 1 what dominates weighs less, so the lightest is Pareto-optimal",
                  "all costs and scales", [](Scope& scope) -> Goal {
                    const SymReal alpha = alpha_of_unit_interval(scope);
                    const Preference by{alpha, scope.positive("price_scale"), scope.positive("cost_scale")};
                    const Cost a = any_cost(scope, "a"), b = any_cost(scope, "b");
                    scope.assume(dominates(a, b));
                    for (const auto& [factor, less, more, scale] :
                         {std::tuple{alpha, a.price, b.price, by.price_scale},
                          std::tuple{scope.number(1) - alpha, a.time, b.time, by.cost_scale}}) {
                      scope.hint(implies(less <= more, factor * less / scale <= factor * more / scale));
                      scope.hint(implies(land(scope.number(0) < factor, less < more),
                                         factor * less / scale < factor * more / scale));
                    }
                    const SymBool lighter = weight(by, a) < weight(by, b);
                    const SymBool inner = land(scope.number(0) < alpha, alpha < scope.number(1));
                    return {implies(inner, lighter), implies(scope.number(0) < alpha, lighter)};
                  }});
  list.push_back(end_alpha_misleads(0));
  list.push_back(end_alpha_misleads(1));
  list.push_back({"PARETO-5", "pareto-5-one-order",
                  "the one order's first chain is Pareto-optimal, at alpha 0 and 1 too",
                  "all alpha in [0, 1], costs and scales", [](Scope& scope) -> Goal {
                    const Preference by = any_preference(scope);
                    const Cost a = any_cost(scope, "a"), b = any_cost(scope, "b");
                    scope.assume(dominates(a, b));
                    return {precedes(label(by, a), label(by, b)), weight(by, a) < weight(by, b)};
                  }});
  list.push_back({"PARETO-5", "pareto-5-least-undominated", "the least of two labels is not dominated by either",
                  "all alpha in [0, 1], scales 1", [](Scope& scope) -> Goal {
                    const Preference by = unit_preference(scope, alpha_of_unit_interval(scope));
                    const Cost a = any_cost(scope, "a"), b = any_cost(scope, "b");
                    const auto undominated = [&](const Label& first) {
                      const Cost chosen{first.price, first.time};
                      return lnot(lor(dominates(a, chosen), dominates(b, chosen)));
                    };
                    // The fault: weights alone decide and the first of equal ones stays.
                    const Label kept = select_label<SymReal>(weight(by, b) < weight(by, a), label(by, b), label(by, a));
                    return {undominated(minimum(label(by, a), label(by, b))), undominated(kept)};
                  }});
  return list;
}

std::vector<Obligation> break_even_obligations() {
  std::vector<Obligation> list;
  list.push_back({"PARETO-4", "pareto-4-break-even-inside",
                  "the break-even alpha of two undominated points lies strictly in (0, 1)", "all costs",
                  [](Scope& scope) -> Goal {
                    const std::vector<Cost> points = descending(scope, 2);
                    const auto inside = [&](const SymReal& alpha) {
                      return land(scope.number(0) < alpha, alpha < scope.number(1));
                    };
                    // The fault: the time saved over the price added.
                    const SymReal ratio = (points[0].time - points[1].time) / (points[1].price - points[0].price);
                    return {inside(break_even(points[0], points[1])), inside(ratio)};
                  }});
  list.push_back(
      {"PARETO-4", "pareto-4-break-even-equal", "at their break-even alpha two points weigh the same, at any scales",
       "all costs and scales", [](Scope& scope) -> Goal {
         const std::vector<Cost> points = descending(scope, 2);
         const Preference scales{scope.number(0), scope.positive("price_scale"), scope.positive("cost_scale")};
         const auto moved = [&](const SymReal& alpha) {
           for (const Cost& point : points) {
             const Cost over = scaled(scales, point);
             const SymReal rest = scope.number(1) - alpha;
             scope.hint(alpha * point.price / scales.price_scale == alpha * over.price);
             scope.hint(rest * point.time / scales.cost_scale == rest * over.time);
           }
         };
         moved(break_even(scaled(scales, points[0]), scaled(scales, points[1])));
         const auto balanced = [&](const SymReal& alpha) {
           const Preference by{alpha, scales.price_scale, scales.cost_scale};
           return weight(by, points[0]) == weight(by, points[1]);
         };
         return {balanced(break_even(scaled(scales, points[0]), scaled(scales, points[1]))),
                 balanced(break_even(points[0], points[1]))};
       }});
  list.push_back({"PARETO-4", "pareto-4-break-even-sides",
                  "above the break-even alpha the cheaper point weighs less, below it the faster",
                  "all alpha, all costs", [](Scope& scope) -> Goal {
                    const std::vector<Cost> points = descending(scope, 2);
                    const SymReal alpha = scope.real("alpha");
                    const Preference by = unit_preference(scope, alpha);
                    const SymReal even = break_even(points[0], points[1]);
                    const SymReal cheaper = weight(by, points[0]), faster = weight(by, points[1]);
                    return {land(iff(even < alpha, cheaper < faster), iff(alpha < even, faster < cheaper)),
                            iff(even < alpha, faster < cheaper)};
                  }});
  return list;
}

std::vector<Obligation> hull_obligations() {
  std::vector<Obligation> list;
  list.push_back(
      {"PARETO-4", "pareto-4-two-points-supported",
       "of two undominated points each is the lightest at some alpha between 0 and 1: being unsupported takes three",
       "all costs", [](Scope& scope) -> Goal {
         const std::vector<Cost> points = descending(scope, 2);
         const SymReal even = break_even(points[0], points[1]), half = scope.number(Rational(1, 2));
         const auto difference = [&](const SymReal& alpha) {
           const Preference by = unit_preference(scope, alpha);
           return weight(by, points[0]) - weight(by, points[1]);
         };
         const SymReal zero = scope.number(0);
         const SymBool cheaper_above = difference((even + scope.number(1)) * half) < zero;
         return {land(cheaper_above, zero < difference(even * half)), land(cheaper_above, zero < difference(even))};
       }});
  list.push_back({"PARETO-4", "pareto-4-hull-rule",
                  "break-even alphas fall along three points iff the middle one lies below its neighbours' segment",
                  "all costs", [](Scope& scope) -> Goal {
                    const std::vector<Cost> points = descending(scope, 3);
                    const SymReal first = break_even(points[0], points[1]), second = break_even(points[1], points[2]);
                    const SymReal area = above(points[0], points[1], points[2]);
                    sign_hints(scope, first, second, area, points);
                    const SymReal zero = scope.number(0);
                    return {land(iff(second < first, area < zero), iff(second == first, area == zero)),
                            iff(first < second, area < zero)};
                  }});
  return list;
}

std::vector<Obligation> class_obligations() {
  std::vector<Obligation> list;
  list.push_back(
      {"PARETO-4", "pareto-4-extreme-interval",
       "a point is at most as heavy as its neighbours exactly between its two break-even alphas",
       "3 points by rising price, all alpha, all costs", [](Scope& scope) -> Goal {
         const std::vector<Cost> points = descending(scope, 3);
         const SymReal alpha = scope.real("alpha");
         const Preference by = unit_preference(scope, alpha);
         const SymReal upper = break_even(points[0], points[1]), lower = break_even(points[1], points[2]);
         const SymReal own = weight(by, points[1]);
         const SymBool light = land(own <= weight(by, points[0]), own <= weight(by, points[2]));
         return {iff(light, land(lower <= alpha, alpha <= upper)), iff(light, land(upper <= alpha, alpha <= lower))};
       }});
  list.push_back({"PARETO-4", "pareto-4-unsupported",
                  "an undominated point above its neighbours' segment is the lightest at no alpha",
                  "all alpha in [0, 1], all costs", [](Scope& scope) -> Goal {
                    const std::vector<Cost> points = descending(scope, 3);
                    const Preference by = unit_preference(scope, alpha_of_unit_interval(scope));
                    const SymReal own = weight(by, points[1]);
                    const SymBool beaten = lor(weight(by, points[0]) < own, weight(by, points[2]) < own);
                    segment_hints(scope, by, points);
                    const SymReal area = above(points[0], points[1], points[2]), zero = scope.number(0);
                    return {implies(zero < area, beaten), implies(zero <= area, beaten)};
                  }});
  list.push_back({"PARETO-4", "pareto-4-tie",
                  "a point on its neighbours' segment is the lightest at their break-even alpha and at no other",
                  "all alpha, all costs, all places on the segment", [](Scope& scope) -> Goal {
                    const std::vector<Cost> ends = descending(scope, 2);
                    const SymReal place = scope.fraction("place"), alpha = scope.real("alpha");
                    const Cost middle{ends[0].price + place * (ends[1].price - ends[0].price),
                                      ends[0].time + place * (ends[1].time - ends[0].time)};
                    const Preference by = unit_preference(scope, alpha);
                    const SymReal own = weight(by, middle);
                    const SymReal zero = scope.number(0), one = scope.number(1);
                    const SymReal w0 = weight(by, ends[0]), w1 = weight(by, ends[1]);
                    scope.hint(land(own - w0 == place * (w1 - w0), own - w1 == (place - one) * (w1 - w0)));
                    scope.hint(implies(w0 < w1, zero < place * (w1 - w0)));
                    scope.hint(implies(w1 < w0, zero < (place - one) * (w1 - w0)));
                    scope.hint(iff(w0 == w1, alpha == break_even(ends[0], ends[1])));
                    const SymBool light = land(own <= weight(by, ends[0]), own <= weight(by, ends[1]));
                    return {iff(light, alpha == break_even(ends[0], ends[1])),
                            iff(own <= weight(by, ends[0]), alpha == break_even(ends[0], ends[1]))};
                  }});
  return list;
}

std::vector<Obligation> unsupported_obligations() {
  std::vector<Obligation> list;
  list.push_back({"PARETO-5", "pareto-5-third-of-four",
                  "the points (2, 11), (4, 8), (7, 7), (9, 4): the third is undominated and the lightest at no alpha",
                  "all alpha in [0, 1]", [](Scope& scope) -> Goal {
                    const Preference by = unit_preference(scope, alpha_of_unit_interval(scope));
                    std::vector<Cost> points;
                    for (const auto& [price, time] : {std::pair{2, 11}, {4, 8}, {7, 7}, {9, 4}})
                      points.push_back({scope.number(price), scope.number(time)});
                    const auto left_out = [&](std::size_t k) {
                      std::vector<SymBool> undominated, lighter;
                      for (const Cost& other : points) {
                        undominated.push_back(lnot(dominates(other, points[k])));
                        lighter.push_back(weight(by, other) < weight(by, points[k]));
                      }
                      return land(all(scope, undominated), any(scope, lighter));
                    };
                    return {left_out(2), left_out(1)};
                  }});
  list.push_back({"PARETO-5", "pareto-5-unsupported-exists", "a weighted sum cannot reach all that is undominated",
                  "3 points of whole prices and times; 1 apart each they would be on a line",
                  [](Scope& scope) -> Goal {
                    const auto whole = [&](const char* name) {
                      return SymReal(z3::to_real(scope.integer(name).term()));
                    };
                    const std::vector<Cost> points{
                        {whole("p0"), whole("t0")}, {whole("p1"), whole("t1")}, {whole("p2"), whole("t2")}};
                    std::vector<SymBool> even_steps;
                    for (std::size_t k = 0; k < 3; ++k) {
                      scope.assume(land(scope.number(1) <= points[k].price, points[k].price <= scope.number(9)));
                      scope.assume(land(scope.number(1) <= points[k].time, points[k].time <= scope.number(9)));
                      if (k == 0) continue;
                      scope.assume(land(points[k - 1].price < points[k].price, points[k].time < points[k - 1].time));
                      even_steps.push_back(same(points[k], points[k - 1] + Cost{scope.number(1), scope.number(-1)}));
                    }
                    const SymBool unsupported = break_even(points[0], points[1]) < break_even(points[1], points[2]);
                    return {unsupported, land(unsupported, all(scope, even_steps))};
                  },
                  Obligation::Kind::exists});
  return list;
}

}  // namespace

std::vector<Obligation> alpha_obligations() {
  std::vector<Obligation> all;
  for (const auto& part :
       {selection_obligations, break_even_obligations, hull_obligations, class_obligations, unsupported_obligations})
    for (Obligation& obligation : part()) all.push_back(std::move(obligation));
  return all;
}

}  // namespace p2pllm::proofs
