#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace p2pllm {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// The bytes of a text; the view lasts as long as the text does.
[[nodiscard]] inline ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The bytes as two lower-case hexadecimal digits each.
[[nodiscard]] std::string to_hex(ByteView bytes);
/// The bytes for which `to_hex` returns `text`; nothing for an odd length, an upper-case digit or any other character.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);

struct Character {
  char32_t code;
  std::size_t bytes;
};
/// The first character of a non-empty text; nothing if its bytes are not UTF-8 (RFC 3629).
[[nodiscard]] std::optional<Character> first_character(std::string_view text);

/// Whether the bytes are UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(ByteView bytes);

}  // namespace p2pllm
