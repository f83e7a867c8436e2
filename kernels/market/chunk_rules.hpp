#pragma once

#include "model/numbers/integer.hpp"

// How the nodes of a group are cut into the chunks that blocks work on. Templates over the integer type, so that proofs
// show them in range for every size.
namespace p2pllm::kernels {

inline constexpr std::int64_t chunk_nodes = 1024;  ///< of a chunk; the last of a group may be shorter

/// The chunks of a group of `nodes` nodes.
template <Integer T>
[[nodiscard]] constexpr T chunks_of_group(const T& nodes) {
  return div_floor(T(nodes + integer_like(nodes, chunk_nodes - 1)), chunk_nodes);
}
/// The place of the first node of a chunk. @param chunk  counted in its group @param group_begin  the group's first
/// place
template <Integer T>
[[nodiscard]] constexpr T chunk_begin(const T& group_begin, const T& chunk) {
  return group_begin + chunk * integer_like(chunk, chunk_nodes);
}

}  // namespace p2pllm::kernels
