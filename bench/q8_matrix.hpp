#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace p2pllm::bench {

/// A matrix of int8 weights with a half-precision scale a block of 32 columns, and products with vectors that are
/// rounded to int8 likewise: llama.cpp's format Q8_0, whose sums are of floats in an order of their own.
class Q8Matrix {
 public:
  /// @param rows  a multiple of 64 @param columns  a multiple of 64
  Q8Matrix(std::size_t rows, std::size_t columns, std::uint64_t seed);

  struct Block {
    std::uint16_t scale;  ///< half precision
    std::int8_t weights[32];
  };
  /// 32 columns of so many rows, four columns of a row together; the weights of the greater tile are 128 greater.
  struct alignas(16) Tile8 {
    std::int8_t weights[8][8][4];
    std::uint16_t scales[8];
  };
  struct alignas(32) Tile16 {
    std::uint8_t weights[8][16][4];
    std::uint16_t scales[16];
  };
  struct Vector {
    std::vector<std::int8_t> numbers;
    std::vector<float> scales;          ///< one a block
    std::vector<std::int32_t> surplus;  ///< -128 times the sum of a block
    explicit Vector(const std::vector<float>& values);
  };

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t blocks() const { return blocks_; }
  [[nodiscard]] const Block* row(std::size_t r) const { return &by_row_[r * blocks_]; }
  [[nodiscard]] const Tile8* tiles8(std::size_t rows_8) const { return &by_8_[rows_8 * blocks_]; }
  [[nodiscard]] const Tile16* tiles16(std::size_t rows_16) const { return &by_16_[rows_16 * blocks_]; }

 private:
  std::size_t rows_, blocks_;
  std::vector<Block> by_row_;
  std::vector<Tile8> by_8_;
  std::vector<Tile16> by_16_;
};

struct Q8Kernel {
  std::string name;
  std::string target;  ///< the exact kernel's of the same instructions
  void (*multiply)(const Q8Matrix& matrix, const Q8Matrix::Vector& vector, float* out);
};
/// Those that this processor runs.
[[nodiscard]] std::vector<Q8Kernel> q8_kernels();

}  // namespace p2pllm::bench
