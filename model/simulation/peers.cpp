#include "model/simulation/peers.hpp"

#include <algorithm>

namespace p2pllm {
namespace {

/// A number of one peer: the constant, or what the peer draws.
Rational drawn(const DrawnNumber& number, const Draws& draws, Stream stream, std::size_t peer) {
  if (number.least == number.most) return number.least;
  return value_at(number, uniform_of(draws.bits(stream, 0, static_cast<std::uint32_t>(peer))));
}

}  // namespace

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

Peers::Peers(const Scenario& scenario, std::uint64_t seed) : scenario_(&scenario), draws_(seed) {
  market_.model_name = scenario.name;
  market_.layers = static_cast<std::int64_t>(generated().counts.size());
  market_.alpha = scenario.alpha;
  market_.price_scale = scenario.price_scale;
  market_.cost_scale = scenario.cost_scale;
  market_.temperature = scenario.temperature;
  for (std::int64_t layer = 0; layer < market_.layers; ++layer) {
    market_.blocks.push_back({layer, layer + 1});
    size_ += static_cast<std::size_t>(generated().counts[static_cast<std::size_t>(layer)]);
    ends_.push_back(size_);
  }
  size_ += join_ticks(scenario, *draws_).size();
}

/// The number of layers if the node joins later.
std::size_t Peers::layer_of(std::size_t node) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(ends_, node) - ends_.begin());
}

LayerRange Peers::layers(std::size_t node) const {
  if (listed_ != nullptr) return listed_->nodes[node].layers;
  return market_.blocks[layer_of(node) % ends_.size()];
}

Rational Peers::cost(std::size_t node) const {
  return listed_ != nullptr ? listed_->nodes[node].cost : drawn(generated().cost, *draws_, Stream::costs, node);
}

Rational Peers::price(std::size_t node) const {
  if (listed_ != nullptr) return listed_->nodes[node].price;
  return drawn(generated().price, *draws_, Stream::posted_prices, node);
}

std::string Peers::id(std::size_t node) const {
  if (listed_ != nullptr) return listed_->nodes[node].id;
  const std::size_t layer = layer_of(node);
  const std::size_t number = node + 1 - (layer == 0 ? 0 : ends_[layer - 1]);
  if (layer == ends_.size()) return "joined-" + std::to_string(number);
  constexpr std::size_t two_digits = 10;
  return "layer" + std::to_string(layer + 1) + "-" + (number < two_digits ? "0" : "") + std::to_string(number);
}

Network Peers::network() const {
  if (listed_ != nullptr) return *listed_;
  Network network = market_;
  network.nodes.reserve(size_);
  for (std::size_t node = 0; node < size_; ++node)
    network.nodes.push_back({id(node), layers(node), cost(node), price(node)});
  return network;
}

}  // namespace p2pllm
