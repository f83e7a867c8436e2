#include "kernels/market/equilibrium_rules.hpp"
#include "kernels/market/price_rules.hpp"
#include "proofs/obligation.hpp"
#include "proofs/pricing.hpp"

// The rules of the fast half's prices equal the reference's for all values.
namespace p2pllm::proofs {
namespace {

/// A node at its price p, a trial price q, and e^(a (q - p)).
struct Trial {
  explicit Trial(Scope& scope)
      : now(scope),
        trial(scope.positive("q")),
        rise(exponential(scope, "rise", now.a * (trial - now.price))),
        then(now.at(trial, inverse(rise))) {}
  PricedNode now;
  Fraction trial;
  Exponential rise;
  PricedNode then;
  [[nodiscard]] Fraction mass() const { return kernels::trial_mass(now.own, now.others, rise.value); }
  [[nodiscard]] Fraction inverse_mass() const { return one_like(trial) / mass(); }
  [[nodiscard]] Fraction z() const {
    return kernels::trial_stationarity(now.a * trial, now.others, rise.value, inverse_mass());
  }
};

void add_demand(std::vector<Obligation>& list) {
  list.push_back({"PRICE-2", "agree-price-sensitivity", "the fast half's price sensitivity is the reference's",
                  "all scales", [](Scope& scope) -> Goal {
                    const Fraction alpha = scope.non_negative("alpha"), scale = scope.positive("scale"),
                                   temperature = scope.positive("T");
                    const Fraction expected = reference::price_sensitivity(alpha, scale, temperature);
                    return {kernels::sensitivity_of(alpha, scale, temperature) == expected,
                            kernels::sensitivity_of(alpha, scale, one_like(scale)) == expected};
                  }});
  list.push_back({"PRICE-2", "agree-price-cost-weight", "the fast half's cost weight is the reference's", "all scales",
                  [](Scope& scope) -> Goal {
                    const Fraction alpha = scope.non_negative("alpha"), cost = scope.positive("c"),
                                   scale = scope.positive("scale"), temperature = scope.positive("T");
                    const Fraction expected = reference::cost_weight(alpha, cost, scale, temperature);
                    return {kernels::weight_of_cost(alpha, cost, scale, temperature) == expected,
                            kernels::weight_of_cost(zero_like(alpha), cost, scale, temperature) == expected};
                  }});
}

void add_trial(std::vector<Obligation>& list) {
  list.push_back({"PRICE-9", "agree-price-stationarity", "the fast half's stationarity is the reference's at the trial",
                  "any two prices", [](Scope& scope) -> Goal {
                    const Trial trial(scope);
                    const Fraction expected = trial.then.stationarity();
                    const Fraction at_price = kernels::trial_stationarity(trial.now.a * trial.trial, trial.now.others,
                                                                          one_like(trial.trial), trial.inverse_mass());
                    return {trial.z() == expected, at_price == expected};
                  }});
  const auto ratio = [](bool below) {
    return [below](Scope& scope) -> Goal {
      const Trial trial(scope);
      const PricedNode& then = trial.then;
      const Fraction& p = trial.now.price;
      const Fraction decay = below ? inverse(trial.rise).value : trial.rise.value;
      const Fraction expected = below ? reference::revenue_ratio_below(p, trial.trial, then.own, then.others, decay)
                                      : reference::revenue_ratio_above(p, trial.trial, then.own, then.others, decay);
      const auto fast = [&](const Fraction& total) {
        return kernels::revenue_ratio(p, trial.trial, trial.mass(), total);
      };
      const Fraction precise = below ? kernels::ratio_of_cheaper(p, trial.trial, then.own, then.others, decay)
                                     : kernels::ratio_of_dearer(p, trial.trial, then.own, then.others, decay);
      return {land(fast(trial.now.own + trial.now.others) == expected, precise == expected),
              fast(trial.now.others) == expected};
    };
  };
  list.push_back({"PRICE-9", "agree-price-ratio-below", "both of the fast half's ratios are the reference's, p <= q",
                  "any two prices", ratio(true)});
  list.push_back({"PRICE-9", "agree-price-ratio-above", "both of the fast half's ratios are the reference's, p >= q",
                  "any two prices", ratio(false)});
}

void add_regret(std::vector<Obligation>& list) {
  list.push_back({"PRICE-9", "agree-price-factor", "e^(z-1)/z is at most 1 / (1 - t^2) where |z - 1| <= t < 1", "all z",
                  [](Scope& scope) -> Goal {
                    const Fraction z = scope.positive("z"), t = scope.non_negative("t"), one = scope.number(1);
                    scope.assume(t < one);
                    scope.assume(land(z - one <= t, one - z <= t));
                    // e^(1-z) > 1 + (1 - z) bounds e^(z-1) from above.
                    const Exponential down = exponential(scope, "e", one - z);
                    assume_above_tangent(scope, down);
                    const Fraction factor = reference::regret_factor(z, inverse(down).value);
                    scope.hint((one - t * t) <= down.value * z);
                    return {factor <= kernels::factor_bound(t), factor <= one + t * t / scope.number(4)};
                  }});
  list.push_back({"PRICE-10", "agree-price-relative",
                  "the fast half's relative bracket holds the reference's for every factor up to its bound",
                  "all ratios", [](Scope& scope) -> Goal {
                    const Fraction ratio = scope.non_negative("ratio"), factor = scope.positive("factor"),
                                   t = scope.non_negative("t");
                    scope.assume(t < one_like(t));
                    scope.assume(factor <= kernels::factor_bound(t));
                    const auto expected = reference::relative_regret(ratio, factor);
                    const auto holds = [&](const Fraction& upper) {
                      return land(kernels::relative_lower(ratio) == expected.lower, expected.upper <= upper);
                    };
                    return {holds(kernels::relative_upper(ratio, t)), holds(one_like(ratio) - ratio)};
                  }});
  list.push_back({"PRICE-10", "agree-price-absolute",
                  "the fast half's absolute upper end is at least the reference's for every factor up to its bound",
                  "all ratios and revenues", [](Scope& scope) -> Goal {
                    const Fraction ratio = scope.non_negative("ratio"), factor = scope.positive("factor"),
                                   t = scope.non_negative("t"), revenue = scope.positive("R");
                    scope.assume(t < one_like(t));
                    scope.assume(factor <= kernels::factor_bound(t));
                    const auto expected = reference::absolute_regret(revenue, ratio, factor);
                    return {expected.upper <= kernels::absolute_upper(revenue, ratio, t),
                            expected.upper <= revenue * kernels::relative_upper(ratio, t)};
                  }});
}

void add_response(std::vector<Obligation>& list) {
  const auto side = [](bool above) {
    return [above](Scope& scope) -> Goal {
      // q is the trial price, q* the best response, at which z = 1.
      const PricedNode trial(scope);
      const Fraction best = scope.positive("best"), gap = scope.positive("gap"), one = scope.number(1);
      scope.assume(scope.number(0) < trial.price);
      const Exponential change = trial.change_to(scope, best);
      assume_rising(scope, change, {scope.number(0), one});
      scope.assume(trial.at(best, change).stationarity() == one);
      const Fraction z = trial.stationarity();
      scope.assume(gap <= one / scope.number(2));
      scope.assume(above ? one - gap <= z : z <= one + gap);
      const auto holds = [&](const Fraction& factor) {
        return above ? best <= trial.price * factor : trial.price * factor <= best;
      };
      return {above ? lor(holds(kernels::response_factor_above(gap)), best <= trial.price)
                    : lor(holds(kernels::response_factor_below(gap)), trial.price <= best),
              holds(above ? one : one)};
    };
  };
  list.push_back({"PRICE-7", "agree-price-response-above",
                  "the best response is at most the trial times the factor above", "z >= 1 - gap, gap <= 1/2",
                  side(true)});
  list.push_back({"PRICE-7", "agree-price-response-below",
                  "the best response is at least the trial times the factor below", "z <= 1 + gap, gap <= 1/2",
                  side(false)});
}

/// An approximation of `value`, relatively off by at most `error`.
Fraction approximately(Scope& scope, const std::string& name, const Fraction& value, const Fraction& error) {
  const Fraction off = scope.real(name);
  scope.assume(land(off <= error, zero_like(error) - error <= off));
  return value * (one_like(off) + off);
}
SymBool is_within(const Fraction& approximate, const Fraction& value, const Fraction& error) {
  return land(approximate <= value + value * error, value - value * error <= approximate);
}

void add_errors(std::vector<Obligation>& list) {
  list.push_back(
      {"PRICE-15", "agree-price-error-of-rivals",
       "the rivals' sum, made by a subtraction, is off by twice the total's error and the node's own at most",
       "a node that weighs no more than its rivals", [](Scope& scope) -> Goal {
         const Fraction own = scope.positive("E"), rivals = scope.positive("B"),
                        total_error = scope.non_negative("e_total"), own_error = scope.non_negative("e_own");
         scope.assume(own <= rivals);
         const Fraction difference =
             approximately(scope, "d_total", own + rivals, total_error) - approximately(scope, "d_own", own, own_error);
         return {is_within(difference, rivals, total_error + total_error + own_error),
                 is_within(difference, rivals, total_error + own_error)};
       }});
  list.push_back(
      {"PRICE-15", "agree-price-error-of-mass",
       "the trial mass is off by the errors of the rivals and of the rise, if the node's own is no greater",
       "all masses", [](Scope& scope) -> Goal {
         const Fraction own = scope.positive("E"), rivals = scope.positive("B"), rise = scope.positive("D"),
                        error = scope.non_negative("e_rivals"), rise_error = scope.non_negative("e_rise");
         scope.assume(error <= scope.number(1));
         scope.assume(rise_error <= scope.number(1));
         const Fraction mass = kernels::trial_mass(approximately(scope, "d_own", own, error),
                                                   approximately(scope, "d_rivals", rivals, error),
                                                   approximately(scope, "d_rise", rise, rise_error));
         const Fraction value = kernels::trial_mass(own, rivals, rise);
         return {is_within(mass, value, error + rise_error + error * rise_error), is_within(mass, value, error)};
       }});
}

void add_equilibrium(std::vector<Obligation>& list) {
  list.push_back({"PRICE-12", "agree-price-condition",
                  "the fast half's conditions are the reference's, in ln P and in ln of the odds", "all odds",
                  [](Scope& scope) -> Goal {
                    const Fraction odds = scope.positive("v"), u = scope.real("u"), t = scope.real("t"),
                                   log_odds = scope.real("ln_v"), log_price = scope.real("ln_1_v");
                    const Fraction one = scope.number(1);
                    // ln(1 + 1/v) = ln(1 + v) - ln v, and the reference's condition is this less u - t - 1.
                    const Fraction expected = reference::odds_condition(odds, log_price - log_odds) - (u - t - one);
                    const Fraction log_share = log_odds - log_price;
                    const auto own = [&](const Fraction& utility) {
                      return kernels::log_share_residual(log_share, one + odds, utility, t);
                    };
                    const SymBool dominant = implies(
                        u == scope.number(0), kernels::log_odds_residual(log_odds, log_price, odds, t) == expected);
                    return {land(own(u) == expected, dominant), land(own(scope.number(0)) == expected, dominant)};
                  }});
  list.push_back({"PRICE-12", "agree-price-slope", "the fast half's slopes are the reference's, by ln P and by ln v",
                  "all odds", [](Scope& scope) -> Goal {
                    const Fraction odds = scope.positive("v"), one = scope.number(1);
                    const Fraction share = kernels::share_from(odds);
                    const Fraction expected = reference::odds_condition_slope(odds);
                    // d ln v / d ln P = 1 + v.
                    return {land(kernels::log_odds_slope(odds) == expected,
                                 kernels::log_share_slope(share, one + odds) == expected * (one + odds)),
                            kernels::log_share_slope(share, one) == expected * (one + odds)};
                  }});
  list.push_back(
      {"PRICE-12", "agree-price-of-odds", "the fast half's price and share of odds are the reference's", "all odds",
       [](Scope& scope) -> Goal {
         const Fraction odds = scope.positive("v"), a = scope.positive("a");
         const auto price = [&](const Fraction& scaled) { return scaled / a == reference::price_of_odds(odds, a); };
         return {
             land(price(kernels::scaled_price_of(odds)), kernels::share_from(odds) == reference::share_of_odds(odds)),
             price(odds)};
       }});
  list.push_back({"PRICE-12", "agree-price-joint-step", "after the joint step the linearized sum condition holds",
                  "all residuals", [](Scope& scope) -> Goal {
                    const Fraction sum = scope.real("R"), residual = scope.real("A"), slope = scope.positive("B"),
                                   own = scope.real("h"), weight = scope.positive("c");
                    const auto left = [&](const Fraction& dt) {
                      return sum - residual - slope * dt - weight * (own + dt) == scope.number(0);
                    };
                    const Fraction dt = kernels::joint_step(sum, residual, slope, own, weight);
                    return {left(dt), left(zero_like(dt) - dt)};
                  }});
}

}  // namespace

std::vector<Obligation> agree_prices_obligations() {
  std::vector<Obligation> list;
  add_demand(list);
  add_trial(list);
  add_regret(list);
  add_response(list);
  add_errors(list);
  add_equilibrium(list);
  return list;
}

}  // namespace p2pllm::proofs
