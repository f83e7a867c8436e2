#include "properties/generators/network.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <stdexcept>

#include "model/encoding/json.hpp"

namespace p2pllm::properties {
namespace {

rc::Gen<std::int64_t> uniform(std::int64_t least, std::int64_t most) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(least, most + 1));
}

/// Small numbers from which a node is made; shrinking them keeps the node valid.
struct NodeSeed {
  std::int64_t start = 0;
  std::int64_t length = 0;
  std::int64_t cost = 0;
  std::int64_t price = 0;
  std::int64_t salt = 0;  // decides its latencies with others
};

void showValue(const NodeSeed& seed, std::ostream& out) {
  out << seed.start << "/" << seed.length << "/" << seed.cost << "/" << seed.price << "/" << seed.salt;
}

rc::Gen<NodeSeed> node_seed() {
  return rc::gen::exec([] {
    return NodeSeed{*uniform(0, 59), *uniform(0, 59), *uniform(0, 999), *uniform(0, 999), *uniform(0, 999)};
  });
}

Rational power_of_ten(std::int64_t exponent) {
  Rational result(1);
  for (std::int64_t k = 0; k < std::abs(exponent); ++k) result *= Rational(10);
  return exponent < 0 ? Rational(1) / result : result;
}

/// The style of all numbers of one kind in a network.
enum class Palette { tiny, small, fractions, equal, wide, extremes };

/// A number >= 0 from a seed in 0 .. 999; equal seeds give equal numbers.
Rational coloured(Palette palette, std::int64_t seed) {
  switch (palette) {
    case Palette::tiny: return Rational(seed % 3);
    case Palette::small: return Rational(seed % 20);
    case Palette::fractions: return Rational(seed, 7 * (1 + seed % 9));
    case Palette::equal: return Rational(2);
    case Palette::wide: return Rational(seed * 9);
    case Palette::extremes: return Rational(seed % 9) * power_of_ten(seed / 9 % 19 - 9);
  }
  return Rational(0);
}

Palette draw_palette(bool extremes) {
  if (draw_coin()) return Palette::tiny;  // makes ties common
  return static_cast<Palette>(draw_integer(0, extremes ? 5 : 4));
}

/// A range of one or two blocks, of which the model has at most three.
LayerRange block_range(const NodeSeed& seed, std::int64_t layers) {
  const std::int64_t blocks = std::min<std::int64_t>(layers, 3);
  const std::int64_t first = seed.start % blocks;
  const std::int64_t last = std::min(blocks, first + (seed.length % 6 == 0 ? 2 : 1));
  return {first * layers / blocks, last * layers / blocks};
}

LayerRange free_range(const NodeSeed& seed, std::int64_t layers) {
  const std::int64_t first = seed.start % layers;
  return {first, first + 1 + seed.length % (layers - first)};
}

LayerRange range_for(NetworkShape::Layout layout, const NodeSeed& seed, std::int64_t layers) {
  if (layout == NetworkShape::Layout::ranges) return free_range(seed, layers);
  if (layout == NetworkShape::Layout::blocks) return block_range(seed, layers);
  return {seed.start % layers, seed.start % layers + 1};
}

std::vector<Rational> legs_from(Palette palette, const std::vector<NodeSeed>& seeds, std::int64_t stir) {
  std::vector<Rational> legs;
  for (const NodeSeed& seed : seeds) legs.push_back(coloured(palette, (seed.salt * 7 + stir) % 1000));
  return legs;
}

void add_legs(Network& network, const std::vector<NodeSeed>& seeds, bool extremes) {
  if (draw_integer(0, 2) == 0) {
    const Palette palette = draw_palette(extremes);
    for (std::size_t i = 0; i < seeds.size(); ++i)
      network.latency.push_back(legs_from(palette, seeds, seeds[i].salt * 31));
  }
  const std::int64_t clients = draw_one_of<std::int64_t>({0, 0, 1, 2});
  for (std::int64_t k = 0; k < clients; ++k) {
    const Palette palette = draw_palette(extremes);
    network.clients.push_back({"client" + std::to_string(k), legs_from(palette, seeds, 11 + 17 * k),
                               legs_from(palette, seeds, 101 + 13 * k)});
  }
}

Network network_from(const NetworkShape& shape, NetworkShape::Layout layout, std::int64_t layers,
                     const std::vector<NodeSeed>& seeds) {
  Network network;
  network.model_name = "random";
  network.layers = layers;
  const bool is_any = shape.numbers != NetworkShape::Numbers::moderate;
  const Palette costs = shape.numbers == NetworkShape::Numbers::extreme ? Palette::extremes : draw_palette(is_any);
  const Palette prices = draw_palette(is_any);
  const bool trade_off = draw_coin();  // slower nodes are cheaper: long frontiers
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    const Rational cost = coloured(costs, seeds[i].cost);
    const bool backbone = layout == NetworkShape::Layout::long_chain && i < static_cast<std::size_t>(layers);
    const auto layer = static_cast<std::int64_t>(i);
    network.nodes.push_back(
        {"n" + std::to_string(i), backbone ? LayerRange{layer, layer + 1} : range_for(layout, seeds[i], layers),
         cost.sign() == 0 ? Rational(1) : cost, coloured(prices, trade_off ? 999 - seeds[i].cost : seeds[i].price)});
  }
  if (shape.numbers == NetworkShape::Numbers::extreme && network.size() >= 2 && draw_integer(0, 3) > 0) {
    network.nodes[0].cost = power_of_ten(-9);
    network.nodes[1].cost = power_of_ten(9);
    network.nodes[1].layers = network.nodes[0].layers;
  }
  if (draw_coin()) {
    network.price_scale = draw_one_of<Rational>({1, Rational(1, 5), 10, Rational(7, 3)});
    network.cost_scale = draw_one_of<Rational>({1, 10, Rational(3, 2), 1000});
    network.temperature = draw_one_of<Rational>({1, 2, Rational(1, 3)});
  }
  if (shape.legs) add_legs(network, seeds, is_any);
  return network;
}

}  // namespace

std::int64_t draw_integer(std::int64_t least, std::int64_t most) { return *uniform(least, most); }
bool draw_coin() { return draw_integer(0, 1) == 1; }

Rational draw_positive() {
  const Rational magnitude = coloured(draw_palette(true), draw_integer(1, 999));
  return magnitude.sign() == 0 ? Rational(1) : magnitude;
}

Rational draw_rational() {
  const std::int64_t kind = draw_integer(0, 5);
  if (kind == 0) return Rational(0);
  Rational value = draw_positive();
  if (kind == 1)
    value = value * power_of_ten(draw_integer(-40, 40)) + Rational(draw_integer(0, 1'000'000'007), 998'244'353);
  return draw_coin() ? -value : value;
}

Rational draw_alpha() {
  const std::int64_t kind = draw_integer(0, 5);
  if (kind <= 1) return Rational(kind);
  return draw_inner_alpha();
}

Rational draw_inner_alpha() {
  const std::int64_t below = draw_one_of<std::int64_t>({2, 3, 10, 1000});
  return Rational(draw_integer(1, below - 1), below);
}

Network draw_network(const NetworkShape& shape) {
  NetworkShape::Layout layout = shape.layout;
  if (layout == NetworkShape::Layout::any) layout = static_cast<NetworkShape::Layout>(draw_integer(1, 3));
  const bool is_long = layout == NetworkShape::Layout::long_chain;
  const std::int64_t layers = is_long ? draw_integer(50, 60) : draw_integer(1, shape.layers_max);
  // A long chain has one node on each layer and a few more beside them.
  const std::size_t least = static_cast<std::size_t>(is_long ? layers : shape.nodes_min);
  auto seeds = *rc::gen::container<std::vector<NodeSeed>>(least, node_seed());
  const auto more =
      *rc::gen::resize(shape.nodes_max - shape.nodes_min, rc::gen::container<std::vector<NodeSeed>>(node_seed()));
  seeds.insert(seeds.end(), more.begin(), more.end());
  Network network = network_from(shape, layout, layers, seeds);
  // This is shown with a counterexample.
  RC_LOG() << network_file(network);
  return network;
}

Network draw_large_market(std::size_t nodes, std::int64_t groups, std::int64_t spread) {
  std::mt19937_64 random(static_cast<std::uint64_t>(draw_integer(0, 1'000'000)));
  const auto below = [&random](std::int64_t bound) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
  };
  Network network;
  network.model_name = "large";
  network.layers = groups;
  for (std::size_t i = 0; i < nodes; ++i) {
    const std::int64_t layer = static_cast<std::int64_t>(i) % groups;
    network.nodes.push_back({"n" + std::to_string(i),
                             {layer, layer + 1},
                             Rational(100 + below(100 * (spread - 1) + 1), 100),
                             Rational(below(400), 100)});
  }
  return network;
}

ClientLegs first_client(const Network& network) {
  return {network.clients.empty() ? nullptr : &network.clients.front()};
}

Traits traits_of(const Network& network) {
  Traits traits;
  traits.empty = network.nodes.empty();
  traits.long_chain = network.layers >= 50;
  const auto positive = [](const Rational& value) { return value.sign() > 0; };
  std::map<LayerRange, std::map<Rational, int>> costs;
  for (const Node& node : network.nodes) ++costs[node.layers][node.cost];
  for (const auto& [range, by_cost] : costs) {
    traits.monopoly = traits.monopoly || (by_cost.size() == 1 && by_cost.begin()->second == 1);
    traits.equal_costs = traits.equal_costs || (by_cost.size() == 1 && by_cost.begin()->second > 1);
  }
  if (!network.nodes.empty()) {
    const auto [least, most] = std::minmax_element(network.nodes.begin(), network.nodes.end(),
                                                   [](const Node& a, const Node& b) { return a.cost < b.cost; });
    traits.extreme_ratio = least->cost < power_of_ten(-8) && most->cost >= power_of_ten(9);
  }
  traits.price_zero =
      std::any_of(network.nodes.begin(), network.nodes.end(), [](const Node& node) { return node.price.sign() == 0; });
  for (std::size_t i = 0; i < network.latency.size(); ++i)
    for (std::size_t j = 0; j < network.latency.size(); ++j)
      traits.latency = traits.latency || (i != j && positive(network.latency[i][j]));
  for (const Client& client : network.clients)
    traits.client_legs = traits.client_legs || std::any_of(client.to.begin(), client.to.end(), positive) ||
                         std::any_of(client.from.begin(), client.from.end(), positive);
  return traits;
}

std::string network_file(const Network& network) { return write_network(network); }

Network filed(const Network& network) {
  auto read = read_network(network_file(network), "drawn");
  if (!read) throw std::runtime_error(read.error().message());
  return *std::move(read);
}

std::vector<std::size_t> draw_permutation(std::size_t size) {
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t k = size; k > 1; --k)
    std::swap(order[k - 1], order[static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(k) - 1))]);
  return order;
}

Network permuted(const Network& network, const std::vector<std::size_t>& order) {
  const auto picked = [&order](const std::vector<Rational>& values) {
    std::vector<Rational> result;
    for (const std::size_t i : order) result.push_back(values[i]);
    return result;
  };
  Network result = network;
  for (std::size_t k = 0; k < order.size(); ++k) result.nodes[k] = network.nodes[order[k]];
  if (!network.latency.empty())
    for (std::size_t k = 0; k < order.size(); ++k) result.latency[k] = picked(network.latency[order[k]]);
  for (Client& client : result.clients) {
    client.to = picked(client.to);
    client.from = picked(client.from);
  }
  return result;
}

}  // namespace p2pllm::properties
