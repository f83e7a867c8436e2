#include "optimized/market/route_latency.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>

#include "model/assert.hpp"
#include "optimized/market/market_loops.hpp"
#include "optimized/market/route_search.hpp"
#include "optimized/market/route_units.hpp"

namespace p2pllm::optimized {
namespace {

// A sum of a rounded latency and of a rounded label, both within double_error: within 2 * double_error.
constexpr double sum_margin = 2 * double_margin;

/// Calls `use(from, to)` for each pair of a node and a node of the group after it, row by row.
template <typename Use>
void for_each_pair(const CellLayout& layout, const Use& use) {
  for (const CellLayout::Cell& cell : layout.cells)
    for (std::uint32_t k = cell.begin; k < cell.end && cell.next < layout.groups.size(); ++k)
      for (std::uint32_t j = layout.group_begin(cell.next); j < layout.group_end(cell.next); ++j) use(k, j);
}

/// @param own, cost, latency, to, from  the value of an entry of a column, of the type T
template <typename T, typename Own, typename Times>
LatencyTerms<T> gathered(const MarketColumns& columns, const CellLayout& layout, const Own& price, const Times& time) {
  LatencyTerms<T> terms;
  for (const std::uint32_t i : layout.node) {
    terms.price.push_back(price(i));
    terms.time.push_back(time(0, columns.cost, i));
  }
  for_each_pair(layout, [&](std::uint32_t k, std::uint32_t j) {
    terms.latency.push_back(time(1, *columns.latency, layout.node[k] * columns.size() + layout.node[j]));
  });
  for (std::size_t c = 0; c < columns.clients.size(); ++c) {
    terms.to.emplace_back();
    terms.from.emplace_back();
    for (const std::uint32_t i : layout.node) {
      terms.to.back().push_back(time(2 + 2 * c, columns.clients[c].to, i));
      terms.from.back().push_back(time(3 + 2 * c, columns.clients[c].from, i));
    }
  }
  return terms;
}

/// The backward labels of a tile of clients, and the chains that follow them.
template <typename T>
class LabelTile {
 public:
  using Integer = std::conditional_t<std::is_same_v<T, Rational>, Rational, Int128>;
  static constexpr bool is_machine = !std::is_same_v<T, Rational>;

  LabelTile(const LatencyIndex& index, const LatencyTerms<T>& terms, const RouteWeights& weights,
            std::span<const ClientChoice> clients, VectorUnit unit, MarketLoops* loops)
      : index_(index),
        terms_(terms),
        weights_(weights),
        clients_(clients),
        unit_(unit),
        loops_(loops),
        orders_(clients.size(), RouteOrder(weights)),
        skipped_(clients.size()),
        labels_(index.node.size() * client_tile),
        next_(index.node.size() * client_tile, no_position) {
    if constexpr (is_machine) approximate_.resize(index.node.size() * client_tile);
    for (std::size_t g = index.groups.size(); g-- > 0;)
      for (std::uint32_t c = index.groups[g].cell_begin; c < index.groups[g].cell_end; ++c) label_cell(index.cells[c]);
  }

  [[nodiscard]] const IntegerCost<Integer>& label(std::uint32_t k, std::size_t c) const {
    return labels_[k * client_tile + c];
  }
  [[nodiscard]] FilterCounts counts(std::size_t c) const {
    FilterCounts counts = orders_[c].counts();
    counts.approximate += skipped_[c];
    return counts;
  }

  [[nodiscard]] Chain chain(std::size_t c) {
    const auto entered = [&](std::uint32_t k) {
      IntegerCost<Integer> cost = label(k, c);
      if (clients_[c]) cost.time = cost.time + terms_.to[*clients_[c]][k];
      return cost;
    };
    std::uint32_t first = 0;
    for (std::uint32_t k = 1; k < index_.group_end(0); ++k)
      if (comes_first(c, entered(k), k, entered(first), first)) first = k;
    Chain result;
    for (std::uint32_t k = first; k != no_position; k = next_[k * client_tile + c])
      result.nodes.push_back(index_.node[k]);
    result.cost = path_cost(index_, entered(first));
    result.weight = weights_.weight(entered(first));
    return result;
  }

 private:
  [[nodiscard]] bool comes_first(std::size_t c, const IntegerCost<Integer>& cost, std::uint32_t k,
                                 const IntegerCost<Integer>& best, std::uint32_t best_k) {
    return cost == best ? index_.node[k] < index_.node[best_k] : orders_[c].comes_first(cost, best);
  }

  void label_cell(const CellLayout::Cell& cell) {
    const std::vector<LeastTwo> scanned = scan_by_loops(cell);
    for (std::uint32_t k = cell.begin; k < cell.end; ++k) {
      if (cell.next == index_.groups.size()) {
        for (std::size_t c = 0; c < clients_.size(); ++c)
          set_label(k, c, {0, clients_[c] ? Integer(terms_.from[*clients_[c]][k]) : Integer(0)});
        continue;
      }
      const std::uint32_t begin = index_.group_begin(cell.next);
      const std::uint32_t end = index_.group_end(cell.next);
      if (scanned.empty()) scan_row(k, begin, end);
      else scanned_ = scanned[k - cell.begin];
      for (std::size_t c = 0; c < clients_.size(); ++c) {
        const std::uint32_t j = successor(k, begin, end, c);
        next_[k * client_tile + c] = j;
        set_label(k, c, through(k, begin, j, c));
      }
    }
  }

  /// The cost from the end of node k over its successor j.
  [[nodiscard]] IntegerCost<Integer> through(std::uint32_t k, std::uint32_t begin, std::uint32_t j,
                                             std::size_t c) const {
    IntegerCost<Integer> cost = label(j, c);
    cost.time = cost.time + terms_.latency[index_.row_begin[k] + (j - begin)];
    return cost;
  }

  void set_label(std::uint32_t k, std::size_t c, IntegerCost<Integer> rest) {
    rest.price = rest.price + terms_.price[k];
    rest.time = rest.time + terms_.time[k];
    if constexpr (is_machine)
      approximate_[k * client_tile + c] = orders_[c].approximate_weight(as_double(rest.price), as_double(rest.time));
    labels_[k * client_tile + c] = std::move(rest);
  }

  /// What scan_row finds for each node of a cell, if somebody else does it; all rows of a cell are equally long.
  [[nodiscard]] std::vector<LeastTwo> scan_by_loops(const CellLayout::Cell& cell) const {
    if constexpr (is_machine)
      if (loops_ != nullptr && cell.next < index_.groups.size()) {
        const std::size_t begin = index_.group_begin(cell.next), count = index_.group_end(cell.next) - begin;
        return loops_->least_two(
            std::span(terms_.latency).subspan(index_.row_begin[cell.begin], (cell.end - cell.begin) * count),
            weights_.approximate.time, std::span(approximate_).subspan(begin * client_tile, count * client_tile));
      }
    return {};
  }

  void scan_row(std::uint32_t k, std::uint32_t begin, std::uint32_t end) {
    const std::size_t count = end - begin;
    if constexpr (is_machine)
      scanned_ = least_two(std::span(terms_.latency).subspan(index_.row_begin[k], count), weights_.approximate.time,
                           std::span(approximate_).subspan(begin * client_tile, count * client_tile), unit_);
  }

  /// The same sum as in the scan: from the end of node k over its successor j.
  [[nodiscard]] double approximate_through(std::uint32_t k, std::uint32_t begin, std::uint32_t j, std::size_t c) const {
    const auto latency = static_cast<double>(terms_.latency[index_.row_begin[k] + (j - begin)]);
    return weights_.approximate.time * latency + approximate_[j * client_tile + c];
  }

  /// The first of the successors begin .. end - 1 of node k.
  [[nodiscard]] std::uint32_t successor(std::uint32_t k, std::uint32_t begin, std::uint32_t end, std::size_t c) {
    double bound = std::numeric_limits<double>::infinity();
    if constexpr (is_machine) {
      if (weights_.margin < bound) bound = candidate_bound(scanned_.least[c], sum_margin);
      if (scanned_.second[c] > bound) {
        skipped_[c] += end - begin;
        return begin + static_cast<std::uint32_t>(scanned_.position[c]);
      }
    }
    std::uint32_t best = no_position;
    for (std::uint32_t j = begin; j < end; ++j) {
      if constexpr (is_machine)
        if (approximate_through(k, begin, j, c) > bound) {
          ++skipped_[c];
          continue;
        }
      if (best == no_position || comes_first(c, through(k, begin, j, c), j, through(k, begin, best, c), best)) best = j;
    }
    return best;
  }

  const LatencyIndex& index_;
  const LatencyTerms<T>& terms_;
  const RouteWeights& weights_;
  std::span<const ClientChoice> clients_;
  VectorUnit unit_;
  MarketLoops* loops_;
  std::vector<RouteOrder> orders_;      ///< for each client
  std::vector<std::uint64_t> skipped_;  ///< decisions by approximate weights alone
  std::vector<IntegerCost<Integer>> labels_;
  std::vector<std::uint32_t> next_;
  std::vector<double> approximate_;  ///< weights of labels; 0 for the clients that fill up a tile
  LeastTwo scanned_{};
};

}  // namespace

LatencyIndex make_latency_index(const MarketColumns& columns) {
  P2PLLM_ASSERT(columns.latency.has_value());
  LatencyIndex index{make_cell_layout(columns), {}, {}, {}, 1, 1};
  if (index.unreachable) return index;
  std::vector<const Column*> summands{&columns.cost, &*columns.latency};
  for (const LegColumns& client : columns.clients) {
    summands.push_back(&client.to);
    summands.push_back(&client.from);
  }
  const CommonUnit common(summands);
  index.row_begin.assign(index.node.size(), 0);
  std::size_t pairs = 0;
  for (const CellLayout::Cell& cell : index.cells)
    for (std::uint32_t k = cell.begin; k < cell.end; ++k) {
      index.row_begin[k] = pairs;
      if (cell.next < index.groups.size()) pairs += index.group_end(cell.next) - index.group_begin(cell.next);
    }
  unsigned sum_bits = 1;
  if (common.fits) {
    const CommonUnit price(std::vector<const Column*>{&columns.price});
    sum_bits = bits_of((common.greatest + price.greatest) * index.groups.size());
    index.price_unit = columns.price.unit();
    index.time_unit = common.unit;
    index.terms = gathered<std::uint64_t>(
        columns, index, [&](std::size_t i) { return columns.price.integer(i); },
        [&](std::size_t k, const Column& column, std::size_t i) { return common.factors[k] * column.integer(i); });
  } else
    index.terms = gathered<Rational>(
        columns, index, [&](std::size_t i) { return columns.price.value(i); },
        [&](std::size_t /*k*/, const Column& column, std::size_t i) { return column.value(i); });
  index.units = CostUnits(index.price_unit / columns.price_scale, index.time_unit / columns.cost_scale, sum_bits);
  return index;
}

std::vector<Counted<RouteResult>> routes(const LatencyIndex& index, const Rational& alpha,
                                         std::span<const ClientChoice> clients, VectorUnit unit, MarketLoops* loops) {
  if (index.unreachable) return {clients.size(), {*index.unreachable, {}}};
  const RouteWeights weights(index.units, alpha);
  std::vector<Counted<RouteResult>> results(clients.size());
  const std::size_t tiles = (clients.size() + client_tile - 1) / client_tile;
  const auto one = [&](std::size_t tile) {
    const std::size_t begin = tile * client_tile;
    const auto own = clients.subspan(begin, std::min(client_tile, clients.size() - begin));
    std::visit(
        [&]<typename T>(const LatencyTerms<T>& terms) {
          LabelTile<T> labels(index, terms, weights, own, unit, loops);
          for (std::size_t c = 0; c < own.size(); ++c) {
            results[begin + c].answer = labels.chain(c);
            results[begin + c].decisions = labels.counts(c);
          }
        },
        index.terms);
  };
  if (loops == nullptr) oneapi::tbb::parallel_for(std::size_t{0}, tiles, one);
  else
    for (std::size_t tile = 0; tile < tiles; ++tile) one(tile);
  return results;
}

Counted<RouteAnswer> certified_route(const LatencyIndex& index, const Rational& alpha, const ClientChoice& client,
                                     std::size_t nodes, MarketLoops* loops) {
  if (index.unreachable) return {*index.unreachable, {}};
  const RouteWeights weights(index.units, alpha);
  OptimalRoute answer;
  answer.labels.resize(nodes);
  FilterCounts counts;
  std::visit(
      [&]<typename T>(const LatencyTerms<T>& terms) {
        LabelTile<T> labels(index, terms, weights, std::span(&client, 1), widest_vector_unit(), loops);
        answer.chain = labels.chain(0);
        counts = labels.counts(0);
        for (std::uint32_t k = 0; k < index.node.size(); ++k)
          answer.labels[index.node[k]] = path_cost(index, labels.label(k, 0));
      },
      index.terms);
  return {std::move(answer), counts};
}

}  // namespace p2pllm::optimized
