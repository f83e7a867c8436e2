// The simulated machine under sanitizers: its fibers are threads to them, so that they find in kernels what they find
// in other programs. Each case accesses memory by a plain pointer, which the machine's own checks do not see.
//
//     sanitized CASE    exit 0, or the sanitizer's status
#include <cstdio>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/simt/machine.hpp"

namespace p2pllm::kernels {
namespace {

using simt::DeviceSpan;
using simt::SharedArray;
using simt::Thread;

struct Storage {
  SharedArray<std::int32_t, 64> tile;
};
struct Arguments {
  DeviceSpan<std::int32_t> values;
  int shift = 0;
};

/// Every thread takes the number of the thread `shift` further.
template <bool has_barrier>
void taken(const Thread& thread, Storage& storage, const Arguments& arguments) {
  auto* const tile = reinterpret_cast<std::int32_t*>(&storage);
  std::int32_t* const own = arguments.values.data() + thread.block() * 64 + thread.index();
  tile[thread.index()] = *own;
  if constexpr (has_barrier) thread.barrier();
  *own = tile[(thread.index() + arguments.shift) % 64];
}

void past_the_storage(const Thread& thread, Storage& storage, const Arguments& arguments) {
  auto* const tile = reinterpret_cast<std::int32_t*>(&storage);
  tile[thread.index() + arguments.shift] = thread.index();
}
void past_the_memory(const Thread& thread, Storage& /*storage*/, const Arguments& arguments) {
  arguments.values.data()[thread.block() * 64 + thread.index() + arguments.shift] = thread.index();
}
void overflowing(const Thread& thread, Storage& /*storage*/, const Arguments& arguments) {
  arguments.values.data()[thread.block() * 64 + thread.index()] += 0x7fffffff - arguments.shift;
}
void across_blocks(const Thread& thread, Storage& /*storage*/, const Arguments& arguments) {
  if (thread.index() == 0) arguments.values.data()[0] += 1;
}

int run_case(std::string_view name) {
  const bool is_one_off = name.ends_with("one off");
  std::vector<std::int32_t> numbers(128, 5);
  simt::Memory<std::int32_t> values(numbers);
  const Arguments arguments{values.span(), is_one_off ? 1 : name == "none" ? 3 : 0};
  auto agent = taken<true>;
  if (name == "race, one off") agent = taken<false>;
  if (name.starts_with("past the storage")) agent = past_the_storage;
  if (name.starts_with("past the memory")) agent = past_the_memory;
  if (name.starts_with("overflow")) agent = overflowing;
  if (name.starts_with("race of blocks")) agent = across_blocks;
  const auto fault = simt::run({2, 64}, {7}, agent, arguments);
  if (fault) std::printf("%s\n", fault->message().c_str());
  return fault ? 1 : 0;
}

}  // namespace
}  // namespace p2pllm::kernels

int main(int argc, char** argv) { return argc == 2 ? p2pllm::kernels::run_case(argv[1]) : 2; }
