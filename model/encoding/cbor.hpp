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
/// arrays of definite length, true, false and null. A value has one encoding; bytes that are not it are refused.
namespace p2pllm {

inline constexpr std::size_t cbor_depth_max = 16;  ///< arrays within one another

/// Writes one value in the canonical encoding: after `array(n)` come its n items.
class CborWriter {
 public:
  CborWriter& array(std::uint64_t count);
  CborWriter& number(std::uint64_t value);
  CborWriter& bytes(ByteView value);
  CborWriter& text(std::string_view value);  ///< throws unless UTF-8
  CborWriter& boolean(bool value);
  CborWriter& null();
  /// The encoding; the writer is empty again.
  [[nodiscard]] Bytes take() { return std::exchange(out_, {}); }

 private:
  void head(unsigned major, std::uint64_t argument);

  Bytes out_;
};

/// Why bytes are not the canonical encoding of the value expected.
enum class CborFault {
  truncated,      ///< the bytes end where an item or the rest of its head is due
  too_long,       ///< a string of more bytes, or an array of more items, than bytes are left
  not_shortest,   ///< a number or a length in more bytes than it needs
  not_in_subset,  ///< a negative number, map, tag, float, undefined, other simple value, or indefinite length
  too_deep,       ///< more than `cbor_depth_max` arrays within one another
  not_utf8,       ///< a text string that is no UTF-8
  trailing,       ///< something after the one value
  wrong_type,     ///< an item of another type than expected here
  wrong_length,   ///< an array or byte string of another length than expected here
  wrong_value,    ///< a number above the greatest allowed here, or what a reader of a value refuses itself
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

enum class CborType { number, bytes, text, array, boolean, null };

/// Reads one value of a known shape (COMMIT-1), an item after the other.
///
/// The first fault stays: from then on every read returns 0, false or nothing, at no cost, so that a reader of a value
/// needs no check after each item. Nothing read may be believed before `finish` has found no fault: use `decode_cbor`.
class CborReader {
 public:
  explicit CborReader(ByteView bytes) : bytes_(bytes) {}

  /// The type of the next item, which stays unread; nothing at the end or where it is outside the subset (a fault).
  std::optional<CborType> peek();
  /// An array's head, returning its number of items: at most as many as bytes are left.
  std::uint64_t next_array();
  /// An array's head with exactly `count` items.
  void next_array(std::uint64_t count);
  std::uint64_t next_number(std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
  ByteView next_bytes();
  /// A byte string of exactly N bytes.
  template <std::size_t N>
  std::array<std::uint8_t, N> next_bytes_of() {
    std::array<std::uint8_t, N> value{};
    const ByteView read = next_bytes();
    if (read.size() == N) std::copy(read.begin(), read.end(), value.begin());
    else fail(CborFault::wrong_length, item_);
    return value;
  }
  std::string_view next_text();
  bool next_boolean();
  void next_null();

  /// Refuses the value for a reason of the caller's, at the item that was read last.
  void refuse() { fail(CborFault::wrong_value, item_); }
  [[nodiscard]] bool failed() const { return error_.has_value(); }
  /// Nothing if exactly one whole value was read; else the first fault (`wrong_length` for items left unread).
  [[nodiscard]] std::optional<CborError> finish();

 private:
  std::nullopt_t fail(CborFault fault, std::size_t offset);
  /// Reads the next head and returns its argument, if it is of the type expected and the items follow that it
  /// announces.
  std::optional<std::uint64_t> next(CborType expected);
  ByteView next_string(CborType expected);
  void leave_full_arrays();

  ByteView bytes_;
  std::size_t offset_ = 0;
  std::size_t item_ = 0;
  std::size_t depth_ = 0;
  std::array<std::uint64_t, cbor_depth_max + 1> left_{1};  // items still due at each depth; outside every array 1
  std::optional<CborError> error_;
};

/// Decodes one whole value: what `read(CborReader&)` returns, or the first fault with its place.
template <typename Read>
[[nodiscard]] auto decode_cbor(ByteView bytes, const Read& read)
    -> CborResult<decltype(read(std::declval<CborReader&>()))> {
  CborReader reader(bytes);
  auto value = read(reader);
  if (const auto error = reader.finish()) return tl::unexpected<CborError>(*error);
  return value;
}

}  // namespace p2pllm
