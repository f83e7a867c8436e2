#include "optimized/layers/step_product.hpp"

#include <algorithm>

#include "kernels/matrix/layer_rules.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::int64_t product_sum_max = std::int64_t{1} << 52;

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

std::uint16_t half_at(ByteView bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8);
}

/// The parts of a tile's bytes.
struct TileParts {
  TileParts(ByteView bytes, const Tile& tile)
      : blocks(index(tile.columns / block_columns)),
        weights(bytes.first(index(tile.rows * tile.columns))),
        multipliers(bytes.subspan(weights.size(), 2 * blocks * index(tile.rows))),
        exponents(bytes.subspan(weights.size() + multipliers.size())) {}
  [[nodiscard]] std::uint16_t multiplier(std::size_t row, std::size_t block) const {
    return half_at(multipliers, 2 * (row * blocks + block));
  }
  std::size_t blocks;
  ByteView weights, multipliers, exponents;
};

/// The sum of 64 products, each of less than 2^22 in magnitude.
std::int32_t block_sum(const std::uint8_t* weights, const std::int16_t* numbers) {
  std::int32_t sum = 0;
  for (std::size_t c = 0; c < index(block_columns); ++c)
    sum += static_cast<std::int16_t>(static_cast<std::int8_t>(weights[c])) * numbers[c];
  return sum;
}

}  // namespace

bool is_product_sum(std::int64_t sum) { return -product_sum_max <= sum && sum <= product_sum_max; }

bool has_matrix_numbers(ByteView bytes, const Tile& tile, std::int64_t columns) {
  const TileParts parts(bytes, tile);
  constexpr std::uint8_t no_weight = 128;  // -128 as two's complement
  if (std::ranges::find(parts.weights, no_weight) != parts.weights.end()) return false;
  const std::size_t stride = index(tile.columns), real = std::min(stride, index(columns - tile.first_column));
  for (std::size_t row = 0; real < stride && row < index(tile.rows); ++row)
    if (!std::ranges::all_of(parts.weights.subspan(row * stride + real, stride - real),
                             [](std::uint8_t weight) { return weight == 0; }))
      return false;
  for (std::size_t at = 0; at < parts.multipliers.size(); at += 2)
    if (const std::uint16_t m = half_at(parts.multipliers, at); m == 0 || m > multiplier_max) return false;
  return std::ranges::all_of(parts.exponents, [](std::uint8_t e) { return exponent_min <= e && e <= exponent_max; });
}

TileVector block_of(std::span<const std::int32_t> numbers, std::int64_t exponent) {
  TileVector block{};
  for (std::size_t c = 0; c < numbers.size(); ++c)
    block[c] = static_cast<std::int16_t>(kernels::block_number(std::int64_t{numbers[c]}, exponent));
  return block;
}

void add_products(ByteView bytes, const Tile& tile, const TileVector& vector, std::span<std::int64_t> sums) {
  const TileParts parts(bytes, tile);
  const std::size_t stride = index(tile.columns);
  for (std::size_t row = 0; row < sums.size(); ++row)
    for (std::size_t block = 0; block < parts.blocks; ++block) {
      const std::size_t column = block * index(block_columns);
      sums[row] += std::int64_t{block_sum(&parts.weights[row * stride + column], &vector[column])} *
                   std::int64_t{parts.multiplier(row, block)};
    }
}

std::vector<std::int32_t> finished_products(ByteView bytes, const Tile& tile, std::int64_t vector_exponent,
                                            std::span<const std::int64_t> sums) {
  const TileParts parts(bytes, tile);
  std::vector<std::int32_t> products;
  for (std::size_t row = 0; row < sums.size(); ++row)
    products.push_back(static_cast<std::int32_t>(
        kernels::product_number(sums[row], std::int64_t{parts.exponents[row]}, vector_exponent)));
  return products;
}

std::optional<std::vector<std::int16_t>> gain_numbers(ByteView bytes) {
  std::vector<std::int16_t> numbers(bytes.size() / 2);
  for (std::size_t k = 0; k < numbers.size(); ++k) numbers[k] = static_cast<std::int16_t>(half_at(bytes, 2 * k));
  if (std::ranges::any_of(numbers, [](std::int16_t number) { return number < -gain_max; })) return std::nullopt;
  return numbers;
}

}  // namespace p2pllm::optimized
