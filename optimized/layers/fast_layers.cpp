#include "optimized/layers/fast_layers.hpp"

#include <algorithm>

#include "kernels/matrix/layer_rules.hpp"
#include "model/assert.hpp"
#include "optimized/layers/fast_run.hpp"

namespace p2pllm::optimized {
namespace {

/// Row tiles that a kernel takes at once, and the products for which threads are worth their waking.
constexpr std::size_t tiles_at_once = 4, products_to_share = std::size_t{1} << 18;

}  // namespace

FastLayers::FastLayers(const ExactModel& model, std::size_t threads, const kernels::MatrixTarget& target)
    : model_(&model), target_(&target), head_({&model.head_matrix()}), team_(threads) {
  layers_.reserve(model.layers.size());
  for (const ExactLayer& layer : model.layers) layers_.emplace_back(layer);
}

std::unique_ptr<LayerRun> FastLayers::start(const LayerRange& layers) const {
  P2PLLM_ASSERT(0 <= layers.first && layers.first < layers.last && layers.last <= model_->shape.layers);
  return std::make_unique<FastRun>(*this, layers);
}

void FastLayers::embed(std::int64_t token, std::span<std::int32_t> row) const {
  const ExactMatrix& matrix = model_->embedding;
  P2PLLM_ASSERT(0 <= token && token < matrix.rows && row.size() == static_cast<std::size_t>(matrix.columns));
  const std::int8_t* weights = &matrix.weights[static_cast<std::size_t>(token * matrix.stride())];
  const std::uint16_t* multipliers = &matrix.multipliers[static_cast<std::size_t>(token * matrix.blocks())];
  const std::int64_t exponent = matrix.exponents[static_cast<std::size_t>(token)];
  for (std::size_t c = 0; c < row.size(); ++c)
    row[c] = static_cast<std::int32_t>(kernels::embedded_number(std::int64_t{weights[c]},
                                                                std::int64_t{multipliers[c / kernels::tile_columns]},
                                                                exponent, model_->shape.fraction_bits));
}

void FastLayers::logits(std::span<const std::int32_t> row, std::span<std::int32_t> logits) const {
  P2PLLM_ASSERT(row.size() == static_cast<std::size_t>(model_->shape.width) && logits.size() == head_.rows());
  thread_local std::vector<std::int32_t> numbers;
  thread_local std::vector<std::int16_t> block;
  thread_local AlignedVector<std::int16_t> prepared;
  numbers.resize(row.size());
  block.assign(head_.stride(), 0);
  prepared.resize(head_.stride());
  target_->norm(row.data(), row.size(), norm_of(model_->norm), numbers.data());
  const std::int64_t exponent = target_->to_block(numbers.data(), row.size(), block.data());
  target_->prepare(block.data(), head_.packed().blocks, prepared.data());
  const kernels::MatrixVector vector = {prepared.data(), exponent, logits.data()};
  team_.enter([&] { multiply(head_, std::span(&vector, 1)); });
}

void FastLayers::multiply(const StackedMatrix& matrix, std::span<const kernels::MatrixVector> vectors) const {
  const kernels::PackedMatrix packed = matrix.packed();
  const std::size_t tiles = packed.row_tiles();
  const bool is_shared = matrix.rows() * matrix.stride() * vectors.size() >= products_to_share;
  const std::size_t groups = (tiles + tiles_at_once - 1) / tiles_at_once;
  const std::size_t parts = is_shared && team_.size() > 1 ? std::min(groups, 2 * team_.size()) : 1;
  team_.for_each(parts, [&](std::size_t part) {
    const auto begin_of = [&](std::size_t k) { return std::min(tiles, groups * k / parts * tiles_at_once); };
    target_->multiply(packed, begin_of(part), begin_of(part + 1), vectors);
  });
}

}  // namespace p2pllm::optimized
