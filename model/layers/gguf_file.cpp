#include "model/layers/gguf_file.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace p2pllm {
namespace {

constexpr std::uint64_t version_min = 2, version_max = 3;
constexpr std::uint64_t alignment_default = 32, alignment_max = 1 << 16;
constexpr const char* alignment_key = "general.alignment";

/// The bytes of a number; 0 for a string and an array.
std::size_t bytes_of_type(GgufType type) {
  switch (type) {
    case GgufType::uint8:
    case GgufType::int8:
    case GgufType::boolean: return 1;
    case GgufType::uint16:
    case GgufType::int16: return 2;
    case GgufType::uint32:
    case GgufType::int32:
    case GgufType::float32: return 4;
    case GgufType::uint64:
    case GgufType::int64:
    case GgufType::float64: return 8;
    case GgufType::string:
    case GgufType::array: return 0;
  }
  return 0;
}

std::string_view text_of(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

ByteView next_string(BinaryCursor& cursor, std::string_view what) {
  const std::uint64_t offset = cursor.offset();
  const std::uint64_t length = cursor.number(8, what);
  if (length > cursor.left()) cursor.fail(what, std::to_string(length), "a string must end in the file", offset);
  return cursor.bytes(length, what);
}

GgufType next_type(BinaryCursor& cursor, std::string_view what) {
  const std::uint64_t offset = cursor.offset();
  const std::uint64_t type = cursor.number(4, what);
  if (type > static_cast<std::uint64_t>(GgufType::float64))
    cursor.fail(what, std::to_string(type), "the type of a value must be 0 .. 12", offset);
  return static_cast<GgufType>(type);
}

/// The formats that are read, by their number in a file.
std::optional<TensorFormat> format_of(std::uint64_t number) {
  switch (number) {
    case 0: return TensorFormat::float32;
    case 1: return TensorFormat::float16;
    case 2: return TensorFormat::q4_0;
    case 3: return TensorFormat::q4_1;
    case 8: return TensorFormat::q8_0;
    case 30: return TensorFormat::bfloat16;
    default: return std::nullopt;
  }
}

/// The names of formats that models are often in, so that a refusal says which one to ask for instead.
std::string shown_format(std::uint64_t number) {
  constexpr std::array<const char*, 15> names = {"F32",  "F16",  "Q4_0", "Q4_1", "",     "",     "Q5_0", "Q5_1",
                                                 "Q8_0", "Q8_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"};
  const std::string digits = std::to_string(number);
  return number < names.size() && *names[number] != '\0' ? digits + " (" + names[number] + ")" : digits;
}

std::int64_t signed_of(std::uint64_t bits, std::size_t bytes) {
  const auto shift = static_cast<unsigned>(64 - 8 * bytes);
  return static_cast<std::int64_t>(bits << shift) >> shift;
}

/// An integer of an array or alone; nothing if it is none, or is 2^63 or more.
std::optional<std::int64_t> integer_of(GgufType type, ByteView bytes) {
  const std::uint64_t bits = little_endian(bytes, 0, bytes.size());
  switch (type) {
    case GgufType::uint8:
    case GgufType::uint16:
    case GgufType::uint32: return static_cast<std::int64_t>(bits);
    case GgufType::uint64: return bits >> 63 != 0 ? std::nullopt : std::optional(static_cast<std::int64_t>(bits));
    case GgufType::int8:
    case GgufType::int16:
    case GgufType::int32:
    case GgufType::int64: return signed_of(bits, bytes.size());
    case GgufType::float32:
    case GgufType::float64:
    case GgufType::boolean:
    case GgufType::string:
    case GgufType::array: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<double> real_of(GgufType type, ByteView bytes) {
  const std::uint64_t bits = little_endian(bytes, 0, bytes.size());
  if (type == GgufType::float32) return float32_of(static_cast<std::uint32_t>(bits));
  if (type == GgufType::float64) return std::bit_cast<double>(bits);
  return std::nullopt;
}

}  // namespace

GgufFile::GgufFile(ByteView file, const std::string& source) : file_(file), source_(&source) {
  BinaryCursor cursor(file, source);
  if (text_of(cursor.bytes(4, "the magic")) != "GGUF")
    cursor.fail("the magic", "not \"GGUF\"", "a GGUF file must begin with it", 0);
  const std::uint64_t version = cursor.number(4, "the version");
  if (version < version_min || version > version_max)
    cursor.fail("the version", std::to_string(version), "must be 2 or 3, lowest byte first", 4);
  const std::uint64_t tensors = cursor.number(8, "the number of tensors");
  const std::uint64_t values = cursor.number(8, "the number of keys");
  for (std::uint64_t i = 0; i < values; ++i) read_value(cursor);
  std::map<std::string, std::uint64_t> places;
  for (std::uint64_t i = 0; i < tensors; ++i) {
    const std::size_t before = tensors_.size();
    const std::uint64_t entry = cursor.offset();
    const std::string name(text_of(next_string(cursor, "the name of a tensor")));
    tensors_[name].offset = entry;
    if (tensors_.size() == before) cursor.fail("tensor " + name, "there twice", "a tensor must be there once", entry);
    places[name] = read_tensor(cursor, name, tensors_[name]);
  }
  place_tensors(cursor, places);
}

void GgufFile::read_value(BinaryCursor& cursor) {
  const std::uint64_t entry = cursor.offset();
  const std::string key(text_of(next_string(cursor, "a key")));
  GgufValue value;
  value.type = next_type(cursor, key);
  const bool is_array = value.type == GgufType::array;
  value.item_type = is_array ? next_type(cursor, key) : value.type;
  if (value.item_type == GgufType::array)
    cursor.fail(key, "an array of arrays", "the items must be numbers or strings", entry);
  if (is_array) value.items = cursor.number(8, key);
  value.offset = cursor.offset();
  if (value.item_type == GgufType::string) {
    for (std::uint64_t i = 0; i < value.items; ++i) next_string(cursor, key);
  } else {
    const std::size_t size = bytes_of_type(value.item_type);
    if (value.items > cursor.left() / size)
      cursor.fail(key, std::to_string(value.items) + " of " + std::to_string(size) + " bytes",
                  "a value must end in the file");
    cursor.bytes(value.items * size, key);
  }
  value.bytes = file_.subspan(value.offset, cursor.offset() - value.offset);
  if (value.type == GgufType::string) value.bytes = value.bytes.subspan(8);
  if (!values_.emplace(key, value).second) cursor.fail(key, "there twice", "a key must be there once", entry);
}

std::uint64_t GgufFile::read_tensor(BinaryCursor& cursor, const std::string& name, GgufTensor& tensor) {
  const std::string what = "tensor " + name;
  const std::uint64_t dimensions = cursor.number(4, what);
  if (dimensions < 1 || dimensions > 2)
    cursor.fail(what, std::to_string(dimensions), "a tensor must have one or two dimensions", tensor.offset);
  std::string shown;
  for (std::uint64_t i = 0; i < dimensions; ++i) {  // the file names the fastest dimension first
    const std::uint64_t size = cursor.number(8, what);
    shown += (i == 0 ? "" : ", ") + std::to_string(size);
    tensor.tensor.shape.insert(tensor.tensor.shape.begin(), static_cast<std::int64_t>(std::min(
                                                                size, static_cast<std::uint64_t>(dimension_max) + 1)));
  }
  const std::uint64_t number = cursor.number(4, what);
  const auto format = format_of(number);
  if (!format)
    cursor.fail(what, "type " + shown_format(number), "the type must be F32, F16, BF16, Q8_0, Q4_0 or Q4_1",
                tensor.offset);
  tensor.tensor.format = *format;
  if (!bytes_of_tensor(*format, tensor.tensor.shape))
    cursor.fail(what, "[" + shown + "]",
                "dimensions must be 1 .. 2^24, and the first of a quantised tensor a multiple of 32", tensor.offset);
  return cursor.number(8, what);
}

void GgufFile::place_tensors(const BinaryCursor& cursor, const std::map<std::string, std::uint64_t>& places) {
  std::uint64_t alignment = alignment_default;
  if (find(alignment_key) != nullptr) {
    alignment = static_cast<std::uint64_t>(integer(alignment_key, 0, alignment_max));
    if (!std::has_single_bit(alignment)) fail(alignment_key, std::to_string(alignment), "must be a power of two");
  }
  const std::uint64_t begin = (cursor.offset() + alignment - 1) / alignment * alignment;
  const std::uint64_t data_bytes = file_.size() > begin ? file_.size() - begin : 0;
  std::vector<std::pair<std::uint64_t, std::string>> in_order;
  for (const auto& [name, place] : places) {
    GgufTensor& tensor = tensors_.find(name)->second;
    const std::uint64_t bytes = *bytes_of_tensor(tensor.tensor.format, tensor.tensor.shape);
    if (place % alignment != 0)
      fail_tensor(name, std::to_string(place), "its offset must be a multiple of " + std::to_string(alignment));
    if (place > data_bytes || bytes > data_bytes - place)
      fail_tensor(name, std::to_string(place),
                  "its " + std::to_string(bytes) + " bytes must lie in the file, which has " +
                      std::to_string(data_bytes) + " bytes of data");
    tensor.tensor.bytes = file_.subspan(begin + place, bytes);
    in_order.emplace_back(place, name);
  }
  std::sort(in_order.begin(), in_order.end());
  for (std::size_t i = 1; i < in_order.size(); ++i) {
    const auto& [place, name] = in_order[i - 1];
    if (in_order[i].first - place < tensors_.find(name)->second.tensor.bytes.size())
      fail_tensor(in_order[i].second, std::to_string(in_order[i].first),
                  "the bytes of two tensors must not overlap; see " + printable(name));
  }
}

const GgufValue* GgufFile::find(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

const GgufValue& GgufFile::at(std::string_view key) const {
  if (const GgufValue* value = find(key)) return *value;
  fail_whole("the key " + std::string(key) + " must be present");
}

std::int64_t GgufFile::integer(std::string_view key, std::int64_t least, std::int64_t most) const {
  const GgufValue& value = at(key);
  const std::string rule = "must be an integer in " + std::to_string(least) + " .. " + std::to_string(most);
  const auto number = integer_of(value.type, value.bytes);
  if (!number) fail(key, "of another type", rule);
  if (*number < least || *number > most) fail(key, std::to_string(*number), rule);
  return *number;
}

double GgufFile::real(std::string_view key) const {
  const GgufValue& value = at(key);
  const auto number = real_of(value.type, value.bytes);
  if (!number) fail(key, "of another type", "must be a floating-point number");
  return *number;
}

bool GgufFile::boolean(std::string_view key) const {
  const GgufValue& value = at(key);
  if (value.type != GgufType::boolean) fail(key, "of another type", "must be true or false");
  return value.bytes[0] != 0;
}

std::string_view GgufFile::string(std::string_view key) const {
  const GgufValue& value = at(key);
  if (value.type != GgufType::string) fail(key, "of another type", "must be a string");
  return text_of(value.bytes);
}

std::vector<std::int64_t> GgufFile::integers(std::string_view key) const {
  const GgufValue& value = at(key);
  const std::size_t size = bytes_of_type(value.item_type);
  std::vector<std::int64_t> result;
  for (std::uint64_t i = 0; i < value.items && size != 0; ++i) {
    const auto item = integer_of(value.item_type, value.bytes.subspan(i * size, size));
    if (!item) break;
    result.push_back(*item);
  }
  if (value.type != GgufType::array || result.size() != value.items)
    fail(key, "of another type", "must be an array of integers");
  return result;
}

std::vector<double> GgufFile::reals(std::string_view key) const {
  const GgufValue& value = at(key);
  if (value.type != GgufType::array || value.item_type != GgufType::float32)
    fail(key, "of another type", "must be an array of floats");
  std::vector<double> result;
  for (std::uint64_t i = 0; i < value.items; ++i)
    result.push_back(float32_of(static_cast<std::uint32_t>(little_endian(value.bytes, 4 * i, 4))));
  return result;
}

std::vector<std::string_view> GgufFile::strings(std::string_view key) const {
  const GgufValue& value = at(key);
  if (value.type != GgufType::array || value.item_type != GgufType::string)
    fail(key, "of another type", "must be an array of strings");
  std::vector<std::string_view> result;
  BinaryCursor cursor(value.bytes, *source_);
  for (std::uint64_t i = 0; i < value.items; ++i) result.push_back(text_of(next_string(cursor, key)));
  return result;
}

void GgufFile::fail(std::string_view key, const std::string& value, const std::string& rule) const {
  throw BinaryCursor::Failure{
      bad_input(*source_ + ": byte " + std::to_string(at(key).offset) + ", " + printable(key), value, rule).value()};
}

void GgufFile::fail_whole(const std::string& rule) const {
  throw BinaryCursor::Failure{bad_input(*source_ + ": /", rule).value()};
}

void GgufFile::fail_tensor(const std::string& name, const std::string& value, const std::string& rule) const {
  const std::string place = "byte " + std::to_string(tensors_.find(name)->second.offset);
  throw BinaryCursor::Failure{bad_input(*source_ + ": " + place + ", tensor " + printable(name), value, rule).value()};
}

}  // namespace p2pllm
