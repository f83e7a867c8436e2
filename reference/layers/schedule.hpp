#pragma once

#include <optional>
#include <vector>

#include "model/layers/micro_state.hpp"
#include "model/layers/model_shape.hpp"

// The micro-steps of a position in a layer: a fixed list without branches (STEP-4).
namespace p2pllm::reference {

using p2pllm::Register;  // not the operation of the ledger

inline constexpr std::int64_t span_numbers = 1024;  ///< of a register that a micro-step passes over
inline constexpr std::int64_t positions_read_max = 64;
inline constexpr std::int64_t heads_read_max = 64;

/// The tensors of a layer, in the order of the file (MODEL-3).
enum class LayerTensor { attention_norm, query, key, value, output, feed_norm, gate, up, down };
inline constexpr std::int64_t layer_tensor_count = 9;

/// Where a tensor stands among all of a model.
[[nodiscard]] std::int64_t tensor_index(std::int64_t layer, LayerTensor tensor);
[[nodiscard]] std::int64_t tensor_count(const ModelShape& shape, bool has_head);

enum class MicroKind {
  greatest,  ///< the greatest magnitude of the row that enters
  squares,   ///< the sum of squares of a norm
  scale,     ///< the numbers of a norm
  product,   ///< a tile of a matrix
  keep,      ///< the key and the value of a head
  attend,    ///< some positions for some heads of queries
  gate,      ///< what passes the gates
  leave,     ///< the state after
};

/// Micro-steps of one kind.
struct Phase {
  MicroKind kind = MicroKind::leave;
  std::int64_t count = 0;
  Register from = Register::row;
  Register to = Register::row;
  LayerTensor tensor = LayerTensor::query;  ///< of products and norms
  std::optional<Register> residual = {};    ///< the row that is added to a product
};

/// A phase, and one of its micro-steps from 0.
struct MicroOp {
  Phase phase;
  std::int64_t index = 0;
};

[[nodiscard]] std::int64_t numbers_of(Register r, const ModelShape& shape);
/// Rows and columns of a matrix of a layer (MODEL-3).
struct MatrixSize {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};
[[nodiscard]] MatrixSize size_of(LayerTensor tensor, const ModelShape& shape);

[[nodiscard]] std::vector<Phase> phases_of(const ModelShape& shape, std::int64_t position);
/// The number of micro-steps of a position in a layer: of each layer, for all have one shape (STEP-4).
[[nodiscard]] std::int64_t micro_step_count(const ModelShape& shape, std::int64_t position);
/// @param micro  1 .. micro_step_count
[[nodiscard]] MicroOp micro_op(const ModelShape& shape, std::int64_t position, std::int64_t micro);

/// Which heads read which positions in a micro-step of attention (STEP-4).
struct AttendPart {
  std::int64_t kv_head = 0;
  std::int64_t first_head = 0;  ///< of queries
  std::int64_t heads = 0;
  bool adds = false;  ///< whether values are added, or the greatest scores are looked for
  std::int64_t first_position = 0;
  std::int64_t positions = 0;
  bool is_first = false;  ///< of its pass
  bool is_last = false;   ///< of its pass
};
[[nodiscard]] AttendPart attend_part(const ModelShape& shape, std::int64_t position, std::int64_t index);

/// The numbers that the register of this micro-step has before it, in whole chunks and in the buffer.
[[nodiscard]] std::int64_t numbers_before(const ModelShape& shape, std::int64_t position, const MicroOp& op);
/// The number of sums that the state before a micro-step has.
[[nodiscard]] std::int64_t sums_before(const ModelShape& shape, std::int64_t position, const MicroOp& op);

}  // namespace p2pllm::reference
