#pragma once

#include "optimized/market/pareto_labels.hpp"
#include "optimized/market/route_latency.hpp"

namespace p2pllm::optimized {

/// Bounds from both ends for the labels of a network with latency: from the client the least price and the least time
/// with which each node is entered, and known chains of the whole network.
///
/// A label that together with those least values is dominated by a known chain is a part of no Pareto-optimal chain.
template <typename T, typename Stored>
class ParetoBounds {
 public:
  ParetoBounds(const LatencyIndex& index, const LatencyTerms<Stored>& terms, const ClientChoice& client)
      : index_(index), terms_(terms), client_(client) {
    find_entries();
    find_chains();
  }

  /// Removes the labels of the node at position k that are parts of no Pareto-optimal chain. O(labels + chains).
  void prune(Staircase<T>& labels, std::uint32_t k) const {
    std::size_t rival = 0;
    std::erase_if(labels, [&](const ParetoLabel<T>& label) {
      if (!entries_[k].is_reached) return true;
      const T price = label.price + entries_[k].price;
      const T time = label.time + entries_[k].time;
      while (rival < chains_.size() && chains_[rival].price <= price) ++rival;
      if (rival == 0) return false;
      const IntegerCost<T>& chain = chains_[rival - 1];  // the fastest of those that cost no more
      return chain.time < time || (chain.time == time && chain.price < price);
    });
  }

 private:
  /// The least price and the least time, of chains that may differ, before a node is entered.
  struct Entry {
    T price{};
    T time{};
    bool is_reached = false;
  };

  [[nodiscard]] T leg_to(std::uint32_t k) const { return client_ ? T(terms_.to[*client_][k]) : T(0); }
  [[nodiscard]] T leg_from(std::uint32_t k) const { return client_ ? T(terms_.from[*client_][k]) : T(0); }

  /// Calls `use(k, j, latency)` for each node j that follows node k.
  template <typename Use>
  void for_each_successor(const CellLayout::Cell& cell, std::uint32_t k, const Use& use) const {
    const std::uint32_t begin = index_.group_begin(cell.next);
    for (std::uint32_t j = begin; j < index_.group_end(cell.next); ++j)
      use(j, T(terms_.latency[index_.row_begin[k] + (j - begin)]));
  }

  void find_entries() {
    entries_.resize(index_.node.size());
    for (std::uint32_t k = 0; k < index_.group_end(0); ++k) entries_[k] = {T(0), leg_to(k), true};
    for (const CellLayout::Cell& cell : index_.cells)  // by ascending first boundary: each after all that lead to it
      for (std::uint32_t k = cell.begin; k < cell.end && cell.next < index_.groups.size(); ++k) {
        if (!entries_[k].is_reached) continue;
        const T price = entries_[k].price + T(terms_.price[k]);
        const T time = entries_[k].time + T(terms_.time[k]);
        for_each_successor(cell, k, [&](std::uint32_t j, const T& latency) {
          Entry& entry = entries_[j];
          const T arrival = time + latency;
          if (!entry.is_reached || price < entry.price) entry.price = price;
          if (!entry.is_reached || arrival < entry.time) entry.time = arrival;
          entry.is_reached = true;
        });
      }
  }

  /// The exact cost of some chain that is nearly the lightest for these coefficients: any chain is a bound.
  [[nodiscard]] IntegerCost<T> light_chain(double by_price, double by_time) const {
    std::vector<IntegerCost<T>> costs(index_.node.size());
    std::vector<double> weights(index_.node.size());
    const auto weight = [&](const IntegerCost<T>& cost) {
      return weight_of(by_price, by_time, as_double(cost.price), as_double(cost.time));
    };
    for (auto cell = index_.cells.rbegin(); cell != index_.cells.rend(); ++cell)
      for (std::uint32_t k = cell->begin; k < cell->end; ++k) {
        IntegerCost<T> rest{T(0), leg_from(k)};
        if (cell->next < index_.groups.size()) rest = lightest_step(*cell, k, costs, weights, by_time);
        costs[k] = {rest.price + T(terms_.price[k]), rest.time + T(terms_.time[k])};
        weights[k] = weight(costs[k]);
      }
    std::uint32_t best = 0;
    for (std::uint32_t k = 1; k < index_.group_end(0); ++k)
      if (weights[k] + by_time * as_double(leg_to(k)) < weights[best] + by_time * as_double(leg_to(best))) best = k;
    return {costs[best].price, costs[best].time + leg_to(best)};
  }

  [[nodiscard]] IntegerCost<T> lightest_step(const CellLayout::Cell& cell, std::uint32_t k,
                                             const std::vector<IntegerCost<T>>& costs,
                                             const std::vector<double>& weights, double by_time) const {
    double least = std::numeric_limits<double>::infinity();
    IntegerCost<T> rest;
    for_each_successor(cell, k, [&](std::uint32_t j, const T& latency) {
      const double weight = weights[j] + by_time * as_double(latency);
      if (!(weight < least)) return;
      least = weight;
      rest = {costs[j].price, costs[j].time + latency};
    });
    return rest;
  }

  /// Chains near the hull of the frontier: the cheapest, the fastest, and again and again the lightest in the direction
  /// of the line through two neighbours.
  void find_chains() {
    chains_ = {light_chain(1, tie_break), light_chain(tie_break, 1)};
    for (std::size_t k = 0; k + 1 < chains_.size() && chains_.size() < chains_max;) {
      const double added = as_double(chains_[k + 1].price) - as_double(chains_[k].price);
      const double saved = as_double(chains_[k].time) - as_double(chains_[k + 1].time);
      if (!(added > 0 && saved > 0)) {
        ++k;
        continue;
      }
      const IntegerCost<T> between = light_chain(saved / (saved + added), added / (saved + added));
      const bool is_between = chains_[k].price < between.price && between.price < chains_[k + 1].price &&
                              chains_[k + 1].time < between.time && between.time < chains_[k].time;
      if (is_between) chains_.insert(chains_.begin() + static_cast<std::ptrdiff_t>(k) + 1, between);
      else ++k;
    }
    std::ranges::sort(chains_, [](const IntegerCost<T>& a, const IntegerCost<T>& b) {
      return a.price < b.price || (a.price == b.price && a.time < b.time);
    });
    std::vector<IntegerCost<T>> undominated;
    for (const IntegerCost<T>& chain : chains_)
      if (undominated.empty() || is_undominated(chain.time, undominated.back().time)) undominated.push_back(chain);
    chains_ = std::move(undominated);
  }

  static constexpr std::size_t chains_max = 64;
  static constexpr double tie_break = 0x1p-40;  // the other objective counts so little that it only breaks ties

  const LatencyIndex& index_;
  const LatencyTerms<Stored>& terms_;
  ClientChoice client_;
  std::vector<Entry> entries_;
  std::vector<IntegerCost<T>> chains_;  ///< ascending price, descending time
};

}  // namespace p2pllm::optimized
