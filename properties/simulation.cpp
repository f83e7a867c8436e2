#include <rapidcheck.h>

#include <numeric>

#include "optimized/simulation/group_prices.hpp"
#include "optimized/simulation/simulate.hpp"
#include "properties/property.hpp"
#include "reference/market/migrate.hpp"
#include "reference/simulation/certified_prices.hpp"
#include "reference/simulation/simulate.hpp"
#include "tests/support/same_simulation.hpp"

// The fast engine against the reference: the same digest and moves, and enclosures that contain the exact ones.
namespace p2pllm::properties {
namespace {

template <typename T>
T one_of(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}

DrawnNumber constant(const Rational& value) { return {value, value, {}}; }

DrawnNumber drawn_cost() {
  if (*rc::gen::inRange(0, 3) == 0) return constant(*rc::gen::inRange(1, 4));
  return {1, *rc::gen::inRange(2, 50), one_of<std::optional<int>>({std::nullopt, 0, 2})};
}

Scenario random_scenario() {
  Scenario scenario;
  scenario.name = "random";
  GeneratedNetwork network;
  const int layers = *rc::gen::inRange(1, 5);
  for (int layer = 0; layer < layers; ++layer) network.counts.push_back(*rc::gen::inRange(0, 7));
  network.counts[0] += network.peers() == 0 ? 1 : 0;
  network.cost = drawn_cost();
  network.price = one_of<DrawnNumber>({constant(1), constant(0), {0, 3, {}}});
  scenario.network = network;
  scenario.alpha = one_of<Rational>({Rational(1, 2), Rational(9, 10), Rational(1), Rational(0), Rational(1, 3)});
  scenario.cost_scale = one_of<Rational>({1, 10, 50});
  scenario.steps = *rc::gen::inRange(1, 40);
  scenario.prices = {one_of<Rational>({1, Rational(1, 4), Rational(47, 200), 3}),
                     one_of({PriceUpdates::all, PriceUpdates::all, PriceUpdates::probability, PriceUpdates::one_layer}),
                     Rational(1, 3), *rc::gen::inRange(1, 4)};
  scenario.monopoly = Monopoly{one_of({MonopolyRule::hold, MonopolyRule::ascend, MonopolyRule::cap}), 4};
  using enum MigrationSchedule;
  if (*rc::gen::inRange(0, 5) > 0)
    scenario.migration =
        MigrationPlan{*rc::gen::inRange(1, 8),
                      one_of({sweep, sweep_random, next, one_random, best, first, gainer_random, probability}),
                      Rational(1, 2), one_of({WeightRule::share, WeightRule::count, WeightRule::revenue}),
                      one_of({TieRule::lowest, TieRule::random})};
  if (*rc::gen::inRange(0, 2) == 0) {
    scenario.requests = RequestPlan{one_of({RequestMode::least, RequestMode::gumbel, RequestMode::boltzmann}),
                                    one_of<Rational>({Rational(1, 3), 2, 5}), *rc::gen::inRange(1, 30),
                                    one_of({ServiceTime::constant, ServiceTime::exponential}), *rc::gen::inRange(0, 3)};
    scenario.step_ticks = one_of<std::int64_t>({3, 50, 1000});
    if (*rc::gen::inRange(0, 3) == 0) scenario.prices.update = PriceUpdates::served;
    if (*rc::gen::inRange(0, 2) == 0) scenario.ledger = PaymentPlan{one_of<std::int64_t>({1, 1000, 1000000}), 5000};
  }
  if (*rc::gen::inRange(0, 3) == 0) {
    scenario.churn =
        Churn{one_of<Rational>({0, Rational(1, 2), 2}), one_of<std::optional<Rational>>({std::nullopt, 1, 8}),
              one_of({JoinTarget::best, JoinTarget::random})};
  }
  scenario.record = {0};
  for (std::int64_t step = *rc::gen::inRange(1, 9); step <= scenario.steps; step += *rc::gen::inRange(1, 9))
    scenario.record.push_back(step);
  scenario.tolerance = Rational(1, 100000000);
  return scenario;
}

bool is_by_revenue(const Scenario& scenario) {
  return scenario.migration && scenario.migration->rule == WeightRule::revenue;
}

void expect_contains(const Enclosure& outer, const Enclosure& inner, const std::string& what) {
  expect(testing::contains(outer, inner), what);
}

PROPERTY("the fast simulation has the digest of the reference, and its enclosures contain the reference's",
         "[simulation][SIM-1][SIM-6][SIM-8][SIM-10][SIM-11][SIM-13][SIM-14][SIM-15][SIM-16][SIM-19][SIM-21]", 1000) {
  const Scenario scenario = random_scenario();
  const auto seed = static_cast<std::uint64_t>(*rc::gen::inRange(0, 1000000));
  const Network network = generated_network(scenario, seed);
  const auto exact = reference::simulate(scenario, network, seed);
  const auto fast = optimized::simulate(scenario, network, seed);
  if (!exact) {  // a tie of unlike histories
    const bool is_open = scenario.requests && (scenario.requests->mode == RequestMode::least || scenario.ledger);
    expect((is_open || is_by_revenue(scenario)) && !fast, exact.error().message());
    return;
  }
  reach("the fast engine decides", fast.has_value());
  if (!fast) return;
  expect_equal(testing::simulation_difference(*fast, *exact), std::string(), "the first difference");
  reach("a node moves", !exact->moves.empty());
  reach("a node moves by revenue", is_by_revenue(scenario) && !exact->moves.empty());
  if (const auto& requests = exact->records.back().requests) {
    expect(requests->in_flight() >= 0 && requests->measured <= requests->served, "the counts of requests");
    reach("a request is served", requests->served > 0);
    reach("a request waits", requests->in_flight() > 0);
    reach("a request is refused", requests->refused > 0);
    reach("somebody is paid", !exact->payments.empty());
    reach("requests by weight", scenario.requests->mode == RequestMode::least);
  }
  reach("a node joins", exact->records.back().joins > 0);
  reach("a node leaves", exact->records.back().leaves > 0);
  reach("a range has one node", exact->records.back().sole > 0);
  reach("a price moves at random", scenario.prices.update == PriceUpdates::probability);
  reach("a learning rate above 2", scenario.prices.eta > Rational(2));
}

/// A run that stops after a step and goes on.
template <typename Engine>
SimulationRun in_two_parts(const Engine& engine, std::int64_t step) {
  Bytes state;
  const SimulationRun part =
      engine(RunKeeping{.from = nullptr, .stop_after = step, .is_due = {}, .keep = [&](std::int64_t, Bytes bytes) {
                          state = std::move(bytes);
                          return true;
                        }});
  expect(part.is_stopped, "a run that is stopped");
  return engine(RunKeeping{.from = &state, .is_due = {}, .keep = {}});
}

/// Everything that a run says.
Bytes all_of(SimulationRun run) {
  StateWriter writer;
  writer(run, run.bits, run.digest);
  return writer.take();
}

PROPERTY("a run that is stopped after any step and goes on is the run that was not stopped", "[simulation][SIM-17]",
         500) {
  const Scenario scenario = random_scenario();
  const auto seed = static_cast<std::uint64_t>(*rc::gen::inRange(0, 1000000));
  const Network network = generated_network(scenario, seed);
  const std::int64_t step = *rc::gen::inRange<std::int64_t>(0, scenario.steps);
  const auto fast = optimized::simulate(scenario, network, seed);
  if (fast)
    expect(all_of(*fast) == all_of(in_two_parts(
                                [&](const RunKeeping& keeping) {
                                  return optimized::simulate(scenario, network, seed, {}, keeping).value();
                                },
                                step)),
           "the fast run");
  const auto exact = reference::simulate(scenario, network, seed);
  if (exact)
    expect(all_of(*exact) == all_of(in_two_parts(
                                 [&](const RunKeeping& keeping) {
                                   return reference::simulate(scenario, network, seed, {},
                                                              reference::simulation_bits_min, keeping)
                                       .value();
                                 },
                                 step)),
           "the exact run");
  reach("a fast run", fast.has_value());
  reach("a run with requests", exact && exact->records.back().requests.has_value());
  reach("a run with churn", scenario.churn.has_value());
  reach("a run by revenue", is_by_revenue(scenario));
}

PROPERTY("while prices are still, sweeps by revenue are those of a migration by revenue", "[simulation][SIM-8][MIG-7]",
         300) {
  Scenario scenario = random_scenario();
  scenario.churn.reset();
  scenario.requests.reset();
  scenario.ledger.reset();
  scenario.prices = {1, PriceUpdates::all, 1, steps_max};
  scenario.migration = MigrationPlan{1, MigrationSchedule::sweep, 1, WeightRule::revenue, TieRule::lowest};
  const auto seed = static_cast<std::uint64_t>(*rc::gen::inRange(0, 1000000));
  const Network network = generated_network(scenario, seed);
  const auto migration =
      reference::migrate(network, reference::revenue_weights(network, posted_prices(network), *scenario.alpha));
  scenario.steps = static_cast<std::int64_t>(migration->moves.size()) + 1;
  scenario.record = {scenario.steps};
  const auto exact = reference::simulate(scenario, network, seed);
  const auto fast = optimized::simulate(scenario, network, seed);
  expect(exact.has_value(), "known prices are compared exactly");
  expect_equal(exact->moves.size(), migration->moves.size(), "the number of moves");
  for (std::size_t k = 0; k < exact->moves.size(); ++k) {
    expect_equal(exact->moves[k].node, migration->moves[k].node, "who moves");
    expect(exact->moves[k].to == migration->moves[k].to, "where it moves");
  }
  if (fast) expect(fast->moves == exact->moves, "the fast engine's moves");
  reach("a node moves", !exact->moves.empty());
  reach("the fast engine decides", fast.has_value());
}

PROPERTY("no price falls below 0 while eta times the sensitivity is at most 4", "[simulation][SIM-6]", 200) {
  Scenario scenario = random_scenario();
  scenario.prices.eta = Rational(4) / maximum(*scenario.alpha, Rational(1, 3));
  const auto seed = static_cast<std::uint64_t>(*rc::gen::inRange(0, 1000000));
  const auto run = reference::simulate(scenario, generated_network(scenario, seed), seed);
  if (!run) return;
  for (const StepRecord& record : run->records)
    for (const RangeRecord& range : record.ranges)
      if (range.prices) expect(range.prices->least.upper.sign() >= 0, "a price below 0");
  reach("a run of several steps", scenario.steps > 10);
}

/// Prices that may be off by much, and how far they are off.
struct UncertainPrices {
  Scenario scenario;
  Network network;
  Rational radius;
  std::vector<Rational> prices;  ///< within the radius of the network's

  [[nodiscard]] Network true_network() const {
    Network other = network;
    for (std::size_t i = 0; i < other.size(); ++i) other.nodes[i].price = prices[i];
    return other;
  }
};

UncertainPrices uncertain_prices() {
  UncertainPrices drawn{
      random_scenario(), {}, one_of<Rational>({Rational(1, 100), Rational(1, 10000), Rational(1, 20)}), {}};
  drawn.scenario.prices.eta = one_of<Rational>({Rational(1, 4), 1, 2, 4});
  drawn.scenario.monopoly->cap = 10;
  drawn.scenario.churn.reset();  // these nodes stay
  GeneratedNetwork group{{*rc::gen::inRange(1, 6)}, drawn_cost(), DrawnNumber{Rational(1, 10), 6, 1}};
  drawn.scenario.network = group;
  drawn.network = generated_network(drawn.scenario, static_cast<std::uint64_t>(*rc::gen::inRange(0, 1000000)));
  for (const Node& node : drawn.network.nodes)
    drawn.prices.push_back(node.price + drawn.radius * one_of<Rational>({-1, 1, 1, -1, 0, Rational(1, 2)}));
  return drawn;
}

PROPERTY("prices within the radius of the midpoints stay within the radius, step by step", "[simulation][SIM-13]",
         1000) {
  constexpr long bits = 128;
  const UncertainPrices drawn = uncertain_prices();
  const Network true_network = drawn.true_network();
  reference::CertifiedPrices held(drawn.scenario, drawn.network, 2, bits);
  reference::CertifiedPrices truth(drawn.scenario, true_network, 2, 2 * bits);
  held.widen(0, drawn.radius);
  std::vector<std::size_t> all(drawn.network.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const int steps = *rc::gen::inRange(1, 6);
  for (int step = 0; step < steps; ++step) {
    std::vector<bool> updates;
    for (std::size_t k = 0; k < all.size(); ++k)
      updates.push_back(drawn.scenario.prices.update != PriceUpdates::probability || *rc::gen::inRange(0, 2) == 1);
    held.step(0, all, updates);
    truth.step(0, all, updates);
    if (!held.radius(0)) return;  // it exceeds 2^65536 and says nothing any more
    for (const std::size_t node : all) {
      const std::vector<std::size_t> alone{node};
      expect_contains(held.summary(0, alone).mean, truth.summary(0, alone).mean,
                      "price of node " + std::to_string(node));
    }
  }
  held.move(0, 1);
  expect(*held.radius(1) >= *held.radius(0), "a mover takes its radius along");
  reach("the radius grows", *held.radius(0) > drawn.radius);
  reach("the radius shrinks", *held.radius(0) < drawn.radius);
  reach("one node", all.size() == 1);
}

PROPERTY("prices within the radius of doubles stay within the fast engine's radius", "[simulation][SIM-13][SIM-14]",
         1000) {
  const UncertainPrices drawn = uncertain_prices();
  const Network true_network = drawn.true_network();
  reference::CertifiedPrices truth(drawn.scenario, true_network, 1, 256);
  const Rational alpha = *drawn.scenario.alpha;
  const double sensitivity = alpha.raw().get_d(), rate = drawn.scenario.prices.eta.raw().get_d();
  const Rational by_cost = (Rational(1) - alpha) / drawn.network.cost_scale;
  optimized::GroupPrices group;
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < drawn.network.size(); ++i) {
    const Node& node = drawn.network.nodes[i];
    group.append({static_cast<std::uint32_t>(i), node.price.raw().get_d(), (by_cost * node.cost).raw().get_d()});
    all.push_back(i);
  }
  const double ulp = 0x1p-49;  // of the doubles above, which are truncated
  group.widen(drawn.radius.raw().get_d() + ulp);
  const optimized::AscentConstants constants{sensitivity, rate, drawn.scenario.monopoly->rule, 10};
  const int steps = *rc::gen::inRange(1, 6);
  for (int step = 0; step < steps; ++step) {
    std::vector<double> moves;
    std::vector<bool> updates;
    for (std::size_t k = 0; k < all.size(); ++k) {
      updates.push_back(drawn.scenario.prices.update != PriceUpdates::probability || *rc::gen::inRange(0, 2) == 1);
      moves.push_back(updates.back() ? 1 : 0);
    }
    if (drawn.scenario.prices.update == PriceUpdates::probability) group.step(constants, moves);
    else group.step(constants);
    truth.step(0, all, updates);
    const Rational radius = Rational::from_canonical(mpq_class(std::min(group.radius(), 1e300)));
    for (const std::size_t node : all) {
      const Rational price = Rational::from_canonical(mpq_class(group.price(node)));
      expect_contains({price - radius, price + radius}, truth.summary(0, std::vector<std::size_t>{node}).mean,
                      "price of node " + std::to_string(node));
    }
  }
  reach("the radius is useful", group.radius() < 3 * drawn.radius.raw().get_d());
  reach("the radius shrinks", group.radius() < drawn.radius.raw().get_d());
  reach("some move", drawn.scenario.prices.update == PriceUpdates::probability);
}

}  // namespace
}  // namespace p2pllm::properties
