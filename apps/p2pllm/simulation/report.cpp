#include "apps/p2pllm/simulation/report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "apps/output_file.hpp"
#include "apps/p2pllm/simulation/figures.hpp"
#include "apps/p2pllm/view/report_html.hpp"
#include "apps/p2pllm/view/text.hpp"

namespace p2pllm::app {
namespace {

/// A word of a shell command, for `for_xml`, which doubles a backslash: within double quotes two are one.
std::string quoted(const std::string& word) {
  constexpr const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=+:,@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word)
    out += c == '\'' || c == '\\' ? fmt::format("'\"{}\"'", c == '\'' ? "'" : "\\") : std::string(1, c);
  return out + "'";
}

/// The command that makes the same outputs.
std::string command_of(const SimulateOptions& options, const Scenario& scenario) {
  std::string out = "p2pllm simulate " + quoted(options.scenario);
  out += options.seed ? fmt::format(" --seed {}", scenario.first_seed)
                      : fmt::format(" --seeds {}..{}", scenario.first_seed, scenario.last_seed);
  for (const std::string& set : options.set) out += " --set " + quoted(set);
  if (options.engine != "fast") out += " --engine " + options.engine;
  for (const auto& [option, path] : {std::pair("--csv", options.csv), std::pair("--sqlite", options.sqlite),
                                     std::pair("--plot", options.plot), std::pair("--report", options.report)})
    if (!path.empty()) out += fmt::format(" {} {}", option, quoted(path));
  return out;
}

std::string digits6(double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : "-"; }

std::string interval_text(const Interval95& interval) {
  return digits6(interval.lower) + " .. " + digits6(interval.upper);
}

std::string title_of(const Scenario& scenario) {
  return scenario.first_seed == scenario.last_seed
             ? fmt::format("{}: seed {}", scenario.name, scenario.first_seed)
             : fmt::format("{}: seeds {} to {}", scenario.name, scenario.first_seed, scenario.last_seed);
}

Report report_of(const SimulateOptions& options, const Scenario& scenario, const Hash& digest,
                 const std::string& engine) {
  Report report;
  report.title = title_of(scenario);
  report.description = scenario.description;
  report.facts = {{"Steps", std::to_string(scenario.steps)},
                  {"Engine", engine},
                  {"Program", "p2pllm " P2PLLM_VERSION},
                  {"Scenario", "SHA-256 " + scenario.sha256},
                  {"Digest", to_hex(digest)}};
  report.command = command_of(options, scenario);
  return report;
}

std::vector<std::string> verdicts_of(const SimulationRun& run) {
  const StepRecord& last = run.records.back();
  std::vector<std::string> verdicts;
  const bool is_listed = run.moves.size() < moves_listed_max;
  if (!is_listed) verdicts.push_back(fmt::format("Nodes moved more than {} times.", moves_listed_max));
  else
    verdicts.push_back(run.moves.empty() ? "No node moved."
                                         : fmt::format("No node moved after step {}, the last of {}.",
                                                       run.moves.back().step, counted(run.moves.size(), "move")));
  if (last.sole > 0)
    verdicts.push_back(
        fmt::format("At step {} {} with a single node, whose revenue rises with its price without bound.", last.step,
                    counted(last.sole, "range")));
  else
    verdicts.push_back(fmt::format("At step {} no node can gain more than {} of its best revenue by another price.",
                                   last.step, to_decimal(last.regret_bound, 3, Rounding::up)));
  verdicts.push_back(fmt::format("The least load is {}, of which the demand of Eq. 3 can use {}.",
                                 readable(last.least_load), readable(last.throughput)));
  if (last.requests)
    verdicts.push_back(fmt::format("Of {} requests, {} were served, {} were refused, and {} are under way.",
                                   last.requests->offered, last.requests->served, last.requests->refused,
                                   last.requests->in_flight()));
  if (last.joins + last.leaves > 0)
    verdicts.push_back(fmt::format("Of the nodes, {} joined and {} left.", last.joins, last.leaves));
  verdicts.push_back(fmt::format("Every price is certain to {}.", to_decimal(run.radius, 2, Rounding::up)));
  return verdicts;
}

double last_move_of(const Outcome& outcome) { return static_cast<double>(outcome.last_move); }

std::vector<std::string> verdicts_of(const Scenario& scenario, const std::vector<Outcome>& outcomes) {
  const auto sole = static_cast<std::size_t>(
      std::ranges::count_if(outcomes, [](const Outcome& outcome) { return outcome.rows.back().sole > 0; }));
  const Interval95 share = proportion_interval(sole, outcomes.size());
  const Summary last_move = *summary_of(outcomes, last_move_of);
  return {fmt::format("In {} of {} runs a range has a single node at step {}: {:.1f} %, with 95 % confidence {:.1f} to "
                      "{:.1f} %.",
                      sole, outcomes.size(), scenario.record.back(),
                      100 * static_cast<double>(sole) / static_cast<double>(outcomes.size()), 100 * share.lower,
                      100 * share.upper),
          fmt::format("In half of the runs no node moves after step {}, in 95 % of them none after step {}.",
                      digits6(last_move.median), digits6(last_move.high))};
}

/// Quantities at the last recorded step: of the network, then of each target.
ReportTable statistics_of(const Scenario& scenario, const std::vector<Outcome>& outcomes) {
  ReportTable table{
      "Statistics",
      fmt::format("At step {}, over {} independent runs. The mean has Student's interval, the median one from order "
                  "statistics, both of 95 % confidence. Runs without a node in a range have no price there.",
                  scenario.record.back(), outcomes.size()),
      {{"quantity", "mean", "its interval", "5 %", "median", "its interval", "95 %"}}};
  const auto add = [&](const std::string& name, const RunQuantity& quantity) {
    if (const auto of = summary_of(outcomes, quantity))
      table.rows.push_back({name, digits6(of->mean), interval_text(of->mean_interval), digits6(of->low),
                            digits6(of->median), interval_text(of->median_interval), digits6(of->high)});
  };
  const std::vector<Quantity> names = quantities_of(outcomes.front());
  for (std::size_t k = 0; k < names.size(); ++k) {
    std::string name = names[k].name;
    std::ranges::replace(name, '_', ' ');
    add(name, [k](const Outcome& outcome) { return quantities_of(outcome)[k].value; });
  }
  const std::vector<OutcomeCell>& cells = outcomes.front().rows.back().cells;
  for (std::size_t k = 0; k < cells.size(); ++k) {
    const std::string range = " of layers " + to_string(cells[k].range);
    add("nodes" + range,
        [k](const Outcome& outcome) { return static_cast<double>(outcome.rows.back().cells[k].nodes); });
    add("median price" + range, [k](const Outcome& outcome) { return outcome.rows.back().cells[k].median; });
  }
  return table;
}

Result<void> write_both(const SimulateOptions& options, const Report& report) {
  if (!options.plot.empty())
    if (auto written = write_output(options.plot, charts_svg(report.title, report.charts)); !written) return written;
  return options.report.empty() ? Result<void>() : write_output(options.report, report_html(report));
}

bool is_asked(const SimulateOptions& options) { return !options.plot.empty() || !options.report.empty(); }

}  // namespace

Result<void> write_pictures(const SimulateOptions& options, const Scenario& scenario, const EngineRun& run) {
  if (!is_asked(options)) return {};
  Report report = report_of(options, scenario, run.run.digest, run.engine);
  report.verdicts = verdicts_of(run.run);
  report.charts = figures_of(run);
  return write_both(options, report);
}

Result<void> write_pictures(const SimulateOptions& options, const Scenario& scenario, const Replications& runs) {
  if (!is_asked(options)) return {};
  const std::vector<Outcome>& outcomes = runs.outcomes();
  const auto by_reference = std::ranges::count_if(outcomes, [](const Outcome& outcome) { return !outcome.is_fast; });
  Report report =
      report_of(options, scenario, runs.digest(),
                by_reference == 0 ? "fast" : fmt::format("reference in {} of {} runs", by_reference, outcomes.size()));
  report.verdicts = verdicts_of(scenario, outcomes);
  report.charts = figures_of(outcomes);
  report.tables.push_back(statistics_of(scenario, outcomes));
  return write_both(options, report);
}

}  // namespace p2pllm::app
