#include "apps/p2pllm/simulation/replications.hpp"

#include <fmt/core.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>

#include "apps/p2pllm/view/text.hpp"
#include "model/encoding/escape.hpp"

namespace p2pllm::app {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

double centre(const Enclosure& value) { return ((value.lower + value.upper) / Rational(2)).raw().get_d(); }

std::string digits6(double value) { return std::isnan(value) ? "-" : fmt::format("{:.6g}", value); }

Json number(double value) { return std::isfinite(value) ? Json(Json::Number{fmt::format("{:.15g}", value)}) : Json(); }

Json interval_json(const Interval95& interval) { return Json::Array{number(interval.lower), number(interval.upper)}; }

Json summary_json(const Summary& summary) {
  return Json::Object{{"mean", number(summary.mean)},
                      {"mean_interval", interval_json(summary.mean_interval)},
                      {"p5", number(summary.low)},
                      {"median", number(summary.median)},
                      {"median_interval", interval_json(summary.median_interval)},
                      {"p95", number(summary.high)}};
}

std::string spread_text(const Summary& summary) {
  return fmt::format("{} / {} / {}", digits6(summary.low), digits6(summary.median), digits6(summary.high));
}

}  // namespace

Replications::Outcome Replications::outcome_of(const EngineRun& of) {
  Outcome outcome{of.run.digest,
                  std::string_view(of.engine) == "fast",
                  of.run.moves.empty() ? 0 : of.run.moves.back().step,
                  {},
                  {}};
  for (const StepRecord& record : of.run.records) {
    outcome.rows.push_back({centre(record.throughput), centre(record.least_load), record.moves, record.sole > 0});
    for (const RangeRecord& range : record.ranges) {
      Cell cell{static_cast<std::uint32_t>(range.nodes),
                nothing,
                nothing,
                nothing,
                nothing,
                centre(range.load),
                centre(range.revenue)};
      if (range.prices) {
        cell.mean = centre(range.prices->mean);
        cell.median = centre(range.prices->median);
        cell.least = centre(range.prices->least);
        cell.greatest = centre(range.prices->greatest);
      }
      outcome.cells.push_back(cell);
    }
  }
  return outcome;
}

Result<Replications> Replications::run(const Scenario& scenario, const SeedRunner& runner, int threads,
                                       const Progress& progress) {
  const auto seeds = static_cast<std::size_t>(scenario.last_seed - scenario.first_seed + 1);
  Replications all;
  all.outcomes_.resize(seeds);
  std::mutex mutex;
  std::optional<std::pair<std::size_t, Fault>> first_fault;
  std::size_t done = 0;
  tbb::task_arena arena(threads == 0 ? tbb::task_arena::automatic : threads);
  const auto one = [&](std::size_t k) {
    auto answer = runner(scenario.first_seed + static_cast<std::int64_t>(k));
    if (answer) all.outcomes_[k] = outcome_of(*answer);
    const std::scoped_lock lock(mutex);
    report(progress, ++done, seeds);
    if (!answer && (!first_fault || k < first_fault->first)) first_fault = {k, answer.error()};
    if (answer && all.ranges_.empty())
      for (const RangeRecord& range : answer->run.records.front().ranges) all.ranges_.push_back(range.range);
  };
  arena.execute([&] { tbb::parallel_for(std::size_t{0}, seeds, one); });
  if (!first_fault) return all;
  Fault fault = first_fault->second;
  fault.place = "seed " + std::to_string(scenario.first_seed + static_cast<std::int64_t>(first_fault->first)) +
                (fault.place.empty() ? "" : ": " + fault.place);
  return tl::unexpected<Fault>(fault);
}

std::vector<double> Replications::values(std::size_t cell, double (*of)(const Cell&)) const {
  std::vector<double> result;
  for (const Outcome& outcome : outcomes_)
    if (const double value = of(outcome.cells[cell]); !std::isnan(value)) result.push_back(value);
  return result;
}

std::size_t Replications::count(const std::function<bool(const Outcome&)>& holds) const {
  return static_cast<std::size_t>(std::ranges::count_if(outcomes_, holds));
}

std::string Replications::text(const Scenario& scenario) const {
  constexpr std::size_t rows_max = 60;
  const std::size_t runs = outcomes_.size();
  std::string text = fmt::format("{}: seeds {} to {}, {}\nEach cell: 5 % / median / 95 % of the runs.\n\n",
                                 for_terminal(scenario.name), scenario.first_seed, scenario.last_seed,
                                 counted(static_cast<std::size_t>(scenario.steps), "step"));
  Table table({"step", "<layers", "nodes", "mean price", "median price", "load"});
  const std::size_t cells = scenario.record.size() * ranges_.size();
  for (std::size_t cell = 0; cell < std::min(cells, rows_max); ++cell) {
    const auto spread = [&](double (*of)(const Cell&)) {
      auto each = values(cell, of);
      return each.empty() ? std::string("-") : spread_text(summarize(each));
    };
    table.add({std::to_string(scenario.record[cell / ranges_.size()]), to_string(ranges_[cell % ranges_.size()]),
               spread([](const Cell& c) { return static_cast<double>(c.nodes); }),
               spread([](const Cell& c) { return c.mean; }), spread([](const Cell& c) { return c.median; }),
               spread([](const Cell& c) { return c.load; })});
  }
  text += table.text();
  if (cells > rows_max) text += fmt::format("  ({} more; --json lists all)\n", cells - rows_max);
  const std::size_t sole = count([](const Outcome& outcome) { return outcome.rows.back().has_sole; });
  const Interval95 share = proportion_interval(sole, runs);
  text += fmt::format(
      "\nAt step {} a range has a single node in {} of {} runs ({:.1f} %; with 95 % confidence {:.1f} to {:.1f} %).\n"
      "Digest of all runs {}.\n",
      scenario.record.back(), sole, runs, 100.0 * static_cast<double>(sole) / static_cast<double>(runs),
      100 * share.lower, 100 * share.upper, to_hex(digest()));
  return text;
}

Json Replications::json(const Scenario& scenario) const {
  Json::Array cells;
  const std::size_t count_cells = scenario.record.size() * ranges_.size();
  for (std::size_t cell = 0; cell < count_cells; ++cell) {
    const auto summary = [&](double (*of)(const Cell&)) {
      auto each = values(cell, of);
      return each.empty() ? Json() : summary_json(summarize(each));
    };
    cells.emplace_back(Json::Object{{"step", Json::integer(scenario.record[cell / ranges_.size()])},
                                    {"range", range_json(ranges_[cell % ranges_.size()])},
                                    {"nodes", summary([](const Cell& c) { return static_cast<double>(c.nodes); })},
                                    {"mean_price", summary([](const Cell& c) { return c.mean; })},
                                    {"median_price", summary([](const Cell& c) { return c.median; })},
                                    {"load", summary([](const Cell& c) { return c.load; })},
                                    {"revenue", summary([](const Cell& c) { return c.revenue; })}});
  }
  Json::Array steps;
  for (std::size_t row = 0; row < scenario.record.size(); ++row) {
    const auto of_rows = [&](double (*of)(const Row&)) {
      std::vector<double> each;
      for (const Outcome& outcome : outcomes_) each.push_back(of(outcome.rows[row]));
      return summary_json(summarize(each));
    };
    const std::size_t sole = count([row](const Outcome& outcome) { return outcome.rows[row].has_sole; });
    steps.emplace_back(
        Json::Object{{"step", Json::integer(scenario.record[row])},
                     {"moves", of_rows([](const Row& r) { return static_cast<double>(r.moves); })},
                     {"least_load", of_rows([](const Row& r) { return r.least_load; })},
                     {"throughput", of_rows([](const Row& r) { return r.throughput; })},
                     {"with_sole_server", Json::integer(static_cast<long long>(sole))},
                     {"with_sole_server_interval", interval_json(proportion_interval(sole, outcomes_.size()))}});
  }
  const std::size_t by_reference = count([](const Outcome& outcome) { return !outcome.is_fast; });
  return Json::Object{{"scenario", scenario.name},
                      {"scenario_sha256", scenario.sha256},
                      {"seeds", Json::Array{Json::integer(scenario.first_seed), Json::integer(scenario.last_seed)}},
                      {"runs", Json::integer(static_cast<long long>(outcomes_.size()))},
                      {"runs_by_reference", Json::integer(static_cast<long long>(by_reference))},
                      {"digest", to_hex(digest())},
                      {"steps", std::move(steps)},
                      {"cells", std::move(cells)}};
}

std::string Replications::csv(const Scenario& scenario) const {
  std::string text =
      "seed,step,first_layer,last_layer,nodes,mean_price,median_price,least_price,greatest_price,load,revenue\n";
  const auto shown = [](double value) { return std::isnan(value) ? std::string() : fmt::format("{:.15g}", value); };
  for (std::size_t k = 0; k < outcomes_.size(); ++k)
    for (std::size_t cell = 0; cell < outcomes_[k].cells.size(); ++cell) {
      const Cell& of = outcomes_[k].cells[cell];
      const LayerRange& range = ranges_[cell % ranges_.size()];
      text += fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", scenario.first_seed + static_cast<std::int64_t>(k),
                          scenario.record[cell / ranges_.size()], range.first, range.last, of.nodes, shown(of.mean),
                          shown(of.median), shown(of.least), shown(of.greatest), shown(of.load), shown(of.revenue));
    }
  return text;
}

Hash Replications::digest() const {
  Bytes all;
  for (const Outcome& outcome : outcomes_) all.insert(all.end(), outcome.digest.begin(), outcome.digest.end());
  return hash_tagged("p2pllm/1/simulations", all);
}

}  // namespace p2pllm::app
