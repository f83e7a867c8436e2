#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "kernels/matrix/matrix.hpp"

// The loops of exact layers by one target against plain loops, on random and on extreme numbers.
namespace p2pllm::testing {

/// Numbers of a test: random ones of the whole range, or the ends of the range alone.
class LayerNumbers {
 public:
  explicit LayerNumbers(std::uint64_t seed, bool extreme) : random_(seed), extreme_(extreme) {}
  [[nodiscard]] std::int64_t within(std::int64_t least, std::int64_t greatest) {
    if (extreme_) return random_() % 2 == 0 ? least : greatest;
    return std::uniform_int_distribution<std::int64_t>(least, greatest)(random_);
  }
  /// Of any size: as often short as long.
  [[nodiscard]] std::int64_t of_any_size(int bits_max) {
    const auto below = static_cast<std::uint64_t>(bits_max);
    const int bits = extreme_ ? bits_max : static_cast<int>(random_() % below) + 1;
    const std::int64_t bound = (std::int64_t{1} << bits) - 1;
    return within(-bound, bound);
  }
  template <typename T>
  [[nodiscard]] std::vector<T> many(std::size_t count, std::int64_t least, std::int64_t greatest) {
    std::vector<T> all(count);
    for (T& one : all) one = static_cast<T>(within(least, greatest));
    return all;
  }

 private:
  std::mt19937_64 random_;
  bool extreme_;
};

inline std::int64_t plain_rsh(std::int64_t value, std::int64_t bits) {
  return bits == 0 ? value : (value + (std::int64_t{1} << (bits - 1))) >> bits;
}
inline std::int32_t plain_sat(std::int64_t value) {
  constexpr std::int64_t most = 2147483647;
  return static_cast<std::int32_t>(value > most ? most : value < -most ? -most : value);
}

/// A matrix in both forms.
struct TestMatrix {
  std::size_t rows, blocks;
  std::vector<std::int8_t> weights;
  std::vector<std::uint16_t> multipliers;
  std::vector<std::uint8_t> exponents;
  std::vector<kernels::WeightTile> tiles;

  TestMatrix(LayerNumbers& numbers, std::size_t row_count, std::size_t block_count, std::int64_t exponent_max)
      : rows(row_count), blocks(block_count) {
    weights = numbers.many<std::int8_t>(rows * blocks * 64, -127, 127);
    multipliers = numbers.many<std::uint16_t>(rows * blocks, 1, 1 << 15);
    exponents = numbers.many<std::uint8_t>((rows + 15) / 16 * 16, 16, exponent_max);
    tiles.resize((rows + 15) / 16 * blocks);
    kernels::clear_tiles(tiles.data(), tiles.size());
    for (std::size_t r = 0; r < rows; ++r)
      kernels::pack_row(tiles.data(), r, blocks, &weights[r * blocks * 64], &multipliers[r * blocks]);
  }
  [[nodiscard]] kernels::PackedMatrix packed() const { return {tiles.data(), exponents.data(), rows, blocks}; }
  [[nodiscard]] std::int32_t product(std::size_t row, const std::int16_t* vector, std::int64_t exponent) const {
    std::int64_t sum = 0;
    for (std::size_t c = 0; c < blocks * 64; ++c)
      sum += std::int64_t{weights[row * blocks * 64 + c]} * vector[c] * multipliers[row * blocks + c / 64];
    return plain_sat(plain_rsh(sum, exponents[row] - exponent));
  }
};

/// @returns whether the product of a matrix and some vectors, row tiles in two parts, is that of a plain loop
inline bool multiplies(const kernels::MatrixTarget& target, LayerNumbers& numbers, const TestMatrix& matrix,
                       std::size_t vectors) {
  const std::size_t columns = matrix.blocks * 64;
  const auto all = numbers.many<std::int16_t>(vectors * columns, -32767, 32767);
  std::vector<std::int16_t> prepared(all.size());
  std::vector<std::int32_t> products(vectors * (matrix.rows + 1), 12345);
  std::vector<kernels::MatrixVector> jobs;
  for (std::size_t v = 0; v < vectors; ++v) {
    target.prepare(&all[v * columns], matrix.blocks, &prepared[v * columns]);
    jobs.push_back({&prepared[v * columns], numbers.within(0, 16), &products[v * (matrix.rows + 1)]});
  }
  const kernels::PackedMatrix packed = matrix.packed();
  const std::size_t split = packed.row_tiles() / 3;
  target.multiply(packed, split, packed.row_tiles(), jobs);
  target.multiply(packed, 0, split, jobs);
  for (std::size_t v = 0; v < vectors; ++v) {
    if (jobs[v].product[matrix.rows] != 12345) return false;
    for (std::size_t r = 0; r < matrix.rows; ++r)
      if (jobs[v].product[r] != matrix.product(r, &all[v * columns], jobs[v].exponent)) return false;
  }
  return true;
}

inline bool multiplies_keys(const kernels::MatrixTarget& target, LayerNumbers& numbers, std::size_t width,
                            std::size_t positions) {
  const auto query = numbers.many<std::int16_t>(width, -32767, 32767);
  const auto keys = numbers.many<std::int16_t>((positions + 15) / 16 * 16 * width, -32767, 32767);
  std::vector<std::int64_t> sums((positions + 15) / 16 * 16);
  target.multiply_keys(query.data(), width, keys.data(), positions, sums.data());
  for (std::size_t j = 0; j < positions; ++j) {
    std::int64_t sum = 0;
    for (std::size_t d = 0; d < width; ++d) sum += std::int64_t{query[d]} * keys[kernels::key_place(j, d, width)];
    if (sums[j] != sum) return false;
  }
  return true;
}

inline bool mixes_values(const kernels::MatrixTarget& target, LayerNumbers& numbers, std::size_t width,
                         std::size_t positions) {
  const auto weights = numbers.many<std::int32_t>(positions, 0, 1 << 30);
  const auto values = numbers.many<std::int16_t>((positions + 1) / 2 * 2 * width, -32767, 32767);
  std::vector<std::int64_t> sums(width);
  target.mix_values(weights.data(), positions, values.data(), width, sums.data());
  for (std::size_t d = 0; d < width; ++d) {
    std::int64_t sum = 0;
    for (std::size_t j = 0; j < positions; ++j)
      sum += std::int64_t{weights[j]} * values[kernels::value_place(j, d, width)];
    if (sums[d] != sum) return false;
  }
  return true;
}

/// The results of what the compiler makes vectors of, in one row of numbers.
inline std::vector<std::int64_t> results_of_rows(const kernels::MatrixTarget& target, LayerNumbers numbers,
                                                 const std::int32_t* exp2, std::size_t count) {
  std::vector<std::int32_t> row(count), more(count), cosines(count / 2), sines(count / 2), out(count);
  const int bits = static_cast<int>(numbers.within(1, 31));
  for (std::int32_t& x : row) x = static_cast<std::int32_t>(numbers.of_any_size(bits));
  for (std::int32_t& x : more) x = static_cast<std::int32_t>(numbers.of_any_size(31));
  for (std::int32_t& x : cosines) x = static_cast<std::int32_t>(numbers.within(-(1 << 30), 1 << 30));
  for (std::int32_t& x : sines) x = static_cast<std::int32_t>(numbers.within(-(1 << 30), 1 << 30));
  const auto gain = numbers.many<std::int16_t>(count, -32767, 32767);
  std::vector<std::int64_t> results;
  const auto note = [&results](const auto& list) { results.insert(results.end(), list.begin(), list.end()); };
  const std::int64_t fraction_bits = numbers.within(12, 18);
  target.norm(row.data(), count, {gain.data(), numbers.within(0, 30), numbers.within(0, 1000), fraction_bits},
              out.data());
  note(out);
  std::vector<std::int16_t> block(count);
  results.push_back(target.to_block(row.data(), count, block.data()));
  note(block);
  target.gate(row.data(), more.data(), count, fraction_bits, exp2, out.data());
  note(out);
  out = row;
  target.add(more.data(), count, out.data());
  note(out);
  target.rotate(out.data(), count / 2, cosines.data(), sines.data());
  note(out);
  std::vector<std::int64_t> products(count);
  for (std::int64_t& product : products) product = numbers.of_any_size(34);
  const auto key_exponents = numbers.many<std::uint8_t>(count, 0, 16),
             value_exponents = numbers.many<std::uint8_t>(count, 0, 16);
  const auto sums = target.softmax(products.data(), count,
                                   {numbers.within(1, 1 << 20), 2 * fraction_bits + 4 - numbers.within(0, 16),
                                    key_exponents.data(), value_exponents.data(), exp2},
                                   out.data());
  note(out);
  results.push_back(sums.weights);
  results.push_back(sums.value_exponent);
  return results;
}

/// @param power  of every argument, such that 2^60 / (2^30 + power) is so near below an integer that doubles round it
/// up
inline bool divides_sigmoids(const kernels::MatrixTarget& target, std::int64_t power) {
  constexpr std::int64_t one = 1 << 30, bits = 18;
  const std::vector<std::int32_t> table(257, static_cast<std::int32_t>(power));
  std::vector<std::int32_t> gate(181000), up(gate.size(), 1 << bits), out(gate.size());
  for (std::size_t i = 0; i < gate.size(); ++i) gate[i] = static_cast<std::int32_t>(i);
  target.gate(gate.data(), up.data(), gate.size(), bits, table.data(), out.data());
  const std::int64_t sigmoid = one * one / (one + power);
  for (std::size_t i = 0; i < gate.size(); ++i)
    if (out[i] != plain_rsh(gate[i] * sigmoid, 30)) return false;
  return true;
}

/// @param exp2  the table of LAYER-2 @returns what a target computes wrongly, a line each
[[nodiscard]] inline std::vector<std::string> matrix_faults(const kernels::MatrixTarget& target,
                                                            const std::int32_t* exp2) {
  std::vector<std::string> faults;
  const auto expect = [&faults](bool holds, const std::string& what) {
    if (!holds) faults.push_back(what);
  };
  for (const std::int64_t power : {65538, 43925587, 750984217})
    expect(divides_sigmoids(target, power), "sigmoids of power " + std::to_string(power));
  for (const bool extreme : {false, true}) {
    LayerNumbers numbers(extreme ? 1 : 2, extreme);
    const std::string kind = extreme ? "extreme " : "random ";
    for (const std::size_t rows : {1U, 16U, 17U, 64U, 100U, 130U})
      for (const std::size_t blocks : {1U, 2U, 9U}) {
        const TestMatrix matrix(numbers, rows, blocks, extreme ? 45 : 30);
        for (const std::size_t vectors : {1U, 2U, 3U, 5U, 8U})
          expect(multiplies(target, numbers, matrix, vectors), kind + "matrix of " + std::to_string(rows) + " rows");
      }
    for (const std::size_t width : {2U, 16U, 32U, 64U, 96U, 256U})
      for (const std::size_t positions : {1U, 2U, 15U, 64U, 65U, 200U}) {
        expect(multiplies_keys(target, numbers, width, positions), kind + "keys of width " + std::to_string(width));
        if (width % 16 == 0)
          expect(mixes_values(target, numbers, width, positions), kind + "values of width " + std::to_string(width));
      }
    for (std::size_t count = 2; count < 300; count += count < 40 ? 2 : 26)
      for (std::uint64_t seed = 0; seed < 8; ++seed) {
        const LayerNumbers row(seed * 1000 + count, extreme);
        expect(results_of_rows(target, row, exp2, count) ==
                   results_of_rows(*kernels::matrix_targets().back(), row, exp2, count),
               kind + "row of " + std::to_string(count));
      }
  }
  return faults;
}

/// All weights, numbers and multipliers at their bounds, in the greatest number of columns: the sums are the greatest.
[[nodiscard]] inline bool multiplies_the_greatest(const kernels::MatrixTarget& target, int weight, int number) {
  LayerNumbers numbers(3, false);
  TestMatrix matrix(numbers, 3, (1 << 15) / 64, 45);
  std::fill(matrix.weights.begin(), matrix.weights.end(), static_cast<std::int8_t>(weight));
  std::fill(matrix.multipliers.begin(), matrix.multipliers.end(), std::uint16_t{1} << 15);
  for (std::size_t r = 0; r < matrix.rows; ++r)
    kernels::pack_row(matrix.tiles.data(), r, matrix.blocks, matrix.weights.data(), matrix.multipliers.data());
  const std::vector<std::int16_t> vector(1 << 15, static_cast<std::int16_t>(number));
  std::vector<std::int16_t> prepared(1 << 15);
  std::vector<std::int32_t> products(3);
  target.prepare(vector.data(), matrix.blocks, prepared.data());
  const kernels::MatrixVector job = {prepared.data(), 7, products.data()};
  target.multiply(matrix.packed(), 0, 1, std::span(&job, 1));
  for (std::size_t r = 0; r < 3; ++r)
    if (products[r] != matrix.product(r, vector.data(), 7)) return false;
  return true;
}

}  // namespace p2pllm::testing
