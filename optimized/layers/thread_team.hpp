#pragma once

#include <cstddef>
#include <memory>

namespace p2pllm::optimized {

/// Threads that share numbered pieces of work. Nothing is allocated for a call.
class ThreadTeam {
 public:
  /// @param threads  at least 1, the caller's included
  explicit ThreadTeam(std::size_t threads);
  ~ThreadTeam();

  [[nodiscard]] std::size_t size() const { return size_; }
  /// Calls `run()`, in which `for_each` uses the threads of this team alone.
  template <typename Run>
  void enter(const Run& run) const {
    if (size_ == 1) run();
    else enter_arena(&run, [](const void* context) { (*static_cast<const Run*>(context))(); });
  }
  /// Calls `run` with each number below `count`, in any order.
  template <typename Run>
  void for_each(std::size_t count, const Run& run) const {
    if (size_ == 1 || count == 1)
      for (std::size_t k = 0; k < count; ++k) run(k);
    else share(count, &run, [](const void* context, std::size_t k) { (*static_cast<const Run*>(context))(k); });
  }

 private:
  struct Arena;
  void enter_arena(const void* context, void (*call)(const void* context)) const;
  void share(std::size_t count, const void* context, void (*call)(const void* context, std::size_t k)) const;

  std::size_t size_;
  std::unique_ptr<Arena> arena_;
};

}  // namespace p2pllm::optimized
