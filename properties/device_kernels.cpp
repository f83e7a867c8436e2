#include <algorithm>
#include <numeric>
#include <random>

#include "kernels/hash/merkle.cuh"
#include "kernels/market/min_plus.cuh"
#include "kernels/market/scan.cuh"
#include "kernels/simt/machine.hpp"
#include "kernels/simt/simulated_device.hpp"
#include "model/crypto/merkle.hpp"
#include "model/crypto/sha256.hpp"
#include "optimized/market/min_plus.hpp"
#include "optimized/market/route_scan.hpp"
#include "optimized/simulation/device_ascent.hpp"
#include "properties/generators/network.hpp"
#include "properties/property.hpp"

// The source of the device's kernels, run on the simulated machine, against the fast half: equal bits, and no rule of
// the machine broken, whatever the order of threads.
namespace p2pllm::properties {
namespace {

using kernels::simt::Memory;
using Random = std::mt19937_64;

Random draw_random() { return Random(static_cast<std::uint64_t>(draw_integer(0, 1 << 30))); }
kernels::simt::Schedule draw_schedule() { return {static_cast<std::uint64_t>(draw_integer(0, 1 << 30))}; }

template <class Storage, class Arguments>
void launch(std::int64_t blocks, int threads, void (*agent)(const kernels::simt::Thread&, Storage&, const Arguments&),
            const Arguments& arguments) {
  const auto fault = kernels::simt::run({blocks, threads}, draw_schedule(), agent, arguments);
  if (fault) throw std::runtime_error(fault->message());
}

template <class T>
std::vector<T> vector_of(const Memory<T>& memory) {
  return {memory.elements().begin(), memory.elements().end()};
}

/// Numbers of a column: of all sizes, or with many ties.
template <class Bits>
std::vector<Bits> numbers(Random& random, std::size_t count, bool has_ties) {
  std::vector<Bits> drawn(count);
  for (Bits& number : drawn) {
    const unsigned shift = static_cast<unsigned>(random() % (8 * sizeof(Bits)));
    number = has_ties ? static_cast<Bits>(random() % 3) : static_cast<Bits>(static_cast<Bits>(random()) >> shift);
  }
  return drawn;
}

/// @param sizes  of the blocks of nodes
template <class F, class Bits>
void check_scan(Random& random, const std::vector<std::int64_t>& sizes, bool has_ties) {
  std::vector<std::int64_t> ends(sizes.size());
  std::partial_sum(sizes.begin(), sizes.end(), ends.begin());
  const auto nodes = static_cast<std::size_t>(ends.back());
  const auto price = numbers<Bits>(random, nodes, has_ties), time = numbers<Bits>(random, nodes, has_ties);
  std::vector<optimized::ScanWeights<F>> weights(kernels::scan_weights);
  for (auto& weight : weights) {
    weight.price = static_cast<F>(random() % 1000) / F{999};
    weight.time = F{1} - weight.price;
  }
  const std::vector<std::uint32_t> short_ends(ends.begin(), ends.end());
  std::vector<F> expected(ends.size() * weights.size());
  optimized::scan_blocks(price, time, 0, short_ends, weights, expected, optimized::VectorUnit::portable);

  Memory<Bits> prices(price), times(time);
  Memory<std::int64_t> all_ends(ends);
  Memory<Bits> least(
      std::vector<Bits>(expected.size(), __builtin_bit_cast(Bits, static_cast<F>(__builtin_huge_val()))));
  kernels::ScanArguments<F, Bits> arguments{
      prices.constant(), times.constant(), all_ends.constant(), least.span(), {}, {}};
  for (std::size_t k = 0; k < weights.size(); ++k) {
    arguments.price_weight[k] = weights[k].price;
    arguments.time_weight[k] = weights[k].time;
  }
  const int threads = draw_one_of<int>({32, 64, 256});
  const std::int64_t warps = kernels::scan_warps(ends.back()), in_block = threads / 32;
  launch((warps + in_block - 1) / in_block, threads, kernels::scan<F, Bits>, arguments);
  for (std::size_t k = 0; k < expected.size(); ++k)
    expect_equal(least.elements()[k], __builtin_bit_cast(Bits, expected[k]),
                 "the least of block and weight " + shown(k));
}

PROPERTY("kernel: a device's scan of nodes has the bits of the CPU's", "[ROUTE-3]", 60) {
  auto random = draw_random();
  std::vector<std::int64_t> sizes;
  const bool has_long = draw_integer(0, 2) == 0, has_ties = draw_integer(0, 1) == 0;
  for (std::int64_t k = draw_integer(1, 9); k > 0; --k)
    sizes.push_back(has_long ? draw_one_of<std::int64_t>({1, 1023, 1024, 1025, 2049}) : draw_integer(1, 70));
  const bool is_wide = draw_integer(0, 1) == 0;
  if (is_wide) check_scan<double, std::uint64_t>(random, sizes, has_ties);
  else check_scan<float, std::uint32_t>(random, sizes, has_ties);
  reach("a block of several warps", has_long);
  reach("columns of 64 bits", is_wide);
  reach("columns of 32 bits", !is_wide);
  reach("ties", has_ties);
}

PROPERTY("kernel: a device's least two of a row are the CPU's", "[ROUTE-3]", 40) {
  auto random = draw_random();
  const std::int64_t rows = draw_integer(1, 5);
  const std::int64_t width = draw_one_of<std::int64_t>({0, 1, 2, 7, 31, 32, 33, 64, 100});
  const bool has_ties = draw_integer(0, 1) == 0;
  const auto latencies = numbers<std::uint64_t>(random, static_cast<std::size_t>(rows * width), has_ties);
  std::vector<double> labels(static_cast<std::size_t>(width) * kernels::min_plus_clients);
  for (double& label : labels)
    label = random() % 5 == 0 ? __builtin_huge_val() : static_cast<double>(random() % (has_ties ? 2 : 1000));
  const double coefficient = has_ties ? 1 : 0.37;

  Memory<std::uint64_t> all(latencies);
  Memory<double> all_labels(labels), least(rows * 8), second(rows * 8);
  Memory<std::int64_t> position(rows * 8);
  launch(draw_integer(1, rows), kernels::min_plus_threads, kernels::min_plus,
         {all.constant(), all_labels.constant(), width, coefficient, least.span(), second.span(), position.span()});
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto expected = optimized::least_two(
        std::span(latencies).subspan(static_cast<std::size_t>(row * width), static_cast<std::size_t>(width)),
        coefficient, labels, optimized::VectorUnit::portable);
    for (std::size_t c = 0; c < 8; ++c) {
      const std::size_t at = static_cast<std::size_t>(row) * 8 + c;
      expect_equal(least.elements()[at], expected.least[c], "the least of client " + shown(c));
      expect_equal(second.elements()[at], expected.second[c], "the second least of client " + shown(c));
      expect_equal(position.elements()[at], expected.position[c], "the position of client " + shown(c));
    }
  }
  reach("an empty row", width == 0);
  reach("a row longer than a block's parts", width > 32);
  reach("ties", has_ties);
}

/// The digests of all chunks.
std::vector<std::uint32_t> hashed(const std::vector<std::uint32_t>& text, std::int64_t bytes, std::int64_t chunk_bytes,
                                  std::string_view tag, bool is_level) {
  Memory<std::uint32_t> all(text);
  const std::int64_t chunks = kernels::chunk_count(bytes, chunk_bytes);
  Memory<std::uint32_t> digests(chunks * kernels::digest_words);
  std::vector<std::uint8_t> prefix{static_cast<std::uint8_t>(tag.size())};
  prefix.insert(prefix.end(), tag.begin(), tag.end());
  Memory<std::uint8_t> all_of_prefix(prefix);
  const kernels::MerkleArguments arguments{all.constant(),           bytes,    chunk_bytes,
                                           all_of_prefix.constant(), is_level, digests.span()};
  launch(draw_integer(1, 2), draw_one_of<int>({32, 64}), kernels::merkle, arguments);
  return vector_of(digests);
}

PROPERTY("kernel: a device's Merkle root is the model's", "[COMMIT-5]", 60) {
  auto random = draw_random();
  const std::int64_t chunk_bytes = draw_one_of<std::int64_t>({4, 36, 52, 56, 60, 64, 128, 1024});
  const bool is_many = draw_integer(0, 3) == 0, has_short_tail = draw_integer(0, 3) == 0;
  const std::int64_t more = has_short_tail ? 32 : draw_integer(1, chunk_bytes);  // 32 is the size of a node
  const std::int64_t bytes = (is_many ? draw_integer(65, 200) : draw_integer(0, 8)) * chunk_bytes + more;
  std::vector<std::uint32_t> text(static_cast<std::size_t>(bytes + 3) / 4);
  for (std::uint32_t& word : text) word = static_cast<std::uint32_t>(random());
  const std::string kind = draw_one_of<std::string>({"c", "ch", "chu", "chunk"});

  const ByteView view{reinterpret_cast<const std::uint8_t*>(text.data()), static_cast<std::size_t>(bytes)};
  std::vector<MerkleLeaf> leaves;
  for (std::size_t from = 0; from < view.size(); from += static_cast<std::size_t>(chunk_bytes))
    leaves.push_back(
        merkle_leaf(kind, view.subspan(from, std::min(view.size() - from, static_cast<std::size_t>(chunk_bytes)))));
  auto level = hashed(text, bytes, chunk_bytes, "p2pllm/1/leaf/" + kind, false);
  while (level.size() > kernels::digest_words)
    level = hashed(level, static_cast<std::int64_t>(4 * level.size()), 64, "p2pllm/1/node", true);
  Hash root;
  std::copy_n(reinterpret_cast<const std::uint8_t*>(level.data()), root.size(), root.begin());
  expect(root == merkle_root(leaves), "another root of " + shown(leaves.size()) + " leaves");
  reach("a level with an odd node", leaves.size() > 2 && leaves.size() % 2 == 1);
  reach("a single leaf", leaves.size() == 1);
  reach("more leaves than threads", leaves.size() > 128);
  reach("a leaf of the size of a node", bytes % chunk_bytes == 32 && chunk_bytes != 32);
  reach("a tail that is no whole word", bytes % 4 != 0);
}

PROPERTY("kernel: prices that ascend on a device are the fast simulator's", "[PRICE-5][SIM-13][SIM-14]", 40) {
  auto random = draw_random();
  std::vector<optimized::GroupPrices> expected;
  const bool is_large = draw_integer(0, 3) == 0;
  // Nodes of the least weight with different prices part in the first step: it matters which of them is the base.
  const bool has_ties = draw_integer(0, 1) == 0;
  for (std::int64_t k = draw_integer(1, is_large ? 2 : 12); k > 0; --k) {
    const std::int64_t size = is_large ? draw_one_of<std::int64_t>({255, 256, 257, 900}) : draw_integer(2, 20);
    optimized::GroupPrices& group = expected.emplace_back();
    for (std::int64_t node = 0; node < size; ++node) {
      const double price = has_ties ? static_cast<double>(random() % 4) : static_cast<double>(random() % 4000) / 1000;
      const double cost_weight = has_ties ? (3 - price) / 2 + static_cast<double>(random() % 2)
                                          : static_cast<double>(random() % 10) * (random() % 4 == 0 ? 100 : 0.3);
      group.append({static_cast<std::uint32_t>(node), price, cost_weight});
    }
    group.widen(0x1p-60);
  }
  auto found = expected;
  const auto device = kernels::simt::simulated_device(draw_schedule().seed);
  optimized::DeviceAscent loops(*device);
  const optimized::AscentConstants constants{0.5, 0.7, MonopolyRule::hold, 0};
  std::vector<optimized::GroupPrices*> groups;
  for (optimized::GroupPrices& group : found) groups.push_back(&group);
  std::int64_t all = 0;
  for (std::int64_t calls = draw_integer(1, 3); calls > 0; --calls) {
    const std::int64_t steps = draw_one_of<std::int64_t>({0, 1, 2, 63, 64, 65, 130}) / (is_large ? 2 : 1);
    all += steps;
    loops.ascend(groups, constants, steps);
    for (optimized::GroupPrices& group : expected)
      for (std::int64_t step = 0; step < steps; ++step) group.step(constants);
  }
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (std::size_t node = 0; node < expected[group].size(); ++node)
      expect_equal(found[group].price(node), expected[group].price(node),
                   "the price of node " + shown(node) + " of group " + shown(group));
    expect_equal(found[group].radius(), expected[group].radius(), "the radius of group " + shown(group));
    expect_equal(found[group].ascent().base, expected[group].ascent().base, "the base of group " + shown(group));
    expect_equal(found[group].ascent().base_age, expected[group].ascent().base_age, "its age");
  }
  reach("a group of several rounds of a block", is_large);
  reach("a base that is chosen again", all > 64);
  reach("bases that tie", has_ties);
}

}  // namespace
}  // namespace p2pllm::properties
