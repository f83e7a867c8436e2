#include "optimized/market/pareto.hpp"

#include "optimized/market/pareto_bounds.hpp"

namespace p2pllm::optimized {
namespace {

constexpr unsigned sum_bits_64 = 62;  // differences of sums fit as well

/// Without latency: one staircase for each group.
template <typename T, typename Stored>
class BoundarySearch {
 public:
  BoundarySearch(const RouteIndex& index, const SortedCosts<Stored>& costs)
      : layout_(index),
        costs_(costs),
        merger_(index.node),
        stairs_(index.groups.size() + 1),
        next_(index.node.size()) {}

  /// @returns false if more than labels_max labels would be kept
  [[nodiscard]] bool run(std::size_t labels_max, const Progress& progress) {
    stairs_.back().push_back({T(0), T(0), no_position, 0});
    std::size_t kept = 0;
    for (std::size_t g = layout_.groups.size(); g-- > 0;) {
      for (std::uint32_t c = layout_.groups[g].cell_begin; c < layout_.groups[g].cell_end; ++c)
        extend(stairs_[g], layout_.cells[c]);
      kept += stairs_[g].size();
      if (kept > labels_max) return false;
      report(progress, layout_.groups.size() - g, layout_.groups.size());
    }
    return true;
  }

  [[nodiscard]] const Staircase<T>& source() const { return stairs_.front(); }
  [[nodiscard]] const StaircaseMerger<T>& merger() const { return merger_; }
  /// The labels of the rest of the chains over the node at position k.
  [[nodiscard]] const Staircase<T>& rest(std::uint32_t k) const { return stairs_[next_[k]]; }

  /// The positions of the chain of a label of the source.
  [[nodiscard]] std::vector<std::size_t> chain(ParetoLabel<T> label) const {
    std::vector<std::size_t> nodes;
    for (; label.node != no_position; label = stairs_[next_[label.node]][label.next])
      nodes.push_back(layout_.node[label.node]);
    return nodes;
  }

 private:
  /// Extends the staircase after the cell by its nodes; a node that another of the cell dominates adds nothing.
  void extend(Staircase<T>& front, const CellLayout::Cell& cell) {
    own_.clear();
    for (std::uint32_t k = cell.begin; k < cell.end; ++k) {
      next_[k] = cell.next;
      unit_.front() = {T(0), T(0), k, 0};
      merger_.extend(own_, unit_, T(costs_.price[k]), T(costs_.time[k]), k);
    }
    for (const ParetoLabel<T>& own : own_) merger_.extend(front, stairs_[cell.next], own.price, own.time, own.node);
  }

  const CellLayout& layout_;
  const SortedCosts<Stored>& costs_;
  StaircaseMerger<T> merger_;
  std::vector<Staircase<T>> stairs_;  ///< the last one is that of the last boundary
  std::vector<std::uint32_t> next_;   ///< the group after each node
  Staircase<T> own_;
  Staircase<T> unit_ = Staircase<T>(1);
};

/// With latency: one staircase for each node.
template <typename T, typename Stored>
class NodeSearch {
 public:
  NodeSearch(const LatencyIndex& index, const LatencyTerms<Stored>& terms, const ClientChoice& client)
      : index_(index), terms_(terms), client_(client), merger_(index.node), stairs_(index.node.size()) {}

  /// @param bounds  null: every label is kept
  [[nodiscard]] bool run(std::size_t labels_max, const Progress& progress, const ParetoBounds<T, Stored>* bounds) {
    std::size_t kept = 0;
    std::size_t done = 0;
    for (std::size_t g = index_.groups.size(); g-- > 0;)
      for (std::uint32_t c = index_.groups[g].cell_begin; c < index_.groups[g].cell_end; ++c)
        for (std::uint32_t k = index_.cells[c].begin; k < index_.cells[c].end; ++k) {
          set_labels(k, index_.cells[c]);
          if (bounds != nullptr) bounds->prune(stairs_[k], k);
          kept += stairs_[k].size();
          if (kept > labels_max) return false;
          report(progress, ++done, index_.node.size());
        }
    for (std::uint32_t k = 0; k < index_.group_end(0); ++k)
      merger_.extend(source_, stairs_[k], T(0), client_ ? T(terms_.to[*client_][k]) : T(0), k);
    return true;
  }

  [[nodiscard]] const Staircase<T>& source() const { return source_; }
  [[nodiscard]] const StaircaseMerger<T>& merger() const { return merger_; }
  /// The labels of the node at position k.
  [[nodiscard]] const Staircase<T>& labels(std::uint32_t k) const { return stairs_[k]; }

  [[nodiscard]] std::vector<std::size_t> chain(ParetoLabel<T> label) const {
    std::vector<std::size_t> nodes;
    while (label.node != no_position) {
      nodes.push_back(index_.node[label.node]);
      label = stairs_[label.node][label.next];
    }
    return nodes;
  }

 private:
  void set_labels(std::uint32_t k, const CellLayout::Cell& cell) {
    Staircase<T>& front = stairs_[k];
    const auto price = static_cast<T>(terms_.price[k]);
    const auto time = static_cast<T>(terms_.time[k]);
    if (cell.next == index_.groups.size()) {
      front.push_back({price, time + (client_ ? T(terms_.from[*client_][k]) : T(0)), no_position, 0});
      return;
    }
    const std::uint32_t begin = index_.group_begin(cell.next);
    for (std::uint32_t j = begin; j < index_.group_end(cell.next); ++j)
      merger_.extend(front, stairs_[j], price, time + T(terms_.latency[index_.row_begin[k] + (j - begin)]), j);
  }

  const LatencyIndex& index_;
  const LatencyTerms<Stored>& terms_;
  ClientChoice client_;
  StaircaseMerger<T> merger_;
  std::vector<Staircase<T>> stairs_;
  Staircase<T> source_;
};

/// The type of exact products of differences of labels.
template <typename T>
using ProductOf = std::conditional_t<std::is_same_v<T, std::int64_t>, Int128, Rational>;

template <typename T>
auto as_factor(const T& value) {
  if constexpr (std::is_same_v<T, std::int64_t>) return Int128{value};
  else return to_rational(value);
}

/// Classes and intervals of alpha from the lower-left hull (PARETO-4): points on its edges are ties.
template <typename T>
void classify(const Staircase<T>& labels, const CostUnits& units, std::vector<FrontierPoint>& points) {
  const auto added = [&](std::size_t i, std::size_t j) { return as_factor(T(labels[j].price - labels[i].price)); };
  const auto saved = [&](std::size_t i, std::size_t j) { return as_factor(T(labels[i].time - labels[j].time)); };
  const auto is_above_line = [&](std::size_t i, std::size_t j, std::size_t k) {
    return is_hull_vertex<ProductOf<T>>(added(j, k), saved(j, k), added(i, j), saved(i, j));
  };
  const auto equal_weight = [&](std::size_t i, std::size_t j) {
    return alpha_of_equal_weight<Rational>(to_rational(T(labels[j].price - labels[i].price)) * units.price,
                                           to_rational(T(labels[i].time - labels[j].time)) * units.time);
  };
  std::vector<std::size_t> hull;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    while (hull.size() >= 2 && is_above_line(hull[hull.size() - 2], hull.back(), i)) hull.pop_back();
    hull.push_back(i);
  }
  for (FrontierPoint& point : points) point.kind = PointClass::unsupported;
  Rational upper(1);
  for (std::size_t k = 0; k < hull.size(); ++k) {
    const Rational lower = k + 1 < hull.size() ? equal_weight(hull[k], hull[k + 1]) : Rational(0);
    points[hull[k]].kind = lower < upper ? PointClass::extreme : PointClass::tie;
    points[hull[k]].alpha.emplace(lower, upper);
    upper = lower;
  }
}

Result<Counted<FrontierAnswer>> too_many(std::size_t labels_max) {
  return limit_reached("the frontier needs more than the limit of " + std::to_string(labels_max) + " labels");
}

template <typename T>
FilterCounts counts_of(const StaircaseMerger<T>& merger) {
  FilterCounts counts;
  (std::is_same_v<T, std::int64_t> ? counts.approximate
   : std::is_same_v<T, Int128>     ? counts.wider
                                   : counts.exact) = merger.extensions();
  return counts;
}

template <typename Search, typename Index>
Frontier frontier_of(const Search& search, const Index& index) {
  Frontier frontier;
  for (const auto& label : search.source())
    frontier.points.push_back(
        {path_cost(index, IntegerCost<decltype(label.price)>{label.price, label.time}), search.chain(label), {}, {}});
  classify(search.source(), index.units, frontier.points);
  return frontier;
}

/// Calls `solve` with a value of the narrowest type that holds all sums of costs.
template <typename Stored, typename Solve>
auto in_narrowest(const CostUnits& units, const Solve& solve) {
  if constexpr (std::is_same_v<Stored, Rational>) return solve(Rational());
  else return units.sum_bits <= sum_bits_64 ? solve(std::int64_t{}) : solve(Int128{});
}

/// What a caller asks for.
struct Request {
  const MarketColumns& columns;
  const ClientChoice& client;
  std::size_t labels_max;
  const Progress& progress;
  bool with_labels;
};

Result<Counted<FrontierAnswer>> merged_frontier(const Request& request) {
  const RouteIndex index = make_route_index(request.columns, request.client);
  if (index.unreachable) return Counted<FrontierAnswer>{*index.unreachable, {}};
  const auto with = [&]<typename Stored, typename T>(const SortedCosts<Stored>& costs,
                                                     T /*type*/) -> Result<Counted<FrontierAnswer>> {
    BoundarySearch<T, Stored> search(index, costs);
    if (!search.run(request.labels_max, request.progress)) return too_many(request.labels_max);
    std::size_t kept = 0;
    for (std::uint32_t k = 0; request.with_labels && k < index.node.size(); ++k) kept += search.rest(k).size();
    if (kept > request.labels_max) return too_many(request.labels_max);
    Frontier frontier = frontier_of(search, index);
    if (request.with_labels) frontier.labels.resize(request.columns.size());
    for (std::uint32_t k = 0; request.with_labels && k < index.node.size(); ++k) {
      const std::uint32_t i = index.node[k];
      Rational time = request.columns.cost.value(i);
      if (request.client && request.columns.last[i] == request.columns.layers)
        time += request.columns.clients[*request.client].from.value(i);
      for (const ParetoLabel<T>& rest : search.rest(k)) {
        PathCost cost = path_cost(index, IntegerCost<T>{rest.price, rest.time});
        frontier.labels[i].push_back({cost.price + request.columns.price.value(i), cost.time + time});
      }
    }
    return Counted<FrontierAnswer>{std::move(frontier), counts_of(search.merger())};
  };
  return std::visit(
      [&]<typename Stored>(const SortedCosts<Stored>& costs) {
        return in_narrowest<Stored>(index.units, [&](auto type) { return with(costs, type); });
      },
      index.costs);
}

Result<Counted<FrontierAnswer>> latency_frontier(const Request& request) {
  const LatencyIndex index = make_latency_index(request.columns);
  if (index.unreachable) return Counted<FrontierAnswer>{*index.unreachable, {}};
  const auto with = [&]<typename Stored, typename T>(const LatencyTerms<Stored>& terms,
                                                     T /*type*/) -> Result<Counted<FrontierAnswer>> {
    NodeSearch<T, Stored> search(index, terms, request.client);
    std::optional<ParetoBounds<T, Stored>> bounds;  // a certificate needs the labels that they would remove
    if (!request.with_labels) bounds.emplace(index, terms, request.client);
    if (!search.run(request.labels_max, request.progress, bounds ? &*bounds : nullptr))
      return too_many(request.labels_max);
    Frontier frontier = frontier_of(search, index);
    if (request.with_labels) frontier.labels.resize(request.columns.size());
    for (std::uint32_t k = 0; request.with_labels && k < index.node.size(); ++k)
      for (const ParetoLabel<T>& label : search.labels(k))
        frontier.labels[index.node[k]].push_back(path_cost(index, IntegerCost<T>{label.price, label.time}));
    return Counted<FrontierAnswer>{std::move(frontier), counts_of(search.merger())};
  };
  return std::visit(
      [&]<typename Stored>(const LatencyTerms<Stored>& terms) {
        return in_narrowest<Stored>(index.units, [&](auto type) { return with(terms, type); });
      },
      index.terms);
}

Result<Counted<FrontierAnswer>> frontier(const Request& request) {
  return request.columns.latency ? latency_frontier(request) : merged_frontier(request);
}

}  // namespace

Result<Counted<FrontierAnswer>> pareto(const MarketColumns& columns, const ClientChoice& client, std::size_t labels_max,
                                       const Progress& progress) {
  return frontier({columns, client, labels_max, progress, false});
}

Result<Counted<FrontierAnswer>> certified_pareto(const MarketColumns& columns, const ClientChoice& client,
                                                 std::size_t labels_max, const Progress& progress) {
  return frontier({columns, client, labels_max, progress, true});
}

}  // namespace p2pllm::optimized
