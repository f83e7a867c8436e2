#include "checker/equilibrium.hpp"

#include <algorithm>

#include "checker/exp_bounds.hpp"

namespace p2pllm::checker {
namespace {

/// A group's demand: w = sensitivity * price + intrinsic (PRICE-2); bounds are rounded to `bits`.
struct Market {
  std::vector<std::size_t> nodes;
  Rational sensitivity;
  std::vector<Rational> intrinsic, prices, weights;
  Tolerance tolerance;
  long bits;
};

using Rivals =
    std::pair<Rational, Enclosure>;  // of a node: their minimum weight, and sum of e^(minimum - w_j), at least 1

/// The rivals of each node, in linear time. `total` is the sum over all nodes but the best, relative to the second
/// smallest weight. The rivals of any other node include the best, whose term relative to its own weight is 1, so
/// subtracting a node's own term cancels nothing.
std::vector<Rivals> rivals_of_each(const Market& market) {
  std::vector<Rational> weights = market.weights;
  const auto best = std::ranges::min_element(weights) - weights.begin();
  std::ranges::nth_element(weights, weights.begin() + 1);
  const Rational minimum = weights[0], second = weights[1];
  std::vector<Enclosure> terms;
  Enclosure total{0, 0};
  for (const Rational& weight : market.weights) {
    const bool is_best = std::ssize(terms) == best;
    terms.push_back(is_best ? Enclosure{0, 0} : exp_of_minus(weight - second, market.bits));
    total = rounded({total.lower + terms.back().lower, total.upper + terms.back().upper}, market.bits);
  }
  const Enclosure shift = exp_of_minus(second - minimum, market.bits);
  std::vector<Rivals> rivals;
  for (const auto& [lower, upper] : terms) {
    const Rational left = std::max(total.lower - upper, Rational(0));
    rivals.push_back(
        {minimum, rounded({1 + shift.lower * left, 1 + shift.upper * (total.upper - lower)}, market.bits)});
  }
  rivals[static_cast<std::size_t>(best)] = {second, total};
  return rivals;
}

/// A node's e^-w at a price and its rivals' sum, both divided by the greater of e^-w and e^-minimum: one is at least 1.
struct Odds {
  Rational price;
  Enclosure own, rival;
};

Odds odds_at(const Rational& price, std::size_t i, const Rivals& rivals, const Market& market) {
  const auto& [minimum, sum] = rivals;
  const Rational excess = market.sensitivity * price + market.intrinsic[i] - minimum;
  const Enclosure decay = exp_of_minus(abs(excess), market.bits);
  if (excess.sign() >= 0) return {price, decay, sum};
  return {price, {1, 1}, rounded({sum.lower * decay.lower, sum.upper * decay.upper}, market.bits)};
}

/// R = price * own / (own + rival).
Enclosure revenue(const Odds& odds, long bits) {
  const auto& [price, own, rival] = odds;
  return rounded({price * own.lower / (own.lower + rival.upper), price * own.upper / (own.upper + rival.lower)}, bits);
}

/// An upper bound of the regret at `price`, relative or absolute, from a trial price > 0 (PRICE-9).
/// @returns nothing if the trial is so far off that z or e^(1-z) is not known to be positive.
std::optional<Rational> regret_upper(const Rational& price, const Odds& trial, const Market& market) {
  const auto& [q, own, rival] = trial;
  const Rational scale = market.sensitivity * q;
  const Enclosure z = rounded(
      {scale * rival.lower / (own.upper + rival.lower), scale * rival.upper / (own.lower + rival.upper)}, market.bits);
  Rational peak = 1;  // sup R / R(q) <= e^(z-1)/z, which is convex and so greatest at an end
  for (const Rational& end : {z.lower, z.upper}) {
    const Enclosure decay = exp_of_minus(abs(end - 1), market.bits);
    if (end.sign() <= 0 || decay.lower.sign() <= 0) return std::nullopt;
    peak = std::max(peak, end < Rational(1) ? decay.upper / end : 1 / (decay.lower * end));
  }
  const Enclosure decay = exp_of_minus(market.sensitivity * abs(price - q), market.bits);
  const Rational below = price < q ? own.upper + rival.upper * decay.upper : own.upper * decay.upper + rival.upper;
  const Rational ratio =
      price / q * (price < q ? 1 : decay.lower) * (own.lower + rival.lower) / below;  // <= R(p) / R(q)
  return market.tolerance.absolute ? (peak - ratio) * revenue(trial, market.bits).upper : 1 - ratio / peak;
}

/// Whether it is proved that no node can gain more than the tolerance.
std::string regret_fault(const std::vector<Rational>& trials, const Market& market) {
  if (trials.size() != market.prices.size()) return "trials: one a node is required";
  const std::vector<Rivals> rivals = rivals_of_each(market);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (trials[i].sign() <= 0) return at("trials", i) + ": must be greater than 0";
    const Rational trial = rounded({trials[i], trials[i]}, market.bits).lower;  // any price > 0 will do, so a short one
    const std::optional<Rational> regret = regret_upper(market.prices[i], odds_at(trial, i, rivals[i], market), market);
    if (!regret || *regret > market.tolerance.epsilon) return at("trials", i) + ": bounds no regret by epsilon";
  }
  return "";
}

/// Whether it is proved that the witness gains more than the tolerance.
std::string gain_fault(const Witness& witness, const Market& market) {
  const auto i = static_cast<std::size_t>(std::ranges::find(market.nodes, witness.node) - market.nodes.begin());
  if (i == market.nodes.size()) return "witness.node: must be of the group";
  if (witness.price.sign() <= 0 || witness.gain.sign() < 0) return "witness: price > 0 and gain >= 0 are required";
  const Rivals rivals = rivals_of_each(market)[i];
  const Enclosure now = revenue(odds_at(market.prices[i], i, rivals, market), market.bits);
  const Enclosure then = revenue(odds_at(witness.price, i, rivals, market), market.bits);
  if (witness.gain > then.lower - now.upper) return "witness.gain: not proved";
  // The relative regret is at least (R(q) - R(p)) / R(q), which is 1 at price 0.
  if (!market.tolerance.absolute && market.prices[i].sign() == 0) return "";
  const Rational unit = market.tolerance.absolute ? 1 : then.upper;
  return witness.gain > market.tolerance.epsilon * unit ? "" : "witness.gain: must exceed epsilon";
}

/// Whether the evidence proves the verdict of the group (CERT-7).
std::string group_fault(const GroupEvidence& evidence, const Market& market) {
  const auto n = static_cast<long>(market.nodes.size());
  const bool exists = n > 1 && market.sensitivity.sign() > 0;
  if (exists == (evidence.verdict == Verdict::no_equilibrium)) return "verdict: none exists iff n = 1 or alpha = 0";
  const auto all = [n](const auto& values, const Rational& value) { return std::ranges::count(values, value) == n; };
  switch (evidence.verdict) {
    case Verdict::no_equilibrium:
    case Verdict::undecided: return "";
    case Verdict::epsilon_equilibrium: return regret_fault(evidence.trials, market);
    case Verdict::refuted: return evidence.witness ? gain_fault(*evidence.witness, market) : "witness: required";
    case Verdict::equilibrium:
      if (!all(market.intrinsic, market.intrinsic[0])) return "verdict: costs must be equal";
      return all(market.prices, Rational(n, n - 1) / market.sensitivity) ? "" : "verdict: prices must be n/(a(n-1))";
  }
  return "verdict: unknown";
}

}  // namespace

std::string equilibrium_fault(const EquilibriumClaim& claim, const Rational& alpha, const Network& network,
                              const std::vector<Rational>& prices) {
  const Rational sensitivity = alpha / (network.price_scale * network.temperature);
  const Rational per_cost = (1 - alpha) / (network.cost_scale * network.temperature);
  const std::vector<Group> groups = groups_of(network);
  if (claim.groups.size() != groups.size()) return "CERT-6: groups: one for each range served is required";
  Verdict verdict = Verdict::equilibrium;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (claim.groups[g].range != groups[g].range) return "CERT-6: " + at("groups", g) + ".range: not the network's";
    Market market{groups[g].nodes, sensitivity, {}, {}, {}, claim.tolerance, claim.bits};
    for (const std::size_t i : market.nodes) {
      market.intrinsic.push_back(per_cost * network.nodes[i].cost);
      market.prices.push_back(prices[i]);
      market.weights.push_back(sensitivity * prices[i] + market.intrinsic.back());
    }
    const std::string fault = group_fault(claim.groups[g], market);
    if (!fault.empty()) return "CERT-7: " + at("groups", g) + ": " + fault;
    verdict = std::max(verdict, claim.groups[g].verdict);
  }
  if (claim.verdict != verdict) return "CERT-6: verdict: must be the groups' of highest precedence";
  return verdict == Verdict::undecided ? "CERT-6: verdict: undecided proves nothing" : "";
}

}  // namespace p2pllm::checker
