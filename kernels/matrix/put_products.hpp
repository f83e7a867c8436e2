#pragma once

#include <algorithm>
#include <array>

#include "kernels/matrix/layer_rules.hpp"
#include "kernels/matrix/matrix.hpp"

// Included by the source file of a target: everything has internal linkage.
namespace p2pllm::kernels {
namespace {

/// Writes the products of the rows of a tile that the matrix has. @param sums  of the tile's rows
void put_products(const PackedMatrix& matrix, std::size_t tile, const std::int64_t* sums, const MatrixVector& vector) {
  std::array<std::int32_t, tile_rows> numbers;
  const std::uint8_t* exponents = matrix.exponents + tile * tile_rows;
  for (std::size_t r = 0; r < tile_rows; ++r)
    numbers[r] = static_cast<std::int32_t>(product_number(sums[r], std::int64_t{exponents[r]}, vector.exponent));
  const std::size_t left = matrix.rows - tile * tile_rows;
  std::int32_t* out = vector.product + tile * tile_rows;
  if (left >= tile_rows) std::copy_n(numbers.begin(), tile_rows, out);
  else std::copy_n(numbers.begin(), left, out);
}

}  // namespace
}  // namespace p2pllm::kernels
