#include <algorithm>
#include <set>

#include "model/numbers/rational.hpp"
#include "model/simulation/draws.hpp"
#include "model/simulation/scenario.hpp"

namespace p2pllm {
namespace {

/// A number of one peer: the constant, or what the peer draws.
Rational drawn(const DrawnNumber& number, const Draws& draws, Stream stream, std::uint32_t peer) {
  if (number.least == number.most) return number.least;
  return value_at(number, uniform_of(draws.bits(stream, 0, peer)));
}

bool has_sole_server(const Network& network) {
  return std::ranges::any_of(groups_of(network), [](const Group& group) { return group.nodes.size() == 1; });
}

/// The ticks at which nodes join, while they lie in the run (SIM-19).
std::vector<std::int64_t> join_ticks(const Scenario& scenario, const Draws& draws) {
  std::vector<std::int64_t> ticks;
  if (!scenario.churn || scenario.churn->joins_per_step.sign() == 0) return ticks;
  const Rational mean = Rational(scenario.step_ticks) / scenario.churn->joins_per_step;
  const std::int64_t end = scenario.steps * scenario.step_ticks;
  for (std::int64_t tick = 0;;) {
    tick += exponential_ticks(draws.bits(Stream::joins, ticks.size() + 1, 0), mean);
    if (tick > end) return ticks;
    ticks.push_back(tick);
  }
}

/// The step that has a tick (SIM-2).
std::int64_t step_of(const Scenario& scenario, std::int64_t tick) {
  return (tick + scenario.step_ticks - 1) / scenario.step_ticks;
}

std::string number_id(std::int64_t layer, std::int64_t k) {
  return "layer" + std::to_string(layer + 1) + "-" + (k < 9 ? "0" : "") + std::to_string(k + 1);
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

Result<void> check_requests(const Scenario& scenario, const Network& network, const std::set<LayerRange>& targets,
                            const std::string& source) {
  const RequestPlan& plan = *scenario.requests;
  const Rational expected = plan.per_step * Rational(scenario.steps);
  if (!network.latency.empty() || !network.clients.empty())
    return bad_input(source + ": /requests", "latencies or clients",
                     "requests are simulated in networks without latencies and clients only");
  for (const Node& node : network.nodes)
    if (node.cost * Rational(plan.cost_ticks) > Rational(ticks_max))
      return bad_input(source + ": /requests/cost_ticks", std::to_string(plan.cost_ticks),
                       "node " + node.id + " would need more than 10^15 ticks for a request");
  // Of so many requests, whose number is Poisson's and whose services may take 46 times as long, no tick exceeds 2^62.
  constexpr std::int64_t busy_ticks_max = 10'000'000'000'000'000;
  constexpr int at_least = 100;
  for (const Node& node : network.nodes)
    if ((expected + Rational(at_least)) * node.cost * Rational(plan.cost_ticks) > Rational(busy_ticks_max))
      return bad_input(source + ": /requests/cost_ticks", std::to_string(plan.cost_ticks),
                       "all requests together could keep node " + node.id + " busy for more than 10^16 ticks");
  constexpr std::int64_t services_max = 1'000'000'000;  // a chain that waits takes four bytes for each
  if (expected * Rational(static_cast<std::int64_t>(targets.size())) > Rational(services_max))
    return bad_input(source + ": /requests/poisson_per_step", to_string(plan.per_step),
                     "requests times ranges may be at most 10^9");
  if (plan.mode == RequestMode::boltzmann && !is_one_chain(targets, network.layers))
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

Network generated_network(const Scenario& scenario, std::uint64_t seed) {
  const auto& generated = std::get<GeneratedNetwork>(scenario.network);
  const Draws draws(seed);
  Network network;
  network.model_name = scenario.name;
  network.layers = static_cast<std::int64_t>(generated.counts.size());
  network.alpha = scenario.alpha;
  network.price_scale = scenario.price_scale;
  network.cost_scale = scenario.cost_scale;
  network.temperature = scenario.temperature;
  network.nodes.reserve(static_cast<std::size_t>(generated.peers()));
  const auto add = [&](std::string id, const LayerRange& layers) {
    const auto peer = static_cast<std::uint32_t>(network.nodes.size());
    network.nodes.push_back({std::move(id), layers, drawn(generated.cost, draws, Stream::costs, peer),
                             drawn(generated.price, draws, Stream::posted_prices, peer)});
  };
  for (std::int64_t layer = 0; layer < network.layers; ++layer) {
    network.blocks.push_back({layer, layer + 1});
    for (std::int64_t k = 0; k < generated.counts[static_cast<std::size_t>(layer)]; ++k)
      add(number_id(layer, k), network.blocks.back());
  }
  const std::size_t joiners = join_ticks(scenario, draws).size();
  for (std::size_t k = 1; k <= joiners; ++k) add("joined-" + std::to_string(k), network.blocks.front());
  return network;
}

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

Result<void> check_scenario(const Scenario& scenario, const Network& network, const std::string& source) {
  const std::optional<Rational>& alpha = scenario.alpha ? scenario.alpha : network.alpha;
  if (!alpha) return bad_input(source + ": /alpha", "absent", "neither the scenario nor its network states alpha");
  const Rational rate = scenario.prices.eta * *alpha / (network.price_scale * network.temperature);
  if (rate > Rational(rate_max))
    return bad_input(source + ": /prices/eta", to_string(scenario.prices.eta),
                     "eta times the price sensitivity is " + to_string(rate) + "; above 4 a price may become negative");
  if (const auto peers = static_cast<std::int64_t>(network.size());
      scenario.steps > 0 && peers > peer_steps_max / scenario.steps)
    return bad_input(source + ": /steps", std::to_string(scenario.steps), "peers times steps may be at most 10^12");
  const bool moves = scenario.migration || !scenario.script.empty() || scenario.churn;
  if (!scenario.monopoly && (moves || has_sole_server(network)))
    return bad_input(source + ": /monopoly", "absent",
                     "a group can have one node, so the scenario must say whether that node's price is to hold, to "
                     "ascend, or to ascend to a cap");
  if (scenario.monopoly && scenario.monopoly->rule == MonopolyRule::cap)
    for (const Node& node : network.nodes)
      if (node.price > scenario.monopoly->cap)
        return bad_input(source + ": /monopoly/cap", to_string(scenario.monopoly->cap),
                         "the cap is below the first price of node " + node.id + ", which is " + to_string(node.price));
  std::set<LayerRange> targets(network.blocks.begin(), network.blocks.end());
  for (const Node& node : network.nodes) targets.insert(node.layers);
  if (scenario.requests)
    if (auto fits = check_requests(scenario, network, targets, source); !fits) return fits;
  for (std::size_t k = 0; k < scenario.script.size(); ++k)
    for (const auto& [name, range] :
         {std::pair("from", scenario.script[k].from), std::pair("to", scenario.script[k].to)})
      if (!targets.contains(range))
        return bad_input(source + ": /script/" + std::to_string(k) + "/" + name, to_string(range),
                         "no node serves these layers and model.blocks does not list them");
  return {};
}

}  // namespace p2pllm
