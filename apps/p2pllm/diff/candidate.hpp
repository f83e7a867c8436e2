#pragma once

#include <string>

#include "model/encoding/json.hpp"
#include "model/result.hpp"

namespace p2pllm::app {

inline constexpr std::size_t candidate_output_bytes_max = 64UL << 20;

/// What somebody else's program did with a network.
struct CandidateRun {
  std::string output;     ///< of its standard output
  std::string complaint;  ///< the first line of its standard error, fit for a terminal; empty if there is none
  bool timed_out = false;
  int signal = 0;     ///< that ended it; 0 if it exited
  int exit_code = 0;  ///< if it exited
};

/// Runs a shell command with `input` on its standard input, in a process group of its own.
///
/// The command is killed, with all its children, after `seconds_max`; its output is cut at the limit above.
/// @returns what it did; an error if it could not be started
[[nodiscard]] Result<CandidateRun> run_candidate(const std::string& command, const std::string& input,
                                                 double seconds_max);

}  // namespace p2pllm::app
