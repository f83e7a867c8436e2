#pragma once

#include "model/crypto/sha256.hpp"
#include "model/encoding/json.hpp"

namespace p2pllm {

/// Reads a hash from 64 lower-case hexadecimal digits; any other text is a fault at this place.
[[nodiscard]] Hash hash_of_hex(const JsonCursor& place, std::string_view text);
[[nodiscard]] inline Hash hash_at(const JsonCursor& place) { return hash_of_hex(place, place.string()); }

}  // namespace p2pllm
