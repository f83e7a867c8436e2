#include "apps/p2pllm/simulation/figures.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace p2pllm::app {
namespace {

using Points = std::vector<std::optional<ChartPoint>>;

/// A quantity of each target, and of the network, at each recorded step.
struct Drawn {
  std::vector<Rational> steps;
  std::vector<LayerRange> targets;
  std::vector<Points> prices;  ///< medians, one list per target
  std::vector<Points> nodes;
  Points least_load;
  Points throughput;
  std::vector<std::pair<std::string, Points>> requests;  ///< counts since the start, by what became of them
  bool is_one_run = true;
  std::string about_bands;  ///< a sentence about the bands of prices and loads
};

ChartPoint point_of(const Enclosure& value) {
  return {(value.lower + value.upper) / Rational(2), value.lower, value.upper};
}

/// @param value  finite
Rational rational_of(double value) { return Rational::from_canonical(mpq_class(value)); }

std::optional<ChartPoint> point_of(const std::vector<Outcome>& outcomes, const RunQuantity& quantity) {
  const auto of = summary_of(outcomes, quantity);
  if (!of) return std::nullopt;
  return ChartPoint{rational_of(of->median), rational_of(of->low), rational_of(of->high)};
}

/// The list of what became of requests that has this name.
Points& points_named(Drawn& drawn, const std::string& name) {
  for (auto& [known, points] : drawn.requests)
    if (known == name) return points;
  return drawn.requests.emplace_back(name, Points()).second;
}

std::string layers_text(const LayerRange& range) { return "layers " + to_string(range); }

/// A line for each target: all in one panel if they are few and of one run, otherwise a panel each.
std::vector<ChartPanel> panels_of(const Drawn& drawn, const std::vector<Points>& points) {
  const std::size_t count = std::min(drawn.targets.size(), figure_targets_max);
  const bool is_shared = drawn.is_one_run && count <= chart_lines_max;
  std::vector<ChartPanel> panels;
  for (std::size_t k = 0; k < count; ++k) {
    const std::string range = to_string(drawn.targets[k]);
    if (is_shared && k > 0) panels.front().lines.push_back({range, range, points[k]});
    else if (is_shared) panels.push_back({"by range of layers", {{range, range, points[k]}}});
    else panels.push_back({layers_text(drawn.targets[k]), {{drawn.is_one_run ? range : "median", range, points[k]}}});
  }
  return panels;
}

std::vector<std::string> band_names(const Drawn& drawn, bool has_band) {
  if (!drawn.is_one_run) return {"5 %", "median", "95 %"};
  return has_band ? std::vector<std::string>{"at least", "middle", "at most"} : std::vector<std::string>{"value"};
}

Chart chart_of(const Drawn& drawn, const char* id, const char* title, const std::string& caption,
               std::vector<ChartPanel> panels) {
  Chart chart{id,
              title,
              caption,
              "step",
              "layers",
              {},
              std::string_view(id) == "nodes" || std::string_view(id) == "requests",
              drawn.steps,
              std::move(panels)};
  chart.band_names = band_names(drawn, has_visible_band(chart));
  return chart;
}

std::vector<Chart> charts_of(const Drawn& drawn) {
  const std::string about_targets =
      drawn.targets.size() > figure_targets_max
          ? fmt::format(" The first {} of {} targets are shown.", figure_targets_max, drawn.targets.size())
          : "";
  std::vector<Chart> charts;
  charts.push_back(chart_of(
      drawn, "prices", "Median price",
      "The median of the prices of the nodes that serve a range of layers. " + drawn.about_bands + about_targets,
      panels_of(drawn, drawn.prices)));
  charts.push_back(chart_of(drawn, "nodes", "Nodes",
                            "The number of nodes that serve a range of layers." +
                                (drawn.is_one_run ? "" : " " + drawn.about_bands) + about_targets,
                            panels_of(drawn, drawn.nodes)));
  std::vector<ChartPanel> panels = {
      {"of the network", {{"load", "least load", drawn.least_load}, {"throughput", "throughput", drawn.throughput}}}};
  if (!drawn.is_one_run)
    panels = {{"least load", {{"median", "least load", drawn.least_load}}},
              {"throughput", {{"median", "throughput", drawn.throughput}}}};
  charts.push_back(chart_of(
      drawn, "loads", "Load and throughput",
      "In requests per unit of cost: the least capacity of all ranges (the sum of 1 / cost), and the rate above "
      "which some node has to refuse requests if they are spread by Eq. 3. " +
          drawn.about_bands,
      std::move(panels)));
  charts.back().name = "quantity";
  if (drawn.requests.empty()) return charts;
  panels.clear();
  for (const auto& [name, points] : drawn.requests) {
    if (!drawn.is_one_run) panels.push_back({name, {{"median", name, points}}});
    else if (panels.empty()) panels.push_back({"since the start", {{name, name, points}}});
    else panels.front().lines.push_back({name, name, points});
  }
  charts.push_back(chart_of(drawn, "requests", "Requests",
                            "How many requests were served and refused since the start, and how many are under way." +
                                (drawn.is_one_run ? "" : " " + drawn.about_bands),
                            std::move(panels)));
  charts.back().name = "what became of them";
  return charts;
}

}  // namespace

std::optional<Summary> summary_of(const std::vector<Outcome>& outcomes, const RunQuantity& quantity) {
  std::vector<double> values;
  for (const Outcome& outcome : outcomes)
    if (const double value = quantity(outcome); std::isfinite(value)) values.push_back(value);
  return values.empty() ? std::nullopt : std::optional(summarize(values));
}

std::vector<Chart> figures_of(const EngineRun& of) {
  Drawn drawn;
  const std::vector<StepRecord>& records = of.run.records;
  for (const RangeRecord& range : records.front().ranges) drawn.targets.push_back(range.range);
  drawn.prices.resize(drawn.targets.size());
  drawn.nodes.resize(drawn.targets.size());
  for (const StepRecord& record : records) {
    drawn.steps.emplace_back(record.step);
    for (std::size_t k = 0; k < record.ranges.size(); ++k) {
      const RangeRecord& range = record.ranges[k];
      const Rational nodes(static_cast<long>(range.nodes));
      drawn.nodes[k].push_back(ChartPoint{nodes, nodes, nodes});
      drawn.prices[k].push_back(range.prices ? std::optional(point_of(range.prices->median)) : std::nullopt);
    }
    drawn.least_load.push_back(point_of(record.least_load));
    drawn.throughput.push_back(point_of(record.throughput));
    if (!record.requests) continue;
    const RequestRecord& all = *record.requests;
    const auto add = [&](const char* name, std::int64_t count) {
      const Rational value(count);
      points_named(drawn, name).push_back(ChartPoint{value, value, value});
    };
    add("served", all.served);
    add("under way", all.in_flight());
    add("refused", all.refused);
  }
  drawn.about_bands =
      fmt::format("Every price is certain to {}; a band shows the enclosure where it is wider than a pixel.",
                  to_decimal(of.run.radius, 2, Rounding::up));
  return charts_of(drawn);
}

std::vector<Chart> figures_of(const std::vector<Outcome>& outcomes) {
  Drawn drawn;
  drawn.is_one_run = outcomes.size() == 1;
  const std::vector<OutcomeRow>& rows = outcomes.front().rows;
  for (const OutcomeCell& cell : rows.front().cells) drawn.targets.push_back(cell.range);
  drawn.prices.resize(drawn.targets.size());
  drawn.nodes.resize(drawn.targets.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    drawn.steps.emplace_back(rows[row].step);
    const auto of_row = [&](double OutcomeRow::*of) {
      return point_of(outcomes, [&](const Outcome& outcome) { return outcome.rows[row].*of; });
    };
    for (std::size_t k = 0; k < drawn.targets.size(); ++k) {
      drawn.prices[k].push_back(
          point_of(outcomes, [&](const Outcome& outcome) { return outcome.rows[row].cells[k].median; }));
      drawn.nodes[k].push_back(point_of(
          outcomes, [&](const Outcome& outcome) { return static_cast<double>(outcome.rows[row].cells[k].nodes); }));
    }
    drawn.least_load.push_back(of_row(&OutcomeRow::least_load));
    drawn.throughput.push_back(of_row(&OutcomeRow::throughput));
    if (!rows[row].requests) continue;
    const auto add = [&](const char* name, std::int64_t (*of)(const OutcomeRequests&)) {
      points_named(drawn, name).push_back(point_of(outcomes, [&](const Outcome& outcome) {
        return static_cast<double>(of(*outcome.rows[row].requests));
      }));
    };
    add("served", [](const OutcomeRequests& all) { return all.served; });
    add("under way", [](const OutcomeRequests& all) { return all.offered - all.served - all.refused; });
    add("refused", [](const OutcomeRequests& all) { return all.refused; });
  }
  drawn.about_bands =
      drawn.is_one_run
          ? "Every price is certain to the scenario's tolerance."
          : fmt::format("The line is the median of {} runs, the band reaches from the 5 % to the 95 % quantile.",
                        outcomes.size());
  return charts_of(drawn);
}

}  // namespace p2pllm::app
