#pragma once

#include <boost/context/fiber.hpp>
#include <cstddef>
#include <functional>

namespace p2pllm::kernels::simt {

/// A function that stops in the middle and goes on later, made known to the sanitizers as a thread of its own.
class Fiber {
 public:
  /// @param body  throws nothing
  explicit Fiber(std::function<void()> body);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  void resume();   ///< runs it until it suspends itself or ends. @pre it has not ended
  void suspend();  ///< called by its own body: goes back to the caller of resume
  [[nodiscard]] bool has_ended() const { return has_ended_; }

 private:
  void enter();
  void leave(bool is_last);

  std::function<void()> body_;
  bool has_ended_ = false;
  boost::context::fiber fiber_;   // of the body, while it is suspended
  boost::context::fiber caller_;  // of resume, while the body runs
  std::byte* stack_ = nullptr;
  // What AddressSanitizer and ThreadSanitizer know the two stacks by.
  void* fake_stack_ = nullptr;
  void* caller_fake_stack_ = nullptr;
  const void* caller_stack_ = nullptr;
  std::size_t caller_stack_bytes_ = 0;
  void* identity_ = nullptr;
  void* caller_identity_ = nullptr;
};

/// Gives back what fibers that have ended left, which is otherwise kept for the next ones.
void free_unused();
/// Whether ThreadSanitizer could soon know of no more threads (it takes about 8,000), unless `free_unused` is called.
[[nodiscard]] bool has_many_unused();

/// While one lives, ThreadSanitizer does not see what the running fiber reads and writes.
class Unobserved {
 public:
  Unobserved();
  ~Unobserved();
  Unobserved(const Unobserved&) = delete;
  Unobserved& operator=(const Unobserved&) = delete;
};

/// Tell ThreadSanitizer that what came before a `publish` of a key comes before what follows an `observe` of it.
/// @{
void publish(void* key);
void observe(void* key);
/// @}

}  // namespace p2pllm::kernels::simt
