#include "apps/p2pllm/simulation/sweep.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "apps/p2pllm/simulation/view.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/encoding/escape.hpp"

namespace p2pllm::app {
namespace {

std::string last_token(const std::string& pointer) { return pointer.substr(pointer.rfind('/') + 1); }

std::string digits4(double value) { return fmt::format("{:.4g}", value); }

}  // namespace

Result<Sweep> parse_sweep(const std::string& text) {
  const auto whole = parse_override(text);
  if (!whole) return bad_input("a sweep is POINTER=V1,V2,.., such as /prices/eta=1/4,1/2,1");
  Sweep sweep{whole->pointer, {""}};
  int depth = 0;
  bool quoted = false;
  for (const char c : whole->value) {
    if (c == '"') quoted = !quoted;
    if (!quoted) depth += c == '[' || c == '{' ? 1 : (c == ']' || c == '}' ? -1 : 0);
    if (c == ',' && depth == 0 && !quoted) sweep.values.emplace_back();
    else sweep.values.back() += c;
  }
  if (std::ranges::any_of(sweep.values, &std::string::empty)) return bad_input("a value of a sweep must not be empty");
  return sweep;
}

std::vector<std::vector<ScenarioOverride>> variants_of(const std::vector<Sweep>& sweeps) {
  std::vector<std::vector<ScenarioOverride>> variants = {{}};
  for (const Sweep& sweep : sweeps) {
    std::vector<std::vector<ScenarioOverride>> longer;
    for (const auto& variant : variants)
      for (const std::string& value : sweep.values) {
        longer.push_back(variant);
        longer.back().push_back({sweep.pointer, value});
      }
    variants = std::move(longer);
  }
  return variants;
}

std::string sweep_text(const std::string& name, const std::vector<SweptVariant>& variants) {
  std::vector<std::string> header;
  for (const ScenarioOverride& value : variants.front().values) header.push_back("<" + last_token(value.pointer));
  header.emplace_back("sole server");
  const auto named = variants.front().runs.summary();
  for (const NamedSummary& one : named) {
    header.emplace_back(one.name);
    std::ranges::replace(header.back(), '_', ' ');
  }
  Table table(header);
  for (const SweptVariant& variant : variants) {
    std::vector<std::string> row;
    for (const ScenarioOverride& value : variant.values) row.push_back(printable(value.value));
    row.push_back(fmt::format("{:.1f} %", 100 * variant.runs.sole_share()));
    for (const NamedSummary& one : variant.runs.summary())
      row.push_back(digits4(one.summary.low) + " / " + digits4(one.summary.median) + " / " + digits4(one.summary.high));
    row.resize(header.size(), "-");
    table.add(std::move(row));
  }
  return fmt::format("{}: {} at the last recorded step; 5 % / median / 95 % of the runs\n\n{}", for_terminal(name),
                     counted(variants.size(), "variant"), table.text());
}

Json sweep_json(const std::string& name, const std::vector<SweptVariant>& variants) {
  Json::Array rows;
  for (const SweptVariant& variant : variants) {
    Json::Object values;
    for (const ScenarioOverride& value : variant.values) values.emplace_back(value.pointer, value.value);
    Json::Object quantities;
    for (const auto& [quantity, of] : variant.runs.summary())
      quantities.emplace_back(
          quantity,
          Json::Object{{"p5", number_json(of.low)}, {"median", number_json(of.median)}, {"p95", number_json(of.high)}});
    rows.emplace_back(Json::Object{{"values", std::move(values)},
                                   {"sole_share", number_json(variant.runs.sole_share())},
                                   {"digest", to_hex(variant.runs.digest())},
                                   {"quantities", std::move(quantities)}});
  }
  return Json::Object{{"scenario", name}, {"variants", std::move(rows)}};
}

}  // namespace p2pllm::app
