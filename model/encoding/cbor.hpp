#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "model/encoding/bytes.hpp"

/// The canonical encoding (COMMIT-1): deterministic CBOR (RFC 8949, 4.2.1) of unsigned integers, byte and text strings,
/// arrays of definite length, true, false and null. Each value has exactly one encoding; all other bytes are refused.
namespace p2pllm {

inline constexpr std::size_t cbor_depth_max = 16;  ///< the greatest depth of nested arrays

/// Writes one value in the canonical encoding; the n items of an array follow the call `array(n)`.
class CborWriter {
 public:
  CborWriter& array(std::uint64_t count);
  CborWriter& number(std::uint64_t value);
  CborWriter& bytes(ByteView value);
  CborWriter& text(std::string_view value);  ///< throws unless the text is UTF-8
  CborWriter& boolean(bool value);
  CborWriter& null();
  /// The encoding so far, without a copy; until the next call.
  [[nodiscard]] ByteView view() const { return {long_.empty() ? short_.data() : long_.data(), size_}; }
  /// Returns the encoding and leaves the writer empty.
  [[nodiscard]] Bytes take();

 private:
  void head(unsigned major, std::uint64_t argument);
  /// Makes room for more bytes. @returns the place of the first of them
  std::uint8_t* extend(std::size_t count);

  std::array<std::uint8_t, 384> short_;  ///< the encoding while it fits, as most do: nothing is allocated to hash it
  Bytes long_;                           ///< all of it otherwise, and room for more
  std::size_t size_ = 0;
};

/// Why the bytes are not the canonical encoding of the expected value.
enum class CborFault {
  truncated,      ///< the bytes end where an item or the rest of its head is due
  too_long,       ///< a string or an array with more bytes or items than the bytes that remain
  not_shortest,   ///< a number or a length encoded in more bytes than it needs
  not_in_subset,  ///< a negative number, map, tag, float, undefined, other simple value, or indefinite length
  too_deep,       ///< arrays nested deeper than `cbor_depth_max`
  not_utf8,       ///< a text string that is not UTF-8
  trailing,       ///< bytes after the one value
  wrong_type,     ///< an item of a different type than expected here
  wrong_length,   ///< an array or byte string of a different length than expected here
  wrong_value,    ///< a number above the greatest allowed here, or a value that its reader refuses
};

struct CborError {
  CborFault fault;
  std::size_t offset;  ///< of the first byte of the item that breaks the rule

  bool operator==(const CborError&) const = default;
};

/// The rule's name, for programs: "cbor.not_shortest".
[[nodiscard]] std::string_view reason_of(CborFault fault);
/// The rule in words.
[[nodiscard]] std::string_view to_string(CborFault fault);
/// "byte 17: a number or a length must have its shortest form".
[[nodiscard]] std::string to_string(const CborError& error);

template <typename T>
using CborResult = tl::expected<T, CborError>;

enum class CborType : std::uint8_t { number, bytes, text, array, boolean, null };

/// Reads one value of a known shape (COMMIT-1), item by item.
///
/// The first fault is kept: from then on every read returns 0, false or nothing, at no cost, so that a reader of a
/// value needs no check after each item. Nothing read may be used before `finish` has found no fault; `decode_cbor`
/// ensures this.
class CborReader {
 public:
  explicit CborReader(ByteView bytes) : bytes_(bytes) {}

  /// The type of the next item, which is not consumed; nothing at the end or if the item is outside the subset (a
  /// fault).
  std::optional<CborType> peek();
  /// Reads an array's head and returns its number of items, which is at most the number of bytes left.
  std::uint64_t next_array();
  /// Reads an array's head with exactly `count` items.
  void next_array(std::uint64_t count);
  std::uint64_t next_number(std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
  ByteView next_bytes();
  /// Reads a byte string of exactly N bytes.
  template <std::size_t N>
  std::array<std::uint8_t, N> next_bytes_of() {
    std::array<std::uint8_t, N> value{};
    next_bytes_of(value);
    return value;
  }
  /// Does so into its place, which stays as it is if there is a fault.
  template <std::size_t N>
  void next_bytes_of(std::array<std::uint8_t, N>& value) {
    const ByteView read = next_bytes();
    if (read.size() == N) std::copy(read.begin(), read.end(), value.begin());
    else fail(CborFault::wrong_length, item_);
  }
  std::string_view next_text();
  bool next_boolean();
  void next_null();

  /// Refuses the value for a reason given by the caller, at the item that was read last.
  void refuse() { fail(CborFault::wrong_value, item_); }
  [[nodiscard]] bool failed() const { return error_.has_value(); }
  /// Returns nothing if exactly one whole value was read; otherwise the first fault (`wrong_length` if items are
  /// unread).
  [[nodiscard]] std::optional<CborError> finish();

 private:
  std::nullopt_t fail(CborFault fault, std::size_t offset);
  /// Reads the next head and returns its argument, if its type is the expected one and the items it announces follow.
  std::optional<std::uint64_t> next(CborType expected) {
    const auto argument = next_plain(expected);
    return argument ? argument : next_checked(expected);
  }
  /// Does so for a head of one or two bytes, as most are, in which nothing is wrong, and nothing otherwise.
  std::optional<std::uint64_t> next_plain(CborType expected);
  std::optional<std::uint64_t> next_checked(CborType expected);
  ByteView next_string(CborType expected);
  void leave_full_arrays();

  ByteView bytes_;
  std::size_t offset_ = 0;
  std::size_t item_ = 0;
  std::size_t depth_ = 0;
  std::array<std::uint64_t, cbor_depth_max + 1> left_{1};  // items still due at each depth; outside every array 1
  std::optional<CborError> error_;
};

/// Decodes one whole value: returns the result of `read(CborReader&)`, or the first fault with its place.
template <typename Read>
[[nodiscard]] auto decode_cbor(ByteView bytes, const Read& read)
    -> CborResult<decltype(read(std::declval<CborReader&>()))> {
  CborReader reader(bytes);
  auto value = read(reader);
  if (const auto error = reader.finish()) return tl::unexpected<CborError>(*error);
  return value;
}

}  // namespace p2pllm
