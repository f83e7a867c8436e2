#include "optimized/market/route_index.hpp"

#include <algorithm>
#include <limits>

#include "model/assert.hpp"
#include "optimized/market/route_units.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::uint32_t no_group = std::numeric_limits<std::uint32_t>::max();

/// Node indices by (first, last, file order): two stable counting sorts.
std::vector<std::uint32_t> sorted_nodes(const MarketColumns& columns) {
  const std::size_t n = columns.size();
  std::vector<std::uint32_t> order(n);
  std::vector<std::uint32_t> other(n);
  for (std::uint32_t i = 0; i < n; ++i) order[i] = i;
  for (const auto* key : {&columns.last, &columns.first}) {
    std::vector<std::uint32_t> place(static_cast<std::size_t>(columns.layers) + 2);
    for (const std::uint32_t value : *key) ++place[value + 1];
    for (std::size_t k = 1; k < place.size(); ++k) place[k] += place[k - 1];
    for (const std::uint32_t i : order) other[place[(*key)[i]]++] = i;
    order.swap(other);
  }
  return order;
}

/// The nodes of one range: [begin, end) of the sorted order.
struct Range {
  std::uint32_t first, last, begin, end;
};

std::vector<Range> ranges_of(const MarketColumns& columns, const std::vector<std::uint32_t>& order) {
  std::vector<Range> ranges;
  for (std::uint32_t k = 0; k < order.size(); ++k) {
    const std::uint32_t first = columns.first[order[k]];
    const std::uint32_t last = columns.last[order[k]];
    if (ranges.empty() || ranges.back().first != first || ranges.back().last != last)
      ranges.push_back({first, last, k, k});
    ranges.back().end = k + 1;
  }
  return ranges;
}

Unreachable reachable_from_0(const std::vector<Range>& ranges, std::size_t boundaries) {
  std::vector<bool> is_reached(boundaries);
  is_reached[0] = true;
  for (const Range& range : ranges)
    if (is_reached[range.first]) is_reached[range.last] = true;
  Unreachable result;
  for (std::size_t boundary = 0; boundary < boundaries; ++boundary)
    if (is_reached[boundary]) result.reachable.push_back(static_cast<std::int64_t>(boundary));
  result.blocked_boundary = result.reachable.back();
  return result;
}

/// Removes the ranges from which no chain leads to the last boundary.
/// @returns for each boundary whether a chain leads on from it
std::vector<bool> keep_leading(std::vector<Range>& ranges, std::size_t boundaries) {
  std::vector<bool> leads(boundaries);
  leads.back() = true;
  for (auto range = ranges.rbegin(); range != ranges.rend(); ++range)
    if (leads[range->last]) leads[range->first] = true;
  std::erase_if(ranges, [&](const Range& range) { return !leads[range.last]; });
  return leads;
}

/// Cells, groups and blocks of the ranges that are kept; the nodes are in the order `node`.
void lay_out(CellLayout& index, const std::vector<Range>& ranges, const std::vector<std::uint32_t>& order,
             std::size_t boundaries) {
  std::vector<std::uint32_t> group_at(boundaries, no_group);
  for (const Range& range : ranges) {
    if (index.groups.empty() || index.groups.back().boundary != range.first) {
      group_at[range.first] = static_cast<std::uint32_t>(index.groups.size());
      const auto cell = static_cast<std::uint32_t>(index.cells.size());
      index.groups.push_back({range.first, cell, cell});
    }
    ++index.groups.back().cell_end;
    CellLayout::Cell& cell = index.cells.emplace_back();
    cell.begin = static_cast<std::uint32_t>(index.node.size());
    index.node.insert(index.node.end(), order.begin() + range.begin, order.begin() + range.end);
    cell.end = static_cast<std::uint32_t>(index.node.size());
    cell.block_begin = static_cast<std::uint32_t>(index.block_ends.size());
    for (std::uint32_t begin = cell.begin; begin < cell.end; begin += route_block_nodes)
      index.block_ends.push_back(std::min(begin + route_block_nodes, cell.end));
    cell.block_end = static_cast<std::uint32_t>(index.block_ends.size());
  }
  group_at.back() = static_cast<std::uint32_t>(index.groups.size());
  for (std::size_t k = 0; k < ranges.size(); ++k) index.cells[k].next = group_at[ranges[k].last];
}

/// The own time of a node: its cost and the legs at the ends of a chain.
class OwnTimes {
 public:
  OwnTimes(const MarketColumns& columns, const LegColumns* legs)
      : columns_(columns), legs_(legs), common_(summands(columns, legs)) {}

  [[nodiscard]] const CommonUnit& common() const { return common_; }
  /// @pre common().fits
  [[nodiscard]] std::uint64_t integer(std::uint32_t i) const {
    std::uint64_t time = common_.factors[0] * columns_.cost.integer(i);
    if (enters(i)) time += common_.factors[1] * legs_->to.integer(i);
    if (leaves(i)) time += common_.factors[2] * legs_->from.integer(i);
    return time;
  }
  [[nodiscard]] Rational value(std::uint32_t i) const {
    Rational time = columns_.cost.value(i);
    if (enters(i)) time += legs_->to.value(i);
    if (leaves(i)) time += legs_->from.value(i);
    return time;
  }

 private:
  static std::vector<const Column*> summands(const MarketColumns& columns, const LegColumns* legs) {
    if (legs == nullptr) return {&columns.cost};
    return {&columns.cost, &legs->to, &legs->from};
  }
  [[nodiscard]] bool enters(std::uint32_t i) const { return legs_ != nullptr && columns_.first[i] == 0; }
  [[nodiscard]] bool leaves(std::uint32_t i) const { return legs_ != nullptr && columns_.last[i] == columns_.layers; }

  const MarketColumns& columns_;
  const LegColumns* legs_;
  CommonUnit common_;
};

void set_costs(RouteIndex& index, const MarketColumns& columns, const OwnTimes& times, unsigned& sum_bits) {
  if (!times.common().fits) {
    SortedCosts<Rational> costs;
    for (const std::uint32_t i : index.node) {
      costs.price.push_back(columns.price.value(i));
      costs.time.push_back(times.value(i));
    }
    index.costs = std::move(costs);
    return;
  }
  index.price_unit = columns.price.unit();
  index.time_unit = times.common().unit;
  SortedCosts<std::uint64_t> costs;
  costs.price.reserve(index.node.size());
  costs.time.reserve(index.node.size());
  std::uint64_t greatest = 0;
  for (const std::uint32_t i : index.node) {
    costs.price.push_back(columns.price.integer(i));
    costs.time.push_back(times.integer(i));
    greatest = std::max({greatest, costs.price.back(), costs.time.back()});
  }
  sum_bits = bits_of(mpz_class(static_cast<unsigned long>(greatest)) * index.groups.size());
  if (greatest <= std::numeric_limits<std::uint32_t>::max()) {
    auto& narrow = index.costs.emplace<SortedCosts<std::uint32_t>>();
    narrow.price.resize(costs.price.size());
    narrow.time.resize(costs.time.size());
    constexpr auto narrowed = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
    std::transform(costs.price.begin(), costs.price.end(), narrow.price.begin(), narrowed);
    std::transform(costs.time.begin(), costs.time.end(), narrow.time.begin(), narrowed);
  } else index.costs = std::move(costs);
}

}  // namespace

CellLayout make_cell_layout(const MarketColumns& columns) {
  CellLayout layout;
  const auto boundaries = static_cast<std::size_t>(columns.layers) + 1;
  const std::vector<std::uint32_t> order = sorted_nodes(columns);
  const std::vector<Range> all = ranges_of(columns, order);
  std::vector<Range> leading = all;
  if (!keep_leading(leading, boundaries)[0]) {
    layout.unreachable = reachable_from_0(all, boundaries);
    return layout;
  }
  layout.node.reserve(columns.size());
  lay_out(layout, leading, order, boundaries);
  return layout;
}

RouteIndex make_route_index(const MarketColumns& columns, std::optional<std::size_t> client) {
  P2PLLM_ASSERT(!columns.latency);
  RouteIndex index{make_cell_layout(columns), {}, {}, 1, 1};
  if (index.unreachable) return index;
  unsigned sum_bits = 1;
  set_costs(index, columns, OwnTimes(columns, client ? &columns.clients.at(*client) : nullptr), sum_bits);
  index.units = CostUnits(index.price_unit / columns.price_scale, index.time_unit / columns.cost_scale, sum_bits);
  return index;
}

}  // namespace p2pllm::optimized
