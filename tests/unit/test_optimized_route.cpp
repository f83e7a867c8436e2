#include <catch2/catch.hpp>
#include <random>

#include "optimized/market/hull.hpp"
#include "optimized/market/min_plus.hpp"
#include "optimized/market/pareto.hpp"
#include "optimized/market/route_latency.hpp"
#include "reference/market/pareto.hpp"
#include "reference/market/route.hpp"
#include "tests/unit/market_builder.hpp"

using namespace p2pllm;
using namespace p2pllm::optimized;
using namespace p2pllm::testing;

namespace {

using Path = std::vector<std::size_t>;

const Rational half(1, 2);

Network toy_market() {
  return network_of(2, {{{0, 1}, "5", "1"}, {{0, 1}, "2", "3"}, {{1, 2}, "6", "1"}, {{1, 2}, "2", "6"}});
}

Chain chain_of(const Counted<RouteResult>& result) { return std::get<Chain>(result.answer); }

/// The fast route, found equal to the reference's in every part.
Counted<RouteResult> agreed(const Network& network, const Rational& alpha, bool with_client = false) {
  const MarketColumns columns = columns_of(network).value();
  const auto client = with_client ? ClientChoice(0) : ClientChoice();
  const ClientLegs legs{with_client ? &network.clients.front() : nullptr};
  const auto exact = std::get<OptimalRoute>(reference::route(network, alpha, legs).value());
  Counted<RouteResult> fast = optimized::route(columns, alpha, client);
  CHECK(chain_of(fast).nodes == exact.chain.nodes);
  CHECK(chain_of(fast).cost == exact.chain.cost);
  CHECK(chain_of(fast).weight == exact.chain.weight);
  const auto certified = std::get<OptimalRoute>(certified_route(columns, alpha, client).answer);
  CHECK(certified.labels == exact.labels);
  CHECK(certified.chain.nodes == exact.chain.nodes);
  if (!columns.latency) {
    const auto hulls = RouteHulls(make_route_index(columns, client)).route(alpha);
    CHECK(chain_of(hulls).nodes == exact.chain.nodes);
    CHECK(chain_of(hulls).weight == exact.chain.weight);
  }
  return fast;
}

void agree_on_frontier(const Network& network, bool with_client = false) {
  const MarketColumns columns = columns_of(network).value();
  const ClientLegs legs{with_client ? &network.clients.front() : nullptr};
  const auto exact = std::get<Frontier>(reference::pareto(network, legs).value());
  const auto fast =
      std::get<Frontier>(certified_pareto(columns, with_client ? ClientChoice(0) : ClientChoice())->answer);
  CHECK(fast.labels == exact.labels);
  REQUIRE(fast.points.size() == exact.points.size());
  for (std::size_t k = 0; k < exact.points.size(); ++k) {
    CHECK(fast.points[k].cost == exact.points[k].cost);
    CHECK(fast.points[k].path == exact.points[k].path);
    CHECK(fast.points[k].kind == exact.points[k].kind);
    CHECK(fast.points[k].alpha == exact.points[k].alpha);
  }
}

}  // namespace

TEST_CASE("the fast route of the toy market, its break points and its frontier", "[ROUTE-3][PARETO-4]") {
  const Network toy = toy_market();
  CHECK(chain_of(agreed(toy, Rational(1))).nodes == Path{0, 2});
  CHECK(chain_of(agreed(toy, Rational(0))).nodes == Path{1, 3});
  CHECK(chain_of(agreed(toy, half)).nodes == Path{1, 2});
  CHECK(chain_of(agreed(toy, half)).weight == Rational(6));
  CHECK(chain_of(agreed(toy, exact("3/5"))).nodes == Path{0, 2});  // a tie of weight: the lower price
  const RouteHulls hulls(make_route_index(columns_of(toy).value(), {}));
  CHECK(hulls.break_points() == std::vector<Rational>{exact("4/9"), exact("3/5")});
  CHECK(hulls.size() == 4);
  agree_on_frontier(toy);
}

TEST_CASE("the fast half names the blocked boundary", "[ROUTE-5]") {
  const MarketColumns gap = columns_of(network_of(3, {{{0, 2}, "3", "1"}, {{1, 3}, "3", "1"}})).value();
  const auto answer = std::get<Unreachable>(optimized::route(gap, half, {}).answer);
  CHECK(answer.blocked_boundary == 2);
  CHECK(answer.reachable == std::vector<std::int64_t>{0, 2});
  CHECK(std::holds_alternative<Unreachable>(certified_route(gap, half, {}).answer));
  CHECK(std::holds_alternative<Unreachable>(pareto(gap, {})->answer));
  CHECK(std::get<Unreachable>(optimized::routes(make_route_index(gap, {}), std::vector{half, half})[1].answer)
            .blocked_boundary == 2);
}

TEST_CASE("costs that no common unit of 64 bits holds are compared exactly", "[ROUTE-2][ROUTE-3]") {
  Network network = network_of(
      2, {{{0, 1}, "1/1000000007", "1"}, {{0, 1}, "1/1000000007", "1"}, {{1, 2}, "5", "2"}, {{1, 2}, "5", "1"}});
  network.clients = {
      {"c", {exact("1/998244353"), exact("1/998244353"), 0, 0}, {0, 0, exact("1/1000000009"), exact("1/1000000021")}}};
  const MarketColumns columns = columns_of(network).value();
  const RouteIndex index = make_route_index(columns, 0);
  REQUIRE(index.costs.index() == 2);
  CHECK(agreed(network, half, true).decisions.exact > 0);
  CHECK(chain_of(agreed(network, half, true)).nodes == Path{0, 3});
  CHECK(optimized::routes(index, std::vector{half, Rational(1)})[1].decisions.exact > 0);
  agree_on_frontier(network, true);
  network.latency.assign(4, std::vector<Rational>(4, exact("1/3")));
  REQUIRE(make_latency_index(columns_of(network).value()).terms.index() == 1);
  CHECK(agreed(network, half, true).decisions.exact > 0);
  agree_on_frontier(network, true);
  CHECK(pareto(columns_of(network).value(), 0)->decisions.exact > 0);
}

TEST_CASE("coefficients beyond 128 bits are decided exactly, and an alpha too small for doubles too", "[ROUTE-3]") {
  // The second node of each layer is lighter by less than any truncated coefficient tells.
  const Network network = network_of(1, {{{0, 1}, "1000000000000000001", "2000000000000000000"},
                                         {{0, 1}, "2000000000000000001", "1000000000000000000"}});
  const Rational tied = half;
  const Rational below = half - Rational(mpz_class(1), mpz_class("1" + std::string(60, '0')));
  CHECK(chain_of(agreed(network, tied)).nodes == Path{1});
  CHECK(chain_of(agreed(network, below)).nodes == Path{0});
  CHECK(agreed(network, below).decisions.exact > 0);
  for (const std::size_t digits : {35U, 310U, 400U}) {
    const Rational alpha(mpz_class(1), mpz_class("1" + std::string(digits, '0')));
    const Network equal_times = network_of(1, {{{0, 1}, "3", "2"}, {{0, 1}, "3", "1"}, {{0, 1}, "4", "0"}});
    CHECK(chain_of(agreed(equal_times, alpha)).nodes == Path{1});
    agreed(equal_times, Rational(1) - alpha);
  }
}

TEST_CASE("of equal nodes in many blocks the first in the file is taken", "[ROUTE-3]") {
  std::vector<Peer> peers;
  for (int k = 0; k < 2000; ++k) peers.push_back({{k % 2, k % 2 + 1}, k > 300 ? "7" : "8", "3"});
  const Network network = network_of(2, peers);
  for (const Rational& alpha : {Rational(0), half, Rational(1)}) {
    CHECK(chain_of(agreed(network, alpha)).nodes == Path{302, 301});
  }
}

TEST_CASE("a batch of alphas over many blocks takes the node that each alpha alone takes", "[ROUTE-3][ROUTE-7]") {
  std::mt19937_64 engine(7);
  MarketColumns columns;
  columns.layers = 1;
  std::vector<std::uint32_t> cost, price;
  for (int k = 0; k < 20'000; ++k) {
    columns.first.push_back(0);
    columns.last.push_back(1);
    const auto along = static_cast<std::uint32_t>(engine() % 1'000'000 + 1);  // near a hyperbola: many vertices
    price.push_back(along + static_cast<std::uint32_t>(engine() % 1000));
    cost.push_back(static_cast<std::uint32_t>(1'000'000'000 / along + engine() % 1000));
  }
  columns.cost = Column(cost, Rational(1, 1000));
  columns.price = Column(price, Rational(1, 1000));
  const RouteIndex index = make_route_index(columns, {});
  std::vector<Rational> alphas;
  for (long k = 0; k < 60; ++k) alphas.emplace_back((37 * k) % 61, 61);
  const auto batch = optimized::routes(index, alphas);
  std::size_t distinct = 0;
  for (std::size_t k = 0; k < alphas.size(); ++k) {
    std::size_t first = 0;
    const auto weight = [&](std::size_t i) -> mpz_class {
      return alphas[k].numerator() * price[i] + (alphas[k].denominator() - alphas[k].numerator()) * cost[i];
    };
    for (std::size_t i = 1; i < price.size(); ++i) {
      const int order = cmp(weight(i), weight(first));
      if (order < 0 || (order == 0 && std::pair(price[i], cost[i]) < std::pair(price[first], cost[first]))) first = i;
    }
    CHECK(chain_of(batch[k]).nodes == Path{first});
    CHECK(chain_of(optimized::route(index, alphas[k])).nodes == Path{first});
    distinct += k > 0 && chain_of(batch[k]).nodes != chain_of(batch[k - 1]).nodes ? 1U : 0U;
  }
  CHECK(distinct > 20);
}

TEST_CASE("a client's legs count at both ends alone", "[ROUTE-2]") {
  Network market = network_of(2, {{{0, 1}, "1", "1"}, {{1, 2}, "1", "1"}, {{0, 2}, "3", "2"}});
  market.clients = {{"c", {1, 50, 2}, {60, 1, 2}}};
  CHECK(chain_of(agreed(market, half, true)).cost.time == Rational(4));
  market.latency = {{99, 7, 0}, {0, 99, 0}, {0, 0, 99}};
  CHECK(chain_of(agreed(market, half, true)).cost.time == Rational(7));
  CHECK(chain_of(agreed(market, half, true)).nodes == Path{2});
  agree_on_frontier(market, true);
}

TEST_CASE("every vector unit scans to the bits of a plain loop", "[ROUTE-3]") {
  std::mt19937_64 engine(5);
  const std::vector<std::uint32_t> ends = {1, 3, 18, 19, 51, 300, 812, 1000};
  std::vector<std::uint32_t> price(1000), time(1000);
  std::vector<std::uint64_t> wide_price(1000), wide_time(1000);
  for (std::size_t k = 0; k < 1000; ++k) {
    price[k] = static_cast<std::uint32_t>(engine());
    time[k] = static_cast<std::uint32_t>(engine());
    wide_price[k] = engine();
    wide_time[k] = engine();
  }
  const auto plain = [&](const auto& p, const auto& t, auto weights, std::size_t begin, std::size_t end) {
    using F = decltype(weights.price);
    F least = std::numeric_limits<F>::infinity();
    for (std::size_t k = begin; k < end; ++k)
      least = std::min(least, static_cast<F>(p[k]) * weights.price + static_cast<F>(t[k]) * weights.time);
    return least;
  };
  for (const VectorUnit unit : {VectorUnit::portable, VectorUnit::avx2, VectorUnit::avx512}) {
    if (!is_supported(unit)) {
      WARN("this machine has no " << (unit == VectorUnit::avx2 ? "AVX2" : "AVX-512"));
      continue;
    }
    for (const std::size_t alphas : {std::size_t{1}, scan_tile}) {
      std::vector<ScanWeights<float>> narrow(alphas);
      std::vector<ScanWeights<double>> wide(alphas);
      for (std::size_t a = 0; a < alphas; ++a) {
        wide[a] = {static_cast<double>(a + 1) / 11, 1.0 / static_cast<double>(a + 3)};
        narrow[a] = {static_cast<float>(wide[a].price), static_cast<float>(wide[a].time)};
      }
      const auto rest = std::span(ends).subspan(1);
      std::vector<float> narrow_least(rest.size() * alphas);
      std::vector<double> wide_least(rest.size() * alphas);
      scan_blocks(price, time, ends[0], rest, narrow, narrow_least, unit);
      scan_blocks(wide_price, wide_time, ends[0], rest, wide, wide_least, unit);
      for (std::size_t block = 0; block < rest.size(); ++block)
        for (std::size_t a = 0; a < alphas; ++a) {
          CHECK(narrow_least[block * alphas + a] == plain(price, time, narrow[a], ends[block], ends[block + 1]));
          CHECK(wide_least[block * alphas + a] == plain(wide_price, wide_time, wide[a], ends[block], ends[block + 1]));
        }
    }
  }
}

TEST_CASE("the least two sums of a row and the first position of the least", "[ROUTE-3]") {
  const std::vector<std::uint64_t> row = {10, 2, 2, 6};
  std::vector<double> labels(row.size() * client_tile, 0);
  labels[0 * client_tile + 1] = -5;
  labels[3 * client_tile + 2] = -2.5;
  for (const VectorUnit unit : {VectorUnit::portable, VectorUnit::avx2, VectorUnit::avx512}) {
    if (!is_supported(unit)) continue;
    const LeastTwo two = least_two(row, 0.5, labels, unit);
    CHECK(two.least[0] == 1);
    CHECK(two.second[0] == 1);
    CHECK(two.position[0] == 1);
    CHECK(two.least[1] == 0);
    CHECK(two.second[1] == 1);
    CHECK(two.position[1] == 0);
    CHECK(two.least[2] == 0.5);
    CHECK(two.second[2] == 1);
    CHECK(two.position[2] == 3);
    CHECK(least_two({}, 1, {}, unit).position[0] == -1);
  }
}

TEST_CASE("enclosed numbers decide only what holds for every pair", "[PRICE-15]") {
  using Enclosure = Enclosed<double>;
  const Enclosure low{1, 2}, touching{2, 3}, high{4, 5}, point{2, 2};
  CHECK((low < high) == Uncertain::yes);
  CHECK((high < low) == Uncertain::no);
  CHECK((low < touching) == Uncertain::undecided);
  CHECK((touching < low) == Uncertain::no);
  CHECK((low <= touching) == Uncertain::yes);
  CHECK((point == point) == Uncertain::yes);
  CHECK((low == high) == Uncertain::no);
  CHECK((low == low) == Uncertain::undecided);
  CHECK(select(Uncertain::yes, low, high).upper == 2);
  CHECK(select(Uncertain::no, low, high).upper == 5);
  const Enclosure hull = select(Uncertain::undecided, high, low);
  CHECK((hull.lower == 1 && hull.upper == 5));
}

TEST_CASE("sums of 64 bits and more are added in 128 bits on the frontier", "[PARETO-3]") {
  const Network network = network_of(2, {{{0, 1}, "9000000000000000000", "9000000000000000001"},
                                         {{0, 1}, "9000000000000000001", "9000000000000000000"},
                                         {{1, 2}, "9000000000000000000", "9000000000000000000"}});
  agree_on_frontier(network);
  const auto fast = pareto(columns_of(network).value(), {});
  CHECK(fast->decisions.wider > 0);
  CHECK(std::get<Frontier>(fast->answer).points.size() == 2);
}

TEST_CASE("a limit on the labels of a fast frontier is an error, never a part", "[PARETO-3]") {
  const MarketColumns line =
      columns_of(network_of(2, {{{0, 1}, "3", "1"}, {{0, 1}, "2", "2"}, {{1, 2}, "1", "3"}})).value();
  const auto limited = certified_pareto(line, {}, 2);
  REQUIRE_FALSE(limited.has_value());
  CHECK(limited.error().kind == Fault::Kind::limit_reached);
  CHECK(limited.error().message() == "the frontier needs more than the limit of 2 labels");
  CHECK(certified_pareto(line, {}, 3).has_value());
  CHECK(pareto(line, {}, 3).has_value());
  CHECK_FALSE(pareto(line, {}, 2).has_value());
  std::size_t calls = 0;
  CHECK(pareto(line, {}, 3, [&](std::size_t done, std::size_t total) { calls += done <= total ? 1 : 0; }).has_value());
  CHECK(calls == 2);
}
