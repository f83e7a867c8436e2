#include "proofs/claims_witnesses.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <vector>

#include "model/contracts/step_executor.hpp"
#include "reference/market/demand_rules.hpp"
#include "reference/market/equilibrium_rules.hpp"
#include "reference/market/migrate.hpp"
#include "reference/market/pareto.hpp"
#include "reference/market/route.hpp"
#include "reference/market/solve.hpp"
#include "reference/market/verify.hpp"

namespace p2pllm::proofs {
namespace {

const Rational half(1, 2);

struct Peer {
  std::int64_t layer;
  Rational cost;
  Rational price;
};

/// One-layer nodes; alpha 1/2.
Network network_of(std::int64_t layers, const std::vector<Peer>& peers) {
  Network network;
  network.layers = layers;
  for (const Peer& peer : peers)
    network.nodes.push_back(
        {"n" + std::to_string(network.size()), {peer.layer, peer.layer + 1}, peer.cost, peer.price});
  return network;
}

std::string decimal(const Rational& value) { return to_decimal(value, 4); }
std::string range(const Enclosure& value) {
  return "[" + to_decimal(value.lower, 5, Rounding::down) + ", " + to_decimal(value.upper, 5, Rounding::up) + "]";
}

/// Algorithm 1 as printed calls itself for every successor, visited or not: the number of calls on `layers` layers of
/// two nodes each.
std::uint64_t printed_calls(int layers) { return layers == 0 ? 0 : 1 + 2 * printed_calls(layers - 1); }

}  // namespace

Witness printed_sort_is_exponential() {
  const std::uint64_t calls = 2 * printed_calls(16);
  if (calls != 131070) return std::nullopt;
  return "16 layers of 2 nodes, 32 vertices: Algorithm 1 as printed makes " + std::to_string(calls) + " calls";
}

Witness unsupported_point() {
  const Network network = network_of(1, {{0, 11, 2}, {0, 8, 4}, {0, 7, 7}, {0, 4, 9}});
  const auto answer = reference::pareto(network, {});
  const auto* frontier = answer ? std::get_if<Frontier>(&*answer) : nullptr;
  if (frontier == nullptr || frontier->points.size() != 4) return std::nullopt;
  if (frontier->points[2].kind != PointClass::unsupported) return std::nullopt;
  return "four chains of (price, time) (2, 11), (4, 8), (7, 7), (9, 4): the third is Pareto-optimal and of least "
         "weight at no alpha";
}

Witness sole_server_has_no_equilibrium() {
  const Network network = network_of(1, {{0, 1, 1}});
  const auto report = reference::verify(network, posted_prices(network), half, Tolerance{});
  if (report.verdict != p2pllm::Verdict::no_equilibrium) return std::nullopt;
  return "one node: its share is 1 whatever it charges, and R(p) = p has no maximum";
}

namespace {

std::optional<reference::MigrationWeights> share(const Network& network) { return reference::share_weights(network); }

/// Nodes of a group at equilibrium, by node.
std::optional<std::vector<EquilibriumNode>> equilibrium(const Network& network) {
  const auto groups = reference::solve(network, half, 64);
  if (!groups) return std::nullopt;
  std::vector<EquilibriumNode> nodes;
  for (const EquilibriumGroup& group : *groups) nodes.insert(nodes.end(), group.nodes.begin(), group.nodes.end());
  std::ranges::sort(nodes, {}, &EquilibriumNode::node);
  return nodes;
}

}  // namespace

Witness moving_lowers_revenue() {
  Network network = network_of(2, {{0, 41, 1}, {0, 8, 1}, {1, 46, 1}, {1, 35, 1}});
  network.cost_scale = 50;
  const auto migration = reference::migrate(network, *share(network));
  if (!migration || migration->moves.front() != Move{0, {0, 1}, {1, 2}}) return std::nullopt;
  const auto before = equilibrium(network);
  network.nodes[0].layers = {1, 2};
  const auto after = equilibrium(network);
  if (!before || !after || !(after->front().revenue.upper < before->front().revenue.lower)) return std::nullopt;
  return "costs over 50: the node of cost 41 leaves {8} for {46, 35} as Eq. 8 bids; its revenue at the equilibrium "
         "falls from " +
         range(before->front().revenue) + " to " + range(after->front().revenue);
}

namespace {

/// The least quotient of capacity and share at the price equilibrium (SIM-16); a sole server has the share 1.
std::optional<Enclosure> throughput(const Network& network) {
  const auto nodes = equilibrium(network);
  if (!nodes) return std::nullopt;
  std::vector<Enclosure> shares(network.size(), Enclosure{1, 1});
  for (const EquilibriumNode& node : *nodes) shares[node.node] = node.share;
  std::optional<Enclosure> least;
  for (std::size_t i = 0; i < network.size(); ++i) {
    const Rational capacity = Rational(1) / network.nodes[i].cost;
    const Enclosure own{capacity / shares[i].upper, capacity / shares[i].lower};
    least = least ? Enclosure{minimum(least->lower, own.lower), minimum(least->upper, own.upper)} : own;
  }
  return least;
}

}  // namespace

Witness throughput_falls() {
  Network network = network_of(2, {{0, 1, 1}, {0, 1, 1}, {0, 10, 1}, {1, 1, 1}});
  network.cost_scale = 50;
  const auto migration = reference::migrate(network, *share(network));
  if (!migration || migration->moves != std::vector<Move>{{0, {0, 1}, {1, 2}}}) return std::nullopt;
  const auto least = [&](const Allocation& allocation) {
    const auto loads = reference::loads_of(network, *share(network), allocation);
    return std::min(loads[0].load.lower, loads[1].load.lower);
  };
  const Rational load_before = least(reference::initial_allocation(network)), load_after = least(migration->allocation);
  const auto before = throughput(network);
  network.nodes[0].layers = {1, 2};
  const auto after = throughput(network);
  if (!before || !after || !(after->upper < before->lower) || !(load_before < load_after)) return std::nullopt;
  return "costs {1, 1, 10} and {1} over 50: a node of cost 1 moves, and the least load rises from " +
         to_string(load_before) + " to " + to_string(load_after) +
         "; the rate at which the first node has no time left falls from " + range(*before) + " to " + range(*after);
}

Witness false_cost_pays() {
  Network network = network_of(1, {{0, 40, 1}, {0, 20, 1}, {0, 20, 1}});
  network.cost_scale = 50;
  const auto honest = equilibrium(network);
  network.nodes[0].cost = 10;
  const auto declared = equilibrium(network);
  if (!honest || !declared || !(honest->front().revenue.upper < declared->front().revenue.lower)) return std::nullopt;
  return "costs {40, 20, 20} over 50: a node of cost 40 that declares 10 has at the equilibrium the revenue " +
         range(declared->front().revenue) + " and not " + range(honest->front().revenue);
}

Witness splitting_pays() {
  const auto whole = equilibrium(network_of(1, std::vector<Peer>(3, {0, 3, 1})));
  const auto split = equilibrium(network_of(1, std::vector<Peer>(4, {0, 3, 1})));
  if (!whole || !split) return std::nullopt;
  const Enclosure one = whole->front().revenue;
  const Enclosure two{(*split)[0].revenue.lower + (*split)[1].revenue.lower,
                      (*split)[0].revenue.upper + (*split)[1].revenue.upper};
  if (!(one.upper < two.lower)) return std::nullopt;
  return "one of three equal nodes earns " + range(one) + " at the equilibrium; as two of four such nodes it earns " +
         range(two);
}

Witness rest_is_not_optimal() {
  const Network network = network_of(2, {{0, 2, 1}, {1, 2, 1}, {0, 3, 1}, {0, 3, 1}, {1, 3, 1}});
  const auto gains = reference::gaining_moves(network, *share(network), reference::initial_allocation(network));
  if (!gains || !gains->empty()) return std::nullopt;
  const auto rest = reference::loads_of(network, *share(network), reference::initial_allocation(network));
  const auto best = reference::loads_of(network, *share(network), {{0, 1}, {0, 1}, {1, 2}, {1, 2}, {1, 2}});
  const auto least = [](const std::vector<RangeLoad>& loads) {
    return std::min(loads[0].load.lower, loads[1].load.lower);
  };
  if (!(least(rest) < least(best))) return std::nullopt;
  return "costs {2, 3, 3} and {2, 3} are at rest with least load " + to_string(least(rest)) +
         "; {2, 2} and {3, 3, 3} have " + to_string(least(best));
}

namespace {

/// 28 nodes at the paper's starting point, with 10, 4, 10 and 4 per layer.
Network paper_start(const std::function<Rational()>& cost) {
  std::vector<Peer> peers;
  const int counts[] = {10, 4, 10, 4};
  for (std::int64_t layer = 0; layer < 4; ++layer)
    for (int k = 0; k < counts[layer]; ++k) peers.push_back({layer, cost(), 1});
  return network_of(4, peers);
}

bool ends_seven_each(const Network& network) {
  const auto migration = reference::migrate(network, *share(network));
  if (!migration) return false;
  const auto loads = reference::loads_of(network, *share(network), migration->allocation);
  return std::ranges::all_of(loads, [](const RangeLoad& load) { return load.nodes == 7; });
}

/// A fixed sequence of costs in (1, 50), in thousandths.
std::function<Rational()> costs(std::uint64_t seed) {
  return [state = seed]() mutable {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return Rational(1001 + static_cast<long>((state >> 33) % 48999), 1000);
  };
}

}  // namespace

Witness equal_costs_end_seven_each() {
  if (!ends_seven_each(paper_start([] { return Rational(3); }))) return std::nullopt;
  return "28 nodes of one cost from 10, 4, 10, 4 end as 7, 7, 7, 7";
}

Witness random_costs_do_not() {
  constexpr int runs = 500;
  int seven = 0;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) seven += ends_seven_each(paper_start(costs(seed))) ? 1 : 0;
  if (seven * 20 > runs) return std::nullopt;  // not even one in twenty
  return "of " + std::to_string(runs) + " draws of costs in (1, 50), " + std::to_string(seven) + " end as 7, 7, 7, 7";
}

namespace {

Network seven(const std::function<Rational()>& cost) {
  std::vector<Peer> peers;
  peers.reserve(7);
  for (int k = 0; k < 7; ++k) peers.push_back({0, cost(), Rational(7, 3)});
  return network_of(1, peers);
}

/// Bounds of the average equilibrium price.
std::optional<Enclosure> average_price(const Network& network) {
  const auto nodes = equilibrium(network);
  if (!nodes) return std::nullopt;
  Enclosure sum{0, 0};
  for (const EquilibriumNode& node : *nodes) sum = {sum.lower + node.price.lower, sum.upper + node.price.upper};
  return Enclosure{sum.lower / Rational(7), sum.upper / Rational(7)};
}

}  // namespace

Witness equal_costs_price_seven_thirds() {
  const Network network = seven([] { return Rational(3); });
  const auto report = reference::verify(network, posted_prices(network), half, Tolerance{0, false});
  if (report.verdict != p2pllm::Verdict::equilibrium) return std::nullopt;
  return "seven nodes of one cost at 7/3 = 2.333.. are an exact equilibrium";
}

Witness unscaled_costs_price_more() {
  const auto average = average_price(seven(costs(1)));
  if (!average || !(average->lower > Rational(235, 100))) return std::nullopt;
  return "seven costs drawn from (1, 50), taken as they are: average price in " + range(*average);
}

Witness routing_is_not_boltzmann() {
  // Weights 1 and 2 at alpha 1/2.
  const Network network = network_of(1, {{0, 1, 1}, {0, 2, 2}});
  const auto answer = reference::route(network, half, {});
  const auto* route = answer ? std::get_if<OptimalRoute>(&*answer) : nullptr;
  const auto report = reference::verify(network, posted_prices(network), half, Tolerance{});
  const auto& share_of_first = report.groups[0].nodes[0].share;
  if (route == nullptr || route->chain.nodes != std::vector<std::size_t>{0}) return std::nullopt;
  if (!share_of_first || !(share_of_first->upper < Rational(3, 4))) return std::nullopt;
  return "weights 1 and 2: the first is on every optimal path, Eq. 3 gives it " + range(*share_of_first);
}

namespace {

/// The price of `n` equal nodes after some steps of Eq. 5 at alpha 1/2. Equal nodes stay equal, so that it is rational.
Rational equal_nodes_after(long n, Rational price, const Rational& rate, int steps) {
  for (int step = 0; step < steps; ++step)
    price = reference::ascent_step(price, rate, reference::revenue_gradient(half, price, Rational(1, n)));
  return price;
}

}  // namespace

Witness table_one_is_slower() {
  // The price rises in every step (SIM-12), so that no later step prints it either.
  std::vector<int> counts;
  for (int steps = 0; steps <= 100; ++steps)
    if (round_decimal(equal_nodes_after(10, 1, 1, steps), 3) == Rational(180, 100)) counts.push_back(steps);
  const Rational after = equal_nodes_after(10, 1, 1, 100);
  if (counts != std::vector<int>{23} || !(after > Rational(22, 10))) return std::nullopt;
  return "ten equal nodes, as layer 3 has to step 100, are at the printed 1.80 after 23 steps of eta = 1 and no other "
         "number; after 100 they are at " +
         decimal(after);
}

Witness no_rate_prints_two_rows() {
  // Row 100 has 1.80, which ten nodes exceed from this rate on. Row 500 has 2.29, which even eight nodes that begin at
  // the greatest price of row 100 do not reach at this rate or a smaller one.
  const Rational pivot(238, 1000), most(1805, 1000), least(2285, 1000);
  const Rational early = equal_nodes_after(10, 1, pivot, 100), late = equal_nodes_after(8, most, pivot, 400);
  if (!(early > most) || !(late < least)) return std::nullopt;
  return "layer 3: at eta = " + decimal(pivot) + " ten equal nodes are at " + decimal(early) +
         " after 100 steps, above the printed 1.80, and eight that begin at " + decimal(most) + " are at " +
         decimal(late) +
         " after 400 more, below the printed 2.29; a greater rate only raises the first, and a smaller one "
         "only lowers the second";
}

Witness row_500_is_at_rest() {
  const std::vector<std::pair<long, long>> printed = {{7, 233}, {6, 240}, {8, 229}, {7, 233}};  // in hundredths
  std::string list;
  for (const auto& [n, hundredths] : printed) {
    const Rational price(hundredths, 100);
    if (round_decimal(reference::symmetric_price(Rational(n), half), 3) != price) return std::nullopt;
    list += (list.empty() ? "" : ", ") + std::to_string(n) + " nodes at " + decimal(price);
  }
  return "n / (a (n - 1)) has the printed digits: " + list;
}

namespace {

/// Executes a step as any provider does, and keeps what it was given.
Bytes execute_curiously(const contracts::StepOfTerms& step, const Bytes& state, Bytes& seen) {
  seen = state;
  return contracts::SampleExecutor::micro_states(step, state).back();
}

constexpr std::size_t width = 4;

/// The row of a token in an embedding of integers.
Bytes embedding(unsigned token) {
  Bytes row;
  for (const unsigned number : {7 * token + 3, token * token + 1, 11 * token, token * token * token})
    row.push_back(static_cast<std::uint8_t>(number % 251));
  return row;
}

}  // namespace

Witness first_layer_reads_the_prompt() {
  const std::vector<std::string> words = {"my", "pin", "is", "not", "the", "a", "0", "1",
                                          "2",  "3",   "4",  "5",   "6",   "7", "8", "9"};
  std::map<Bytes, unsigned> token_of;
  for (unsigned token = 0; token < words.size(); ++token) token_of[embedding(token)] = token;
  if (token_of.size() != words.size()) return std::nullopt;  // two tokens have one row
  const std::vector<unsigned> prompt = {0, 1, 2, 10, 6, 8, 13};
  Bytes input, seen;
  for (const unsigned token : prompt) {
    const Bytes row = embedding(token);
    input.insert(input.end(), row.begin(), row.end());
  }
  // Its output is that of any provider, so nobody notices.
  const contracts::StepOfTerms first{{}, {0, 1}, 0, 1, 1};
  const Bytes output = execute_curiously(first, input, seen);
  if (output != contracts::SampleExecutor::micro_states(first, input).back()) return std::nullopt;
  std::vector<unsigned> read;
  std::string text;
  for (std::size_t at = 0; at + width <= seen.size(); at += width) {
    const auto row = seen.begin() + static_cast<std::ptrdiff_t>(at);
    const auto found = token_of.find(Bytes(row, row + width));
    if (found == token_of.end()) return std::nullopt;
    read.push_back(found->second);
    text += (text.empty() ? "" : " ") + words[found->second];
  }
  if (read != prompt) return std::nullopt;
  return "16 tokens with distinct rows of 4 integers: from the bytes on which it executes its step, the provider of "
         "layer "
         "0 reads \"" +
         text + "\" by a lookup, and its output is the right one";
}

}  // namespace p2pllm::proofs
