#pragma once

#include <functional>
#include <string>

#include "model/result.hpp"

namespace CLI {
class App;
}

// The common behaviour of all verbs of all programs: options, error lines, standard streams, exit codes.
namespace p2pllm::app {

/// Exit codes of every verb.
enum ExitCode : int {
  exit_holds = 0,
  exit_refuted = 1,
  exit_bad_input = 2,
  exit_undecided = 3,
  exit_component_missing = 4,
  exit_halted = 5,
};

/// The name of an input or output in messages: its path made fit for a terminal, or "standard input" for "-".
[[nodiscard]] std::string shown_name(const std::string& path);

/// Prints "p2pllm: " and this line to standard error; prints nothing if that cannot be written.
/// @param line  fit for a terminal
void print_error(const std::string& line);

/// Prints the error in one line and returns its exit code.
int complain(const Fault& fault);

/// Reads the arguments and runs the verb that they choose (FORMAT-6).
///
/// An empty value is refused for every option and argument of every verb, and so is an option in place of another
/// option's value: both result from an unset shell variable.
/// @param chosen  called after parsing, which may set it
/// @returns the exit code
int run_command(CLI::App& app, int argc, char** argv, const std::function<int()>& chosen);

/// The body of main: runs `program` and reports each of its failures in one line.
/// @returns its exit code; `exit_bad_input` if standard output could not be written
int run_program(const std::function<int()>& program) noexcept;

}  // namespace p2pllm::app
