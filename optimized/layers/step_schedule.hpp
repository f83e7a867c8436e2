#pragma once

#include <array>

#include "model/layers/micro_state.hpp"
#include "model/layers/model_shape.hpp"

// The order of the micro-steps of a step (STEP-4), as the fast half's judge reads it.
namespace p2pllm::optimized {

inline constexpr std::int64_t pass_numbers = 1024;  ///< that a micro-step of a pass over a row has at most

/// The tensors of a layer, in the order of MODEL-3.
enum class TensorPlace { attention_norm, query, key, value, output, feed_norm, gate, up, down };
inline constexpr std::int64_t tensors_a_layer = 9;

enum class StepKind { greatest, squares, scale, product, keep, attend, gate, leave };

/// Neighbouring micro-steps of one kind.
struct StepPhase {
  StepKind kind = StepKind::leave;
  Register source = Register::row;     ///< what a pass runs over, and the vector of a product
  Register target = Register::result;  ///< the register that is written, if one is
  TensorPlace tensor = TensorPlace::attention_norm;
  std::int64_t count = 0;
};
/// The phases of a step at a position. @param shape  one that MODEL-1 allows @param position  below its context
[[nodiscard]] std::array<StepPhase, 16> step_phases(const ModelShape& shape, std::int64_t position);

/// Numbers of a register.
[[nodiscard]] std::int64_t register_numbers(const ModelShape& shape, Register r);

/// What a micro-step of attention reads.
struct AttendPlace {
  std::int64_t kv_head = 0;
  std::int64_t first_query = 0;  ///< head of queries
  std::int64_t queries = 0;
  std::int64_t first_position = 0;
  std::int64_t positions = 0;
  bool is_second_pass = false;
  bool is_last = false;  ///< whether it has the last positions
};
/// @param index  among the micro-steps of attention, from 0
[[nodiscard]] AttendPlace attend_place(const ModelShape& shape, std::int64_t position, std::int64_t index);

}  // namespace p2pllm::optimized
