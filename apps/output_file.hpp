#pragma once

#include <string>
#include <vector>

#include "model/result.hpp"

namespace p2pllm::app {

/// Whether every output path that is not empty can be written and is none of the inputs: found out before long work.
/// Nothing is created. A file that nobody may write to is refused, from root too, whom its mode does not stop.
[[nodiscard]] Result<void> check_outputs(const std::vector<std::string>& outputs,
                                         const std::vector<std::string>& inputs);

/// Writes a whole file or leaves what was there (FORMAT-6): by a temporary file beside it, which SIGINT, SIGTERM and
/// SIGHUP do not leave behind. A file that was there keeps its permissions and its owner; of a symbolic link the target
/// is written. What cannot be replaced so (a pipe, a device, a file whose owner or folder this user cannot write as) is
/// written in place, and standard output in its turn.
/// @pre the program has one thread
[[nodiscard]] Result<void> write_output(const std::string& path, const std::string& text);

}  // namespace p2pllm::app
