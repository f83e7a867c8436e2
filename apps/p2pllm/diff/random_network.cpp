#include "apps/p2pllm/diff/random_network.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <utility>

#include "model/assert.hpp"
#include "model/crypto/sha256.hpp"

namespace p2pllm::app {
namespace {

/// Draws by the standard's engine alone: its distributions differ between libraries.
class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t number) {
    std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                        static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32)};
    engine_.seed(words);
  }

  /// Uniform in [least, most] but for a bias below 2^-40 at the ranges used here.
  std::int64_t integer(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(most - least + 1));
  }
  bool one_in(std::int64_t times) { return integer(1, times) == 1; }
  /// A decimal of this many digits after the point, in [least, most] of its last unit.
  Rational decimal(std::int64_t least, std::int64_t most, int digits) {
    return Rational(integer(least, most)) / power_of_ten(digits);
  }
  Rational alpha() {
    const std::int64_t denominator = integer(1, 12);
    return {integer(0, denominator), denominator};
  }
  Rational inner_alpha() {
    const std::int64_t denominator = integer(2, 12);
    return {integer(1, denominator - 1), denominator};
  }

  static Rational power_of_ten(int exponent) {
    mpz_class power;
    mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(std::abs(exponent)));
    return exponent < 0 ? Rational(mpz_class(1), power) : Rational(power);
  }

 private:
  std::mt19937_64 engine_;
};

Network empty_network(std::int64_t layers) {
  Network network;
  network.model_name = "random";
  network.layers = layers;
  return network;
}

void add_node(Network& network, LayerRange layers, Rational cost, Rational price) {
  network.nodes.push_back({"n" + std::to_string(network.size()), layers, std::move(cost), std::move(price)});
}

/// Ranges between few boundaries, so that chains are many and groups have several nodes.
LayerRange draw_range(Draw& draw, std::int64_t layers) {
  const std::int64_t first = draw.integer(0, layers - 1);
  return {first, draw.one_in(2) ? first + 1 : draw.integer(first + 1, layers)};
}

void draw_legs(Draw& draw, Network& network) {
  const auto legs = [&] {
    std::vector<Rational> values;
    for (std::size_t i = 0; i < network.size(); ++i) values.push_back(draw.decimal(0, 8, 1));
    return values;
  };
  if (draw.one_in(3))
    for (std::size_t i = 0; i < network.size(); ++i) network.latency.push_back(legs());
  if (draw.one_in(3)) network.clients.push_back({"client", legs(), legs()});
}

void draw_scales(Draw& draw, Network& network) {
  if (!draw.one_in(3)) return;
  network.price_scale = draw.decimal(1, 30, 1);
  network.cost_scale = draw.decimal(1, 300, 1);
  network.temperature = draw.decimal(5, 20, 1);
}

/// Few layers and few values: many exact ties.
Network small_network(Draw& draw) {
  Network network = empty_network(draw.integer(1, 4));
  const std::int64_t nodes = draw.integer(0, 9);
  const std::int64_t values = draw.one_in(2) ? 3 : 40;
  for (std::int64_t i = 0; i < nodes; ++i)
    add_node(network, draw_range(draw, network.layers), draw.decimal(1, values, 1), draw.decimal(0, values, 1));
  for (std::int64_t k = draw.integer(0, 2); k > 0; --k) network.blocks.push_back(draw_range(draw, network.layers));
  draw_legs(draw, network);
  draw_scales(draw, network);
  network.alpha = draw.alpha();
  return network;
}

/// A convergent of value's continued fraction or a mediant beside it: nearer than most fractions of its size, and > 0.
/// @param value  > 0
Rational beside(Draw& draw, const Rational& value) {
  mpz_class p0 = 0, q0 = 1, p1 = 1, q1 = 0;
  Rational rest = value;
  for (std::int64_t steps = draw.integer(2, 40); steps > 0; --steps) {
    const mpz_class digit = floor(rest);
    p0 = std::exchange(p1, mpz_class(digit * p1 + p0));
    q0 = std::exchange(q1, mpz_class(digit * q1 + q0));
    rest -= Rational(digit);
    if (rest.sign() == 0) break;
    rest = Rational(1) / rest;
  }
  const mpz_class times = q0 != 0 && draw.one_in(4) ? mpz_class(0) : mpz_class(draw.integer(1, 1'000'000'000));
  const Rational near(p0 + times * p1, q0 + times * q1);
  return near.sign() > 0 ? near : value;
}

/// Two nodes of a layer whose weights are equal or nearly so, and others beside them.
Network near_tie_network(Draw& draw) {
  Network network = empty_network(draw.integer(1, 3));
  network.alpha = draw.inner_alpha();
  draw_scales(draw, network);
  for (std::int64_t layer = 0; layer < network.layers; ++layer) {
    const int digits = static_cast<int>(draw.integer(0, 9));
    const Rational cost = draw.decimal(1'000'000, 9'999'999, digits);
    const Rational price = draw.decimal(1'000'000, 9'999'999, digits);
    const Rational cheaper = price * Rational(draw.integer(1, 999), 1000);
    const Rational& alpha = *network.alpha;
    const Rational tied =
        cost + alpha * (price - cheaper) / network.price_scale * network.cost_scale / (Rational(1) - alpha);
    const LayerRange range{layer, layer + 1};
    add_node(network, range, cost, price);
    add_node(network, range, draw.one_in(4) ? tied : beside(draw, tied), cheaper);
    if (draw.one_in(3)) add_node(network, range, cost + Rational(1), price);
  }
  if (draw.one_in(2)) std::reverse(network.nodes.begin(), network.nodes.end());
  return network;
}

/// The double that is `steps` after 1 + k / 8, exactly.
Rational neighbouring_double(Draw& draw, std::int64_t eighths) {
  double value = 1 + static_cast<double>(eighths) / 8;
  for (std::int64_t steps = draw.integer(0, 2); steps > 0; --steps) value = std::nextafter(value, 2e9);
  return Rational::from_canonical(mpq_class(value));
}

Network ulp_network(Draw& draw) {
  Network network = empty_network(draw.integer(1, 3));
  const std::int64_t nodes = draw.integer(2, 8);
  for (std::int64_t i = 0; i < nodes; ++i)
    add_node(network, draw_range(draw, network.layers), neighbouring_double(draw, draw.integer(0, 2)),
             neighbouring_double(draw, draw.integer(0, 2)));
  network.alpha = draw.alpha();
  return network;
}

Network ratio_network(Draw& draw) {
  Network network = empty_network(draw.integer(1, 3));
  const std::int64_t nodes = draw.integer(2, 8);
  const auto value = [&draw] {
    return Rational(draw.integer(1, 999)) * Draw::power_of_ten(static_cast<int>(draw.integer(-9, 6)));
  };
  for (std::int64_t i = 0; i < nodes; ++i) add_node(network, draw_range(draw, network.layers), value(), value());
  network.alpha = draw.alpha();
  return network;
}

/// Weights that differ by 700 and more: e^-700 is about 1e-304.
Network tiny_share_network(Draw& draw) {
  Network network = empty_network(1);
  network.alpha = draw.inner_alpha();
  const std::int64_t nodes = draw.integer(2, 7);
  for (std::int64_t i = 0; i < nodes; ++i)
    add_node(network, {0, 1}, draw.one_in(2) ? draw.decimal(1, 50, 1) : draw.decimal(14'000, 90'000, 1),
             draw.decimal(0, 90, 1));
  return network;
}

Network group_network(Draw& draw, std::int64_t nodes) {
  Network network = empty_network(1);
  network.alpha = draw.inner_alpha();
  network.cost_scale = 50;
  const bool equal_costs = draw.one_in(4);
  // At equal costs the equilibrium is n / (a (n - 1)): prices a few digits from it have regrets around the tolerance.
  const Rational symmetric = Rational(nodes) / (*network.alpha * Rational(nodes - 1));
  const int digits = static_cast<int>(draw.integer(1, 5));
  const Rational near = round_decimal(symmetric, digits);
  const Rational cost = draw.decimal(1, 500, 1);
  for (std::int64_t i = 0; i < nodes; ++i)
    add_node(network, {0, 1}, equal_costs ? cost : draw.decimal(1, 500, 1),
             equal_costs ? near : draw.decimal(1, 90, 1));
  return network;
}

std::int64_t group_size(Draw& draw) {
  constexpr std::int64_t most = 100'000;
  return std::min(most, 200'000 / draw.integer(2, 100'000));
}

}  // namespace

std::optional<RandomShape> random_shape_named(const std::string& name) {
  constexpr std::array<std::pair<const char*, RandomShape>, 6> names{{{"mixed", RandomShape::mixed},
                                                                      {"near-tie", RandomShape::near_tie},
                                                                      {"ulp", RandomShape::ulp},
                                                                      {"ratio", RandomShape::ratio},
                                                                      {"tiny-share", RandomShape::tiny_share},
                                                                      {"groups", RandomShape::groups}}};
  for (const auto& [known, shape] : names)
    if (name == known) return shape;
  return std::nullopt;
}

Network random_network(RandomShape shape, std::uint64_t seed, std::uint64_t number) {
  Draw draw(seed, number);
  const auto drawn = [&]() -> Network {
    switch (shape) {
      case RandomShape::near_tie: return near_tie_network(draw);
      case RandomShape::ulp: return ulp_network(draw);
      case RandomShape::ratio: return ratio_network(draw);
      case RandomShape::tiny_share: return tiny_share_network(draw);
      case RandomShape::groups: return group_network(draw, group_size(draw));
      case RandomShape::mixed: break;
    }
    switch (number % 8) {
      case 0: return near_tie_network(draw);
      case 1: return ulp_network(draw);
      case 2: return ratio_network(draw);
      case 3: return tiny_share_network(draw);
      case 4: return group_network(draw, group_size(draw));
      default: return small_network(draw);
    }
  };
  Network network = drawn();
  network.sha256 = sha256_hex(write_network(network));
  return network;
}

}  // namespace p2pllm::app
