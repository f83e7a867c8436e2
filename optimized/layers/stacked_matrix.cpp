#include "optimized/layers/stacked_matrix.hpp"

namespace p2pllm::optimized {

StackedMatrix::StackedMatrix(std::initializer_list<const ExactMatrix*> parts)
    : blocks_(static_cast<std::size_t>((*parts.begin())->blocks())) {
  for (const ExactMatrix* part : parts) rows_ += static_cast<std::size_t>(part->rows);
  const std::size_t row_tiles = packed().row_tiles();
  tiles_.resize(row_tiles * blocks_);
  kernels::clear_tiles(tiles_.data(), tiles_.size());
  exponents_.assign(row_tiles * kernels::tile_rows, 16);
  std::size_t row = 0;
  for (const ExactMatrix* part : parts)
    for (std::size_t r = 0; r < static_cast<std::size_t>(part->rows); ++r, ++row) {
      kernels::pack_row(tiles_.data(), row, blocks_, &part->weights[r * stride()], &part->multipliers[r * blocks_]);
      exponents_[row] = part->exponents[r];
    }
}

}  // namespace p2pllm::optimized
