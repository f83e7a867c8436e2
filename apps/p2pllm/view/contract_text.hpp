#pragma once

#include <string>

#include "apps/p2pllm/view/ledger_objects.hpp"

// The lines of a trace in words (LEDGER-9).
namespace p2pllm::app {

/// The request of a line and a short form of its result: "alice pays 5 to bob: failed, not_covered".
[[nodiscard]] std::string request_and_outcome(const reference::ReplayedLine& line, const Names& names);

/// "alice challenges SLA 3f2a91c4 with a bond of 5".
[[nodiscard]] std::string sentence_of(const reference::TraceEvent& event, const Names& names);
/// "block 12: alice challenges SLA 3f2a91c4 with a bond of 5: failed, too_late: the deadline must not have passed".
[[nodiscard]] std::string explained(const reference::ReplayedLine& line, contracts::Height height, const Names& names);

}  // namespace p2pllm::app
