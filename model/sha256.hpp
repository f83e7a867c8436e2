#pragma once

#include <string>
#include <string_view>

namespace p2pllm {

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits (FIPS 180-4, by OpenSSL).
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace p2pllm
