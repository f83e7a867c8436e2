#include "apps/p2pllm/simulation/outcome.hpp"

#include <cmath>
#include <limits>
#include <string_view>

#include "apps/p2pllm/simulation/statistics.hpp"

namespace p2pllm::app {
namespace {

double centre(const Enclosure& value) { return ((value.lower + value.upper) / Rational(2)).raw().get_d(); }

OutcomeCell cell_of(const RangeRecord& range) {
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  OutcomeCell cell{range.range, static_cast<std::int64_t>(range.nodes), nothing, nothing, nothing, nothing, 0, 0};
  cell.load = centre(range.load);
  cell.revenue = centre(range.revenue);
  if (!range.prices) return cell;
  cell.mean = centre(range.prices->mean);
  cell.median = centre(range.prices->median);
  cell.least = centre(range.prices->least);
  cell.greatest = centre(range.prices->greatest);
  return cell;
}

OutcomeRequests requests_of(const RequestRecord& record) {
  OutcomeRequests requests{record.offered, record.served, record.refused, std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::quiet_NaN()};
  if (record.measured == 0) return requests;
  requests.mean_sojourn = record.mean_sojourn.raw().get_d();
  requests.p95_sojourn = static_cast<double>(record.p95_sojourn);
  return requests;
}

}  // namespace

Outcome outcome_of(const EngineRun& of) {
  Outcome outcome{of.run.digest,
                  std::string_view(of.engine) != "reference",
                  of.run.moves.empty() ? 0 : of.run.moves.back().step,
                  {}};
  for (const StepRecord& record : of.run.records) {
    OutcomeRow& row = outcome.rows.emplace_back();
    row.step = record.step;
    row.moves = record.moves;
    row.sole = static_cast<std::int64_t>(record.sole);
    row.least_load = centre(record.least_load);
    row.throughput = centre(record.throughput);
    if (record.requests) row.requests = requests_of(*record.requests);
    for (const RangeRecord& range : record.ranges) row.cells.push_back(cell_of(range));
  }
  return outcome;
}

std::vector<Quantity> quantities_of(const Outcome& outcome) {
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  const OutcomeRow& last = outcome.rows.back();
  std::vector<double> prices;
  for (const OutcomeCell& cell : last.cells)
    if (!std::isnan(cell.median)) prices.push_back(cell.median);
  std::vector<Quantity> all = {{"last_move", static_cast<double>(outcome.last_move)},
                               {"moves", static_cast<double>(last.moves)},
                               {"median_price", prices.empty() ? nothing : summarize(prices).median},
                               {"least_load", last.least_load},
                               {"throughput", last.throughput}};
  if (!last.requests) return all;
  const OutcomeRequests& requests = *last.requests;
  all.push_back({"served_share", requests.offered == 0
                                     ? nothing
                                     : static_cast<double>(requests.served) / static_cast<double>(requests.offered)});
  all.push_back({"mean_sojourn", requests.mean_sojourn});
  all.push_back({"p95_sojourn", requests.p95_sojourn});
  return all;
}

}  // namespace p2pllm::app
