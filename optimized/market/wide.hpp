#pragma once

#include <cstdint>

#include "model/numbers/rational.hpp"

namespace p2pllm::optimized {

/// An unsigned integer of 128 bits.
__extension__ using Wide = unsigned __int128;

[[nodiscard]] inline mpz_class to_integer(Wide value) {
  static_assert(sizeof(unsigned long) == sizeof(std::uint64_t));
  mpz_class result = static_cast<unsigned long>(value >> 64);
  result <<= 64;
  result += static_cast<unsigned long>(value);
  return result;
}

/// The integer as 128 bits; it must be >= 0 and below 2^128.
[[nodiscard]] inline Wide to_wide(const mpz_class& value) {
  const mpz_class high = value >> 64;
  return static_cast<Wide>(high.get_ui()) << 64 | static_cast<Wide>(value.get_ui());
}

}  // namespace p2pllm::optimized
