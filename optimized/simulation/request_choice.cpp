#include "optimized/simulation/request_choice.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "optimized/simulation/request_rules.hpp"

namespace p2pllm::optimized {
namespace {

using kernels::DoubleInterval;

/// floor(value 2^64) of a value in [0, 1], at most 2^64 - 1.
std::uint64_t bits_below(double value) {
  constexpr double end = 0x1p64;
  const double scaled = std::floor(value * end);
  return scaled >= end ? std::numeric_limits<std::uint64_t>::max() : static_cast<std::uint64_t>(std::max(scaled, 0.0));
}

}  // namespace

RequestChoice::RequestChoice(RequestMode mode, const std::vector<LayerRange>& ranges, const Peers& peers)
    : mode_(mode),
      ranges_(ranges),
      peers_(peers),
      layers_(peers.market().layers),
      prices_(peers.size()),
      best_(ranges.size()) {}

void RequestChoice::begin_step(std::span<const GroupPrices> groups, const DoubleInterval& sensitivity,
                               const Histories* histories) {
  nodes_.clear();
  weight_lower_.clear();
  weight_upper_.clear();
  starts_.assign(1, 0);
  for (const GroupPrices& group : groups) {
    for (std::size_t k = 0; k < group.size(); ++k) {
      const double cost_weight = group.cost_weight(k);  // rounded to nearest
      const DoubleInterval price = DoubleInterval(group.price(k)) + DoubleInterval(-group.radius(), group.radius());
      const DoubleInterval weight =
          sensitivity * price + DoubleInterval(kernels::next_down(cost_weight), kernels::next_up(cost_weight));
      nodes_.push_back(group.nodes()[k]);
      prices_[group.nodes()[k]] = price;
      weight_lower_.push_back(weight.lower());
      weight_upper_.push_back(weight.upper());
    }
    starts_.push_back(nodes_.size());
  }
  key_lower_ = weight_lower_;
  key_upper_ = weight_upper_;
  find_blocked();
  if (mode_ == RequestMode::boltzmann) {
    surely_below_.resize(nodes_.size());
    maybe_below_.resize(nodes_.size());
    for (std::size_t range = 0; range < ranges_.size(); ++range) set_thresholds(starts_[range], starts_[range + 1]);
  }
  if (mode_ == RequestMode::least) least_outcome_ = chain_by_keys(histories, least_);
}

/// The uniform number (x + 1/2) / 2^64 is surely below the shares up to a node if x is less than the first threshold,
/// and surely not if it is greater than the second.
void RequestChoice::set_thresholds(std::size_t first, std::size_t last) {
  if (first == last) return;
  const auto weight = [&](std::size_t k) { return DoubleInterval(weight_lower_[k], weight_upper_[k]); };
  double least = weight_lower_[first];
  for (std::size_t k = first; k < last; ++k) least = std::min(least, weight_lower_[k]);
  std::vector<DoubleInterval> after(last - first);  // the sum of the terms behind each node
  for (std::size_t k = last - 1; k > first; --k)
    after[k - 1 - first] = after[k - first] + exp(DoubleInterval(least) - weight(k));
  DoubleInterval up_to;
  std::uint64_t below = 0;
  for (std::size_t k = first; k < last; ++k) {
    up_to = up_to + exp(DoubleInterval(least) - weight(k));
    const DoubleInterval share = up_to / (up_to + after[k - first]);
    below = std::max(below, bits_below(share.lower()));  // what is below the shares before is below these
    surely_below_[k] = below;
    maybe_below_[k] = bits_below(share.upper());
  }
}

RequestChoice::Outcome RequestChoice::choose(const Draws& draws, std::uint64_t request,
                                             std::vector<std::uint32_t>& chain) {
  if (!has_chain_) return Outcome::no_chain;
  if (mode_ == RequestMode::least) {
    chain = least_;
    return least_outcome_;
  }
  if (mode_ == RequestMode::gumbel) {
    draw_keys(draws, request);
    return chain_by_keys(nullptr, chain);
  }
  chain.clear();
  for (std::size_t range = 0; range < ranges_.size(); ++range) {
    const std::uint64_t bits = draws.bits(Stream::choices, request, static_cast<std::uint32_t>(range));
    const auto first = surely_below_.begin() + static_cast<std::ptrdiff_t>(starts_[range]);
    const auto last = surely_below_.begin() + static_cast<std::ptrdiff_t>(starts_[range + 1]) - 1;
    const auto at = std::upper_bound(first, last, bits);  // the last node takes what is left
    const auto k = static_cast<std::size_t>(at - surely_below_.begin());
    if (at != first && bits <= maybe_below_[k - 1]) return Outcome::undecided;
    chain.push_back(nodes_[k]);
  }
  return Outcome::chain;
}

std::optional<std::int64_t> RequestChoice::money(std::uint32_t node, std::int64_t unit) const {
  const DoubleInterval amount = prices_[node] * DoubleInterval(static_cast<double>(unit));  // at most 10^12
  const double whole = std::floor(amount.lower());
  if (!(whole <= static_cast<double>(money_price_max)) || std::floor(amount.upper()) != whole) return std::nullopt;
  return static_cast<std::int64_t>(whole);
}

void RequestChoice::draw_keys(const Draws& draws, std::uint64_t request) {
  const std::size_t n = nodes_.size();
  uniform_lower_.resize(n);
  uniform_upper_.resize(n);
  for (std::size_t k = 0; k < n; ++k) {
    const DoubleInterval uniform = enclosed_uniform(draws.bits(Stream::choices, request, nodes_[k]));
    uniform_lower_[k] = uniform.lower();
    uniform_upper_[k] = uniform.upper();
  }
  kernels::log(kernels::ConstIntervals{uniform_lower_, uniform_upper_}, {uniform_lower_, uniform_upper_});
  for (std::size_t k = 0; k < n; ++k) {
    const double lower = uniform_lower_[k];
    uniform_lower_[k] = 0.0 - uniform_upper_[k];
    uniform_upper_[k] = 0.0 - lower;
  }
  kernels::log(kernels::ConstIntervals{uniform_lower_, uniform_upper_}, {uniform_lower_, uniform_upper_});
  kernels::add({uniform_lower_, uniform_upper_}, {weight_lower_, weight_upper_}, {key_lower_, key_upper_});
}

/// The node of a range with the least key; of several that are equal because they have one history, the fastest, and
/// of these the first.
/// @returns whether it is certain
bool RequestChoice::choose_of_range(std::size_t range, const Histories* histories) {
  const std::size_t first = starts_[range], last = starts_[range + 1];
  std::size_t best = first;
  for (std::size_t k = first; k < last; ++k)
    if (key_upper_[k] < key_upper_[best]) best = k;
  std::size_t chosen = best;
  for (std::size_t k = first; k < last; ++k) {
    if (k == best || key_lower_[k] > key_upper_[best]) continue;
    if (histories == nullptr || histories->of(nodes_[k]) != histories->of(nodes_[best])) return false;
    const Rational time = peers_.cost(nodes_[k]);
    const Rational least = peers_.cost(nodes_[chosen]);
    if (time != least ? time < least : k < chosen) chosen = k;
  }
  best_[range] = {nodes_[chosen], DoubleInterval(key_lower_[chosen], key_upper_[chosen])};
  return true;
}

/// The chain of least keys, from the last layer to the first.
RequestChoice::Outcome RequestChoice::chain_by_keys(const Histories* histories, std::vector<std::uint32_t>& chain) {
  if (!has_chain_) return Outcome::no_chain;
  struct Suffix {
    std::int64_t boundary;
    DoubleInterval key;
    std::size_t range;  // with which it begins
  };
  std::vector<Suffix> suffixes;  // by falling boundary
  const auto at = [&](std::int64_t boundary) {
    return std::ranges::lower_bound(suffixes, boundary, std::greater<>(), &Suffix::boundary);
  };
  for (std::size_t range = ranges_.size(); range-- > 0;) {
    if (starts_[range] == starts_[range + 1]) continue;
    DoubleInterval rest;
    if (const auto [from, to] = ranges_[range]; to != layers_) {
      const auto suffix = at(to);
      if (suffix == suffixes.end() || suffix->boundary != to) continue;
      rest = suffix->key;
    }
    if (!choose_of_range(range, histories)) return Outcome::undecided;
    const DoubleInterval key = best_[range].key + rest;
    const auto known = at(ranges_[range].first);
    if (known == suffixes.end() || known->boundary != ranges_[range].first) {
      suffixes.push_back({ranges_[range].first, key, range});
    } else if (key.upper() < known->key.lower()) {
      *known = {known->boundary, key, range};
    } else if (!(key.lower() > known->key.upper())) {
      return Outcome::undecided;
    }
  }
  chain.clear();
  for (std::int64_t boundary = 0; boundary != layers_;) {
    const std::size_t range = at(boundary)->range;
    chain.push_back(best_[range].node);
    boundary = ranges_[range].last;
  }
  return Outcome::chain;
}

void RequestChoice::find_blocked() {
  std::vector<bool> reached(static_cast<std::size_t>(layers_) + 1, false);
  reached[0] = true;
  blocked_ = 0;
  for (std::size_t range = 0; range < ranges_.size(); ++range) {  // by rising first layer
    const auto [from, to] = ranges_[range];
    if (starts_[range] == starts_[range + 1] || !reached[static_cast<std::size_t>(from)]) continue;
    reached[static_cast<std::size_t>(to)] = true;
    blocked_ = std::max(blocked_, to);
  }
  has_chain_ = blocked_ == layers_;
}

}  // namespace p2pllm::optimized
