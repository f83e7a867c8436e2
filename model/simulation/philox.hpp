#pragma once

#include <array>
#include <cstdint>

namespace p2pllm {

/// Four random words of 32 bits.
using PhiloxWords = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

/// Philox4x32-10: a bijection of counters for each key, whose values pass the statistical tests of random numbers
/// (SIM-4).
///
/// A value is a function of key and counter alone, so numbers can be drawn in any order and by any thread.
/// Source: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
[[nodiscard]] constexpr PhiloxWords philox(PhiloxWords counter, PhiloxKey key) {
  constexpr int rounds = 10;
  constexpr std::uint64_t multiplier_0 = 0xD2511F53;
  constexpr std::uint64_t multiplier_2 = 0xCD9E8D57;
  constexpr std::uint32_t weyl_0 = 0x9E3779B9;
  constexpr std::uint32_t weyl_1 = 0xBB67AE85;
  for (int round = 0; round < rounds; ++round) {
    const std::uint64_t product_0 = multiplier_0 * counter[0];
    const std::uint64_t product_2 = multiplier_2 * counter[2];
    counter = {
        static_cast<std::uint32_t>(product_2 >> 32U) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(product_2),
        static_cast<std::uint32_t>(product_0 >> 32U) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(product_0)};
    key = {key[0] + weyl_0, key[1] + weyl_1};
  }
  return counter;
}

}  // namespace p2pllm
