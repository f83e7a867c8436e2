#include "proofs/claims_witnesses.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include "reference/market/demand_rules.hpp"
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

Witness table_one_is_slower() {
  // Equal nodes stay equal, so Eq. 5 is p + (1/n)(1 - p (n - 1) / (2 n)): rational.
  Rational least = 3;
  for (long n = 7; n <= 10; ++n) {
    Rational price = 1;
    for (int step = 0; step < 100; ++step)
      price = reference::ascent_step(price, Rational(1), reference::revenue_gradient(half, price, Rational(1, n)));
    least = std::min(least, price);
  }
  if (!(least > Rational(22, 10))) return std::nullopt;
  return "eta = 1, equal costs, 7 to 10 nodes a layer: after 100 steps every price exceeds " + decimal(least) +
         "; Table 1 prints 1.92 and 1.80";
}

}  // namespace p2pllm::proofs
