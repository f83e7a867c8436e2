// Every device kernel on the simulated machine, for a program that is compiled with a sanitizer: exit 1 if a kernel
// breaks a rule of the machine, or if its numbers differ from plain loops or between two orders of threads.
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <random>
#include <vector>

#include "kernels/hash/merkle.cuh"
#include "kernels/layers/attention.cuh"
#include "kernels/layers/product.cuh"
#include "kernels/market/min_plus.cuh"
#include "kernels/market/scan.cuh"
#include "kernels/simt/machine.hpp"

namespace p2pllm::kernels {
namespace {

using simt::Memory;

int faults = 0;
void check(bool holds, const char* what, std::int64_t size) {
  if (holds) return;
  std::printf("%s, size %lld: wrong\n", what, static_cast<long long>(size));
  ++faults;
}

template <class Storage, class Arguments>
void launch(const simt::Grid& grid, std::uint64_t seed, void (*agent)(const simt::Thread&, Storage&, const Arguments&),
            const Arguments& arguments) {
  if (const auto fault = simt::run(grid, {seed}, agent, arguments)) {
    std::printf("%s\n", fault->message().c_str());
    ++faults;
  }
}

template <class T>
std::vector<T> drawn(std::mt19937_64& random, std::int64_t count, std::uint64_t bound) {
  std::vector<T> numbers(static_cast<std::size_t>(count));
  for (T& number : numbers) number = static_cast<T>(random() % bound);
  return numbers;
}

void run_scan(std::mt19937_64& random, std::uint64_t seed, std::int64_t nodes) {
  const auto price = drawn<std::uint32_t>(random, nodes, 1000), time = drawn<std::uint32_t>(random, nodes, 1000);
  Memory<std::uint32_t> prices(price), times(time), least(std::vector<std::uint32_t>(scan_weights, 0x7f800000));
  Memory<std::int64_t> ends(std::vector<std::int64_t>{nodes});
  ScanArguments<float, std::uint32_t> arguments{
      prices.constant(), times.constant(), ends.constant(), least.span(), {}, {}};
  arguments.price_weight[0] = arguments.time_weight[1] = 1;
  launch({(scan_warps(nodes) + 1) / 2, 64}, seed, scan<float, std::uint32_t>, arguments);
  const auto as_float = [&](std::size_t k) { return __builtin_bit_cast(float, least.elements()[k]); };
  check(as_float(0) == static_cast<float>(*std::min_element(price.begin(), price.end())), "scan", nodes);
  check(as_float(1) == static_cast<float>(*std::min_element(time.begin(), time.end())), "scan", nodes);
}

void run_min_plus(std::mt19937_64& random, std::uint64_t seed, std::int64_t width) {
  const auto row = drawn<std::uint64_t>(random, 3 * width, 50);
  const auto label = drawn<double>(random, width * min_plus_clients, 50);
  Memory<std::uint64_t> rows(row);
  Memory<double> labels(label), least(3 * min_plus_clients), second(3 * min_plus_clients);
  Memory<std::int64_t> position(3 * min_plus_clients);
  launch({2, min_plus_threads}, seed, min_plus,
         MinPlusArguments{rows.constant(), labels.constant(), width, 2, least.span(), second.span(), position.span()});
  if (faults != 0) return;
  double expected = __builtin_huge_val();
  for (std::int64_t j = 0; j < width; ++j)
    expected = std::min(expected, 2 * static_cast<double>(row[static_cast<std::size_t>(2 * width + j)]) +
                                      label[static_cast<std::size_t>(j * min_plus_clients + 5)]);
  check(least.elements()[2 * min_plus_clients + 5] == expected, "min plus", width);
}

void run_product(std::mt19937_64& random, std::uint64_t seed, std::int64_t rows) {
  constexpr std::int64_t blocks = 9;
  const std::int64_t row_tiles = (rows + 15) / 16;
  std::vector<std::uint32_t> words(static_cast<std::size_t>(row_tiles * blocks * tile_words));
  for (std::size_t k = 0; k < words.size(); ++k)  // every weight is 1, every multiplier 1, and every sum 64
    words[k] = k % tile_words < tile_multipliers ? 0x01010101 : 64 << 16 | 1;
  const std::int64_t width = blocks * 64 - 5;
  const auto row = drawn<std::int32_t>(random, width, 30000);
  Memory<std::uint32_t> tiles(words), upper(blocks * 16), lower(blocks * 16);
  Memory<std::uint8_t> exponents(std::vector<std::uint8_t>(static_cast<std::size_t>(16 * row_tiles), 16)), exponent(1);
  Memory<std::int32_t> numbers(row), result(rows);
  launch({1, row_threads}, seed, prepare,
         PrepareArguments{numbers.constant(), width, {}, 0, 0, 0, upper.span(), lower.span(), exponent.span()});
  launch({row_tiles, product_threads}, seed, product,
         ProductArguments{tiles.constant(), exponents.constant(), upper.constant(), lower.constant(), blocks,
                          exponent.constant(), rows, result.span()});
  if (faults != 0) return;
  const std::int64_t sum = std::accumulate(row.begin(), row.end(), std::int64_t{1} << 15) >> 16;
  for (const std::int32_t number : result.elements()) check(number == sum, "product", rows);
}

std::vector<std::uint32_t> run_merkle(std::uint64_t seed, std::int64_t bytes) {
  std::mt19937_64 random(static_cast<std::uint64_t>(bytes));
  Memory<std::uint32_t> text(drawn<std::uint32_t>(random, (bytes + 3) / 4, std::uint64_t{1} << 32));
  Memory<std::uint8_t> prefix(std::vector<std::uint8_t>{2, 'a', 'b'});
  Memory<std::uint32_t> digests(chunk_count(bytes, 128) * digest_words);
  launch({2, 32}, seed, merkle, MerkleArguments{text.constant(), bytes, 128, prefix.constant(), false, digests.span()});
  return {digests.elements().begin(), digests.elements().end()};
}

}  // namespace
}  // namespace p2pllm::kernels

int main() {
  using namespace p2pllm::kernels;
  std::mt19937_64 random(1);
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    for (const std::int64_t nodes : {1, 31, 1024, 1025, 3000}) run_scan(random, seed, nodes);
    for (const std::int64_t width : {1, 31, 33, 100}) run_min_plus(random, seed, width);
    for (const std::int64_t rows : {1, 16, 17}) run_product(random, seed, rows);
    for (const std::int64_t bytes : {1, 127, 128, 129, 1000})
      check(run_merkle(seed, bytes) == run_merkle(seed + 7, bytes), "merkle", bytes);
  }
  return faults == 0 ? 0 : 1;
}
