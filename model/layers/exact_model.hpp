#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/crypto/sha256.hpp"
#include "model/encoding/bytes.hpp"
#include "model/layers/model_shape.hpp"

namespace p2pllm {

/// A matrix of exact weights (MODEL-3). The entry at row r and column c has the value
/// weights[r * stride() + c] * multipliers[r * blocks() + c / 64] * 2^-exponents[r].
struct ExactMatrix {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::vector<std::int8_t> weights;        ///< rows x stride(), -127 .. 127, zero from `columns` on
  std::vector<std::uint16_t> multipliers;  ///< rows x blocks(), 1 .. 2^15
  std::vector<std::uint8_t> exponents;     ///< rows, 16 .. 45

  [[nodiscard]] std::int64_t stride() const { return padded_columns(columns); }
  [[nodiscard]] std::int64_t blocks() const { return stride() / block_columns; }

  bool operator==(const ExactMatrix&) const = default;
};

/// The factors of a norm (MODEL-3): entry i has the value values[i] * 2^-exponent.
struct ExactGain {
  std::vector<std::int16_t> values;  ///< -32767 .. 32767
  std::int64_t exponent = 0;         ///< 0 .. 30

  bool operator==(const ExactGain&) const = default;
};

/// The tensors of a layer, in the order of the file (MODEL-2).
struct ExactLayer {
  ExactGain attention_norm;
  ExactMatrix query;
  ExactMatrix key;
  ExactMatrix value;
  ExactMatrix output;
  ExactGain feed_norm;
  ExactMatrix gate;
  ExactMatrix up;
  ExactMatrix down;

  bool operator==(const ExactLayer&) const = default;
};

/// A language model of integers (MODEL-2): all that the rules of LAYER read.
struct ExactModel {
  ModelShape shape;
  std::int64_t epsilon = 0;                ///< of the norms, in 2^(-2 * fraction_bits)
  std::int64_t score_scale = 0;            ///< round(2^20 * log2(e) / sqrt(head_width))
  std::vector<std::uint64_t> frequencies;  ///< head_width / 2 fractions of a turn a position, in 2^-64
  std::string name;                        ///< as its source names it
  std::string licence;                     ///< as its source states it; empty if it does not
  Bytes tokenizer;                         ///< the encoding of a tokenizer (MODEL-5)
  ExactMatrix embedding;                   ///< vocabulary x width
  std::vector<ExactLayer> layers;
  ExactGain norm;
  std::optional<ExactMatrix> head;  ///< vocabulary x width; without it the embedding is the head

  [[nodiscard]] const ExactMatrix& head_matrix() const { return head ? *head : embedding; }

  bool operator==(const ExactModel&) const = default;
};

}  // namespace p2pllm
