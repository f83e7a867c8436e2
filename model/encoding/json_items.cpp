#include <array>

#include "model/assert.hpp"
#include "model/encoding/json.hpp"

namespace p2pllm {
namespace {

constexpr std::size_t usual_size = 4;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool ends_number(char c) { return c == ',' || c == ']' || c == '}' || is_space(c); }

char32_t hexadecimal(const char* digits) {
  char32_t value = 0;
  for (int k = 0; k < 4; ++k) {
    const auto digit = static_cast<unsigned char>(digits[k]);
    value = value << 4U | (digit <= '9' ? digit - '0' : (digit | 0x20U) - 'a' + 10);
  }
  return value;
}

void append_utf8(char32_t code, std::string& text) {
  const auto tail = [code](unsigned shift) { return static_cast<char>(0x80U | (code >> shift & 0x3FU)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += {static_cast<char>(0xC0U | code >> 6U), tail(0)};
  } else if (code < 0x10000) {
    text += {static_cast<char>(0xE0U | code >> 12U), tail(6), tail(0)};
  } else {
    text += {static_cast<char>(0xF0U | code >> 18U), tail(12), tail(6), tail(0)};
  }
}

/// What the text between the quotes of a string says.
std::string unescaped(std::string_view text) {
  constexpr std::string_view letters = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      result += text[at];
    } else if (text[++at] != 'u') {
      result += meanings[letters.find(text[at])];
    } else {
      char32_t code = hexadecimal(&text[at + 1]);
      at += 4;
      if (code >= 0xD800 && code <= 0xDFFF) {  // the first half of a pair
        code = 0x10000 + ((code - 0xD800) << 10U) + (hexadecimal(&text[at + 3]) - 0xDC00);
        at += 6;
      }
      append_utf8(code, result);
    }
  }
  return result;
}

}  // namespace

char JsonItems::peek() {
  while (at_ != end_ && is_space(*at_)) ++at_;
  P2PLLM_ASSERT(at_ != end_);
  return *at_;
}

void JsonItems::skip_string() {
  for (++at_; *at_ != '"'; ++at_) {
    if (*at_ == '\\') ++at_;
    P2PLLM_ASSERT(at_ < end_);
  }
  ++at_;
}

std::string JsonItems::string() {
  const char* const first = at_ + 1;
  skip_string();
  const std::string_view text(first, static_cast<std::size_t>(at_ - 1 - first));
  return text.find('\\') == std::string_view::npos ? std::string(text) : unescaped(text);
}

Json JsonItems::number() {
  const char* const first = at_;
  while (at_ != end_ && !ends_number(*at_)) ++at_;
  const std::string_view text(first, static_cast<std::size_t>(at_ - first));
  return Json::Number{std::string(text == "-0" ? "0" : text)};  // the parser reads small integers as integers
}

void JsonItems::skip_value() {
  std::size_t depth = 0;
  do {
    const char c = peek();
    if (c == '"') {
      skip_string();
      continue;
    }
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    ++at_;
    if (depth == 0 && c != ']' && c != '}')
      while (at_ != end_ && !ends_number(*at_)) ++at_;
  } while (depth > 0);
}

Json JsonItems::array() {
  const char* const first = at_++;
  Json::Array items;
  items.reserve(usual_size);
  std::size_t size = 0;
  for (; peek() != ']'; ++size) {
    if (*at_ == ',') ++at_;
    if (size < items_built_max_) items.push_back(value());
    else skip_value();
  }
  ++at_;
  if (size <= items_built_max_) return items;
  return Json::ArrayText{{first, static_cast<std::size_t>(at_ - first)}, size, items_built_max_};
}

Json JsonItems::object() {
  Json::Object members;
  members.reserve(usual_size);
  ++at_;
  while (peek() != '}') {
    if (*at_ == ',') ++at_;
    static_cast<void>(peek());
    std::string key = string();
    static_cast<void>(peek());
    ++at_;  // the colon
    if (members.size() < json_members_built_max || key == "format") members.emplace_back(std::move(key), value());
    else skip_value();
  }
  ++at_;
  return members;
}

Json JsonItems::value() {
  switch (peek()) {
    case '{': return object();
    case '[': return array();
    case '"': return string();
    case 't': at_ += 4; return true;
    case 'f': at_ += 5; return false;
    case 'n': at_ += 4; return {};
    default: return number();
  }
}

Json JsonItems::next() {
  if (peek() == ',') ++at_;
  return value();
}

}  // namespace p2pllm
