#include <algorithm>
#include <map>
#include <set>

#include "model/numbers/rational.hpp"
#include "model/simulation/draws.hpp"
#include "model/simulation/peers.hpp"

namespace p2pllm {
namespace {

bool has_sole_server(const Peers& peers) {
  std::map<LayerRange, std::size_t> served;
  for (std::size_t node = 0; node < peers.size(); ++node) ++served[peers.layers(node)];
  return std::ranges::any_of(served, [](const auto& of) { return of.second == 1; });
}

/// The step that has a tick (SIM-2).
std::int64_t step_of(const Scenario& scenario, std::int64_t tick) {
  return (tick + scenario.step_ticks - 1) / scenario.step_ticks;
}

/// Whether the ranges follow each other from the first layer to the last, so that there is one sequence of them.
bool is_one_chain(const std::set<LayerRange>& ranges, std::int64_t layers) {
  std::int64_t boundary = 0;
  for (const LayerRange& range : ranges) {
    if (range.first != boundary) return false;
    boundary = range.last;
  }
  return boundary == layers;
}

Result<void> check_requests(const Scenario& scenario, const Peers& peers, const std::set<LayerRange>& targets,
                            const std::string& source) {
  const RequestPlan& plan = *scenario.requests;
  const Rational expected = plan.per_step * Rational(scenario.steps);
  if (!peers.market().latency.empty() || !peers.market().clients.empty())
    return bad_input(source + ": /requests", "latencies or clients",
                     "requests are simulated in networks without latencies and clients only");
  for (std::size_t node = 0; node < peers.size(); ++node)
    if (peers.cost(node) * Rational(plan.cost_ticks) > Rational(ticks_max))
      return bad_input(source + ": /requests/cost_ticks", std::to_string(plan.cost_ticks),
                       "node " + peers.id(node) + " would need more than 10^15 ticks for a request");
  // Of so many requests, whose number is Poisson's and whose services may take 46 times as long, no tick exceeds 2^62.
  constexpr std::int64_t busy_ticks_max = 10'000'000'000'000'000;
  constexpr int at_least = 100;
  for (std::size_t node = 0; node < peers.size(); ++node)
    if ((expected + Rational(at_least)) * peers.cost(node) * Rational(plan.cost_ticks) > Rational(busy_ticks_max))
      return bad_input(source + ": /requests/cost_ticks", std::to_string(plan.cost_ticks),
                       "all requests together could keep node " + peers.id(node) + " busy for more than 10^16 ticks");
  constexpr std::int64_t services_max = 1'000'000'000;  // a chain that waits takes four bytes for each
  if (expected * Rational(static_cast<std::int64_t>(targets.size())) > Rational(services_max))
    return bad_input(source + ": /requests/poisson_per_step", to_string(plan.per_step),
                     "requests times ranges may be at most 10^9");
  if (plan.mode == RequestMode::boltzmann && !is_one_chain(targets, peers.market().layers))
    return bad_input(source + ": /requests/mode", "boltzmann",
                     "the ranges that nodes can serve must follow each other from the first layer to the last; use "
                     "gumbel, which chooses among all chains");
  return {};
}

}  // namespace

Rational value_at(const DrawnNumber& range, const Rational& uniform) {
  Rational value = range.least + (range.most - range.least) * uniform;
  if (!range.decimals) return value;
  mpz_class ten_to;
  mpz_ui_pow_ui(ten_to.get_mpz_t(), 10, static_cast<unsigned long>(*range.decimals));
  return Rational(floor(value * Rational(ten_to) + Rational(1, 2)), ten_to);
}

Network generated_network(const Scenario& scenario, std::uint64_t seed) { return Peers(scenario, seed).network(); }

std::vector<ChurnEvent> churn_events(const Scenario& scenario, std::size_t nodes, std::uint64_t seed) {
  std::vector<ChurnEvent> events;
  if (!scenario.churn) return events;
  const Draws draws(seed);
  const std::vector<std::int64_t> joins = join_ticks(scenario, draws);
  const std::size_t first_joiner = nodes - joins.size();
  for (std::size_t node = 0; node < nodes; ++node) {
    const std::int64_t from = node < first_joiner ? 0 : joins[node - first_joiner];
    const std::int64_t first_step = step_of(scenario, from);
    if (node >= first_joiner) events.push_back({first_step, true, node});
    if (!scenario.churn->mean_lifetime) continue;
    const Rational mean = *scenario.churn->mean_lifetime * Rational(scenario.step_ticks);
    const std::int64_t until =
        from + exponential_ticks(draws.bits(Stream::lifetimes, 0, static_cast<std::uint32_t>(node)), mean);
    const std::int64_t last = std::max(first_step + 1, step_of(scenario, until));
    if (last <= scenario.steps) events.push_back({last, false, node});
  }
  std::ranges::sort(events);
  return events;
}

std::int64_t service_ticks(const Rational& ticks) { return mpz_class(-floor(-ticks)).get_si(); }

Result<void> check_scenario(const Scenario& scenario, const Peers& peers, const std::string& source) {
  const Network& market = peers.market();
  const std::optional<Rational>& alpha = scenario.alpha ? scenario.alpha : market.alpha;
  if (!alpha) return bad_input(source + ": /alpha", "absent", "neither the scenario nor its network states alpha");
  const Rational rate = scenario.prices.eta * *alpha / (market.price_scale * market.temperature);
  if (rate > Rational(rate_max))
    return bad_input(source + ": /prices/eta", to_string(scenario.prices.eta),
                     "eta times the price sensitivity is " + to_string(rate) + "; above 4 a price may become negative");
  if (const auto count = static_cast<std::int64_t>(peers.size());
      scenario.steps > 0 && count > peer_steps_max / scenario.steps)
    return bad_input(source + ": /steps", std::to_string(scenario.steps), "peers times steps may be at most 10^12");
  const bool moves = scenario.migration || !scenario.script.empty() || scenario.churn;
  if (!scenario.monopoly && (moves || has_sole_server(peers)))
    return bad_input(source + ": /monopoly", "absent",
                     "a group can have one node, so the scenario must say whether that node's price is to hold, to "
                     "ascend, or to ascend to a cap");
  if (scenario.monopoly && scenario.monopoly->rule == MonopolyRule::cap)
    for (std::size_t node = 0; node < peers.size(); ++node)
      if (const Rational price = peers.price(node); price > scenario.monopoly->cap)
        return bad_input(
            source + ": /monopoly/cap", to_string(scenario.monopoly->cap),
            "the cap is below the first price of node " + peers.id(node) + ", which is " + to_string(price));
  std::set<LayerRange> targets(market.blocks.begin(), market.blocks.end());
  for (std::size_t node = 0; node < peers.size(); ++node) targets.insert(peers.layers(node));
  if (scenario.requests)
    if (auto fits = check_requests(scenario, peers, targets, source); !fits) return fits;
  for (std::size_t k = 0; k < scenario.script.size(); ++k)
    for (const auto& [name, range] :
         {std::pair("from", scenario.script[k].from), std::pair("to", scenario.script[k].to)})
      if (!targets.contains(range))
        return bad_input(source + ": /script/" + std::to_string(k) + "/" + name, to_string(range),
                         "no node serves these layers and model.blocks does not list them");
  return {};
}

}  // namespace p2pllm
