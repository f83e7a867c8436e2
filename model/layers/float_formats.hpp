#pragma once

#include <bit>
#include <cstdint>

#include "model/encoding/bytes.hpp"

// The floating-point formats of files of weights, each of which a double holds exactly. They are taken apart and put
// together as integers, so that no mode of the processor, such as one that takes subnormal numbers for 0, counts.
namespace p2pllm {

/// An integer of `bytes` bytes, the lowest first. @pre at + bytes <= view.size()
[[nodiscard]] inline std::uint64_t little_endian(ByteView view, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value |= std::uint64_t{view[at + i]} << (8 * i);
  return value;
}

/// The value of a binary format of IEEE 754, or of one built like it: a sign, an exponent and a fraction.
/// @param exponent_bits  at most 8 @param fraction_bits  at most 23
/// @returns exactly the value; a NaN keeps its fraction
[[nodiscard]] inline double binary_float(std::uint64_t bits, int exponent_bits, int fraction_bits) {
  constexpr int double_fraction_bits = 52, double_bias = 1023, double_exponent_max = 2047;
  const std::uint64_t sign = bits >> (exponent_bits + fraction_bits) & 1U;
  const std::uint64_t exponent_end = (std::uint64_t{1} << exponent_bits) - 1;
  const std::uint64_t raw = bits >> fraction_bits & exponent_end;
  std::uint64_t fraction = bits & ((std::uint64_t{1} << fraction_bits) - 1);
  const int bias = (1 << (exponent_bits - 1)) - 1;
  int exponent = static_cast<int>(raw) - bias + double_bias;
  if (raw == exponent_end) {
    exponent = double_exponent_max;
  } else if (raw == 0 && fraction == 0) {
    exponent = 0;
  } else if (raw == 0) {  // subnormal, but not as a double: its leading bit becomes the hidden one
    const int shift = std::countl_zero(fraction) - (63 - fraction_bits);
    fraction = fraction << shift & ((std::uint64_t{1} << fraction_bits) - 1);
    exponent += 1 - shift;
  }
  return std::bit_cast<double>(sign << 63 | static_cast<std::uint64_t>(exponent) << double_fraction_bits |
                               fraction << (double_fraction_bits - fraction_bits));
}

[[nodiscard]] inline double float32_of(std::uint32_t bits) { return binary_float(bits, 8, 23); }
/// The upper half of a float of 32 bits.
[[nodiscard]] inline double bfloat16_of(std::uint16_t bits) { return binary_float(bits, 8, 7); }
/// IEEE's binary16.
[[nodiscard]] inline double float16_of(std::uint16_t bits) { return binary_float(bits, 5, 10); }

}  // namespace p2pllm
