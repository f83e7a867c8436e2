#include "checker/balance.hpp"

#include <algorithm>
#include <map>

#include "checker/equilibrium.hpp"
#include "checker/exp_bounds.hpp"

namespace p2pllm::checker {
namespace {

using Keys = std::vector<Rational>;  // costs, or demand weights w: the greater the key, the less the node weighs

/// Bounds of the load of nodes with these keys, ascending; under the revenue rule multiplied by e^least.
Enclosure load(const Keys& keys, const Rational& minimum, const BalanceClaim& claim) {
  Enclosure sum{0, 0};
  for (const Rational& key : keys) {
    const bool by_share = claim.rule == MigrationRule::share;
    const Enclosure own = by_share ? Enclosure{1 / key, 1 / key} : exp_of_minus(key - minimum, claim.bits);
    sum = {sum.lower + own.lower, sum.upper + own.upper};
  }
  return sum;
}

/// Whether the load of `there` is proved to be at least 1 + margin times that of `here`; both ascending.
bool is_at_least(Keys there, Keys here, const Rational& margin, const BalanceClaim& claim) {
  if (margin.sign() == 0) {  // common keys cancel: equal loads under the revenue rule have equal keys
    Keys more, less;
    std::ranges::set_difference(there, here, std::back_inserter(more));
    std::ranges::set_difference(here, there, std::back_inserter(less));
    there = more, here = less;
  }
  if (there.empty() || here.empty()) return here.empty();
  const Rational minimum = std::min(there.front(), here.front());
  return load(there, minimum, claim).lower >= (1 + margin) * load(here, minimum, claim).upper;
}

struct Served {
  Keys keys;                              ///< keys of its nodes, ascending
  std::optional<std::size_t> mover = {};  ///< the node of greatest key with any revenue, the first of several
};

}  // namespace

std::string balance_fault(const BalanceClaim& claim, const Rational& alpha, const Network& network,
                          const std::vector<Rational>& prices) {
  const auto length = [](const LayerRange& range) { return range.last - range.first; };
  const Rational by_price = alpha / (network.price_scale * network.temperature);
  const Rational by_cost = (1 - alpha) / (network.cost_scale * network.temperature);
  if (claim.bits < certificate_bits_min || claim.bits > certificate_bits_max)
    return "CERT-8: bits: must lie in 32 .. 16384";
  if (claim.allocation.size() != network.size()) return "CERT-8: allocation: one range a node is required";
  std::map<std::int64_t, std::map<LayerRange, Served>> targets;  // by length
  for (const LayerRange& block : network.blocks) targets[length(block)][block];
  for (const Node& node : network.nodes) targets[length(node.layers)][node.layers];
  Keys key;
  for (std::size_t i = 0; i < network.size(); ++i) {
    auto& of_length = targets[length(network.nodes[i].layers)];
    const auto target = of_length.find(claim.allocation[i]);
    if (target == of_length.end())
      return "CERT-8: " + at("allocation", i) + ": must be a range of its length, served in the file or a block";
    const bool by_share = claim.rule == MigrationRule::share;
    key.push_back(by_share ? network.nodes[i].cost : by_price * prices[i] + by_cost * network.nodes[i].cost);
    auto& [keys, mover] = target->second;
    keys.insert(std::ranges::upper_bound(keys, key[i]), key[i]);
    if ((by_share || prices[i].sign() > 0) && (!mover || key[i] > key[*mover])) mover = i;
  }
  std::size_t k = 0;
  for (const auto& [of_length, ranges] : targets)
    for (const auto& [from, here] : ranges)
      for (const auto& [to, there] : ranges) {
        if (!here.mover || from == to) continue;
        if (k == claim.comparisons.size()) return "CERT-8: comparisons: some are missing";
        const auto& [node, target, margin] = claim.comparisons[k];
        if (node != *here.mover || target != to) return "CERT-8: " + at("comparisons", k) + ": another comes here";
        Keys joined = there.keys;
        joined.insert(std::ranges::upper_bound(joined, key[node]), key[node]);
        if (margin.sign() < 0 || !is_at_least(joined, here.keys, margin, claim))
          return "CERT-8: " + at("comparisons", k) + ": not proved that it would not gain";
        ++k;
      }
  return k == claim.comparisons.size() ? "" : "CERT-8: comparisons: there are too many";
}

}  // namespace p2pllm::checker
