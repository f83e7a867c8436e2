#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace p2pllm::app {

struct ComparisonOptions {
  std::string first;   ///< a file of results
  std::string second;  ///< another
  bool json = false;
};

/// Adds the verb `compare`, which sets `chosen` when the arguments choose it. All of these must outlive the app.
void add_compare(CLI::App& app, ComparisonOptions& options, std::function<int()>& chosen);

/// Compares two files of results (SIM-17): the k-th scenario of one with the k-th of the other, seed by seed. Runs of
/// one scenario and seed must be one run; what differs between others is told with its interval (SIM-18).
/// @returns the exit code: 1 if a run of both files is not the same
int run_compare(const ComparisonOptions& options);

}  // namespace p2pllm::app
