#pragma once

#include "kernels/matrix/layer_rules.hpp"
#include "model/layers/tables.hpp"

// What is computed of one head, beside the loops of kernels/matrix.
namespace p2pllm::optimized {

/// The cosine and the sine by which a pair is turned, in 2^-30 (LAYER-6).
struct Turn {
  std::int32_t cosine = 0;
  std::int32_t sine = 0;
};
/// The sine of angle / 2^32 turns (LAYER-6).
[[nodiscard]] inline std::int32_t sine_of(std::uint32_t angle) {
  const auto& table = layer_tables().sine;
  const std::size_t entry = angle >> 20U;
  return static_cast<std::int32_t>(
      kernels::sine_between<std::int64_t>(table[entry], table[entry + 1], angle & 0xfffffU));
}
/// @param frequency  of the pair, in 2^-64 of a turn a position
[[nodiscard]] inline Turn turn_at(std::uint64_t frequency, std::uint64_t position) {
  const auto angle = static_cast<std::uint32_t>(frequency * position >> 32U);
  return {sine_of(angle + (std::uint32_t{1} << 30U)), sine_of(angle)};
}

}  // namespace p2pllm::optimized
