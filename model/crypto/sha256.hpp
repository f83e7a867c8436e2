#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/encoding/bytes.hpp"

namespace p2pllm {

using Hash = std::array<std::uint8_t, 32>;

/// SHA-256 of `bytes` (FIPS 180-4), computed by OpenSSL. Throws if OpenSSL does not provide it.
[[nodiscard]] Hash sha256(ByteView bytes);

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

inline constexpr std::size_t hash_tag_bytes_max = 255;

/// The hash of `bytes` for a single purpose (COMMIT-2): SHA-256 of the tag's length as one byte, the tag, and the
/// bytes. Two purposes with different tags never hash the same input, because the length makes the tag a prefix code.
/// @param tag  a constant of the protocol of at most `hash_tag_bytes_max` bytes; throws if it is longer
[[nodiscard]] Hash hash_tagged(std::string_view tag, ByteView bytes);

}  // namespace p2pllm
