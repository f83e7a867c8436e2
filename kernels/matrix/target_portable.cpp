#include "kernels/matrix/put_products.hpp"
#include "kernels/matrix/row_functions.hpp"
#include "kernels/matrix/targets.hpp"

namespace p2pllm::kernels {
namespace {

void prepare(const std::int16_t* vector, std::size_t blocks, std::int16_t* prepared) {
  std::copy_n(vector, blocks * tile_columns, prepared);
}

void add_tile(const WeightTile& tile, const std::int16_t* numbers, std::int64_t* sums) {
  std::array<std::int32_t, tile_rows> block{};
  for (const auto& four : tile.weights) {
    for (std::size_t r = 0; r < tile_rows; ++r)
      block[r] += four[r][0] * numbers[0] + four[r][1] * numbers[1] + four[r][2] * numbers[2] + four[r][3] * numbers[3];
    numbers += 4;
  }
  for (std::size_t r = 0; r < tile_rows; ++r)
    sums[r] += std::int64_t{block[r]} * static_cast<std::int64_t>(tile.multipliers_and_sums[r] & 0xffff);
}

void multiply(const PackedMatrix& matrix, std::size_t begin, std::size_t end, std::span<const MatrixVector> vectors) {
  for (std::size_t tile = begin; tile < end; ++tile)
    for (const MatrixVector& vector : vectors) {
      std::array<std::int64_t, tile_rows> sums{};
      for (std::size_t block = 0; block < matrix.blocks; ++block)
        add_tile(matrix.tiles[tile * matrix.blocks + block], vector.prepared + block * tile_columns, sums.data());
      put_products(matrix, tile, sums.data(), vector);
    }
}

void multiply_keys(const std::int16_t* query, std::size_t width, const std::int16_t* keys, std::size_t positions,
                   std::int64_t* sums) {
  for (std::size_t j = 0; j < positions; ++j) {
    sums[j] = 0;
    for (std::size_t d = 0; d < width; ++d) sums[j] += std::int64_t{query[d]} * keys[key_place(j, d, width)];
  }
}

void mix_values(const std::int32_t* weights, std::size_t positions, const std::int16_t* values, std::size_t width,
                std::int64_t* sums) {
  std::fill_n(sums, width, 0);
  for (std::size_t j = 0; j < positions; ++j)
    for (std::size_t d = 0; d < width; ++d) sums[d] += std::int64_t{weights[j]} * values[value_place(j, d, width)];
}

}  // namespace

const MatrixTarget portable_matrix_target = {"portable", prepare,  multiply, multiply_keys, mix_values, softmax,
                                             norm,       to_block, gate,     add,           rotate};

}  // namespace p2pllm::kernels
