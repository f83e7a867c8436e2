#include "apps/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "model/encoding/escape.hpp"

namespace p2pllm::app {
namespace {

/// Refuses the results of an unset shell variable in place of a value: an empty value, or the next option.
void require_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() == 0) continue;  // a flag
    const bool is_required = option->get_required(), is_argument = option->get_positional();
    const auto fault = [&app, is_required, is_argument](const std::string& value) -> std::string {
      if (value.empty())
        return std::string("an empty value is given; ") +
               (is_required ? "a value is required" : "give a value or leave it out");
      const bool is_option =
          value.starts_with('-') && app.get_option_no_throw(value.substr(0, value.find('='))) != nullptr;
      return is_option && !is_argument ? "the option " + value + " is given in the place of a value" : "";
    };
    option->transform(CLI::Validator(fault, ""));  // before all others
  }
  for (CLI::App* verb : app.get_subcommands({})) require_values(*verb);
}

/// The arguments in reverse order, as CLI11 takes them; "--option=" with nothing after it is an empty value.
std::vector<std::string> arguments_of(int argc, char** argv) {
  std::vector<std::string> arguments;
  bool options_end = false;
  for (int k = 1; k < argc; ++k) {
    std::string argument = argv[k];
    options_end = options_end || argument == "--";
    const bool is_cut = !options_end && argument.starts_with("--") && argument.find('=') == argument.size() - 1;
    if (is_cut) argument.pop_back();
    arguments.push_back(std::move(argument));
    if (is_cut) arguments.emplace_back();
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

/// The part of the program's name and its verbs that was understood.
std::string chosen_verb(const CLI::App& app) {
  const auto verbs = app.get_subcommands();
  return verbs.empty() ? app.get_name() : app.get_name() + " " + chosen_verb(*verbs.front());
}

int standard_output_fails(const std::string& why) {
  print_error("standard output: cannot be written: " + why);
  return exit_bad_input;
}

}  // namespace

std::string shown_name(const std::string& path) { return path == "-" ? "standard input" : for_terminal(path); }

void print_error(const std::string& line) { std::fputs(("p2pllm: " + line + "\n").c_str(), stderr); }

int complain(const Fault& fault) {
  print_error(fault.message());
  return fault.kind == Fault::Kind::limit_reached ? exit_undecided : exit_bad_input;
}

int run_command(CLI::App& app, int argc, char** argv, const std::function<int()>& chosen) {
  require_values(app);
  try {
    app.parse(arguments_of(argc, argv));
  } catch (const CLI::ParseError& error) {
    std::ostringstream answer, ignored;
    if (app.exit(error, answer, ignored) == 0) {  // --help or --version
      std::fputs(answer.str().c_str(), stdout);
      return exit_holds;
    }
    print_error(for_terminal(error.what()) + " (" + chosen_verb(app) + " --help tells more)");
    return exit_bad_input;
  }
  return chosen();
}

int run_program(const std::function<int()>& program) noexcept {
  std::signal(SIGXFSZ, SIG_IGN);  // a file beyond the size limit is then a write error, which is reported
  try {
    const int code = program();
    return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 ? code : standard_output_fails(std::strerror(errno));
  } catch (const std::bad_alloc&) {
    print_error("out of memory");
  } catch (const std::system_error& error) {  // of fmt, if standard output is at fault
    if (std::ferror(stdout) != 0) return standard_output_fails(error.code().message());
    print_error("internal error: " + for_terminal(error.what()));
  } catch (const std::exception& error) {
    print_error("internal error: " + for_terminal(error.what()));
  }
  return exit_undecided;
}

}  // namespace p2pllm::app
