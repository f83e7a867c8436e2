#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace p2pllm::optimized {

/// mantissa * 10^exponent / divisor, as a text states it: nothing is cancelled.
struct FixedNumber {
  std::uint64_t mantissa = 0;
  int exponent = 0;
  std::uint64_t divisor = 1;  ///< not 0
};

/// Reads a JSON text from the left, once, for a caller who knows what must come next.
///
/// Each function skips white space and reads one thing. It returns false if something else is there, or if it is
/// written in a form that only the exact reader knows; the caller then gives up, since the text may still be valid.
/// What these functions accept, the exact reader reads as the same value (FORMAT-1, FORMAT-2).
class JsonText {
 public:
  explicit JsonText(std::string_view text) : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  [[nodiscard]] std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  void skip_byte_order_mark();

  [[nodiscard]] bool take(char c) {
    skip_space();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] bool at_end() {
    skip_space();
    return at_ == end_;
  }

  /// A string.
  /// @param text  what it says, until the next call
  [[nodiscard]] bool string(std::string_view& text);

  /// The key of a member and its colon. A key that `seen` holds already is refused.
  /// @param names  the known keys, at most 32
  /// @param seen   bit k is set for the key names[k]
  /// @param which  its index in `names`
  template <std::size_t N>
  [[nodiscard]] bool key(const std::array<std::string_view, N>& names, std::uint32_t& seen, std::size_t& which) {
    static_assert(N <= 32);
    if (!take('"')) return false;
    for (which = 0; which < N; ++which) {
      const std::string_view name = names[which];
      if (left() <= name.size() || at_[name.size()] != '"' || std::string_view(at_, name.size()) != name) continue;
      at_ += name.size() + 1;
      const std::uint32_t bit = std::uint32_t{1} << which;
      if ((seen & bit) != 0) return false;
      seen |= bit;
      return take(':');
    }
    return false;
  }

  /// A number that is not negative, of at most 19 digits behind leading zeros, or a string that holds one, also as a
  /// ratio.
  [[nodiscard]] bool number(FixedNumber& number);

  /// The text of a number, which may have the wrong form; or what a string says.
  [[nodiscard]] bool number_text(std::string_view& text);

  /// An object: calls `member()`, which reads a key and its value, for each member.
  template <typename Member>
  [[nodiscard]] bool object(const Member& member) {
    return list('{', '}', member);
  }
  /// An array: calls `item()` for each item.
  template <typename Item>
  [[nodiscard]] bool array(const Item& item) {
    return list('[', ']', item);
  }

 private:
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }
  template <typename Item>
  bool list(char open, char close, const Item& item) {
    if (!take(open)) return false;
    if (take(close)) return true;
    do {
      if (!item()) return false;
    } while (take(','));
    return take(close);
  }
  bool unescape(const char* first, const char* last);

  const char* begin_;
  const char* at_;
  const char* end_;
  std::string unescaped_;
};

}  // namespace p2pllm::optimized
