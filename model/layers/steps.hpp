#pragma once

#include <cstdint>
#include <span>

#include "model/crypto/merkle.hpp"
#include "model/encoding/cbor.hpp"
#include "model/layer_range.hpp"

// The states of a computation by layers, and the trees that they name (STEP-1 .. STEP-3).
namespace p2pllm {

inline constexpr std::int64_t chunk_numbers = 256;  ///< of a row, in a leaf of its tree (STEP-2)
inline constexpr std::size_t number_bytes = 4;

/// A range of layers and the position at which its computation begins: what the terms say (STEP-1).
struct Computation {
  LayerRange layers;
  std::int64_t first_position = 0;
  bool operator==(const Computation&) const = default;
};

/// What a judge answers about a micro-step (STEP-6).
enum class Judgement {
  right,  ///< the state after is the one that the micro-step leaves
  wrong,  ///< it is another one
  unfit,  ///< state and witness do not show which: no micro-step of this place, or no witness of it
};
inline constexpr std::size_t witness_bytes_max = 64000;

/// A micro-step: the `micro`-th, counted from 1, of one position in one layer (STEP-4).
struct StepPlace {
  std::int64_t position = 0;
  std::int64_t layer = 0;
  std::int64_t micro = 0;
  bool operator==(const StepPlace&) const = default;
};

/// What is left after a step, and what the next one reads (STEP-1).
struct StepState {
  std::int64_t position = 0;  ///< of the next step
  std::int64_t layer = 0;     ///< of the next step
  Hash row{};                 ///< the hash of the row that left the last step (STEP-2)
  Hash cache{};               ///< the root of keys and values (STEP-3)
  Hash outputs{};             ///< the root of the rows that left the range (STEP-1)
  bool operator==(const StepState&) const = default;
};

/// The number of the step that runs a position through a layer, from 1 (STEP-1).
/// @pre the position is not before the first one, and the layer is in the range
[[nodiscard]] std::int64_t step_number(const Computation& computation, std::int64_t position, std::int64_t layer);

[[nodiscard]] Bytes encode_step_state(const StepState& state);
[[nodiscard]] CborResult<StepState> decode_step_state(ByteView bytes);

/// The number of chunks that hold this many numbers (STEP-2).
[[nodiscard]] std::int64_t chunks_of(std::int64_t numbers);
/// The bytes of numbers: four each as two's complement, the lowest first.
[[nodiscard]] Bytes bytes_of_numbers(std::span<const std::int32_t> numbers);
[[nodiscard]] MerkleLeaf chunk_leaf(ByteView chunk);
/// The hash of a row: the root over its chunks (STEP-2).
[[nodiscard]] Hash row_hash(ByteView row);
/// The leaf of the row of a unit, which counts from 1, in the list of rows that leave a range (STEP-1).
[[nodiscard]] MerkleLeaf row_leaf(std::int64_t unit, const Hash& row);

/// The bytes of what is kept of a position for a head of keys and values (STEP-3): the key's numbers, the value's, two
/// bytes each as two's complement, the lower one first; and the exponents of the key and of the value.
[[nodiscard]] std::size_t cache_entry_bytes(std::int64_t head_width);
[[nodiscard]] Bytes encode_cache_entry(std::span<const std::int16_t> key, std::int64_t key_exponent,
                                       std::span<const std::int16_t> value, std::int64_t value_exponent);
[[nodiscard]] MerkleLeaf cache_entry_leaf(ByteView entry);
/// The leaf of a head of a layer, given the root over its positions (STEP-3).
[[nodiscard]] MerkleLeaf cache_head_leaf(const Hash& positions);

/// The leaf of micro-step `micro` of step `step` (STEP-5).
[[nodiscard]] MerkleLeaf micro_step_leaf(const Hash& model, std::int64_t step, std::int64_t micro, const Hash& before,
                                         const Hash& after);

}  // namespace p2pllm
