#include "proofs/fraction.hpp"
#include "proofs/obligation.hpp"
#include "reference/market/migration_rules.hpp"

namespace p2pllm::proofs {
namespace {

using namespace reference;

/// A node of weight k in A, and a target B.
struct TwoLoads {
  explicit TwoLoads(Scope& scope)
      : own(scope.positive("k")),
        rivals_here(scope.non_negative("rivals_in_A")),
        load_there(scope.non_negative("S_B")) {}
  Fraction own, rivals_here, load_there;
  [[nodiscard]] Fraction load_here() const { return rivals_here + own; }
  [[nodiscard]] SymBool gains() const { return gains_by_moving(rivals_here, load_there); }
  /// The planted fault of most proofs here: the mover does not count itself in the target.
  [[nodiscard]] SymBool forgetful() const { return gains_by_moving(load_here(), load_there); }
};

Fraction square(const Fraction& x) { return x * x; }

/// Two equal nodes of weight k, in A or in B, which both decide at once from the state they see.
struct Pair {
  explicit Pair(Scope& scope) : own(scope.positive("k")), zero(scope.number(0)) {}
  Fraction own, zero;
  /// Whether both move when both are in one place and the other is empty.
  [[nodiscard]] SymBool both_move() const { return gains_by_moving(own, zero); }
  [[nodiscard]] SymBool either_moves_when_apart() const { return gains_by_moving(zero, own); }
};

Goal gain_is_greater_share(Scope& scope) {
  const TwoLoads loads(scope);
  const SymBool rises = load_share(loads.own, loads.rivals_here) < load_share(loads.own, loads.load_there);
  return {iff(loads.gains(), rises), iff(loads.forgetful(), rises)};
}

Goal gain_by_loads(Scope& scope) {
  const TwoLoads loads(scope);
  const SymBool stated = loads.load_there + loads.own < loads.load_here();
  return {iff(loads.gains(), stated), iff(loads.forgetful(), stated)};
}

Goal tie_stays(Scope& scope) {
  const TwoLoads loads(scope);
  scope.assume(load_share(loads.own, loads.rivals_here) == load_share(loads.own, loads.load_there));
  return {lnot(loads.gains()), lnot(loads.load_there <= loads.rivals_here)};
}

Goal best_target(Scope& scope) {
  const Fraction own = scope.positive("k"), b = scope.non_negative("S_B"), c = scope.non_negative("S_C");
  return {iff(b < c, load_share(own, c) < load_share(own, b)), iff(b <= c, load_share(own, c) < load_share(own, b))};
}

Goal share_in_range(Scope& scope) {
  const TwoLoads loads(scope);
  const Fraction share = load_share(loads.own, loads.rivals_here), one = scope.number(1), zero = scope.number(0);
  return {land(zero < share, share <= one), land(zero < share, share < one)};
}

Goal shares_sum_to_one(Scope& scope) {
  const Fraction a = serving_capacity(scope.positive("c_a")), b = serving_capacity(scope.positive("c_b")),
                 c = serving_capacity(scope.positive("c_c")), one = scope.number(1);
  const Fraction sum = load_share(a, b + c) + load_share(b, a + c) + load_share(c, a + b);
  return {sum == one, load_share(a, b + c) + load_share(b, a + c) + load_share(c, b) == one};
}

Goal cheaper_node_has_greater_share(Scope& scope) {
  const Fraction cheap = scope.positive("c_a"), dear = scope.positive("c_b"), rest = scope.non_negative("rest");
  scope.assume(cheap < dear);
  const Fraction a = serving_capacity(cheap), b = serving_capacity(dear);
  return {load_share(b, a + rest) < load_share(a, b + rest),
          load_share(dear, cheap + rest) < load_share(cheap, dear + rest)};
}

Goal sole_server_stays(Scope& scope) {
  const Fraction own = scope.positive("k"), zero = scope.number(0), there = scope.non_negative("S_B");
  return {lnot(gains_by_moving(zero, there)), lnot(gains_by_moving(own, there))};
}

Goal sole_server_has_all(Scope& scope) {
  const Fraction own = scope.positive("k"), zero = scope.number(0), one = scope.number(1);
  return {load_share(own, zero) == one, load_share(own, own) == one};
}

Goal fall_is_exact(Scope& scope) {
  const TwoLoads loads(scope);
  const Fraction before = square(loads.load_here()) + square(loads.load_there);
  const Fraction after = square(loads.rivals_here) + square(loads.load_there + loads.own);
  const Fraction fall = potential_fall(loads.load_here(), loads.load_there, loads.own);
  const Fraction without_own = potential_fall(loads.load_here() + loads.own, loads.load_there, loads.own);
  return {before - after == fall, before - after == without_own};
}

Goal fall_is_positive_iff_gain(Scope& scope) {
  const TwoLoads loads(scope);
  const SymBool falls = scope.number(0) < potential_fall(loads.load_here(), loads.load_there, loads.own);
  return {iff(loads.gains(), falls), iff(loads.forgetful(), falls)};
}

Goal lesser_load_rises(Scope& scope) {
  const TwoLoads loads(scope);
  scope.assume(loads.gains());
  const Fraction before = minimum(loads.load_here(), loads.load_there);
  const Fraction there = loads.load_there + loads.own;
  return {before < minimum(loads.rivals_here, there), loads.load_here() < minimum(loads.rivals_here, there)};
}

Goal least_of_three_never_falls(Scope& scope) {
  const TwoLoads loads(scope);
  const Fraction third = scope.non_negative("S_C");
  scope.assume(loads.gains());
  const Fraction before = minimum(third, minimum(loads.load_here(), loads.load_there));
  const Fraction after = minimum(third, minimum(loads.rivals_here, loads.load_there + loads.own));
  return {before <= after, before < after};  // the fault is claim 14: that the least load rises
}

Goal least_of_three_need_not_rise(Scope& scope) {
  // Claim 14: equal nodes at loads (4, 1, 1): a move to (3, 2, 1) leaves the least load where it was.
  const Fraction own = scope.number(1), third = scope.number(1), here = scope.real("S_A"), there = scope.number(1);
  scope.assume(here == scope.number(4));
  const SymBool gains = gains_by_moving(here - own, there);
  const Fraction before = minimum(third, minimum(here, there));
  const Fraction after = minimum(third, minimum(here - own, there + own));
  return {land(gains, after == before), land(gains, after < before)};
}

Goal load_is_conserved(Scope& scope) {
  const TwoLoads loads(scope);
  const Fraction before = loads.load_here() + loads.load_there;
  return {before == loads.rivals_here + (loads.load_there + loads.own), before == loads.rivals_here + loads.load_there};
}

Goal no_way_back(Scope& scope) {
  const TwoLoads loads(scope);
  scope.assume(loads.gains());
  return {lnot(gains_by_moving(loads.load_there, loads.rivals_here)),
          lnot(gains_by_moving(loads.load_there + loads.own, loads.rivals_here))};
}

Goal lightest_speaks_for_all(Scope& scope) {
  const Fraction light = scope.positive("k_least"), heavy = scope.positive("k"), load = scope.positive("S_A"),
                 there = scope.non_negative("S_B");
  scope.assume(light <= heavy);
  scope.assume(heavy <= load);
  const SymBool least_stays = lnot(gains_by_moving(load - light, there));
  const SymBool other_stays = lnot(gains_by_moving(load - heavy, there));
  return {implies(least_stays, other_stays), implies(other_stays, least_stays)};
}

Goal margin_means_no_gain(Scope& scope) {
  const TwoLoads loads(scope);
  const Fraction zero = scope.number(0);
  const Fraction margin = moving_margin(loads.load_here(), loads.load_there, loads.own);
  const Fraction forgetful = moving_margin(loads.load_here(), loads.load_there, zero);
  return {iff(loads.gains(), margin < zero), iff(loads.gains(), forgetful < zero)};
}

Goal margin_is_the_factor(Scope& scope) {
  const TwoLoads loads(scope);
  const Fraction margin = moving_margin(loads.load_here(), loads.load_there, loads.own), one = scope.number(1);
  const Fraction now = load_share(loads.own, loads.rivals_here), then = load_share(loads.own, loads.load_there);
  return {now == (one + margin) * then, now == margin * then};
}

Goal smaller_margin_is_weaker(Scope& scope) {
  const TwoLoads loads(scope);
  const Fraction stated = scope.non_negative("margin"), one = scope.number(1);
  scope.assume((one + stated) * loads.load_here() <= loads.load_there + loads.own);
  return {land(lnot(loads.gains()), stated <= moving_margin(loads.load_here(), loads.load_there, loads.own)),
          moving_margin(loads.load_here(), loads.load_there, loads.own) <= stated};
}

Goal common_keys_cancel(Scope& scope) {
  const Fraction common = scope.non_negative("common"), here = scope.non_negative("only_A"),
                 there = scope.non_negative("only_B");
  return {iff(gains_by_moving(common + here, common + there), gains_by_moving(here, there)),
          iff(gains_by_moving(common + here, there), gains_by_moving(here, there))};
}

Goal common_factor_cancels(Scope& scope) {
  const Fraction factor = scope.positive("e_shift"), here = scope.non_negative("rivals_in_A"),
                 there = scope.non_negative("S_B");
  return {iff(gains_by_moving(factor * here, factor * there), gains_by_moving(here, there)),
          iff(gains_by_moving(factor * here, there), gains_by_moving(here, there))};
}

Goal simultaneous_moves_cycle(Scope& scope) {
  const Pair pair(scope);
  // Both are in A and both go to B; there the situation is the same, and they return: a cycle of period two.
  return {land(pair.both_move(), lnot(pair.either_moves_when_apart())), pair.either_moves_when_apart()};
}

Goal revenue_rises_with_share(Scope& scope) {
  const TwoLoads loads(scope);
  const Fraction price = scope.positive("p");
  const Fraction now = price * load_share(loads.own, loads.rivals_here);
  const Fraction then = price * load_share(loads.own, loads.load_there);
  return {implies(loads.gains(), now < then), implies(loads.forgetful(), now < then)};
}

Goal at_price_zero_nothing_is_gained(Scope& scope) {
  const TwoLoads loads(scope);
  const Fraction price = scope.number(0), one = scope.number(1);
  const Fraction now = load_share(loads.own, loads.rivals_here), then = load_share(loads.own, loads.load_there);
  return {price * now == price * then, one * now == one * then};
}

}  // namespace

std::vector<Obligation> migration_obligations() {
  const auto exists = Obligation::Kind::exists;
  return {
      {"MIG-1", "mig-1-share-in-range", "a share is greater than 0 and at most 1", "all weights", share_in_range},
      {"MIG-1", "mig-1-shares-sum", "the shares of a range's nodes sum to 1", "three nodes, all costs",
       shares_sum_to_one},
      {"MIG-1", "mig-1-cheaper-has-more", "of two nodes of a range the one of lower cost has the greater share",
       "all costs, any rest", cheaper_node_has_greater_share},
      {"MIG-3", "mig-3-gain-is-greater-share", "a node gains by moving iff its share rises (claim 12)", "all loads",
       gain_is_greater_share},
      {"MIG-3", "mig-3-gain-by-loads", "a node gains by moving iff S_B + k < S_A", "all loads", gain_by_loads},
      {"MIG-3", "mig-3-tie-stays", "an equal share elsewhere is no gain", "all loads", tie_stays},
      {"MIG-4", "mig-4-sole-server-has-all", "a sole server has share 1", "all weights", sole_server_has_all},
      {"MIG-4", "mig-4-sole-server-stays", "a sole server gains by no move: coverage is kept", "all loads",
       sole_server_stays},
      {"MIG-5", "mig-5-best-target", "the target of least load is the one of the greatest new share", "two targets",
       best_target},
      {"MIG-5", "mig-5-no-way-back", "a node that has just moved does not gain by moving back", "all loads",
       no_way_back},
      {"MIG-6", "mig-6-fall-is-exact", "a move lowers the sum of squared loads by exactly 2k(S_A - S_B - k)",
       "all loads", fall_is_exact},
      {"MIG-6", "mig-6-fall-is-positive",
       "the sum of squared loads falls iff the mover gains: migration ends (claim 15)", "all loads",
       fall_is_positive_iff_gain},
      {"MIG-6", "mig-6-lesser-load-rises", "a move raises the lesser of its two loads", "all loads", lesser_load_rises},
      {"MIG-6", "mig-6-least-load", "no move lowers the least load of all ranges (claim 14)", "any third range",
       least_of_three_never_falls},
      {"MIG-6", "mig-6-least-load-may-stay", "a move may leave the least load as it was (claim 14 refuted)",
       "loads 4, 1, 1 of equal nodes", least_of_three_need_not_rise, exists},
      {"MIG-6", "mig-6-load-conserved", "a move changes no sum of loads", "all loads", load_is_conserved},
      {"MIG-6", "mig-6-simultaneous-cycle",
       "two equal nodes in one place both gain by going, for ever (claim 15 refuted)", "two nodes, two ranges",
       simultaneous_moves_cycle, exists},
      {"MIG-7", "mig-7-revenue-rises", "at frozen prices the mover's revenue rises", "all loads and prices",
       revenue_rises_with_share},
      {"MIG-7", "mig-7-price-zero", "a node at price 0 earns the same anywhere", "all loads",
       at_price_zero_nothing_is_gained},
      {"MIG-8", "mig-8-common-keys-cancel", "what both loads hold may be left out of both", "all loads",
       common_keys_cancel},
      {"MIG-8", "mig-8-shift", "a common factor e^s of all weights changes no comparison", "all loads",
       common_factor_cancels},
      {"MIG-9", "mig-9-lightest-speaks-for-all", "if a range's lightest node does not gain, none of it does",
       "any two nodes", lightest_speaks_for_all},
      {"MIG-9", "mig-9-margin-sign", "a node gains iff its margin is negative", "all loads", margin_means_no_gain},
      {"MIG-9", "mig-9-margin-factor", "moving would divide the share by 1 + margin", "all loads",
       margin_is_the_factor},
      {"CERT-8", "cert-8-stated-margin", "a margin >= 0 that is proved excludes a gain and bounds the true margin",
       "all loads", smaller_margin_is_weaker},
  };
}

}  // namespace p2pllm::proofs
