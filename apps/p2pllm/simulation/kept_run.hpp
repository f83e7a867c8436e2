#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "apps/p2pllm/simulation/result_file.hpp"
#include "model/simulation/run_state.hpp"
#include "model/simulation/scenario.hpp"

namespace p2pllm::app {

/// One run whose states go into a file of results, so that it goes on where it was when the program was stopped
/// (SIM-17).
class KeptRun {
 public:
  /// @param results    where states are kept; null: nowhere
  /// @param steps_max  after so many steps the run is stopped
  /// @returns it, with the state that the file has; or why that cannot be read. All must outlive it.
  [[nodiscard]] static Result<KeptRun> of(ResultFile* results, const Scenario& scenario, std::int64_t seed,
                                          std::optional<std::int64_t> steps_max);

  /// Whether the fast engine is to be asked: not for the rest of a run that the exact one has begun.
  [[nodiscard]] bool may_be_fast() const { return !part_ || part_->is_fast; }
  /// What an engine is to do; it refers to this object.
  [[nodiscard]] RunKeeping keeping(bool is_fast);
  /// Why a state could not be kept.
  [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }

 private:
  KeptRun(ResultFile* results, const Scenario& scenario, std::int64_t seed, std::optional<std::int64_t> steps_max)
      : results_(results), scenario_(&scenario), seed_(seed), steps_max_(steps_max) {}
  [[nodiscard]] bool is_due();
  [[nodiscard]] bool keep(bool is_fast, std::int64_t step, std::int64_t stop_after, Bytes state);

  using Clock = std::chrono::steady_clock;
  ResultFile* results_;
  const Scenario* scenario_;
  std::int64_t seed_;
  std::optional<std::int64_t> steps_max_;
  std::optional<ResultFile::Part> part_;
  std::optional<Fault> fault_;
  Clock::time_point asked_ = Clock::now();  ///< for the last state
  Clock::time_point kept_ = asked_;         ///< when that was in the file
};

}  // namespace p2pllm::app
