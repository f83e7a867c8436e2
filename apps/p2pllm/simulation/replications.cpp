#include "apps/p2pllm/simulation/replications.hpp"

#include <fmt/core.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <map>
#include <mutex>

#include "apps/p2pllm/simulation/view.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/encoding/escape.hpp"

namespace p2pllm::app {
namespace {

std::string digits6(double value) { return std::isnan(value) ? "-" : fmt::format("{:.6g}", value); }

Json interval_json(const Interval95& interval) {
  return Json::Array{number_json(interval.lower), number_json(interval.upper)};
}

Json summary_json(const Summary& summary) {
  return Json::Object{{"mean", number_json(summary.mean)},
                      {"mean_interval", interval_json(summary.mean_interval)},
                      {"p5", number_json(summary.low)},
                      {"median", number_json(summary.median)},
                      {"median_interval", interval_json(summary.median_interval)},
                      {"p95", number_json(summary.high)}};
}

std::string spread_text(const Summary& summary) {
  return fmt::format("{} / {} / {}", digits6(summary.low), digits6(summary.median), digits6(summary.high));
}

bool is_of_requests(const NamedSummary& one) {
  const std::string_view name = one.name;
  return name == "served_share" || name == "mean_sojourn" || name == "p95_sojourn";
}

/// What became of the requests, if there are any.
std::string requests_text(const std::vector<NamedSummary>& all) {
  std::string text;
  for (const NamedSummary& one : all) {
    if (one.name == std::string_view("served_share")) text += "Requests: share served " + spread_text(one.summary);
    else if (one.name == std::string_view("mean_sojourn"))
      text += "; mean sojourn in ticks " + spread_text(one.summary);
    else if (one.name == std::string_view("p95_sojourn")) text += "; 95 % within " + spread_text(one.summary) + ".\n";
  }
  return text;
}

/// Runs that are done and not yet in the file of results. Not for several threads at once.
class Pending {
 public:
  Pending(ResultFile* results, const Scenario& scenario) : results_(results), scenario_(scenario) {}

  /// Writes now and then: a program that is killed loses about half a second of work.
  [[nodiscard]] Result<void> add(std::int64_t seed, const Outcome& outcome) {
    if (results_ == nullptr) return {};
    runs_.emplace_back(seed, outcome);
    constexpr auto pause = std::chrono::milliseconds(500);
    return std::chrono::steady_clock::now() - written_ < pause ? Result<void>() : write();
  }
  [[nodiscard]] Result<void> write() {
    if (runs_.empty()) return {};
    auto written = results_->add(scenario_.sha256, scenario_.name, runs_);
    runs_.clear();
    written_ = std::chrono::steady_clock::now();
    return written;
  }

 private:
  ResultFile* results_;
  const Scenario& scenario_;
  std::vector<std::pair<std::int64_t, Outcome>> runs_;
  std::chrono::steady_clock::time_point written_ = std::chrono::steady_clock::now();
};

Fault of_seed(Fault fault, std::int64_t seed) {
  fault.place = "seed " + std::to_string(seed) + (fault.place.empty() ? "" : ": " + fault.place);
  return fault;
}

}  // namespace

Result<Replications> Replications::run(const Scenario& scenario, const SeedRunner& runner, int threads,
                                       ResultFile* results, const Progress& progress) {
  const auto seeds = static_cast<std::size_t>(scenario.last_seed - scenario.first_seed + 1);
  std::map<std::int64_t, Outcome> known;
  if (results != nullptr) {
    auto loaded = results->load(scenario.sha256, scenario.first_seed, scenario.last_seed);
    if (!loaded) return tl::unexpected<Fault>(loaded.error());
    known = *std::move(loaded);
  }
  Replications all;
  all.outcomes_.resize(seeds);
  Pending pending(results, scenario);
  for (auto& [seed, outcome] : known)
    all.outcomes_[static_cast<std::size_t>(seed - scenario.first_seed)] = std::move(outcome);
  std::mutex mutex;
  Result<void> kept;                             // whether the file of results took all runs
  std::map<std::int64_t, Fault> faults;          // of runs
  std::atomic<std::size_t> first_fault = seeds;  // no later seed is begun
  std::size_t done = 0;
  const auto one = [&](std::size_t k) {
    const std::int64_t seed = scenario.first_seed + static_cast<std::int64_t>(k);
    if (k > first_fault) return;
    Result<std::optional<EngineRun>> answer;
    if (!known.contains(seed)) answer = runner(seed);
    const std::scoped_lock lock(mutex);
    report(progress, ++done, seeds);
    if (!answer) {
      faults.emplace(seed, of_seed(answer.error(), seed));
      first_fault = std::min<std::size_t>(first_fault, k);
    } else if (*answer) {
      all.outcomes_[k] = outcome_of(**answer);
      if (kept) kept = pending.add(seed, all.outcomes_[k]);
      if (!kept) first_fault = 0;
    } else if (!known.contains(seed)) {
      ++all.stopped_;
    }
  };
  tbb::task_arena arena(threads == 0 ? tbb::task_arena::automatic : threads);
  arena.execute([&] { tbb::parallel_for(std::size_t{0}, seeds, one); });
  if (kept) kept = pending.write();
  if (!faults.empty()) return tl::unexpected<Fault>(faults.begin()->second);
  if (!kept) return tl::unexpected<Fault>(kept.error());
  return all;
}

Result<void> check_whole(std::size_t stopped, std::size_t runs) {
  if (stopped == 0) return {};
  return limit_reached(std::to_string(stopped) + " of " + counted(runs, "run") +
                       " stopped before the end; the same command goes on from there");
}

std::vector<double> Replications::values(std::size_t row, std::size_t cell, double (*of)(const OutcomeCell&)) const {
  std::vector<double> result;
  for (const Outcome& outcome : outcomes_)
    if (const double value = of(outcome.rows[row].cells[cell]); !std::isnan(value)) result.push_back(value);
  return result;
}

std::vector<NamedSummary> Replications::summary() const {
  std::vector<NamedSummary> result;
  const std::vector<Quantity> names = quantities_of(outcomes_.front());
  for (std::size_t k = 0; k < names.size(); ++k) {
    std::vector<double> each;
    for (const Outcome& outcome : outcomes_)
      if (const double value = quantities_of(outcome)[k].value; !std::isnan(value)) each.push_back(value);
    result.push_back({names[k].name, each.empty() ? Summary() : summarize(each)});
  }
  return result;
}

double Replications::sole_share() const {
  const std::size_t sole = count([](const Outcome& outcome) { return outcome.rows.back().sole > 0; });
  return static_cast<double>(sole) / static_cast<double>(outcomes_.size());
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
  const std::size_t ranges = outcomes_.front().rows.front().cells.size();
  const std::size_t cells = scenario.record.size() * ranges;
  for (std::size_t cell = 0; cell < std::min(cells, rows_max); ++cell) {
    const auto spread = [&](double (*of)(const OutcomeCell&)) {
      auto each = values(cell / ranges, cell % ranges, of);
      return each.empty() ? std::string("-") : spread_text(summarize(each));
    };
    table.add({std::to_string(scenario.record[cell / ranges]),
               to_string(outcomes_.front().rows.front().cells[cell % ranges].range),
               spread([](const OutcomeCell& c) { return static_cast<double>(c.nodes); }),
               spread([](const OutcomeCell& c) { return c.mean; }),
               spread([](const OutcomeCell& c) { return c.median; }),
               spread([](const OutcomeCell& c) { return c.load; })});
  }
  text += table.text();
  if (cells > rows_max) text += fmt::format("  ({} more; --json lists all)\n", cells - rows_max);
  const std::size_t sole = count([](const Outcome& outcome) { return outcome.rows.back().sole > 0; });
  const Interval95 share = proportion_interval(sole, runs);
  text += fmt::format(
      "\nAt step {} a range has a single node in {} of {} runs ({:.1f} %; with 95 % confidence {:.1f} to {:.1f} %).\n"
      "{}Digest of all runs {}.\n",
      scenario.record.back(), sole, runs, 100.0 * static_cast<double>(sole) / static_cast<double>(runs),
      100 * share.lower, 100 * share.upper, requests_text(summary()), to_hex(digest()));
  return text;
}

Json Replications::json(const Scenario& scenario) const {
  Json::Array cells;
  const std::size_t ranges = outcomes_.front().rows.front().cells.size();
  for (std::size_t cell = 0; cell < scenario.record.size() * ranges; ++cell) {
    const auto summary = [&](double (*of)(const OutcomeCell&)) {
      auto each = values(cell / ranges, cell % ranges, of);
      return each.empty() ? Json() : summary_json(summarize(each));
    };
    cells.emplace_back(
        Json::Object{{"step", Json::integer(scenario.record[cell / ranges])},
                     {"range", range_json(outcomes_.front().rows.front().cells[cell % ranges].range)},
                     {"nodes", summary([](const OutcomeCell& c) { return static_cast<double>(c.nodes); })},
                     {"mean_price", summary([](const OutcomeCell& c) { return c.mean; })},
                     {"median_price", summary([](const OutcomeCell& c) { return c.median; })},
                     {"load", summary([](const OutcomeCell& c) { return c.load; })},
                     {"revenue", summary([](const OutcomeCell& c) { return c.revenue; })}});
  }
  Json::Array steps;
  for (std::size_t row = 0; row < scenario.record.size(); ++row) {
    const auto of_rows = [&](double (*of)(const OutcomeRow&)) {
      std::vector<double> each;
      for (const Outcome& outcome : outcomes_) each.push_back(of(outcome.rows[row]));
      return summary_json(summarize(each));
    };
    const std::size_t sole = count([row](const Outcome& outcome) { return outcome.rows[row].sole > 0; });
    steps.emplace_back(
        Json::Object{{"step", Json::integer(scenario.record[row])},
                     {"moves", of_rows([](const OutcomeRow& r) { return static_cast<double>(r.moves); })},
                     {"least_load", of_rows([](const OutcomeRow& r) { return r.least_load; })},
                     {"throughput", of_rows([](const OutcomeRow& r) { return r.throughput; })},
                     {"with_sole_server", Json::integer(static_cast<long long>(sole))},
                     {"with_sole_server_interval", interval_json(proportion_interval(sole, outcomes_.size()))}});
  }
  Json::Object requests;
  for (const NamedSummary& one : summary())
    if (is_of_requests(one)) requests.emplace_back(one.name, summary_json(one.summary));
  const std::size_t by_reference = count([](const Outcome& outcome) { return !outcome.is_fast; });
  return Json::Object{{"scenario", scenario.name},
                      {"scenario_sha256", scenario.sha256},
                      {"seeds", Json::Array{Json::integer(scenario.first_seed), Json::integer(scenario.last_seed)}},
                      {"runs", Json::integer(static_cast<long long>(outcomes_.size()))},
                      {"runs_by_reference", Json::integer(static_cast<long long>(by_reference))},
                      {"digest", to_hex(digest())},
                      {"steps", std::move(steps)},
                      {"requests", requests.empty() ? Json() : Json(std::move(requests))},
                      {"cells", std::move(cells)}};
}

std::string Replications::csv(const Scenario& scenario) const {
  std::string text =
      "seed,step,first_layer,last_layer,nodes,mean_price,median_price,least_price,greatest_price,load,revenue,"
      "offered,served,refused,mean_sojourn,p95_sojourn\n";
  const auto shown = [](double value) { return std::isnan(value) ? std::string() : fmt::format("{:.15g}", value); };
  for (std::size_t k = 0; k < outcomes_.size(); ++k)
    for (const OutcomeRow& row : outcomes_[k].rows) {
      const auto& all = row.requests;
      const std::string requests = all ? fmt::format("{},{},{},{},{}", all->offered, all->served, all->refused,
                                                     shown(all->mean_sojourn), shown(all->p95_sojourn))
                                       : ",,,,";
      for (const OutcomeCell& of : row.cells)
        text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", scenario.first_seed + static_cast<std::int64_t>(k),
                            row.step, of.range.first, of.range.last, of.nodes, shown(of.mean), shown(of.median),
                            shown(of.least), shown(of.greatest), shown(of.load), shown(of.revenue), requests);
    }
  return text;
}

Hash Replications::digest() const {
  Bytes all;
  for (const Outcome& outcome : outcomes_) all.insert(all.end(), outcome.digest.begin(), outcome.digest.end());
  return hash_tagged("p2pllm/1/simulations", all);
}

}  // namespace p2pllm::app
