#include "apps/p2pllm/layers/text_stream.hpp"

#include "model/encoding/bytes.hpp"
#include "model/encoding/escape.hpp"

namespace p2pllm::app {
namespace {

/// The bytes of the character that begins with this byte, if it is whole; 1 for a byte that begins none.
std::size_t character_bytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte >= 0xf0 && byte < 0xf8) return 4;
  if (byte >= 0xe0 && byte < 0xf0) return 3;
  return byte >= 0xc0 && byte < 0xe0 ? 2 : 1;
}

std::string shown(std::string_view character) {
  if (character == "\n" || character == "\t" || character == "\\") return std::string(character);
  return for_terminal(character);
}

}  // namespace

std::string TextStream::add(std::string_view bytes) {
  waiting_ += bytes;
  std::string out;
  std::size_t at = 0;
  while (at < waiting_.size()) {
    const std::size_t due = character_bytes(waiting_[at]);
    if (at + due > waiting_.size()) break;
    const std::string_view whole = std::string_view(waiting_).substr(at, due);
    const bool is_character = is_utf8(bytes_of(whole));
    out += shown(is_character ? whole : whole.substr(0, 1));
    at += is_character ? due : 1;
  }
  waiting_.erase(0, at);
  return out;
}

std::string TextStream::finish() {
  std::string out;
  for (const char byte : waiting_) out += shown(std::string_view(&byte, 1));
  waiting_.clear();
  return out;
}

}  // namespace p2pllm::app
