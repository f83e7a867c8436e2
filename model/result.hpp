#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace p2pllm {

/// Why an action could not be carried out: the rule that was broken, and where.
struct Fault {
  enum class Kind {
    bad_input,      ///< malformed, out of range, or missing: the caller must correct it (exit 2)
    limit_reached,  ///< a stated limit was reached before an answer was certain (exit 3)
  };
  Kind kind = Kind::bad_input;
  std::string clause;  ///< a clause of spec/, such as "LEDGER-1"; empty if none is cited
  std::string place;   ///< file and pointer, line, option or member; empty if the caller knows it
  std::string value;   ///< the value found there, as shown to a person; empty if the place is enough
  std::string rule;

  /// One line for a person: "place: value: rule", omitting those that are empty (FORMAT-6).
  [[nodiscard]] std::string message() const {
    std::string line;
    for (const std::string* part : {&place, &value, &rule})
      if (!part->empty()) line += (line.empty() ? "" : ": ") + *part;
    return line;
  }
};

/// A value, or the fault that prevented it. Nothing in this project throws for expected failures.
template <typename T>
using Result = tl::expected<T, Fault>;

[[nodiscard]] inline tl::unexpected<Fault> bad_input(std::string place, std::string value, std::string rule) {
  return tl::unexpected<Fault>({.kind = Fault::Kind::bad_input,
                                .clause = {},
                                .place = std::move(place),
                                .value = std::move(value),
                                .rule = std::move(rule)});
}
[[nodiscard]] inline tl::unexpected<Fault> bad_input(std::string place, std::string rule) {
  return bad_input(std::move(place), {}, std::move(rule));
}
/// A fault for a value that breaks a rule, where the caller knows the place.
[[nodiscard]] inline tl::unexpected<Fault> bad_input(std::string rule) { return bad_input({}, {}, std::move(rule)); }
[[nodiscard]] inline tl::unexpected<Fault> limit_reached(std::string rule) {
  return tl::unexpected<Fault>(
      {.kind = Fault::Kind::limit_reached, .clause = {}, .place = {}, .value = {}, .rule = std::move(rule)});
}

}  // namespace p2pllm
