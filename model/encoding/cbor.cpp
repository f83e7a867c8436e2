#include "model/encoding/cbor.hpp"

#include <cstring>
#include <stdexcept>

namespace p2pllm {
namespace {

// Initial bytes (RFC 8949, 3.1): three bits of major type, five of argument or of its length.
constexpr unsigned major_number = 0;
constexpr unsigned major_bytes = 2;
constexpr unsigned major_text = 3;
constexpr unsigned major_array = 4;
constexpr std::uint8_t byte_false = 0xf4;
constexpr std::uint8_t byte_true = 0xf5;
constexpr std::uint8_t byte_null = 0xf6;
constexpr unsigned argument_in_head_most = 23;
constexpr unsigned argument_of_one_byte = 24;  // 25, 26, 27: of 2, 4, 8 bytes

constexpr unsigned major_of(std::uint8_t initial) { return initial >> 5U; }

std::optional<CborType> type_of(std::uint8_t initial) {
  if (initial == byte_false || initial == byte_true) return CborType::boolean;
  if (initial == byte_null) return CborType::null;
  if ((initial & 31U) > argument_of_one_byte + 3) return std::nullopt;  // indefinite length, or reserved
  switch (major_of(initial)) {
    case major_number: return CborType::number;
    case major_bytes: return CborType::bytes;
    case major_text: return CborType::text;
    case major_array: return CborType::array;
    default: return std::nullopt;
  }
}

}  // namespace

std::string_view reason_of(CborFault fault) {
  switch (fault) {
    case CborFault::truncated: return "cbor.truncated";
    case CborFault::too_long: return "cbor.too_long";
    case CborFault::not_shortest: return "cbor.not_shortest";
    case CborFault::not_in_subset: return "cbor.not_in_subset";
    case CborFault::too_deep: return "cbor.too_deep";
    case CborFault::not_utf8: return "cbor.not_utf8";
    case CborFault::trailing: return "cbor.trailing";
    case CborFault::wrong_type: return "cbor.wrong_type";
    case CborFault::wrong_length: return "cbor.wrong_length";
    case CborFault::wrong_value: return "cbor.wrong_value";
  }
  return "";
}

std::string_view to_string(CborFault fault) {
  switch (fault) {
    case CborFault::truncated: return "the encoding ends within a value";
    case CborFault::too_long: return "a length must not exceed the bytes that follow";
    case CborFault::not_shortest: return "a number or a length must have its shortest form";
    case CborFault::not_in_subset:
      return "only unsigned integers, byte and text strings, arrays of definite length, true, false and null are used";
    case CborFault::too_deep: return "at most 16 levels of nesting are allowed";
    case CborFault::not_utf8: return "a text must be UTF-8";
    case CborFault::trailing: return "nothing may follow the value";
    case CborFault::wrong_type: return "a value of another type is expected here";
    case CborFault::wrong_length: return "an array or byte string of another length is expected here";
    case CborFault::wrong_value: return "the value is not allowed here";
  }
  return "";
}

std::string to_string(const CborError& error) {
  return "byte " + std::to_string(error.offset) + ": " + std::string(to_string(error.fault));
}

Bytes CborWriter::take() {
  const std::size_t size = std::exchange(size_, 0);
  if (long_.empty()) return Bytes(short_.begin(), short_.begin() + static_cast<std::ptrdiff_t>(size));
  long_.resize(size);
  return std::exchange(long_, {});
}

std::uint8_t* CborWriter::extend(std::size_t count) {
  const std::size_t from = size_;
  size_ += count;
  if (long_.empty()) {
    if (size_ <= short_.size()) return &short_[from];
    long_.reserve(2 * size_);
    long_.assign(short_.begin(), short_.begin() + static_cast<std::ptrdiff_t>(from));
  }
  if (size_ > long_.size()) long_.resize(std::max(size_, 2 * long_.size()));
  return &long_[from];
}

void CborWriter::head(unsigned major, std::uint64_t argument) {
  const auto initial = [major](unsigned low) { return static_cast<std::uint8_t>(major << 5U | low); };
  if (argument <= argument_in_head_most) {
    *extend(1) = initial(static_cast<unsigned>(argument));
    return;
  }
  unsigned log_bytes = 0;
  while (log_bytes < 3 && argument >> (8U << log_bytes) != 0) ++log_bytes;
  std::uint8_t* at = extend(1 + (std::size_t{1} << log_bytes));
  *at++ = initial(argument_of_one_byte + log_bytes);
  for (unsigned shift = 8U << log_bytes; shift > 0;) {
    shift -= 8;
    *at++ = static_cast<std::uint8_t>(argument >> shift & 0xffU);
  }
}

CborWriter& CborWriter::array(std::uint64_t count) {
  head(major_array, count);
  return *this;
}

CborWriter& CborWriter::number(std::uint64_t value) {
  head(major_number, value);
  return *this;
}

CborWriter& CborWriter::bytes(ByteView value) {
  head(major_bytes, value.size());
  if (!value.empty()) std::memcpy(extend(value.size()), value.data(), value.size());
  return *this;
}

CborWriter& CborWriter::text(std::string_view value) {
  if (!is_utf8(bytes_of(value))) throw std::invalid_argument("a text to be encoded must be UTF-8");
  head(major_text, value.size());
  if (!value.empty()) std::memcpy(extend(value.size()), value.data(), value.size());
  return *this;
}

CborWriter& CborWriter::boolean(bool value) {
  *extend(1) = value ? byte_true : byte_false;
  return *this;
}

CborWriter& CborWriter::null() {
  *extend(1) = byte_null;
  return *this;
}

std::nullopt_t CborReader::fail(CborFault fault, std::size_t offset) {
  if (!error_) error_ = CborError{fault, offset};
  return std::nullopt;
}

std::optional<CborType> CborReader::peek() {
  if (error_) return std::nullopt;
  item_ = offset_;
  std::optional<CborType> type;
  if (left_[depth_] == 0) fail(CborFault::trailing, offset_);
  else if (offset_ == bytes_.size()) fail(CborFault::truncated, offset_);
  else if (type = type_of(bytes_[offset_]); !type) fail(CborFault::not_in_subset, offset_);
  return type;
}

std::optional<std::uint64_t> CborReader::next_plain(CborType expected) {
  static constexpr std::uint8_t majors[] = {major_number, major_bytes, major_text,
                                            major_array};  // by the number of the type
  const std::size_t left = bytes_.size() - offset_;
  if (error_ || left < 2 || left_[depth_] == 0 || expected > CborType::array) return std::nullopt;
  const std::uint8_t* const at = bytes_.data() + offset_;
  const std::uint8_t initial = *at;
  if (major_of(initial) != majors[static_cast<std::size_t>(expected)]) return std::nullopt;
  const unsigned low = initial & 31U;
  const bool is_short = low <= argument_in_head_most;
  const std::uint64_t argument = is_short ? low : at[1];
  const std::size_t head = is_short ? 1 : 2;
  if (!is_short && (low != argument_of_one_byte || argument <= argument_in_head_most)) return std::nullopt;
  if (expected != CborType::number && argument > left - head) return std::nullopt;
  item_ = offset_;
  offset_ += head;
  --left_[depth_];
  if (expected != CborType::array) leave_full_arrays();
  return argument;
}

std::optional<std::uint64_t> CborReader::next_checked(CborType expected) {
  const auto type = peek();
  if (!type) return std::nullopt;
  if (*type != expected) return fail(CborFault::wrong_type, item_);
  std::uint64_t argument = bytes_[offset_++] & 31U;
  const bool is_simple = *type == CborType::boolean || *type == CborType::null;
  if (argument > argument_in_head_most && !is_simple) {
    const auto log_bytes = static_cast<unsigned>(argument) - argument_of_one_byte;
    const std::size_t length = std::size_t{1} << log_bytes;
    if (bytes_.size() - offset_ < length) return fail(CborFault::truncated, item_);
    argument = 0;
    for (std::size_t k = 0; k < length; ++k) argument = argument << 8U | bytes_[offset_++];
    const std::uint64_t least = log_bytes == 0 ? argument_in_head_most + 1 : std::uint64_t{1} << (4U << log_bytes);
    if (argument < least) return fail(CborFault::not_shortest, item_);
  }
  const bool has_length = *type == CborType::bytes || *type == CborType::text || *type == CborType::array;
  if (has_length && argument > bytes_.size() - offset_) return fail(CborFault::too_long, item_);
  --left_[depth_];
  if (*type != CborType::array) leave_full_arrays();
  return argument;
}

void CborReader::leave_full_arrays() {
  while (depth_ > 0 && left_[depth_] == 0) --depth_;
}

std::uint64_t CborReader::next_array() {
  const auto count = next(CborType::array);
  if (!count) return 0;
  if (depth_ == cbor_depth_max) {
    fail(CborFault::too_deep, item_);
    return 0;
  }
  left_[++depth_] = *count;
  leave_full_arrays();
  return *count;
}

void CborReader::next_array(std::uint64_t count) {
  const std::uint64_t read = next_array();
  if (read != count) fail(CborFault::wrong_length, item_);
}

std::uint64_t CborReader::next_number(std::uint64_t most) {
  const auto value = next(CborType::number);
  if (value && *value > most) fail(CborFault::wrong_value, item_);
  return error_ ? 0 : *value;
}

ByteView CborReader::next_string(CborType type) {
  const auto length = next(type);
  if (!length) return {};
  const ByteView read = bytes_.subspan(offset_, *length);
  offset_ += *length;
  return read;
}

ByteView CborReader::next_bytes() { return next_string(CborType::bytes); }

std::string_view CborReader::next_text() {
  const ByteView read = next_string(CborType::text);
  if (is_utf8(read)) return {reinterpret_cast<const char*>(read.data()), read.size()};
  fail(CborFault::not_utf8, item_);
  return {};
}

bool CborReader::next_boolean() {
  const auto low_bits = next(CborType::boolean);
  return low_bits && *low_bits == (byte_true & 31U);
}

void CborReader::next_null() { (void)next(CborType::null); }

std::optional<CborError> CborReader::finish() {
  const bool at_end = offset_ == bytes_.size();
  if (left_[0] > 0 || depth_ > 0) fail(at_end ? CborFault::truncated : CborFault::wrong_length, offset_);
  else if (!at_end) fail(CborFault::trailing, offset_);
  return error_;
}

}  // namespace p2pllm
