#include "fuzz/truth.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "model/numbers/interval.hpp"
#include "tests/small_worlds/brute_force.hpp"

namespace p2pllm::fuzz {
namespace {

constexpr std::size_t chains_max = 2000;
constexpr std::size_t nodes_max = 14;  // even all dead ends of so few are soon looked at

Truth false_because(std::string why) { return {Truth::fails, std::move(why)}; }
Truth open_because(std::string why) { return {Truth::open, std::move(why)}; }
Truth from(bool holds, const char* why) { return holds ? Truth{} : false_because(why); }

Truth route_truth(const Chain& claim, const Rational& alpha, const Network& network,
                  const std::vector<brute_force::Candidate>& chains) {
  if (chains.empty()) return false_because("CERT-2: there is no chain");
  const auto best = brute_force::optimal(network, alpha, chains);
  if (claim.nodes != best.nodes) return false_because("CERT-2: another chain is optimal");
  if (claim.cost != PathCost{best.price, best.time}) return false_because("CERT-2: the chain has another cost");
  return from(claim.weight == brute_force::weight(network, alpha, best), "CERT-2: the chain has another weight");
}

Truth unreachable_truth(const Unreachable& claim, const Network& network) {
  const auto reachable = brute_force::reachable(network);
  if (reachable.back() == network.layers) return false_because("CERT-3: there is a chain");
  if (claim.reachable != reachable) return false_because("CERT-3: other boundaries are reachable");
  return from(claim.blocked_boundary == reachable.back(), "CERT-3: another boundary is the last");
}

Truth frontier_truth(const Frontier& claim, const Network& network, const std::vector<brute_force::Candidate>& chains) {
  const auto frontier = brute_force::frontier(chains);
  if (frontier.empty()) return false_because("CERT-4: there is no chain");
  if (claim.points.size() != frontier.size()) return false_because("CERT-4: the frontier has another size");
  for (std::size_t k = 0; k < frontier.size(); ++k) {
    const FrontierPoint& point = claim.points[k];
    if (point.cost != PathCost{frontier[k].price, frontier[k].time})
      return false_because("CERT-4: another cost is on the frontier");
    if (point.path != frontier[k].nodes) return false_because("CERT-5: another path is first");
    const auto alpha = brute_force::alpha_interval(network, frontier[k], chains);
    if (point.alpha != alpha) return false_because("CERT-5: another alpha");
    const PointClass kind = !alpha                          ? PointClass::unsupported
                            : alpha->first == alpha->second ? PointClass::tie
                                                            : PointClass::extreme;
    if (point.kind != kind) return false_because("CERT-5: another class");
  }
  return {};
}

/// One node's revenue as a function of its price (PRICE-3, PRICE-4).
class Revenue {
 public:
  /// @param weights  those of the group's nodes; the sensitivity must be > 0
  Revenue(const std::vector<Rational>& weights, std::size_t member, Rational intrinsic, Rational sensitivity, long bits)
      : intrinsic_(std::move(intrinsic)), sensitivity_(std::move(sensitivity)), bits_(bits), rivals_(0, bits) {
    for (std::size_t j = 0; j < weights.size(); ++j)
      if (j != member && (least_.sign() < 0 || weights[j] < least_)) least_ = weights[j];
    for (std::size_t j = 0; j < weights.size(); ++j)
      if (j != member) rivals_ = rivals_ + exp(Interval(least_ - weights[j], bits_));
  }

  [[nodiscard]] Interval share(const Rational& price) const {
    const auto [own, rest] = terms(price);
    return own / (own + rest);
  }
  [[nodiscard]] Interval at(const Rational& price) const { return Interval(price, bits_) * share(price); }

  /// Prices between which the revenue is greatest: its slope has the sign of 1 - a p (1 - P), which falls (PRICE-6).
  [[nodiscard]] std::optional<Enclosure> peak() const {
    const Interval one(1, bits_);
    const auto falls_at = [&](const Rational& price) {
      const auto [own, rest] = terms(price);
      return Interval(sensitivity_ * price, bits_) * (rest / (own + rest)) > one;
    };
    Enclosure result{1 / sensitivity_, (2 + std::max(Rational(0), least_ - intrinsic_)) / sensitivity_};
    if (falls_at(result.upper) != Uncertain::yes) return std::nullopt;
    for (long step = 0; step < bits_ / 2; ++step) {
      // The figures are rounded, since otherwise each step would lengthen them.
      const Rational middle = round_decimal((result.lower + result.upper) / 2, static_cast<int>(bits_ / 3));
      if (middle <= result.lower || middle >= result.upper) break;
      const Uncertain falls = falls_at(middle);
      if (falls == Uncertain::undecided) break;
      (falls == Uncertain::yes ? result.upper : result.lower) = middle;
    }
    return result;
  }

  /// Encloses the greatest revenue: it is at least the revenue at the peak's lower end, and at most the upper price
  /// times the share at the lower one, because shares fall.
  [[nodiscard]] std::optional<Interval> best() const {
    const auto around = peak();
    if (!around) return std::nullopt;
    return hull(at(around->lower), Interval(around->upper, bits_) * share(around->lower));
  }

 private:
  /// The node's term and its rivals' sum, relative to the greater of its own and their greatest term.
  [[nodiscard]] std::pair<Interval, Interval> terms(const Rational& price) const {
    const Rational ahead = least_ - intrinsic_ - sensitivity_ * price;
    const Interval decay = exp(Interval(-abs(ahead), bits_));
    if (ahead.sign() > 0) return {Interval(1, bits_), rivals_ * decay};
    return {decay, rivals_};
  }

  Rational intrinsic_, sensitivity_, least_ = -1;
  long bits_;
  Interval rivals_;  // the rivals' sum of e^(least - w)
};

struct Groups {
  const Network& network;
  const std::vector<Rational>& prices;
  Rational sensitivity, per_cost;
  Tolerance tolerance;
  long bits;

  [[nodiscard]] Revenue revenue(const Group& group, std::size_t member) const {
    std::vector<Rational> weights;
    for (const std::size_t i : group.nodes)
      weights.push_back(sensitivity * prices[i] + per_cost * network.nodes[i].cost);
    return {weights, member, per_cost * network.nodes[group.nodes[member]].cost, sensitivity, bits};
  }

  /// Whether a node can gain more than the tolerance (PRICE-10).
  [[nodiscard]] Uncertain exceeds(const Group& group, std::size_t member) const {
    const Rational& price = prices[group.nodes[member]];
    if (price.sign() == 0 && !tolerance.absolute) return Uncertain::yes;  // epsilon is below 1
    const Revenue revenue = this->revenue(group, member);
    const auto best = revenue.best();
    if (!best) return Uncertain::undecided;
    const Interval regret = *best - revenue.at(price);
    const Interval epsilon(tolerance.epsilon, bits);
    return regret > (tolerance.absolute ? epsilon : epsilon * *best);
  }

  [[nodiscard]] bool is_symmetric(const Group& group) const {
    const auto n = static_cast<long>(group.nodes.size());
    return std::ranges::all_of(group.nodes, [&](std::size_t i) {
      return per_cost * network.nodes[i].cost == per_cost * network.nodes[group.nodes[0]].cost &&
             sensitivity * prices[i] * (n - 1) == Rational(n);
    });
  }

  [[nodiscard]] Truth witness_truth(const Group& group, const std::optional<Witness>& witness) const {
    if (!witness) return open_because("CERT-7: no witness is named");
    const auto place = std::ranges::find(group.nodes, witness->node);
    if (place == group.nodes.end()) return false_because("CERT-7: the witness is of another group");
    if (witness->price.sign() <= 0) return false_because("CERT-7: the witness charges nothing");
    const auto member = static_cast<std::size_t>(place - group.nodes.begin());
    const Revenue revenue = this->revenue(group, member);
    const Interval gain = revenue.at(witness->price) - revenue.at(prices[witness->node]);
    const Uncertain earns = gain >= Interval(witness->gain, bits);
    if (earns == Uncertain::no) return false_because("CERT-7: the witness gains less");
    const Uncertain regrets = exceeds(group, member);
    if (regrets == Uncertain::no) return false_because("CERT-7: the witness does not regret more than epsilon");
    const bool certain = earns == Uncertain::yes && regrets == Uncertain::yes;
    return certain ? Truth{} : open_because("CERT-7: the gain is close");
  }

  [[nodiscard]] Truth truth(const Group& group, const GroupEvidence& claim) const {
    const bool exists = group.nodes.size() >= 2 && sensitivity.sign() > 0;
    if (exists == (claim.verdict == Verdict::no_equilibrium))
      return false_because(exists ? "CERT-7: an equilibrium exists" : "CERT-7: no equilibrium exists");
    switch (claim.verdict) {
      case Verdict::no_equilibrium:
      case Verdict::undecided: return {};
      case Verdict::equilibrium: return from(is_symmetric(group), "CERT-7: prices or costs differ");
      case Verdict::refuted: return witness_truth(group, claim.witness);
      case Verdict::epsilon_equilibrium: break;
    }
    Truth result;
    for (std::size_t k = 0; k < group.nodes.size(); ++k) {
      const Uncertain regrets = exceeds(group, k);
      if (regrets == Uncertain::yes) return false_because("CERT-7: a node regrets more than epsilon");
      if (regrets == Uncertain::undecided) result = open_because("CERT-7: a node's regret is close to epsilon");
    }
    return result;
  }
};

Truth equilibrium_truth(const EquilibriumClaim& claim, const Rational& alpha, const Network& network,
                        const std::vector<Rational>& prices, long bits) {
  if (claim.tolerance.epsilon.sign() < 0 || (!claim.tolerance.absolute && claim.tolerance.epsilon >= Rational(1)))
    return false_because("CERT-6: epsilon is no tolerance");
  const Rational scale = network.temperature * network.price_scale;
  const Groups groups{network,         prices, alpha / scale, (1 - alpha) / (network.temperature * network.cost_scale),
                      claim.tolerance, bits};
  const std::vector<Group> all = groups_of(network);
  if (claim.groups.size() != all.size()) return false_because("CERT-6: the network has other groups");
  Truth result;
  Verdict verdict = Verdict::equilibrium;
  for (std::size_t g = 0; g < all.size(); ++g) {
    if (claim.groups[g].range != all[g].range) return false_because("CERT-6: the network has other groups");
    Truth group = groups.truth(all[g], claim.groups[g]);
    if (group.value == Truth::fails) return group;
    if (group.value == Truth::open) result = std::move(group);
    verdict = std::max(verdict, claim.groups[g].verdict);
  }
  if (claim.verdict != verdict) return false_because("CERT-6: the groups give another verdict");
  return result;
}

/// The loads of ranges, computed from all nodes each time (MIG-1).
struct Loads {
  const BalanceClaim& claim;
  std::vector<Rational> keys;  // costs, or demand weights
  long bits;

  /// Whether the load at `to`, with the node, is less than 1 + margin times the load at its place; at margin 0, whether
  /// the node gains (MIG-3).
  [[nodiscard]] Uncertain is_less(std::size_t node, const LayerRange& to, const Rational& margin) const {
    std::map<Rational, Rational> terms = {{keys[node], 1}};  // of the difference, by key
    for (std::size_t j = 0; j < keys.size(); ++j) {
      if (claim.allocation[j] == to && j != node) terms[keys[j]] += 1;
      if (claim.allocation[j] == claim.allocation[node]) terms[keys[j]] -= 1 + margin;
    }
    std::erase_if(terms, [](const auto& term) { return term.second.sign() == 0; });  // MIG-8
    if (terms.empty()) return Uncertain::no;
    Rational exact = 0;
    Interval enclosed(0, bits);
    for (const auto& [key, count] : terms)
      if (claim.rule == MigrationRule::share) exact += count / key;
      else enclosed = enclosed + Interval(count, bits) * exp(Interval(terms.begin()->first - key, bits));
    if (claim.rule == MigrationRule::revenue) return enclosed < Interval(0, bits);
    return exact.sign() < 0 ? Uncertain::yes : Uncertain::no;
  }
};

Truth balance_truth(const BalanceClaim& claim, const Rational& alpha, const Network& network,
                    const std::vector<Rational>& prices, long bits) {
  const bool by_share = claim.rule == MigrationRule::share;
  Loads loads{claim, {}, bits};
  for (std::size_t i = 0; i < network.size(); ++i) {
    const Rational& cost = network.nodes[i].cost;
    loads.keys.push_back(by_share
                             ? cost
                             : (alpha * prices[i] / network.price_scale + (1 - alpha) * cost / network.cost_scale) /
                                   network.temperature);
  }
  if (claim.allocation.size() != network.size()) return false_because("CERT-8: a range a node is required");
  std::set<LayerRange> served(network.blocks.begin(), network.blocks.end());
  for (const Node& node : network.nodes) served.insert(node.layers);
  Truth result;
  for (std::size_t i = 0; i < network.size(); ++i) {
    const LayerRange& own = network.nodes[i].layers;
    const auto is_target = [&](const LayerRange& range) { return range.last - range.first == own.last - own.first; };
    if (!served.contains(claim.allocation[i]) || !is_target(claim.allocation[i]))
      return false_because("CERT-8: a node is where it may not be");
    if (!by_share && prices[i].sign() == 0) continue;
    for (const LayerRange& to : served) {
      if (!is_target(to) || to == claim.allocation[i]) continue;
      const Uncertain gains = loads.is_less(i, to, 0);
      if (gains == Uncertain::yes) return false_because("CERT-8: a node gains by moving");
      if (gains == Uncertain::undecided) result = open_because("CERT-8: two loads are close");
    }
  }
  for (const Comparison& comparison : claim.comparisons) {
    const Uncertain less = loads.is_less(comparison.node, comparison.to, comparison.margin);
    if (less == Uncertain::yes) return false_because("CERT-8: a margin is less than stated");
    if (less == Uncertain::undecided) result = open_because("CERT-8: a margin is close");
  }
  return result;
}

}  // namespace

Truth truth_of(const Certificate& certificate, const Network& network, const std::optional<Prices>& prices, long bits) {
  const auto* equilibrium = std::get_if<EquilibriumClaim>(&certificate.claim);
  const auto* unreachable = std::get_if<Unreachable>(&certificate.claim);
  const auto* frontier = std::get_if<Frontier>(&certificate.claim);
  const auto* route = std::get_if<OptimalRoute>(&certificate.claim);
  const auto* balance = std::get_if<BalanceClaim>(&certificate.claim);
  const bool is_of_prices = equilibrium || (balance && balance->rule == MigrationRule::revenue);
  const std::optional<Rational>& alpha = certificate.alpha;
  if (certificate.network_sha256 != network.sha256) return false_because("CERT-1: it is about another network");
  if (certificate.prices_sha256 != (prices ? prices->sha256 : "")) return false_because("CERT-1: about other prices");
  if (prices && !is_of_prices) return false_because("CERT-1: prices have no meaning here");
  if (alpha.has_value() != (route || is_of_prices)) return false_because("CERT-1: alpha has no meaning here");
  if (alpha && (alpha->sign() < 0 || *alpha > Rational(1))) return false_because("CERT-1: alpha is none");
  const auto client = std::ranges::find(network.clients, certificate.client.value_or(""), &Client::id);
  const bool is_known = certificate.client && client != network.clients.end();
  if (certificate.client && (!is_known || equilibrium || balance))
    return false_because("CERT-1: the client has no meaning here");
  if (!certificate.client && !network.clients.empty() && (route || frontier))
    return false_because("CERT-1: the client is not named");
  if (unreachable) return unreachable_truth(*unreachable, network);
  const std::vector<Rational> charged = prices ? prices->values : posted_prices(network).values;
  if (equilibrium) return equilibrium_truth(*equilibrium, *alpha, network, charged, bits);
  if (balance) return balance_truth(*balance, alpha.value_or(0), network, charged, bits);
  if (network.size() > nodes_max) return open_because("there are many nodes");
  const ClientLegs legs{is_known ? &*client : nullptr};
  const auto chains = brute_force::all_chains(network, legs, chains_max);
  if (!chains) return open_because("there are many chains");
  return route ? route_truth(route->chain, *alpha, network, *chains) : frontier_truth(*frontier, network, *chains);
}

}  // namespace p2pllm::fuzz
