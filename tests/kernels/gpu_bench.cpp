#include "tests/kernels/gpu_bench.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include "tests/kernels/expect_device.hpp"

namespace p2pllm::kernels {
namespace {

constexpr int rounds = 9;

/// The median of several rounds of `times` launches, per launch.
double seconds_of(Device& device, int times, const std::function<DeviceResult<void>()>& launch) {
  std::vector<double> found;
  expect_done(launch());  // the first loads the kernel
  expect_done(device.finish());
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int k = 0; k < times; ++k) expect_done(launch());
    expect_done(device.finish());
    found.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / times);
  }
  std::nth_element(found.begin(), found.begin() + rounds / 2, found.end());
  return found[rounds / 2];
}

template <class T>
DeviceArray<T> filled(Device& device, std::int64_t count, T value) {
  const std::vector<T> numbers(static_cast<std::size_t>(count), value);
  auto array = value_of(DeviceArray<T>::of(device, numbers));
  expect_done(device.finish());
  return array;
}

/// What a kernel must move and compute.
struct Work {
  double bytes = 0, dp4a = 0, imma = 0, fp64 = 0;
};
struct Ceiling {
  const char* name;
  double amount, rate;

  [[nodiscard]] double seconds() const { return amount / rate; }
};

struct Shape {
  const char* work;
  std::int64_t rows, columns;
};
constexpr Shape llama_products[] = {{"product, Llama-3-8B, queries, keys and values", 6144, 4096},
                                    {"product, Llama-3-8B, output", 4096, 4096},
                                    {"product, Llama-3-8B, gate and up", 28672, 4096},
                                    {"product, Llama-3-8B, down", 4096, 14336}};

/// A matrix and vectors on a device.
class Product {
 public:
  Product(Device& device, const Shape& shape, std::int64_t part, std::int64_t vectors)
      : rows_(parts_of(shape.rows, 16 * part) * 16),
        blocks_(std::max<std::int64_t>(shape.columns / 64 / part, 1)),
        vectors_(vectors),
        tiles_(filled<std::uint32_t>(device, rows_ / tile_row_count * blocks_ * tile_words, 0x01010101)),
        upper_(filled<std::uint32_t>(device, vectors * blocks_ * tile_column_groups, 1)),
        lower_(filled<std::uint32_t>(device, upper_.size(), 1)),
        exponents_(filled<std::uint8_t>(device, rows_, 30)),
        of_vectors_(filled<std::uint8_t>(device, vectors, 5)),
        result_(filled<std::int32_t>(device, vectors * rows_, 0)) {}

  [[nodiscard]] double bytes() const {
    return 4.0 * static_cast<double>(tiles_.size() + (vectors_ > 1 ? 2 * upper_.size() + result_.size() : 0));
  }
  /// Products and sums of bytes, of both parts of each number.
  [[nodiscard]] double operations() const { return 4.0 * static_cast<double>(rows_ * blocks_ * 64 * vectors_); }
  [[nodiscard]] ProductArguments arguments() {
    return {tiles_.constant(),
            exponents_.constant(),
            upper_.constant(),
            lower_.constant(),
            blocks_,
            of_vectors_.constant(),
            rows_,
            result_.span()};
  }

 private:
  std::int64_t rows_, blocks_, vectors_;
  DeviceArray<std::uint32_t> tiles_, upper_, lower_;
  DeviceArray<std::uint8_t> exponents_, of_vectors_;
  DeviceArray<std::int32_t> result_;
};

class Bench {
 public:
  Bench(Device& device, const Rates& rates, std::int64_t part) : device_(device), rates_(rates), part_(part) {}

  /// The bandwidth that the other figures are compared with: a kernel that reads two words for each that it writes.
  void measure_bandwidth() {
    const std::int64_t numbers = (std::int64_t{1} << 28) / part_;
    const auto more = filled<std::int32_t>(device_, numbers, 1);
    auto rows = filled<std::int32_t>(device_, numbers, 2);
    const double taken = seconds_of(device_, 5, [&] {
      return device_.launch(AddArguments{more.constant(), rows.span()});
    });
    bandwidth_ = 12 * static_cast<double>(numbers) / taken;
    std::printf("%-44s %8.1f GB/s\n", "bandwidth of two reads and a write", bandwidth_ / 1e9);
  }

  /// @param asked  the least share of the ceiling
  void figure(const char* work, const Work& needs, int times, double asked,
              const std::function<DeviceResult<void>()>& launch) {
    const double taken = seconds_of(device_, times, launch);
    const Ceiling ceilings[] = {{"bandwidth", needs.bytes, bandwidth_},
                                {"dp4a", needs.dp4a, rates_.dp4a},
                                {"tensor cores", needs.imma, rates_.imma},
                                {"doubles", needs.fp64, rates_.fp64}};
    const Ceiling& ceiling = *std::ranges::max_element(ceilings, {}, &Ceiling::seconds);
    const double share = ceiling.seconds() / taken;
    std::printf("%-44s %10.3f ms, %8.1f GB/s, %5.1f %% of the ceiling (%s), asked %3.0f %%: %s\n", work, taken * 1e3,
                needs.bytes / taken / 1e9, 100 * share, ceiling.name, 100 * asked, share >= asked ? "met" : "MISSED");
    char line[400];
    std::snprintf(line, sizeof line,
                  "%s{\"work\": \"%s\", \"bytes\": %.0f, \"operations\": %.0f, \"seconds\": %.9f, \"ceiling\": \"%s\", "
                  "\"ceiling_seconds\": %.9f, \"share\": %.4f, \"asked\": %.2f}",
                  json_.empty() ? "" : ", ", work, needs.bytes, needs.dp4a + needs.imma + needs.fp64, taken,
                  ceiling.name, ceiling.seconds(), share, asked);
    json_ += line;
  }

  void routing() {
    const std::int64_t nodes = 10'000'000 / part_, blocks = 80;
    const auto price = filled<std::uint32_t>(device_, nodes, 7), time = filled<std::uint32_t>(device_, nodes, 9);
    std::vector<std::int64_t> ends;
    for (std::int64_t k = 1; k <= blocks; ++k) ends.push_back(nodes * k / blocks);
    const auto all_ends = value_of(DeviceArray<std::int64_t>::of(device_, ends));
    auto least = filled<std::uint32_t>(device_, blocks * scan_weights, 0x7f800000);
    ScanArguments<float, std::uint32_t> arguments{
        price.constant(), time.constant(), all_ends.constant(), least.span(), {}, {}};
    std::fill_n(arguments.price_weight, scan_weights, 0.5F);
    figure("routing, 10^7 nodes, 8 alphas", {8.0 * static_cast<double>(nodes)}, 20, 0.6,
           [&] { return device_.launch(arguments); });
  }
  void latencies() {
    const std::int64_t width = std::max<std::int64_t>(64, 4096 / part_);
    const auto row = filled<std::uint64_t>(device_, width * width, 5);
    const auto labels = filled<double>(device_, width * min_plus_clients, 1);
    auto least = filled<double>(device_, width * min_plus_clients, 0),
         second = filled<double>(device_, least.size(), 0);
    auto position = filled<std::int64_t>(device_, least.size(), 0);
    const MinPlusArguments arguments{row.constant(), labels.constant(), width,          0.5,
                                     least.span(),   second.span(),     position.span()};
    figure("a layer of min plus, n = 4096, 8 clients", {8.0 * static_cast<double>(width * width)}, 8, 0.5,
           [&] { return device_.launch(arguments); });
  }
  void hashing() {
    const std::int64_t bytes = (std::int64_t{1} << 30) / part_, chunk = 1024;
    const auto text = filled<std::uint32_t>(device_, bytes / 4, 0x01020304);
    const auto prefix = filled<std::uint8_t>(device_, 20, 'x');
    auto digests = filled<std::uint32_t>(device_, chunk_count(bytes, chunk) * digest_words, 0);
    const MerkleArguments arguments{text.constant(), bytes, chunk, prefix.constant(), false, digests.span()};
    figure("leaves of 1 KiB over 1 GiB", {static_cast<double>(bytes)}, 2, 0, [&] { return device_.launch(arguments); });
  }
  /// The four products of one layer of Llama-3-8B for one token.
  void products() {
    for (const Shape& shape : llama_products) {
      Product product(device_, shape, part_, 1);
      figure(shape.work, {product.bytes(), product.operations()}, 20, 0.6,
             [&] { return device_.launch(product.arguments()); });
    }
  }
  /// The same for 512 tokens together.
  void prefill() {
    std::vector<Product> products;
    Work needs;
    for (const Shape& shape : llama_products) {
      products.emplace_back(device_, shape, part_, std::max<std::int64_t>(512 / part_, prefill_positions_least));
      needs.bytes += products.back().bytes();
      needs.imma += products.back().operations();
    }
    figure("prefill of 512 tokens, a layer of Llama-3-8B", needs, 5, 0.4, [&] {
      DeviceResult<void> done;
      for (Product& product : products)
        if (done) done = device_.launch(PrefillArguments{product.arguments()});
      return done;
    });
  }
  /// Per node and step 24 operations of exp, and twelve of the weight, the sum, the share and the price.
  void ascent() {
    const std::int64_t groups = std::max<std::int64_t>(10'000 / part_, 2), size = 96, steps = steps_of_a_base;
    std::vector<std::int64_t> begins;
    for (std::int64_t group = 0; group <= groups; ++group) begins.push_back(group * size);
    const auto all_begins = value_of(DeviceArray<std::int64_t>::of(device_, begins));
    expect_done(device_.finish());
    const auto sizes = filled<std::int64_t>(device_, groups, size);
    auto price = filled<double>(device_, groups * size, 1), terms = filled<double>(device_, groups * size, 0);
    const auto weight = filled<double>(device_, groups * size, 2);
    const AscentArguments arguments{
        all_begins.constant(), sizes.constant(), price.span(), weight.constant(), terms.span(), 0.5, 0.01, steps};
    const auto nodes = static_cast<double>(groups * size);
    figure("ascent of 10^4 groups of 96, 64 steps", {32 * nodes, 0, 0, 36 * nodes * static_cast<double>(steps)}, 5, 0.6,
           [&] { return device_.launch(arguments); });
  }
  [[nodiscard]] std::string json() const {
    return "{\"device\": \"" + device_.name() + "\", \"bandwidth\": " + std::to_string(bandwidth_) +
           ", \"rates\": {\"dp4a\": " + std::to_string(rates_.dp4a) +
           ", \"tensor cores\": " + std::to_string(rates_.imma) + ", \"doubles\": " + std::to_string(rates_.fp64) +
           "}, \"figures\": [" + json_ + "]}\n";
  }

 private:
  Device& device_;
  Rates rates_;
  std::int64_t part_;
  double bandwidth_ = 1;
  std::string json_;
};

}  // namespace

std::string bench(Device& device, const Rates& rates, std::int64_t part) {
  Bench all(device, rates, part);
  all.measure_bandwidth();
  all.routing();
  all.latencies();
  all.hashing();
  all.products();
  all.prefill();
  all.ascent();
  return all.json();
}

}  // namespace p2pllm::kernels
