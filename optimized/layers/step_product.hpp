#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "model/layers/tiles.hpp"

// The arithmetic of a tile (LAYER-4), whose bytes are those of MODEL-3.
namespace p2pllm::optimized {

/// Whether a sum of products before is one that some matrix has.
[[nodiscard]] bool is_product_sum(std::int64_t sum);

/// Whether weights, multipliers and exponents have the limits of MODEL-3. @param columns  of the matrix
[[nodiscard]] bool has_matrix_numbers(ByteView bytes, const Tile& tile, std::int64_t columns);

/// The numbers of a vector that a tile is multiplied by, and zeros where its columns are padded.
using TileVector = std::array<std::int16_t, tile_columns_max>;
[[nodiscard]] TileVector block_of(std::span<const std::int32_t> numbers, std::int64_t exponent);

/// Adds the products of a tile's rows to their sums.
void add_products(ByteView bytes, const Tile& tile, const TileVector& vector, std::span<std::int64_t> sums);
/// The products of complete sums. @pre the tile has the exponents of its rows
[[nodiscard]] std::vector<std::int32_t> finished_products(ByteView bytes, const Tile& tile,
                                                          std::int64_t vector_exponent,
                                                          std::span<const std::int64_t> sums);

/// The factors of a norm; nothing if one is outside its limits (MODEL-3).
[[nodiscard]] std::optional<std::vector<std::int16_t>> gain_numbers(ByteView bytes);

}  // namespace p2pllm::optimized
