#include "properties/generators/network.hpp"
#include "properties/property.hpp"
#include "tests/unit/cbor_value.hpp"

namespace p2pllm::properties {
namespace {

using testing::CborValue;
using testing::decode_value;
using testing::encode_value;

std::uint64_t draw_number() {
  const auto bits = static_cast<unsigned>(draw_integer(0, 64));
  if (bits == 64) return ~std::uint64_t{0} - static_cast<std::uint64_t>(draw_integer(0, 2));
  return (std::uint64_t{1} << bits) + static_cast<std::uint64_t>(draw_integer(-2, 2));
}

std::uint8_t draw_byte() { return static_cast<std::uint8_t>(draw_integer(0, 255)); }

CborValue draw_value(int depth) {
  switch (draw_integer(0, depth < 5 ? 7 : 5)) {
    case 0: return {};
    case 1: return {draw_coin()};
    case 2: return {draw_number()};
    case 3: {
      Bytes bytes(static_cast<std::size_t>(draw_integer(0, draw_coin() ? 30 : 300)));
      for (std::uint8_t& byte : bytes) byte = draw_byte();
      return {std::move(bytes)};
    }
    case 4:
    case 5: {
      std::string text;
      for (auto left = draw_integer(0, 20); left > 0; --left)
        text += draw_one_of<const char*>({"a", "\x7f", "\u00e9", "\u20ac", "\ud7ff", "\ue000", "\U0001f600"});
      return {std::move(text)};
    }
    default: {
      CborValue::Array items;
      for (auto left = draw_integer(0, 6); left > 0; --left) items.push_back(draw_value(depth + 1));
      return {std::move(items)};
    }
  }
}

/// Changes a byte, removes some, inserts some, or writes an argument longer than necessary.
void mutate(Bytes& bytes) {
  const auto at = draw_integer(0, static_cast<std::int64_t>(bytes.size()));
  const auto here = bytes.begin() + at;
  switch (draw_integer(0, 4)) {
    case 0:
      if (here != bytes.end()) *here = draw_byte();
      break;
    case 1:
      if (here != bytes.end()) *here ^= static_cast<std::uint8_t>(1U << draw_integer(0, 7));
      break;
    case 2: bytes.erase(here, here + std::min<std::int64_t>(draw_integer(1, 3), bytes.end() - here)); break;
    case 3: bytes.insert(here, static_cast<std::size_t>(draw_integer(1, 2)), draw_byte()); break;
    default:
      if (here != bytes.end() && (*here & 31U) < 24) {
        const auto argument = static_cast<std::uint8_t>(*here & 31U);
        *here = static_cast<std::uint8_t>((*here & 0xe0U) | 24U);
        bytes.insert(here + 1, argument);
      }
  }
}

PROPERTY("what is written is read back, and written the same", "[COMMIT-1]", 2000) {
  const CborValue value = draw_value(0);
  const Bytes bytes = encode_value(value);
  const auto read = decode_value(bytes);
  expect(read.has_value(), "an encoding is accepted");
  expect(*read == value, "it is the value that was written");
  reach("an array", std::holds_alternative<CborValue::Array>(value.value));
  reach("a number beyond 2^32",
        std::holds_alternative<std::uint64_t>(value.value) && std::get<std::uint64_t>(value.value) >> 32U != 0);
}

PROPERTY("bytes that are accepted are written again as they were", "[COMMIT-1]", 5000) {
  Bytes bytes = encode_value(draw_value(0));
  const Bytes original = bytes;
  for (auto left = draw_integer(1, 3); left > 0; --left) mutate(bytes);
  const auto read = decode_value(bytes);
  reach("other bytes accepted", read && bytes != original);
  for (const CborFault fault : {CborFault::truncated, CborFault::too_long, CborFault::not_shortest,
                                CborFault::not_in_subset, CborFault::not_utf8, CborFault::trailing})
    reach(reason_of(fault).data(), !read && read.error().fault == fault);
  if (!read) return expect(read.error().offset <= bytes.size(), "the fault has a place");
  expect(encode_value(*read) == bytes, "accepted: " + to_hex(bytes) + ", written: " + to_hex(encode_value(*read)));
}

}  // namespace
}  // namespace p2pllm::properties
