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
    figure("min-plus n = 4096 x 32 layers", {4.0 * static_cast<double>(layers * width * width)}, 1, 0.5, [&] {
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
  /// Per node and step 24 operations of exp, and 36 of the weight, the sums, the share, the price and the radius.
  void ascent() {
    const std::int64_t groups = std::max<std::int64_t>(10'417 / part_, 2), size = 96;
    const std::int64_t steps = std::max<std::int64_t>(1000 / part_, 2);
    std::vector<std::int64_t> begins;
    for (std::int64_t group = 0; group <= groups; ++group) begins.push_back(group * size);
    const auto all_begins = value_of(DeviceArray<std::int64_t>::of(device_, begins));
    expect_done(device_.finish());
    const auto sizes = filled<std::int64_t>(device_, groups, size);
    auto price = filled<double>(device_, groups * size, 1), terms = filled<double>(device_, groups * size, 0);
    const auto weight = filled<double>(device_, groups * size, 2);
    auto base = filled<std::int64_t>(device_, groups, 0), age = filled<std::int64_t>(device_, groups, 0);
    auto radius = filled<double>(device_, groups, 0);
    const AscentArguments arguments{all_begins.constant(),
                                    sizes.constant(),
                                    price.span(),
                                    weight.constant(),
                                    terms.span(),
                                    base.span(),
                                    age.span(),
                                    radius.span(),
                                    0.5,
                                    0.01,
                                    steps};
    const auto nodes = static_cast<double>(groups * size);
    figure("ascent of 10^6 nodes, 1000 steps", {32 * nodes, 0, 0, 60 * nodes * static_cast<double>(steps)}, 5, 0.6,
           [&] { return device_.launch(arguments); });
  }
  /// 10^6 nodes in 10^3 groups. Of each step 56 bytes a node; 24 operations of an exponential, again in the sum, and 20
  /// beside them; five steps, and as much again before and after.
  void equilibria() {
    const std::int64_t groups = std::max<std::int64_t>(1000 / part_, 2), size = 1000, nodes = groups * size;
    std::vector<std::int64_t> begins, firsts;
    std::vector<double> costs;
    for (std::int64_t group = 0; group <= groups; ++group) begins.push_back(group * size), firsts.push_back(group);
    for (std::int64_t k = 0; k < nodes; ++k) costs.push_back(static_cast<double>(k * 7919 % 5000));
    const std::vector<std::int64_t> of_chunks(firsts.begin(), firsts.end() - 1);
    const auto all_begins = value_of(DeviceArray<std::int64_t>::of(device_, begins));
    const auto all_firsts = value_of(DeviceArray<std::int64_t>::of(device_, firsts));
    const auto chunks = value_of(DeviceArray<std::int64_t>::of(device_, of_chunks));
    const auto cost = value_of(DeviceArray<double>::of(device_, costs));
    expect_done(device_.finish());
    std::vector<DeviceArray<double>> columns;
    for (int k = 0; k < 10; ++k) columns.push_back(filled<double>(device_, nodes, 0));
    auto sums = filled<NewtonSums>(device_, groups, {});
    auto least = filled<std::int64_t>(device_, groups, 0), dominant = filled<std::int64_t>(device_, groups, 0);
    auto states = filled<NewtonState>(device_, groups, {});
    auto radii = filled<NewtonRadius>(device_, groups, {});
    auto going_on = filled<std::int64_t>(device_, 1, 0);
    const EquilibriumWork work{{all_begins.constant(), chunks.constant(), all_firsts.constant()},
                               cost.constant(),
                               0.001,
                               0.5,
                               columns[0].span(),
                               columns[1].span(),
                               columns[2].span(),
                               columns[3].span(),
                               sums.span(),
                               least.span(),
                               dominant.span(),
                               states.span(),
                               radii.span()};
    const auto phases = [&]() -> DeviceResult<void> {
      DeviceResult<void> done;
      const auto of_chunk = [&](ChunkPhase phase) {
        if (done)
          done = device_.launch(EquilibriumChunkArguments{work, phase, columns[4].span(), columns[5].span(),
                                                          columns[6].span(), columns[7].span(), columns[8].span(),
                                                          columns[9].span()});
      };
      const auto of_group = [&](GroupPhase phase) {
        if (done) done = device_.launch(EquilibriumGroupArguments{work, phase, going_on.span()});
      };
      of_chunk(ChunkPhase::least), of_group(GroupPhase::dominant);
      of_chunk(ChunkPhase::utilities), of_group(GroupPhase::start);
      for (int step = 0; step < 5; ++step) of_chunk(ChunkPhase::step), of_group(GroupPhase::next);
      of_chunk(ChunkPhase::bound), of_group(GroupPhase::radius), of_chunk(ChunkPhase::ends);
      return done;
    };
    const auto all = static_cast<double>(nodes);
    figure("equilibria of 10^6 nodes in 10^3 groups", {10 * 56 * all, 0, 0, 10 * 68 * all}, 5, 0.5, phases);
    std::vector<NewtonState> found(static_cast<std::size_t>(groups));
    expect_done(states.read(found));
    const bool has_converged = std::ranges::all_of(found, [](const NewtonState& at) { return at.has_converged != 0; });
    if (!has_converged) std::printf("  some of these groups have not converged in five steps\n");
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
  all.filtered_latencies();
  all.equilibria();
  all.hashing();
  all.products();
  all.prefill();
  all.ascent();
  return all.json();
}

}  // namespace p2pllm::kernels
