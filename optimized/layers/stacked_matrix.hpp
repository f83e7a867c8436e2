#pragma once

#include <initializer_list>
#include <vector>

#include "kernels/matrix/matrix.hpp"
#include "model/layers/exact_model.hpp"
#include "optimized/layers/aligned.hpp"

namespace p2pllm::optimized {

/// Matrices of equally many columns, one below the other, in the tiles that the kernels read.
class StackedMatrix {
 public:
  explicit StackedMatrix(std::initializer_list<const ExactMatrix*> parts);

  [[nodiscard]] kernels::PackedMatrix packed() const { return {tiles_.data(), exponents_.data(), rows_, blocks_}; }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  /// Columns in whole blocks: numbers of a vector.
  [[nodiscard]] std::size_t stride() const { return blocks_ * kernels::tile_columns; }

 private:
  std::size_t rows_ = 0;
  std::size_t blocks_ = 0;
  AlignedVector<kernels::WeightTile> tiles_;
  std::vector<std::uint8_t> exponents_;
};

}  // namespace p2pllm::optimized
