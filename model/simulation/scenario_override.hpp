#pragma once

#include <string>
#include <vector>

#include "model/encoding/json.hpp"
#include "model/result.hpp"

namespace p2pllm {

/// One value of a scenario that is replaced before the scenario is read (SIM-1).
struct ScenarioOverride {
  std::string pointer;  ///< a JSON pointer (RFC 6901)
  std::string value;    ///< JSON; a text that is none stands for itself, so that names and ratios need no quotes
};

/// The override that `POINTER=VALUE` states.
/// @returns it; or the rule that the text breaks, without a place
[[nodiscard]] Result<ScenarioOverride> parse_override(const std::string& text);

/// Replaces members and items of a document. A pointer may name members that are not there yet.
/// @returns a fault if a pointer leads nowhere or is given twice
[[nodiscard]] Result<void> apply_overrides(Json& document, const std::vector<ScenarioOverride>& overrides);

}  // namespace p2pllm
