#pragma once

#include "kernels/market/scan_rules.hpp"
#include "kernels/simt/index_rules.hpp"
#include "kernels/simt/memory.hpp"

// Routing's pass over the nodes: for each block of nodes and each pair of coefficients the least of
// price * w.price + time * w.time. The numbers are those of the CPU's scan, since each operation is rounded alone and a
// least number does not depend on the order. Deterministic from run to run and from device to device.
namespace p2pllm::kernels {

inline constexpr int scan_weights = 8;          ///< pairs of coefficients that one pass takes
inline constexpr int scan_block_threads = 256;  ///< tuned for occupancy, without effect on results

/// F is float for columns of 32 bits and double for those of 64; Bits is the unsigned integer of its size.
template <class F, class Bits>
struct ScanArguments {
  simt::DeviceSpan<const Bits> price, time;   ///< of each node, block by block
  simt::DeviceSpan<const std::int64_t> ends;  ///< of each block, ascending; none is empty
  simt::DeviceSpan<Bits> least;               ///< ends.size() x scan_weights bits of F, infinite before
  F price_weight[scan_weights];               ///< >= 0, as are those of time
  F time_weight[scan_weights];
};
/// The first block that ends beyond a node.
template <class Ends>
[[nodiscard]] P2PLLM_AGENT std::int64_t block_of(const Ends& ends, std::int64_t node) {
  std::int64_t low = 0, high = ends.size();
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (ends.load(middle) <= node) low = middle + 1;
    else high = middle;
  }
  return low;
}

template <class F, class Bits>
P2PLLM_AGENT void scan(const simt::Thread& thread, simt::NoStorage& /*storage*/, const ScanArguments<F, Bits>& arguments) {
  const std::int64_t nodes = arguments.price.size();
  const std::int64_t warps = thread.threads() / simt::warp_size, own = thread.warp();
  const std::int64_t warp = simt::cell(thread.block(), warps, own);
  const std::int64_t end = scan_end(warp, nodes);
  std::int64_t from = scan_begin(warp);
  for (std::int64_t block = block_of(arguments.ends, from); from < end; ++block) {
    const std::int64_t block_end = arguments.ends.load(block);
    const std::int64_t to = block_end < end ? block_end : end;
    F least[scan_weights];
    P2PLLM_UNROLLED for (F& each : least) each = static_cast<F>(__builtin_huge_val());
    for (std::int64_t node = from + thread.lane(); node < to; node += simt::warp_size) {
      const F price = static_cast<F>(arguments.price.load(node)), time = static_cast<F>(arguments.time.load(node));
      P2PLLM_UNROLLED for (int k = 0; k < scan_weights; ++k) {
        const F weight = price * arguments.price_weight[k] + time * arguments.time_weight[k];
        least[k] = weight < least[k] ? weight : least[k];
      }
    }
    P2PLLM_UNROLLED for (int k = 0; k < scan_weights; ++k) {
      for (int bits = simt::warp_size / 2; bits > 0; bits /= 2) {
        const F other = thread.shuffle_xor(least[k], bits);
        least[k] = other < least[k] ? other : least[k];
      }
      // The bits of numbers that are not negative are in the order of the numbers.
      if (thread.lane() == k)
        arguments.least.atomic_min(simt::cell<std::int64_t>(block, scan_weights, k),
                                   __builtin_bit_cast(Bits, least[k]));
    }
    from = to;
  }
}

}  // namespace p2pllm::kernels
