#pragma once

#include <memory>
#include <span>

#include "model/layer_range.hpp"
#include "model/layers/commitment_record.hpp"
#include "model/layers/exact_model.hpp"

namespace p2pllm {

/// What is kept of one position for one head of keys or values (LAYER-7): `values` in units of
/// 2^(exponent - fraction_bits).
struct CacheEntry {
  std::span<const std::int16_t> values;  ///< head_width numbers, valid until the next `append`
  std::int64_t exponent = 0;             ///< 0 .. 16
};
enum class CachePart { key, value };

/// A sequence that passes through a range of layers, with the keys and values of its positions so far.
class LayerRun {
 public:
  virtual ~LayerRun() = default;
  /// Runs the next positions through all layers of the range (LAYER-9). However the positions are split into calls, the
  /// rows and the cache are the same.
  /// @param rows  one or more rows of `width` numbers, in units of 2^-fraction_bits, one a position: on entry what
  ///   enters the first layer, on return what leaves the last
  /// @pre positions() + the number of rows is at most the context
  virtual void append(std::span<std::int32_t> rows) = 0;
  [[nodiscard]] virtual std::int64_t positions() const = 0;
  /// @param layer  in the range @param position  below positions()
  [[nodiscard]] virtual CacheEntry cache_entry(std::int64_t layer, std::int64_t kv_head, CachePart part,
                                               std::int64_t position) const = 0;
  /// From now on the states of the steps are computed too: of a computation whose first position is positions(), with
  /// the cache of the positions before it (STEP-1). @param model  the id of the model
  virtual void begin_commitment(const Hash& model) = 0;
  /// The commitment to the steps since `begin_commitment`, which went before; until the next `append`.
  [[nodiscard]] virtual const CommitmentRecord& commitment() = 0;
};

/// An implementation of the rules of LAYER for one model: both halves of the project have one, and their numbers are
/// equal.
class LayerEngine {
 public:
  virtual ~LayerEngine() = default;
  [[nodiscard]] virtual const ModelShape& shape() const = 0;
  /// @param layers  a range of the model's layers; this engine outlives the result
  [[nodiscard]] virtual std::unique_ptr<LayerRun> start(const LayerRange& layers) const = 0;
  /// Writes the row of a token (LAYER-5). @param token  below the vocabulary @param row  `width` numbers
  virtual void embed(std::int64_t token, std::span<std::int32_t> row) const = 0;
  /// Writes the logits of the row that leaves the last layer (LAYER-10).
  /// @param row  `width` numbers @param logits  `vocabulary` numbers, in units of 2^-fraction_bits
  virtual void logits(std::span<const std::int32_t> row, std::span<std::int32_t> logits) const = 0;
};

}  // namespace p2pllm
