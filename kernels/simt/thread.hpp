#pragma once

#include <cstdint>

#include "kernels/simt/hooks.hpp"
#include "kernels/simt/index_rules.hpp"

// What a kernel's source may use of the machine that runs it. The same text is compiled by nvcc, where each function is
// an instruction or two, and by a C++ compiler, where each asks the simulated machine of machine.hpp, which checks it.
//
// A kernel is an agent, an ordinary function
//
//     P2PLLM_AGENT void sum(const Thread& thread, Storage& storage, const Arguments& arguments);
//
// that every thread of a block runs. `Storage` is the shared memory of the block: a struct of SharedArray (memory.hpp)
// and nothing else. `Arguments` is a struct of numbers and DeviceSpan, copied to the device. It may not use what the
// simulated machine cannot run: textures, barriers of a whole grid, library functions of a block. An instruction that
// C++ lacks is a function of instructions.hpp or tensor.hpp, inline PTX or an intrinsic there beside the same in C++.
#if defined(__CUDACC__)
#define P2PLLM_AGENT __host__ __device__ __forceinline__
#define P2PLLM_UNROLLED _Pragma("unroll")  // before a loop whose array shall lie in registers
#else
#define P2PLLM_AGENT inline
#define P2PLLM_UNROLLED
#endif

namespace p2pllm::kernels::simt {

inline constexpr int warp_size = 32;
inline constexpr std::uint32_t whole_warp = 0xffffffff;

/// One thread of a block. Every function that waits names the place of its call, which messages show; a kernel never
/// passes it.
class Thread {
 public:
  /// Of the thread in its block, 0 .. threads() - 1.
  [[nodiscard]] P2PLLM_AGENT int index() const { return P2PLLM_SIMT(static_cast<int>(threadIdx.x), hooks::thread()); }
  /// Of a block, at most 1024.
  [[nodiscard]] P2PLLM_AGENT int threads() const { return P2PLLM_SIMT(static_cast<int>(blockDim.x), hooks::threads()); }
  /// Of the block in the grid, 0 .. blocks() - 1.
  [[nodiscard]] P2PLLM_AGENT std::int64_t block() const {
    return P2PLLM_SIMT(static_cast<std::int64_t>(blockIdx.x), hooks::block());
  }
  [[nodiscard]] P2PLLM_AGENT std::int64_t blocks() const {
    return P2PLLM_SIMT(static_cast<std::int64_t>(gridDim.x), hooks::blocks());
  }
  /// Of the thread in the grid, 0 .. numbers() - 1: work that goes round the threads begins here, in steps of
  /// numbers().
  [[nodiscard]] P2PLLM_AGENT std::int64_t number() const { return cell<std::int64_t>(block(), threads(), index()); }
  [[nodiscard]] P2PLLM_AGENT std::int64_t numbers() const { return blocks() * threads(); }
  /// Of the thread in its warp, 0 .. 31.
  [[nodiscard]] P2PLLM_AGENT int lane() const { return index() % warp_size; }
  [[nodiscard]] P2PLLM_AGENT int warp() const { return index() / warp_size; }

  /// All threads of the block wait here for one another; what one wrote before, each reads after.
  P2PLLM_AGENT void barrier(Place place = Place::here()) const {
    P2PLLM_SIMT(__syncthreads(), hooks::block_barrier(place));
  }
  /// The same for the lanes of a mask, which must be one mask for all of them and contain the caller.
  P2PLLM_AGENT void warp_barrier(std::uint32_t mask = whole_warp, Place place = Place::here()) const {
    P2PLLM_SIMT(__syncwarp(mask), hooks::warp_barrier(mask, place));
  }

  /// The value of lane (own lane XOR `bits`), which must be in the mask. T has 4 or 8 bytes.
  template <class T>
  [[nodiscard]] P2PLLM_AGENT T shuffle_xor(T value, int bits, std::uint32_t mask = whole_warp,
                                           Place place = Place::here()) const {
    return P2PLLM_SIMT(__shfl_xor_sync(mask, value, bits), hooks::shuffled(value, lane() ^ bits, mask, place));
  }
  /// The value of lane `from`, which must be in the mask.
  template <class T>
  [[nodiscard]] P2PLLM_AGENT T shuffle(T value, int from, std::uint32_t mask = whole_warp,
                                       Place place = Place::here()) const {
    return P2PLLM_SIMT(__shfl_sync(mask, value, from), hooks::shuffled(value, from, mask, place));
  }
  /// Bit k is the condition of lane k; 0 for a lane outside of the mask.
  [[nodiscard]] P2PLLM_AGENT std::uint32_t ballot(bool condition, std::uint32_t mask = whole_warp,
                                                  Place place = Place::here()) const {
    return P2PLLM_SIMT(__ballot_sync(mask, condition), hooks::ballot(condition, mask, place));
  }
};

}  // namespace p2pllm::kernels::simt
