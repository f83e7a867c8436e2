#include "reference/layers/reference_layers.hpp"

#include <algorithm>

#include "model/assert.hpp"
#include "reference/layers/layer_vectors.hpp"
#include "reference/layers/step_states.hpp"

namespace p2pllm::reference {
namespace {

/// Keys and values as the rules read them, beside the 16 bits in which they are shown.
class ReferenceRun : public LayerRun {
 public:
  ReferenceRun(const ExactModel& model, const LayerRange& layers) : model_(&model), layers_(layers) {
    const auto heads = static_cast<std::size_t>(model.shape.kv_heads);
    caches_.resize(static_cast<std::size_t>(layers.last - layers.first));
    for (LayerCache<std::int64_t>& cache : caches_) {
      cache.keys.resize(heads);
      cache.values.resize(heads);
    }
  }

  void append(std::span<std::int32_t> rows) override {
    const auto width = static_cast<std::size_t>(model_->shape.width);
    P2PLLM_ASSERT(rows.size() % width == 0);
    for (; !rows.empty(); rows = rows.subspan(width), ++positions_) {
      P2PLLM_ASSERT(positions_ < model_->shape.context);
      std::vector<std::int64_t> row(rows.begin(), rows.begin() + model_->shape.width);
      if (states_) states_->enter(rows.first(width));
      for (std::size_t l = 0; l < caches_.size(); ++l) {
        run_layer(*model_, model_->layers[static_cast<std::size_t>(layers_.first) + l], positions_, caches_[l], row);
        if (!states_) continue;
        keep(layers_.first + static_cast<std::int64_t>(l), positions_);
        states_->leave(std::vector<std::int32_t>(row.begin(), row.end()));
      }
      std::transform(row.begin(), row.end(), rows.begin(),
                     [](std::int64_t value) { return static_cast<std::int32_t>(value); });
    }
  }

  [[nodiscard]] std::int64_t positions() const override { return positions_; }

  [[nodiscard]] CacheEntry cache_entry(std::int64_t layer, std::int64_t kv_head, CachePart part,
                                       std::int64_t position) const override {
    const LayerCache<std::int64_t>& cache = caches_[static_cast<std::size_t>(layer - layers_.first)];
    const auto& heads = part == CachePart::key ? cache.keys : cache.values;
    const auto& entry = heads[static_cast<std::size_t>(kv_head)][static_cast<std::size_t>(position)];
    shown_.assign(entry.values.begin(), entry.values.end());
    return {shown_, entry.exponent};
  }

  void begin_commitment(const Hash& model) override {
    states_.emplace(model, model_->shape, Computation{layers_, positions_});
    for (std::int64_t layer = layers_.first; layer < layers_.last; ++layer)
      for (std::int64_t position = 0; position < positions_; ++position) keep(layer, position);
    states_->begin();
  }

  [[nodiscard]] const CommitmentRecord& commitment() override {
    P2PLLM_ASSERT(states_);
    return states_->record();
  }

 private:
  /// Gives the states what is kept of a position in a layer (STEP-3).
  void keep(std::int64_t layer, std::int64_t position) {
    for (std::int64_t head = 0; head < model_->shape.kv_heads; ++head) {
      const CacheEntry key = cache_entry(layer, head, CachePart::key, position);
      const std::vector<std::int16_t> numbers(key.values.begin(), key.values.end());
      const CacheEntry value = cache_entry(layer, head, CachePart::value, position);
      states_->keep(layer, head, encode_cache_entry(numbers, key.exponent, value.values, value.exponent));
    }
  }

  const ExactModel* model_;
  LayerRange layers_;
  std::int64_t positions_ = 0;
  std::vector<LayerCache<std::int64_t>> caches_;  // a layer of the range each
  mutable std::vector<std::int16_t> shown_;
  std::optional<StepStates> states_;  // none before a commitment is begun
};

}  // namespace

std::int64_t square_root(std::int64_t value) {
  std::int64_t root = 0;
  for (std::int64_t bit = std::int64_t{1} << 30; bit != 0; bit >>= 1)
    if ((root + bit) * (root + bit) <= value) root += bit;
  return root;
}

std::unique_ptr<LayerRun> ReferenceLayers::start(const LayerRange& layers) const {
  P2PLLM_ASSERT(0 <= layers.first && layers.first < layers.last && layers.last <= model_->shape.layers);
  return std::make_unique<ReferenceRun>(*model_, layers);
}

void ReferenceLayers::embed(std::int64_t token, std::span<std::int32_t> row) const {
  const std::vector<std::int64_t> numbers = embedded<std::int64_t>(*model_, token);
  std::transform(numbers.begin(), numbers.end(), row.begin(),
                 [](std::int64_t n) { return static_cast<std::int32_t>(n); });
}

void ReferenceLayers::logits(std::span<const std::int32_t> row, std::span<std::int32_t> logits) const {
  const std::vector<std::int64_t> in(row.begin(), row.end());
  const std::vector<std::int64_t> numbers = logits_of<std::int64_t>(*model_, in);
  std::transform(numbers.begin(), numbers.end(), logits.begin(),
                 [](std::int64_t n) { return static_cast<std::int32_t>(n); });
}

}  // namespace p2pllm::reference
