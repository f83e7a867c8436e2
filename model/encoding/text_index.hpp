#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace p2pllm {

/// Texts in the order in which they came, each once. About 40 bytes a text and the text itself. O(size of the text) for
/// each call, whatever the texts are: their hashes have a secret key.
class TextIndex {
 public:
  /// Adds a text, or finds it.
  /// @returns nothing if it is new; otherwise its index among the texts
  /// @pre there are less than 2^32 texts
  std::optional<std::size_t> add(std::string_view text);

  [[nodiscard]] std::size_t size() const { return ends_.size(); }

 private:
  [[nodiscard]] std::string_view text(std::size_t index) const;
  void grow();

  std::string bytes_;  // the texts end to end
  std::vector<std::size_t> ends_;
  // Open addressing. An entry is the lower half of a hash and, below it, an index plus 1; the slot follows from the
  // hash.
  std::vector<std::uint64_t> entries_;
};

}  // namespace p2pllm
