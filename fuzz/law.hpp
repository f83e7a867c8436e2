#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/encoding/escape.hpp"

namespace p2pllm::fuzz {

/// Set only by the canaries: a target then takes a wrong answer for that of the programs, and its laws must notice.
inline bool has_planted_fault = false;

/// The outcomes of inputs, by class; the programs that replay print them.
inline std::map<std::string, int> reached;
/// Brings `reached` up to date, where a target counts in another way.
inline void (*complete_reached)() = nullptr;

/// Ends the program unless a law holds.
inline void law(bool holds, const char* what, const std::string& detail = "") {
  if (holds) return;
  std::fprintf(stderr, "law broken: %s: %s\n", what, detail.c_str());
  std::abort();
}

/// The documents of an input, which are separated by the byte 1E; no JSON document contains it.
inline std::vector<std::string> documents_of(std::string_view input) {
  std::vector<std::string> result(1);
  for (const char c : input)
    if (c == '\x1e') result.emplace_back();
    else result.back() += c;
  return result;
}

/// FORMAT-6: one line `source: place: value: rule` of bounded length and fit for a terminal, whatever the input.
inline void law_of_messages(const std::string& message, const std::string& source) {
  constexpr std::size_t length_max = 8000;  // a place of 16 keys of 40 characters, of ten bytes each
  law(message.size() <= length_max, "FORMAT-6: a message is short", message);
  std::string escaped = message;  // its backslashes begin escapes
  std::erase(escaped, '\\');
  law(for_terminal(escaped) == escaped, "FORMAT-6: a message is printable", message);
  law(message.starts_with(source + ": /") || message.starts_with(source + ": line "), "FORMAT-6: a message has a place",
      message);
  const auto value = message.find(": ", source.size() + 2);
  law(value != std::string::npos && message.find(": ", value + 2) != std::string::npos,
      "FORMAT-6: a message has a value and a rule", message);
}

}  // namespace p2pllm::fuzz
