#pragma once

#include <array>

#include "kernels/simt/fragment_rules.hpp"
#include "kernels/simt/instructions.hpp"

// A product of two small matrices by a whole warp. fragment_rules.hpp says which elements a lane holds.
namespace p2pllm::kernels::simt {

/// A lane's part of a matrix of 16 rows and 32 columns of signed bytes.
struct LeftFragment {
  std::uint32_t words[left_registers];
};
/// A lane's part of a matrix of 32 rows and 8 columns of signed bytes.
struct RightFragment {
  std::uint32_t words[right_registers];
};
/// A lane's part of a matrix of 16 rows and 8 columns.
struct SumFragment {
  std::int32_t sums[sum_registers];
};

#if !defined(__CUDA_ARCH__)
/// The same by shuffles. Two words travel at once: those of both rows, or of both halves of a column, that a lane
/// needs.
[[nodiscard]] inline SumFragment shuffled_product(const Thread& thread, const LeftFragment& left,
                                                  const RightFragment& right, SumFragment sum, Place place) {
  const auto paired = [](std::uint32_t first, std::uint32_t second) {
    return static_cast<std::uint64_t>(second) << 32 | first;
  };
  const auto taken = [&](std::uint64_t pair, std::int64_t from) {
    const auto other = thread.shuffle(pair, static_cast<int>(from), whole_warp, place);
    return std::array{static_cast<std::uint32_t>(other), static_cast<std::uint32_t>(other >> 32)};
  };
  const std::int64_t lane = thread.lane();
  for (std::int64_t first = 0; first < group_lanes; ++first) {
    std::array<std::array<std::uint32_t, 2>, 2> columns;
    for (std::int64_t k = 0; k < 2; ++k)
      columns[k] = taken(paired(right.words[0], right.words[1]), right_lane(first, sum_column(lane, k)));
    for (std::int64_t word = first; word < fragment_words; word += group_lanes) {
      const std::int64_t upper_row = left_register<std::int64_t>(0, word), half = right_register<std::int64_t>(word, 0);
      const auto rows = taken(paired(left.words[upper_row], left.words[upper_row + 1]),
                              left_lane(sum_row<std::int64_t>(lane, 0), word));
      for (std::int64_t at = 0; at < sum_registers; ++at) {
        const std::int64_t row = left_register(sum_row(lane, at), word) - upper_row;
        sum.sums[at] = dot4(rows[row], columns[parity(at)][half], sum.sums[at]);
      }
    }
  }
  return sum;
}
#endif

/// left * right + sum, exactly while the sums fit. All lanes of the warp come, together. One instruction of a device
/// (mma.sync, from compute capability 8.0 on).
[[nodiscard]] P2PLLM_AGENT SumFragment multiplied(const Thread& thread, const LeftFragment& left,
                                                  const RightFragment& right, SumFragment sum,
                                                  Place place = Place::here()) {
#if defined(__CUDA_ARCH__)
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+r"(sum.sums[0]), "+r"(sum.sums[1]), "+r"(sum.sums[2]), "+r"(sum.sums[3])
      : "r"(left.words[0]), "r"(left.words[1]), "r"(left.words[2]), "r"(left.words[3]), "r"(right.words[0]),
        "r"(right.words[1]));
  return sum;
#else
  return shuffled_product(thread, left, right, sum, place);
#endif
}

}  // namespace p2pllm::kernels::simt
