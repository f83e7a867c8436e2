#include "kernels/matrix/matrix.hpp"

#include "kernels/matrix/targets.hpp"

namespace p2pllm::kernels {
namespace {

struct Available {
  std::array<const MatrixTarget*, 4> list{};
  std::size_t count = 0;
  void add(const MatrixTarget& target) { list[count++] = &target; }
};

Available find_targets() {
  Available found;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool has_avx2 = __builtin_cpu_supports("avx2");
  const bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (has_avx512 && __builtin_cpu_supports("avx512vnni")) found.add(avx512_vnni_matrix_target);
  if (has_avx512) found.add(avx512_matrix_target);
  if (has_avx2) found.add(avx2_matrix_target);
#endif
  found.add(portable_matrix_target);
  return found;
}

}  // namespace

std::span<const MatrixTarget* const> matrix_targets() {
  static const Available available = find_targets();
  return std::span(available.list).first(available.count);
}

std::span<const char* const> matrix_target_names() {
#if defined(__x86_64__)
  static const std::array names = {avx512_vnni_matrix_target.name, avx512_matrix_target.name, avx2_matrix_target.name,
                                   portable_matrix_target.name};
#else
  static const std::array names = {portable_matrix_target.name};
#endif
  return names;
}

void clear_tiles(WeightTile* tiles, std::size_t count) {
  WeightTile empty{};
  empty.multipliers_and_sums.fill(1);
  std::fill_n(tiles, count, empty);
}

void pack_row(WeightTile* tiles, std::size_t row, std::size_t blocks, const std::int8_t* weights,
              const std::uint16_t* multipliers) {
  const std::size_t place = row % tile_rows;
  for (std::size_t block = 0; block < blocks; ++block) {
    WeightTile& tile = tiles[row / tile_rows * blocks + block];
    std::int32_t sum = 0;
    for (std::size_t c = 0; c < tile_columns; ++c) {
      const std::int8_t weight = weights[block * tile_columns + c];
      tile.weights[c / 4][place][c % 4] = weight;
      sum += weight;
    }
    tile.multipliers_and_sums[place] = static_cast<std::uint32_t>(sum) << 16U | multipliers[block];
  }
}

}  // namespace p2pllm::kernels
