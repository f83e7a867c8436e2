#include "optimized/layers/thread_team.hpp"

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include "model/assert.hpp"

namespace p2pllm::optimized {

struct ThreadTeam::Arena {
  explicit Arena(std::size_t threads) : arena(static_cast<int>(threads)) {}
  oneapi::tbb::task_arena arena;
};

ThreadTeam::ThreadTeam(std::size_t threads) : size_(threads), arena_(std::make_unique<Arena>(threads)) {
  P2PLLM_ASSERT(threads >= 1);
}
ThreadTeam::~ThreadTeam() = default;

void ThreadTeam::enter_arena(const void* context, void (*call)(const void* context)) const {
  arena_->arena.execute([context, call] { call(context); });
}

void ThreadTeam::share(std::size_t count, const void* context, void (*call)(const void* context, std::size_t k)) const {
  oneapi::tbb::parallel_for(
      std::size_t{0}, count, [context, call](std::size_t k) { call(context, k); }, oneapi::tbb::simple_partitioner());
}

}  // namespace p2pllm::optimized
