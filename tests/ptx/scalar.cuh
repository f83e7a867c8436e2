#pragma once

#include <cstdint>

#include "kernels/hash/merkle.cuh"
#include "kernels/layers/product_rules.hpp"
#include "kernels/market/filtered_min_plus.cuh"
#include "kernels/matrix/layer_rules.hpp"
#include "kernels/portable/interval_lane.hpp"
#include "kernels/portable/omega_lane.hpp"

// The scalar arithmetic of the kernels, each function from two words of 64 bits to one. nvcc and the C++ compiler
// compile this text; a test interprets what nvcc made of it and compares it with what the C++ compiler made, bit for
// bit.
namespace p2pllm::kernels {

using Word = std::uint64_t;

/// What SHA-256 makes of a block of two words, again and again.
P2PLLM_AGENT Word compressed(Word a, Word b) {
  Sha256State state{{1, 2, 3, 4, 5, 6, 7, 8}};
  std::uint32_t message[block_words];
  P2PLLM_UNROLLED for (int k = 0; k < block_words; ++k) message[k] =
      static_cast<std::uint32_t>((k % 2 == 0 ? a : b) >> (k * 2));
  compress(state, message);
  Word folded = 0;
  P2PLLM_UNROLLED for (int k = 0; k < digest_words; ++k) folded = folded * 3 + state.words[k];
  return folded;
}

#define P2PLLM_SCALARS(X)                                                                                              \
  X(exp, bits_of(exp_lane(double_of(a))))                                                                              \
  X(log, bits_of(log_lane(double_of(a))))                                                                              \
  X(omega, bits_of(omega_lane(double_of(a))))                                                                          \
  X(add_down, bits_of(kernels::add_down(double_of(a), double_of(b))))                                                  \
  X(add_up, bits_of(kernels::add_up(double_of(a), double_of(b))))                                                      \
  X(multiply_down, bits_of(kernels::multiply_down(double_of(a), double_of(b))))                                        \
  X(multiply_up, bits_of(kernels::multiply_up(double_of(a), double_of(b))))                                            \
  X(divide_down, bits_of(kernels::divide_down(double_of(a), double_of(b))))                                            \
  X(divide_up, bits_of(kernels::divide_up(double_of(a), double_of(b))))                                                \
  X(weight, bits_of(double_of(a) * 0.37 + static_cast<double>(b) * 0.63))                                              \
  X(block_exponent, static_cast<Word>(kernels::block_exponent(static_cast<std::int64_t>(a >> 33))))                    \
  X(block_number, static_cast<Word>(kernels::block_number<std::int64_t>(static_cast<std::int32_t>(a), b % 17)))        \
  X(upper_part, static_cast<Word>(kernels::upper_part<std::int64_t>(static_cast<std::int16_t>(a))))                    \
  X(lower_part, static_cast<Word>(kernels::lower_part<std::int64_t>(static_cast<std::int16_t>(a))))                    \
  X(product_number,                                                                                                    \
    static_cast<Word>(kernels::product_number<std::int64_t>(static_cast<std::int64_t>(a) >> 11, 16 + b % 30, b % 17))) \
  X(exp2_between, static_cast<Word>(kernels::exp2_between<std::int64_t>(                                               \
                      (1 << 29) + static_cast<std::int64_t>(a % (1 << 29)), 1 << 29, b % 256, b >> 58)))               \
  X(turned_first, static_cast<Word>(kernels::turned_first<std::int64_t>(                                               \
                      static_cast<std::int32_t>(a) | 1, static_cast<std::int32_t>(a >> 32) | 1,                        \
                      static_cast<std::int32_t>(b) >> 1, static_cast<std::int32_t>(b >> 32) >> 1)))                    \
  X(mean_of_values,                                                                                                    \
    static_cast<Word>(kernels::mean_of_values(static_cast<std::int64_t>(a) >> 17,                                      \
                                              (1LL << 30) + static_cast<std::int64_t>(b >> 18), b % 17)))              \
  X(dot4, static_cast<Word>(simt::dot4(static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b), 12345)))          \
  X(add_min, simt::add_min(static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(a >> 32),                         \
                           static_cast<std::uint32_t>(b)))                                                             \
  X(bits_of_word, static_cast<Word>(simt::bit_count(static_cast<std::uint32_t>(a))) << 32 |                            \
                      static_cast<Word>(simt::lowest_bit(static_cast<std::uint32_t>(b) | 1U << 31)))                   \
  X(quantized, kernels::quantized(double_of(a), 0x1p40))                                                               \
  X(swapped_bytes, simt::swapped_bytes(static_cast<std::uint32_t>(a)))                                                 \
  X(compressed, compressed(a, b))                                                                                      \
  X(floor_root, static_cast<Word>(kernels::floor_root((1LL << 60) + static_cast<std::int64_t>(a >> 3))))

}  // namespace p2pllm::kernels
