#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

// The loops of exact layers: products of a matrix of int8 weights and vectors of int16 numbers, attention, and what
// runs over rows. All sums are of integers that fit, so that their order does not matter and every target has the same
// bits.
namespace p2pllm::kernels {

inline constexpr std::size_t tile_rows = 16, tile_columns = 64;

/// The weights of 16 rows and 64 columns, which share a multiplier a row. Four columns of a row lie together, then
/// those of the next row: an instruction that adds four products of bytes fills a lane for each row, and nothing is
/// summed across lanes.
struct alignas(64) WeightTile {
  std::array<std::array<std::array<std::int8_t, 4>, tile_rows>, tile_columns / 4> weights;
  /// Of a row: the multiplier, 1 .. 2^15, and in the upper half the sum of its weights here.
  std::array<std::uint32_t, tile_rows> multipliers_and_sums;
};
static_assert(sizeof(WeightTile) == 1088);

/// Rows that are packed into tiles; the last tile ends in rows of zeros.
struct PackedMatrix {
  const WeightTile* tiles = nullptr;        ///< [row / 16][block]
  const std::uint8_t* exponents = nullptr;  ///< of each row, those of zeros included
  std::size_t rows = 0;
  std::size_t blocks = 0;  ///< of 64 columns

  [[nodiscard]] std::size_t row_tiles() const { return (rows + tile_rows - 1) / tile_rows; }
};

/// Writes a row of weights into the tiles of a matrix.
/// @param tiles  of the matrix @param weights  64 numbers a block, -127 .. 127 @param multipliers  one a block
void pack_row(WeightTile* tiles, std::size_t row, std::size_t blocks, const std::int8_t* weights,
              const std::uint16_t* multipliers);
/// Fills tiles with rows of zeros, whose multiplier is 1.
void clear_tiles(WeightTile* tiles, std::size_t count);

/// A vector that a matrix is multiplied by, and the place of the product.
struct MatrixVector {
  const std::int16_t* prepared = nullptr;  ///< by `prepare`, 64 a block
  std::int64_t exponent = 0;               ///< 0 .. 16
  std::int32_t* product = nullptr;         ///< a number for each row
};

struct NormParameters {
  const std::int16_t* gain = nullptr;
  std::int64_t gain_exponent = 0;
  std::int64_t epsilon = 0;
  std::int64_t fraction_bits = 0;
};

/// Scores of one head of a query (LAYER-7).
struct ScoreParameters {
  std::int64_t scale = 0;                       ///< of the model
  std::int64_t shift = 0;                       ///< 2F + 4 less the exponent of the query
  const std::uint8_t* key_exponents = nullptr;  ///< of each position
  const std::uint8_t* value_exponents = nullptr;
  const std::int32_t* exp2 = nullptr;  ///< the table of LAYER-2
};
struct SoftmaxSums {
  std::int64_t weights = 0;         ///< before any is shifted
  std::int64_t value_exponent = 0;  ///< the greatest
};

/// Places of numbers in the cache of a head: keys in groups of 16 positions, values in pairs of positions. `width` is
/// of the head, even for keys and a multiple of 16 for values.
[[nodiscard]] constexpr std::size_t key_place(std::size_t position, std::size_t number, std::size_t width) {
  return position / 16 * 16 * width + number / 2 * 32 + position % 16 * 2 + number % 2;
}
[[nodiscard]] constexpr std::size_t value_place(std::size_t position, std::size_t number, std::size_t width) {
  return position / 2 * 2 * width + number * 2 + position % 2;
}
inline constexpr std::size_t key_group = 16;  ///< the positions of a cache of keys are a multiple of it

/// The functions as compiled for one instruction set.
///
/// Law: for every argument within the bounds of LAYER, all targets return the same numbers.
struct MatrixTarget {
  const char* name;
  /// Brings a vector into the form that `multiply` reads. @param vector  64 numbers a block, -32767 .. 32767
  void (*prepare)(const std::int16_t* vector, std::size_t blocks, std::int16_t* prepared);
  /// The product of the rows of some tiles and each vector (LAYER-4). @param end  of the row tiles, at most row_tiles()
  void (*multiply)(const PackedMatrix& matrix, std::size_t begin, std::size_t end,
                   std::span<const MatrixVector> vectors);
  /// The products of a query and the keys of `positions` positions. @param sums  a multiple of 16 numbers
  void (*multiply_keys)(const std::int16_t* query, std::size_t width, const std::int16_t* keys, std::size_t positions,
                        std::int64_t* sums);
  /// The sum of the values of `positions` positions by weight. @param weights  0 .. 2^30, their sum at most 2^47
  void (*mix_values)(const std::int32_t* weights, std::size_t positions, const std::int16_t* values, std::size_t width,
                     std::int64_t* sums);
  /// Weights of the positions from the products with their keys; each is shifted by what its value's exponent lacks.
  SoftmaxSums (*softmax)(std::int64_t* products, std::size_t positions, const ScoreParameters& parameters,
                         std::int32_t* weights);
  /// LAYER-8.
  void (*norm)(const std::int32_t* row, std::size_t count, const NormParameters& parameters, std::int32_t* out);
  /// A block with one exponent (LAYER-3), which is returned.
  std::int64_t (*to_block)(const std::int32_t* numbers, std::size_t count, std::int16_t* out);
  /// silu(gate) * up (LAYER-9). @param exp2  the table of LAYER-2
  void (*gate)(const std::int32_t* gate, const std::int32_t* up, std::size_t count, std::int64_t fraction_bits,
               const std::int32_t* exp2, std::int32_t* out);
  /// Adds to a row (LAYER-9).
  void (*add)(const std::int32_t* more, std::size_t count, std::int32_t* row);
  /// Turns neighbouring pairs of a head (LAYER-6). @param sines  one a pair; so are the cosines
  void (*rotate)(std::int32_t* head, std::size_t pairs, const std::int32_t* cosines, const std::int32_t* sines);
};

/// The targets that this processor runs, the fastest first; the last is the portable one.
[[nodiscard]] std::span<const MatrixTarget* const> matrix_targets();
/// The names of all targets that the library has for this architecture, whether the processor runs them or not.
[[nodiscard]] std::span<const char* const> matrix_target_names();

}  // namespace p2pllm::kernels
