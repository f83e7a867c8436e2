#pragma once

#include <string>
#include <vector>

#include "model/crypto/merkle.hpp"
#include "model/layers/exact_model.hpp"
#include "model/result.hpp"

namespace p2pllm {

inline constexpr std::int64_t tile_weights = 16384;     ///< the most weights of a tile
inline constexpr std::int64_t tile_columns_max = 1024;  ///< and its most columns
inline constexpr std::int64_t gain_tile_values = 8192;  ///< the most numbers of a tile of a norm's factors

/// A part of a matrix (MODEL-3): rows [first_row, first_row + rows), columns likewise, those of padding included.
struct Tile {
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
  std::int64_t first_column = 0;
  std::int64_t columns = 0;
  bool has_exponents = false;  ///< whether it holds its rows' last columns, and so their exponents

  [[nodiscard]] std::int64_t bytes() const {
    return rows * (columns + columns / block_columns * 2 + (has_exponents ? 1 : 0));
  }
  bool operator==(const Tile&) const = default;
};

/// The number of tiles of a matrix of these sizes (MODEL-3).
[[nodiscard]] std::int64_t tile_count(std::int64_t rows, std::int64_t columns);
/// A tile by its place in the order of all. @param index  below tile_count(rows, columns)
[[nodiscard]] Tile tile_at(std::int64_t rows, std::int64_t columns, std::int64_t index);
/// The tiles of a matrix of these sizes, in their order (MODEL-3). Their number and sizes depend on these two alone.
[[nodiscard]] std::vector<Tile> tiles_of(std::int64_t rows, std::int64_t columns);

/// The bytes of all tiles of a tensor.
[[nodiscard]] std::int64_t tensor_bytes(std::int64_t rows, std::int64_t columns);
[[nodiscard]] std::int64_t gain_bytes(std::int64_t values);

/// The bytes of a tile: its weights row by row; its multipliers likewise, in two bytes each, the lower one first; and
/// the exponents of its rows, if it has them.
[[nodiscard]] Bytes tile_bytes(const ExactMatrix& matrix, const Tile& tile);
/// Reads a tile's bytes into its place in a matrix of the right sizes.
/// @param bytes  of the tile, tile.bytes() of them
/// @returns nothing, or a fault without a file: its place is the offset in the tile
[[nodiscard]] std::optional<Fault> read_tile(ByteView bytes, const Tile& tile, ExactMatrix& matrix);

/// The bytes of a norm's factors: two each, the lower one first.
[[nodiscard]] Bytes bytes_of_gain(const ExactGain& gain);

/// The leaves of a tensor (MODEL-3), given the bytes of its tiles one after the other.
[[nodiscard]] std::vector<MerkleLeaf> matrix_leaves(std::int64_t rows, std::int64_t columns, ByteView bytes);
[[nodiscard]] std::vector<MerkleLeaf> gain_leaves(ByteView bytes);

}  // namespace p2pllm
