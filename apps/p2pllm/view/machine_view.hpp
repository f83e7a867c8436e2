#pragma once

#include <string>

#include "model/encoding/json.hpp"
#include "reference/contracts/machine.hpp"

// The table of a contract machine, printed from the rows that the rules use.
namespace p2pllm::app {

/// For a terminal, with one paragraph per row.
[[nodiscard]] std::string machine_text(const reference::Machine& machine);
/// A section of spec/tables.md.
[[nodiscard]] std::string machine_markdown(const reference::Machine& machine);
[[nodiscard]] Json machine_json(const reference::Machine& machine);
/// A diagram with a rail for each status and a row for each operation, from the rings to the arrows.
[[nodiscard]] std::string machine_svg(const reference::Machine& machine);

}  // namespace p2pllm::app
