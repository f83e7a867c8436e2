#pragma once

#include "kernels/simt/memory.hpp"

namespace p2pllm::kernels::simt {

/// How two numbers are joined into one; the order of joining does not matter.
struct Sum {
  [[nodiscard]] P2PLLM_AGENT std::int64_t operator()(std::int64_t a, std::int64_t b) const { return a + b; }
};
struct Greatest {
  [[nodiscard]] P2PLLM_AGENT std::int64_t operator()(std::int64_t a, std::int64_t b) const { return a < b ? b : a; }
};

/// The numbers of all threads of a block joined, which every thread gets. What a thread wrote before, all read after.
/// @param cells  one for each thread; a power of two
template <int Threads, class Join>
[[nodiscard]] P2PLLM_AGENT std::int64_t folded(const Thread& thread, SharedArray<std::int64_t, Threads>& cells,
                                               std::int64_t value, const Join& join) {
  const int self = thread.index();
  cells.store(self, value);
  for (int width = Threads / 2; width > 0; width /= 2) {
    thread.barrier();
    if (self < width) cells.store(self, value = join(value, cells.load(self + width)));
  }
  thread.barrier();
  const std::int64_t result = cells.load(0);
  thread.barrier();  // before the cells are written again
  return result;
}

/// The same of the lanes of a whole warp.
template <class Join>
[[nodiscard]] P2PLLM_AGENT std::int64_t folded_in_warp(const Thread& thread, std::int64_t value, const Join& join) {
  for (int bits = warp_size / 2; bits > 0; bits /= 2) value = join(value, thread.shuffle_xor(value, bits));
  return value;
}

}  // namespace p2pllm::kernels::simt
