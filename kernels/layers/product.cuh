#pragma once

#include "kernels/layers/product_rules.hpp"
#include "kernels/matrix/layer_rules.hpp"
#include "kernels/simt/index_rules.hpp"
#include "kernels/simt/instructions.hpp"
#include "kernels/simt/memory.hpp"

// The product of a matrix of exact layers and a vector (LAYER-4), from the tiles that the CPU's kernels read. All sums
// are of integers that fit, so that no order changes them: the numbers are those of every target of kernels/matrix, on
// every device.
namespace p2pllm::kernels {

inline constexpr int product_threads = 256;  ///< eight warps share the tiles of sixteen rows

struct ProductArguments {
  simt::DeviceSpan<const std::uint32_t> tiles;            ///< the words of WeightTile, [row / 16][block]
  simt::DeviceSpan<const std::uint8_t> exponents;         ///< of each row, those of zeros included
  simt::DeviceSpan<const std::uint32_t> upper, lower;     ///< the parts of each vector, four in a word
  std::int64_t blocks = 0;                                ///< of 64 columns
  simt::DeviceSpan<const std::uint8_t> vector_exponents;  ///< of each vector, 0 .. 16
  std::int64_t rows = 0;
  simt::DeviceSpan<std::int32_t> product;  ///< [vector][row]
};
struct ProductStorage {
  simt::SharedArray<std::int64_t, product_threads> sums;
};

/// The part of a lane in the sum of its row over one tile: half of the columns.
/// @param first_word  of the vector's parts for the tile
[[nodiscard]] P2PLLM_AGENT std::int64_t product_of_tile(const ProductArguments& arguments, std::int64_t tile,
                                                        std::int64_t first_word, std::int64_t row, std::int64_t half) {
  std::int32_t upper = 0, lower = 0;
  for (std::int64_t group = half; group < tile_column_groups; group += 2) {
    const std::uint32_t weights = arguments.tiles.load(weight_word(tile, group, row));
    upper = simt::dot4(weights, arguments.upper.load(first_word + group), upper);
    lower = simt::dot4(weights, arguments.lower.load(first_word + group), lower);
  }
  const std::uint32_t word = arguments.tiles.load(multiplier_word(tile, row));
  const std::int64_t weight_sum = half == 0 ? static_cast<std::int16_t>(word >> 16) : 0;
  return sum_of_parts<std::int64_t>(upper, lower, weight_sum) * static_cast<std::int64_t>(word & 0xffff);
}

/// A block has sixteen rows and a vector; its warps take the tiles of these in turn. A lane has a row, and half of the
/// columns. Blocks with the same rows follow one another, so that they find the weights in the cache.
P2PLLM_AGENT void product(const simt::Thread& thread, ProductStorage& storage, const ProductArguments& arguments) {
  const int self = thread.index();
  const std::int64_t row = self % tile_row_count, half = thread.lane() / tile_row_count;
  const std::int64_t vectors = arguments.vector_exponents.size();
  const std::int64_t tile_row = thread.block() / vectors, vector = thread.block() % vectors;
  std::int64_t sum = 0;
  for (std::int64_t block = thread.warp(); block < arguments.blocks; block += product_threads / simt::warp_size)
    sum += product_of_tile(arguments, simt::cell(tile_row, arguments.blocks, block),
                           vector_word<std::int64_t>(simt::cell(vector, arguments.blocks, block), 0), row, half);
  storage.sums.store(self, sum);
  for (int width = product_threads / 2; width >= tile_row_count; width /= 2) {
    thread.barrier();
    if (self < width) storage.sums.store(self, sum += storage.sums.load(self + width));
  }
  const std::int64_t at = simt::cell(tile_row, tile_row_count, row);
  if (self < tile_row_count && at < arguments.rows) {
    const std::int64_t number =
        product_number(sum, arguments.exponents.load(at), arguments.vector_exponents.load(vector));
    arguments.product.store(simt::cell(vector, arguments.rows, at), static_cast<std::int32_t>(number));
  }
}

}  // namespace p2pllm::kernels
