#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/checker_chains.hpp"

using namespace p2pllm;
using namespace p2pllm::testing;

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
  // A dominated phantom is harmless: it must be covered, and it is.
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
