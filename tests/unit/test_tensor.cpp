#include <array>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "kernels/simt/machine.hpp"
#include "kernels/simt/tensor.hpp"

// The product of small matrices by a warp: the fragments are those of the PTX ISA, written here in its own terms.
namespace p2pllm::kernels {
namespace {

using simt::Thread;

struct Arguments {
  simt::DeviceSpan<const std::uint32_t> left, right;  ///< [lane][register]
  simt::DeviceSpan<std::int32_t> sums;                ///< [lane][register]
};
void multiply(const Thread& thread, simt::NoStorage& /*storage*/, const Arguments& arguments) {
  simt::LeftFragment left;
  simt::RightFragment right;
  simt::SumFragment sum;
  for (int k = 0; k < 4; ++k) left.words[k] = arguments.left.load(4 * thread.lane() + k);
  for (int k = 0; k < 2; ++k) right.words[k] = arguments.right.load(2 * thread.lane() + k);
  for (int k = 0; k < 4; ++k) sum.sums[k] = arguments.sums.load(4 * thread.lane() + k);
  sum = simt::multiplied(thread, left, right, sum);
  for (int k = 0; k < 4; ++k) arguments.sums.store(4 * thread.lane() + k, sum.sums[k]);
}
void multiply_but_for_one(const Thread& thread, simt::NoStorage& /*storage*/, const Arguments& /*arguments*/) {
  if (thread.lane() != 9) (void)simt::multiplied(thread, {}, {}, {});
}

struct Matrices {
  std::array<std::array<std::int8_t, 32>, 16> left{};
  std::array<std::array<std::int8_t, 8>, 32> right{};
  std::array<std::array<std::int32_t, 8>, 16> sums{};
  bool operator==(const Matrices&) const = default;
};

/// Rows and columns of the elements a0 .. a15, b0 .. b7 and c0 .. c3 of a lane (PTX ISA, mma.m16n8k32, .s8).
/// @{
std::int8_t& a(Matrices& all, std::size_t lane, std::size_t i) {
  const std::size_t row = (i < 4 || (8 <= i && i < 12)) ? lane >> 2 : (lane >> 2) + 8;
  const std::size_t column = (lane % 4) * 4 + (i & 3) + (i < 8 ? 0 : 16);
  return all.left[row][column];
}
std::int8_t& b(Matrices& all, std::size_t lane, std::size_t i) {
  return all.right[(lane % 4) * 4 + (i & 3) + (i < 4 ? 0 : 16)][lane >> 2];
}
std::int32_t& c(Matrices& all, std::size_t lane, std::size_t i) {
  return all.sums[i < 2 ? lane >> 2 : (lane >> 2) + 8][(lane % 4) * 2 + (i & 1)];
}
/// @}

Matrices by_loops(Matrices all) {
  for (std::size_t row = 0; row < 16; ++row)
    for (std::size_t column = 0; column < 8; ++column)
      for (std::size_t k = 0; k < 32; ++k) all.sums[row][column] += all.left[row][k] * all.right[k][column];
  return all;
}

Matrices by_a_warp(Matrices all, std::uint64_t seed) {
  std::vector<std::uint32_t> left(32 * 4), right(32 * 2);
  std::vector<std::int32_t> sums(32 * 4);
  for (std::size_t lane = 0; lane < 32; ++lane) {
    for (std::size_t i = 0; i < 16; ++i)
      left[4 * lane + i / 4] |= std::uint32_t{static_cast<std::uint8_t>(a(all, lane, i))} << (8 * (i % 4));
    for (std::size_t i = 0; i < 8; ++i)
      right[2 * lane + i / 4] |= std::uint32_t{static_cast<std::uint8_t>(b(all, lane, i))} << (8 * (i % 4));
    for (std::size_t i = 0; i < 4; ++i) sums[4 * lane + i] = c(all, lane, i);
  }
  simt::Memory<std::uint32_t> lefts(left), rights(right);
  simt::Memory<std::int32_t> results(sums);
  const auto fault =
      simt::run({1, 32}, {seed}, multiply, Arguments{lefts.constant(), rights.constant(), results.span()});
  if (fault) FAIL(fault->message());
  for (std::size_t lane = 0; lane < 32; ++lane)
    for (std::size_t i = 0; i < 4; ++i) c(all, lane, i) = results.elements()[4 * lane + i];
  return all;
}

TEST_CASE("simt: a warp's product of random bytes is that of plain loops", "[LAYER-4]") {
  std::mt19937_64 random(3);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Matrices all;
    const bool is_extreme = seed % 4 == 0;
    const auto byte = [&] {
      const auto drawn = static_cast<std::int8_t>(random());
      return is_extreme ? static_cast<std::int8_t>(drawn < 0 ? -128 : 127) : drawn;
    };
    for (auto& row : all.left)
      for (auto& element : row) element = byte();
    for (auto& row : all.right)
      for (auto& element : row) element = byte();
    for (auto& row : all.sums)
      for (auto& sum : row) sum = static_cast<std::int32_t>(random() >> 36) - (1 << 27);
    CHECK(by_a_warp(all, seed) == by_loops(all));
  }
}

TEST_CASE("simt: each element of a warp's matrices is where the PTX ISA says", "[LAYER-4]") {
  for (std::size_t lane = 0; lane < 32; ++lane) {
    for (std::size_t i = 0; i < 16; ++i) {
      Matrices all;
      for (std::size_t k = 0; k < 32; ++k)  // the column is told by the sum
        for (auto& element : all.right[k]) element = static_cast<std::int8_t>(k + 1);
      a(all, lane, i) = 3;
      CHECK(by_a_warp(all, lane) == by_loops(all));
    }
    for (std::size_t i = 0; i < 8; ++i) {
      Matrices all;
      for (auto& row : all.left)
        for (std::size_t k = 0; k < 32; ++k) row[k] = static_cast<std::int8_t>(k + 1);
      b(all, lane, i) = -3;
      CHECK(by_a_warp(all, lane) == by_loops(all));
    }
    for (std::size_t i = 0; i < 4; ++i) {
      Matrices all;
      c(all, lane, i) = 1 << 30;
      CHECK(by_a_warp(all, lane) == all);
    }
  }
}

TEST_CASE("simt: a warp's product without one of its lanes is found", "[LAYER-4]") {
  const auto fault = simt::run({1, 32}, {1}, multiply_but_for_one, Arguments{});
  REQUIRE(fault);
  CHECK(fault->file.ends_with("test_tensor.cpp"));
  CHECK(fault->what.ends_with("waits for its lanes, and thread 9 has ended"));
}

}  // namespace
}  // namespace p2pllm::kernels
