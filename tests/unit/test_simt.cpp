#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/simt/machine.hpp"
#include "tests/kernels/planted.cuh"

namespace p2pllm::kernels {
namespace {

using planted::Mistake;
using simt::KernelFault;

struct Run {
  std::optional<KernelFault> fault;
  std::uint64_t total = 0;
};

template <Mistake mistake>
Run run_with(std::uint64_t seed, std::int64_t blocks = 3) {
  std::vector<std::uint32_t> values(static_cast<std::size_t>(blocks) * planted::threads);
  std::iota(values.begin(), values.end(), 1u);
  simt::Memory<std::uint32_t> given(values);
  simt::Memory<std::uint64_t> total(std::vector<std::uint64_t>{1000});
  simt::Memory<std::uint32_t> scratch(std::vector<std::uint32_t>(2));
  planted::line_of_mistake = 0;
  Run result;
  result.fault = simt::run({blocks, planted::threads}, {seed}, planted::mistaken<mistake>,
                           planted::Arguments{given.constant(), total.span(), scratch.span()});
  result.total = total.elements()[0];
  return result;
}

/// Under each of several orders the machine names the line of the mistake and says what it is.
template <Mistake mistake>
void check_is_found(const std::string& what, std::int64_t blocks = 3) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto fault = run_with<mistake>(seed, blocks).fault;
    REQUIRE(fault);
    INFO(fault->message());
    CHECK(fault->file.ends_with("tests/kernels/planted.cuh"));
    CHECK(fault->what.find(what) != std::string::npos);
    if (planted::line_of_mistake != 0) CHECK(fault->line == planted::line_of_mistake);
  }
}

TEST_CASE("simt: a simulated machine sums as the rules say, in any order", "[ROUTE-3]") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto run = run_with<Mistake::none>(seed);
    if (run.fault) FAIL(run.fault->message());
    CHECK(run.total == 1000 + 192 * 193 / 2);
  }
  CHECK(run_with<Mistake::none>(1, 0).total == 1000);  // no blocks
}

TEST_CASE("simt: a simulated machine finds an index outside of an array", "[ROUTE-3]") {
  check_is_found<Mistake::index_past_the_end>("takes element 192 of an array of 192");
  check_is_found<Mistake::index_below_zero>("takes element -1 of an array of 64");
}

TEST_CASE("simt: a simulated machine finds words that are loaded together from no multiple of their size",
          "[LAYER-4]") {
  check_is_found<Mistake::words_between_places>("takes 16 bytes at an address that is no multiple of it");
}

TEST_CASE("simt: a simulated machine finds a barrier that threads reach apart", "[ROUTE-3]") {
  check_is_found<Mistake::divergent_barrier>("waits at a barrier, and thread 40 waits at the barrier of ");
  check_is_found<Mistake::barrier_of_half_a_block>("waits at a barrier, and thread 32 has ended");
}

TEST_CASE("simt: a simulated machine finds a race whatever the order", "[ROUTE-3]") {
  // Without the barrier a thread reads before or after the other writes, or before the other has written at all.
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto fault = run_with<Mistake::missing_barrier>(seed).fault;
    REQUIRE(fault);
    const bool is_race = fault->what.find("with no barrier between") != std::string::npos;
    CHECK((is_race || fault->what.find("nobody has written") != std::string::npos));
  }
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto fault = run_with<Mistake::write_after_read>(seed).fault;
    REQUIRE(fault);
    CHECK(fault->what.find("element that thread") != std::string::npos);
    CHECK(fault->what.find("with no barrier between") != std::string::npos);
  }
  check_is_found<Mistake::sum_without_atomic>("reads an element that thread 0 of block");
  CHECK_FALSE(run_with<Mistake::sum_without_atomic>(0, 1).fault);  // one block has nobody to race with
  check_is_found<Mistake::missing_barrier_of_a_warp>("with no barrier between");
  check_is_found<Mistake::constant_that_is_written>("in the same launch at ");
}

TEST_CASE("simt: a simulated machine takes no order in time for an order of memory", "[ROUTE-3]") {
  check_is_found<Mistake::barrier_of_half_a_warp>("with no barrier between");
  check_is_found<Mistake::shuffle_for_a_barrier>("with no barrier between");
  check_is_found<Mistake::barrier_of_another_warp>("with no barrier between");
  check_is_found<Mistake::write_after_anothers_read>("writes an element that thread 1 of block");
  check_is_found<Mistake::atomic_after_a_write>("changes by an atomic operation an element that thread 0 of", 1);
  check_is_found<Mistake::memory_of_another_block>("reads an element that nobody has written");
}

TEST_CASE("simt: a simulated machine finds a read of what nobody wrote", "[ROUTE-3]") {
  check_is_found<Mistake::read_of_the_untouched>("reads an element that nobody has written");
  check_is_found<Mistake::read_past_a_tail>("thread 0 of block");
  const auto fault = run_with<Mistake::read_past_a_tail>(0).fault;
  REQUIRE(fault);
  CHECK(fault->what.ends_with("reads an element that nobody has written"));
  simt::Memory<std::uint64_t> total(1);  // not uploaded
  simt::Memory<std::uint32_t> values(std::vector<std::uint32_t>(64, 1)), scratch(2);
  const auto global = simt::run({1, 64}, {0}, planted::mistaken<Mistake::none>,
                                planted::Arguments{values.constant(), total.span(), scratch.span()});
  REQUIRE(global);
  CHECK(global->what.find("an element that nobody has written") != std::string::npos);
}

TEST_CASE("simt: a simulated machine finds a wrong mask", "[ROUTE-3]") {
  check_is_found<Mistake::mask_without_the_caller>("gives a mask without its own lane");
  check_is_found<Mistake::mask_of_absent_lanes>("waits for its lanes, and thread 16 has ended");
  check_is_found<Mistake::lane_outside_of_the_mask>("reads lane 8, which its mask does not name");
  check_is_found<Mistake::lane_beyond_the_warp>("reads lane 32, which its mask does not name");
  check_is_found<Mistake::masks_that_differ>("waits for its lanes, and thread 1 waits for the lanes 00000007");
  check_is_found<Mistake::divergent_shuffle>("waits for its lanes, and thread 16 waits for the lanes ffffffff");
}

TEST_CASE("simt: a simulated machine knows the memory of the device from the host's", "[ROUTE-3]") {
  check_is_found<Mistake::memory_of_the_host>("writes an address that is not memory of the device");
  check_is_found<Mistake::span_longer_than_its_memory>("writes an address that is not memory of the device");
}

struct Exchanged {
  simt::DeviceSpan<std::uint32_t> values;  ///< three of each thread
};
void exchange(const simt::Thread& thread, simt::NoStorage& /*storage*/, const Exchanged& arguments) {
  const auto self = static_cast<std::uint32_t>(thread.number());
  const std::uint32_t mask = thread.lane() < 8 ? 0xff : 0xffffff00;
  const std::uint32_t values[] = {thread.shuffle_xor(self, 5), thread.shuffle(self, 31 - thread.lane() % 8 * 2),
                                  thread.ballot(thread.lane() % 3 == 0, mask)};
  for (int k = 0; k < 3; ++k) arguments.values.store(thread.number() * 3 + k, values[k]);
}

TEST_CASE("simt: lanes of a simulated machine exchange what they name", "[ROUTE-3]") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    simt::Memory<std::uint32_t> values(128 * 3);
    const auto fault = simt::run({2, 64}, {seed}, exchange, Exchanged{values.span()});
    if (fault) FAIL(fault->message());
    for (std::uint32_t thread = 0; thread < 128; ++thread) {
      const std::uint32_t lane = thread % 32;
      CHECK(values.elements()[3 * thread] == (thread ^ 5));
      CHECK(values.elements()[3 * thread + 1] == thread - lane + 31 - lane % 8 * 2);
      CHECK(values.elements()[3 * thread + 2] == (lane < 8 ? 0b01001001u : 0x49249249u & 0xffffff00));
    }
  }
}

struct Ordered {
  simt::DeviceSpan<std::uint32_t> count, turns;
};
void take_turn(const simt::Thread& thread, simt::NoStorage& /*storage*/, const Ordered& arguments) {
  arguments.turns.store(thread.number(), arguments.count.atomic_add(0, 1));
}
std::vector<std::uint32_t> turns_of(std::uint64_t seed) {
  simt::Memory<std::uint32_t> count(std::vector<std::uint32_t>{0}), turns(4 * 32);
  const auto fault = simt::run({4, 32}, {seed}, take_turn, Ordered{count.span(), turns.span()});
  if (fault) FAIL(fault->message());
  return {turns.elements().begin(), turns.elements().end()};
}

TEST_CASE("simt: a seed draws the order of threads and of blocks", "[ROUTE-3]") {
  CHECK(turns_of(1) == turns_of(1));
  auto all = turns_of(1);
  std::sort(all.begin(), all.end());
  for (std::uint32_t k = 0; k < all.size(); ++k) CHECK(all[k] == k);
  bool have_other_threads = false, have_other_blocks = false;
  for (std::uint64_t seed = 2; seed < 10; ++seed) {
    const auto one = turns_of(1), other = turns_of(seed);
    have_other_blocks = have_other_blocks || one[0] / 32 != other[0] / 32;  // the turn of the first block
    have_other_threads = have_other_threads || one[0] % 32 != other[0] % 32;
  }
  CHECK(have_other_threads);
  CHECK(have_other_blocks);
}

void throwing(const simt::Thread& thread, simt::NoStorage& /*storage*/, const Ordered& /*arguments*/) {
  if (thread.index() == 7) throw std::runtime_error("seven");
  thread.barrier();
}

TEST_CASE("simt: what an agent throws comes to the host", "[ROUTE-3]") {
  CHECK_THROWS_WITH((void)simt::run({2, 64}, {0}, throwing, Ordered{}), "seven");
  CHECK(run_with<Mistake::none>(1).total == 1000 + 192 * 193 / 2);  // and the next launch runs as ever
}

TEST_CASE("simt: memory that nobody has written holds no zeros", "[ROUTE-3]") {
  const simt::Memory<std::uint32_t> memory(4);
  for (const std::uint32_t each : memory.elements()) CHECK(each == 0xa5a5a5a5);
}

}  // namespace
}  // namespace p2pllm::kernels
