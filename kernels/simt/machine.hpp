#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

#include "kernels/simt/memory.hpp"

// A machine that runs kernels on a CPU, in order to check them: each thread of a block is a fiber, and the machine
// switches between them wherever a thread waits, in an order that a seed draws. Blocks run one after the other, in a
// drawn order too. Every access to memory is checked as it happens, so that a race or a lost barrier is found from one
// run whatever the order, and named by file and line of the kernel:
//
//   - an index outside of an array, and an address that is not memory of the device;
//   - words that are loaded together from a place that is no multiple of their size;
//   - a read of an element that nobody wrote;
//   - two accesses of one element by different threads, not all of them reads or all atomic, without a barrier between;
//   - a barrier that some threads of the block do not reach, or reach at another place;
//   - an operation of a warp whose mask lacks the caller, names a lane that does not come, or reads a lane outside.
//
// Beside that, the programs of tests/kernels are compiled with AddressSanitizer, UBSan and ThreadSanitizer, to which
// the fibers are made known.
namespace p2pllm::kernels::simt {

struct Grid {
  std::int64_t blocks = 0;
  int threads = 0;  ///< of a block, 1 .. 1024
};

/// The order in which threads and blocks run. Equal seeds give equal orders.
struct Schedule {
  std::uint64_t seed = 0;
};

/// A rule of the machine that a kernel broke.
struct KernelFault {
  std::string file;
  int line = 0;
  std::string what;  ///< one sentence

  [[nodiscard]] std::string message() const;  ///< FILE:LINE: sentence
};

/// Memory of the simulated device and what the machine knows of each element of it.
class Region {
 public:
  /// Nothing is in it. @param element  bytes of one; 1 where elements of several sizes lie in it
  Region(std::size_t bytes, std::size_t element);
  ~Region();
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  [[nodiscard]] std::byte* bytes() const { return bytes_.get(); }
  [[nodiscard]] bool holds(const void* address, std::size_t bytes) const;
  void set_written(const void* from, std::size_t bytes);  ///< by the host

 private:
  friend class Shadow;
  struct Cells;
  struct Free {
    void operator()(std::byte* bytes) const;
  };
  std::unique_ptr<std::byte[], Free> bytes_;
  std::unique_ptr<Cells> cells_;
};

/// An array in the memory of the simulated device. What a thread of the host makes, only its own launches use.
template <class T>
class Memory {
 public:
  static_assert(std::is_trivially_copyable_v<T>);
  /// Elements that nobody has written. @pre size >= 0
  explicit Memory(std::int64_t size) : size_(size), region_(static_cast<std::size_t>(size) * sizeof(T), sizeof(T)) {}
  explicit Memory(std::span<const T> elements) : Memory(static_cast<std::int64_t>(elements.size())) {
    if (!elements.empty()) std::memcpy(region_.bytes(), elements.data(), elements.size_bytes());
    region_.set_written(region_.bytes(), elements.size_bytes());
  }

  [[nodiscard]] std::span<const T> elements() const { return {data(), static_cast<std::size_t>(size_)}; }
  [[nodiscard]] DeviceSpan<T> span() { return {data(), size_}; }
  [[nodiscard]] DeviceSpan<const T> constant() const { return {data(), size_}; }

 private:
  [[nodiscard]] T* data() const { return reinterpret_cast<T*>(region_.bytes()); }

  std::int64_t size_;
  Region region_;
};

/// Runs one thread of a block. @param storage  the shared memory of its block
using ThreadBody = std::function<void(const Thread& thread, std::byte* storage)>;

/// Runs a grid; the fault that ended it, if any. What the host reads of the memory is then undefined.
/// @pre grid.threads is a multiple of 32, 32 .. 1024; grid.blocks >= 0
[[nodiscard]] std::optional<KernelFault> run_blocks(const Grid& grid, const Schedule& schedule,
                                                    std::size_t storage_bytes, const ThreadBody& body);

/// Runs an agent over a grid.
template <class Storage, class Arguments>
[[nodiscard]] std::optional<KernelFault> run(const Grid& grid, const Schedule& schedule,
                                             void (*agent)(const Thread&, Storage&, const Arguments&),
                                             const Arguments& arguments) {
  static_assert(std::is_trivially_default_constructible_v<Storage> && alignof(Storage) <= 64);
  static_assert(std::is_trivially_copyable_v<Arguments>);
  return run_blocks(grid, schedule, sizeof(Storage), [&](const Thread& thread, std::byte* storage) {
    agent(thread, *reinterpret_cast<Storage*>(storage), arguments);
  });
}

}  // namespace p2pllm::kernels::simt
