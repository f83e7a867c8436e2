#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "optimized/layers/device_layers.hpp"
#include "optimized/layers/step_commitment.hpp"

namespace p2pllm::optimized {

/// A sequence in a range of layers on a device. Positions go through a layer in batches.
class DeviceRun : public LayerRun {
 public:
  DeviceRun(const DeviceLayers& engine, const LayerRange& layers);

  void append(std::span<std::int32_t> rows) override;
  [[nodiscard]] std::int64_t positions() const override { return positions_; }
  [[nodiscard]] CacheEntry cache_entry(std::int64_t layer, std::int64_t kv_head, CachePart part,
                                       std::int64_t position) const override;
  void begin_commitment(const Hash& model) override;
  [[nodiscard]] const CommitmentRecord& commitment() override;

 private:
  struct Cache {
    kernels::DeviceArray<std::int16_t> keys, values;
    kernels::DeviceArray<std::uint8_t> key_exponents, value_exponents;
  };
  template <typename T>
  using Array = kernels::DeviceArray<T>;

  void reserve(std::int64_t positions);
  template <typename T>
  void grow(Array<T>& array, std::int64_t numbers, std::int64_t room);
  void append_batch(std::span<std::int32_t> rows);
  void put_angles(std::int64_t count);
  void run_layer(std::int64_t number, std::int64_t count);
  void attend(std::int64_t number, std::int64_t count);
  void commit_layer(std::int64_t number, std::int64_t count);
  void commit_cache(std::int64_t number, std::int64_t first, std::int64_t count);
  [[nodiscard]] kernels::simt::DeviceSpan<std::int32_t> first(Array<std::int32_t>& array, std::int64_t positions,
                                                              std::int64_t width) const {
    return array.first(positions * width);
  }

  const DeviceLayers* engine_;
  kernels::Device* device_;
  LayerRange layers_;
  std::int64_t batch_;  ///< positions
  std::int64_t width_, hidden_, heads_, kv_heads_, head_width_;
  std::int64_t positions_ = 0;
  std::int64_t room_ = 0;  ///< positions for which the cache has room
  std::vector<Cache> caches_;
  std::optional<StepCommitment> commitment_;  ///< none before it is begun

  // Of each position of a batch:
  Array<std::int32_t> rows_, numbers_, products_, cosines_, sines_;
  Array<std::int16_t> queries_;
  Array<std::uint8_t> query_exponents_;
  Array<std::int64_t> scratch_;
  kernels::DeviceVectors vectors_;

  mutable std::deque<std::vector<std::int16_t>> shown_;  ///< entries that were asked for since the last append
};

}  // namespace p2pllm::optimized
