#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace p2pllm::optimized {

/// The vector instructions of a scan. Every choice gives the same bits.
enum class VectorUnit { portable, avx2, avx512 };

/// Whether this machine has the instructions.
[[nodiscard]] bool is_supported(VectorUnit unit);
/// The widest that this machine has.
[[nodiscard]] VectorUnit widest_vector_unit();

/// Approximate coefficients of price and time, each in [0, 1].
template <typename F>
struct ScanWeights {
  F price = 0;
  F time = 0;
};

inline constexpr std::size_t scan_tile = 8;  ///< alphas whose running minima fit the registers

/// For each block of nodes and each pair of coefficients the least of price * w.price + time * w.time.
///
/// @param price, time  integers of the nodes, one after the other
/// @param begin        of the first block
/// @param ends         the end of each block, ascending; a block begins where the last one ends; none is empty
/// @param weights      one pair, or scan_tile of them
/// @param least        the results, of shape ends.size() x weights.size(), row by row
/// Each operation is rounded to nearest, in the order of the formula, whatever the unit: equal bits on every machine.
/// One pass over the nodes.
/// @{
void scan_blocks(std::span<const std::uint32_t> price, std::span<const std::uint32_t> time, std::uint32_t begin,
                 std::span<const std::uint32_t> ends, std::span<const ScanWeights<float>> weights,
                 std::span<float> least, VectorUnit unit);
void scan_blocks(std::span<const std::uint64_t> price, std::span<const std::uint64_t> time, std::uint32_t begin,
                 std::span<const std::uint32_t> ends, std::span<const ScanWeights<double>> weights,
                 std::span<double> least, VectorUnit unit);
/// @}

}  // namespace p2pllm::optimized
