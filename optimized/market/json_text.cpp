#include "optimized/market/json_text.hpp"

#include "model/encoding/bytes.hpp"
#include "model/numbers/parse.hpp"

namespace p2pllm::optimized {
namespace {

/// 19 digits are always less than 2^64.
constexpr std::ptrdiff_t significant_max = 19;

/// Appends digits to `value`, which may wrap around.
const char* take_digits(const char* at, const char* end, std::uint64_t& value) {
  for (; at != end; ++at) {
    const unsigned digit = static_cast<unsigned char>(*at) - unsigned{'0'};
    if (digit > 9) break;
    value = 10 * value + digit;
  }
  return at;
}

const char* skip_zeros(const char* at, const char* end) {
  while (at != end && *at == '0') ++at;
  return at;
}

/// Reads the exponent behind "e".
/// @returns its end, or null
const char* take_exponent(const char* at, const char* end, int& exponent) {
  const bool is_negative = at != end && *at == '-';
  if (at != end && (*at == '-' || *at == '+')) ++at;
  const char* const zeros = at;
  at = skip_zeros(at, end);
  const char* const first = at;
  std::uint64_t size = 0;
  at = take_digits(at, end, size);
  if (at == zeros || at - first > 3 || size > number_exponent_max) return nullptr;
  exponent = is_negative ? -static_cast<int>(size) : static_cast<int>(size);
  return at;
}

/// Reads a decimal without a sign.
/// @returns its end, or null
const char* take_decimal(const char* at, const char* end, FixedNumber& number) {
  number = {};
  const char* const whole = at;
  at = take_digits(at, end, number.mantissa);
  if (at == whole || (*whole == '0' && at - whole > 1)) return nullptr;
  std::ptrdiff_t significant = *whole == '0' ? 0 : at - whole;
  if (at != end && *at == '.') {
    const char* const fraction = ++at;
    if (significant == 0) at = skip_zeros(at, end);
    const char* const first = at;
    at = take_digits(at, end, number.mantissa);
    if (at == fraction || at - whole > number_digits_max) return nullptr;
    significant += at - first;
    number.exponent = -static_cast<int>(at - fraction);
  }
  if (significant > significant_max) return nullptr;
  if (at == end || (*at != 'e' && *at != 'E')) return at;
  int exponent = 0;
  at = take_exponent(at + 1, end, exponent);
  number.exponent += exponent;
  return at;
}

/// Whether a text is one decimal or one ratio, and nothing else.
bool is_number(std::string_view text, FixedNumber& number) {
  const char* const end = text.data() + text.size();
  const char* at = take_decimal(text.data(), end, number);
  if (at == nullptr) return false;
  if (at == end) return true;
  if (*at != '/' || text.find_first_not_of("0123456789") != static_cast<std::size_t>(at - text.data())) return false;
  const char* const first = skip_zeros(at + 1, end);
  number.divisor = 0;
  at = take_digits(first, end, number.divisor);
  return at == end && at - first <= significant_max && number.divisor != 0 &&
         text.size() <= std::size_t{number_digits_max};
}

constexpr bool ends_plain_text(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' '; }

int hexadecimal_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Reads the four digits of a character of the first plane; half of a pair of surrogates is left to the exact reader.
bool append_character(const char* digits, std::string& text) {
  unsigned code = 0;
  for (int k = 0; k < 4; ++k) {
    const int digit = hexadecimal_digit(digits[k]);
    if (digit < 0) return false;
    code = 16 * code + static_cast<unsigned>(digit);
  }
  if (code >= 0xD800 && code <= 0xDFFF) return false;
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0U | code >> 6);
    text += static_cast<char>(0x80U | (code & 0x3FU));
  } else {
    text += static_cast<char>(0xE0U | code >> 12);
    text += static_cast<char>(0x80U | (code >> 6 & 0x3FU));
    text += static_cast<char>(0x80U | (code & 0x3FU));
  }
  return true;
}

}  // namespace

void JsonText::skip_byte_order_mark() {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (std::string_view(at_, left()).starts_with(mark)) at_ += mark.size();
}

bool JsonText::string(std::string_view& text) {
  if (!take('"')) return false;
  const char* const first = at_;
  bool has_escape = false;
  unsigned char all_bits = 0;
  for (; at_ != end_ && *at_ != '"'; ++at_) {
    all_bits |= static_cast<unsigned char>(*at_);
    if (!ends_plain_text(*at_)) continue;
    if (*at_ != '\\' || ++at_ == end_) return false;
    has_escape = true;
  }
  if (at_ == end_) return false;
  text = std::string_view(first, static_cast<std::size_t>(at_ - first));
  if (all_bits >= 0x80 && !is_utf8(bytes_of(text))) return false;
  if (has_escape) {
    if (!unescape(first, at_)) return false;
    text = unescaped_;
  }
  ++at_;
  return true;
}

bool JsonText::unescape(const char* first, const char* last) {
  constexpr std::string_view letters = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  unescaped_.clear();
  while (first != last) {
    if (*first != '\\') {
      unescaped_ += *first++;
      continue;
    }
    const char letter = first[1];  // a backslash is never the last byte
    first += 2;
    if (letter == 'u') {
      if (last - first < 4 || !append_character(first, unescaped_)) return false;
      first += 4;
      continue;
    }
    const auto meaning = letters.find(letter);
    if (meaning == std::string_view::npos) return false;
    unescaped_ += meanings[meaning];
  }
  return true;
}

bool JsonText::number(FixedNumber& number) {
  skip_space();
  if (at_ != end_ && *at_ == '"') {
    std::string_view text;
    return string(text) && is_number(text, number);
  }
  const char* const after = take_decimal(at_, end_, number);
  if (after == nullptr) return false;
  at_ = after;
  return true;
}

bool JsonText::number_text(std::string_view& text) {
  skip_space();
  if (at_ != end_ && *at_ == '"') return string(text);
  const std::string_view rest(at_, left());
  text = rest.substr(0, rest.find_first_not_of("+-.0123456789Ee"));
  at_ += text.size();
  return !text.empty();
}

}  // namespace p2pllm::optimized
