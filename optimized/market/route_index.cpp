#include "optimized/market/route_index.hpp"

#include <algorithm>
#include <limits>

#include "model/assert.hpp"

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
void lay_out(RouteIndex& index, const std::vector<Range>& ranges, const std::vector<std::uint32_t>& order,
             std::size_t boundaries) {
  std::vector<std::uint32_t> group_at(boundaries, no_group);
  for (const Range& range : ranges) {
    if (index.groups.empty() || index.groups.back().boundary != range.first) {
      group_at[range.first] = static_cast<std::uint32_t>(index.groups.size());
      const auto cell = static_cast<std::uint32_t>(index.cells.size());
      index.groups.push_back({range.first, cell, cell});
    }
    ++index.groups.back().cell_end;
    RouteIndex::Cell& cell = index.cells.emplace_back();
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

Rational common_unit(const Rational& a, const Rational& b) {
  mpz_class denominator;
  mpz_lcm(denominator.get_mpz_t(), a.denominator().get_mpz_t(), b.denominator().get_mpz_t());
  return {gcd(a.numerator(), b.numerator()), denominator};
}

mpz_class greatest_integer(const Column& column) {
  std::uint64_t greatest = 0;
  if (column.is_narrow())
    for (const std::uint32_t value : column.narrow()) greatest = std::max<std::uint64_t>(greatest, value);
  else
    for (const std::uint64_t value : column.wide()) greatest = std::max(greatest, value);
  return mpz_class(static_cast<unsigned long>(greatest));
}

unsigned bits_of(const mpz_class& value) { return static_cast<unsigned>(mpz_sizeinbase(value.get_mpz_t(), 2)); }

/// The own time of a node: its cost and the legs at the ends of a chain.
class OwnTimes {
 public:
  OwnTimes(const MarketColumns& columns, std::optional<std::size_t> client) : columns_(columns) {
    if (client) legs_ = &columns.clients.at(*client);
    unit_ = columns.cost.unit();
    if (legs_ != nullptr) unit_ = common_unit(common_unit(unit_, legs_->to.unit()), legs_->from.unit());
    cost_ = multiple_of_unit(columns.cost);
    mpz_class greatest = cost_ * greatest_integer(columns.cost);
    if (legs_ != nullptr) {
      to_ = multiple_of_unit(legs_->to);
      from_ = multiple_of_unit(legs_->from);
      greatest += to_ * greatest_integer(legs_->to) + from_ * greatest_integer(legs_->from);
    }
    // A factor above 64 bits may meet a column of zeros, whose greatest value does not show it.
    fits_ = std::max({bits_of(greatest), bits_of(cost_), bits_of(to_), bits_of(from_)}) <= 64;
  }

  [[nodiscard]] const Rational& unit() const { return unit_; }
  /// Whether every own time is an integer of 64 bits.
  [[nodiscard]] bool fits() const { return fits_; }
  [[nodiscard]] std::uint64_t integer(std::uint32_t i) const {
    std::uint64_t time = cost_.get_ui() * columns_.cost.integer(i);
    if (enters(i)) time += to_.get_ui() * legs_->to.integer(i);
    if (leaves(i)) time += from_.get_ui() * legs_->from.integer(i);
    return time;
  }
  [[nodiscard]] Rational value(std::uint32_t i) const {
    Rational time = columns_.cost.value(i);
    if (enters(i)) time += legs_->to.value(i);
    if (leaves(i)) time += legs_->from.value(i);
    return time;
  }

 private:
  [[nodiscard]] bool enters(std::uint32_t i) const { return legs_ != nullptr && columns_.first[i] == 0; }
  [[nodiscard]] bool leaves(std::uint32_t i) const { return legs_ != nullptr && columns_.last[i] == columns_.layers; }
  [[nodiscard]] mpz_class multiple_of_unit(const Column& column) const { return (column.unit() / unit_).numerator(); }

  const MarketColumns& columns_;
  const LegColumns* legs_ = nullptr;
  Rational unit_;
  mpz_class cost_, to_, from_;
  bool fits_ = false;
};

void set_costs(RouteIndex& index, const MarketColumns& columns, const OwnTimes& times, unsigned& sum_bits) {
  if (!times.fits()) {
    SortedCosts<Rational> costs;
    for (const std::uint32_t i : index.node) {
      costs.price.push_back(columns.price.value(i));
      costs.time.push_back(times.value(i));
    }
    index.costs = std::move(costs);
    return;
  }
  index.price_unit = columns.price.unit();
  index.time_unit = times.unit();
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

RouteIndex make_route_index(const MarketColumns& columns, std::optional<std::size_t> client) {
  P2PLLM_ASSERT(!columns.latency);
  RouteIndex index;
  const auto boundaries = static_cast<std::size_t>(columns.layers) + 1;
  const std::vector<std::uint32_t> order = sorted_nodes(columns);
  std::vector<Range> ranges = ranges_of(columns, order);
  const std::vector<Range> all = ranges;
  if (!keep_leading(ranges, boundaries)[0]) {
    index.unreachable = reachable_from_0(all, boundaries);
    return index;
  }
  index.node.reserve(columns.size());
  lay_out(index, ranges, order, boundaries);
  unsigned sum_bits = 1;
  set_costs(index, columns, OwnTimes(columns, client), sum_bits);
  index.units = CostUnits(index.price_unit / columns.price_scale, index.time_unit / columns.cost_scale, sum_bits);
  return index;
}

}  // namespace p2pllm::optimized
