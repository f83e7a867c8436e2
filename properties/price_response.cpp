#include "properties/markets.hpp"
#include "reference/market/demand_rules.hpp"
#include "reference/market/group.hpp"
#include "reference/market/regret_rules.hpp"
#include "reference/market/verify.hpp"

namespace p2pllm::properties {
namespace {

using Numbers = NetworkShape::Numbers;

/// The ends of an interval; infinite where no number that can be written bounds it.
long double minimum(const Interval& value) {
  const auto end = value.lower();
  return end ? real(*end) : -std::numeric_limits<long double>::infinity();
}
long double maximum(const Interval& value) {
  const auto end = value.upper();
  return end ? real(*end) : std::numeric_limits<long double>::infinity();
}

EquilibriumReport verified(const Network& network, const Rational& alpha) {
  return reference::verify(network, posted_prices(network), alpha, {});
}

PROPERTY("the gradient points from the price to the best response", "[PRICE-5][PRICE-6][PRICE-7]", 300) {
  const Network network = draw_group(2, 6, Numbers::any);
  const Rational alpha = draw_coin() ? Rational(1) : draw_inner_alpha();
  const EquilibriumReport report = verified(network, alpha);
  const long bits = 512;
  const auto group = groups_of(network).front();
  const auto market = reference::group_market(network, group, posted_prices(network).values, alpha);
  const auto competitors = reference::competitors_of(market.weights, bits);
  bool below = false;
  bool above = false;
  for (std::size_t i = 0; i < market.size(); ++i) {
    const auto& bracket = report.groups[0].nodes[i].best_response;
    if (!bracket) continue;
    const auto demand = reference::demand_at(market.weights[i], competitors[i], bits);
    const Interval gradient =
        reference::revenue_gradient(Interval(market.sensitivity, bits), Interval(market.prices[i], bits),
                                    reference::demand_share(demand.own, demand.others));
    const Interval zero(Rational(0), bits);
    below = below || market.prices[i] < bracket->lower;
    above = above || market.prices[i] > bracket->upper;
    if (market.prices[i] < bracket->lower) expect(!certainly(gradient < zero), "up below the best response");
    if (market.prices[i] > bracket->upper) expect(!certainly(gradient > zero), "down above the best response");
    expect(market.sensitivity * bracket->upper > Rational(1), "no best response at or below 1/a");
  }
  reach("a price below its best response", below);
  reach("a price above its best response", above);
}

PROPERTY("the regret bracket of any trial price good or bad holds the regret", "[PRICE-4][PRICE-9]", 600) {
  const Network network = draw_group(2, 6, Numbers::moderate);
  const Rational alpha = draw_coin() ? Rational(1) : draw_inner_alpha();
  const long bits = 256;
  const auto group = groups_of(network).front();
  const auto market = reference::group_market(network, group, posted_prices(network).values, alpha);
  const auto competitors = reference::competitors_of(market.weights, bits);
  const PriceOracle oracle(network, group.nodes, posted_prices(network).values, alpha);
  const auto i = static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(market.size()) - 1));
  const auto number = [](const Rational& value) { return Interval(value, bits); };

  const Rational& price = market.prices[i];
  const Rational trial = Rational(draw_integer(1, 400), 100) / market.sensitivity;
  const auto demand = reference::demand_at(market.sensitivity * trial + market.cost_weights[i], competitors[i], bits);
  const Interval z = reference::stationarity(number(trial), reference::rest_share(demand.own, demand.others),
                                             number(market.sensitivity));
  const Interval factor = reference::regret_factor(z, exp(z - number(1)));
  const bool is_below = price < trial;
  const Interval decay = reference::decay(market.sensitivity * abs(trial - price), bits);
  const Interval ratio =
      is_below ? reference::revenue_ratio_below(number(price), number(trial), demand.own, demand.others, decay)
               : reference::revenue_ratio_above(number(price), number(trial), demand.own, demand.others, decay);
  const Interval trial_revenue = reference::revenue(number(trial), reference::demand_share(demand.own, demand.others));
  const auto relative = reference::relative_regret(ratio, factor);
  const auto absolute = reference::absolute_regret(trial_revenue, ratio, factor);
  reach("a charged price below the trial", is_below);
  reach("a charged price above the trial", !is_below && !(price == trial));
  reach("a trial below the best response", certainly(z < number(1)));
  reach("a trial above the best response", certainly(z > number(1)));
  reach("a bracket wider than a tenth", minimum(relative.upper) - maximum(relative.lower) > 0.1L);

  const long double best_revenue = std::exp(oracle.best(i).log_revenue);
  const long double slack = oracle.slack();
  expect(minimum(relative.lower) <= oracle.relative_regret(i) + slack, "the relative regret is not below the bracket");
  expect(oracle.relative_regret(i) - slack <= maximum(relative.upper), "the relative regret is not above the bracket");
  expect(minimum(absolute.lower) <= oracle.absolute_regret(i) + slack * best_revenue,
         "the absolute regret is not below the bracket");
  expect(oracle.absolute_regret(i) - slack * best_revenue <= maximum(absolute.upper),
         "the absolute regret is not above the bracket");
  if (price.sign() == 0) return;
  const long double expected = std::exp(oracle.log_revenue(i, oracle.price(i)) - oracle.log_revenue(i, real(trial)));
  const long double found = real(*ratio.midpoint().lower());
  expect(std::abs(found - expected) <= 10 * slack * expected,
         "the ratio of revenues: " + shown(found) + " against " + shown(expected));
}

PROPERTY("stationarity passes one within the bracket of the best response", "[PRICE-6][PRICE-9]", 300) {
  const Network network = draw_group(2, 6, Numbers::moderate);
  const Rational alpha = draw_inner_alpha();
  const EquilibriumReport report = verified(network, alpha);
  const auto nodes = groups_of(network).front().nodes;
  const PriceOracle oracle(network, nodes, posted_prices(network).values, alpha);
  bool measured = false;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Enclosure& bracket = known(report.groups[0].nodes[i].best_response, "a best response");
    const auto z = [&](const Rational& price) {
      return oracle.sensitivity() * real(price) * oracle.rest(i, real(price));
    };
    expect(z(bracket.lower) < 1 + oracle.slack(), "z is below 1 at the lower end");
    expect(z(bracket.upper) > 1 - oracle.slack(), "z is above 1 at the upper end");
    // The bracket is narrow, and the signs are strict at its ends moved out by a thousandth.
    const Rational width = bracket.upper - bracket.lower;
    expect(width <= bracket.lower * Rational::power_of_two(-30), "the bracket is narrow");
    measured = measured || oracle.slack() < 1e-14L;
    expect(z(bracket.lower * Rational(999, 1000)) < 1 && z(bracket.upper * Rational(1001, 1000)) > 1,
           "z rises through 1");
  }
  reach("weights small enough for long double", measured);
}

}  // namespace
}  // namespace p2pllm::properties
