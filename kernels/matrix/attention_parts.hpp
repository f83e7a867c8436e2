#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

// How attention's factors are taken apart so that instructions for pairs of int16 numbers add up in 32 bits. Included
// by the source file of a target: everything has internal linkage.
namespace p2pllm::kernels {
namespace {

/// The lower byte of each number of a query, signed, and the rest. A sum of products of either part and int16 numbers
/// stays below 256 * 128 * 32767 < 2^30.
struct QueryParts {
  alignas(64) std::array<std::int16_t, 256> low, high;

  QueryParts(const std::int16_t* query, std::size_t width) {
    for (std::size_t d = 0; d < width; ++d) {
      low[d] = static_cast<std::int8_t>(query[d]);
      high[d] = static_cast<std::int16_t>((query[d] - low[d]) >> 8);
    }
  }
};

/// Weights of at most 2^30 in three parts of 10 bits, of which the upmost may be 2^10: 64 products of a part and an
/// int16 number are at most 64 * 2^10 * 32767 < 2^31.
struct WeightParts {
  static constexpr std::size_t many = 64;
  alignas(64) std::array<std::int16_t, many> low, middle, high;

  WeightParts(const std::int32_t* weights, std::size_t count) {
    std::array<std::int32_t, many> all{};
    std::copy_n(weights, count, all.begin());
    for (std::size_t j = 0; j < many; ++j) {
      low[j] = static_cast<std::int16_t>(all[j] & 1023);
      middle[j] = static_cast<std::int16_t>(all[j] >> 10 & 1023);
      high[j] = static_cast<std::int16_t>(all[j] >> 20);
    }
  }
};

}  // namespace
}  // namespace p2pllm::kernels
