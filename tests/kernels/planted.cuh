#pragma once

#include <cstdint>

#include "kernels/simt/memory.hpp"

// A sum of a block by way of shared memory, a warp and an atomic, and the same with a mistake each: the machine of
// kernels/simt finds every one, at its line.
namespace p2pllm::kernels::planted {

using simt::DeviceSpan;
using simt::SharedArray;
using simt::Thread;

inline constexpr int threads = 64;

struct Storage {
  SharedArray<std::uint64_t, threads> sums;
  SharedArray<std::int32_t, threads> tile;
};
struct Arguments {
  DeviceSpan<const std::uint32_t> values;
  DeviceSpan<std::uint64_t> total;  ///< one element, which holds a number already
  DeviceSpan<std::uint32_t> scratch;
};

enum class Mistake {
  none,
  index_past_the_end,
  index_below_zero,
  words_between_places,
  divergent_barrier,
  barrier_of_half_a_block,
  missing_barrier,
  write_after_read,
  sum_without_atomic,
  read_of_the_untouched,
  read_past_a_tail,
  mask_without_the_caller,
  mask_of_absent_lanes,
  lane_outside_of_the_mask,
  missing_barrier_of_a_warp,
  barrier_of_another_warp,
  barrier_of_half_a_warp,
  shuffle_for_a_barrier,
  masks_that_differ,
  divergent_shuffle,
  lane_beyond_the_warp,
  write_after_anothers_read,
  atomic_after_a_write,
  memory_of_another_block,
  span_longer_than_its_memory,
  constant_that_is_written,
  memory_of_the_host,
};

/// The line of the last mistake that a thread came to.
inline int line_of_mistake = 0;
#if defined(__CUDA_ARCH__)
#define P2PLLM_MISTAKE_BELOW
#else
#define P2PLLM_MISTAKE_BELOW line_of_mistake = __LINE__ + 1
#endif

/// The sum of two numbers of each thread, and mistakes with shared memory and barriers. @return whether to go on
template <Mistake mistake>
P2PLLM_AGENT bool fold_block(const Thread& thread, Storage& storage) {
  const int self = thread.index();
  if constexpr (mistake == Mistake::index_below_zero) {
    P2PLLM_MISTAKE_BELOW;
    storage.tile.store(self - 1, 0);
  }
  if constexpr (mistake == Mistake::divergent_barrier) {
    if (self < 40) {
      P2PLLM_MISTAKE_BELOW;
      thread.barrier();
    } else {
      thread.barrier();
    }
  }
  if constexpr (mistake == Mistake::barrier_of_half_a_block) {
    P2PLLM_MISTAKE_BELOW;
    if (self < 32) thread.barrier();
    return false;
  }
  if constexpr (mistake == Mistake::barrier_of_another_warp) {
    if (self == 0) storage.tile.store(0, 0);
    thread.barrier();
    if (self >= 32) thread.warp_barrier();
    if (self == 0) storage.tile.store(0, 1);
    if (self == 32) (void)storage.tile.load(0);  // which of the two is found depends on the order
  }
  if constexpr (mistake != Mistake::missing_barrier) thread.barrier();
  if (self < 32) storage.sums.store(self, storage.sums.load(self) + storage.sums.load(self + 32));
  thread.barrier();
  if constexpr (mistake == Mistake::write_after_read) {
    (void)storage.sums.load(0);
    P2PLLM_MISTAKE_BELOW;
    if (self == 33) storage.sums.store(0, 0);
  }
  if constexpr (mistake == Mistake::read_of_the_untouched) {
    P2PLLM_MISTAKE_BELOW;
    (void)storage.tile.load(self);
  }
  if constexpr (mistake == Mistake::read_past_a_tail) {
    storage.tile.store(self, 1);  // a whole tile
    thread.barrier();
    storage.tile.forget(self);
    thread.barrier();
    if (self < 7) storage.tile.store(self, 2);  // the last tile has a tail of seven
    thread.barrier();
    P2PLLM_MISTAKE_BELOW;
    if (self == 0) (void)storage.tile.load(7);
  }
  return self < 32;
}

/// Mistakes with what a warp orders and exchanges. A shuffle between two accesses brings them into their order in time,
/// which counts for nothing.
template <Mistake mistake>
P2PLLM_AGENT void exchange(const Thread& thread, Storage& storage, const Arguments& arguments) {
  const int self = thread.index();
  if constexpr (mistake == Mistake::barrier_of_half_a_warp) {
    storage.tile.store(self, self);
    thread.warp_barrier(self < 16 ? 0xffff : 0xffff0000);
    P2PLLM_MISTAKE_BELOW;
    (void)storage.tile.load(self ^ 1);
  }
  if constexpr (mistake == Mistake::shuffle_for_a_barrier) {
    storage.tile.store(self, self);
    (void)thread.shuffle_xor(self, 1);
    P2PLLM_MISTAKE_BELOW;
    (void)storage.tile.load(self ^ 1);
  }
  if constexpr (mistake == Mistake::masks_that_differ) {
    P2PLLM_MISTAKE_BELOW;
    if (self < 2) (void)thread.ballot(true, self == 0 ? 0x3 : 0x7);
  }
  if constexpr (mistake == Mistake::divergent_shuffle) {
    if (self < 16) {
      P2PLLM_MISTAKE_BELOW;
      (void)thread.shuffle_xor(self, 1);
    } else {
      (void)thread.shuffle_xor(self, 1);
    }
  }
  if constexpr (mistake == Mistake::lane_beyond_the_warp) {
    P2PLLM_MISTAKE_BELOW;
    (void)thread.shuffle(self, 32);
  }
  if constexpr (mistake == Mistake::write_after_anothers_read) {
    if (self < 2) (void)storage.sums.load(0);  // thread 0 has read it before
    (void)thread.ballot(true);
    P2PLLM_MISTAKE_BELOW;
    if (self == 0) storage.sums.store(0, 0);
  }
  if constexpr (mistake == Mistake::atomic_after_a_write) {
    if (self == 0) arguments.scratch.store(0, 1);
    (void)thread.ballot(true);
    P2PLLM_MISTAKE_BELOW;
    if (self == 1) arguments.scratch.atomic_add(0, 1);
  }
  if constexpr (mistake == Mistake::memory_of_another_block) {
    if (self == 0 && arguments.scratch.atomic_add(1, 1) > 0) {
      P2PLLM_MISTAKE_BELOW;
      (void)storage.tile.load(0);
    }
    if (self == 0) storage.tile.store(0, 1);
  }
  if constexpr (mistake == Mistake::span_longer_than_its_memory) {
    const DeviceSpan<std::uint32_t> longer(arguments.scratch.data(), arguments.scratch.size() + 1);
    P2PLLM_MISTAKE_BELOW;
    longer.store(longer.size() - 1, 0);
  }
}

/// The sum of a warp, and mistakes with masks and with memory of the device.
template <Mistake mistake>
P2PLLM_AGENT std::uint64_t fold_warp(const Thread& thread, Storage& storage, const Arguments& arguments) {
  const int self = thread.index();
  std::uint64_t sum = storage.sums.load(self);
  exchange<mistake>(thread, storage, arguments);
  for (int bits = 16; bits > 0; bits /= 2) sum += thread.shuffle_xor(sum, bits);
  if constexpr (mistake == Mistake::mask_without_the_caller) {
    P2PLLM_MISTAKE_BELOW;
    (void)thread.ballot(true, 0xffff0000);
  }
  if constexpr (mistake == Mistake::mask_of_absent_lanes) {
    P2PLLM_MISTAKE_BELOW;
    if (self < 16) thread.warp_barrier();
  }
  if constexpr (mistake == Mistake::lane_outside_of_the_mask) {
    if (self < 8) {
      P2PLLM_MISTAKE_BELOW;
      (void)thread.shuffle(sum, 8, 0xff);
    }
  }
  if constexpr (mistake == Mistake::missing_barrier_of_a_warp) {
    storage.tile.store(self, self);
    thread.warp_barrier();
    P2PLLM_MISTAKE_BELOW;
    storage.tile.store(self, storage.tile.load((self + 1) % 32));
  }
  if constexpr (mistake == Mistake::constant_that_is_written) {
    const DeviceSpan<const std::uint32_t> constant = arguments.scratch;
    if (self == 1) (void)constant.load(1);
    if (self == 0) arguments.scratch.store(0, 1);  // which of the two is found depends on the order
  }
  if constexpr (mistake == Mistake::memory_of_the_host) {
    std::uint32_t own = 0;
    P2PLLM_MISTAKE_BELOW;
    DeviceSpan<std::uint32_t>(&own, 1).store(0, 1);
  }
  return sum;
}

template <Mistake mistake>
P2PLLM_AGENT void mistaken(const Thread& thread, Storage& storage, const Arguments& arguments) {
  const int self = thread.index();
  const std::int64_t at = thread.block() * threads + self;
  storage.sums.store(self, arguments.values.load(at));
  if constexpr (mistake == Mistake::index_past_the_end) {
    P2PLLM_MISTAKE_BELOW;
    (void)arguments.values.load(at + 1);
  }
  if constexpr (mistake == Mistake::words_between_places) {
    P2PLLM_MISTAKE_BELOW;
    (void)arguments.values.load_four(2);
  }
  if (!fold_block<mistake>(thread, storage)) return;
  const std::uint64_t sum = fold_warp<mistake>(thread, storage, arguments);
  if (self != 0) return;
  if constexpr (mistake == Mistake::sum_without_atomic) {
    P2PLLM_MISTAKE_BELOW;
    arguments.total.store(0, arguments.total.load(0) + sum);
  } else {
    arguments.total.atomic_add(0, sum);
  }
}

}  // namespace p2pllm::kernels::planted
