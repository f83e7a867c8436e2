#include "proofs/fraction.hpp"
#include "proofs/obligation.hpp"
#include "reference/market/demand_rules.hpp"
#include "reference/market/migration_rules.hpp"
#include "reference/market/regret_rules.hpp"

// The arithmetic on which the checker and the intervals rely. Each rounded value is an unknown between its bounds here.
namespace p2pllm::proofs {
namespace {

using namespace reference;

/// A value and ends that enclose it.
struct Enclosed {
  Enclosed(Scope& scope, const std::string& name)
      : lower(scope.real(name + "_lower")), value(scope.real(name)), upper(scope.real(name + "_upper")) {
    scope.assume(land(lower <= value, value <= upper));
  }
  Fraction lower, value, upper;
};
Enclosed positive(Scope& scope, const std::string& name) {
  const Enclosed x(scope, name);
  scope.assume(scope.number(0) < x.lower);
  return x;
}
Enclosed non_negative(Scope& scope, const std::string& name) {
  const Enclosed x(scope, name);
  scope.assume(scope.number(0) <= x.lower);
  return x;
}

SymBool between(const Fraction& a, const Fraction& x, const Fraction& b) { return land(a <= x, x <= b); }

// ---- interval operations (PRICE-15) ----

Goal sum_encloses(Scope& scope) {
  const Enclosed a(scope, "a"), b(scope, "b");
  return {between(a.lower + b.lower, a.value + b.value, a.upper + b.upper),
          between(a.lower + b.upper, a.value + b.value, a.upper + b.lower)};
}

Goal difference_encloses(Scope& scope) {
  const Enclosed a(scope, "a"), b(scope, "b");
  return {between(a.lower - b.upper, a.value - b.value, a.upper - b.lower),
          between(a.lower - b.lower, a.value - b.value, a.upper - b.upper)};
}

Goal product_encloses(Scope& scope) {
  const Enclosed a(scope, "a"), b(scope, "b");
  const Fraction ll = a.lower * b.lower, lu = a.lower * b.upper, ul = a.upper * b.lower, uu = a.upper * b.upper;
  const Fraction product = a.value * b.value;
  return {between(minimum(minimum(ll, lu), minimum(ul, uu)), product, maximum(maximum(ll, lu), maximum(ul, uu))),
          between(minimum(ll, uu), product, maximum(ll, uu))};
}

Goal positive_product_encloses(Scope& scope) {
  const Enclosed a = non_negative(scope, "a"), b = non_negative(scope, "b");
  return {between(a.lower * b.lower, a.value * b.value, a.upper * b.upper),
          between(a.lower * b.lower, a.value * b.value, a.upper * b.lower)};
}

Goal quotient_encloses(Scope& scope) {
  const Enclosed a = non_negative(scope, "a"), b = positive(scope, "b");
  return {between(a.lower / b.upper, a.value / b.value, a.upper / b.lower),
          between(a.lower / b.lower, a.value / b.value, a.upper / b.upper)};
}

Goal comparison_is_certain(Scope& scope) {
  const Enclosed a(scope, "a"), b(scope, "b");
  return {land(implies(a.upper < b.lower, a.value < b.value), implies(b.upper <= a.lower, lnot(a.value < b.value))),
          implies(a.lower < b.upper, a.value < b.value)};
}

Goal undecided_choice_encloses(Scope& scope) {
  const Enclosed a(scope, "a"), b(scope, "b");
  const Fraction condition = scope.real("condition"), chosen = select(scope.number(0) < condition, a.value, b.value);
  return {between(minimum(a.lower, b.lower), chosen, maximum(a.upper, b.upper)), between(a.lower, chosen, a.upper)};
}

Goal outward_rounding_encloses(Scope& scope) {
  const Enclosed x(scope, "x");
  const Fraction unit = scope.positive("ulp"), down = scope.real("down"), up = scope.real("up");
  scope.assume(land(x.lower - unit < down, down <= x.lower));
  scope.assume(land(x.upper <= up, up < x.upper + unit));
  return {land(between(down, x.value, up), up - down < x.upper - x.lower + (unit + unit)),
          between(down + unit, x.value, up)};
}

// ---- e^-x (CERT-7 a .. d) ----

Goal term_at_most_half(Scope& scope) {
  const Fraction term = scope.non_negative("term"), y = scope.non_negative("y"), n = scope.real("n");
  scope.assume(y <= scope.number(Rational(1, 2)));
  scope.assume(scope.number(1) <= n);
  const Fraction next = term * y / n;
  return {between(scope.number(0), next, term / scope.number(2)), next <= term / scope.number(3)};
}

Goal taylor_tail(Scope& scope) {
  // Terms 5 .. 12 of e^y are together at most term 4; the fault omits the remainder.
  const Fraction y = scope.non_negative("y");
  scope.assume(y <= scope.number(Rational(1, 2)));
  Fraction term = scope.number(1);
  Fraction tail = scope.number(0), last = term;
  for (long n = 1; n <= 12; ++n) {
    term = term * y * scope.number(Rational(1, n));
    if (n == 4) last = term;
    if (n > 4) tail = tail + term;
  }
  return {tail <= last, tail <= scope.number(0)};
}

Goal halves_add_up(Scope& scope) {
  // For any terms: if each is at most half of its predecessor, eight of them are together less than the term before
  // them.
  const Fraction first = scope.positive("term");
  Fraction before = first, tail = scope.number(0);
  for (int n = 1; n <= 8; ++n) {
    const Fraction next = scope.non_negative("term_" + std::to_string(n));
    scope.assume(next + next <= before);
    tail = tail + next;
    before = next;
  }
  return {tail < first, tail + tail < first};
}

Goal lower_term(Scope& scope) {
  const Fraction term = scope.non_negative("term"), y = scope.non_negative("y"), n = scope.real("n");
  const Fraction below = scope.non_negative("term_lower"), y_below = scope.non_negative("y_lower"),
                 rounded = scope.non_negative("rounded");
  scope.assume(scope.number(1) <= n);
  scope.assume(below <= term);
  scope.assume(y_below <= y);
  scope.assume(rounded * n <= below * y_below);  // the two floors only lower it
  return {rounded <= term * y / n, rounded <= below * y_below / n / scope.number(2)};
}

Goal upper_term(Scope& scope) {
  const Fraction term = scope.non_negative("term"), y = scope.non_negative("y"), n = scope.real("n"),
                 unit = scope.positive("unit");
  const Fraction above = scope.non_negative("term_upper"), y_above = scope.non_negative("y_upper"),
                 product = scope.non_negative("product"), quotient = scope.non_negative("quotient");
  scope.assume(scope.number(1) <= n);
  scope.assume(term <= above);
  scope.assume(y <= y_above);
  scope.assume(above * y_above < product + unit);  // floor of the product, in units
  scope.assume(product <= above * y_above);
  scope.assume(product + unit <= (quotient + unit) * n);  // floor of the quotient by n, of integers
  return {term * y <= (quotient + unit) * n, term * y <= quotient * n};
}

Goal reciprocal_exchanges(Scope& scope) {
  const Enclosed e = positive(scope, "e_y");
  const Fraction one = scope.number(1);
  return {between(one / e.upper, one / e.value, one / e.lower), between(one / e.lower, one / e.value, one / e.upper)};
}

Goal squaring_keeps_bounds(Scope& scope) {
  const Enclosed e = non_negative(scope, "e_minus_y");
  return {between(e.lower * e.lower, e.value * e.value, e.upper * e.upper),
          between(e.lower * e.upper, e.value * e.value, e.upper * e.upper)};
}

Goal squaring_doubles_relative_error(Scope& scope) {
  const Fraction e = scope.positive("e"), error = scope.fraction("relative_error"), one = scope.number(1);
  const Fraction upper = e * (one + error);
  const Fraction three = scope.number(3), two = scope.number(2);
  return {upper * upper <= e * e * (one + three * error), upper * upper <= e * e * (one + two * error)};
}

// ---- sums, odds, revenue, regret (CERT-7) ----

Goal rivals_of_the_others(Scope& scope) {
  // Relative to the least weight, the rivals of i are 1 + shift (tail - tail_i); the tail is relative to the second
  // least.
  const Fraction b = scope.positive("e_b"), second = scope.positive("e_second"), i = scope.positive("t_i"),
                 others = scope.non_negative("t_others"), one = scope.number(1);
  const Fraction total = i + others, shift = second / b;
  return {b * (one + shift * (total - i)) == b + second * others, b * (one + shift * total) == b + second * others};
}

Goal clamped_difference(Scope& scope) {
  const Enclosed total(scope, "T"), own = non_negative(scope, "t_i");
  scope.assume(own.value <= total.value);
  const Fraction zero = scope.number(0);
  return {between(maximum(total.lower - own.upper, zero), total.value - own.value, total.upper - own.lower),
          maximum(total.lower - own.lower, zero) <= total.value - own.value};
}

Goal share_is_free_of_shift(Scope& scope) {
  const Fraction own = scope.positive("own"), others = scope.positive("others"), shift = scope.positive("e_s");
  return {demand_share(own * shift, others * shift) == demand_share(own, others),
          demand_share(own * shift, others) == demand_share(own, others)};
}

Goal revenue_bounds(Scope& scope) {
  const Fraction price = scope.non_negative("p");
  const Enclosed own = positive(scope, "own"), rival = positive(scope, "rival");
  const Fraction truth = revenue(price, demand_share(own.value, rival.value));
  const Fraction lower = revenue(price, demand_share(own.lower, rival.upper));
  const Fraction upper = revenue(price, demand_share(own.upper, rival.lower));
  return {between(lower, truth, upper),
          lower <= revenue(price, demand_share(own.lower, rival.value)) * scope.number(Rational(1, 2))};
}

Goal stationarity_bounds(Scope& scope) {
  const Fraction price = scope.positive("q"), a = scope.positive("a");
  const Enclosed own = positive(scope, "own"), rival = positive(scope, "rival");
  const auto z = [&](const Fraction& o, const Fraction& r) { return stationarity(price, rest_share(o, r), a); };
  return {between(z(own.upper, rival.lower), z(own.value, rival.value), z(own.lower, rival.upper)),
          between(z(own.lower, rival.lower), z(own.value, rival.value), z(own.upper, rival.upper))};
}

Goal ratio_bound(Scope& scope) {
  // For p >= q: the bound that the checker computes for R(p) / R(q).
  const Fraction p = scope.positive("p"), q = scope.positive("q");
  const Enclosed own = positive(scope, "own"), rival = positive(scope, "rival"), decay = positive(scope, "delta");
  const Fraction truth = revenue_ratio_above(p, q, own.value, rival.value, decay.value);
  const Fraction bound = p / q * decay.lower * (own.lower + rival.lower) / (own.upper * decay.upper + rival.upper);
  const Fraction low = decay.lower * (own.lower + rival.lower), high = decay.value * (own.value + rival.value);
  const Fraction near = own.value * decay.value + rival.value, far = own.upper * decay.upper + rival.upper;
  scope.hint(own.value * decay.value <= own.upper * decay.upper);
  scope.hint(low <= high);
  scope.hint(low * near <= high * near);
  scope.hint(high * near <= high * far);
  scope.hint(p * (low * near) <= p * (high * far));
  const Fraction faulty = p / q * decay.upper * (own.upper + rival.upper) / (own.upper * decay.upper + rival.upper);
  return {bound <= truth, faulty <= truth};
}

Goal relative_regret_bound(Scope& scope) {
  const Fraction now = scope.non_negative("R_p"), trial = scope.positive("R_q"), best = scope.positive("sup_R");
  const Fraction ratio = scope.non_negative("ratio"), peak = scope.positive("peak"), one = scope.number(1);
  scope.assume(now <= best);
  scope.assume(ratio * trial <= now);  // the bounds that the checker computes
  scope.assume(best <= peak * trial);
  scope.hint(ratio * best <= ratio * (peak * trial));
  scope.hint(peak * (ratio * trial) <= peak * now);
  const Fraction regret = (best - now) / best;
  return {regret <= relative_regret(ratio, peak).upper, regret <= one - ratio * peak};
}

Goal absolute_regret_bound(Scope& scope) {
  const Fraction now = scope.non_negative("R_p"), best = scope.positive("sup_R"), ratio = scope.non_negative("ratio"),
                 peak = scope.positive("peak");
  const Enclosed trial = positive(scope, "R_q");
  scope.assume(ratio * trial.value <= now);
  scope.assume(best <= peak * trial.value);
  scope.assume(ratio <= peak);
  scope.hint((peak - ratio) * trial.value <= (peak - ratio) * trial.upper);
  return {best - now <= absolute_regret(trial.upper, ratio, peak).upper,
          best - now <= absolute_regret(trial.lower, ratio, peak).upper};
}

Goal gain_is_proved(Scope& scope) {
  const Enclosed now = non_negative(scope, "R_p"), then = positive(scope, "R_q");
  const Fraction gain = scope.non_negative("gain");
  scope.assume(gain <= then.lower - now.upper);
  return {gain <= then.value - now.value, gain <= then.lower - now.upper - gain};
}

Goal relative_gain_refutes(Scope& scope) {
  const Fraction now = scope.non_negative("R_p"), best = scope.positive("sup_R"), gain = scope.non_negative("gain"),
                 epsilon = scope.non_negative("epsilon");
  const Enclosed then = positive(scope, "R_q");
  scope.assume(then.value <= best);
  scope.assume(gain <= then.value - now);
  scope.assume(epsilon * then.upper < gain);
  scope.hint(epsilon * then.value <= epsilon * then.upper);
  scope.hint(epsilon < scope.number(1));
  scope.hint((scope.number(1) - epsilon) * then.value <= (scope.number(1) - epsilon) * best);
  const SymBool refuted = epsilon < (best - now) / best;
  return {refuted, epsilon + epsilon < (best - now) / best};
}

Goal loads_are_compared(Scope& scope) {
  const Enclosed there = positive(scope, "S_B_with_i"), here = positive(scope, "S_A");
  const Fraction own = scope.positive("k"), margin = scope.non_negative("margin"), one = scope.number(1);
  scope.assume(own <= here.value);
  scope.assume((one + margin) * here.upper <= there.lower);
  return {lnot(gains_by_moving(here.value - own, there.value - own)), gains_by_moving(here.value - own, there.value)};
}

}  // namespace

std::vector<Obligation> checker_obligations() {
  return {
      {"PRICE-15", "price-15-sum", "the sum of enclosures encloses the sum", "symbolic ends", sum_encloses},
      {"PRICE-15", "price-15-difference", "the difference of enclosures encloses the difference", "symbolic ends",
       difference_encloses},
      {"PRICE-15", "price-15-product", "the product of enclosures encloses the product", "symbolic ends of any sign",
       product_encloses},
      {"PRICE-15", "price-15-quotient", "the quotient of enclosures encloses the quotient", "positive divisors",
       quotient_encloses},
      {"PRICE-15", "price-15-comparison", "a decided comparison of enclosures is true of the values", "symbolic ends",
       comparison_is_certain},
      {"PRICE-15", "price-15-choice", "the hull of both arms encloses an undecided choice", "symbolic ends",
       undecided_choice_encloses},
      {"CERT-7", "cert-7-outward-rounding", "rounding outward keeps the value and widens by less than two units",
       "symbolic ends and unit", outward_rounding_encloses},
      {"CERT-7", "cert-7-term-at-most-half", "each term of Taylor's series of e^y is at most half of the one before",
       "0 <= y <= 1/2", term_at_most_half},
      {"CERT-7", "cert-7-halves-add-up", "terms that each at least halve are together less than the one before them",
       "eight terms", halves_add_up},
      {"CERT-7", "cert-7-taylor-tail", "the terms left out are at most the last one taken",
       "terms 5 .. 12, 0 <= y <= 1/2", taylor_tail},
      {"CERT-7", "cert-7-lower-term", "a term rounded down from a lower term is a lower bound of the next",
       "all n >= 1", lower_term},
      {"CERT-7", "cert-7-upper-term", "two floors and one unit more are an upper bound of the next term", "all n >= 1",
       upper_term},
      {"CERT-7", "cert-7-reciprocal", "bounds of e^y exchanged and inverted bound e^-y", "symbolic ends",
       reciprocal_exchanges},
      {"CERT-7", "cert-7-squaring", "squaring keeps bounds of e^-y", "symbolic ends", squaring_keeps_bounds},
      {"CERT-7", "cert-7-squaring-error", "squaring at most triples a relative error below 1, and more than doubles it",
       "symbolic error", squaring_doubles_relative_error},
      {"CERT-7", "cert-7-positive-product", "products of non-negative bounds bound the product", "symbolic ends",
       positive_product_encloses},
      {"CERT-7", "cert-7-rivals", "the rivals' sum over the least weight is 1 + shift (T - t_i)", "any others",
       rivals_of_the_others},
      {"CERT-7", "cert-7-clamped-difference", "taking one term off a sum, not below 0, bounds what is left",
       "symbolic ends", clamped_difference},
      {"CERT-7", "cert-7-shift", "a common shift of all weights changes no share", "all shifts",
       share_is_free_of_shift},
      {"CERT-7", "cert-7-revenue-bounds", "revenue is bounded by the opposite ends of own and rivals' terms",
       "symbolic ends", revenue_bounds},
      {"CERT-7", "cert-7-stationarity-bounds", "z is bounded by the opposite ends of own and rivals' terms",
       "symbolic ends", stationarity_bounds},
      {"CERT-7", "cert-7-ratio-bound", "the lower bound of R(p)/R(q) is one", "p >= q, symbolic ends", ratio_bound},
      {"CERT-7", "cert-7-relative-regret", "bounds of the ratio and of the peak bound the relative regret",
       "symbolic bounds", relative_regret_bound},
      {"CERT-7", "cert-7-absolute-regret", "bounds of the ratio, the peak and the trial's revenue bound the regret",
       "symbolic bounds", absolute_regret_bound},
      {"CERT-7", "cert-7-gain", "a gain below the least difference of revenues is truly gained", "symbolic ends",
       gain_is_proved},
      {"CERT-7", "cert-7-relative-gain", "a gain above epsilon times the trial's revenue refutes", "symbolic ends",
       relative_gain_refutes},
      {"CERT-8", "cert-8-loads-compared", "bounds of loads that keep the margin exclude a gain", "symbolic ends",
       loads_are_compared},
  };
}

}  // namespace p2pllm::proofs
