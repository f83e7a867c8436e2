#include "bench/random_market.hpp"

#include <random>

namespace p2pllm::bench {
namespace {

/// Draws rationals in [least, most) thousandths.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed) {}
  Rational thousandths(long least, long most) {
    return {least + static_cast<long>(engine_() % static_cast<std::uint64_t>(most - least)), 1000};
  }

 private:
  std::mt19937_64 engine_;  // its sequence is fixed by the standard
};

}  // namespace

Network random_market(const MarketShape& shape, std::uint64_t seed) {
  Draw draw(seed);
  Network network;
  network.model_name = "random";
  network.layers = shape.layers;
  network.alpha = Rational(1, 2);
  for (std::size_t i = 0; i < shape.nodes; ++i) {
    const std::int64_t layer = static_cast<std::int64_t>(i) % shape.layers;
    network.nodes.push_back(
        {"n" + std::to_string(i), {layer, layer + 1}, draw.thousandths(1000, 50000), draw.thousandths(500, 3000)});
  }
  if (!shape.latency) return network;
  network.latency.resize(shape.nodes);
  for (auto& row : network.latency)
    for (std::size_t j = 0; j < shape.nodes; ++j) row.push_back(draw.thousandths(1000, 150000));
  return network;
}

std::string network_text(const Network& network) {
  std::string text = R"({"format":"p2pllm-network/1","model":{"name":"random","layers":)" +
                     std::to_string(network.layers) + R"(},"alpha":"1/2","nodes":[)";
  for (const Node& node : network.nodes) {
    if (&node != &network.nodes.front()) text += ",\n";
    text += R"({"id":")" + node.id + R"(","layers":[)" + std::to_string(node.layers.first) + "," +
            std::to_string(node.layers.last) + R"(],"cost":)" + to_decimal(node.cost, 10) + R"(,"price":)" +
            to_decimal(node.price, 10) + "}";
  }
  return text + "]}";
}

}  // namespace p2pllm::bench
