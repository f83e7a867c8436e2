#pragma once

#include <bit>
#include <cstdint>

#include "model/encoding/bytes.hpp"

// The floating-point formats of files of weights, each of which a double holds exactly.
namespace p2pllm {

/// An integer of `bytes` bytes, the lowest first. @pre at + bytes <= view.size()
[[nodiscard]] inline std::uint64_t little_endian(ByteView view, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value |= std::uint64_t{view[at + i]} << (8 * i);
  return value;
}

[[nodiscard]] inline double float32_of(std::uint32_t bits) { return double{std::bit_cast<float>(bits)}; }
/// The upper half of a float of 32 bits.
[[nodiscard]] inline double bfloat16_of(std::uint16_t bits) { return float32_of(std::uint32_t{bits} << 16); }
/// IEEE's binary16: a float of 32 bits holds each of its values.
[[nodiscard]] inline double float16_of(std::uint16_t bits) {
  const std::uint32_t sign = std::uint32_t{bits} >> 15 << 31;
  const std::uint32_t exponent = bits >> 10 & 0x1fU;
  const std::uint32_t fraction = bits & 0x3ffU;
  if (exponent == 0x1f) return float32_of(sign | 0x7f800000U | fraction << 13);
  if (exponent != 0) return float32_of(sign | (exponent + 112) << 23 | fraction << 13);
  if (fraction == 0) return float32_of(sign);
  const auto shift = static_cast<std::uint32_t>(std::countl_zero(fraction)) - 21;  // a subnormal: 2^-24 * fraction
  return float32_of(sign | (113 - shift) << 23 | (fraction << shift & 0x3ffU) << 13);
}

}  // namespace p2pllm
