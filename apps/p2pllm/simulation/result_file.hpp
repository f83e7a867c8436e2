#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
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
/// transactions: whatever stops the program, a run is in the file as a whole or not at all. Of a run that is not at its
/// end the file has the last state, from which it goes on. `add`, `part` and `keep` may be called by several threads.
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
  /// Adds runs that are not in the file, all in one transaction, in place of their states.
  [[nodiscard]] Result<void> add(const std::string& scenario_sha256, const std::string& name,
                                 std::span<const std::pair<std::int64_t, Outcome>> runs);

  /// A run that is not at its end: the state after a step, and the engine that goes on from it.
  struct Part {
    bool is_fast = true;
    std::int64_t step = 0;
    Bytes state;
  };
  /// The state of a run; nothing if there is none.
  [[nodiscard]] Result<std::optional<Part>> part(const std::string& scenario_sha256, std::int64_t seed);
  /// Keeps the state of a run, in place of an older one.
  [[nodiscard]] Result<void> keep(const std::string& scenario_sha256, const std::string& name, std::int64_t seed,
                                  const Part& part);
  [[nodiscard]] const std::string& name() const { return connection_.name(); }

 private:
  explicit ResultFile(optimized::Sqlite connection) : connection_(std::move(connection)) {}
  [[nodiscard]] Result<std::int64_t> scenario_id(const std::string& scenario_sha256, const std::string& name);

  optimized::Sqlite connection_;
  std::unique_ptr<std::mutex> mutex_ =
      std::make_unique<std::mutex>();  ///< one thread at a time writes or asks for a run
};

}  // namespace p2pllm::app
