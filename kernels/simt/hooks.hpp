#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

// How the functions of thread.hpp and memory.hpp reach the simulated machine. Kernels do not call these.
#if defined(__CUDA_ARCH__)
#define P2PLLM_SIMT(on_device, simulated) (on_device)
#else
#define P2PLLM_SIMT(on_device, simulated) (simulated)
#endif
#if defined(__CUDACC__)
#define P2PLLM_EITHER __host__ __device__
#else
#define P2PLLM_EITHER
#endif

namespace p2pllm::kernels::simt {

/// A line of a kernel's source.
struct Place {
  const char* file = nullptr;
  int line = 0;

  /// The place of the call in whose default argument this stands.
  [[nodiscard]] P2PLLM_EITHER static constexpr Place here(const char* file = __builtin_FILE(),
                                                          int line = __builtin_LINE()) {
    return {file, line};
  }
};

/// Each ends the launch with a fault (machine.hpp) where the kernel breaks a rule of the machine.
namespace hooks {

[[nodiscard]] int thread();
[[nodiscard]] int threads();
[[nodiscard]] std::int64_t block();
[[nodiscard]] std::int64_t blocks();

void block_barrier(const Place& place);
void warp_barrier(std::uint32_t mask, const Place& place);
[[nodiscard]] std::uint64_t shuffled_bits(std::uint64_t bits, int from, std::uint32_t mask, const Place& place);
[[nodiscard]] std::uint32_t ballot(bool condition, std::uint32_t mask, const Place& place);

enum class Access { read, constant_read, write, atomic };
void check_index(std::int64_t index, std::int64_t size, const Place& place);
void check_alignment(const void* address, std::size_t bytes, const Place& place);
/// @param address  of an element, `bytes` long
void access(const void* address, std::size_t bytes, Access kind, const Place& place);
/// From here on the bytes count as never written.
void forget(const void* address, std::size_t bytes, const Place& place);

/// Of 4 or 8 bytes, as a warp exchanges it.
template <class T>
[[nodiscard]] T shuffled(T value, int from, std::uint32_t mask, const Place& place) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  const std::uint64_t bits = shuffled_bits(__builtin_bit_cast(Bits, value), from, mask, place);
  return __builtin_bit_cast(T, static_cast<Bits>(bits));
}

}  // namespace hooks
}  // namespace p2pllm::kernels::simt
