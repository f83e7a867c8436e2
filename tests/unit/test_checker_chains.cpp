#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <tuple>
#include <vector>

#include "checker/check.hpp"

using namespace p2pllm;
using p2pllm::checker::check;

namespace {

/// Two layers: nodes 0, 1 serve the first, 2, 3 the second, 4 both; client and peers have latency.
Network small_network() {
  Network network;
  network.layers = 2;
  network.sha256 = "abc";
  network.nodes = {
      {"a", {0, 1}, 1, 4}, {"b", {0, 1}, 3, 1}, {"c", {1, 2}, 1, 5}, {"d", {1, 2}, 2, 2}, {"e", {0, 2}, 9, 1}};
  network.latency.assign(5, std::vector<Rational>(5, Rational(0)));
  network.latency[0][2] = 1;
  network.latency[1][2] = 2;
  network.latency[1][3] = Rational(1, 2);
  network.clients = {{"x", {1, 1, 0, 0, 1}, {0, 0, 1, 1, 1}}, {"y", {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}}};
  return network;
}

const ClientLegs legs_of(const Network& network) {
  return {network.clients.empty() ? nullptr : network.clients.data()};
}

PathCost plus(const PathCost& a, const PathCost& b) { return {a.price + b.price, a.time + b.time}; }
std::pair<Rational, Rational> as_pair(const PathCost& cost) { return {cost.price, cost.time}; }

/// Every way on from each node, by plain recursion: the truth that certificates are held against.
std::vector<std::pair<PathCost, std::vector<std::size_t>>> ways_on(const Network& network, std::size_t node) {
  const Node& own = network.nodes[node];
  std::vector<std::pair<PathCost, std::vector<std::size_t>>> ways;
  if (own.layers.last == network.layers) ways.push_back({{own.price, own.cost + legs_of(network).from(node)}, {node}});
  for (std::size_t next = 0; next < network.size(); ++next) {
    if (network.nodes[next].layers.first != own.layers.last) continue;
    for (auto [cost, path] : ways_on(network, next)) {
      path.insert(path.begin(), node);
      ways.push_back({plus({own.price, own.cost + network.latency_between(node, next)}, cost), path});
    }
  }
  return ways;
}

std::vector<std::pair<PathCost, std::vector<std::size_t>>> all_chains(const Network& network) {
  std::vector<std::pair<PathCost, std::vector<std::size_t>>> chains;
  for (std::size_t i = 0; i < network.size(); ++i)
    if (network.nodes[i].layers.first == 0)
      for (auto& [cost, path] : ways_on(network, i)) chains.push_back({plus({0, legs_of(network).to(i)}, cost), path});
  return chains;
}

auto rank(const Network& network, const Rational& alpha, const PathCost& cost) {
  return std::tuple(alpha * cost.price / network.price_scale + (1 - alpha) * cost.time / network.cost_scale, cost.price,
                    cost.time);
}

Certificate certificate_for(const Network& network, Claim claim) {
  Certificate certificate;
  certificate.network_sha256 = network.sha256;
  if (!network.clients.empty()) certificate.client = network.clients[0].id;
  certificate.claim = std::move(claim);
  return certificate;
}

/// The honest route certificate, from the truth; the network has a chain.
Certificate route_certificate(const Network& network, const Rational& alpha) {
  OptimalRoute route;
  for (std::size_t i = 0; i < network.size(); ++i) {
    auto& label = route.labels.emplace_back();
    for (const auto& [cost, path] : ways_on(network, i))
      if (!label || rank(network, alpha, cost) < rank(network, alpha, *label)) label = cost;
  }
  const auto chains = all_chains(network);
  const auto best = std::min_element(chains.begin(), chains.end(), [&](const auto& a, const auto& b) {
    return std::pair(rank(network, alpha, a.first), a.second) < std::pair(rank(network, alpha, b.first), b.second);
  });
  route.chain = {best->second, best->first, std::get<0>(rank(network, alpha, best->first))};
  Certificate certificate = certificate_for(network, route);
  certificate.alpha = alpha;
  return certificate;
}

std::vector<PathCost> undominated(const std::vector<std::pair<PathCost, std::vector<std::size_t>>>& ways) {
  std::vector<PathCost> kept;
  for (const auto& [cost, path] : ways) {
    const auto beats = [&cost = cost](const auto& way) {
      return way.first.price <= cost.price && way.first.time <= cost.time && !(way.first == cost);
    };
    if (std::none_of(ways.begin(), ways.end(), beats) && std::find(kept.begin(), kept.end(), cost) == kept.end())
      kept.push_back(cost);
  }
  std::sort(kept.begin(), kept.end(), [](const PathCost& a, const PathCost& b) { return as_pair(a) < as_pair(b); });
  return kept;
}

/// The class and alpha of point k by its definition: pairwise comparison with every other point.
void classify(const Network& network, std::vector<FrontierPoint>& points, std::size_t k) {
  Rational lower = 0;
  Rational upper = 1;
  for (std::size_t j = 0; j < points.size(); ++j) {
    const Rational price = (points[j].cost.price - points[k].cost.price) / network.price_scale;
    const Rational time = (points[k].cost.time - points[j].cost.time) / network.cost_scale;
    if (j > k) lower = std::max(lower, time / (time + price));
    if (j < k) upper = std::min(upper, time / (time + price));
  }
  points[k].kind = lower < upper ? PointClass::extreme : lower == upper ? PointClass::tie : PointClass::unsupported;
  if (lower <= upper) points[k].alpha = {lower, upper};
}

Certificate pareto_certificate(const Network& network) {
  Frontier frontier;
  for (std::size_t i = 0; i < network.size(); ++i) frontier.labels.push_back(undominated(ways_on(network, i)));
  const auto chains = all_chains(network);
  for (const PathCost& cost : undominated(chains)) {
    std::vector<std::size_t> least;
    for (const auto& [other, path] : chains)
      if (other == cost && (least.empty() || path < least)) least = path;
    frontier.points.push_back({cost, least, PointClass::extreme, std::nullopt});
  }
  for (std::size_t k = 0; k < frontier.points.size(); ++k) classify(network, frontier.points, k);
  return certificate_for(network, frontier);
}

OptimalRoute& route_of(Certificate& certificate) { return std::get<OptimalRoute>(certificate.claim); }
Frontier& frontier_of(Certificate& certificate) { return std::get<Frontier>(certificate.claim); }
Unreachable& unreachable_of(Certificate& certificate) { return std::get<Unreachable>(certificate.claim); }

/// Whether the certificate is rejected for breaking `clause`, in one line.
bool is_rejected(const Certificate& certificate, const Network& network, const std::string& clause,
                 const std::optional<Prices>& prices = {}) {
  const checker::Decision decision = check(certificate, network, prices);
  UNSCOPED_INFO(decision.accepted << " " << decision.reason);
  return !decision.accepted && decision.reason.rfind(clause + ": ", 0) == 0 &&
         decision.reason.find('\n') == std::string::npos;
}
bool is_accepted(const Certificate& certificate, const Network& network) {
  const checker::Decision decision = check(certificate, network, {});
  UNSCOPED_INFO(decision.reason);
  return decision.accepted && decision.reason.empty();
}

template <typename Change>
Certificate changed(Certificate certificate, const Change& change) {
  change(certificate);
  return certificate;
}

/// One layer, nodes of the given (price, time) in file order; no latency, no client.
Network one_layer(const std::vector<std::pair<int, int>>& costs) {
  Network network;
  network.layers = 1;
  for (const auto& [price, time] : costs) network.nodes.push_back({"n", {0, 1}, time, price});
  return network;
}

/// A random network of up to 6 nodes over small integers: ties and unreachable boundaries are common.
Network random_network(std::mt19937& random) {
  const auto below = [&random](unsigned n) { return static_cast<int>(random() % n); };
  Network network;
  network.layers = 1 + below(3);
  network.price_scale = Rational(1 + below(3), 2);
  network.cost_scale = 1 + below(2);
  const std::size_t n = 1 + random() % 6;
  for (std::size_t i = 0; i < n; ++i) {
    const long first = below(static_cast<unsigned>(network.layers));
    const long last = first + 1 + below(static_cast<unsigned>(network.layers - first));
    network.nodes.push_back({std::to_string(i), {first, last}, 1 + below(4), below(5)});
  }
  const auto some = [&] {
    std::vector<Rational> row;
    for (std::size_t i = 0; i < n; ++i) row.emplace_back(below(3));
    return row;
  };
  if (below(2) == 0)
    for (std::size_t i = 0; i < n; ++i) network.latency.push_back(some());
  if (below(2) == 0) network.clients = {{"x", some(), some()}};
  return network;
}

/// A hostile change of a cost: by a small amount, or to another one's value.
void disturb(PathCost& cost, std::mt19937& random) {
  const Rational amount(static_cast<long>(random() % 5) - 2, static_cast<long>(1 + random() % 2));
  (random() % 2 == 0 ? cost.price : cost.time) += amount;
}

}  // namespace

TEST_CASE("an honest route certificate is accepted at every alpha", "[CERT-2]") {
  const Network network = small_network();
  for (const Rational& alpha : {Rational(0), Rational(1, 3), Rational(1, 2), Rational(4, 5), Rational(1)})
    CHECK(is_accepted(route_certificate(network, alpha), network));
}

TEST_CASE("a certificate must be about the inputs given", "[CERT-1]") {
  const Network network = small_network();
  const Certificate good = route_certificate(network, Rational(1, 2));
  const auto rejects = [&](const auto& change) { return is_rejected(changed(good, change), network, "CERT-1"); };
  CHECK(rejects([](Certificate& c) { c.network_sha256 = "abd"; }));
  CHECK(rejects([](Certificate& c) { c.prices_sha256 = "p"; }));
  CHECK(rejects([](Certificate& c) { c.alpha.reset(); }));
  CHECK(rejects([](Certificate& c) { c.alpha = Rational(-1, 2); }));
  CHECK(rejects([](Certificate& c) { c.alpha = Rational(3, 2); }));
  CHECK(rejects([](Certificate& c) { c.alpha = Rational::power_of_two(-20000); }));
  CHECK(rejects([](Certificate& c) { c.client.reset(); }));
  CHECK(rejects([](Certificate& c) { c.client = "nobody"; }));
  CHECK(is_rejected(changed(good, [](Certificate& c) { c.client = "y"; }), network, "CERT-2"));
  const Prices prices{posted_prices(network).values, "p"};
  CHECK(is_rejected(good, network, "CERT-1", prices));
  CHECK(is_rejected(changed(good, [](Certificate& c) { c.prices_sha256 = "p"; }), network, "CERT-1", prices));
  CHECK(is_rejected(changed(pareto_certificate(network), [](Certificate& c) { c.alpha = 1; }), network, "CERT-1"));
  CHECK(is_rejected(changed(pareto_certificate(network), [](Certificate& c) { c.client.reset(); }), network, "CERT-1"));
}

TEST_CASE("a route certificate with any one fault is rejected", "[CERT-2]") {
  const Network network = small_network();
  const Certificate good = route_certificate(network, Rational(1, 2));
  const auto rejects = [&](const auto& change) {
    return is_rejected(changed(good, [&](Certificate& c) { change(route_of(c)); }), network, "CERT-2");
  };
  REQUIRE(std::get<OptimalRoute>(good.claim).chain.nodes == std::vector<std::size_t>{1, 3});
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(rejects([i](OptimalRoute& r) { r.labels[i].reset(); }));
    CHECK(rejects([i](OptimalRoute& r) { r.labels[i]->price += Rational(1, 1000); }));
    CHECK(rejects([i](OptimalRoute& r) { r.labels[i]->time += Rational(1, 1000); }));
  }
  CHECK(rejects([](OptimalRoute& r) { r.labels.pop_back(); }));
  CHECK(rejects([](OptimalRoute& r) { r.labels.emplace_back(PathCost{}); }));
  CHECK(rejects([](OptimalRoute& r) { r.labels[1]->price -= 1; }));
  CHECK(rejects([](OptimalRoute& r) { r.chain.weight += 1; }));
  CHECK(rejects([](OptimalRoute& r) { r.chain.cost.price += 1; }));
  CHECK(rejects([](OptimalRoute& r) { r.chain.cost.time -= 1, r.chain.weight -= Rational(1, 2); }));
  using Path = std::vector<std::size_t>;
  for (const Path& path :
       {Path{}, {1}, {3}, {1, 2}, {0, 3}, {1, 3, 3}, {3, 1}, {1, 5}, {1, 5, 3}, {1, 3, 5}, {1, 3, 5, 1, 3}, {4}})
    CHECK(rejects([&](OptimalRoute& r) { r.chain.nodes = path; }));
}

TEST_CASE("a longer loop through the client is not a chain", "[CERT-2]") {
  Network network = one_layer({{1, 1}});
  Certificate twice = route_certificate(network, Rational(1, 2));
  route_of(twice).chain = {{0, 1, 0}, {2, 2}, 2};
  route_of(twice).labels[0] = PathCost{1, 1};
  CHECK(is_rejected(twice, network, "CERT-2"));
}

TEST_CASE("another chain than the optimal one is rejected though its figures are right", "[CERT-2]") {
  const Network network = small_network();
  const Rational alpha(1, 2);
  const Certificate good = route_certificate(network, alpha);
  for (const auto& [cost, path] : all_chains(network)) {
    if (path == std::get<OptimalRoute>(good.claim).chain.nodes) continue;
    CHECK(is_rejected(changed(good,
                              [&, &own = path, &total = cost](Certificate& c) {
                                route_of(c).chain = {own, total, std::get<0>(rank(network, alpha, total))};
                              }),
                      network, "CERT-2"));
  }
}

TEST_CASE("of chains of equal cost the one of smallest indices is the optimal one", "[CERT-2]") {
  Network network;
  network.layers = 2;
  for (const auto& range : {LayerRange{0, 1}, {0, 1}, {1, 2}, {1, 2}}) network.nodes.push_back({"n", range, 1, 1});
  const Certificate good = route_certificate(network, Rational(1, 2));
  CHECK(is_accepted(good, network));
  for (const std::vector<std::size_t>& path : {std::vector<std::size_t>{0, 3}, {1, 2}, {1, 3}})
    CHECK(is_rejected(changed(good, [&](Certificate& c) { route_of(c).chain.nodes = path; }), network, "CERT-2"));
  // At equal weight the lower price comes first.
  const Network trade = one_layer({{2, 1}, {1, 2}});
  Certificate dearer = route_certificate(trade, Rational(1, 2));
  CHECK(is_accepted(dearer, trade));
  route_of(dearer).chain = {{0}, {2, 1}, Rational(3, 2)};
  CHECK(is_rejected(dearer, trade, "CERT-2"));
}

TEST_CASE("a label of a node that leads nowhere may not hide one that leads on", "[CERT-2]") {
  Network network;
  network.layers = 3;
  network.nodes = {{"a", {0, 1}, 1, 1}, {"b", {1, 3}, 1, 1}, {"c", {1, 2}, 1, 0}};
  const Certificate good = route_certificate(network, Rational(1, 2));
  CHECK(is_accepted(good, network));
  CHECK_FALSE(std::get<OptimalRoute>(good.claim).labels[2].has_value());
  CHECK(is_rejected(changed(good, [](Certificate& c) { route_of(c).labels[0].reset(); }), network, "CERT-2"));
}

TEST_CASE("labels at a boundary are one only where the legs from it are equal", "[ROUTE-7][CERT-2][CERT-4]") {
  // The first successor has the least label, and a leg that makes it the worse one: merged labels would hide that.
  const auto refuses_first = [](const Network& network, const std::vector<std::size_t>& worse) {
    Certificate honest = route_certificate(network, Rational(1, 2));
    CHECK(is_accepted(honest, network));
    for (const auto& [cost, path] : all_chains(network)) {
      if (path != worse) continue;
      Certificate route = honest;
      route_of(route).chain = {path, cost, std::get<0>(rank(network, Rational(1, 2), cost))};
      if (path.size() > 1) route_of(route).labels[path[0]] = cost;
      CHECK(is_rejected(route, network, "CERT-2"));
      Certificate frontier = pareto_certificate(network);
      CHECK(is_accepted(frontier, network));
      frontier_of(frontier).points = {{cost, path, PointClass::extreme, std::pair(Rational(0), Rational(1))}};
      if (path.size() > 1) frontier_of(frontier).labels[path[0]] = {cost};
      CHECK(is_rejected(frontier, network, "CERT-4"));
    }
  };
  Network between;
  between.layers = 2;
  between.nodes = {{"a", {0, 1}, 1, 1}, {"b", {1, 2}, 1, 1}, {"c", {1, 2}, 2, 1}};
  between.latency.assign(3, std::vector<Rational>(3, Rational(0)));
  between.latency[0][1] = 10;
  refuses_first(between, {0, 1});
  Network first_leg = one_layer({{1, 1}, {1, 2}});
  first_leg.clients = {{"x", {10, 0}, {0, 0}}};
  refuses_first(first_leg, {0});
}

TEST_CASE("an unreachable claim must state exactly what can be reached", "[CERT-3]") {
  Network network;
  network.layers = 5;
  network.nodes = {{"a", {0, 2}, 1, 1}, {"b", {2, 3}, 1, 1}, {"c", {4, 5}, 1, 1}, {"d", {1, 4}, 1, 1}};
  const Certificate good = certificate_for(network, Unreachable{3, {0, 2, 3}});
  CHECK(is_accepted(good, network));
  using Boundaries = std::vector<std::int64_t>;
  for (const Boundaries& reachable : {Boundaries{},
                                      {0},
                                      {0, 2},
                                      {0, 3},
                                      {2, 3},
                                      {0, 2, 3, 3},
                                      {0, 3, 2},
                                      {0, 0, 2, 3},
                                      {-1, 0, 2, 3},
                                      {0, 1, 2, 3},
                                      {0, 1, 2, 3, 4},
                                      {0, 2, 3, 4, 5},
                                      {0, 2, 3, 6}})
    CHECK(is_rejected(changed(good,
                              [&](Certificate& c) {
                                unreachable_of(c) = {reachable.empty() ? 0 : reachable.back(), reachable};
                              }),
                      network, "CERT-3"));
  for (const std::int64_t boundary : {0, 2, 4, 5})
    CHECK(is_rejected(changed(good, [&](Certificate& c) { unreachable_of(c).blocked_boundary = boundary; }), network,
                      "CERT-3"));
  network.nodes.push_back({"e", {3, 4}, 1, 1});
  for (const Boundaries& reachable : {Boundaries{0, 2, 3}, {0, 2, 3, 4}, {0, 2, 3, 4, 5}})
    CHECK(is_rejected(certificate_for(network, Unreachable{reachable.back(), reachable}), network, "CERT-3"));
}

TEST_CASE("an empty network is blocked at boundary 0", "[CERT-3]") {
  Network network;
  network.layers = 1;
  CHECK(is_accepted(certificate_for(network, Unreachable{0, {0}}), network));
  CHECK(is_rejected(certificate_for(network, Unreachable{1, {0}}), network, "CERT-3"));
  CHECK(is_rejected(certificate_for(network, Frontier{}), network, "CERT-4"));
  Certificate route = certificate_for(network, OptimalRoute{});
  route.alpha = 1;
  CHECK(is_rejected(route, network, "CERT-2"));
}

TEST_CASE("an honest Pareto certificate is accepted, and with any one fault rejected", "[CERT-4]") {
  const Network network = small_network();
  const Certificate good = pareto_certificate(network);
  CHECK(is_accepted(good, network));
  const auto rejects = [&](const auto& change, const std::string& clause) {
    return is_rejected(changed(good, [&](Certificate& c) { change(frontier_of(c)); }), network, clause);
  };
  const Frontier& frontier = std::get<Frontier>(good.claim);
  REQUIRE(frontier.points.size() >= 3);
  for (std::size_t k = 0; k < frontier.points.size(); ++k) {
    CHECK(rejects([k](Frontier& f) { f.points.erase(f.points.begin() + static_cast<long>(k)); }, "CERT-4"));
    CHECK(
        rejects([k](Frontier& f) { f.points.insert(f.points.begin() + static_cast<long>(k), f.points[k]); }, "CERT-4"));
    CHECK(rejects([k](Frontier& f) { f.points[k].cost.time -= Rational(1, 1000); }, "CERT-5"));
    CHECK(rejects([k](Frontier& f) { f.points[k].cost.price += Rational(1, 1000); }, "CERT-4"));
    CHECK(rejects([k](Frontier& f) { f.points[k].path.clear(); }, "CERT-5"));
    CHECK(rejects([k](Frontier& f) { f.points[k].path.push_back(5); }, "CERT-5"));
    CHECK(rejects([k](Frontier& f) { f.points[k].path.back() = 99; }, "CERT-5"));
  }
  for (std::size_t i = 0; i < network.size(); ++i) {
    CHECK(rejects([i](Frontier& f) { f.labels[i].clear(); }, "CERT-4"));
    for (std::size_t k = 0; k < frontier.labels[i].size(); ++k) {
      CHECK(rejects([=](Frontier& f) { f.labels[i].erase(f.labels[i].begin() + static_cast<long>(k)); }, "CERT-4"));
      CHECK(rejects([=](Frontier& f) { f.labels[i][k].time += Rational(1, 1000); }, "CERT-4"));
      CHECK(rejects([=](Frontier& f) { f.labels[i][k].price += Rational(1, 1000); }, "CERT-4"));
    }
    CHECK(rejects([i](Frontier& f) { f.labels[i].insert(f.labels[i].begin(), f.labels[i].front()); }, "CERT-4"));
  }
  CHECK(rejects([](Frontier& f) { std::swap(f.points[0], f.points[1]); }, "CERT-4"));
  CHECK(rejects([](Frontier& f) { f.points.clear(); }, "CERT-4"));
  CHECK(rejects([](Frontier& f) { f.labels.pop_back(); }, "CERT-4"));
  CHECK(rejects([](Frontier& f) { f.labels.emplace_back(); }, "CERT-4"));
}

TEST_CASE("a chain that another one dominates in one objective alone is no point of the frontier", "[CERT-4]") {
  for (const std::pair<int, int>& dominated : {std::pair(3, 4), std::pair(2, 9)}) {
    const Network network = one_layer({{1, 5}, {2, 4}, dominated});
    const Certificate honest = pareto_certificate(network);
    CHECK(is_accepted(honest, network));
    const FrontierPoint extra = {{dominated.first, dominated.second}, {2}, PointClass::unsupported, std::nullopt};
    for (std::size_t place = 0; place <= 2; ++place)
      CHECK(is_rejected(changed(honest,
                                [&](Certificate& c) {
                                  auto& points = frontier_of(c).points;
                                  points.insert(points.begin() + static_cast<std::ptrdiff_t>(place), extra);
                                }),
                        network, "CERT-4"));
  }
}

TEST_CASE("a phantom label below all others cannot add a point to the frontier", "[CERT-4]") {
  const Network network = one_layer({{1, 3}, {3, 1}});
  const Certificate good = pareto_certificate(network);
  CHECK(is_accepted(good, network));
  Certificate phantom = good;
  frontier_of(phantom).labels[0] = {{1, 3}, {2, 2}};
  CHECK(is_rejected(phantom, network, "CERT-4"));  // the points lack it
  frontier_of(phantom).points.insert(frontier_of(phantom).points.begin() + 1,
                                     {{2, 2}, {0}, PointClass::tie, std::pair(Rational(1, 2), Rational(1, 2))});
  CHECK(is_rejected(phantom, network, "CERT-5"));  // no chain costs it
  // A dominated phantom is harmless: it demands cover and has it.
  Certificate harmless = good;
  frontier_of(harmless).labels[0] = {{1, 3}, {4, 2}};
  CHECK(is_accepted(harmless, network));
}

TEST_CASE("a point may not be left out together with the labels that lead to it", "[CERT-4]") {
  Network network;
  network.layers = 2;
  network.nodes = {{"a", {0, 1}, 1, 1}, {"b", {1, 2}, 3, 1}, {"c", {1, 2}, 2, 2}, {"d", {1, 2}, 1, 3}};
  for (const bool has_latency : {false, true}) {
    if (has_latency) network.latency.assign(4, std::vector<Rational>(4, Rational(1)));
    const Certificate good = pareto_certificate(network);
    CHECK(is_accepted(good, network));
    REQUIRE(std::get<Frontier>(good.claim).points.size() == 3);
    for (long k = 0; k < 3; ++k)
      CHECK(is_rejected(changed(good,
                                [k](Certificate& c) {
                                  frontier_of(c).points.erase(frontier_of(c).points.begin() + k);
                                  frontier_of(c).labels[0].erase(frontier_of(c).labels[0].begin() + k);
                                }),
                        network, "CERT-4"));
  }
}

TEST_CASE("of chains of a point's cost the lexicographically smallest is required", "[CERT-5]") {
  Network network;
  network.layers = 2;
  for (const auto& range : {LayerRange{0, 1}, {0, 1}, {1, 2}, {1, 2}}) network.nodes.push_back({"n", range, 1, 1});
  const Certificate good = pareto_certificate(network);
  CHECK(is_accepted(good, network));
  for (const std::vector<std::size_t>& path : {std::vector<std::size_t>{0, 3}, {1, 2}, {1, 3}})
    CHECK(is_rejected(changed(good, [&](Certificate& c) { frontier_of(c).points[0].path = path; }), network, "CERT-5"));
}

TEST_CASE("class and alpha of every point are recomputed", "[CERT-5]") {
  // (2, 3) lies on the edge from (0, 5) to (4, 1); (5, 0.9) is a vertex; (6, 0.85) lies above the hull.
  Network network = one_layer({{0, 5}, {2, 3}, {4, 1}, {5, 1}, {6, 1}, {9, 1}});
  network.nodes[3].cost = Rational(9, 10);
  network.nodes[4].cost = Rational(17, 20);
  network.nodes[5].cost = Rational(1, 2);
  network.price_scale = 3;
  network.cost_scale = Rational(1, 2);
  const Certificate good = pareto_certificate(network);
  CHECK(is_accepted(good, network));
  const std::vector<FrontierPoint>& points = std::get<Frontier>(good.claim).points;
  REQUIRE(points.size() == 6);
  CHECK(points[1].kind == PointClass::tie);
  CHECK(std::count_if(points.begin(), points.end(), [](const auto& p) { return p.kind == PointClass::unsupported; }) ==
        1);
  for (std::size_t k = 0; k < points.size(); ++k) {
    const auto rejects = [&](const auto& change) {
      return is_rejected(changed(good, [&](Certificate& c) { change(frontier_of(c).points[k]); }), network, "CERT-5");
    };
    for (const PointClass kind : {PointClass::extreme, PointClass::tie, PointClass::unsupported})
      if (kind != points[k].kind) CHECK(rejects([&](FrontierPoint& p) { p.kind = kind; }));
    if (points[k].alpha) {
      CHECK(rejects([](FrontierPoint& p) { p.alpha.reset(); }));
      CHECK(rejects([](FrontierPoint& p) { p.alpha->first += Rational(1, 1000); }));
      CHECK(rejects([](FrontierPoint& p) { p.alpha->second -= Rational(1, 1000); }));
    } else {
      CHECK(rejects([](FrontierPoint& p) { p.alpha = {Rational(1, 2), Rational(1, 2)}; }));
    }
  }
}

TEST_CASE("honest certificates of random networks are accepted", "[CERT-2][CERT-3][CERT-4][CERT-5]") {
  std::mt19937 random(7);
  std::map<std::string, int> seen;
  for (int trial = 0; trial < 3000; ++trial) {
    const Network network = random_network(random);
    if (all_chains(network).empty()) continue;
    const Rational alpha(static_cast<long>(random() % 5), 4);
    CHECK(is_accepted(route_certificate(network, alpha), network));
    const Certificate pareto = pareto_certificate(network);
    CHECK(is_accepted(pareto, network));
    for (const FrontierPoint& point : std::get<Frontier>(pareto.claim).points) ++seen[to_string(point.kind)];
  }
  CHECK(seen["extreme"] > 100);
  CHECK(seen["tie"] > 10);
  CHECK(seen["unsupported"] > 10);
}

TEST_CASE("whatever is changed in a route certificate, what is accepted is true", "[CERT-2]") {
  std::mt19937 random(11);
  int accepted = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    const Network network = random_network(random);
    const auto chains = all_chains(network);
    if (chains.empty()) continue;
    const Rational alpha(static_cast<long>(random() % 5), 4);
    const Certificate good = route_certificate(network, alpha);
    Certificate bad = good;
    OptimalRoute& route = route_of(bad);
    if (random() % 2 == 0) {
      const auto& [cost, path] = chains[random() % chains.size()];
      route.chain = {path, cost, std::get<0>(rank(network, alpha, cost))};
    }
    for (auto changes = random() % 4; changes > 0; --changes) {
      auto& label = route.labels[random() % network.size()];
      if (label && random() % 8 == 0) label.reset();
      else if (!label) label = PathCost{static_cast<long>(random() % 6), static_cast<long>(random() % 6)};
      else disturb(*label, random);
    }
    if (!check(bad, network, {}).accepted) continue;
    ++accepted;
    const OptimalRoute& truth = std::get<OptimalRoute>(good.claim);
    CHECK(route.chain.nodes == truth.chain.nodes);
    CHECK(route.chain.cost == truth.chain.cost);
    CHECK(route.chain.weight == truth.chain.weight);
  }
  CHECK(accepted > 1000);
}

TEST_CASE("whatever is changed in a Pareto certificate, what is accepted is true", "[CERT-4][CERT-5]") {
  std::mt19937 random(13);
  int accepted = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    const Network network = random_network(random);
    const auto chains = all_chains(network);
    if (chains.empty()) continue;
    const Certificate good = pareto_certificate(network);
    Certificate bad = good;
    Frontier& frontier = frontier_of(bad);
    for (auto changes = random() % 3; changes > 0; --changes) {
      auto& labels = frontier.labels[random() % network.size()];
      auto& point = frontier.points[random() % frontier.points.size()];
      switch (random() % 5) {
        case 0: point.path = chains[random() % chains.size()].second; break;
        case 1: disturb(point.cost, random); break;
        case 2:
          if (!labels.empty()) disturb(labels[random() % labels.size()], random);
          break;
        case 3:
          if (!labels.empty()) labels.erase(labels.begin() + static_cast<long>(random() % labels.size()));
          break;
        default:
          if (frontier.points.size() > 1)
            frontier.points.erase(frontier.points.begin() + static_cast<long>(random() % frontier.points.size()));
      }
    }
    if (!check(bad, network, {}).accepted) continue;
    ++accepted;
    const Frontier& truth = std::get<Frontier>(good.claim);
    REQUIRE(frontier.points.size() == truth.points.size());
    for (std::size_t k = 0; k < truth.points.size(); ++k) {
      CHECK(frontier.points[k].cost == truth.points[k].cost);
      CHECK(frontier.points[k].path == truth.points[k].path);
      CHECK(frontier.points[k].kind == truth.points[k].kind);
      CHECK(frontier.points[k].alpha == truth.points[k].alpha);
    }
  }
  CHECK(accepted > 1000);
}
