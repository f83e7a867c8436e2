#include <random>

#include "kernels/device/device_matrix.hpp"
#include "kernels/simt/simulated_device.hpp"
#include "properties/generators/network.hpp"
#include "properties/property.hpp"

// Products of matrices and vectors by a device, run on the simulated machine, against the CPU's portable target: by the
// bytes of words where there are few vectors, and by the tensor cores where there are many.
namespace p2pllm::properties {
namespace {

using kernels::DeviceArray;
using Random = std::mt19937_64;

Random draw_random() { return Random(static_cast<std::uint64_t>(draw_integer(0, 1 << 30))); }
std::unique_ptr<kernels::Device> draw_device() {
  return kernels::simt::simulated_device(static_cast<std::uint64_t>(draw_integer(0, 1 << 30)));
}

/// Numbers of a range, or its ends alone.
struct Range {
  Random& random;
  bool is_extreme;

  [[nodiscard]] std::int64_t within(std::int64_t least, std::int64_t most) const {
    if (is_extreme) return random() % 2 == 0 ? most : least;
    return least + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most - least + 1));
  }
};

struct Matrix {
  std::vector<kernels::WeightTile> tiles;
  std::vector<std::uint8_t> exponents;
  std::int64_t rows, blocks;

  [[nodiscard]] kernels::PackedMatrix packed() const {
    return {tiles.data(), exponents.data(), static_cast<std::size_t>(rows), static_cast<std::size_t>(blocks)};
  }
};
Matrix draw_matrix(const Range& range, std::int64_t rows, std::int64_t blocks, std::int64_t least_weight) {
  Matrix result{{}, {}, rows, blocks};
  const std::int64_t tiles_of_rows = (rows + 15) / 16;
  result.tiles.resize(static_cast<std::size_t>(tiles_of_rows * blocks));
  kernels::clear_tiles(result.tiles.data(), result.tiles.size());
  result.exponents.resize(static_cast<std::size_t>(tiles_of_rows * 16), 16);
  for (std::int64_t row = 0; row < rows; ++row) {
    std::vector<std::int8_t> weights(static_cast<std::size_t>(blocks * 64));
    std::vector<std::uint16_t> multipliers(static_cast<std::size_t>(blocks));
    for (auto& weight : weights) weight = static_cast<std::int8_t>(range.within(least_weight, 127));
    for (auto& multiplier : multipliers)
      multiplier = static_cast<std::uint16_t>(range.is_extreme ? 1 << 15 : range.within(1, 1 << 15));
    kernels::pack_row(result.tiles.data(), static_cast<std::size_t>(row), static_cast<std::size_t>(blocks),
                      weights.data(), multipliers.data());
    result.exponents[static_cast<std::size_t>(row)] = static_cast<std::uint8_t>(16 + range.random() % 30);
  }
  return result;
}

const kernels::MatrixTarget& portable() { return *kernels::matrix_targets().back(); }

/// The CPU's products. @param vectors  64 numbers a block, one vector after the other
std::vector<std::int32_t> by_cpu(const Matrix& matrix, const std::vector<std::int16_t>& vectors,
                                 const std::vector<std::uint8_t>& exponents) {
  const kernels::PackedMatrix packed = matrix.packed();
  const std::size_t width = packed.blocks * 64;
  std::vector<std::int16_t> prepared(vectors.size());
  std::vector<std::int32_t> result(exponents.size() * packed.rows);
  std::vector<kernels::MatrixVector> all;
  for (std::size_t k = 0; k < exponents.size(); ++k) {
    portable().prepare(vectors.data() + k * width, packed.blocks, prepared.data() + k * width);
    all.push_back({prepared.data() + k * width, exponents[k], result.data() + k * packed.rows});
  }
  portable().multiply(packed, 0, packed.row_tiles(), all);
  return result;
}

std::int64_t draw_vectors() {
  return draw_integer(0, 1) == 0 ? draw_integer(1, 3) : draw_one_of<std::int64_t>({15, 16, 17, 23, 64, 65});
}

PROPERTY("kernel: a device's product of a matrix and vectors is the CPU's", "[LAYER-4]", 80) {
  auto random = draw_random();
  const Range range{random, draw_integer(0, 2) == 0};
  const std::int64_t blocks = draw_one_of<std::int64_t>({1, 2, 7, 8, 9, 20});
  const Matrix matrix = draw_matrix(range, draw_one_of<std::int64_t>({1, 15, 16, 17, 40}), blocks, -127);
  const std::int64_t positions = blocks < 8 ? draw_vectors() : draw_one_of<std::int64_t>({1, 2, 17});
  const std::int64_t width = blocks * 64 - draw_integer(0, 63);
  std::vector<std::int32_t> rows(static_cast<std::size_t>(positions * width));
  const std::int64_t bound = (std::int64_t{1} << draw_integer(1, 31)) - 1;
  for (auto& each : rows) each = static_cast<std::int32_t>(range.within(-bound, bound));

  std::vector<std::int16_t> numbers(static_cast<std::size_t>(positions * blocks * 64));
  std::vector<std::uint8_t> exponents;
  for (std::int64_t k = 0; k < positions; ++k)
    exponents.push_back(static_cast<std::uint8_t>(portable().to_block(
        rows.data() + k * width, static_cast<std::size_t>(width), numbers.data() + k * blocks * 64)));
  const auto expected = by_cpu(matrix, numbers, exponents);

  const auto device = draw_device();
  const auto on_device = kernels::DeviceMatrix::of(*device, matrix.packed()).value();
  const auto given = DeviceArray<std::int32_t>::of(*device, rows).value();
  auto vectors = kernels::DeviceVectors::of_size(*device, positions, blocks).value();
  auto product = DeviceArray<std::int32_t>::of_size(*device, positions * matrix.rows).value();
  kernels::PrepareArguments arguments;
  arguments.rows = given.constant();
  arguments.width = width;
  std::vector<std::int32_t> result(expected.size());
  expect(on_device.multiply(*device, arguments, positions, vectors, product.span()).has_value(), "no product");
  expect(product.read(result).has_value(), "no product");
  expect_equal(result, expected, "the product");
  reach("a vector with an exponent", exponents.front() > 0);
  reach("extreme numbers", range.is_extreme);
  reach("a tile with rows of zeros", matrix.rows % 16 != 0);
  reach("more blocks than warps", blocks > 8);
  reach("few vectors", positions < kernels::prefill_positions_least);
  reach("many vectors", positions >= kernels::prefill_positions_least);
}

/// The parts of numbers, four in a word.
std::vector<std::uint32_t> parts_of(const std::vector<std::int16_t>& numbers,
                                    std::int64_t (*part)(const std::int64_t&)) {
  std::vector<std::uint32_t> words(numbers.size() / 4);
  for (std::size_t k = 0; k < numbers.size(); ++k)
    words[k / 4] |= std::uint32_t{static_cast<std::uint8_t>(part(numbers[k]))} << (8 * (k % 4));
  return words;
}

PROPERTY("kernel: the tensor cores multiply all bytes as the other kernel and the CPU do", "[LAYER-4]", 60) {
  auto random = draw_random();
  const Range range{random, draw_integer(0, 2) == 0};
  const Matrix matrix =
      draw_matrix(range, draw_one_of<std::int64_t>({1, 15, 16, 17, 33, 256, 257}), draw_integer(1, 3), -128);
  const std::int64_t vectors = matrix.rows < 100 ? draw_one_of<std::int64_t>({0, 1, 7, 8, 9, 17, 64, 65, 130})
                                                 : draw_one_of<std::int64_t>({1, 8, 65});
  const bool is_zero = draw_integer(0, 9) == 0;
  std::vector<std::int16_t> numbers(static_cast<std::size_t>(vectors * matrix.blocks * 64));
  if (!is_zero)
    for (auto& number : numbers) number = static_cast<std::int16_t>(range.within(-32768, 32767));
  std::vector<std::uint8_t> exponents(static_cast<std::size_t>(vectors));
  for (auto& exponent : exponents) exponent = static_cast<std::uint8_t>(range.within(0, 16));

  const auto device = draw_device();
  const std::span words(reinterpret_cast<const std::uint32_t*>(matrix.tiles.data()),
                        matrix.tiles.size() * kernels::tile_words);
  const auto tiles = DeviceArray<std::uint32_t>::of(*device, words).value();
  const auto of_rows = DeviceArray<std::uint8_t>::of(*device, matrix.exponents).value();
  const auto upper = DeviceArray<std::uint32_t>::of(*device, parts_of(numbers, kernels::upper_part)).value();
  const auto lower = DeviceArray<std::uint32_t>::of(*device, parts_of(numbers, kernels::lower_part)).value();
  const auto of_vectors = DeviceArray<std::uint8_t>::of(*device, exponents).value();
  const std::int64_t products = vectors * matrix.rows;
  auto few = DeviceArray<std::int32_t>::of_size(*device, products).value();
  auto many = DeviceArray<std::int32_t>::of_size(*device, products).value();
  kernels::ProductArguments arguments{tiles.constant(), of_rows.constant(),    upper.constant(), lower.constant(),
                                      matrix.blocks,    of_vectors.constant(), matrix.rows,      few.span()};
  expect(device->launch(arguments).has_value(), "no product");
  arguments.product = many.span();
  expect(device->launch(kernels::PrefillArguments{arguments}).has_value(), "no product");
  std::vector<std::int32_t> by_words(static_cast<std::size_t>(products)), by_tensor_cores(by_words.size());
  expect(few.read(by_words).has_value() && many.read(by_tensor_cores).has_value(), "no product");
  const auto expected = by_cpu(matrix, numbers, exponents);
  expect_equal(by_words, expected, "the product by words");
  expect_equal(by_tensor_cores, expected, "the product by the tensor cores");
  reach("extreme numbers", range.is_extreme);
  reach("a matrix of several blocks of rows", matrix.rows > 256);
  reach("a warp with one tile of rows", matrix.rows <= 16 || matrix.rows == 33);
  reach("vectors of several blocks", vectors > 64);
  reach("vectors that fill no group", vectors % 8 != 0);
  reach("no vector", vectors == 0);
  reach("vectors of zeros", is_zero && vectors > 0);
  reach("one tile of columns", matrix.blocks == 1);
}

}  // namespace
}  // namespace p2pllm::properties
