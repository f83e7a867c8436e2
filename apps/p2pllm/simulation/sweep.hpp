#pragma once

#include <string>
#include <vector>

#include "apps/p2pllm/simulation/replications.hpp"
#include "model/simulation/scenario_override.hpp"

namespace p2pllm::app {

inline constexpr std::size_t sweep_variants_max = 10'000;

/// The values that one pointer takes in a sweep.
struct Sweep {
  std::string pointer;
  std::vector<std::string> values;
};
/// The sweep that `POINTER=V1,V2,..` states; a comma in brackets or quotes separates no values.
/// @returns it; or the rule that the text breaks, without a place
[[nodiscard]] Result<Sweep> parse_sweep(const std::string& text);

/// Every combination of the values of all sweeps, the last one changing fastest.
[[nodiscard]] std::vector<std::vector<ScenarioOverride>> variants_of(const std::vector<Sweep>& sweeps);

/// One combination, and its runs.
struct SweptVariant {
  std::vector<ScenarioOverride> values;
  Replications runs;
};
/// A table with a row for each combination.
[[nodiscard]] std::string sweep_text(const std::string& name, const std::vector<SweptVariant>& variants);
[[nodiscard]] Json sweep_json(const std::string& name, const std::vector<SweptVariant>& variants);

}  // namespace p2pllm::app
