#pragma once

#include <array>
#include <vector>

#include "model/layers/steps.hpp"

// What is left after a micro-step (STEP-5).
namespace p2pllm {

/// The rows of a step, each of which is written once, from its beginning to its end (STEP-2).
enum class Register {
  row,     ///< what enters the layer
  normed,  ///< its norm
  queries,
  keys,
  values,
  read,      ///< what all heads read
  attended,  ///< the row after attention
  fed,       ///< its norm
  gates,
  ups,
  gated,
  result,  ///< what leaves the layer
};
inline constexpr std::size_t register_count = 12;

/// A register as a state names it.
struct RegisterState {
  Hash root{};                ///< of the chunks that are complete
  std::int64_t greatest = 0;  ///< the greatest magnitude of its numbers so far, of those in the buffer too
  bool operator==(const RegisterState&) const = default;
};

struct MicroState {
  std::int64_t micro = 0;            ///< micro-steps done
  std::int64_t squares = 0;          ///< the sum of squares of a norm
  std::vector<std::int64_t> sums;    ///< of a product, or of the heads that read, while they are incomplete
  std::vector<std::int32_t> buffer;  ///< numbers of the register that is written, after its last whole chunk
  Hash cache{};
  Hash outputs{};
  std::array<RegisterState, register_count> registers;

  [[nodiscard]] RegisterState& of(Register r) { return registers[static_cast<std::size_t>(r)]; }
  [[nodiscard]] const RegisterState& of(Register r) const { return registers[static_cast<std::size_t>(r)]; }
  bool operator==(const MicroState&) const = default;
};

inline constexpr std::size_t micro_sums_max = 1200;
inline constexpr std::size_t micro_state_bytes_max = 12000;

/// Micro-state 0 of a step (STEP-5). @param row  the hash of the row that enters the layer
[[nodiscard]] MicroState first_micro_state(const StepState& before, const Hash& row);

[[nodiscard]] Bytes encode_micro_state(const MicroState& state);
/// @returns a fault for bytes of another shape, and for numbers that no register holds
[[nodiscard]] CborResult<MicroState> decode_micro_state(ByteView bytes);

/// The hash of a micro-state that is not the last one of its step; the last one is the state of COMMIT-4 (STEP-5).
[[nodiscard]] Hash micro_state_hash(ByteView bytes);

}  // namespace p2pllm
