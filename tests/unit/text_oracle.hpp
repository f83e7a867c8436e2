#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Text that is fit for a medium, by definitions independent of the code that makes it so (FORMAT-8).
namespace p2pllm::testing {

/// The UTF-8 encoding of a code point, surrogates included.
inline std::string utf8(char32_t code) {
  const auto tail = [code](unsigned shift) { return static_cast<char>(0x80 | (code >> shift & 0x3F)); };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0 | code >> 6), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0 | code >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | code >> 18), tail(12), tail(6), tail(0)};
}

/// The text that a terminal shows in this form; nothing if an escape is malformed.
inline std::optional<std::string> told(std::string_view shown) {
  std::string text;
  for (std::size_t k = 0; k < shown.size(); ++k) {
    if (shown[k] != '\\') {
      text += shown[k];
      continue;
    }
    if (++k == shown.size()) return std::nullopt;
    if (shown[k] == '\\') {
      text += '\\';
      continue;
    }
    const std::size_t digits = shown[k] == 'x' ? 2 : shown[k] == 'u' ? 4 : shown[k] == 'U' ? 8 : 0;
    if (digits == 0 || shown.size() - k <= digits) return std::nullopt;
    std::uint32_t value = 0;
    for (const char digit : shown.substr(k + 1, digits)) {
      const bool is_letter = digit >= 'a' && digit <= 'f';
      if (!is_letter && (digit < '0' || digit > '9')) return std::nullopt;
      value = 16 * value + static_cast<std::uint32_t>(is_letter ? digit - 'a' + 10 : digit - '0');
    }
    text += digits == 2 ? std::string(1, static_cast<char>(value)) : utf8(value);
    k += digits;
  }
  return text;
}

/// Whether every byte belongs to a character of UTF-8 (RFC 3629, the table of its section 4), none of them a control.
inline bool is_plain_utf8(std::string_view text) {
  for (std::size_t k = 0; k < text.size(); ++k) {
    const auto at = [&](std::size_t n) { return k + n < text.size() ? static_cast<unsigned char>(text[k + n]) : 0U; };
    const auto within = [&](std::size_t n, unsigned least, unsigned most) { return at(n) >= least && at(n) <= most; };
    const auto tail = [&](std::size_t n) { return within(n, 0x80, 0xBF); };
    if (within(0, 0x20, 0x7E)) continue;
    if (within(0, 0xC2, 0xDF) && tail(1)) {
      if (at(0) == 0xC2 && at(1) < 0xA0) return false;  // the controls 80 .. 9F
      k += 1;
    } else if ((at(0) == 0xE0 && within(1, 0xA0, 0xBF) && tail(2)) || (within(0, 0xE1, 0xEC) && tail(1) && tail(2)) ||
               (at(0) == 0xED && within(1, 0x80, 0x9F) && tail(2)) || (within(0, 0xEE, 0xEF) && tail(1) && tail(2))) {
      k += 2;
    } else if ((at(0) == 0xF0 && within(1, 0x90, 0xBF) && tail(2) && tail(3)) ||
               (within(0, 0xF1, 0xF3) && tail(1) && tail(2) && tail(3)) ||
               (at(0) == 0xF4 && within(1, 0x80, 0x8F) && tail(2) && tail(3))) {
      k += 3;
    } else {
      return false;
    }
  }
  return true;
}

/// The text of XML character data without its entities; nothing if it is not well-formed.
inline std::optional<std::string> without_entities(std::string_view xml) {
  std::string text;
  while (!xml.empty()) {
    if (xml.front() == '<' || xml.front() == '>' || xml.front() == '"') return std::nullopt;
    if (xml.front() != '&') {
      text += xml.front();
      xml.remove_prefix(1);
      continue;
    }
    const std::string_view entity = xml.substr(0, xml.find(';'));
    if (entity == "&lt") text += '<';
    else if (entity == "&gt") text += '>';
    else if (entity == "&amp") text += '&';
    else if (entity == "&quot") text += '"';
    else return std::nullopt;
    xml.remove_prefix(entity.size() + 1);
  }
  return text;
}

}  // namespace p2pllm::testing
