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

class Bench {
 public:
  Bench(Device& device, std::int64_t part) : device_(device), part_(part) {}

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
  void figure(const char* work, double bytes, int times, double asked,
              const std::function<DeviceResult<void>()>& launch) {
    const double taken = seconds_of(device_, times, launch), ceiling = bytes / bandwidth_, share = ceiling / taken;
    std::printf("%-44s %10.3f ms, %8.1f GB/s, %5.1f %% of the bandwidth, asked %3.0f %%: %s\n", work, taken * 1e3,
                bytes / taken / 1e9, 100 * share, 100 * asked, share >= asked ? "met" : "MISSED");
    char line[400];
    std::snprintf(
        line, sizeof line,
        "%s{\"work\": \"%s\", \"bytes\": %.0f, \"seconds\": %.9f, \"ceiling_seconds\": %.9f, \"share\": %.4f, "
        "\"asked\": %.2f}",
        json_.empty() ? "" : ", ", work, bytes, taken, ceiling, share, asked);
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
    figure("routing, 10^7 nodes, 8 alphas", 8.0 * static_cast<double>(nodes), 20, 0.6,
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
    figure("a layer of min plus, n = 4096, 8 clients", 8.0 * static_cast<double>(width * width), 8, 0.5,
           [&] { return device_.launch(arguments); });
  }
  /// Memory is the larger ceiling of the two: eight sums and minima of a quantized latency take half of the time of its
  /// four bytes, if a multiprocessor of an H100 starts 64 of them a cycle. One matrix stands for all layers, and is
  /// larger than a cache.
  void filtered_latencies() {
    const std::int64_t layers = parts_of(32, part_);
    const std::int64_t width = std::max<std::int64_t>(64, 4096 / part_);
    std::vector<std::uint64_t> latencies(static_cast<std::size_t>(width * width));
    std::vector<double> labels(static_cast<std::size_t>(width * min_plus_clients));
    std::uint64_t state = 1;
    for (std::uint64_t& each : latencies) each = (state = state * 6364136223846793005 + 1442695040888963407) >> 40;
    for (double& each : labels)
      each = static_cast<double>((state = state * 6364136223846793005 + 1442695040888963407) >> 40);
    const auto row = value_of(DeviceArray<std::uint64_t>::of(device_, latencies));
    const auto label = value_of(DeviceArray<double>::of(device_, labels));
    auto short_latencies = filled<std::uint32_t>(device_, row.size(), 0);
    auto short_labels = filled<std::uint32_t>(device_, label.size(), 0);
    auto least = filled<double>(device_, label.size(), 0), second = filled<double>(device_, label.size(), 0);
    auto position = filled<std::int64_t>(device_, label.size(), 0);
    QuantizeArguments columns{row.constant(), {}, 0.5, filter_scale(0x1p25), short_latencies.span(), {}};
    expect_done(device_.launch(columns));
    const QuantizeArguments of_labels{{}, label.constant(), 0.5, columns.scale, {}, short_labels.span()};
    const FilteredMinPlusArguments arguments{
        {row.constant(), label.constant(), width, 0.5, least.span(), second.span(), position.span()},
        short_latencies.constant(),
        short_labels.constant()};
    figure("min-plus n = 4096 x 32 layers", 4.0 * static_cast<double>(layers * width * width), 1, 0.5, [&] {
      for (std::int64_t layer = 0; layer < layers; ++layer) {
        auto done = device_.launch(of_labels);
        if (done) done = device_.launch(arguments);
        if (!done) return done;
      }
      return DeviceResult<void>{};
    });
  }
  void hashing() {
    const std::int64_t bytes = (std::int64_t{1} << 30) / part_, chunk = 1024;
    const auto text = filled<std::uint32_t>(device_, bytes / 4, 0x01020304);
    const auto prefix = filled<std::uint8_t>(device_, 20, 'x');
    auto digests = filled<std::uint32_t>(device_, chunk_count(bytes, chunk) * digest_words, 0);
    const MerkleArguments arguments{text.constant(), bytes, chunk, prefix.constant(), false, digests.span()};
    figure("leaves of 1 KiB over 1 GiB", static_cast<double>(bytes), 2, 0, [&] { return device_.launch(arguments); });
  }
  /// The four products of one layer of Llama-3-8B for one token.
  void products() {
    struct Shape {
      const char* work;
      std::int64_t rows, columns;
    };
    for (const Shape& shape :
         {Shape{"product, Llama-3-8B, queries, keys and values", 6144, 4096},
          Shape{"product, Llama-3-8B, output", 4096, 4096}, Shape{"product, Llama-3-8B, gate and up", 28672, 4096},
          Shape{"product, Llama-3-8B, down", 4096, 14336}}) {
      const std::int64_t rows = parts_of(shape.rows, 16 * part_) * 16, blocks = shape.columns / 64;
      const std::int64_t words = rows / tile_row_count * blocks * tile_words;
      const auto tiles = filled<std::uint32_t>(device_, words, 0x01010101);
      const auto exponents = filled<std::uint8_t>(device_, rows, 30), of_vector = filled<std::uint8_t>(device_, 1, 5);
      const auto upper = filled<std::uint32_t>(device_, blocks * 16, 1),
                 lower = filled<std::uint32_t>(device_, blocks * 16, 1);
      auto result = filled<std::int32_t>(device_, rows, 0);
      const ProductArguments arguments{tiles.constant(),
                                       exponents.constant(),
                                       upper.constant(),
                                       lower.constant(),
                                       blocks,
                                       of_vector.constant(),
                                       rows,
                                       result.span()};
      figure(shape.work, 4.0 * static_cast<double>(words), 20, 0.6, [&] { return device_.launch(arguments); });
    }
  }
  [[nodiscard]] std::string json() const {
    return "{\"device\": \"" + device_.name() + "\", \"bandwidth\": " + std::to_string(bandwidth_) +
           ", \"figures\": [" + json_ + "]}\n";
  }

 private:
  Device& device_;
  std::int64_t part_;
  double bandwidth_ = 1;
  std::string json_;
};

}  // namespace

std::string bench(Device& device, std::int64_t part) {
  Bench all(device, part);
  all.measure_bandwidth();
  all.routing();
  all.latencies();
  all.filtered_latencies();
  all.hashing();
  all.products();
  return all.json();
}

}  // namespace p2pllm::kernels
