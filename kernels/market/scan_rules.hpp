#pragma once

#include "model/numbers/integer.hpp"

// Which nodes a warp of the routing kernel reads. Templates over the integer type, so that proofs show them in range
// for every size.
namespace p2pllm::kernels {

/// The nodes that one warp reads together.
inline constexpr std::int64_t scan_nodes_of_a_warp = 1024;

/// The warps that `nodes` nodes take.
template <Integer T>
[[nodiscard]] constexpr T scan_warps(const T& nodes) {
  return div_floor(T(nodes + integer_like(nodes, scan_nodes_of_a_warp - 1)), scan_nodes_of_a_warp);
}
/// The first node of a warp.
template <Integer T>
[[nodiscard]] constexpr T scan_begin(const T& warp) {
  return warp * integer_like(warp, scan_nodes_of_a_warp);
}
/// One past the last node of a warp.
template <Integer T>
[[nodiscard]] constexpr T scan_end(const T& warp, const T& nodes) {
  const T end = scan_begin(warp) + integer_like(warp, scan_nodes_of_a_warp);
  return select(nodes < end, nodes, end);
}

}  // namespace p2pllm::kernels
