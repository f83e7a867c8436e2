#include "model/layers/tiles.hpp"

#include <algorithm>

#include "model/assert.hpp"

namespace p2pllm {
namespace {

constexpr std::string_view weight_leaf = "weight";

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

Fault bad_byte(std::size_t offset, std::int64_t value, const char* rule) {
  return bad_input("byte " + std::to_string(offset), std::to_string(value), rule).value();
}

/// The most rows of a tile, and the tiles from left to right.
std::int64_t tile_rows(std::int64_t columns) {
  return tile_weights / std::min(padded_columns(columns), tile_columns_max);
}
std::int64_t tiles_across(std::int64_t columns) {
  return (padded_columns(columns) + tile_columns_max - 1) / tile_columns_max;
}

}  // namespace

std::int64_t tile_count(std::int64_t rows, std::int64_t columns) {
  const std::int64_t most_rows = tile_rows(columns);
  return (rows + most_rows - 1) / most_rows * tiles_across(columns);
}

Tile tile_at(std::int64_t rows, std::int64_t columns, std::int64_t index) {
  const std::int64_t stride = padded_columns(columns);
  const std::int64_t row = index / tiles_across(columns) * tile_rows(columns);
  const std::int64_t column = index % tiles_across(columns) * tile_columns_max;
  return {.first_row = row,
          .rows = std::min(tile_rows(columns), rows - row),
          .first_column = column,
          .columns = std::min(tile_columns_max, stride - column),
          .has_exponents = stride - column <= tile_columns_max};
}

std::vector<Tile> tiles_of(std::int64_t rows, std::int64_t columns) {
  std::vector<Tile> tiles;
  for (std::int64_t k = 0; k < tile_count(rows, columns); ++k) tiles.push_back(tile_at(rows, columns, k));
  return tiles;
}

std::int64_t tensor_bytes(std::int64_t rows, std::int64_t columns) {
  const std::int64_t stride = padded_columns(columns);
  return rows * (stride + stride / block_columns * 2 + 1);
}

std::int64_t gain_bytes(std::int64_t values) { return 2 * values; }

Bytes tile_bytes(const ExactMatrix& matrix, const Tile& tile) {
  Bytes bytes;
  bytes.reserve(index(tile.bytes()));
  const std::int64_t blocks = tile.columns / block_columns;
  for (std::int64_t r = tile.first_row; r < tile.first_row + tile.rows; ++r) {
    const auto* weights = matrix.weights.data() + r * matrix.stride() + tile.first_column;
    std::transform(weights, weights + tile.columns, std::back_inserter(bytes),
                   [](std::int8_t weight) { return static_cast<std::uint8_t>(weight); });
  }
  for (std::int64_t r = tile.first_row; r < tile.first_row + tile.rows; ++r)
    for (std::int64_t b = 0; b < blocks; ++b) {
      const std::uint16_t m = matrix.multipliers[index(r * matrix.blocks() + tile.first_column / block_columns + b)];
      bytes.push_back(static_cast<std::uint8_t>(m & 0xff));
      bytes.push_back(static_cast<std::uint8_t>(m >> 8));
    }
  if (tile.has_exponents)
    bytes.insert(bytes.end(), matrix.exponents.begin() + tile.first_row,
                 matrix.exponents.begin() + tile.first_row + tile.rows);
  return bytes;
}

std::optional<Fault> read_tile(ByteView bytes, const Tile& tile, ExactMatrix& matrix) {
  P2PLLM_ASSERT(bytes.size() == index(tile.bytes()));
  const std::int64_t blocks = tile.columns / block_columns;
  std::size_t at = 0;
  for (std::int64_t r = tile.first_row; r < tile.first_row + tile.rows; ++r)
    for (std::int64_t c = tile.first_column; c < tile.first_column + tile.columns; ++c, ++at) {
      const auto weight = static_cast<std::int8_t>(bytes[at]);
      if (weight == -128) return bad_byte(at, weight, "a weight must be in -127 .. 127 (MODEL-3)");
      if (weight != 0 && c >= matrix.columns)
        return bad_byte(at, weight, "a weight beyond the columns must be 0 (MODEL-3)");
      matrix.weights[index(r * matrix.stride() + c)] = weight;
    }
  for (std::int64_t r = tile.first_row; r < tile.first_row + tile.rows; ++r)
    for (std::int64_t b = 0; b < blocks; ++b, at += 2) {
      const int multiplier = bytes[at] | bytes[at + 1] << 8;
      if (multiplier == 0 || multiplier > multiplier_max)
        return bad_byte(at, multiplier, "a multiplier must be in 1 .. 32768 (MODEL-3)");
      matrix.multipliers[index(r * matrix.blocks() + tile.first_column / block_columns + b)] =
          static_cast<std::uint16_t>(multiplier);
    }
  for (std::int64_t r = tile.first_row; tile.has_exponents && r < tile.first_row + tile.rows; ++r, ++at) {
    if (bytes[at] < exponent_min || bytes[at] > exponent_max)
      return bad_byte(at, bytes[at], "an exponent must be in 16 .. 45 (MODEL-3)");
    matrix.exponents[index(r)] = bytes[at];
  }
  return std::nullopt;
}

Bytes bytes_of_gain(const ExactGain& gain) {
  Bytes bytes;
  for (const std::int16_t value : gain.values) {
    const auto bits = static_cast<std::uint16_t>(value);
    bytes.push_back(static_cast<std::uint8_t>(bits & 0xff));
    bytes.push_back(static_cast<std::uint8_t>(bits >> 8));
  }
  return bytes;
}

std::vector<MerkleLeaf> matrix_leaves(std::int64_t rows, std::int64_t columns, ByteView bytes) {
  std::vector<MerkleLeaf> leaves;
  std::size_t at = 0;
  for (const Tile& tile : tiles_of(rows, columns)) {
    leaves.push_back(merkle_leaf(weight_leaf, bytes.subspan(at, index(tile.bytes()))));
    at += index(tile.bytes());
  }
  return leaves;
}

std::vector<MerkleLeaf> gain_leaves(ByteView bytes) {
  std::vector<MerkleLeaf> leaves;
  for (std::size_t at = 0; at < bytes.size(); at += index(gain_bytes(gain_tile_values)))
    leaves.push_back(
        merkle_leaf(weight_leaf, bytes.subspan(at, std::min(index(gain_bytes(gain_tile_values)), bytes.size() - at))));
  return leaves;
}

}  // namespace p2pllm
