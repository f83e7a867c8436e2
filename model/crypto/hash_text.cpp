#include "model/crypto/hash_text.hpp"

#include <algorithm>

#include "model/encoding/bytes.hpp"

namespace p2pllm {

Hash hash_of_hex(const JsonCursor& place, std::string_view text) {
  Hash hash{};
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != hash.size()) place.fail("64 lower-case hexadecimal digits are required");
  std::ranges::copy(*bytes, hash.begin());
  return hash;
}

}  // namespace p2pllm
