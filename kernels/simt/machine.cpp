#include "kernels/simt/machine.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <numeric>
#include <vector>

#include "kernels/simt/fiber.hpp"
#include "kernels/simt/shadow.hpp"

namespace p2pllm::kernels::simt {
namespace {

/// Ends a thread of a launch that is over.
struct Abandoned {};

std::string text_of(const Place& place) { return std::string(place.file) + ":" + std::to_string(place.line); }
bool is_same(const Place& a, const Place& b) { return a.line == b.line && std::string_view(a.file) == b.file; }

std::uint64_t drawn(std::uint64_t& state) {  // SplitMix64 (Steele, Lea, Flood 2014)
  std::uint64_t bits = state += 0x9e3779b97f4a7c15;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

enum class State { ready, at_block_barrier, in_warp_operation, ended };
enum class WarpOperation { barrier, shuffle, ballot };

struct Lane {
  State state = State::ready;
  Place place;  // where it waits
  WarpOperation operation = WarpOperation::barrier;
  std::uint32_t mask = 0;
  std::uint64_t given = 0;
  std::array<std::uint64_t, warp_size> received{};  // what the lanes of the mask gave
};

}  // namespace

/// One launch: the threads of the block that runs now.
class Launch {
 public:
  Launch(const Grid& grid, const Schedule& schedule, std::size_t storage_bytes, const ThreadBody& body)
      : grid_(grid), random_(schedule.seed), storage_bytes_(storage_bytes), body_(body), number_(++launches_) {}

  std::optional<KernelFault> run();

  [[noreturn]] void fail(const Place& place, const std::string& what);
  void wait_for_block(const Place& place);
  const Lane& wait_for_warp(WarpOperation operation, std::uint64_t given, std::uint32_t mask, const Place& place);
  [[nodiscard]] Visit visit(const Place& place) const {
    return {number_, block_, thread_, block_step_, warp_steps_[static_cast<std::size_t>(thread_ / warp_size)],
            false,   place};
  }

  [[nodiscard]] int thread() const { return thread_; }
  [[nodiscard]] std::int64_t block() const { return block_; }
  [[nodiscard]] const Grid& grid() const { return grid_; }

  static Launch& current();

 private:
  void run_block();
  void forget_blocks();
  void run_thread();
  void resume(int thread);
  void end_block();
  void suspend(State state, const Place& place);
  bool release_block();
  void release_warp(int first, std::uint32_t mask);
  void diagnose();
  void note(const Place& place, int thread, const std::string& what);
  [[nodiscard]] std::string where(int thread) const;
  [[nodiscard]] int named_lane(int thread) const;
  [[nodiscard]] Lane& lane(int thread) { return lanes_[static_cast<std::size_t>(thread)]; }
  [[nodiscard]] const Lane& lane(int thread) const { return lanes_[static_cast<std::size_t>(thread)]; }
  [[nodiscard]] void* warp_key() { return &warp_steps_[static_cast<std::size_t>(thread_ / warp_size)]; }

  const Grid grid_;
  std::uint64_t random_;
  const std::size_t storage_bytes_;
  const ThreadBody& body_;
  const std::uint64_t number_;

  std::int64_t block_ = 0;
  int thread_ = 0;
  std::uint32_t block_step_ = 0;
  std::array<std::uint32_t, 32> warp_steps_{};
  std::vector<std::unique_ptr<Region>> storages_;  // the shared memory of the running block, and of those before it
  std::vector<Lane> lanes_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<int> ready_;
  bool is_over_ = false;
  std::optional<KernelFault> fault_;
  std::exception_ptr exception_;

  static thread_local Launch* running_;
  static thread_local std::uint64_t launches_;
  friend class Running;
};

thread_local Launch* Launch::running_ = nullptr;
thread_local std::uint64_t Launch::launches_ = 0;

/// Makes a launch the one that the hooks mean.
class Running {
 public:
  explicit Running(Launch& launch) : before_(Launch::running_) { Launch::running_ = &launch; }
  ~Running() { Launch::running_ = before_; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  Launch* before_;
};

Launch& Launch::current() {
  if (running_ == nullptr) {
    std::fprintf(stderr, "kernels/simt: an agent runs outside of a launch\n");
    std::abort();
  }
  return *running_;
}

std::optional<KernelFault> Launch::run() {
  const Running running(*this);
  const Unobserved unobserved;
  std::vector<std::int64_t> order(static_cast<std::size_t>(grid_.blocks));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::size_t left = order.size(); left > 1; --left) std::swap(order[left - 1], order[drawn(random_) % left]);
  for (const std::int64_t block : order) {
    if (is_over_) break;
    if (has_many_unused()) forget_blocks();
    block_ = block;
    run_block();
  }
  forget_blocks();
  if (exception_) std::rethrow_exception(exception_);
  return fault_;
}

/// The blocks so far come before what follows, and what they used is given back.
void Launch::forget_blocks() {
  observe(this);
  fibers_.clear();
  storages_.clear();
  free_unused();
}

void Launch::run_block() {
  const int threads = grid_.threads;
#if !defined(__SANITIZE_THREAD__)  // to it, memory that two blocks share one after the other is shared by their threads
  storages_.clear();
#endif
  storages_.push_back(std::make_unique<Region>(storage_bytes_, 1));
  block_step_ = 0;
  warp_steps_.fill(0);
  lanes_.assign(static_cast<std::size_t>(threads), Lane{});
  ready_.resize(static_cast<std::size_t>(threads));
  std::iota(ready_.begin(), ready_.end(), 0);
  fibers_.clear();
  for (int thread = 0; thread < threads; ++thread) fibers_.push_back(std::make_unique<Fiber>([this] { run_thread(); }));
  while (!is_over_) {
    if (ready_.empty() && !release_block()) break;
    std::swap(ready_[drawn(random_) % ready_.size()], ready_.back());
    const int thread = ready_.back();
    ready_.pop_back();
    resume(thread);
  }
  end_block();
}

void Launch::resume(int thread) {
  thread_ = thread;
  fibers_[static_cast<std::size_t>(thread)]->resume();
}

/// Every thread of a block ends before the next block begins, even if the launch is over.
void Launch::end_block() {
  if (!is_over_) diagnose();
  if (!is_over_) return;
  for (int thread = 0; thread < grid_.threads; ++thread)
    if (lane(thread).state != State::ended) resume(thread);
}

void Launch::run_thread() {
  const int thread = thread_;
  try {
    if (!is_over_) body_(Thread{}, storages_.back()->bytes());
  } catch (const Abandoned&) {
  } catch (...) {
    exception_ = std::current_exception();
    is_over_ = true;
  }
  const Unobserved unobserved;
  publish(this);
  lane(thread).state = State::ended;
}

void Launch::note(const Place& place, int thread, const std::string& what) {
  is_over_ = true;
  if (!fault_)
    fault_ = KernelFault{place.file, place.line,
                         "thread " + std::to_string(thread) + " of block " + std::to_string(block_) + " " + what};
}

void Launch::fail(const Place& place, const std::string& what) {
  note(place, thread_, what);
  throw Abandoned{};
}

void Launch::suspend(State state, const Place& place) {
  const int thread = thread_;
  lane(thread).state = state;
  lane(thread).place = place;
  fibers_[static_cast<std::size_t>(thread)]->suspend();
  if (is_over_) throw Abandoned{};
}

void Launch::wait_for_block(const Place& place) {
  publish(&block_step_);
  suspend(State::at_block_barrier, place);
  observe(&block_step_);
}

/// Lets all threads go on if all wait at one barrier.
bool Launch::release_block() {
  const Place& place = lanes_.front().place;
  for (const Lane& each : lanes_)
    if (each.state != State::at_block_barrier || !is_same(each.place, place)) return false;
  ++block_step_;
  for (int thread = 0; thread < grid_.threads; ++thread) {
    lane(thread).state = State::ready;
    ready_.push_back(thread);
  }
  return true;
}

const Lane& Launch::wait_for_warp(WarpOperation operation, std::uint64_t given, std::uint32_t mask,
                                  const Place& place) {
  const int first = thread_ / warp_size * warp_size;
  if ((mask >> (thread_ - first) & 1) == 0) fail(place, "gives a mask without its own lane");
  Lane& own = lane(thread_);
  own.operation = operation;
  own.mask = mask;
  own.given = given;
  if (operation == WarpOperation::barrier) publish(warp_key());
  own.state = State::in_warp_operation;
  own.place = place;
  release_warp(first, mask);
  suspend(own.state, place);
  if (operation == WarpOperation::barrier) observe(warp_key());
  return own;
}

/// Lets the lanes of a mask go on if the running thread is the last of them to come.
void Launch::release_warp(int first, std::uint32_t mask) {
  const Lane& own = lane(thread_);
  std::array<std::uint64_t, warp_size> given{};
  for (int k = 0; k < warp_size; ++k) {
    if ((mask >> k & 1) == 0) continue;
    const Lane& other = lane(first + k);
    if (other.state != State::in_warp_operation || other.operation != own.operation || other.mask != mask ||
        !is_same(other.place, own.place))
      return;
    given[static_cast<std::size_t>(k)] = other.given;
  }
  if (own.operation == WarpOperation::barrier && mask == whole_warp)
    ++warp_steps_[static_cast<std::size_t>(first / warp_size)];
  for (int k = 0; k < warp_size; ++k)
    if ((mask >> k & 1) != 0) {
      lane(first + k).state = State::ready;
      lane(first + k).received = given;
      ready_.push_back(first + k);
    }
}

std::string Launch::where(int thread) const {
  const Lane& at = lane(thread);
  switch (at.state) {
    case State::ended: return "has ended";
    case State::at_block_barrier: return "waits at the barrier of " + text_of(at.place);
    case State::in_warp_operation: {
      std::array<char, 16> mask;
      std::snprintf(mask.data(), mask.size(), "%08x", at.mask);
      return "waits for the lanes " + std::string(mask.data()) + " at " + text_of(at.place);
    }
    case State::ready: break;
  }
  return "is ready";
}

/// A thread of the mask of a waiting thread that is elsewhere; -1 if there is none.
int Launch::named_lane(int thread) const {
  const Lane& own = lane(thread);
  const int first = thread / warp_size * warp_size;
  for (int k = 0; k < warp_size; ++k) {
    const Lane& other = lane(first + k);
    if ((own.mask >> k & 1) != 0 && (other.state != own.state || other.mask != own.mask ||
                                     other.operation != own.operation || !is_same(other.place, own.place)))
      return first + k;
  }
  return -1;
}

/// No thread is ready: the block has ended, or some wait for others that will not come.
void Launch::diagnose() {
  for (int thread = 0; thread < grid_.threads; ++thread) {
    const Lane& waiting = lane(thread);
    if (waiting.state == State::ended) continue;
    const int other = waiting.state == State::in_warp_operation ? named_lane(thread) : [&] {
      for (int k = 0; k < grid_.threads; ++k)
        if (lane(k).state != waiting.state || !is_same(lane(k).place, waiting.place)) return k;
      return -1;
    }();
    const char* const why = waiting.state == State::in_warp_operation ? "waits for its lanes, and thread "
                                                                      : "waits at a barrier, and thread ";
    note(waiting.place, thread, why + std::to_string(other) + " " + where(other));
    return;
  }
}

std::string KernelFault::message() const { return file + ":" + std::to_string(line) + ": " + what; }

std::optional<KernelFault> run_blocks(const Grid& grid, const Schedule& schedule, std::size_t storage_bytes,
                                      const ThreadBody& body) {
  if (grid.threads < warp_size || grid.threads > 1024 || grid.threads % warp_size != 0 || grid.blocks < 0) {
    std::fprintf(stderr, "kernels/simt: %lld blocks of %d threads\n", static_cast<long long>(grid.blocks),
                 grid.threads);
    std::abort();
  }
  return Launch(grid, schedule, storage_bytes, body).run();
}

namespace hooks {

int thread() { return Launch::current().thread(); }
int threads() { return Launch::current().grid().threads; }
std::int64_t block() { return Launch::current().block(); }
std::int64_t blocks() { return Launch::current().grid().blocks; }

void block_barrier(const Place& place) {
  const Unobserved unobserved;
  Launch::current().wait_for_block(place);
}
void warp_barrier(std::uint32_t mask, const Place& place) {
  const Unobserved unobserved;
  (void)Launch::current().wait_for_warp(WarpOperation::barrier, 0, mask, place);
}
std::uint64_t shuffled_bits(std::uint64_t bits, int from, std::uint32_t mask, const Place& place) {
  const Unobserved unobserved;
  Launch& launch = Launch::current();
  if (from < 0 || from >= warp_size || (mask >> from & 1) == 0)
    launch.fail(place, "reads lane " + std::to_string(from) + ", which its mask does not name");
  return launch.wait_for_warp(WarpOperation::shuffle, bits, mask, place).received[static_cast<std::size_t>(from)];
}
std::uint32_t ballot(bool condition, std::uint32_t mask, const Place& place) {
  const Unobserved unobserved;
  const Lane& own = Launch::current().wait_for_warp(WarpOperation::ballot, condition, mask, place);
  std::uint32_t votes = 0;
  for (unsigned k = 0; k < warp_size; ++k) votes |= static_cast<std::uint32_t>(own.received[k]) << k;
  return votes;
}

void check_index(std::int64_t index, std::int64_t size, const Place& place) {
  if (index >= 0 && index < size) return;
  const Unobserved unobserved;
  Launch::current().fail(place, "takes element " + std::to_string(index) + " of an array of " + std::to_string(size));
}
void check_alignment(const void* address, std::size_t bytes, const Place& place) {
  if (reinterpret_cast<std::uintptr_t>(address) % bytes == 0) return;
  const Unobserved unobserved;
  Launch::current().fail(place, "takes " + std::to_string(bytes) + " bytes at an address that is no multiple of it");
}
void access(const void* address, std::size_t bytes, Access kind, const Place& place) {
  const Unobserved unobserved;
  Launch& launch = Launch::current();
  const std::string broken = Shadow::visited(address, bytes, kind, launch.visit(place));
  if (!broken.empty()) launch.fail(place, broken);
}
void forget(const void* address, std::size_t bytes, const Place& place) {
  const Unobserved unobserved;
  const std::string broken = Shadow::forgotten(address, bytes);
  if (!broken.empty()) Launch::current().fail(place, broken);
}

}  // namespace hooks
}  // namespace p2pllm::kernels::simt
