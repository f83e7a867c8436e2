#include "kernels/device/device_matrix.hpp"

namespace p2pllm::kernels {

DeviceResult<DeviceVectors> DeviceVectors::of_size(Device& device, std::int64_t positions, std::int64_t blocks) {
  DeviceVectors result;
  for (DeviceArray<std::uint32_t>* part : {&result.upper_, &result.lower_}) {
    auto array = DeviceArray<std::uint32_t>::of_size(device, positions * blocks * tile_column_groups);
    if (!array) return tl::unexpected(array.error());
    *part = std::move(*array);
  }
  auto exponents = DeviceArray<std::uint8_t>::of_size(device, positions);
  if (!exponents) return tl::unexpected(exponents.error());
  result.exponents_ = std::move(*exponents);
  return result;
}

simt::DeviceSpan<std::uint32_t> DeviceVectors::upper(std::int64_t positions, std::int64_t blocks) {
  return upper_.first(positions * blocks * tile_column_groups);
}
simt::DeviceSpan<std::uint32_t> DeviceVectors::lower(std::int64_t positions, std::int64_t blocks) {
  return lower_.first(positions * blocks * tile_column_groups);
}
simt::DeviceSpan<std::uint8_t> DeviceVectors::exponents(std::int64_t positions) { return exponents_.first(positions); }

DeviceResult<DeviceMatrix> DeviceMatrix::of(Device& device, const PackedMatrix& matrix) {
  const std::size_t tiles = matrix.row_tiles() * matrix.blocks;
  static_assert(sizeof(WeightTile) == tile_words * sizeof(std::uint32_t));
  const std::span words(reinterpret_cast<const std::uint32_t*>(matrix.tiles), tiles * tile_words);
  auto all = DeviceArray<std::uint32_t>::of(device, words);
  if (!all) return tl::unexpected(all.error());
  auto exponents = DeviceArray<std::uint8_t>::of(device, {matrix.exponents, matrix.row_tiles() * tile_rows});
  if (!exponents) return tl::unexpected(exponents.error());

  DeviceMatrix result;
  result.words_ = std::move(*all);
  result.exponents_ = std::move(*exponents);
  result.rows_ = static_cast<std::int64_t>(matrix.rows);
  result.blocks_ = static_cast<std::int64_t>(matrix.blocks);
  return result;
}

DeviceResult<void> DeviceMatrix::multiply(Device& device, PrepareArguments row, std::int64_t positions,
                                          DeviceVectors& vectors, simt::DeviceSpan<std::int32_t> product) const {
  row.upper = vectors.upper(positions, blocks_);
  row.lower = vectors.lower(positions, blocks_);
  row.exponents = vectors.exponents(positions);
  if (auto done = device.launch(row); !done) return done;
  const ProductArguments both{words_.constant(), exponents_.constant(), row.upper, row.lower,
                              blocks_,           row.exponents,         rows_,     product};
  return positions < prefill_positions_least ? device.launch(both) : device.launch(PrefillArguments{both});
}

}  // namespace p2pllm::kernels
