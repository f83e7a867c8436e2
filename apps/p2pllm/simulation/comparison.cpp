#include "apps/p2pllm/simulation/comparison.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/simulation/result_file.hpp"
#include "apps/p2pllm/simulation/statistics.hpp"
#include "apps/p2pllm/simulation/view.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/encoding/escape.hpp"

namespace p2pllm::app {
namespace {

using Runs = std::map<std::int64_t, Outcome>;

/// A scenario of one file, with its runs.
struct Side {
  ResultFile::Kept scenario;
  Runs runs;
};

/// One quantity of the seeds that both sides have, and that both have a value of.
struct Difference {
  std::string name;
  Summary first;
  Summary second;
  Summary change;  ///< of second - first, seed by seed
  std::size_t seeds = 0;
};

struct Compared {
  const Side* first;
  const Side* second;
  std::vector<std::int64_t> common;     ///< seeds
  std::vector<std::int64_t> different;  ///< of one scenario and version: seeds with another digest
  std::vector<Difference> differences;

  [[nodiscard]] bool is_one_scenario() const {
    return first->scenario.sha256 == second->scenario.sha256 && first->scenario.version == second->scenario.version;
  }
};

Result<std::vector<Side>> load(const std::string& path) {
  auto file = ResultFile::open_existing(path);
  if (!file) return tl::unexpected<Fault>(file.error());
  const auto scenarios = file->scenarios();
  if (!scenarios) return tl::unexpected<Fault>(scenarios.error());
  std::vector<Side> sides;
  for (const ResultFile::Kept& scenario : *scenarios) {
    auto runs = file->load(scenario.sha256, 0, std::numeric_limits<std::int64_t>::max(), scenario.version);
    if (!runs) return tl::unexpected<Fault>(runs.error());
    sides.push_back({scenario, *std::move(runs)});
  }
  if (sides.empty()) return bad_input(shown_name(path), "it has no runs");
  return sides;
}

/// @returns nothing if no seed has the quantity on both sides
std::optional<Difference> difference_of(const Compared& compared, const std::string& name) {
  std::vector<double> first, second, change;
  const auto value = [&](const Outcome& outcome) {
    for (const Quantity& quantity : quantities_of(outcome))
      if (name == quantity.name) return quantity.value;
    return std::numeric_limits<double>::quiet_NaN();
  };
  for (const std::int64_t seed : compared.common) {
    const double one = value(compared.first->runs.at(seed)), other = value(compared.second->runs.at(seed));
    if (std::isnan(one) || std::isnan(other)) continue;
    first.push_back(one);
    second.push_back(other);
    change.push_back(other - one);
  }
  if (change.empty()) return std::nullopt;
  const std::size_t seeds = change.size();
  return Difference{name, summarize(first), summarize(second), summarize(change), seeds};
}

Compared compare(const Side& first, const Side& second) {
  Compared compared{&first, &second, {}, {}, {}};
  for (const auto& [seed, outcome] : first.runs) {
    const auto other = second.runs.find(seed);
    if (other == second.runs.end()) continue;
    compared.common.push_back(seed);
    if (compared.is_one_scenario() && outcome.digest != other->second.digest) compared.different.push_back(seed);
  }
  if (compared.common.empty()) return compared;
  for (const Quantity& quantity : quantities_of(first.runs.begin()->second))
    if (auto difference = difference_of(compared, quantity.name))
      compared.differences.push_back(*std::move(difference));
  return compared;
}

std::string interval_text(const Interval95& interval) {
  return fmt::format("{:.4g} to {:.4g}", interval.lower, interval.upper);
}

std::string text_of(const Compared& compared) {
  std::string text = fmt::format("{} and {}: {} in both\n", for_terminal(compared.first->scenario.name),
                                 for_terminal(compared.second->scenario.name), counted(compared.common.size(), "seed"));
  if (compared.is_one_scenario() && compared.different.empty()) return text + "They are the same runs.\n";
  if (!compared.different.empty())
    return text + fmt::format("Of one scenario, {} another digest in the second file, seed {} first.\n",
                              compared.different.size() == 1 ? "1 seed has"
                                                             : fmt::format("{} seeds have", compared.different.size()),
                              compared.different.front());
  if (compared.common.empty()) return text;
  Table table({"<quantity", "first: median", "second: median", "mean change", "<95 % interval", "seeds"});
  for (const Difference& one : compared.differences) {
    std::string name = one.name;
    std::ranges::replace(name, '_', ' ');
    table.add({name, fmt::format("{:.6g}", one.first.median), fmt::format("{:.6g}", one.second.median),
               fmt::format("{:+.4g}", one.change.mean), interval_text(one.change.mean_interval),
               std::to_string(one.seeds)});
  }
  return text + "\n" + table.text();
}

Json json_of(const Compared& compared) {
  const auto side = [](const Side& of) {
    return Json::Object{{"scenario", of.scenario.name},
                        {"scenario_sha256", of.scenario.sha256},
                        {"version", of.scenario.version},
                        {"runs", Json::integer(static_cast<long long>(of.runs.size()))}};
  };
  Json::Array different;
  for (const std::int64_t seed : compared.different) different.push_back(Json::integer(seed));
  Json::Object quantities;
  for (const Difference& one : compared.differences)
    quantities.emplace_back(
        one.name, Json::Object{{"first_median", number_json(one.first.median)},
                               {"second_median", number_json(one.second.median)},
                               {"mean_change", number_json(one.change.mean)},
                               {"mean_change_interval", Json::Array{number_json(one.change.mean_interval.lower),
                                                                    number_json(one.change.mean_interval.upper)}},
                               {"seeds", Json::integer(static_cast<long long>(one.seeds))}});
  return Json::Object{{"first", side(*compared.first)},
                      {"second", side(*compared.second)},
                      {"common_seeds", Json::integer(static_cast<long long>(compared.common.size()))},
                      {"different_seeds", std::move(different)},
                      {"quantities", std::move(quantities)}};
}

}  // namespace

int run_compare(const ComparisonOptions& options) {
  const auto first = load(options.first);
  if (!first) return complain(first.error());
  const auto second = load(options.second);
  if (!second) return complain(second.error());
  if (first->size() != second->size())
    return complain(bad_input(shown_name(options.second), counted(second->size(), "scenario"),
                              "as many as in the first file are expected, which has " + std::to_string(first->size()))
                        .value());
  Json::Array pairs;
  std::string text;
  bool holds = true;
  for (std::size_t k = 0; k < first->size(); ++k) {
    const Compared compared = compare((*first)[k], (*second)[k]);
    holds = holds && compared.different.empty();
    text += (k == 0 ? "" : "\n") + text_of(compared);
    if (options.json) pairs.push_back(json_of(compared));
  }
  if (options.json) fmt::print("{}", write_json(Json::Object{{"holds", holds}, {"pairs", std::move(pairs)}}));
  else fmt::print("{}", text);
  return holds ? exit_holds : exit_refuted;
}

}  // namespace p2pllm::app
