#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/encoding/bytes.hpp"
#include "model/layers/model_shape.hpp"

namespace p2pllm {

/// A matrix of a file of weights, which is read row by row. Each value is one that a double holds exactly, so nothing
/// is rounded before the conversion (MODEL-4) rounds it.
struct FloatMatrix {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  /// Writes the `columns` values of a row, each finite and less than 64 in magnitude. The source outlives the model.
  std::function<void(std::int64_t row, std::span<double> values)> read;
};

struct FloatLayer {
  std::vector<double> attention_norm;
  FloatMatrix query;  ///< its heads rotate neighbouring pairs (LAYER-6), as in all below
  FloatMatrix key;
  FloatMatrix value;
  FloatMatrix output;
  std::vector<double> feed_norm;
  FloatMatrix gate;
  FloatMatrix up;
  FloatMatrix down;
};

/// A Llama-like model of floating-point weights, as the readers of GGUF, safetensors and llama2.c files return it. Its
/// tensors have the sizes that `shape` says.
struct FloatModel {
  ModelShape shape;  ///< without `fraction_bits`
  double epsilon = 0;
  double rope_base = 0;
  std::string name;
  std::string licence;
  Bytes tokenizer;  ///< the encoding of a tokenizer (MODEL-5)
  FloatMatrix embedding;
  std::vector<FloatLayer> layers;
  std::vector<double> norm;
  std::optional<FloatMatrix> head;
};

}  // namespace p2pllm
