#include "apps/p2pllm/simulation/outcome.hpp"

#include <limits>
#include <string_view>

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
  requests.late_sojourn = static_cast<double>(record.late_sojourn);
  return requests;
}

}  // namespace

Outcome outcome_of(const EngineRun& of) {
  Outcome outcome{
      of.run.digest, std::string_view(of.engine) == "fast", of.run.moves.empty() ? 0 : of.run.moves.back().step, {}};
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

}  // namespace p2pllm::app
