#include "model/encoding/escape.hpp"

#include <algorithm>
#include <iterator>

#include "model/encoding/bytes.hpp"

namespace p2pllm {
namespace {

struct Range {
  char32_t first, last;
};

/// The ranges of characters that are escaped, in order. From Unicode 15: the general categories Cc, Cf, Co, Zl, Zp and
/// Zs except the space, every Default_Ignorable_Code_Point, every noncharacter, four more blank glyphs (2800, 16FE4,
/// 1D159, FFFC), and the planes from the fourth on, which contain no visible character.
constexpr Range hidden[] = {
    {0x0000, 0x001F},   {0x007F, 0x00A0},   {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x0600, 0x0605},
    {0x061C, 0x061C},   {0x06DD, 0x06DD},   {0x070F, 0x070F},   {0x0890, 0x0891},   {0x08E2, 0x08E2},
    {0x115F, 0x1160},   {0x1680, 0x1680},   {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x2000, 0x200F},
    {0x2028, 0x202F},   {0x205F, 0x206F},   {0x2800, 0x2800},   {0x3000, 0x3000},   {0x3164, 0x3164},
    {0xE000, 0xF8FF},   {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFC},   {0xFFFE, 0xFFFF},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F},
    {0x16FE4, 0x16FE4}, {0x1BCA0, 0x1BCA3}, {0x1D159, 0x1D159}, {0x1D173, 0x1D17A}, {0x1FFFE, 0x1FFFF},
    {0x2FFFE, 0x2FFFF}, {0x3FFFE, 0x10FFFF}};

bool is_hidden(char32_t code) {
  const auto* const range =
      std::lower_bound(std::begin(hidden), std::end(hidden), code, [](Range r, char32_t c) { return r.last < c; });
  return range != std::end(hidden) && range->first <= code;
}

std::string hexadecimal(const char* prefix, char32_t value, int digits) {
  std::string out = prefix;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 0xFU];
  return out;
}

/// JSON's escape: a pair of surrogates for a character beyond the first plane.
std::string json_escape(char32_t code) {
  if (code < 0x10000) return hexadecimal("\\u", code, 4);
  return hexadecimal("\\u", 0xD800 + ((code - 0x10000) >> 10), 4) + hexadecimal("\\u", 0xDC00 + (code & 0x3FFU), 4);
}

}  // namespace

std::string for_terminal(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto character = first_character(text);
    const std::size_t bytes = character ? character->bytes : 1;
    if (!character) out += hexadecimal("\\x", static_cast<unsigned char>(text.front()), 2);
    else if (character->code == '\\') out += "\\\\";
    else if (!is_hidden(character->code)) out += text.substr(0, bytes);
    else if (character->code < 0x10000) out += hexadecimal("\\u", character->code, 4);
    else out += hexadecimal("\\U", character->code, 8);
    text.remove_prefix(bytes);
  }
  return out;
}

std::string for_xml(std::string_view text) {
  std::string out;
  for (const char c : for_terminal(text)) {
    if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '&') out += "&amp;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

std::string for_json(std::string_view quoted) {
  std::string out;
  while (!quoted.empty()) {
    const auto character = first_character(quoted);
    const std::size_t bytes = character ? character->bytes : 1;
    if (character && is_hidden(character->code)) out += json_escape(character->code);
    else out += quoted.substr(0, bytes);
    quoted.remove_prefix(bytes);
  }
  return out;
}

std::string printable(std::string_view text, std::size_t characters_max) {
  std::string_view rest = text;
  for (std::size_t k = 0; k < characters_max && !rest.empty(); ++k) {
    const auto character = first_character(rest);
    rest.remove_prefix(character ? character->bytes : 1);
  }
  return for_terminal(text.substr(0, text.size() - rest.size())) + (rest.empty() ? "" : "...");
}

std::string escape_pointer(std::string_view key) {
  std::string escaped;
  for (const char c : key) {
    if (c == '~') escaped += "~0";
    else if (c == '/') escaped += "~1";
    else escaped += c;
  }
  return printable(escaped);
}

}  // namespace p2pllm
