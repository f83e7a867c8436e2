#include <catch2/catch.hpp>

#include "tests/unit/checker_chains.hpp"

using namespace p2pllm;
using namespace p2pllm::testing;

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
  // The first successor has the least label, but its leg makes it the worse one; merged labels would hide that.
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
