#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace p2pllm {

/// Why something could not be done, in one line for a person.
struct Error {
  enum class Kind {
    bad_input,      ///< malformed, out of range, or missing: the caller's to repair (exit 2)
    limit_reached,  ///< a stated limit was hit before an answer was certain (exit 3)
  };
  Kind kind = Kind::bad_input;
  std::string message;
};

/// A rule that an input breaks, and where.
struct Fault {
  std::string clause;  ///< of spec/, such as "LEDGER-1"; empty if none is cited
  std::string place;   ///< file, line, pointer or member
  std::string value;   ///< found there; empty if it says nothing
  std::string rule;
};

/// A value, or the reason why there is none. Nothing in this project throws for expected failures.
template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> bad_input(std::string message) {
  return tl::unexpected<Error>({Error::Kind::bad_input, std::move(message)});
}
[[nodiscard]] inline tl::unexpected<Error> limit_reached(std::string message) {
  return tl::unexpected<Error>({Error::Kind::limit_reached, std::move(message)});
}

}  // namespace p2pllm
