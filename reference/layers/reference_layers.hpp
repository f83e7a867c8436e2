#pragma once

#include "model/layers/layer_engine.hpp"

namespace p2pllm::reference {

/// The rules of LAYER as they are written, one number after the other, on machine integers of 64 bits.
class ReferenceLayers : public LayerEngine {
 public:
  /// @param model  outlives this object
  explicit ReferenceLayers(const ExactModel& model) : model_(&model) {}

  [[nodiscard]] const ModelShape& shape() const override { return model_->shape; }
  [[nodiscard]] std::unique_ptr<LayerRun> start(const LayerRange& layers) const override;
  void embed(std::int64_t token, std::span<std::int32_t> row) const override;
  void logits(std::span<const std::int32_t> row, std::span<std::int32_t> logits) const override;

 private:
  const ExactModel* model_;
};

}  // namespace p2pllm::reference
