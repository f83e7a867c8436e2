#include "proofs/pricing.hpp"
#include "reference/simulation/ascent_rules.hpp"

// The steps of SIM-12 for one node of a group of any size, and the partial derivatives of SIM-13. Shares stand for e^-w
// and for the sum of the others' e^-w: a common factor changes no share (PRICE-3).
namespace p2pllm::proofs {
namespace {

using namespace reference;

/// A node of a group, its learning rate, and its next price.
struct AscendingNode {
  explicit AscendingNode(Scope& scope)
      : a(scope.positive("a")),
        eta(scope.positive("eta")),
        price(scope.non_negative("p")),
        share(scope.fraction("P")),
        rest(scope.number(1) - share) {}

  Fraction a, eta, price, share, rest;

  [[nodiscard]] Fraction pace() const { return eta * a; }
  [[nodiscard]] Fraction z() const { return stationarity(price, rest, a); }
  [[nodiscard]] Fraction next() const { return ascent_step(price, eta, revenue_gradient(a, price, share)); }
  [[nodiscard]] Fraction strength() const { return ascent_strength(eta, a, share, rest); }
  [[nodiscard]] Fraction lean() const { return ascent_lean(a, price, share, rest); }
  /// e^-x of the change x of a p.
  [[nodiscard]] Exponential shrinkage(Scope& scope) const { return exponential(scope, "e^-x", a * (price - next())); }
};

/// The node and its rivals step: none of their prices falls, so the sum of the rivals' e^-w does not grow.
Goal step_stays(Scope& scope) {
  const AscendingNode node(scope);
  const Fraction kept = scope.positive("kept"), one = scope.number(1), zero = scope.number(0);
  const Exponential shrunk = node.shrinkage(scope);
  assume_above_tangent(scope, shrunk);
  scope.assume(kept <= one);  // what is left of the rivals' sum
  scope.assume(is_rising(node.z()));
  const Fraction own = node.share * shrunk.value, others = node.rest * kept;
  const Fraction x = node.pace() * node.share * (one - node.z());
  scope.hint(zero <= x);
  scope.hint(one - x <= shrunk.value);
  scope.hint(implies(node.pace() <= one, x <= node.share * (one - node.z())));
  scope.hint(implies(node.pace() <= one, node.z() + x <= one));
  scope.hint(implies(node.pace() <= one, (node.z() + x * node.rest - node.rest) * kept <= node.share * (one - x)));
  scope.hint(node.share * (one - x) <= node.share * shrunk.value);
  scope.hint(zero <= node.eta * node.share * (one - node.z()));
  const auto holds = [&](std::int64_t most) {
    const SymBool stays = is_rising(stationarity(node.next(), rest_share(own, others), node.a));
    return implies(node.pace() <= scope.number(most), land(node.price <= node.next(), stays));
  };
  return {holds(1), holds(2)};
}

/// The other node is at rest, so its price stays.
Goal one_is_sharp(Scope& scope) {
  const AscendingNode node(scope);
  const Fraction one = scope.number(1);
  const Exponential shrunk = node.shrinkage(scope), grown = inverse(shrunk);
  assume_above_tangent(scope, grown);
  scope.assume(node.z() < one);
  const Fraction x = node.pace() * node.share * (one - node.z());
  scope.hint(scope.number(0) < x);
  scope.hint(shrunk.value * (one + x) <= one);
  const Fraction own = node.share * shrunk.value;
  const Fraction pull = node.pace() * node.share * node.z();
  const Fraction over = node.share - (one - node.z()) + x * node.rest;  // a p' (1 - P) - (1 - P)
  scope.hint(implies(one < pull, node.share < (one + x) * over));
  scope.hint(implies(one < pull, own < shrunk.value * (one + x) * over));
  scope.hint(implies(one < pull, shrunk.value * (one + x) * over <= over));
  const auto leaves = [&](const Fraction& least) {
    return implies(least < pull, lnot(is_rising(stationarity(node.next(), rest_share(own, node.rest), node.a))));
  };
  return {leaves(one), leaves(one / scope.number(2))};
}

/// In the region a step has partial derivatives >= 0, and their sum is 1 - strength.
Goal slopes_are_not_negative(Scope& scope) {
  const AscendingNode node(scope);
  const Fraction one = scope.number(1), zero = scope.number(0);
  scope.assume(node.pace() <= one);
  const Fraction strength = node.strength(), lean = node.lean();
  scope.hint(zero <= node.a * node.price * node.share);
  scope.hint(lean == one - node.z() + node.a * node.price * node.share);
  scope.hint(node.rest * lean == node.rest * (one - node.z()) + node.share * node.z());
  scope.hint(implies(is_rising(node.z()), node.rest * (one + lean) <= one + node.rest));
  scope.hint(zero <= (one - node.share) * (one - node.share));
  const auto holds = [&](const Fraction& z_max) {
    return implies(node.z() <= z_max, land(land(zero < lean, strength * (one + lean) <= one),
                                           ascent_growth(strength, lean) == one - strength));
  };
  return {holds(one), holds(scope.number(2))};
}

/// A price that is not greater while the rivals' prices are not less: no greater z. Both kinds of node on the path are
/// of this kind.
Goal less_for_its_rivals(Scope& scope) {
  const AscendingNode node(scope);
  const Fraction other = scope.non_negative("q"), factor = scope.positive("g"), kept = scope.positive("kept");
  const Fraction one = scope.number(1);
  scope.assume(other <= node.price);
  scope.assume(one <= factor);  // e^(w - w'), as the price is not greater
  const Fraction own = node.share * factor, others = node.rest * kept;
  const Fraction z = stationarity(other, rest_share(own, others), node.a);
  const Fraction both = node.a * other * node.rest;
  scope.hint(both <= node.z());
  scope.hint(implies(kept <= factor, node.share * kept <= node.share * factor));
  scope.hint(implies(kept <= factor, kept <= node.share * factor + node.rest * kept));
  scope.hint(implies(kept <= factor, both * kept <= both * (node.share * factor + node.rest * kept)));
  scope.hint(both * (node.share * factor + node.rest * kept) <= node.z() * (node.share * factor + node.rest * kept));
  // Rivals that rise by more than the node falls, or that fall by no more than it does.
  return {implies(kept <= factor, z <= node.z()), implies(kept <= factor + one, z <= node.z())};
}

/// A profile above the equilibrium somewhere has a node that charges more than its best response.
Goal below_equilibrium(Scope& scope) {
  const AscendingNode node(scope);
  const Fraction more = scope.positive("more"), share = scope.fraction("Q"), one = scope.number(1);
  scope.assume(node.z() == one);
  const Fraction z = stationarity(node.price + more, one - share, node.a);
  scope.hint(zero_like(more) < node.a * more * node.rest);
  scope.hint(implies(share <= node.share, node.a * (node.price + more) * node.rest <= z));
  const auto holds = [&](const Fraction& share_max) { return implies(share <= share_max, lnot(is_rising(z))); };
  return {holds(node.share), holds(one)};
}

/// Every price within g / a of the equilibrium's, and none above it.
Goal strength_is_at_least(Scope& scope) {
  const Fraction a = scope.positive("a"), eta = scope.positive("eta"), odds = scope.positive("v");
  const Fraction own = scope.positive("own"), others = scope.positive("others"), spread = scope.positive("e^g");
  const Fraction one = scope.number(1);
  // At the equilibrium own is v and others is 1.
  scope.assume(one <= spread);
  scope.assume(odds <= own);
  scope.assume(own <= odds * spread);
  scope.assume(one <= others);
  scope.assume(others <= spread);
  const Fraction strength = ascent_strength(eta, a, demand_share(own, others), rest_share(own, others));
  const Fraction sum = own + others, first = one + odds * spread, second = odds + spread;
  scope.hint(own <= odds * spread * others);
  scope.hint(odds * others <= spread * own);
  scope.hint(sum * (odds * sum) <= first * others * (odds * sum));
  scope.hint(first * others * (odds * sum) <= first * others * (second * own));
  scope.hint(eta * a * (odds * sum * sum) <= eta * a * (first * others * (second * own)));
  const auto bound = [&](const Fraction& factor) {
    return eta * a * odds / ((one + odds * factor) * (odds + factor)) <= strength;
  };
  return {bound(spread), bound(one)};
}

/// The derivatives of a node's next price: by its own price, and along a rise of all prices together.
Goal slopes_of_a_step(Scope& scope) {
  const AscendingNode node(scope);
  const Fraction one = scope.number(1), zero = scope.number(0);
  const Dual1 price = along(node.price, one), a = constant_like(price, node.a), eta = constant_like(price, node.eta);
  // e^-w has the slope -a e^-w by its own price.
  const Dual1 own = along(node.share, zero - node.a * node.share);
  const auto slope = [&](const Fraction& of_others) {
    const Dual1 others = along(node.rest, of_others);
    return ascent_step(price, eta, revenue_gradient(a, price, demand_share(own, others))).slope;
  };
  const Fraction by_own = slope(zero), together = slope(zero - node.a * node.rest);
  const auto are = [&](const Fraction& lean) {
    return land(by_own == one - node.strength() * (one + lean), together == one - node.strength());
  };
  return {are(node.lean()), are(one - node.z())};
}

}  // namespace

std::vector<Obligation> ascent_rises_obligations() {
  return {
      {"SIM-12", "sim-12-step-stays-in-region",
       "if eta a <= 1 and no node charges more than its best response, a step lowers no price and leads to such prices",
       "one node, any rivals", step_stays},
      {"SIM-12", "sim-12-one-is-sharp",
       "for every eta a > 1 there is a price below the best response that a step takes above it", "n = 2",
       one_is_sharp},
      {"SIM-12", "sim-12-slopes-are-not-negative",
       "where no node charges more than its best response, lean > 0, strength (1 + lean) <= 1, and the growth is 1 - "
       "strength",
       "one node, any rivals", slopes_are_not_negative},
      {"SIM-12", "sim-12-less-for-its-rivals",
       "z does not grow if a node lowers its price and its rivals fall by no more", "one node, any rivals",
       less_for_its_rivals},
      {"SIM-12", "sim-12-below-equilibrium",
       "a node that exceeds the equilibrium's price by as much as any other charges more than its best response",
       "one node, any rivals", below_equilibrium},
      {"SIM-12", "sim-12-strength-is-at-least",
       "within g / a below the equilibrium the strength is at least eta a v/((1 + v e^g)(v + e^g))",
       "one node, any rivals", strength_is_at_least},
      {"SIM-13", "sim-13-slopes-of-a-step",
       "the derivative of a next price by the own price is 1 - strength (1 + lean), and by all together 1 - strength",
       "one node, any rivals", slopes_of_a_step},
  };
}

}  // namespace p2pllm::proofs
