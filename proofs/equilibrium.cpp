#include "proofs/pricing.hpp"

namespace p2pllm::proofs {
namespace {

using namespace reference;

/// A node at its equilibrium odds for a sum of exponentials e^s: zeta(v) = -d - s - 1 (PRICE-12).
struct OddsNode {
  OddsNode(Scope& scope, const std::string& name, const Fraction& sum_log)
      : cost_weight(scope.real("d" + name)),
        odds(scope.positive("v" + name)),
        inner(logarithm(scope, "L" + name, (one_like(odds) + odds) / odds)) {
    scope.assume(odds_condition(odds, inner.exponent) == zero_like(odds) - cost_weight - sum_log - one_like(odds));
  }
  Fraction cost_weight, odds;
  Exponential inner;  ///< ln(1 + 1/v) with 1 + 1/v
  [[nodiscard]] Fraction share() const { return share_of_odds(odds); }
};

void add_odds(std::vector<Obligation>& list) {
  list.push_back({"PRICE-12", "price-12-odds-are-an-equilibrium-node",
                  "the price, share and revenue of odds belong together: z = 1, R = p P, v = P/(1 - P)", "all odds",
                  [](Scope& scope) -> Goal {
                    const Fraction v = scope.positive("v"), a = scope.positive("a"), one = scope.number(1);
                    const Fraction share = share_of_odds(v), rest = one - share;
                    const auto consistent = [&](const Fraction& price) {
                      return land(stationarity(price, rest, a) == one,
                                  land(revenue(price, share) == revenue_of_odds(v, a), v * rest == share));
                    };
                    return {consistent(price_of_odds(v, a)), consistent(v / a)};
                  }});
  list.push_back({"PRICE-12", "price-12-odds-condition-gives-the-weight",
                  "a node at the price of its odds has e^-w = S v/(1 + v) iff the odds meet the condition", "all reals",
                  [](Scope& scope) -> Goal {
                    const Fraction v = scope.positive("v"), a = scope.positive("a"), d = scope.real("d"),
                                   s = scope.real("s");
                    const Fraction zero = scope.number(0), one = scope.number(1);
                    const Exponential inner = logarithm(scope, "L", (one + v) / v);
                    const Exponential sum = exponential(scope, "S", s);
                    const Fraction weight = demand_weight(a, price_of_odds(v, a), d);
                    const Exponential own = exponential(scope, "E", zero - weight);
                    const Exponential wanted = sum * inverse(inner);
                    assume_rising(scope, own, wanted);
                    const SymBool condition = odds_condition(v, inner.exponent) == zero - d - s - one;
                    // The fault: the logarithm is added.
                    const SymBool faulty = v + inner.exponent == zero - d - s - one;
                    const SymBool as_wanted = own.value == sum.value * share_of_odds(v);
                    return {iff(condition, as_wanted), iff(faulty, as_wanted)};
                  }});
  list.push_back({"PRICE-12", "price-12-shares-that-sum-to-one",
                  "nodes whose e^-w are S v/(1 + v) have these shares and rest, if the shares sum to 1", "n = 3",
                  [](Scope& scope) -> Goal {
                    const Fraction sum = scope.positive("S"), a = scope.positive("a"), one = scope.number(1);
                    const Fraction x = scope.positive("v1"), y = scope.positive("v2"), z = scope.positive("v3");
                    const Fraction p = share_of_odds(x), q = share_of_odds(y), r = share_of_odds(z);
                    scope.assume(p + q + r == one);
                    const Fraction own = sum * p;
                    const auto rests = [&](const Fraction& others) {
                      const Fraction share = demand_share(own, others);
                      return land(share == p, stationarity(price_of_odds(x, a), one - share, a) == one);
                    };
                    // The fault: a node is missing from the sum.
                    return {rests(sum * q + sum * r), rests(sum * q)};
                  }});
}

void add_condition(std::vector<Obligation>& list) {
  list.push_back({"PRICE-12", "price-12-condition-rises", "the odds condition rises strictly with the odds",
                  "any two odds", [](Scope& scope) -> Goal {
                    const Fraction low = scope.positive("v1"), high = scope.positive("v2"), one = scope.number(1);
                    scope.assume(low < high);
                    const Exponential at_low = logarithm(scope, "L1", (one + low) / low);
                    const Exponential at_high = logarithm(scope, "L2", (one + high) / high);
                    assume_rising(scope, at_high, at_low);
                    return {odds_condition(low, at_low.exponent) < odds_condition(high, at_high.exponent),
                            low + at_low.exponent < high + at_high.exponent};
                  }});
  list.push_back(
      {"PRICE-12", "price-12-condition-slope",
       "the slope rule is the derivative of the odds condition by ln v, and more than any v and 0", "all odds",
       [](Scope& scope) -> Goal {
         const Fraction v = scope.positive("v"), one = scope.number(1);
         const Dual1 odds = along(v, v);  // dv / d ln v = v
         const Dual1 inner = one_like(odds) + one_like(odds) / odds;
         const Dual1 condition = odds_condition(odds, ln_of(inner, scope.real("L")));
         return {land(condition.slope == odds_condition_slope(v), v < condition.slope), condition.slope == v + one / v};
       }});
  list.push_back({"PRICE-12", "price-12-slope-at-least-one",
                  "the odds condition rises at least as fast as ln v, so that bounds of s bound the odds", "all odds",
                  [](Scope& scope) -> Goal {
                    const Fraction v = scope.positive("v"), one = scope.number(1);
                    return {one <= odds_condition_slope(v), one <= v + one / (one + v + v)};
                  }});
}

/// The pairs of s and e^s of two candidate equilibria of one group.
struct TwoSums {
  explicit TwoSums(Scope& scope) : low(scope.real("s1")), high(scope.real("s2")) { scope.assume(low < high); }
  Fraction low, high;
};

void add_uniqueness(std::vector<Obligation>& list) {
  list.push_back({"PRICE-12", "price-12-share-falls-with-sum", "a node's odds and share fall strictly as s rises",
                  "the step for any n", [](Scope& scope) -> Goal {
                    const TwoSums s(scope);
                    const OddsNode before(scope, "1", s.low);
                    const OddsNode after(scope, "2", s.high);
                    scope.assume(before.cost_weight == after.cost_weight);
                    assume_rising(scope, before.inner, after.inner);
                    // The fault: the odds are inverted.
                    const Fraction one = scope.number(1);
                    const SymBool faulty = share_of_odds(one / after.odds) < share_of_odds(one / before.odds);
                    return {land(after.odds < before.odds, after.share() < before.share()), faulty};
                  }});
  list.push_back({"PRICE-12", "price-12-unique", "no two different values of s let all shares sum to 1", "n = 3",
                  [](Scope& scope) -> Goal {
                    const TwoSums s(scope);
                    const Fraction one = scope.number(1);
                    Fraction total_low = scope.number(0), total_high = scope.number(0);
                    for (const char* name : {"1", "2", "3"}) {
                      const Fraction before = scope.positive(std::string("before") + name);
                      const Fraction after = scope.positive(std::string("after") + name);
                      scope.assume(after < before);  // price-12-share-falls-with-sum
                      total_low = total_low + share_of_odds(before);
                      total_high = total_high + share_of_odds(after);
                      scope.hint(share_of_odds(after) < share_of_odds(before));
                    }
                    return {lnot(land(total_low == one, total_high == one)), lnot(total_low == one)};
                  }});
  list.push_back({"PRICE-12", "price-12-bracket-of-s",
                  "at s = min b - h every share is at least 1/n, at s = max b - h at most: s* lies between",
                  "any n > 1", [](Scope& scope) -> Goal {
                    const Fraction zero = scope.number(0), one = scope.number(1), n = scope.real("n");
                    scope.assume(one < n);
                    const Exponential log_n = logarithm(scope, "ln_n", n);
                    const Fraction h = n / (n - one) - log_n.exponent;
                    const Fraction end = scope.real("end");  // of the b = -d
                    const OddsNode node(scope, "", end - h);
                    assume_rising(scope, node.inner, log_n);
                    const Fraction b = zero - node.cost_weight;
                    const auto bracketed = [&](const Fraction& x, const Fraction& bound) {
                      return land(implies(end <= b, bound <= x), implies(b <= end, x <= bound));
                    };
                    const Fraction odds = one / (n - one);
                    scope.hint(implies(odds <= node.odds, node.inner.value <= n));
                    scope.hint(implies(node.odds <= odds, n <= node.inner.value));
                    return {bracketed(node.share(), one / n), bracketed(node.odds, one / n)};
                  }});
  list.push_back({"PRICE-12", "price-12-odds-move-at-most-with-sum",
                  "between two values of s the odds change by a factor of at most e^(s2 - s1)", "any two s",
                  [](Scope& scope) -> Goal {
                    const TwoSums s(scope);
                    const Fraction one = scope.number(1);
                    const OddsNode before(scope, "1", s.low);
                    const OddsNode after(scope, "2", s.high);
                    scope.assume(before.cost_weight == after.cost_weight);
                    scope.assume(after.odds < before.odds);  // price-12-share-falls-with-sum
                    // ln(v1 / v2) = ln((1 + v1) / (1 + v2)) - L1 + L2, and ln x <= x - 1.
                    const Exponential grown = logarithm(scope, "G", (one + before.odds) / (one + after.odds));
                    assume_above_tangent(scope, grown);
                    const Fraction ratio_log = grown.exponent - before.inner.exponent + after.inner.exponent;
                    const Fraction excess = before.odds - after.odds;
                    scope.hint(grown.exponent <= grown.value - one);
                    scope.hint(grown.value - one <= excess);
                    return {ratio_log <= s.high - s.low, excess <= s.high - s.low};
                  }});
}

void add_statics(std::vector<Obligation>& list) {
  list.push_back({"PRICE-12", "price-12-cheaper-node-is-better-off",
                  "of two nodes of a group the cheaper has greater odds, price, share and revenue at equilibrium",
                  "0 < alpha < 1, any costs", [](Scope& scope) -> Goal {
                    const Fraction s = scope.real("s"), a = scope.positive("a"), zero = scope.number(0);
                    const Fraction alpha = scope.real("alpha"), one = scope.number(1);
                    const Fraction scale = scope.positive("sc"), temperature = scope.positive("T");
                    scope.assume(land(zero < alpha, alpha <= one));
                    const OddsNode cheap(scope, "1", s);
                    const OddsNode dear(scope, "2", s);
                    assume_rising(scope, cheap.inner, dear.inner);
                    const Fraction low = scope.positive("c1"), high = scope.positive("c2");
                    scope.assume(low < high);
                    scope.assume(cheap.cost_weight == cost_weight(alpha, low, scale, temperature));
                    scope.assume(dear.cost_weight == cost_weight(alpha, high, scale, temperature));
                    const SymBool prices = price_of_odds(dear.odds, a) < price_of_odds(cheap.odds, a);
                    const SymBool revenues = revenue_of_odds(dear.odds, a) < revenue_of_odds(cheap.odds, a);
                    const SymBool better =
                        land(land(dear.odds < cheap.odds, dear.share() < cheap.share()), land(prices, revenues));
                    scope.hint(implies(alpha < one, cheap.cost_weight < dear.cost_weight));
                    // The fault: alpha = 1 is included.
                    return {implies(alpha < one, better), better};
                  }});
  list.push_back({"PRICE-12", "price-12-costs-do-not-matter-at-one",
                  "at alpha = 1 two nodes of different costs are both at their best response at one price",
                  "n = 2, scales 1: lower cost earns nothing there",
                  [](Scope& scope) -> Goal {
                    const Fraction one = scope.number(1), price = scope.positive("p"), alpha = scope.positive("alpha");
                    const Fraction cheap = scope.positive("c1"), dear = scope.positive("c2");
                    scope.assume(alpha <= one);
                    scope.assume(cheap < dear);
                    const Fraction a = price_sensitivity(alpha, one, one);
                    const auto weight = [&](const Fraction& cost) {
                      return demand_weight(a, price, cost_weight(alpha, cost, one, one));
                    };
                    // e^-w of the expensive node; that of the cheap node is 1.
                    const Exponential other = exponential(scope, "D", weight(cheap) - weight(dear));
                    assume_rising(scope, other, {scope.number(0), one});
                    const SymBool rest = land(stationarity(price, rest_share(one, other.value), a) == one,
                                              stationarity(price, rest_share(other.value, one), a) == one);
                    // The fault: the same for some alpha below 1.
                    return {land(alpha == one, rest), land(alpha < one, rest)};
                  },
                  Obligation::Kind::exists});
}

void add_symmetric(std::vector<Obligation>& list) {
  list.push_back({"PRICE-13", "price-13-symmetric-price",
                  "n equal nodes at n/(a(n - 1)) are each at their best response", "any n > 1",
                  [](Scope& scope) -> Goal {
                    const Fraction n = scope.real("n"), a = scope.positive("a"), own = scope.positive("E");
                    const Fraction one = scope.number(1);
                    scope.assume(one < n);
                    const Fraction rest = rest_share(own, (n - one) * own);
                    const auto rests = [&](const Fraction& price) { return stationarity(price, rest, a) == one; };
                    return {land(rests(symmetric_price(n, a)), demand_share(own, (n - one) * own) * n == one),
                            rests(one / (a * (n - one)))};
                  }});
  list.push_back({"PRICE-13", "price-13-symmetric-price-is-of-odds", "the symmetric price is that of odds 1/(n - 1)",
                  "any n > 1", [](Scope& scope) -> Goal {
                    const Fraction n = scope.real("n"), a = scope.positive("a"), one = scope.number(1);
                    scope.assume(one < n);
                    const Fraction price = symmetric_price(n, a);
                    return {price_of_odds(one / (n - one), a) == price, price_of_odds(one / n, a) == price};
                  }});
  list.push_back(
      {"PRICE-13", "price-13-two-weights-contradict",
       "a rational equilibrium has one weight: the coefficients of two different exponentials are not both 0",
       "any multiplicities", [](Scope& scope) -> Goal {
         const Fraction ap = scope.positive("ap"), first = scope.real("mu1"), other = scope.real("mu2");
         const Fraction zero = scope.number(0), one = scope.number(1);
         scope.assume(one <= first);
         scope.assume(one <= other);
         const Fraction of_first = (ap - one) * first - ap, of_other = (ap - one) * other;
         // The fault: the node's own term is forgotten.
         return {lnot(land(of_first == zero, of_other == zero)),
                 lnot(land((ap - one) * first == zero, of_other == zero))};
       }});
  list.push_back({"PRICE-13", "price-13-one-weight-gives-symmetric-price",
                  "with one weight the coefficient is 0 exactly at the symmetric price", "any n > 1",
                  [](Scope& scope) -> Goal {
                    const Fraction n = scope.real("n"), a = scope.positive("a"), p = scope.positive("p");
                    const Fraction zero = scope.number(0), one = scope.number(1);
                    scope.assume(one < n);
                    const SymBool vanishes = (a * p - one) * n - a * p == zero;
                    return {iff(vanishes, p == symmetric_price(n, a)), iff(vanishes, p == one / (a * (n - one)))};
                  }});
  list.push_back(
      {"PRICE-13", "price-13-unequal-groups-are-dearer",
       "a price is at least its tangent in the share at 1/n, and only there on it: averages are at least n/(a(n - 1))",
       "any n > 1, the step for the average", [](Scope& scope) -> Goal {
         const Fraction n = scope.real("n"), a = scope.positive("a"), v = scope.positive("v"), one = scope.number(1);
         scope.assume(one < n);
         const Fraction symmetric = symmetric_price(n, a), share = share_of_odds(v), price = price_of_odds(v, a);
         const Fraction tangent = symmetric + a * symmetric * symmetric * (share - one / n);
         const Fraction distance = v * (n - one) - one;
         const Fraction gap = a * a * n * distance * distance;
         scope.hint(land(scope.number(0) <= gap, iff(gap == scope.number(0), distance == scope.number(0))));
         scope.hint(iff(distance == scope.number(0), v == one / (n - one)));
         // The fault: the tangent's slope without the factor of the symmetric price.
         const Fraction faulty = symmetric + symmetric * (share - one / n);
         return {land(tangent <= price, iff(price == tangent, share == one / n)), faulty <= price};
       }});
}

}  // namespace

std::vector<Obligation> equilibrium_obligations() {
  std::vector<Obligation> list;
  add_odds(list);
  add_condition(list);
  add_uniqueness(list);
  add_statics(list);
  add_symmetric(list);
  append(list, ascent_obligations());
  append(list, ascent_converges_obligations());
  append(list, ascent_rises_obligations());
  return list;
}

}  // namespace p2pllm::proofs
