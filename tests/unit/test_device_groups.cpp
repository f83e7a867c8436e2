#include <catch2/catch.hpp>
#include <cmath>

#include "kernels/market/ascent_lane.hpp"
#include "kernels/market/equilibrium_lane.hpp"
#include "kernels/simt/simulated_device.hpp"
#include "optimized/market/device_market.hpp"
#include "optimized/market/verify.hpp"
#include "optimized/simulation/device_ascent.hpp"

// Groups of the sizes at which chunks begin and end, groups of one node, and the bounds that columns of a device share
// with the processor's.
namespace p2pllm {
namespace {

using optimized::DeviceMarket;

/// A market of one group, whose least cost is at one place.
Network group_of(std::int64_t nodes, std::int64_t least) {
  Network network;
  network.layers = 1;
  network.temperature = 1;
  network.price_scale = network.cost_scale = 10;
  for (std::int64_t k = 0; k < nodes; ++k)
    network.nodes.push_back({"n" + std::to_string(k), {0, 1}, k == least ? 10 : 11 + k % 7, 2 + k % 5});
  return network;
}

}  // namespace

TEST_CASE("kernel: groups of one whole chunk, and whose least cost is in the second, have the processor's bits",
          "[PRICE-12][PRICE-15]") {
  for (const auto& [nodes, least] : {std::pair<std::int64_t, std::int64_t>{1024, 7}, {1500, 1400}, {1025, 1024}}) {
    const auto market = optimized::columns_of(group_of(nodes, least));
    REQUIRE(market);
    const auto device = kernels::simt::simulated_device(3);
    DeviceMarket loops(*device);
    const Rational alpha(1, 2);
    const auto processor = optimized::solve_in_doubles(*market, alpha);
    const auto found = optimized::solve_in_doubles(*market, alpha, {}, &loops);
    CHECK(found.price_lower == processor.price_lower);
    CHECK(found.price_upper == processor.price_upper);
    CHECK(found.share_upper == processor.share_upper);
    CHECK(std::isfinite(found.price_upper[0]));
    const auto exact = optimized::verify(*market, market->price, alpha, {});
    const auto bracketed = optimized::verify(*market, market->price, alpha, {}, {}, {}, &loops);
    REQUIRE((exact && bracketed));
    CHECK(bracketed->answer.columns.regret_upper == exact->answer.columns.regret_upper);
    CHECK(bracketed->decisions == exact->decisions);
  }
}

TEST_CASE("kernel: a node that is alone does not ascend on a device", "[PRICE-5]") {
  std::vector<optimized::GroupPrices> expected(3);
  for (std::size_t group = 0; group < expected.size(); ++group)
    for (std::uint32_t node = 0; node < (group == 1 ? 3 : 1); ++node) expected[group].append({node, 1.5 + node, 0.25});
  auto found = expected;
  const auto device = kernels::simt::simulated_device(5);
  optimized::DeviceAscent loops(*device);
  const optimized::AscentConstants constants{0.5, 0.7, MonopolyRule::hold, 0};
  std::vector<optimized::GroupPrices*> groups;
  for (optimized::GroupPrices& group : found) groups.push_back(&group);
  loops.ascend(groups, constants, 3);
  for (optimized::GroupPrices& group : expected)
    for (int step = 0; step < 3; ++step) group.step(constants);
  CHECK(found[0].price(0) == 1.5);
  CHECK(found[1].price(0) != 1.5);
  for (std::size_t group = 0; group < expected.size(); ++group)
    for (std::size_t node = 0; node < expected[group].size(); ++node)
      CHECK(found[group].price(node) == expected[group].price(node));
}

TEST_CASE("kernel: each client of a tile has its own least two of a row", "[ROUTE-3]") {
  constexpr std::size_t width = 3, count = 2, tile = optimized::client_tile;
  const std::vector<std::uint64_t> rows{5, 1, 9, 2, 8, 3};
  std::vector<double> labels;
  for (std::size_t j = 0; j < width; ++j)
    for (std::size_t c = 0; c < tile; ++c) labels.push_back(static_cast<double>((j * 5 + c * 3) % 11));
  const auto device = kernels::simt::simulated_device(9);
  DeviceMarket loops(*device);
  const auto found = loops.least_two(rows, 2, labels);
  REQUIRE(found.size() == count);
  for (std::size_t row = 0; row < count; ++row)
    for (std::size_t c = 0; c < tile; ++c) {
      std::vector<double> weights;
      for (std::size_t j = 0; j < width; ++j)
        weights.push_back(2 * static_cast<double>(rows[row * width + j]) + labels[j * tile + c]);
      const auto least = std::min_element(weights.begin(), weights.end());
      CHECK(found[row].least[c] == *least);
      CHECK(found[row].position[c] == least - weights.begin());
      *least = std::numeric_limits<double>::infinity();
      CHECK(found[row].second[c] == *std::min_element(weights.begin(), weights.end()));
    }
}

TEST_CASE("the error of a share is at least what the weights of node, average and base contribute", "[SIM-13]") {
  // pi_i = 1.02 (r_i + r_s + u), with r_i = 4.1 u (w_i + w_b) + 1.1 u and r_s = 4.1 u (w + w_b) + 1.1 u + 1.01 n u; in
  // units of u. What is computed is more by a factor of 1.03, so that no rounding matters here.
  for (const double average : {0, 3, 1000})
    for (const double base : {0, 2, 1000})
      for (const double nodes : {2, 1000}) {
        const auto factors = kernels::step_factors(0.5, 0.7, 1, average, base, nodes);
        for (const double weight : {0, 7, 5000}) {
          const double r_i = 4.1 * (weight + base) + 1.1, r_s = 4.1 * (average + base) + 1.1 + 1.01 * nodes;
          CHECK((factors.share_error + factors.share_error_slope * weight) * 0x1p53 >= 1.02 * (r_i + r_s + 1));
        }
      }
}

TEST_CASE("the radius of others grows with the residuals of the others", "[PRICE-12]") {
  struct Elementary {
    double exp(double x) const { return std::exp(x); }
    double log(double x) const { return std::log(x); }
  };
  // The condition on the sum of all shares is met up to what the others' residuals leave open, relative to their share.
  const double share = 0.5, slope = 0.4;
  const auto radius = [&](double residual) {
    return kernels::newton_radius(Elementary(), {share, residual, slope}, 0, 0, 1).of_others;
  };
  const double of_none = radius(0), of_some = radius(1e-6);
  const double dominant_slope = 1 / kernels::log_odds_slope(1.0);
  CHECK(of_some - of_none >= 1e-6 / share / (slope / share + 0.5 * dominant_slope));
}

}  // namespace p2pllm
