#pragma once

#include <random>

#include "model/layers/convert.hpp"
#include "model/layers/model_file.hpp"
#include "model/layers/tokenizer.hpp"

namespace p2pllm::testing {

/// The numbers from which `random_model` draws.
enum class Weights {
  ordinary,  ///< such as a trained model has
  extreme,   ///< the greatest of everything, so that rows saturate
  tiny,      ///< so small that most of them are lost
};

/// A model with weights drawn at random within the limits of MODEL-3. @param shape  one that keeps MODEL-1
[[nodiscard]] inline ExactModel random_model(const ModelShape& shape, std::uint64_t seed, Weights weights) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::int64_t bound) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
  };
  const auto fill = [&](ExactMatrix& m, std::int64_t rows, std::int64_t columns) {
    m.rows = rows;
    m.columns = columns;
    m.weights.assign(static_cast<std::size_t>(rows * m.stride()), 0);
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t c = 0; c < columns; ++c)
        m.weights[static_cast<std::size_t>(r * m.stride() + c)] = static_cast<std::int8_t>(
            weights == Weights::extreme ? (below(2) == 0 ? weight_max : -weight_max) : below(255) - weight_max);
    for (std::int64_t k = 0; k < rows * m.blocks(); ++k)
      m.multipliers.push_back(static_cast<std::uint16_t>(weights == Weights::extreme ? multiplier_max - below(2)
                                                                                     : 1 + below(multiplier_max)));
    for (std::int64_t r = 0; r < rows; ++r)
      m.exponents.push_back(static_cast<std::uint8_t>(weights == Weights::extreme ? exponent_min + below(3)
                                                      : weights == Weights::tiny  ? exponent_max
                                                                                  : 23 + below(3)));
  };
  const auto gain = [&](ExactGain& g) {
    g.exponent = weights == Weights::extreme ? 0 : 14;
    for (std::int64_t i = 0; i < shape.width; ++i)
      g.values.push_back(static_cast<std::int16_t>(weights == Weights::extreme ? gain_max - 2 * gain_max * below(2)
                                                                               : 8192 + below(16384)));
  };
  ExactModel model;
  model.shape = shape;
  model.epsilon = weights == Weights::extreme ? 0 : 168;
  model.score_scale = score_scale_of(shape.head_width);
  model.frequencies = rotation_frequencies(10000, shape.head_width);
  model.tokenizer = byte_tokenizer();
  fill(model.embedding, shape.vocabulary, shape.width);
  for (std::int64_t l = 0; l < shape.layers; ++l) {
    ExactLayer layer;
    gain(layer.attention_norm);
    fill(layer.query, shape.query_width(), shape.width);
    fill(layer.key, shape.kv_width(), shape.width);
    fill(layer.value, shape.kv_width(), shape.width);
    fill(layer.output, shape.width, shape.query_width());
    gain(layer.feed_norm);
    fill(layer.gate, shape.hidden, shape.width);
    fill(layer.up, shape.hidden, shape.width);
    fill(layer.down, shape.width, shape.hidden);
    model.layers.push_back(std::move(layer));
  }
  gain(model.norm);
  if (seed % 2 == 1) fill(model.head.emplace(), shape.vocabulary, shape.width);
  return model;
}

/// Sizes that are no multiples of anything.
[[nodiscard]] inline ModelShape odd_shape() {
  return {.layers = 2,
          .width = 70,
          .hidden = 134,
          .heads = 6,
          .kv_heads = 2,
          .head_width = 10,
          .vocabulary = 37,
          .context = 40,
          .fraction_bits = 13};
}

}  // namespace p2pllm::testing
