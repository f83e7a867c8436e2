#include "properties/generators/migration.hpp"

#include <algorithm>

namespace p2pllm::properties {
namespace {

std::int64_t last_index(std::size_t size) { return static_cast<std::int64_t>(size) - 1; }

std::vector<std::size_t> served(const Network& network, const LayerRange& range) {
  std::vector<std::size_t> nodes;
  for (std::size_t i = 0; i < network.size(); ++i)
    if (network.nodes[i].layers == range) nodes.push_back(i);
  return nodes;
}

/// Gives a node the demand weight w > 0, half of it by its cost if its present cost is too much.
void set_weight(MigrationCase& market, std::size_t i, const Rational& w) {
  Network& network = market.network;
  Node& node = network.nodes[i];
  const Rational per_price = market.alpha / (network.price_scale * network.temperature);
  const Rational per_cost = (Rational(1) - market.alpha) / (network.cost_scale * network.temperature);
  if (per_cost * node.cost >= w) node.cost = w / (Rational(2) * per_cost);
  node.price = (w - per_cost * node.cost) / per_price;
}

/// The two loads between which a node is tuned: the keys of other nodes on its side, and those on the opposite side.
struct Balance {
  std::size_t tuned;
  std::vector<Rational> beside;
  std::vector<Rational> against;
  bool at_target;  ///< the tuned node serves the target, not the range of the node that considers moving
};

/// Tunes the cost of a node so that the loads tie or nearly do. @returns whether that takes a positive weight
bool tune_share(const Balance& balance, NearBalance& near) {
  Rational weight(0);
  for (const Rational& cost : balance.against) weight += Rational(1) / cost;
  for (const Rational& cost : balance.beside) weight -= Rational(1) / cost;
  if (weight.sign() <= 0) return false;
  const Rational tie = Rational(1) / weight;
  const Rational cost = draw_neighbour(tie, draw_side());
  near.market.network.nodes[balance.tuned].cost = cost;
  if (cost == tie) near.side = Side::exact;
  else near.side = (cost < tie) == balance.at_target ? Side::above : Side::below;
  near.is_close = cost != tie && abs(cost / tie - Rational(1)) < Rational(1, 1'000'000'000'000);
  return true;
}

/// Does the same for its demand weight. The tie is the logarithm of a sum of exponentials, which is no rational unless
/// the tuned node is the only one on its side and faces one; so a convergent of it is taken.
bool tune_revenue(const Balance& balance, NearBalance& near) {
  constexpr long bits = 800;
  Interval rest(Rational(0), bits);
  for (const Rational& w : balance.against) rest += exp(Interval(-w, bits));
  for (const Rational& w : balance.beside) rest -= exp(Interval(-w, bits));
  if (!certainly(rest > Interval(Rational(0), bits))) return false;
  const Interval tie = -log(rest);
  if (!certainly(tie > Interval(Rational(0), bits))) return false;
  const auto lower = convergents(*tie.lower());
  const auto upper = convergents(*tie.upper());
  std::size_t common = 0;
  while (common < std::min(lower.size(), upper.size()) && lower[common] == upper[common]) ++common;
  if (common < 4) return false;
  // The last common ones may be those of the ends, not of the logarithm.
  const auto k = static_cast<std::size_t>(draw_integer(0, std::min<std::int64_t>(last_index(common) - 2, 90)));
  if (lower[k].sign() == 0) return false;
  set_weight(near.market, balance.tuned, lower[k]);
  // Even convergents are below the logarithm: there the node weighs more.
  near.side = (k % 2 == 0) == balance.at_target ? Side::above : Side::below;
  near.by_logarithm = true;
  const Interval off = tie - Interval(lower[k], bits);
  const Interval close(Rational(1, 1'000'000'000'000), bits);
  near.is_close = certainly(off < close) && certainly(-off < close);
  return true;
}

/// Gives the rivals at the target, if as many as here, equal demand weights made of other costs and prices.
bool mirror(const std::vector<std::size_t>& rivals, const std::vector<std::size_t>& there, NearBalance& near) {
  if (rivals.empty() || rivals.size() != there.size()) return false;
  const auto keys = near.market.weights().keys;
  for (std::size_t k = 0; k < there.size(); ++k) set_weight(near.market, there[k], keys[rivals[rivals.size() - 1 - k]]);
  near.side = Side::exact;
  return true;
}

}  // namespace

MigrationCase draw_migration() {
  MigrationCase result;
  result.network =
      draw_network({.layout = draw_integer(0, 3) == 0 ? NetworkShape::Layout::blocks : NetworkShape::Layout::layered,
                    .nodes_max = 10,
                    .layers_max = 4,
                    .legs = false});
  Network& network = result.network;
  for (std::int64_t x = 0; x < network.layers; ++x) {
    if (draw_coin()) network.blocks.push_back({x, x + 1});
    if (x + 2 <= network.layers && draw_integer(0, 3) == 0) network.blocks.push_back({x, x + 2});
  }
  result.alpha = draw_alpha();
  result.rule = draw_coin() ? MigrationRule::share : MigrationRule::revenue;
  // Occasionally, one range gets weights that suit the program's intervals but not the checker's exponentials.
  if (result.alpha.sign() > 0 && !network.nodes.empty() && draw_integer(0, 5) == 0)
    for (const std::size_t i : served(network, network.nodes.front().layers))
      network.nodes[i].price += Rational(30'000) * network.price_scale * network.temperature / result.alpha;
  return result;
}

std::optional<NearBalance> draw_near_balance() {
  NearBalance near{draw_migration(), 0, {}, Side::exact, false, false, false};
  Network& network = near.market.network;
  // At alpha 0 no price tunes a weight.
  if (network.size() < 3 || near.market.alpha.sign() == 0) return std::nullopt;
  // The prices are high enough for every sum of e^-w to be below 1, so that its logarithm is a demand weight.
  if (near.market.rule == MigrationRule::revenue)
    for (Node& node : network.nodes)
      node.price += Rational(3) * network.price_scale * network.temperature / near.market.alpha;
  near.node = static_cast<std::size_t>(draw_integer(0, last_index(network.size())));
  const LayerRange here = network.nodes[near.node].layers;
  std::vector<LayerRange> targets;
  for (const Node& node : network.nodes)
    if (node.layers != here && node.layers.last - node.layers.first == here.last - here.first)
      targets.push_back(node.layers);
  if (targets.empty()) return std::nullopt;
  near.target = targets[static_cast<std::size_t>(draw_integer(0, last_index(targets.size())))];
  std::vector<std::size_t> rivals = served(network, here);
  if (draw_coin()) {  // the node that a certificate compares (MIG-9)
    const auto all = near.market.weights().keys;
    near.node = *std::max_element(rivals.begin(), rivals.end(),
                                  [&all](std::size_t i, std::size_t j) { return all[i] < all[j]; });
  }
  std::erase(rivals, near.node);
  const std::vector<std::size_t> there = served(network, near.target);

  const bool by_share = near.market.rule == MigrationRule::share;
  if (!by_share && draw_integer(0, 3) == 0 && mirror(rivals, there, near)) return near;
  for (const bool at_target : {true, false}) {
    const std::vector<std::size_t>& own = at_target ? there : rivals;
    const std::vector<std::size_t>& others = at_target ? rivals : there;
    if (own.empty()) continue;
    auto keys = near.market.weights().keys;
    const bool alike = !by_share && others.size() > 1 && own.size() == 1 && draw_coin();
    if (alike)
      for (const std::size_t i : others) set_weight(near.market, i, keys[others.front()]);
    keys = near.market.weights().keys;
    const auto keys_of = [&](const std::vector<std::size_t>& nodes) {
      std::vector<Rational> result;
      for (const std::size_t i : nodes)
        if (i != own.front()) result.push_back(keys[i]);
      return result;
    };
    const Balance balance{own.front(), keys_of(own), keys_of(others), at_target};
    near.is_multiple = alike;
    if (by_share ? tune_share(balance, near) : tune_revenue(balance, near)) return near;
  }
  return std::nullopt;
}

}  // namespace p2pllm::properties
