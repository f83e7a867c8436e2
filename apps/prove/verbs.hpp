#pragma once

#include <string>

namespace p2pllm::app {

struct ProveOptions {
  std::string filter;
  std::string solver = "both";
  std::string export_to;  ///< empty: nothing is exported
  bool json = false;
  bool list = false;
  bool planted_fault = false;  ///< a canary: claims each planted fault instead of its statement
  unsigned seeds = 3;
};

struct ClaimsOptions {
  bool json = false;
  bool markdown = false;
};

/// Each verb prints its answer and returns its exit code.
[[nodiscard]] int run_prove(const ProveOptions& options);
[[nodiscard]] int run_claims(const ClaimsOptions& options);

}  // namespace p2pllm::app
