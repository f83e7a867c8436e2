#include "apps/p2pllm/simulation/kept_run.hpp"

#include <algorithm>

namespace p2pllm::app {

Result<KeptRun> KeptRun::of(ResultFile* results, const Scenario& scenario, std::int64_t seed,
                            std::optional<std::int64_t> steps_max) {
  KeptRun run(results, scenario, seed, steps_max);
  if (results == nullptr) return run;
  auto part = results->part(scenario.sha256, seed);
  if (!part) return tl::unexpected<Fault>(part.error());
  run.part_ = *std::move(part);
  return run;
}

RunKeeping KeptRun::keeping(bool is_fast) {
  RunKeeping keeping;
  if (results_ == nullptr) return keeping;
  const bool goes_on = part_ && part_->is_fast == is_fast;
  if (goes_on) keeping.from = &part_->state;
  if (steps_max_) keeping.stop_after = (goes_on ? part_->step : 0) + *steps_max_;
  keeping.is_due = [this] { return is_due(); };
  keeping.keep = [this, is_fast, last = keeping.stop_after](std::int64_t step, Bytes state) {
    return keep(is_fast, step, last, std::move(state));
  };
  return keeping;
}

/// A state is due after a second, or after twenty times what the last one took, so that a run spends little time on
/// them.
bool KeptRun::is_due() {
  constexpr int rarely = 20;
  constexpr Clock::duration pause = std::chrono::seconds(1);
  const Clock::time_point now = Clock::now();
  if (now - kept_ < std::max(pause, rarely * (kept_ - asked_))) return false;
  asked_ = now;
  return true;
}

bool KeptRun::keep(bool is_fast, std::int64_t step, std::int64_t stop_after, Bytes state) {
  Result<void> kept;
  if (state.size() <= run_state_bytes_max)
    kept = results_->keep(scenario_->sha256, scenario_->name, seed_, {is_fast, step, std::move(state)});
  else if (step >= stop_after)
    kept = limit_reached("the state of the run has more than " + std::to_string(run_state_bytes_max) +
                         " bytes, so it cannot be kept");
  kept_ = Clock::now();
  if (!kept) fault_ = kept.error();
  return kept.has_value();
}

}  // namespace p2pllm::app
