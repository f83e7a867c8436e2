#include <algorithm>
#include <catch2/catch.hpp>

#include "kernels/market/block_sums.cuh"
#include "kernels/market/regret.cuh"
#include "kernels/simt/machine.hpp"

// What the kernels of the market do together, where a group has more chunks than the properties draw.
using namespace p2pllm::kernels;

namespace {

using simt::Memory;

struct Numbers {
  simt::DeviceSpan<const double> given;
  simt::DeviceSpan<double> values;
  simt::DeviceSpan<std::int64_t> places;
};

void least_agent(const simt::Thread& thread, simt::NoStorage& /*storage*/, const Numbers& numbers) {
  const int lane = thread.lane();
  const Placed least = least_of_warp(thread, {numbers.given.load(lane), lane});
  numbers.values.store(lane, least.value);
  numbers.places.store(lane, least.place);
}

/// Each lane writes what it saw last, and a sum in which the order counts.
void order_agent(const simt::Thread& thread, simt::NoStorage& /*storage*/, const Numbers& numbers) {
  double sum = 0;
  std::int64_t last = -1;
  in_order<2>(
      thread, 0, numbers.given.size(),
      [&](std::int64_t index, double(&fields)[2]) {
        fields[0] = numbers.given.load(index);
        fields[1] = static_cast<double>(index);
      },
      [&](std::int64_t index, const double(&fields)[2]) {
        sum = sum / 2 + fields[0];
        last = fields[1] == static_cast<double>(index) && index == last + 1 ? index : -2;
      });
  numbers.values.store(thread.lane(), sum);
  numbers.places.store(thread.lane(), last);
}

constexpr int block_threads = 64;
struct BlockStorage {
  PlacedCells<block_threads> least;
  simt::SharedArray<double, 2 * 4> sums;
};
/// The least of the numbers and the least of their opposites, one right after the other; then sums of what each thread
/// wrote, twice.
void block_agent(const simt::Thread& thread, BlockStorage& storage, const Numbers& numbers) {
  const int self = thread.index();
  const double own = numbers.given.load(self);
  const Placed least = least_of_block(thread, storage.least, {own, self});
  const Placed greatest = least_of_block(thread, storage.least, {-own, self});
  numbers.values.store(self, own + 1);
  double first[2], second[2];
  const auto terms = [&](std::int64_t k, double(&of)[2]) {
    of[0] = numbers.values.load(k);
    of[1] = 2 * numbers.values.load(k);
  };
  add_in_lanes<4, 2>(thread, storage.sums, 0, block_threads, terms, first);
  add_in_lanes<4, 2>(thread, storage.sums, 0, block_threads / 2, terms, second);
  numbers.places.store(self, least.place * 1000 + greatest.place);
  numbers.values.store(block_threads + self, first[0] + first[1] / 1024 + second[0] * 1024 + second[1] * 1048576);
}

void check(const Numbers& numbers, void (*agent)(const simt::Thread&, simt::NoStorage&, const Numbers&)) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const auto fault = simt::run({1, simt::warp_size}, {seed}, agent, numbers);
    INFO((fault ? fault->message() : ""));
    REQUIRE_FALSE(fault);
  }
}

}  // namespace

TEST_CASE("kernel: a warp finds the first least number wherever it is", "[PRICE-15][PRICE-12]") {
  for (int least = 0; least < simt::warp_size; ++least)
    for (const int also : {least, simt::warp_size - 1}) {
      std::vector<double> given(simt::warp_size, 5);
      given[static_cast<std::size_t>(least)] = given[static_cast<std::size_t>(also)] = -1;
      Memory<double> numbers(given), values(simt::warp_size);
      Memory<std::int64_t> places(simt::warp_size);
      check({numbers.constant(), values.span(), places.span()}, least_agent);
      for (std::size_t lane = 0; lane < simt::warp_size; ++lane) {
        CHECK(values.elements()[lane] == -1);
        CHECK(places.elements()[lane] == std::min(least, also));
      }
    }
}

TEST_CASE("kernel: a warp adds in order what has more parts than lanes", "[PRICE-15][PRICE-12]") {
  for (const std::size_t count : {0, 1, 31, 32, 33, 64, 100}) {
    std::vector<double> given;
    double sum = 0;
    for (std::size_t k = 0; k < count; ++k) given.push_back(static_cast<double>(k * k % 37)), sum = sum / 2 + given[k];
    Memory<double> numbers(given), values(simt::warp_size);
    Memory<std::int64_t> places(simt::warp_size);
    check({numbers.constant(), values.span(), places.span()}, order_agent);
    for (std::size_t lane = 0; lane < simt::warp_size; ++lane) {
      CHECK(values.elements()[lane] == sum);
      CHECK(places.elements()[lane] == static_cast<std::int64_t>(count) - 1);
    }
  }
}

TEST_CASE("kernel: a block finds and adds again at once", "[PRICE-15][PRICE-12]") {
  std::vector<double> given;
  for (int k = 0; k < block_threads; ++k) given.push_back(k * 37 % block_threads);
  double all = 0, half = 0;
  for (std::size_t k = 0; k < block_threads; ++k) {
    all += given[k] + 1;
    if (k < block_threads / 2) half += given[k] + 1;
  }
  const auto place = [&](double value) { return std::ranges::find(given, value) - given.begin(); };
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Memory<double> numbers(given), values(2 * block_threads);
    Memory<std::int64_t> places(block_threads);
    const auto fault =
        simt::run({1, block_threads}, {seed}, block_agent, Numbers{numbers.constant(), values.span(), places.span()});
    INFO((fault ? fault->message() : ""));
    REQUIRE_FALSE(fault);
    for (std::size_t k = 0; k < block_threads; ++k) {
      CHECK(places.elements()[k] == place(0) * 1000 + place(block_threads - 1));
      CHECK(values.elements()[block_threads + k] == all + all / 512 + half * 1024 + half * 2 * 1048576);
    }
  }
}

TEST_CASE("kernel: a block that has several chunks brackets them as several blocks do", "[PRICE-11][PRICE-15]") {
  constexpr std::int64_t chunks = 3, size = 40, nodes = chunks * size;
  std::vector<double> price, cost;
  std::vector<std::int64_t> begins, groups, firsts;
  for (std::int64_t k = 0; k < nodes; ++k) {
    price.push_back(static_cast<double>(k * 37 % 50));
    cost.push_back(static_cast<double>(k * 11 % 30));
  }
  for (std::int64_t chunk = 0; chunk <= chunks; ++chunk) begins.push_back(chunk * size), firsts.push_back(chunk);
  for (std::int64_t chunk = 0; chunk < chunks; ++chunk) groups.push_back(chunk);
  PriceFactors factors;
  factors.price_unit = 0.1;
  factors.by_price = 0.05;
  factors.by_cost = 0.1;
  factors.sensitivity = 0.5;
  factors.epsilon_below = factors.epsilon_above = 0.01;
  const auto tallies_of = [&](std::int64_t blocks, std::uint64_t seed) {
    const Memory<std::int64_t> all_begins(begins), all_groups(groups), all_firsts(firsts);
    const Memory<double> prices(price), costs(cost);
    const ChunkTable table{all_begins.constant(), all_groups.constant(), all_firsts.constant()};
    const DemandColumns columns{table, prices.constant(), costs.constant(), factors};
    Memory<double> own(nodes),
        results[7] = {Memory<double>(nodes), Memory<double>(nodes), Memory<double>(nodes), Memory<double>(nodes),
                      Memory<double>(nodes), Memory<double>(nodes), Memory<double>(nodes)};
    Memory<ChunkSum> sums(chunks);
    Memory<GroupSum> totals(chunks);
    Memory<std::uint8_t> states(nodes);
    Memory<RegretTally> tallies(chunks);
    const auto run = [&](auto agent, const auto& arguments) {
      const auto fault = simt::run({blocks, simt::warp_size}, {seed}, agent, arguments);
      INFO((fault ? fault->message() : ""));
      REQUIRE_FALSE(fault);
    };
    run(sum_demand<simt::warp_size>, DemandSumArguments{columns, own.span(), sums.span()});
    run(total_demand, DemandTotalArguments{table, sums.constant(), totals.span()});
    run(bracket_regrets<simt::warp_size>,
        RegretArguments{columns, own.constant(), sums.constant(), totals.constant(), results[0].span(),
                        results[1].span(), results[2].span(), results[3].span(), results[4].span(), results[5].span(),
                        results[6].span(), states.span(), tallies.span(), true});
    std::vector<std::int64_t> found;
    for (const RegretTally& tally : tallies.elements())
      found.insert(found.end(), {tally.within, tally.exceeding, tally.worst});
    return found;
  };
  const auto expected = tallies_of(chunks, 1);
  CHECK(expected[1] > 0);
  for (std::uint64_t seed = 0; seed < 10; ++seed) CHECK(tallies_of(1, seed) == expected);
}
