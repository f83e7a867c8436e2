#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace p2pllm::optimized {

/// Memory that begins with a line of the cache.
template <typename T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t line{64};

  LineAllocator() = default;
  template <typename Other>
  explicit LineAllocator(const LineAllocator<Other>& /*other*/) {}

  [[nodiscard]] T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), line)); }
  void deallocate(T* place, std::size_t /*count*/) { ::operator delete(place, line); }
  bool operator==(const LineAllocator&) const = default;
};

template <typename T>
using AlignedVector = std::vector<T, LineAllocator<T>>;

}  // namespace p2pllm::optimized
