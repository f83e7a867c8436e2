#include "proofs/pricing.hpp"

// The polynomial steps of PRICE-16: with a = 1 where nothing else is said (prices times a, learning rates times a).
// P is a share and Q = 1 - P; delta = eta a (1 - z) is a node's step divided by its share. A node of S has delta > 0,
// one of N has delta = -x/P < 0. The steps for sums of any length are on paper, in the clause.
namespace p2pllm::proofs {
namespace {

using namespace reference;

void add_step(std::vector<Obligation>& list) {
  list.push_back({"PRICE-16", "price-16-step-is-large-enough",
                  "if eta a <= 1, a step changes a price by at least P Q delta/(1 - delta) of it, and delta < 1",
                  "all reals", [](Scope& scope) -> Goal {
                    const Fraction p = scope.positive("p"), a = scope.positive("a"), eta = scope.positive("eta");
                    const Fraction share = scope.fraction("P"), one = scope.number(1), zero = scope.number(0);
                    const Fraction rest = one - share, miss = one - stationarity(p, rest, a);
                    const Fraction pace = eta * a, delta = pace * miss;
                    const Fraction change = ascent_step(p, eta, revenue_gradient(a, p, share)) - p;
                    scope.hint(zero <= miss * miss);
                    scope.hint(implies(pace <= one, zero <= (one - pace) * (miss * miss)));
                    scope.hint(implies(pace <= one, zero <= eta * share * ((one - pace) * (miss * miss))));
                    const SymBool large = p * share * rest * delta <= change * (one - delta);
                    const auto holds = [&](std::int64_t most) {
                      return implies(pace <= scope.number(most), land(large, delta < one));
                    };
                    return {holds(1), holds(2)};
                  }});
  list.push_back({"PRICE-16", "price-16-one-is-sharp",
                  "for every eta a > 1, share P > 1/(eta a), and great enough price of one of two nodes, of which the "
                  "other is at rest, a step lets the potential fall",
                  "n = 2", [](Scope& scope) -> Goal {
                    const Fraction eta = scope.positive("eta"), share = scope.fraction("P"), p = scope.positive("p");
                    const Fraction one = scope.number(1), rest = one - share;
                    scope.assume(one < eta * share);
                    scope.assume(eta * share < p * rest * (eta * share - one));
                    // The potential changes by the logarithm of this ratio, divided by P + Q e^-x, x > 0.
                    const Fraction next = ascent_step(p, eta, revenue_gradient(one, p, share));
                    return {next < share * p, next < share * rest * p};
                  }});
}

/// A node whose price rises: its part of the change of the potential is at least l > 0.
Goal rising_node(Scope& scope) {
  const Fraction share = scope.fraction("P"), delta = scope.fraction("delta");
  const Fraction one = scope.number(1), rest = one - share;
  const Exponential shrunk = exponential(scope, "e^-D", scope.number(0) - share * delta);
  assume_above_tangent(scope, shrunk);
  const Fraction grown = one / shrunk.value;
  scope.hint(grown * (one - share * delta) <= one);
  const Fraction base = one - delta + share * rest * delta;
  const Fraction left = (base - (share + rest * grown) * (one - delta)) * (one - share * delta);
  scope.hint(rest * (one - delta) * (grown * (one - share * delta)) <= rest * (one - delta));
  const Fraction least = share * rest * rest * delta * delta;
  return {least <= left, share * rest * delta * delta <= left};
}

/// A node whose price falls, after the others have moved: M is the sum of the shares after the rises.
Goal falling_node(Scope& scope) {
  const Fraction share = scope.fraction("P"), x = scope.positive("x"), sum = scope.positive("M");
  const Fraction one = scope.number(1), rest = one - share;
  const Exponential grown = exponential(scope, "e^x", x);
  assume_above_tangent(scope, grown);
  const Fraction shrunk = one / grown.value;
  scope.assume(share < sum);
  scope.assume(sum <= one);
  scope.hint(shrunk * (one + x) <= one);
  const Fraction beta = (one - sum) / sum, gain = rest * rest - share * beta;
  const Fraction kept = one - share / sum;  // >= 0
  const Fraction left = ((one - shrunk) * kept * (share + x) - share * rest * x) * (one + x);
  scope.hint(scope.number(0) <= kept);
  scope.hint(x <= (one - shrunk) * (one + x));
  scope.hint(x * (kept * (share + x)) <= (one - shrunk) * (one + x) * (kept * (share + x)));
  const auto bound = [&](const Fraction& loss) { return x * (gain * x - loss) <= left; };
  return {bound(share * share * beta), bound(scope.number(0))};
}

/// g > 0, from B < s^2 with s the sum of the shares that rise.
Goal gain_is_positive(Scope& scope) {
  const Fraction s = scope.fraction("s"), lost = scope.non_negative("B"), share = scope.fraction("P");
  const Fraction one = scope.number(1), zero = scope.number(0);
  scope.assume(share <= one - s);
  const Fraction scaled = s * s * (one - lost) - (one - s) * lost;  // g (1 - B) at the least Q and greatest P
  const Fraction own = (one - share) * (one - share) * (one - lost) - share * lost;
  scope.hint(implies(lost < s * s, zero < (one - s + s * s) * (s * s - lost)));
  scope.hint(implies(lost < s * s, s * s * (one - lost) <= (one - share) * (one - share) * (one - lost)));
  const auto positive = [&](const Fraction& most) { return implies(lost < most, land(zero < scaled, scaled <= own)); };
  return {positive(s * s), positive(s)};
}

/// The loss of a falling node is at most P^3 beta^2/(4 g), whatever x is.
Goal loss_is_bounded(Scope& scope) {
  const Fraction share = scope.fraction("P"), x = scope.positive("x"), gain = scope.positive("g");
  const Fraction beta = scope.non_negative("beta"), one = scope.number(1), four = scope.number(4);
  const Fraction rest = one - share, base = (one + x) * (share + x - share * rest * x);
  const Fraction square = scope.number(2) * gain * x - share * share * beta;
  scope.hint(scope.number(0) <= square * square);
  const Fraction part = share * share * beta;
  const auto bound = [&](const Fraction& factor) {
    return land(scope.number(0) - part * part <= factor * gain * (x * (gain * x - part)), share <= base);
  };
  return {bound(four), bound(scope.number(8))};
}

/// T <= G of the clause, term by term, and the factor of Cauchy's inequality.
Goal losses_are_less_than_gains(Scope& scope) {
  const Fraction share = scope.fraction("P"), delta = scope.fraction("delta"), s = scope.fraction("s");
  const Fraction one = scope.number(1), rest = one - share;
  scope.assume(share <= s);
  const Fraction term = share * share * (one - delta) + share * share * share * rest * delta;
  const Fraction gained = share * (one - delta) + s * (one - s) * share * delta;
  const Fraction cube = share * share * share * delta;
  scope.hint(share * share * (one - delta) <= share * (one - delta));
  scope.hint(cube * (one - s) <= s * (one - s) * share * delta);
  scope.hint(cube * (s - share) <= s - share);
  return {term <= gained + (s - share), term <= gained};
}

Goal cauchy_factor(Scope& scope) {
  const Fraction share = scope.fraction("P"), delta = scope.fraction("delta"), s = scope.fraction("s");
  const Fraction one = scope.number(1), rest = one - share;
  scope.assume(share <= s);
  const Fraction base = one - delta + share * rest * delta;
  const Fraction least = share * rest * rest * delta * delta;  // l (1 - P delta) base
  const Fraction square = share * share * delta;               // P^2 delta
  const auto holds = [&](const Fraction& divisor) {
    const Fraction left = square * square * divisor * ((one - share * delta) * base);
    return left <= share * share * share * base * least;
  };
  const Fraction part = (one - s) * (one - s);
  scope.hint(part <= rest * rest);
  scope.hint(part * (one - share * delta) <= rest * rest);
  scope.hint(scope.number(0) < square * square * base);
  scope.hint(square * square * base * (part * (one - share * delta)) <= square * square * base * (rest * rest));
  return {holds(part), holds(one)};
}

}  // namespace

std::vector<Obligation> ascent_converges_obligations() {
  std::vector<Obligation> list;
  add_step(list);
  list.push_back({"PRICE-16", "price-16-rising-node-gains",
                  "where a price rises, that node's part of the potential's change is at least l", "all reals",
                  rising_node});
  list.push_back({"PRICE-16", "price-16-falling-node-bound",
                  "where a price falls, that node's part is at least x(g x - P^2 beta)/((1 + x)(P + x - P Q x))",
                  "all reals", falling_node});
  list.push_back({"PRICE-16", "price-16-gain-is-positive", "g > 0 wherever B < s^2, and it is least at Q = s",
                  "all reals", gain_is_positive});
  list.push_back({"PRICE-16", "price-16-loss-is-bounded", "the loss of a falling node is at most P^3 beta^2/(4 g)",
                  "all reals", loss_is_bounded});
  list.push_back(
      {"PRICE-16", "price-16-losses-below-gains", "T <= G, term by term", "all reals", losses_are_less_than_gains});
  list.push_back({"PRICE-16", "price-16-cauchy-factor",
                  "P^4 delta^2/l is at most P^3 (1 - delta + P Q delta)/(1 - s)^2", "all reals", cauchy_factor});
  return list;
}

}  // namespace p2pllm::proofs
