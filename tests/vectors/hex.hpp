#pragma once

#include <algorithm>

#include "model/crypto/sha256.hpp"
#include "model/encoding/bytes.hpp"
#include "model/encoding/json.hpp"

namespace p2pllm::vectors {

/// The bytes that a field writes in hexadecimal digits; fails at the field for any other text.
inline Bytes bytes_at(const JsonCursor& field) {
  const auto bytes = from_hex(field.string());
  if (!bytes) field.fail("hexadecimal digits are expected here");
  return *bytes;
}

template <typename Array>
Array array_at(const JsonCursor& field) {
  const Bytes bytes = bytes_at(field);
  Array array{};
  if (bytes.size() != array.size()) field.fail("another number of bytes is expected here");
  std::copy(bytes.begin(), bytes.end(), array.begin());
  return array;
}

inline Hash hash_at(const JsonCursor& field) { return array_at<Hash>(field); }

}  // namespace p2pllm::vectors
