#pragma once

#include <memory>
#include <vector>

#include "kernels/device/device_matrix.hpp"
#include "optimized/device_error.hpp"
#include "optimized/layers/fast_layers.hpp"

namespace p2pllm::optimized {

/// A layer that lies on a device.
struct DeviceLayer {
  kernels::DeviceMatrix in, output, gate_and_up, down;
  kernels::DeviceArray<std::int16_t> attention_gain, feed_gain;
};

/// The rules of LAYER by the kernels of a device, on which the weights and the caches lie.
///
/// Law: rows, caches and logits are those of FastLayers and of the reference, on every device: every number is an
/// integer. Each function throws DeviceError if the device fails.
class DeviceLayers : public LayerEngine {
 public:
  static constexpr std::int64_t batch_usual = 512;

  /// @param model, device  outlive this object
  /// @param batch  the most positions that go through a layer together; memory is taken for as many. @pre batch > 0
  DeviceLayers(const ExactModel& model, kernels::Device& device, std::int64_t batch = batch_usual);

  [[nodiscard]] const ModelShape& shape() const override { return host_.shape(); }
  [[nodiscard]] std::unique_ptr<LayerRun> start(const LayerRange& layers) const override;
  void embed(std::int64_t token, std::span<std::int32_t> row) const override { host_.embed(token, row); }
  void logits(std::span<const std::int32_t> row, std::span<std::int32_t> logits) const override;

  [[nodiscard]] kernels::Device& device() const { return *device_; }
  [[nodiscard]] std::int64_t batch() const { return batch_; }
  [[nodiscard]] const ExactModel& model() const { return host_.model(); }
  [[nodiscard]] const DeviceLayer& layer(std::int64_t number) const {
    return layers_[static_cast<std::size_t>(number)];
  }
  [[nodiscard]] const kernels::DeviceArray<std::int32_t>& exp2() const { return exp2_; }
  /// A row of numbers on the device, with its norm if it has one.
  [[nodiscard]] kernels::PrepareArguments row_of(kernels::simt::DeviceSpan<const std::int32_t> numbers,
                                                 std::int64_t width) const;
  [[nodiscard]] kernels::PrepareArguments normed_row(kernels::simt::DeviceSpan<const std::int32_t> numbers,
                                                     const kernels::DeviceArray<std::int16_t>& gain,
                                                     std::int64_t exponent) const;

 private:
  FastLayers host_;
  kernels::Device* device_;
  std::int64_t batch_;
  std::vector<DeviceLayer> layers_;
  kernels::DeviceMatrix head_;
  kernels::DeviceArray<std::int16_t> head_gain_;
  kernels::DeviceArray<std::int32_t> exp2_;
};

}  // namespace p2pllm::optimized
