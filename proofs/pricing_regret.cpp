#include "proofs/pricing.hpp"

namespace p2pllm::proofs {
namespace {

using namespace reference;

void add_best_response(std::vector<Obligation>& list) {
  list.push_back({"PRICE-7", "price-7-closed-form",
                  "the price (1 + W)/a is stationary and earns W/a, W being the solution of u B = e^(-d-1-u)",
                  "all reals", [](Scope& scope) -> Goal {
                    const Fraction a = scope.positive("a"), d = scope.non_negative("d"), u = scope.positive("W");
                    const Fraction zero = scope.number(0), one = scope.number(1), others = scope.positive("B");
                    const Exponential own = exponential(scope, "E", zero - d - one - u);
                    scope.assume(u * others == own.value);
                    const auto is_best = [&](const Fraction& price) {
                      const SymBool own_weight = demand_weight(a, price, d) == zero - own.exponent;
                      const SymBool stationary = stationarity(price, rest_share(own.value, others), a) == one;
                      const Fraction earned = revenue(price, demand_share(own.value, others));
                      return land(own_weight, land(stationary, earned == revenue_of_odds(u, a)));
                    };
                    return {is_best(price_of_odds(u, a)), is_best(u / a)};
                  }});
  list.push_back({"PRICE-7", "price-7-only-solution",
                  "at a stationary price a p - 1 is positive, solves Lambert's equation and is the node's odds",
                  "all reals", [](Scope& scope) -> Goal {
                    const PricedNode node(scope);
                    const Fraction one = scope.number(1);
                    const Fraction u = node.a * node.price - one;
                    scope.assume(node.stationarity() == one);
                    const auto solves = [&](const Fraction& x) {
                      return land(x * node.others == node.own, share_of_odds(x) == node.share());
                    };
                    scope.hint(scope.number(0) < u);
                    return {land(scope.number(0) < u, solves(u)), node.a * node.price * node.others == node.own};
                  }});
  list.push_back({"PRICE-7", "price-7-above-one-over-a", "revenue still rises at every price up to 1/a", "all reals",
                  [](Scope& scope) -> Goal {
                    const PricedNode node(scope);
                    const Fraction zero = scope.number(0), one = scope.number(1);
                    // The fault: up to 2/a.
                    return {implies(node.a * node.price <= one, zero < node.gradient()),
                            implies(node.a * node.price <= scope.number(2), zero < node.gradient())};
                  }});
}

void add_no_equilibrium(std::vector<Obligation>& list) {
  list.push_back({"PRICE-8", "price-8-one-node", "a node alone has share 1 and earns more than any bound", "n = 1",
                  [](Scope& scope) -> Goal {
                    const Fraction own = scope.positive("E"), bound = scope.non_negative("M");
                    const Fraction price = bound + scope.number(1);
                    const auto earns_more = [&](const Fraction& others) {
                      return bound < revenue(price, demand_share(own, others));
                    };
                    // The fault: the same statement about a node with rivals.
                    return {earns_more(scope.number(0)), earns_more(scope.positive("B"))};
                  }});
  list.push_back({"PRICE-8", "price-8-price-blind-clients",
                  "at alpha = 0 no price moves a share, and a node earns more than any bound", "alpha = 0",
                  [](Scope& scope) -> Goal {
                    const PricedNode node(scope);
                    const Fraction zero = scope.number(0), bound = scope.non_negative("M");
                    const Fraction scale = scope.positive("sp"), temperature = scope.positive("T");
                    const Fraction price = (bound + scope.number(1)) / node.share();
                    const auto blind = [&](const Fraction& alpha) {
                      const Fraction a = price_sensitivity(alpha, scale, temperature);
                      return land(share_slope(a, node.share()) == zero, bound < revenue(price, node.share()));
                    };
                    // The fault: the same statement about price-sensitive clients.
                    return {blind(zero), blind(scope.positive("alpha"))};
                  }});
}

void add_certificate(std::vector<Obligation>& list) {
  list.push_back(
      {"PRICE-9", "price-9-share-below-tangent", "ln P lies below its tangent: P(p) <= P(q) e^(-a(1 - P(q))(p - q))",
       "any two prices", [](Scope& scope) -> Goal {
         const PricedNode trial(scope);
         const Fraction price = scope.non_negative("q");
         // x = -a(p - q); e^x as e^(P x) e^((1 - P) x), each factor above its tangent.
         const Fraction x = trial.a * (trial.price - price);
         const Exponential tangent = exponential(scope, "K", trial.rest() * x);
         const Exponential remainder = exponential(scope, "M", trial.share() * x);
         assume_above_tangent(scope, tangent);
         assume_above_tangent(scope, inverse(remainder));
         const Fraction one = scope.number(1);
         const Fraction mean = trial.share() * tangent.value + trial.rest() * inverse(remainder).value;
         scope.hint(one <= mean);
         scope.hint(remainder.value <= remainder.value * mean);
         const PricedNode other = trial.at(price, tangent * remainder);
         // The fault: the tangent's slope uses the share instead of the rest.
         return {other.share() <= trial.share() * tangent.value, other.share() <= trial.share() * remainder.value};
       }});
  list.push_back(
      {"PRICE-9", "price-9-regret-certificate",
       "no price earns more than the revenue of a trial price times e^(z-1)/z, if ln P lies below its tangent",
       "any price, any trial price > 0", [](Scope& scope) -> Goal {
         const PricedNode trial(scope);
         const Fraction one = scope.number(1), price = scope.non_negative("p_other"), share = scope.positive("P_other");
         scope.assume(scope.number(0) < trial.price);
         const Fraction k = trial.a * trial.rest();
         const Exponential peak = exponential(scope, "H", k * price - one);
         assume_above_tangent(scope, peak);
         const Fraction z = trial.stationarity();
         const Exponential factor = exponential(scope, "U", z - one);
         // e^(-k(p - q)) = e^(kq - 1) / e^(kp - 1).
         scope.assume(share <= trial.share() * (factor * inverse(peak)).value);
         scope.hint(share * (k * price) <= share * peak.value);
         const Fraction scale = trial.price * (trial.own + trial.others);
         scope.hint(scale * (share * (k * price)) <= scale * (trial.share() * factor.value));
         const Fraction best = trial.revenue() * regret_factor(z, factor.value);
         return {revenue(price, share) <= best, revenue(price, share) <= trial.revenue() * factor.value};
       }});
  list.push_back({"PRICE-9", "price-9-factor-at-least-one", "the factor e^(z-1)/z is at least 1, and 1 only at z = 1",
                  "z > 0", [](Scope& scope) -> Goal {
                    const Fraction z = scope.positive("z"), one = scope.number(1);
                    const Exponential e = exponential(scope, "U", z - one);
                    assume_above_tangent(scope, e);
                    const auto holds = [&](const Fraction& factor) {
                      return land(one <= factor, iff(factor == one, z == one));
                    };
                    return {holds(regret_factor(z, e.value)), holds(e.value)};
                  }});
  list.push_back(
      {"PRICE-9", "price-9-factor-greatest-at-an-end", "on an interval of z the factor is greatest at an end",
       "0 < z1 <= z <= z2", [](Scope& scope) -> Goal {
         const Fraction z = scope.positive("z"), low = scope.positive("z1"), high = scope.positive("z2");
         const Fraction one = scope.number(1);
         scope.assume(low <= z);
         scope.assume(z <= high);
         const Exponential e = exponential(scope, "U", z - one);
         const Exponential down = exponential(scope, "D", low - z), up = exponential(scope, "F", high - z);
         assume_above_tangent(scope, down);
         assume_above_tangent(scope, up);
         scope.hint(implies(z <= one, low <= down.value * z));
         scope.hint(implies(one <= z, high <= up.value * z));
         const Fraction factor = regret_factor(z, e.value);
         const Fraction at_low = regret_factor(low, (e * down).value), at_high = regret_factor(high, (e * up).value);
         // The fault: only the lower end is checked.
         return {lor(factor <= at_low, factor <= at_high), factor <= at_low};
       }});
}

void add_ratios(std::vector<Obligation>& list) {
  const auto ratio = [](bool below) {
    return [below](Scope& scope) -> Goal {
      const PricedNode trial(scope);
      const Fraction price = scope.non_negative("q");
      scope.assume(scope.number(0) < trial.price);
      scope.assume(below ? price <= trial.price : trial.price <= price);
      // e^-a|p - q|, as the rules use it.
      const Exponential decay =
          exponential(scope, "decay", trial.a * (below ? price - trial.price : trial.price - price));
      assume_rising(scope, decay, {scope.number(0), scope.number(1)});
      const PricedNode charged = trial.at(price, below ? inverse(decay) : decay);
      const auto is_ratio = [&](const Fraction& x) { return x * trial.revenue() == charged.revenue(); };
      const Fraction at_below = revenue_ratio_below(price, trial.price, trial.own, trial.others, decay.value);
      const Fraction at_above = revenue_ratio_above(price, trial.price, trial.own, trial.others, decay.value);
      // The fault: each rule is used in place of the other.
      return {is_ratio(below ? at_below : at_above), is_ratio(below ? at_above : at_below)};
    };
  };
  list.push_back({"PRICE-9", "price-9-ratio-below", "the ratio rule below the trial price is R(p)/R(q)", "0 <= p <= q",
                  ratio(true)});
  list.push_back({"PRICE-9", "price-9-ratio-above", "the ratio rule above the trial price is R(p)/R(q)", "0 < q <= p",
                  ratio(false)});
}

/// The facts known to the certificate: R(q) > 0, ratio = R(p) / R(q), and the best revenue in [R(q), R(q) factor].
struct Certified {
  explicit Certified(Scope& scope)
      : trial(scope.positive("R_trial")),
        charged(scope.non_negative("R_charged")),
        best(scope.positive("R_best")),
        factor(scope.real("U")) {
    scope.assume(scope.number(1) <= factor);
    scope.assume(trial <= best);
    scope.assume(best <= trial * factor);
    scope.assume(charged <= best);
  }
  Fraction trial, charged, best, factor;
  [[nodiscard]] Fraction ratio() const { return charged / trial; }
  [[nodiscard]] RegretBracket<Fraction> relative() const { return relative_regret(ratio(), factor); }
};

SymBool holds(const RegretBracket<Fraction>& bracket, const Fraction& value) {
  return land(bracket.lower <= value, value <= bracket.upper);
}

/// The bracket holds the regret and cannot be narrowed: each of its ends is the regret when the best revenue is at one
/// of its own ends.
SymBool fits(const Certified& known, const RegretBracket<Fraction>& bracket, const Fraction& regret) {
  const SymBool ends = land(implies(known.best == known.trial, bracket.lower == regret),
                            implies(known.best == known.trial * known.factor, bracket.upper == regret));
  return land(holds(bracket, regret), ends);
}

void add_brackets(std::vector<Obligation>& list) {
  list.push_back({"PRICE-9", "price-9-relative-bracket",
                  "the relative bracket holds the relative regret, and both ends can be met", "all reals",
                  [](Scope& scope) -> Goal {
                    const Certified known(scope);
                    const Fraction regret = (known.best - known.charged) / known.best;
                    const Fraction one = scope.number(1);
                    // The fault: the ratio is multiplied by the factor.
                    const RegretBracket<Fraction> faulty = {one - known.ratio(), one - known.ratio() * known.factor};
                    return {fits(known, known.relative(), regret), fits(known, faulty, regret)};
                  }});
  list.push_back({"PRICE-9", "price-9-absolute-bracket",
                  "the absolute bracket holds the absolute regret, and both ends can be met", "all reals",
                  [](Scope& scope) -> Goal {
                    const Certified known(scope);
                    const Fraction regret = known.best - known.charged;
                    const RegretBracket<Fraction> bracket = absolute_regret(known.trial, known.ratio(), known.factor);
                    // The fault: the relative bracket times the trial revenue.
                    const RegretBracket<Fraction> relative = known.relative();
                    return {fits(known, bracket, regret),
                            holds({known.trial * relative.lower, known.trial * relative.upper}, regret)};
                  }});
  list.push_back({"PRICE-9", "price-9-weaker-lower-end",
                  "(1 - ratio)/factor is a weaker lower end while the ratio is at most 1", "all reals",
                  [](Scope& scope) -> Goal {
                    const Certified known(scope);
                    const Fraction lower = known.relative().lower, weaker = lower / known.factor;
                    const Fraction zero = scope.number(0);
                    return {implies(zero <= lower, land(zero <= weaker, weaker <= lower)), weaker <= lower};
                  }});
  list.push_back({"PRICE-10", "price-10-price-zero", "a node at price 0 has a relative regret of exactly 1",
                  "any shares, any trial price", [](Scope& scope) -> Goal {
                    const PricedNode trial(scope);
                    const Fraction zero = scope.number(0), one = scope.number(1), factor = scope.positive("U");
                    scope.assume(zero < trial.price);
                    scope.assume(one <= factor);
                    const Fraction decay = scope.fraction("decay");
                    const auto is_one = [&](const Fraction& price) {
                      const Fraction ratio = revenue_ratio_below(price, trial.price, trial.own, trial.others, decay);
                      const RegretBracket<Fraction> bracket = relative_regret(ratio, factor);
                      return land(bracket.lower == one, bracket.upper == one);
                    };
                    return {is_one(zero), is_one(trial.price / scope.number(2))};
                  }});
  list.push_back(
      {"PRICE-11", "price-11-verdicts-are-sound",
       "an upper end of at most eps shows that no price gains more than eps, a lower end above eps that one does",
       "relative eps in [0, 1)", [](Scope& scope) -> Goal {
         const Certified known(scope);
         const Fraction eps = scope.non_negative("eps");
         scope.assume(eps < scope.number(1));
         const Fraction kept = (scope.number(1) - eps) * known.best;
         const auto sound = [&](const RegretBracket<Fraction>& bracket) {
           return land(implies(bracket.upper <= eps, kept <= known.charged),
                       implies(eps < bracket.lower, known.charged < kept));
         };
         // The fault: the ends are exchanged.
         return {sound(known.relative()), sound({known.relative().upper, known.relative().lower})};
       }});
}

}  // namespace

std::vector<Obligation> regret_obligations() {
  std::vector<Obligation> list;
  add_best_response(list);
  add_no_equilibrium(list);
  add_certificate(list);
  add_ratios(list);
  add_brackets(list);
  return list;
}

}  // namespace p2pllm::proofs
