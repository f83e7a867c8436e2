#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/simt/thread.hpp"

namespace p2pllm::kernels::simt {

/// The type of that size and sign by which a device knows an integer.
template <class T>
using OfDevice =
    std::conditional_t<sizeof(T) == 8, std::conditional_t<std::is_signed_v<T>, long long, unsigned long long>, T>;

template <class T>
P2PLLM_AGENT T added(T* at, T value) {
#if defined(__CUDA_ARCH__)
  using Added = std::conditional_t<sizeof(T) == 8, unsigned long long, OfDevice<T>>;  // whose sum has the same bits
  return static_cast<T>(atomicAdd(reinterpret_cast<Added*>(at), static_cast<Added>(value)));
#else
  return __atomic_fetch_add(at, value, __ATOMIC_RELAXED);
#endif
}

/// Four words that lie together, the first at a multiple of their size. One instruction of a device moves them.
struct alignas(16) FourWords {
  std::uint32_t words[4];
};

/// Memory of the device, as a kernel sees it: a pointer and a number of elements, copied with the arguments. Indices
/// have 64 bits. An element that is loaded must have been written; two threads may touch an element without a barrier
/// between them only to read it or by atomics.
template <class T>
class DeviceSpan {
 public:
  using Value = std::remove_const_t<T>;

  DeviceSpan() = default;
  P2PLLM_EITHER DeviceSpan(T* data, std::int64_t size) : data_(data), size_(size) {}
  /// A span that may be written is also one that may be read.
  template <class U>
  requires std::is_same_v<const U, T> P2PLLM_EITHER DeviceSpan(const DeviceSpan<U>& other)
      : data_(other.data()), size_(other.size()) {}

  [[nodiscard]] P2PLLM_EITHER std::int64_t size() const { return size_; }
  [[nodiscard]] P2PLLM_EITHER T* data() const { return data_; }

  [[nodiscard]] P2PLLM_AGENT Value load(std::int64_t index, Place place = Place::here()) const {
    return *checked(index, std::is_const_v<T> ? hooks::Access::constant_read : hooks::Access::read, place);
  }
  /// The words from `index` on, a multiple of 4 in an array that begins as an allocation does.
  [[nodiscard]] P2PLLM_AGENT FourWords
  load_four(std::int64_t index, Place place = Place::here()) const requires std::is_same_v<T, const std::uint32_t> {
#if defined(__CUDA_ARCH__)
    return *reinterpret_cast<const FourWords*>(data_ + index);
#else
    hooks::check_alignment(data_ + index, sizeof(FourWords), place);
    return {{load(index, place), load(index + 1, place), load(index + 2, place), load(index + 3, place)}};
#endif
  }
  P2PLLM_AGENT void store(std::int64_t index, Value value, Place place = Place::here()) const {
    *checked(index, hooks::Access::write, place) = value;
  }
  /// Adds to an integer and returns what it was, in one step.
  P2PLLM_AGENT Value atomic_add(std::int64_t index, Value value, Place place = Place::here()) const {
    T* const at = checked(index, hooks::Access::atomic, place);
    return added(at, value);
  }
  /// Puts the smaller of the two there and returns what it was, in one step.
  P2PLLM_AGENT Value atomic_min(std::int64_t index, Value value, Place place = Place::here()) const {
    T* const at = checked(index, hooks::Access::atomic, place);
#if defined(__CUDA_ARCH__)
    return static_cast<Value>(atomicMin(reinterpret_cast<OfDevice<Value>*>(at), static_cast<OfDevice<Value>>(value)));
#else
    const Value before = __atomic_load_n(at, __ATOMIC_RELAXED);
    __atomic_store_n(at, value < before ? value : before, __ATOMIC_RELAXED);
    return before;
#endif
  }

 private:
  P2PLLM_AGENT T* checked([[maybe_unused]] std::int64_t index, [[maybe_unused]] hooks::Access kind,
                          [[maybe_unused]] const Place& place) const {
#if !defined(__CUDA_ARCH__)
    hooks::check_index(index, size_, place);
    hooks::access(data_ + index, sizeof(T), kind, place);
#endif
    return data_ + index;
  }

  T* data_ = nullptr;
  std::int64_t size_ = 0;
};

/// An array in the memory that the threads of a block share. Nothing is in it when a block begins.
template <class T, int Size>
class SharedArray {
 public:
  [[nodiscard]] P2PLLM_AGENT static constexpr int size() { return Size; }

  [[nodiscard]] P2PLLM_AGENT T load(int index, Place place = Place::here()) const {
    check(index, hooks::Access::read, place);
    return cells_[index];
  }
  P2PLLM_AGENT void store(int index, T value, Place place = Place::here()) {
    check(index, hooks::Access::write, place);
    cells_[index] = value;
  }
  P2PLLM_AGENT T atomic_add(int index, T value, Place place = Place::here()) {
    check(index, hooks::Access::atomic, place);
    return added(cells_ + index, value);
  }
  /// An element holds nothing from here on: the next tile's threads find what the last tile left there only by mistake.
  /// Costs nothing on a device.
  P2PLLM_AGENT void forget([[maybe_unused]] int index, [[maybe_unused]] Place place = Place::here()) {
#if !defined(__CUDA_ARCH__)
    hooks::check_index(index, Size, place);
    hooks::forget(cells_ + index, sizeof(T), place);
#endif
  }

 private:
  P2PLLM_AGENT void check([[maybe_unused]] int index, [[maybe_unused]] hooks::Access kind,
                          [[maybe_unused]] const Place& place) const {
#if !defined(__CUDA_ARCH__)
    hooks::check_index(index, Size, place);
    hooks::access(cells_ + index, sizeof(T), kind, place);
#endif
  }

  T cells_[Size];
};

/// Of a kernel that needs no shared memory.
struct NoStorage {};

}  // namespace p2pllm::kernels::simt
