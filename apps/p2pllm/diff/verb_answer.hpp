#pragma once

#include <array>
#include <optional>
#include <string>

#include "apps/p2pllm/engine.hpp"
#include "model/encoding/json.hpp"
#include "model/market/certificate.hpp"

namespace p2pllm::app {

/// The questions that `diff` puts to both sides.
enum class MarketVerb { route, pareto, verify, solve, balance, balance_revenue };
inline constexpr std::array all_market_verbs{MarketVerb::route, MarketVerb::pareto,  MarketVerb::verify,
                                             MarketVerb::solve, MarketVerb::balance, MarketVerb::balance_revenue};
/// As on the command line: "balance --rule revenue" for the last.
[[nodiscard]] const char* to_string(MarketVerb verb);
[[nodiscard]] std::optional<MarketVerb> market_verb_named(const std::string& name);

/// What an engine answered, as the verb with its default options would print it.
struct VerbAnswer {
  Json json;                               ///< without the member `engine`
  int exit_code = 0;                       ///< of the verb
  std::optional<Certificate> certificate;  ///< of the verbs that have one; of an undecided verdict there is none
  double seconds = 0;                      ///< of the engine's own work
};

/// @param network  with an alpha and at most one client
/// @returns the engine's answer; its fault if it has none
[[nodiscard]] Result<VerbAnswer> answer_of(Engine& engine, MarketVerb verb, const Network& network);

}  // namespace p2pllm::app
