#include "proofs/pricing.hpp"

#include "reference/market/path_rules.hpp"

namespace p2pllm::proofs {
namespace {

using namespace reference;

void add_shares(std::vector<Obligation>& list) {
  list.push_back({"PRICE-2", "price-2-weight-is-route-weight",
                  "a node's demand weight is its weight as a one-node chain, over the temperature", "all parameters",
                  [](Scope& scope) -> Goal {
                    const Fraction alpha = scope.real("alpha"), price = scope.real("p"), cost = scope.real("c");
                    const Fraction price_scale = scope.positive("sp"), cost_scale = scope.positive("sc");
                    const Fraction temperature = scope.positive("T");
                    const Fraction a = price_sensitivity(alpha, price_scale, temperature);
                    const Fraction chain = path_weight({alpha, price_scale, cost_scale}, price, cost);
                    const auto weight = [&](const Fraction& scale) {
                      return demand_weight(a, price, cost_weight(alpha, cost, scale, temperature));
                    };
                    // The fault: costs are measured in the unit of prices.
                    return {weight(cost_scale) * temperature == chain, weight(price_scale) * temperature == chain};
                  }});
  list.push_back({"PRICE-3", "price-3-share-in-unit-interval", "a share lies strictly between 0 and 1",
                  "all exponentials", [](Scope& scope) -> Goal {
                    const PricedNode node(scope);
                    const Fraction zero = scope.number(0), one = scope.number(1);
                    const auto inside = [&](const Fraction& x) { return land(zero < x, x < one); };
                    // The fault: the node omits itself from the sum.
                    return {inside(node.share()), inside(node.own / node.others)};
                  }});
  list.push_back({"PRICE-3", "price-3-rest-is-complement", "the share of the others is what a node's share leaves of 1",
                  "all exponentials", [](Scope& scope) -> Goal {
                    const PricedNode node(scope);
                    const Fraction faulty = rest_share(node.others, node.own);
                    return {node.share() + node.rest() == scope.number(1), node.share() + faulty == scope.number(1)};
                  }});
  list.push_back(
      {"PRICE-3", "price-3-shares-sum-to-one", "the shares of a group sum to 1", "n = 3", [](Scope& scope) -> Goal {
         const Fraction x = scope.positive("E1"), y = scope.positive("E2"), z = scope.positive("E3");
         const Fraction two = demand_share(x, y + z) + demand_share(y, x + z);
         // The fault: the third node omits the first.
         return {two + demand_share(z, x + y) == scope.number(1), two + demand_share(z, y) == scope.number(1)};
       }});
  list.push_back({"PRICE-3", "price-3-shift", "one amount added to every weight of a group moves no share", "any shift",
                  [](Scope& scope) -> Goal {
                    const PricedNode node(scope);
                    const Fraction factor = exponential(scope, "F", scope.real("shift")).value;
                    // The fault: only the node's own weight is shifted.
                    return {land(demand_share(node.own * factor, node.others * factor) == node.share(),
                                 rest_share(node.own * factor, node.others * factor) == node.rest()),
                            demand_share(node.own * factor, node.others) == node.share()};
                  }});
}

void add_slopes(std::vector<Obligation>& list) {
  list.push_back({"PRICE-5", "price-5-share-slope", "the slope rule is the derivative of the share by the own price",
                  "all reals", [](Scope& scope) -> Goal {
                    const PricedNode node(scope);
                    const Dual1 share = node.share_at(along(node.price, scope.number(1)));
                    const Fraction faulty = scope.number(0) - node.a * node.share();
                    return {land(share.value == node.share(), share.slope == share_slope(node.a, node.share())),
                            share.slope == faulty};
                  }});
  list.push_back({"PRICE-5", "price-5-cross-slope",
                  "a rival's higher price raises a node's share, by a times both shares", "all reals",
                  [](Scope& scope) -> Goal {
                    const Fraction a = scope.positive("a"), rival = scope.positive("E_j"), own = scope.positive("E_i");
                    const Fraction third = scope.non_negative("E_k");
                    const Dual1 moved = {rival, zero_like(a) - a * rival};
                    const Dual1 share = demand_share(constant_like(moved, own), moved + constant_like(moved, third));
                    const Fraction rival_share = demand_share(rival, own + third);
                    return {land(share.slope == a * share.value * rival_share, scope.number(0) < share.slope),
                            // The fault: the others' exponentials enter with the wrong sign.
                            share.slope == share_slope(a, share.value)};
                  }});
  list.push_back(
      {"PRICE-5", "price-5-gradient", "the gradient as the paper prints it is the derivative of the revenue",
       "all reals", [](Scope& scope) -> Goal {
         const PricedNode node(scope);
         const Dual1 price = along(node.price, scope.number(1));
         const Dual1 earned = revenue(price, node.share_at(price));
         // The fault: 1 - P in place of P - 1.
         const Fraction one = scope.number(1);
         const Fraction faulty = node.share() * (one + node.a * node.price * (one - node.share()));
         return {land(earned.value == node.revenue(), earned.slope == node.gradient()), earned.slope == faulty};
       }});
  list.push_back({"PRICE-5", "price-5-ascent-rests-at-best-response",
                  "a step of gradient ascent leaves a price exactly where it is stationary", "any learning rate > 0",
                  [](Scope& scope) -> Goal {
                    const PricedNode node(scope);
                    const Fraction eta = scope.positive("eta");
                    const Fraction next = ascent_step(node.price, eta, node.gradient());
                    // The fault: the step adds the slope of the share.
                    const Fraction faulty = ascent_step(node.price, eta, share_slope(node.a, node.share()));
                    const SymBool stationary = node.stationarity() == scope.number(1);
                    return {iff(next == node.price, stationary), iff(faulty == node.price, stationary)};
                  }});
}

/// The logarithmic derivative of f as a function of the parameter, and its slope: (ln f)' and (ln f)''.
Dual1 log_slope(const Dual2& f) { return f.slope / f.value; }

void add_peak(std::vector<Obligation>& list) {
  list.push_back({"PRICE-6", "price-6-gradient-sign",
                  "revenue rises while the stationarity is below 1, rests at 1 and falls above", "all reals",
                  [](Scope& scope) -> Goal {
                    const PricedNode node(scope);
                    const Fraction zero = scope.number(0), one = scope.number(1), gradient = node.gradient();
                    const auto signs = [&](const Fraction& z) {
                      return land(iff(zero < gradient, z < one), iff(gradient < zero, one < z));
                    };
                    // The fault: stationarity of the node's own share.
                    return {signs(node.stationarity()), signs(stationarity(node.price, node.share(), node.a))};
                  }});
  list.push_back({"PRICE-6", "price-6-share-log-concave", "ln P is strictly concave in the own price", "all reals",
                  [](Scope& scope) -> Goal {
                    const PricedNode node(scope);
                    const Dual2 price = twice_along(node.price, scope.number(1));
                    const Dual1 slope = log_slope(node.share_at(price));
                    const Fraction zero = scope.number(0);
                    // The fault: the node omits itself from the sum, so that ln P is a straight line.
                    const Dual2 forgetful =
                        node.share_at(price) / (constant_like(price, scope.number(1)) - node.share_at(price));
                    return {land(slope.value == zero - node.a * node.rest(), slope.slope < zero),
                            log_slope(forgetful).slope < zero};
                  }});
  list.push_back({"PRICE-6", "price-6-revenue-log-concave",
                  "ln R is strictly concave in the own price, so that revenue has one peak", "prices > 0",
                  [](Scope& scope) -> Goal {
                    const PricedNode node(scope);
                    const Fraction zero = scope.number(0);
                    scope.assume(zero < node.price);
                    const Dual2 price = twice_along(node.price, scope.number(1));
                    const Dual2 share = node.share_at(price);
                    // The fault: revenue is the price over the share.
                    return {log_slope(revenue(price, share)).slope < zero, log_slope(price / share).slope < zero};
                  }});
  list.push_back({"PRICE-6", "price-6-stationarity-rises", "the stationarity rises strictly with the price",
                  "any two prices", [](Scope& scope) -> Goal {
                    const PricedNode low(scope);
                    const Fraction price = scope.real("q");
                    scope.assume(low.price < price);
                    const Exponential change = low.change_to(scope, price);
                    assume_rising(scope, change, {scope.number(0), scope.number(1)});
                    const PricedNode high = low.at(price, change);
                    const auto faulty = [](const PricedNode& node) {
                      return stationarity(node.price, node.share(), node.a);
                    };
                    return {low.stationarity() < high.stationarity(), faulty(low) < faulty(high)};
                  }});
}

}  // namespace

std::vector<Obligation> pricing_obligations() {
  std::vector<Obligation> list;
  add_shares(list);
  add_slopes(list);
  add_peak(list);
  append(list, regret_obligations());
  return list;
}

}  // namespace p2pllm::proofs
