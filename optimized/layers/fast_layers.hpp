#pragma once

#include <vector>

#include "kernels/matrix/matrix.hpp"
#include "model/layers/layer_engine.hpp"
#include "optimized/layers/stacked_matrix.hpp"
#include "optimized/layers/thread_team.hpp"

namespace p2pllm::optimized {

/// The tensors of a layer as the kernels read them.
struct PackedLayer {
  explicit PackedLayer(const ExactLayer& layer)
      : source(&layer),
        in({&layer.query, &layer.key, &layer.value}),
        output({&layer.output}),
        gate_and_up({&layer.gate, &layer.up}),
        down({&layer.down}) {}
  const ExactLayer* source;  ///< of the gains
  StackedMatrix in;          ///< queries, keys and values
  StackedMatrix output;
  StackedMatrix gate_and_up;
  StackedMatrix down;
};

/// The rules of LAYER by vector instructions and on several threads.
///
/// Law: rows, caches and logits are those of the reference, whatever the instruction set, the number of threads and the
/// division of positions into calls: every sum is of integers that fit, and saturated only when it is complete.
class FastLayers : public LayerEngine {
 public:
  /// @param model  outlives this object; its tensors fit its shape
  /// @param threads  at least 1
  /// @param target  one that this processor runs
  explicit FastLayers(const ExactModel& model, std::size_t threads = 1,
                      const kernels::MatrixTarget& target = *kernels::matrix_targets().front());

  [[nodiscard]] const ModelShape& shape() const override { return model_->shape; }
  [[nodiscard]] std::unique_ptr<LayerRun> start(const LayerRange& layers) const override;
  void embed(std::int64_t token, std::span<std::int32_t> row) const override;
  void logits(std::span<const std::int32_t> row, std::span<std::int32_t> logits) const override;

  [[nodiscard]] const ExactModel& model() const { return *model_; }
  [[nodiscard]] const kernels::MatrixTarget& target() const { return *target_; }
  [[nodiscard]] const PackedLayer& layer(std::int64_t number) const {
    return layers_[static_cast<std::size_t>(number)];
  }
  [[nodiscard]] kernels::NormParameters norm_of(const ExactGain& gain) const {
    return {gain.values.data(), gain.exponent, model_->epsilon, model_->shape.fraction_bits};
  }

  /// Multiplies vectors by a matrix, its rows divided among the threads where that pays (LAYER-4).
  void multiply(const StackedMatrix& matrix, std::span<const kernels::MatrixVector> vectors) const;
  [[nodiscard]] const StackedMatrix& head() const { return head_; }
  [[nodiscard]] const ThreadTeam& team() const { return team_; }

 private:
  const ExactModel* model_;
  const kernels::MatrixTarget* target_;
  std::vector<PackedLayer> layers_;
  StackedMatrix head_;
  ThreadTeam team_;
};

}  // namespace p2pllm::optimized
