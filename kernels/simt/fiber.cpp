#include "kernels/simt/fiber.hpp"

#include <memory>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif

#define P2PLLM_UNCOUNTED __attribute__((no_sanitize("thread")))

namespace p2pllm::kernels::simt {
namespace {

constexpr std::size_t stack_bytes = std::size_t{1} << 17;  // sanitizers lay redzones around every local

/// What ended fibers left: stacks for the next ones, and what ThreadSanitizer knew them by. It takes one thread for
/// another that has the same number or stack, so that to it none is used again before the launch ends.
struct Unused {
  std::vector<std::unique_ptr<std::byte[]>> stacks;
  std::vector<void*> identities;
};
Unused& unused() {
  thread_local Unused all;
  return all;
}
std::byte* take_stack() {
#if defined(__SANITIZE_THREAD__)
  constexpr bool is_used_again = false;
#else
  constexpr bool is_used_again = true;
#endif
  if (!is_used_again || unused().stacks.empty()) return new std::byte[stack_bytes];
  std::byte* const stack = unused().stacks.back().release();
  unused().stacks.pop_back();
  return stack;
}

struct Pooled {  // a stack allocator as Boost.Context wants one
  std::byte* stack;
  boost::context::stack_context allocate() const {
    boost::context::stack_context context;
    context.size = stack_bytes;
    context.sp = stack + stack_bytes;
    return context;
  }
  void deallocate(boost::context::stack_context& context) const {
    unused().stacks.emplace_back(static_cast<std::byte*>(context.sp) - stack_bytes);
  }
};

void begin_unobserved() {
#if defined(__SANITIZE_THREAD__)
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
#endif
}
void end_unobserved() {
#if defined(__SANITIZE_THREAD__)
  AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
#endif
}

}  // namespace

bool has_many_unused() { return unused().identities.size() > 4096; }
void free_unused() {
  unused().stacks.clear();
#if defined(__SANITIZE_THREAD__)
  for (void* identity : unused().identities) __tsan_destroy_fiber(identity);
#endif
  unused().identities.clear();
}

// These switch from one thread to another as ThreadSanitizer sees it, which must not count them among the calls of
// either.
P2PLLM_UNCOUNTED Fiber::Fiber(std::function<void()> body) : body_(std::move(body)), stack_(take_stack()) {
#if defined(__SANITIZE_THREAD__)
  identity_ = __tsan_create_fiber(0);
  caller_identity_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(identity_, __tsan_switch_to_fiber_no_sync);  // Boost enters the fiber, and comes back
  begin_unobserved();
#endif
  fiber_ = boost::context::fiber(std::allocator_arg, Pooled{stack_}, [this](boost::context::fiber&& caller) {
    caller_ = std::move(caller);
    enter();
    body_();
    has_ended_ = true;
    begin_unobserved();  // until resume has gone over to its caller
    leave(true);
    return std::move(caller_);
  });
#if defined(__SANITIZE_THREAD__)
  end_unobserved();
  __tsan_switch_to_fiber(caller_identity_, __tsan_switch_to_fiber_no_sync);
#endif
}

Fiber::~Fiber() {
#if defined(__SANITIZE_THREAD__)
  unused().identities.push_back(identity_);
#endif
}

P2PLLM_UNCOUNTED void Fiber::resume() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&caller_fake_stack_, stack_, stack_bytes);
#endif
#if defined(__SANITIZE_THREAD__)
  caller_identity_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(identity_, __tsan_switch_to_fiber_no_sync);
#endif
  fiber_ = std::move(fiber_).resume();
#if defined(__SANITIZE_THREAD__)
  if (has_ended_) {
    end_unobserved();
    __tsan_switch_to_fiber(caller_identity_, __tsan_switch_to_fiber_no_sync);
  }
#endif
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(caller_fake_stack_, nullptr, nullptr);
#endif
}

P2PLLM_UNCOUNTED void Fiber::suspend() {
  leave(false);
  caller_ = std::move(caller_).resume();
  enter();
}

void Fiber::enter() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake_stack_, &caller_stack_, &caller_stack_bytes_);
#endif
}

P2PLLM_UNCOUNTED void Fiber::leave([[maybe_unused]] bool is_last) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(is_last ? nullptr : &fake_stack_, caller_stack_, caller_stack_bytes_);
#endif
#if defined(__SANITIZE_THREAD__)
  if (!is_last) __tsan_switch_to_fiber(caller_identity_, __tsan_switch_to_fiber_no_sync);  // else resume does it
#endif
}

Unobserved::Unobserved() { begin_unobserved(); }
Unobserved::~Unobserved() { end_unobserved(); }

#if defined(__SANITIZE_THREAD__)
void publish(void* key) { __tsan_release(key); }
void observe(void* key) { __tsan_acquire(key); }
#else
void publish(void* /*key*/) {}
void observe(void* /*key*/) {}
#endif

}  // namespace p2pllm::kernels::simt
