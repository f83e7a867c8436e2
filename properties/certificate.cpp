#include <numeric>

#include "checker/check.hpp"
#include "properties/chains.hpp"
#include "properties/generators/near_tie.hpp"
#include "properties/markets.hpp"
#include "reference/market/pareto.hpp"
#include "reference/market/route.hpp"
#include "reference/market/verify.hpp"

namespace p2pllm::properties {
namespace {

/// Writes, reads and checks a certificate.
checker::Decision judged(const Certificate& certificate, const Network& network) {
  const std::string text = write_certificate(certificate, network);
  const auto read = read_certificate(text, "written", network);
  expect(read.has_value(), read ? "" : "does not read back: " + read.error().message());
  expect_equal(write_certificate(*read, network), text, "written again");
  return checker::check(*read, network, {});
}

void expect_accepted(const Certificate& certificate, const Network& network) {
  const checker::Decision decision = judged(certificate, network);
  expect(decision.accepted, "rejected: " + decision.reason);
}

Certificate certificate_about(const World& world, const std::optional<Rational>& alpha, Claim claim) {
  Certificate certificate{world.network.sha256, "", alpha, {}, std::move(claim)};
  if (!world.network.clients.empty()) certificate.client = world.network.clients.front().id;
  return certificate;
}

/// A small change to a number: often none, sometimes negative.
Rational nudged(const Rational& value) {
  return value + draw_one_of<Rational>({0, 1, -1, Rational(1, 1'000'000'000), -2});
}

std::size_t draw_index(std::size_t size) {
  return static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(size) - 1));
}

void change(OptimalRoute& route, const World& world) {
  switch (draw_integer(0, 3)) {
    case 0: route.chain.weight = nudged(route.chain.weight); break;
    case 1: route.chain.cost.price = nudged(route.chain.cost.price); break;
    case 2: {
      const auto& other = world.chains[draw_index(world.chains.size())];
      route.chain.nodes = other.nodes;
      if (draw_coin()) route.chain.cost = {other.price, other.time};
      break;
    }
    default: {
      auto& label = route.labels[draw_index(route.labels.size())];
      if (draw_coin() || !label) label.reset();
      else label = PathCost{nudged(label->price), nudged(label->time)};
    }
  }
}

bool is_true(const OptimalRoute& route, const World& world, const Rational& alpha) {
  if (world.chains.empty()) return false;
  const auto best = brute_force::optimal(world.network, alpha, world.chains);
  return route.chain.nodes == best.nodes && route.chain.cost == PathCost{best.price, best.time} &&
         route.chain.weight == brute_force::weight(world.network, alpha, best);
}

PROPERTY("a route's certificate is accepted and a false one never", "[CERT-1][CERT-2]", 1500) {
  const World world(filed(draw_network({})));
  const Rational alpha = draw_alpha();
  if (world.chains.empty()) return;
  const auto answer = reference::route(world.network, alpha, world.legs());
  Certificate certificate = certificate_about(world, alpha, std::get<OptimalRoute>(*answer));
  expect_accepted(certificate, world.network);
  auto& route = std::get<OptimalRoute>(certificate.claim);
  for (std::int64_t changes = draw_integer(1, 2); changes > 0; --changes) change(route, world);
  if (draw_integer(0, 3) == 0) certificate.alpha = draw_alpha();
  const bool accepted = judged(certificate, world.network).accepted;
  const bool truth = is_true(route, world, *certificate.alpha);
  reach("a false claim", !truth);
  reach("a true claim accepted", truth && accepted);
  reach("true but its evidence spoilt", truth && !accepted);
  expect(truth || !accepted, "a false claim was accepted");
}

PROPERTY("beside a tie the route's certificate is accepted and with any other chain rejected", "[CERT-2]", 600) {
  auto near = draw_near_tie();
  reach("two chains to tie", near.has_value());
  if (!near) return;
  reach_near_tie_classes(*near);
  const World world(filed(near->world.network));
  const OptimalRoute honest = std::get<OptimalRoute>(*reference::route(world.network, near->alpha, world.legs()));
  expect_accepted(certificate_about(world, near->alpha, honest), world.network);
  for (const auto& other : world.chains) {
    if (other.nodes == honest.chain.nodes) continue;
    OptimalRoute lie = honest;
    lie.chain = {other.nodes, {other.price, other.time}, brute_force::weight(world.network, near->alpha, other)};
    expect(!judged(certificate_about(world, near->alpha, lie), world.network).accepted, "another chain was accepted");
  }
}

PROPERTY("unreachability is certified and never falsely", "[CERT-3]", 500) {
  const World world(filed(draw_network({.layout = NetworkShape::Layout::ranges, .nodes_max = 6})));
  const Unreachable truth = reference::reachable_boundaries(world.network);
  Certificate certificate{world.network.sha256, "", {}, {}, truth};
  const bool blocked = world.chains.empty();
  reach("unreachable", blocked);
  reach("reachable", !blocked);
  reach("empty network", world.network.nodes.empty());
  expect_equal(judged(certificate, world.network).accepted, blocked, "accepted iff no chain exists");
  auto& claim = std::get<Unreachable>(certificate.claim);
  if (draw_coin()) claim.reachable.push_back(draw_integer(0, world.network.layers));
  else claim.reachable.erase(claim.reachable.begin() + static_cast<std::ptrdiff_t>(draw_index(claim.reachable.size())));
  if (!claim.reachable.empty() && draw_coin()) claim.blocked_boundary = claim.reachable.back();
  const bool same = claim.reachable == truth.reachable && claim.blocked_boundary == truth.blocked_boundary;
  expect(same || !judged(certificate, world.network).accepted, "a false claim was accepted");
}

void change(Frontier& frontier, const World& world) {
  auto& points = frontier.points;
  const std::size_t k = draw_index(points.size());
  switch (draw_integer(0, 6)) {
    case 0: points.erase(points.begin() + static_cast<std::ptrdiff_t>(k)); break;
    case 1: points[k].cost.time = nudged(points[k].cost.time); break;
    case 2: points[k].path = world.chains[draw_index(world.chains.size())].nodes; break;
    case 3: points[k].kind = draw_one_of({PointClass::extreme, PointClass::tie, PointClass::unsupported}); break;
    case 4:
      if (points[k].alpha) points[k].alpha->second = nudged(points[k].alpha->second);
      else points[k].alpha = std::pair(Rational(0), Rational(0));
      break;
    case 5: {
      const auto& other = world.chains[draw_index(world.chains.size())];
      points.insert(points.begin() + static_cast<std::ptrdiff_t>(k),
                    {{other.price, other.time}, other.nodes, PointClass::unsupported, {}});
      break;
    }
    default: {
      auto& labels = frontier.labels[draw_index(frontier.labels.size())];
      if (labels.empty() || draw_coin()) labels.clear();
      else labels.front().price = nudged(labels.front().price);
    }
  }
}

bool is_true(const Frontier& frontier, const World& world) {
  const auto expected = brute_force::frontier(world.chains);
  if (frontier.points.size() != expected.size()) return false;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const FrontierPoint& point = frontier.points[k];
    const auto interval = brute_force::alpha_interval(world.network, expected[k], world.chains);
    const PointClass kind = !interval                            ? PointClass::unsupported
                            : interval->first < interval->second ? PointClass::extreme
                                                                 : PointClass::tie;
    if (!(point.cost == PathCost{expected[k].price, expected[k].time}) || point.path != expected[k].nodes ||
        point.alpha != interval || point.kind != kind)
      return false;
  }
  return true;
}

PROPERTY("a frontier's certificate is accepted and a false one never", "[CERT-1][CERT-4][CERT-5]", 1500) {
  const World world(filed(draw_network({.nodes_max = 10})));
  if (world.chains.empty()) return;
  const auto answer = reference::pareto(world.network, world.legs());
  Certificate certificate = certificate_about(world, {}, std::get<Frontier>(*answer));
  expect_accepted(certificate, world.network);
  auto& frontier = std::get<Frontier>(certificate.claim);
  change(frontier, world);
  const bool accepted = judged(certificate, world.network).accepted;
  const bool truth = is_true(frontier, world);
  reach("a false claim", !truth);
  reach("a true claim accepted", truth && accepted);
  reach("true but its evidence spoilt", truth && !accepted);
  expect(truth || !accepted, "a false claim was accepted");
}

/// Whether golden-section search leaves no doubt that the claim is false (CERT-6).
bool is_clearly_false(const EquilibriumClaim& claim, const Network& network, const Rational& alpha) {
  const auto groups = groups_of(network);
  if (claim.groups.size() != groups.size()) return true;
  Verdict gravest = Verdict::equilibrium;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto& [range, verdict, trials, witness] = claim.groups[g];
    gravest = std::max(gravest, verdict);
    const bool exists = groups[g].nodes.size() >= 2 && alpha.sign() > 0;
    if (!(range == groups[g].range) || exists == (verdict == Verdict::no_equilibrium)) return true;
    if (!exists || verdict == Verdict::undecided) continue;
    const PriceOracle oracle(network, groups[g].nodes, posted_prices(network).values, alpha);
    for (std::size_t i = 0; i < oracle.size(); ++i) {
      const long double unit = claim.tolerance.absolute ? std::exp(oracle.best(i).log_revenue) : 1;
      const long double regret = oracle.relative_regret(i) * unit;
      const long double doubt = 10 * oracle.slack() * unit;
      const bool accused = witness && witness->node == groups[g].nodes[i];
      if (verdict == Verdict::equilibrium && regret > doubt) return true;
      if (verdict == Verdict::epsilon_equilibrium && regret > real(claim.tolerance.epsilon) + doubt) return true;
      if (verdict != Verdict::refuted || !accused) continue;
      const long double after = oracle.log_revenue(i, real(witness->price));
      const long double gain =
          std::exp(after) - (oracle.price(i) > 0 ? std::exp(oracle.log_revenue(i, oracle.price(i))) : 0);
      if (regret < real(claim.tolerance.epsilon) - doubt ||
          gain < real(witness->gain) - 10 * oracle.slack() * std::exp(after))
        return true;
    }
  }
  return gravest != claim.verdict;
}

void change(EquilibriumClaim& claim) {
  const auto draw_verdict = [] {
    return draw_one_of({Verdict::equilibrium, Verdict::epsilon_equilibrium, Verdict::undecided, Verdict::refuted,
                        Verdict::no_equilibrium});
  };
  GroupEvidence& group = claim.groups[draw_index(claim.groups.size())];
  switch (draw_integer(0, 5)) {
    case 0: claim.verdict = draw_verdict(); break;
    case 1:
      group.verdict = draw_verdict();
      if (claim.groups.size() == 1) claim.verdict = group.verdict;
      break;
    case 2:
      claim.tolerance.epsilon *= draw_one_of<Rational>({Rational(1, 2), Rational(1, 1000), 0, Rational(3, 2)});
      break;
    case 3: claim.tolerance.absolute = !claim.tolerance.absolute; break;
    case 4:
      if (!group.trials.empty())
        group.trials.front() *= draw_one_of<Rational>({2, Rational(1, 2), Rational(1001, 1000), 0});
      break;
    default:
      if (group.witness)
        group.witness->gain *= draw_one_of<Rational>({2, Rational(1001, 1000), Rational(999, 1000), 0});
      if (group.witness && draw_coin()) group.witness->price *= draw_one_of<Rational>({2, Rational(1, 3), 0});
  }
}

/// The certificate with as much precision as the checker needs, as the command line writes it.
Certificate refined(Certificate certificate, const Network& network) {
  auto& claim = std::get<EquilibriumClaim>(certificate.claim);
  while (!checker::check(certificate, network, {}).accepted && 2 * claim.bits <= certificate_bits_max) claim.bits *= 2;
  return certificate;
}

PROPERTY("a verdict's certificate is accepted and a false one never", "[CERT-6][CERT-7]", 500) {
  const Network network = filed(draw_market(NetworkShape::Numbers::moderate));
  const Rational alpha = draw_alpha();
  const EquilibriumReport report = reference::verify(network, posted_prices(network), alpha, draw_tolerance());
  if (report.verdict == Verdict::undecided) return;
  Certificate certificate = refined(certificate_of(report, network, alpha, posted_prices(network)), network);
  reach("equilibrium", report.verdict == Verdict::equilibrium);
  reach("epsilon_equilibrium", report.verdict == Verdict::epsilon_equilibrium);
  reach("refuted", report.verdict == Verdict::refuted);
  reach("no_equilibrium", report.verdict == Verdict::no_equilibrium);
  expect_accepted(certificate, network);
  auto& claim = std::get<EquilibriumClaim>(certificate.claim);
  if (claim.groups.empty()) return;
  change(claim);
  const bool accepted = judged(certificate, network).accepted;
  const bool clearly_false = is_clearly_false(claim, network, alpha);
  reach("a false claim", clearly_false);
  reach("a claim still true and accepted", accepted);
  expect(!(clearly_false && accepted), "a false claim was accepted");
}

PROPERTY("certificates of refuted and near equilibrium hold at cost ratios of 1e18", "[CERT-6][CERT-7]", 120) {
  const Network network = filed(draw_group(2, 6, NetworkShape::Numbers::extreme));
  const Rational alpha = draw_inner_alpha();
  const EquilibriumReport report = reference::verify(network, posted_prices(network), alpha, draw_tolerance());
  reach("cost ratio 1e18", traits_of(network).extreme_ratio);
  note("undecided", report.verdict == Verdict::undecided);
  // The checker knows exponentials down to e^-16384 (CERT-7).
  const bool is_beyond = report.witness && report.witness->gain < Rational::power_of_two(-16384);
  note("a gain too small for the checker", is_beyond);
  if (report.verdict == Verdict::undecided) return;
  const Certificate certificate = refined(certificate_of(report, network, alpha, posted_prices(network)), network);
  const auto decision = judged(certificate, network);
  note("rejected", !decision.accepted);
  expect(decision.accepted || is_beyond, "rejected: " + decision.reason);
}

PROPERTY("a certificate is about one network one alpha and one client", "[CERT-1]", 200) {
  const World world(filed(draw_network({})));
  const Rational alpha = draw_alpha();
  if (world.chains.empty()) return;
  const auto answer = reference::route(world.network, alpha, world.legs());
  const Certificate certificate = certificate_about(world, alpha, std::get<OptimalRoute>(*answer));
  Network other = world.network;
  other.nodes.front().cost += Rational(1);
  expect(!checker::check(certificate, filed(other), {}).accepted, "another network's bytes");
  Certificate no_alpha = certificate;
  no_alpha.alpha.reset();
  expect(!checker::check(no_alpha, world.network, {}).accepted, "no alpha");
  Certificate stranger = certificate;
  stranger.client = "nobody";
  expect(!checker::check(stranger, world.network, {}).accepted, "an unknown client");
  Certificate priced = certificate;
  priced.prices_sha256 = world.network.sha256;
  expect(!checker::check(priced, world.network, {}).accepted, "prices that are not given");
  reach("a client", certificate.client.has_value());
}

PROPERTY("a network survives writing and reading", "[FORMAT-2][FORMAT-3]", 200) {
  const Network network = draw_network({});
  const Network read = filed(network);
  expect_equal(network_file(read), network_file(network), "the file of what was read");
  expect(read.latency == network.latency && read.price_scale == network.price_scale &&
             read.cost_scale == network.cost_scale && read.temperature == network.temperature &&
             read.layers == network.layers && read.clients.size() == network.clients.size(),
         "what was read");
  for (std::size_t i = 0; i < network.size(); ++i)
    expect(read.nodes[i].id == network.nodes[i].id && read.nodes[i].cost == network.nodes[i].cost &&
               read.nodes[i].price == network.nodes[i].price && read.nodes[i].layers == network.nodes[i].layers,
           "node " + shown(i));
  reach("empty network", network.nodes.empty());
}

}  // namespace
}  // namespace p2pllm::properties
