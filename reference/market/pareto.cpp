#include "reference/market/pareto.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <stdexcept>

#include "reference/market/path_rules.hpp"
#include "reference/market/route.hpp"

namespace p2pllm::reference {
namespace {

using Labels = std::vector<PathCost>;  // ascending price, descending time: mutually undominated

/// Merges two staircases into the undominated part of their union.
Labels merged(Labels a, Labels b) {
  Labels result;
  result.reserve(a.size() + b.size());
  const auto keep = [&result](PathCost&& cost) {
    // Earlier labels cost no more; only the last of them can be the fastest.
    if (result.empty() || !weakly_dominates(result.back().price, result.back().time, cost.price, cost.time))
      result.push_back(std::move(cost));
  };
  const auto earlier = [](const PathCost& x, const PathCost& y) {
    const auto by_price = x.price <=> y.price;
    return by_price < 0 || (by_price == 0 && x.time < y.time);
  };
  auto i = a.begin();
  auto j = b.begin();
  while (i != a.end() || j != b.end()) keep(std::move(j == b.end() || (i != a.end() && earlier(*i, *j)) ? *i++ : *j++));
  return result;
}

/// The labels, each increased by `price` and `time`, that no label of `rivals` weakly dominates.
Labels undominated_extensions(const Labels& labels, const Rational& price, const Rational& time, const Labels& rivals) {
  Labels result;
  PathCost extended;  // its storage is reused: nearly every extension is dominated
  auto rival = rivals.begin();
  for (const PathCost& label : labels) {
    extended = label;
    extended.price += price;
    extended.time += time;
    while (rival != rivals.end() && rival->price <= extended.price) ++rival;
    // Of the rivals that cost no more, the last is the fastest.
    if (rival == rivals.begin() || extended.time < std::prev(rival)->time) result.push_back(extended);
  }
  return result;
}

/// Adds the extensions of `labels` to `front` and keeps only undominated labels.
void extend(Labels& front, const Labels& labels, const Rational& price, const Rational& time) {
  Labels extensions = undominated_extensions(labels, price, time, front);
  if (!extensions.empty()) front = merged(std::move(front), std::move(extensions));
}

/// Computes every node's undominated costs to go.
class LabelSetting {
 public:
  LabelSetting(const Network& network, const ClientLegs& legs)
      : network_(network), legs_(legs), labels_(network.size()) {
    for (std::size_t i = 0; i < network.size(); ++i) starts_[network.nodes[i].layers.first].push_back(i);
  }

  /// @returns false if more than labels_max labels would be kept
  [[nodiscard]] bool run(std::size_t labels_max, const Progress& progress) {
    std::vector<std::size_t> order(network_.size());  // successors first: ranges ascend along an edge (ROUTE-6)
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [this](std::size_t i, std::size_t j) {
      return network_.nodes[i].layers.first > network_.nodes[j].layers.first;
    });
    std::size_t kept = 0;
    std::size_t done = 0;
    for (const std::size_t i : order) {
      labels_[i] = labels_of(i);
      kept += labels_[i].size();
      if (kept > labels_max) return false;
      if (is_merged()) extend(from_boundary_[network_.nodes[i].layers.first], labels_[i], Rational(0), Rational(0));
      report(progress, ++done, order.size());
    }
    for (const std::size_t i : at(0)) extend(source_, labels_[i], Rational(0), legs_.to(i));
    return true;
  }

  [[nodiscard]] const Labels& source() const { return source_; }
  [[nodiscard]] std::vector<Labels> take_labels() { return std::move(labels_); }

  /// The lexicographically smallest chain of a frontier cost (PARETO-6). Every suffix of a Pareto-optimal chain is
  /// Pareto-optimal, so the remaining cost is exactly a label of the next node.
  [[nodiscard]] std::vector<std::size_t> smallest_chain(PathCost remaining) const {
    std::vector<std::size_t> path;
    for (std::int64_t boundary = 0; boundary < network_.layers; boundary = network_.nodes[path.back()].layers.last) {
      const auto rest_at = [&](std::size_t i) {
        const Rational leg = path.empty() ? legs_.to(i) : network_.latency_between(path.back(), i);
        return PathCost{remaining.price, remaining.time - leg};
      };
      const auto& candidates = at(boundary);
      const auto next = std::find_if(candidates.begin(), candidates.end(),
                                     [&](std::size_t i) { return is_label(labels_[i], rest_at(i)); });
      if (next == candidates.end()) throw std::logic_error("a frontier cost that no chain has");
      const PathCost rest = rest_at(*next);
      remaining = {rest.price - network_.nodes[*next].price, rest.time - network_.nodes[*next].cost};
      path.push_back(*next);
    }
    return path;
  }

 private:
  [[nodiscard]] const std::vector<std::size_t>& at(std::int64_t boundary) const {
    static const std::vector<std::size_t> none;
    const auto found = starts_.find(boundary);
    return found == starts_.end() ? none : found->second;
  }

  [[nodiscard]] Labels labels_of(std::size_t i) const {
    const Node& node = network_.nodes[i];
    if (node.layers.last == network_.layers) return {{node.price, node.cost + legs_.from(i)}};
    Labels result;
    if (is_merged()) {
      if (const auto rest = from_boundary_.find(node.layers.last); rest != from_boundary_.end())
        extend(result, rest->second, node.price, node.cost);
      return result;
    }
    for (const std::size_t j : at(node.layers.last))
      extend(result, labels_[j], node.price, node.cost + network_.latency_between(i, j));
    return result;
  }

  /// Without latency a step costs the same whichever node it leads to, so all nodes that begin at one boundary need
  /// only one staircase (ROUTE-7).
  [[nodiscard]] bool is_merged() const { return network_.latency.empty(); }

  static bool is_label(const Labels& labels, const PathCost& cost) {
    const auto found = std::lower_bound(labels.begin(), labels.end(), cost,
                                        [](const PathCost& a, const PathCost& b) { return a.price < b.price; });
    return found != labels.end() && *found == cost;
  }

  const Network& network_;
  ClientLegs legs_;
  std::map<std::int64_t, std::vector<std::size_t>> starts_;
  std::vector<Labels> labels_;
  std::map<std::int64_t, Labels> from_boundary_;  ///< where merged: undominated labels of the nodes that begin there
  Labels source_;
};

/// Classes and alpha intervals from the lower-left convex hull (PARETO-4).
void classify(const Network& network, std::vector<FrontierPoint>& points) {
  const auto break_even = [&](std::size_t cheaper, std::size_t faster) {
    const PathCost& a = points[cheaper].cost;
    const PathCost& b = points[faster].cost;
    return break_even_alpha(a.price / network.price_scale, a.time / network.cost_scale, b.price / network.price_scale,
                            b.time / network.cost_scale);
  };
  std::vector<std::size_t> hull;  // by ascending price; break-even alphas descend, weakly, along it
  for (std::size_t i = 0; i < points.size(); ++i) {
    while (hull.size() >= 2 && break_even(hull[hull.size() - 2], hull.back()) < break_even(hull.back(), i))
      hull.pop_back();
    hull.push_back(i);
  }
  for (FrontierPoint& point : points) point.kind = PointClass::unsupported;
  for (std::size_t k = 0; k < hull.size(); ++k) {
    const Rational lower = k + 1 < hull.size() ? break_even(hull[k], hull[k + 1]) : Rational(0);
    const Rational upper = k > 0 ? break_even(hull[k - 1], hull[k]) : Rational(1);
    points[hull[k]].kind = lower < upper ? PointClass::extreme : PointClass::tie;
    points[hull[k]].alpha.emplace(lower, upper);
  }
}

}  // namespace

Result<FrontierAnswer> pareto(const Network& network, const ClientLegs& legs, std::size_t labels_max,
                              const Progress& progress) {
  LabelSetting search(network, legs);
  if (!search.run(labels_max, progress))
    return limit_reached("the frontier needs more than the limit of " + std::to_string(labels_max) + " labels");
  if (search.source().empty()) return FrontierAnswer(reachable_boundaries(network));
  Frontier frontier;
  for (const PathCost& cost : search.source()) frontier.points.push_back({cost, search.smallest_chain(cost), {}, {}});
  classify(network, frontier.points);
  frontier.labels = search.take_labels();
  return FrontierAnswer(std::move(frontier));
}

}  // namespace p2pllm::reference
