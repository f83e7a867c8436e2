#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "apps/p2pllm/simulation/outcome.hpp"
#include "model/result.hpp"
#include "optimized/contracts/sqlite.hpp"

namespace p2pllm::app {

/// Outcomes of runs in a SQLite file, each written once (SIM-17).
///
/// A run is named by the hash of its scenario, the version of this program and its seed. Runs are written in
/// transactions: whatever stops the program, a run is in the file as a whole or not at all.
class ResultFile {
 public:
  /// Opens a file, or makes one that is not there.
  /// @returns it; or why the file cannot hold results
  [[nodiscard]] static Result<ResultFile> open(const std::string& path);

  /// Opens a file that is there, to read it.
  [[nodiscard]] static Result<ResultFile> open_existing(const std::string& path);

  /// A scenario of which the file has runs.
  struct Kept {
    std::string sha256;
    std::string version;  ///< of the program that ran it
    std::string name;
  };
  /// All of them, in the order in which they came into the file.
  [[nodiscard]] Result<std::vector<Kept>> scenarios();
  /// The runs of a scenario that are in the file, by seed.
  /// @param first, last  seeds
  /// @param version      of the program that ran them
  [[nodiscard]] Result<std::map<std::int64_t, Outcome>> load(const std::string& scenario_sha256, std::int64_t first,
                                                             std::int64_t last,
                                                             const std::string& version = P2PLLM_VERSION);
  /// Adds runs that are not in the file, all in one transaction.
  [[nodiscard]] Result<void> add(const std::string& scenario_sha256, const std::string& name,
                                 std::span<const std::pair<std::int64_t, Outcome>> runs);

 private:
  explicit ResultFile(optimized::Sqlite connection) : connection_(std::move(connection)) {}
  [[nodiscard]] Result<std::int64_t> scenario_id(const std::string& scenario_sha256, const std::string& name);

  optimized::Sqlite connection_;
};

}  // namespace p2pllm::app
