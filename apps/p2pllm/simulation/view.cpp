#include "apps/p2pllm/simulation/view.hpp"

#include <fmt/core.h>

#include <cmath>
#include <numeric>

#include "apps/p2pllm/view/text.hpp"
#include "model/encoding/escape.hpp"
#include "reference/simulation/rising_start.hpp"

namespace p2pllm::app {
namespace {

constexpr std::size_t rows_max = 60;
constexpr int price_digits = 15;

Json prices_json(const RangeRecord& range) {
  if (!range.prices) return {};
  return Json::Object{{"mean", enclosure_json(range.prices->mean, price_digits)},
                      {"median", enclosure_json(range.prices->median, price_digits)},
                      {"least", enclosure_json(range.prices->least, price_digits)},
                      {"greatest", enclosure_json(range.prices->greatest, price_digits)}};
}

Json requests_json(const RequestRecord& requests) {
  Json::Array demand;
  for (const std::int64_t count : requests.demand) demand.push_back(Json::integer(count));
  Json::Array earned;
  for (const std::int64_t amount : requests.earned) earned.push_back(Json::integer(amount));
  return Json::Object{{"offered", Json::integer(requests.offered)},
                      {"served", Json::integer(requests.served)},
                      {"refused", Json::integer(requests.refused)},
                      {"in_flight", Json::integer(requests.in_flight())},
                      {"blocked_boundary", requests.blocked ? Json::integer(*requests.blocked) : Json()},
                      {"sojourns", Json::integer(requests.measured)},
                      {"mean_sojourn", to_decimal(requests.mean_sojourn, price_digits)},
                      {"median_sojourn", Json::integer(requests.median_sojourn)},
                      {"p95_sojourn", Json::integer(requests.p95_sojourn)},
                      {"greatest_sojourn", Json::integer(requests.greatest_sojourn)},
                      {"demand", std::move(demand)},
                      {"earned", requests.earned.empty() ? Json() : Json(std::move(earned))}};
}

Json record_json(const StepRecord& record) {
  Json::Array ranges;
  for (const RangeRecord& range : record.ranges)
    ranges.emplace_back(Json::Object{{"range", range_json(range.range)},
                                     {"nodes", Json::integer(static_cast<long long>(range.nodes))},
                                     {"prices", prices_json(range)},
                                     {"load", enclosure_json(range.load, price_digits)},
                                     {"revenue", enclosure_json(range.revenue, price_digits)}});
  Json::Object object{{"step", Json::integer(record.step)},
                      {"moves", Json::integer(record.moves)},
                      {"joins", Json::integer(record.joins)},
                      {"leaves", Json::integer(record.leaves)},
                      {"sole_servers", Json::integer(static_cast<long long>(record.sole))},
                      {"least_load", enclosure_json(record.least_load, price_digits)},
                      {"throughput", enclosure_json(record.throughput, price_digits)},
                      {"regret_bound", to_decimal(record.regret_bound, 6, Rounding::up)},
                      {"ranges", std::move(ranges)}};
  if (record.requests) object.emplace_back("requests", requests_json(*record.requests));
  return object;
}

/// What became of the requests, in two lines.
std::string requests_text(const RequestRecord& requests) {
  std::string text = fmt::format("Requests: {} offered, {} served, {} refused, {} under way.\n", requests.offered,
                                 requests.served, requests.refused, requests.in_flight());
  if (requests.blocked) text += fmt::format("The last refused one was blocked at boundary {}.\n", *requests.blocked);
  if (!requests.earned.empty())
    text += fmt::format("The nodes earned {} money units.\n",
                        std::accumulate(requests.earned.begin(), requests.earned.end(), std::int64_t{0}));
  if (requests.measured > 0)
    text += fmt::format("Sojourn in ticks: mean {}, median {}, 95 % at most {}, greatest {} (of {}).\n",
                        to_decimal(requests.mean_sojourn, 6), requests.median_sojourn, requests.p95_sojourn,
                        requests.greatest_sojourn, counted(static_cast<std::size_t>(requests.measured), "request"));
  return text;
}

}  // namespace

Json number_json(double value) {
  return std::isfinite(value) ? Json(Json::Number{fmt::format("{:.15g}", value)}) : Json();
}

std::string run_text(const Scenario& scenario, const Peers& peers, const SimulationRun& run, std::int64_t seed) {
  Table table({"step", "<layers", "nodes", "median price", "mean price", "load", "revenue"});
  std::size_t rows = 0;
  for (const StepRecord& record : run.records)
    for (const RangeRecord& range : record.ranges) {
      if (++rows > rows_max) continue;
      const bool served = range.prices.has_value();
      table.add({std::to_string(record.step), to_string(range.range), std::to_string(range.nodes),
                 served ? readable(range.prices->median) : "-", served ? readable(range.prices->mean) : "-",
                 readable(range.load), readable(range.revenue)});
    }
  const StepRecord& last = run.records.back();
  std::string text = fmt::format("{}: seed {}, {}\n\n{}", for_terminal(scenario.name), seed,
                                 counted(static_cast<std::size_t>(scenario.steps), "step"), table.text());
  if (rows > rows_max) text += fmt::format("  ({} more; --json lists all)\n", rows - rows_max);
  text += fmt::format(
      "\nAt step {}: {} so far; the least load is {}, of which Eq. 3's demand can use {}.\n"
      "No node can gain more than {} of its best revenue by another price.\n",
      last.step, counted(static_cast<std::size_t>(last.moves), "move"), readable(last.least_load),
      readable(last.throughput), to_decimal(last.regret_bound, 3, Rounding::up));
  if (last.sole > 0) text += fmt::format("{} with a single node.\n", counted(last.sole, "range"));
  if (last.joins + last.leaves > 0)
    text += fmt::format("Of the nodes, {} joined and {} left.\n", last.joins, last.leaves);
  if (last.requests) text += requests_text(*last.requests);
  if (reference::is_rising_start(scenario, peers))
    text += "Until a node moves, no price falls, and where nodes compete, none exceeds its equilibrium (SIM-12).\n";
  text += fmt::format("Every price is certain to {}.\nDigest {}.\n", to_decimal(run.radius, 2, Rounding::up),
                      to_hex(run.digest));
  return text;
}

Json run_json(const Scenario& scenario, const Peers& peers, const SimulationRun& run, std::int64_t seed) {
  Json::Array records;
  Json::Array moves;
  for (const StepRecord& record : run.records) records.push_back(record_json(record));
  for (const SimulatedMove& move : run.moves)
    moves.emplace_back(Json::Object{{"step", Json::integer(move.step)},
                                    {"node", peers.id(move.node)},
                                    {"from", range_json(move.from)},
                                    {"to", range_json(move.to)}});
  return Json::Object{{"scenario", scenario.name},
                      {"scenario_sha256", scenario.sha256},
                      {"seed", Json::integer(seed)},
                      {"digest", to_hex(run.digest)},
                      {"radius", to_decimal(run.radius, 6, Rounding::up)},
                      {"rising_start", reference::is_rising_start(scenario, peers)},
                      {"records", std::move(records)},
                      {"moves", std::move(moves)}};
}

}  // namespace p2pllm::app
