#include "reference/simulation/request_choice.hpp"

#include <map>
#include <tuple>
#include <utility>

#include "reference/market/demand_rules.hpp"

namespace p2pllm::reference {
namespace {

/// The key of a node under `gumbel`: w + ln(-ln U), of which the least wins. -ln(-ln U) is a standard Gumbel number, so
/// of one group each node has the least key with the probability of its share.
/// Source: J. Yellott, "The relationship between Luce's choice axiom, Thurstone's theory of comparative judgment, and
/// the double exponential distribution", 1977.
Interval gumbel_key(const Interval& weight, const Interval& uniform) { return weight + log(-log(uniform)); }

}  // namespace

/// A suffix of a chain, from a boundary to the last layer.
struct RequestChoice::Label {
  Interval key;                   ///< what the mode compares: the weight, or the weight plus a drawn number
  Interval price;                 ///< sum
  Rational cost;                  ///< sum
  std::optional<Rational> exact;  ///< the price, if all are known as rational numbers
  std::uint32_t history = 0;      ///< of the first node
  std::vector<std::size_t> nodes;
};

RequestChoice::RequestChoice(const Scenario& scenario, const Network& network, const std::vector<LayerRange>& ranges,
                             std::vector<std::vector<Offer>> offers, const Draws& draws, long bits)
    : scenario_(scenario),
      network_(network),
      ranges_(ranges),
      offers_(std::move(offers)),
      draws_(draws),
      bits_(bits),
      alpha_(scenario.alpha ? *scenario.alpha : *network.alpha) {
  sensitivity_ = price_sensitivity(alpha_, network.price_scale, network.temperature);
  // Without a chain nothing is compared, so that nothing is left undecided that nobody asks.
  if (blocked_boundary() != network.layers) least_ = NoChain{blocked_boundary()};
  else if (scenario.requests->mode == RequestMode::least) least_ = least_chain(std::nullopt);
}

Choice RequestChoice::choose(std::uint64_t request) const {
  Choice choice = least_                                            ? *least_
                  : scenario_.requests->mode == RequestMode::gumbel ? least_chain(request)
                                                                    : one_of_each_range(request);
  auto* chain = std::get_if<ChosenChain>(&choice);
  if (!scenario_.ledger || chain == nullptr) return choice;
  for (const std::size_t node : chain->nodes) {
    const auto price = money(node);
    if (!price) return UndecidedChoice{node, node};
    chain->prices.push_back(*price);
  }
  return choice;
}

/// The price of a node in money units, rounded down; nothing if its enclosure leaves that open.
std::optional<std::int64_t> RequestChoice::money(std::size_t node) const {
  const Rational unit = scenario_.ledger->unit;
  for (const std::vector<Offer>& offers : offers_)
    for (const Offer& offer : offers) {
      if (offer.node != node) continue;
      const mpz_class low = floor(unit * (offer.exact ? *offer.exact : *offer.price.lower()));
      const mpz_class high = floor(unit * (offer.exact ? *offer.exact : *offer.price.upper()));
      return low == high && low <= money_price_max ? std::optional(low.get_si()) : std::nullopt;
    }
  return std::nullopt;
}

Interval RequestChoice::uniform(std::uint64_t request, std::uint32_t entity) const {
  return {uniform_of(draws_.bits(Stream::choices, request, entity)), bits_};
}

RequestChoice::Label RequestChoice::label(const Offer& offer, std::optional<std::uint64_t> request) const {
  Label label{offer.weight, offer.price, offer.cost, offer.exact, offer.history, {offer.node}};
  if (request) label.key = gumbel_key(offer.weight, uniform(*request, static_cast<std::uint32_t>(offer.node)));
  return label;
}

/// Whether one suffix is before another in the order of ROUTE-3: by weight, price, time, and the first nodes.
Uncertain RequestChoice::precedes(const Label& a, const Label& b) const {
  if (certainly(a.key < b.key)) return Uncertain::yes;
  if (certainly(b.key < a.key)) return Uncertain::no;
  if (scenario_.requests->mode != RequestMode::least) return Uncertain::undecided;
  const Uncertain by_time = to_uncertain(std::tie(a.cost, a.nodes) < std::tie(b.cost, b.nodes));
  if (a.nodes.size() == 1 && b.nodes.size() == 1 && a.history == b.history) return by_time;
  const auto exact_weight = [&](const Label& label) -> std::optional<Rational> {
    const Rational by_cost = cost_weight(alpha_, label.cost, network_.cost_scale, network_.temperature);
    if (sensitivity_.sign() == 0) return by_cost;
    if (!label.exact) return std::nullopt;
    return demand_weight(sensitivity_, *label.exact, by_cost);
  };
  const auto own = exact_weight(a), its = exact_weight(b);
  if (!own || !its) return Uncertain::undecided;
  if (*own != *its) return to_uncertain(*own < *its);
  if (a.exact && b.exact) {
    if (*a.exact != *b.exact) return to_uncertain(*a.exact < *b.exact);
  } else if (const Uncertain cheaper = a.price < b.price; decided(cheaper)) {
    return cheaper;
  } else {
    return Uncertain::undecided;
  }
  return by_time;
}

Choice RequestChoice::least_chain(std::optional<std::uint64_t> request) const {
  std::map<std::int64_t, Label> best;  // of the suffixes from a boundary
  for (std::size_t range = ranges_.size(); range-- > 0;) {
    std::optional<Label> first;
    for (const Offer& offer : offers_[range]) {
      Label other = label(offer, request);
      const Uncertain before = first ? precedes(other, *first) : Uncertain::yes;
      if (!decided(before)) return UndecidedChoice{first->nodes[0], offer.node};
      if (certainly(before)) first = std::move(other);
    }
    const auto [from, to] = ranges_[range];
    if (!first || (to != network_.layers && !best.contains(to))) continue;
    if (to != network_.layers) {
      const Label& rest = best.at(to);
      first->key += rest.key;
      first->price += rest.price;
      first->cost += rest.cost;
      if (first->exact && rest.exact) *first->exact += *rest.exact;
      else first->exact.reset();
      first->nodes.insert(first->nodes.end(), rest.nodes.begin(), rest.nodes.end());
    }
    const auto at = best.find(from);
    const Uncertain before = at == best.end() ? Uncertain::yes : precedes(*first, at->second);
    if (!decided(before)) return UndecidedChoice{at->second.nodes[0], first->nodes[0]};
    if (certainly(before)) best.insert_or_assign(from, *std::move(first));
  }
  const auto whole = best.find(0);
  if (whole == best.end()) return NoChain{blocked_boundary()};
  return ChosenChain{whole->second.nodes, {}};
}

Choice RequestChoice::one_of_each_range(std::uint64_t request) const {
  ChosenChain chain;
  for (std::size_t range = 0; range < ranges_.size(); ++range) {
    const std::vector<Offer>& offers = offers_[range];
    if (offers.empty()) return NoChain{ranges_[range].first};
    const Interval drawn = uniform(request, static_cast<std::uint32_t>(range));
    Interval below(Rational(0), bits_);
    std::size_t k = 0;
    for (; k + 1 < offers.size(); ++k) {
      below += offers[k].share;
      const Uncertain is_here = drawn < below;
      if (!decided(is_here)) return UndecidedChoice{offers[k].node, offers[k + 1].node};
      if (certainly(is_here)) break;
    }
    chain.nodes.push_back(offers[k].node);
  }
  return chain;
}

std::int64_t RequestChoice::blocked_boundary() const {
  std::vector<std::int64_t> reached{0};
  for (std::size_t range = 0; range < ranges_.size(); ++range)
    for (const std::int64_t boundary : std::vector(reached))
      if (!offers_[range].empty() && ranges_[range].first == boundary) reached.push_back(ranges_[range].last);
  std::int64_t most = 0;
  for (const std::int64_t boundary : reached) most = boundary > most ? boundary : most;
  return most;
}

}  // namespace p2pllm::reference
