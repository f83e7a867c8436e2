#include "optimized/layers/device_layers.hpp"

#include <algorithm>

#include "model/assert.hpp"
#include "model/layers/tables.hpp"
#include "optimized/layers/device_run.hpp"

namespace p2pllm::optimized {

using kernels::DeviceArray;
using kernels::DeviceMatrix;

DeviceLayers::DeviceLayers(const ExactModel& model, kernels::Device& device, std::int64_t batch)
    : host_(model), device_(&device), batch_(std::min(batch, model.shape.context)) {
  P2PLLM_ASSERT(batch > 0);
  const auto gain = [&](const ExactGain& of) {
    return value_of(DeviceArray<std::int16_t>::of(device, std::span(of.values)));
  };
  for (std::int64_t number = 0; number < shape().layers; ++number) {
    const PackedLayer& layer = host_.layer(number);
    layers_.push_back({value_of(DeviceMatrix::of(device, layer.in.packed())),
                       value_of(DeviceMatrix::of(device, layer.output.packed())),
                       value_of(DeviceMatrix::of(device, layer.gate_and_up.packed())),
                       value_of(DeviceMatrix::of(device, layer.down.packed())), gain(layer.source->attention_norm),
                       gain(layer.source->feed_norm)});
  }
  head_ = value_of(DeviceMatrix::of(device, host_.head().packed()));
  head_gain_ = gain(model.norm);
  exp2_ = value_of(DeviceArray<std::int32_t>::of(device, layer_tables().exp2));
  expect_done(device.finish());
}

std::unique_ptr<LayerRun> DeviceLayers::start(const LayerRange& layers) const {
  P2PLLM_ASSERT(0 <= layers.first && layers.first < layers.last && layers.last <= shape().layers);
  return std::make_unique<DeviceRun>(*this, layers);
}

kernels::PrepareArguments DeviceLayers::row_of(kernels::simt::DeviceSpan<const std::int32_t> numbers,
                                               std::int64_t width) const {
  kernels::PrepareArguments row;
  row.rows = numbers;
  row.width = width;
  row.epsilon = model().epsilon;
  row.fraction_bits = shape().fraction_bits;
  return row;
}

kernels::PrepareArguments DeviceLayers::normed_row(kernels::simt::DeviceSpan<const std::int32_t> numbers,
                                                   const DeviceArray<std::int16_t>& gain, std::int64_t exponent) const {
  kernels::PrepareArguments row = row_of(numbers, shape().width);
  row.gain = gain.constant();
  row.gain_exponent = exponent;
  return row;
}

void DeviceLayers::logits(std::span<const std::int32_t> row, std::span<std::int32_t> logits) const {
  P2PLLM_ASSERT(row.size() == static_cast<std::size_t>(shape().width) && logits.size() == host_.head().rows());
  const auto numbers = value_of(DeviceArray<std::int32_t>::of(*device_, row));
  auto vectors = value_of(kernels::DeviceVectors::of_size(*device_, 1, head_.blocks()));
  auto product = value_of(DeviceArray<std::int32_t>::of_size(*device_, head_.rows()));
  expect_done(head_.multiply(*device_, normed_row(numbers.constant(), head_gain_, model().norm.exponent), 1, vectors,
                             product.span()));
  expect_done(product.read(logits));
}

}  // namespace p2pllm::optimized
