#pragma once

#include <functional>

#include "apps/p2pllm/verbs.hpp"

namespace CLI {
class App;
}

namespace p2pllm::app {

inline constexpr const char* exit_codes =
    "Exit codes: 0 holds or done, 1 refuted or none exists, 2 bad input or usage, 3 undecided within the limits, "
    "4 an optional program is missing.";

/// The options of the verbs of `ledger`.
struct LedgerVerbs {
  LedgerProveOptions prove;
  LedgerCheckOptions check;
  LedgerInitOptions init;
  LedgerRunOptions run;
  LedgerSubmitOptions submit;
  LedgerStatusOptions status;
  LedgerExportOptions exporting;
  LedgerImportOptions importing;
};

/// Adds `ledger` and its verbs; each sets `chosen` when the arguments choose it. All of these must outlive the app.
void add_ledger(CLI::App& app, LedgerVerbs& verbs, std::function<int()>& chosen);

}  // namespace p2pllm::app
