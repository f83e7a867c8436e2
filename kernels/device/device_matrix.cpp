#include "kernels/device/device_matrix.hpp"

namespace p2pllm::kernels {

DeviceResult<DeviceMatrix> DeviceMatrix::of(Device& device, const PackedMatrix& matrix) {
  const std::size_t tiles = matrix.row_tiles() * matrix.blocks;
  static_assert(sizeof(WeightTile) == tile_words * sizeof(std::uint32_t));
  const std::span words(reinterpret_cast<const std::uint32_t*>(matrix.tiles), tiles * tile_words);
  const auto parts = static_cast<std::int64_t>(matrix.blocks) * tile_column_groups;
  auto all = DeviceArray<std::uint32_t>::of(device, words);
  if (!all) return tl::unexpected(all.error());
  auto exponents = DeviceArray<std::uint8_t>::of(device, {matrix.exponents, matrix.row_tiles() * tile_rows});
  if (!exponents) return tl::unexpected(exponents.error());
  auto upper = DeviceArray<std::uint32_t>::of_size(device, parts);
  if (!upper) return tl::unexpected(upper.error());
  auto lower = DeviceArray<std::uint32_t>::of_size(device, parts);
  if (!lower) return tl::unexpected(lower.error());

  DeviceMatrix result;
  result.words_ = std::move(*all);
  result.exponents_ = std::move(*exponents);
  result.upper_ = std::move(*upper);
  result.lower_ = std::move(*lower);
  result.rows_ = static_cast<std::int64_t>(matrix.rows);
  result.blocks_ = static_cast<std::int64_t>(matrix.blocks);
  return result;
}

DeviceResult<void> DeviceMatrix::multiply(Device& device, simt::DeviceSpan<const std::int16_t> vector,
                                          std::int64_t exponent, simt::DeviceSpan<std::int32_t> product) {
  if (auto done = device.launch(SplitArguments{vector, upper_.span(), lower_.span()}); !done) return done;
  return device.launch(ProductArguments{words_.constant(), exponents_.constant(), upper_.constant(), lower_.constant(),
                                        blocks_, exponent, product});
}

}  // namespace p2pllm::kernels
