#include "proofs/pricing.hpp"

namespace p2pllm::proofs {
namespace {

using namespace reference;

/// The potential, moved along unknown directions: its value, first and second derivative.
struct PotentialProbe {
  PotentialProbe(Scope& scope, int n) : a(scope.positive("a")) {
    for (int i = 1; i <= n; ++i) {
      const std::string name = std::to_string(i);
      prices.push_back(scope.positive("p" + name));
      directions.push_back(scope.real("h" + name));
      exponentials.push_back(scope.positive("E" + name));
    }
    const auto term = [&](std::size_t i) { return twice_along(prices[i], directions[i]); };
    Dual2 total = term(0), logs = ln_of(term(0), scope.real("l1")), sum = weight_exp(scope, 0);
    for (std::size_t i = 1; i < prices.size(); ++i) {
      total = total + term(i);
      logs = logs + ln_of(term(i), scope.real("l" + std::to_string(i + 1)));
      sum = sum + weight_exp(scope, i);
    }
    values.push_back(potential(logs, constant_like(total, a), total, ln_of(sum, scope.real("ln_S"))));
    // The fault: the logarithm of the sum is added.
    values.push_back(logs - constant_like(total, a) * total + ln_of(sum, scope.real("ln_S")));
  }

  Dual2 weight_exp(Scope& scope, std::size_t i) const {
    const Dual2 price = twice_along(prices[i], directions[i]);
    const Fraction d = scope.real("d" + std::to_string(i + 1));
    const Dual2 weight = demand_weight(constant_like(price, a), price, constant_like(price, d));
    return exp_of(zero_like(weight) - weight, exponentials[i]);
  }
  [[nodiscard]] Fraction slope(std::size_t which = 0) const { return values[which].value.slope; }
  [[nodiscard]] Fraction bend(std::size_t which = 0) const { return values[which].slope.slope; }

  Fraction a;
  std::vector<Fraction> prices, directions, exponentials;
  std::vector<Dual2> values;  ///< the potential, and a faulty version of it
};

/// The terms of the second derivative of the potential along a direction h.
struct Bend {
  explicit Bend(const Scope& scope, const PotentialProbe& probe)
      : moves(scope.truth(false)), sum(scope.number(0)), steepness(sum), spread(sum) {
    for (std::size_t i = 0; i < probe.prices.size(); ++i) {
      const Fraction& h = probe.directions[i];
      sum = sum + probe.exponentials[i];
      moves = lor(moves, lnot(h == scope.number(0)));
      steepness = steepness + h * h / (probe.prices[i] * probe.prices[i]);
      for (std::size_t j = 0; j < i; ++j) {
        const Fraction turn = h - probe.directions[j];
        spread = spread + probe.exponentials[i] * probe.exponentials[j] * turn * turn;
      }
    }
  }
  SymBool moves;       ///< h is not 0
  Fraction sum;        ///< of the e^-w
  Fraction steepness;  ///< sum (h_i / p_i)^2
  Fraction spread;     ///< sum over pairs of e^-w_i e^-w_j (h_i - h_j)^2: the variance of h by share, times sum^2
};

Goal potential_bends_down(Scope& scope) {
  const PotentialProbe probe(scope, 2);
  const Bend bend(scope, probe);
  const Fraction zero = scope.number(0);
  const Fraction scale = probe.prices[0] * probe.prices[0] * probe.prices[1] * probe.prices[1];
  scope.hint(implies(bend.moves, zero < bend.sum * bend.sum * bend.steepness));
  scope.hint(zero <= probe.a * probe.a * bend.spread * scale);
  return {implies(bend.moves, probe.bend() < zero), implies(bend.moves, probe.bend(1) < zero)};
}

Goal potential_is_made_of_squares(Scope& scope) {
  const PotentialProbe probe(scope, 3);
  const Bend bend(scope, probe);
  const Fraction zero = scope.number(0);
  const Fraction squares = zero - bend.steepness - probe.a * probe.a * bend.spread / (bend.sum * bend.sum);
  const SymBool signs = land(implies(bend.moves, zero < bend.steepness), zero <= bend.spread);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t j = (i + 1) % 3, k = (i + 2) % 3;
    const Fraction rest = probe.prices[j] * probe.prices[k], part = probe.directions[i] * rest;
    const Fraction turn = probe.directions[i] - probe.directions[j];
    scope.hint(zero <= part * part);
    scope.hint(implies(part * part == zero, probe.directions[i] == zero));
    scope.hint(zero <= probe.exponentials[i] * probe.exponentials[j] * turn * turn);
  }
  return {land(probe.bend() == squares, signs), land(probe.bend(1) == squares, signs)};
}

void add_potential(std::vector<Obligation>& list) {
  list.push_back({"PRICE-14", "price-14-potential-change",
                  "when one node changes its price the potential changes by as much as that node's ln R", "any group",
                  [](Scope& scope) -> Goal {
                    const Fraction a = scope.positive("a"), d = scope.real("d"), other_logs = scope.real("other_logs");
                    const Fraction other_prices = scope.real("other_prices");
                    const auto side = [&](const std::string& name) {
                      const Fraction price = scope.positive("p_" + name), log_price = scope.real("ln_p_" + name);
                      const Fraction log_sum = scope.real("ln_S_" + name);
                      // ln R = ln p - w - s.
                      const Fraction log_revenue = log_price - demand_weight(a, price, d) - log_sum;
                      const Fraction value = potential(other_logs + log_price, a, other_prices + price, log_sum);
                      const Fraction faulty = potential(other_logs + log_price, a, other_prices, log_sum);
                      return std::vector<Fraction>{log_revenue, value, faulty};
                    };
                    const auto before = side("before"), after = side("after");
                    const Fraction gain = after[0] - before[0];
                    return {after[1] - before[1] == gain, after[2] - before[2] == gain};
                  }});
  list.push_back({"PRICE-14", "price-14-potential-slope",
                  "the potential's slope by a node's own price is (1 - z)/p: it vanishes where the node's z is 1",
                  "n = 3", [](Scope& scope) -> Goal {
                    const PotentialProbe probe(scope, 3);
                    const Fraction zero = scope.number(0), one = scope.number(1);
                    scope.assume(probe.directions[0] == one);
                    scope.assume(probe.directions[1] == zero);
                    scope.assume(probe.directions[2] == zero);
                    const Fraction others = probe.exponentials[1] + probe.exponentials[2];
                    const Fraction rest = rest_share(probe.exponentials[0], others);
                    const Fraction z = stationarity(probe.prices[0], rest, probe.a);
                    return {probe.slope() * probe.prices[0] == one - z, probe.slope(1) * probe.prices[0] == one - z};
                  }});
  list.push_back({"PRICE-14", "price-14-potential-concave-2",
                  "the second derivative of the potential is negative along every direction", "n = 2",
                  potential_bends_down});
  list.push_back({"PRICE-14", "price-14-potential-concave-3",
                  "the second derivative of the potential along h is -sum (h/p)^2 - a^2 Var(h), the first part < 0",
                  "n = 3", potential_is_made_of_squares});
  list.push_back(
      {"PRICE-14", "price-14-potential-bound",
       "the potential is at most the sum of ln p - a(1 - 1/n) p, and the greatest d", "n = 3",
       [](Scope& scope) -> Goal {
         const Fraction a = scope.positive("a"), most = scope.real("d_max"), log_sum = scope.real("ln_S");
         const Fraction logs = scope.real("sum_ln_p"), zero = scope.number(0);
         Fraction prices = scope.number(0);
         for (const char* name : {"1", "2", "3"}) {
           const Fraction p = scope.positive(std::string("p") + name), d = scope.non_negative(std::string("d") + name);
           scope.assume(d <= most);
           scope.assume(zero - log_sum <= demand_weight(a, p, d));  // e^-w is a part of e^s (EXP-4)
           prices = prices + p;
         }
         const auto bound = [&](const Rational& part) { return logs - a * scope.number(part) * prices + most; };
         const Fraction value = potential(logs, a, prices, log_sum);
         return {value <= bound(Rational(2, 3)), value <= bound(Rational(3, 4))};
       }});
}

void add_positivity(std::vector<Obligation>& list) {
  list.push_back({"PRICE-5", "price-5-ascent-keeps-prices-positive",
                  "a step of gradient ascent keeps a positive price positive if eta a <= 4", "all reals",
                  [](Scope& scope) -> Goal {
                    const Fraction p = scope.positive("p"), a = scope.positive("a"), eta = scope.positive("eta");
                    const Fraction share = scope.fraction("P"), zero = scope.number(0);
                    const Fraction half = scope.number(Rational(1, 2));
                    scope.hint(zero <= (share - half) * (share - half));
                    scope.hint(zero <= p * (share - half) * (share - half));
                    const Fraction spread = share * (scope.number(1) - share);
                    scope.hint(spread <= scope.number(Rational(1, 4)));
                    scope.hint(zero < eta * share);
                    const Fraction pace = eta * a;
                    scope.hint(implies(pace <= scope.number(4), pace * spread <= scope.number(1)));
                    scope.hint(implies(pace <= scope.number(4), p * (pace * spread) <= p));
                    const SymBool positive = zero < ascent_step(p, eta, revenue_gradient(a, p, share));
                    return {implies(pace <= scope.number(4), positive), implies(pace <= scope.number(5), positive)};
                  }});
  list.push_back({"PRICE-5", "price-5-ascent-bound-is-tight",
                  "for every eta a > 4 there is a price that a step takes to exactly 0: 2 eta/(eta a - 4) at share 1/2",
                  "all eta a > 4", [](Scope& scope) -> Goal {
                    const Fraction a = scope.positive("a"), eta = scope.positive("eta"), zero = scope.number(0);
                    const Fraction half = scope.number(Rational(1, 2));
                    scope.assume(scope.number(4) < eta * a);
                    const auto next = [&](const Fraction& share) {
                      const Fraction price = scope.number(2) * eta / (eta * a - scope.number(4));
                      return ascent_step(price, eta, revenue_gradient(a, price, share));
                    };
                    return {next(half) == zero, next(scope.number(Rational(1, 3))) == zero};
                  }});
}

/// n equal nodes at the symmetric price, with each price moved along a direction: one node's next price and its slope.
Dual1 next_of_symmetric(Scope& scope, const Fraction& n, const Fraction& a, const Fraction& eta, bool together) {
  const Fraction one = scope.number(1), own = scope.positive("E");
  const Dual1 price = along(symmetric_price(n, a), one);
  const Dual1 mine = {own, zero_like(a) - a * own};
  // The directions of the others sum to n - 1 when all prices move alike, and to -1 when the moves cancel.
  const Fraction directions = together ? n - one : zero_like(one) - one;
  const Dual1 others = {(n - one) * own, zero_like(a) - a * own * directions};
  const Dual1 share = demand_share(mine, others);
  return ascent_step(price, constant_like(price, eta), revenue_gradient(constant_like(price, a), price, share));
}

struct SymmetricAscent {
  explicit SymmetricAscent(Scope& scope)
      : n(scope.real("n")), a(scope.positive("a")), eta(scope.positive("eta")), one(scope.number(1)) {
    scope.assume(scope.number(2) <= n);
  }
  Fraction n, a, eta, one;
  [[nodiscard]] Fraction together() const { return one - eta * a * (n - one) / (n * n); }
  [[nodiscard]] Fraction apart() const { return one - eta * a * (n * (n - one) + one) / (n * n * (n - one)); }
};

void add_stability(std::vector<Obligation>& list) {
  const auto factor = [](bool together) {
    return [together](Scope& scope) -> Goal {
      const SymmetricAscent at(scope);
      const Dual1 next = next_of_symmetric(scope, at.n, at.a, at.eta, together);
      const Fraction right = together ? at.together() : at.apart(), wrong = together ? at.apart() : at.together();
      return {land(next.value == symmetric_price(at.n, at.a), next.slope == right), next.slope == wrong};
    };
  };
  list.push_back({"PRICE-5", "price-5-ascent-factor-together",
                  "near the symmetric equilibrium a common error shrinks by 1 - eta a (n - 1)/n^2 in a step",
                  "any n >= 2", factor(true)});
  list.push_back({"PRICE-5", "price-5-ascent-factor-apart",
                  "errors that cancel shrink by 1 - eta a (n(n - 1) + 1)/(n^2 (n - 1)) in a step", "any n >= 2",
                  factor(false)});
  list.push_back({"PRICE-5", "price-5-ascent-stability-bound",
                  "both factors are within (-1, 1) iff eta a < 2 n^2 (n - 1)/(n (n - 1) + 1)", "any n >= 2",
                  [](Scope& scope) -> Goal {
                    const SymmetricAscent at(scope);
                    const Fraction& one = at.one;
                    const auto contracts = [&](const Fraction& x) { return land(zero_like(one) - one < x, x < one); };
                    const Fraction two = scope.number(2), nn = at.n * at.n;
                    const SymBool stable = land(contracts(at.together()), contracts(at.apart()));
                    const SymBool bound = at.eta * at.a < two * nn * (at.n - one) / (at.n * (at.n - one) + one);
                    // The fault: the bound of the common error.
                    return {iff(stable, bound), iff(stable, at.eta * at.a < two * nn / (at.n - one))};
                  }});
}

/// Two equal nodes with a = 1 and prices a distance apart: the result of one step for each, minus the other's price.
struct Misses {
  Fraction of_dear, of_cheap;
};

Misses misses_of_swap(const Fraction& eta, const Exponential& distance) {
  const Fraction one = one_like(eta), half = one / literal_like(eta, 2);
  const Fraction share = demand_share(one, distance.value), rest = rest_share(one, distance.value);
  const Fraction sum = one / (share * rest);  // makes the two misses cancel
  const Fraction dear = (sum + distance.exponent) * half, cheap = (sum - distance.exponent) * half;
  return {ascent_step(dear, eta, revenue_gradient(one, dear, share)) - cheap,
          ascent_step(cheap, eta, revenue_gradient(one, cheap, rest)) - dear};
}

void add_cycle(std::vector<Obligation>& list) {
  list.push_back(
      {"PRICE-5", "price-5-ascent-two-cycle-misses-cancel",
       "if two prices sum to 1/(a P(1 - P)), one node steps as far beyond the other's price as that one stops short",
       "two equal nodes, any distance, any eta", [](Scope& scope) -> Goal {
         const Fraction distance = scope.positive("distance");
         const Misses misses = misses_of_swap(scope.positive("eta"), exponential(scope, "D", distance));
         return {misses.of_dear + misses.of_cheap == scope.number(0), misses.of_dear == misses.of_cheap};
       }});
  list.push_back({"PRICE-5", "price-5-ascent-two-cycle",
                  "what a step misses the other's price by changes sign between the distances 9/10 and 1: prices that "
                  "swap for ever",
                  "two equal nodes, eta a = 3", [](Scope& scope) -> Goal {
                    const auto rational = [&](long a, long b) { return scope.number(Rational(a, b)); };
                    const Exponential near = exponential(scope, "D1", rational(9, 10));
                    const Exponential far = exponential(scope, "D2", rational(1, 1));
                    assume_between(scope, near, rational(2459, 1000), rational(2460, 1000));
                    assume_between(scope, far, rational(2718, 1000), rational(2719, 1000));
                    const auto crosses = [&](long eta) {
                      const Misses before = misses_of_swap(rational(eta, 1), near),
                                   after = misses_of_swap(rational(eta, 1), far);
                      return land(before.of_dear < scope.number(0), scope.number(0) < after.of_dear);
                    };
                    // The fault: a learning rate within the stable range.
                    return {crosses(3), crosses(2)};
                  }});
}

}  // namespace

std::vector<Obligation> ascent_obligations() {
  std::vector<Obligation> list;
  add_potential(list);
  add_positivity(list);
  add_stability(list);
  add_cycle(list);
  return list;
}

}  // namespace p2pllm::proofs
