#pragma once

#include "model/numbers/integer.hpp"

// Indices that every kernel uses. Templates over the integer type, so that proofs show them in range for every size.
namespace p2pllm::kernels::simt {

/// The place of an element of a table, row by row. By value: a device has no address of a constant.
template <Integer T>
[[nodiscard]] constexpr T cell(T row, T width, T column) {
  return row * width + column;
}

}  // namespace p2pllm::kernels::simt
