#include "model/encoding/bytes.hpp"

#include <cstddef>

namespace p2pllm {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t k = 0; k < text.size(); k += 2) {
    const auto high = digits.find(text[k]);
    const auto low = digits.find(text[k + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(high << 4U | low));
  }
  return bytes;
}

bool is_utf8(ByteView bytes) {
  for (std::size_t k = 0; k < bytes.size();) {
    const std::uint8_t lead = bytes[k++];
    if (lead < 0x80) continue;
    if (lead < 0xc2 || lead > 0xf4) return false;
    const int more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    // The second byte alone identifies overlong forms, surrogates and values above U+10FFFF.
    std::uint8_t least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    std::uint8_t most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    for (int j = 0; j < more; ++j) {
      if (k == bytes.size() || bytes[k] < least || bytes[k] > most) return false;
      ++k;
      least = 0x80;
      most = 0xbf;
    }
  }
  return true;
}

}  // namespace p2pllm
