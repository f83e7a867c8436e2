#pragma once

#include <string>
#include <string_view>

namespace p2pllm::app {

/// Makes the bytes of tokens fit for a terminal as they come. A character may be split between tokens, so bytes wait
/// until their character is whole. Line feeds and tabs are kept; every other character is shown as `for_terminal` does,
/// except that a backslash is one.
class TextStream {
 public:
  /// @returns what can be shown now
  [[nodiscard]] std::string add(std::string_view bytes);
  /// @returns what is left: bytes of no whole character
  [[nodiscard]] std::string finish();

 private:
  std::string waiting_;
};

}  // namespace p2pllm::app
