#pragma once

#include <string>
#include <vector>

#include "model/result.hpp"

namespace p2pllm::app {

/// Whether every non-empty output path can be written and is none of the inputs; checked before long work. Nothing is
/// created. A file that nobody may write to is refused even for root, which its mode does not stop.
[[nodiscard]] Result<void> check_outputs(const std::vector<std::string>& outputs,
                                         const std::vector<std::string>& inputs);

/// Writes a whole file or leaves the old one unchanged (FORMAT-6): by a temporary file beside it, which is removed on
/// SIGINT, SIGTERM and SIGHUP. An existing file keeps its permissions and its owner; for a symbolic link, the target is
/// written. A file that cannot be replaced in this way (a pipe, a device, a file whose owner or folder this user cannot
/// write as) is written in place, and standard output is written in its turn.
/// @pre the program has one thread
[[nodiscard]] Result<void> write_output(const std::string& path, const std::string& text);

}  // namespace p2pllm::app
