// Every kernel on the first GPU against the same source on the simulated machine, bit for bit on random inputs; then,
// with
// --bench, its speed beside the ceilings of that GPU. Needs nothing but the driver.
//
//     p2pllm_gpu [--seed S] [--cases N] [--bench F.json]    exit 0, 1 if a bit differs, 77 without a GPU
//
// With P2PLLM_SIMULATED in the environment it needs no GPU, and compares two orders of the simulated machine.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "kernels/device/device_columns.hpp"
#include "kernels/device/merkle_root.hpp"
#include "kernels/simt/simulated_device.hpp"
#include "tests/kernels/gpu_bench.hpp"
#include "tests/kernels/gpu_case.hpp"

namespace p2pllm::kernels {
namespace {

template <class F, class Bits>
void scan_case(Case& at) {
  const std::int64_t nodes = at.one_of({1, 1023, 1024, 1025, 9000});
  const auto price = at.drawn<Bits>(nodes, 0, 1 << 30), time = at.drawn<Bits>(nodes, 0, 1 << 30);
  std::vector<std::int64_t> ends;
  for (std::int64_t end = 0; end < nodes;) ends.push_back(end = std::min(nodes, end + at.one_of({1, 40, 2000})));
  auto all_ends = value_of(DeviceArray<std::int64_t>::of(at.device(), ends));
  auto least = at.drawn<Bits>(all_ends.size() * scan_weights, 0, 0);
  const std::vector<Bits> infinite(static_cast<std::size_t>(least.size()),
                                   __builtin_bit_cast(Bits, static_cast<F>(__builtin_huge_val())));
  expect_done(least.write(infinite));
  ScanArguments<F, Bits> arguments{price.constant(), time.constant(), all_ends.constant(), least.span(), {}, {}};
  for (int k = 0; k < scan_weights; ++k) {
    arguments.price_weight[k] = static_cast<F>(at.size(999)) / 999;
    arguments.time_weight[k] = 1 - arguments.price_weight[k];
  }
  at.launch(arguments);
  at.keep(least);
}

void min_plus_case(Case& at) {
  const std::int64_t rows = at.size(6), width = at.one_of({1, 31, 32, 33, 100});
  const auto latencies = at.drawn<std::uint64_t>(rows * width, 0, std::int64_t{1} << 60);
  const auto labels = at.drawn<double>(width * min_plus_clients, 0, 1 << 20);
  auto least = at.room<double>(rows * min_plus_clients), second = at.room<double>(rows * min_plus_clients);
  auto position = at.room<std::int64_t>(rows * min_plus_clients);
  at.launch(MinPlusArguments{latencies.constant(), labels.constant(), width, 0.37, least.span(), second.span(),
                             position.span()});
  at.keep(least);
  at.keep(second);
  at.keep(position);
}

/// By the filter, of which every scale gives the same bits.
void filtered_min_plus_case(Case& at) {
  const std::int64_t rows = at.size(9), width = at.one_of({1, 32, 33, 100, 1025});
  const auto latencies = at.drawn<std::uint64_t>(rows * width, 0, std::int64_t{1} << 53);
  const auto labels = at.drawn<double>(width * min_plus_clients, 0, std::int64_t{1} << 53);
  auto short_latencies = at.room<std::uint32_t>(rows * width);
  auto short_labels = at.room<std::uint32_t>(width * min_plus_clients);
  auto least = at.room<double>(rows * min_plus_clients), second = at.room<double>(rows * min_plus_clients);
  auto position = at.room<std::int64_t>(rows * min_plus_clients);
  const double scale = filter_scale(0x1p54) * (at.size(2) == 1 ? 0x1p-28 : at.size(2) == 1 ? 1 : 8);
  at.launch(QuantizeArguments{latencies.constant(), labels.constant(), 0.37, scale, short_latencies.span(),
                              short_labels.span()});
  at.launch(FilteredMinPlusArguments{
      {latencies.constant(), labels.constant(), width, 0.37, least.span(), second.span(), position.span()},
      short_latencies.constant(),
      short_labels.constant()});
  at.keep(short_latencies);
  at.keep(short_labels);
  at.keep(least);
  at.keep(second);
  at.keep(position);
}

void merkle_case(Case& at) {
  const std::int64_t chunk = at.one_of({4, 36, 64, 1024}), bytes = at.size(200 * chunk);
  const auto text = at.drawn<std::uint32_t>((bytes + 3) / 4, 0, 0xffffffff);
  const std::vector<std::uint8_t> leaf{3, 'a', 'b', 'c'}, node{1, 'n'};
  const auto root = value_of(merkle_root(at.device(), text.constant(), bytes, chunk, leaf, node));
  auto digest = value_of(DeviceArray<std::uint8_t>::of(at.device(), root));
  at.keep(digest);
}

void product_case(Case& at) {
  const std::int64_t rows = at.one_of({1, 15, 16, 17, 40}), blocks = at.one_of({1, 8, 9}), vectors = at.size(3);
  const std::int64_t width = blocks * 64 - at.size(63) + 1;
  const std::int64_t tiles = (rows + 15) / 16 * blocks;
  std::vector<std::uint32_t> words(static_cast<std::size_t>(tiles * tile_words), 0x7f81017f);
  for (std::size_t k = 0; k < words.size(); ++k)  // of 127, 1, -127 and 127 in each word: 16 words a row and tile
    if (k % tile_words >= tile_multipliers)
      words[k] = (16U * 128) << 16 | (1 + static_cast<std::uint32_t>(k * 977 % 32768));
  const auto all = value_of(DeviceArray<std::uint32_t>::of(at.device(), words));
  const auto exponents = at.drawn<std::uint8_t>((rows + 15) / 16 * 16, 16, 45);
  const auto row = at.drawn<std::int32_t>(vectors * width, -2147483647, 2147483647);
  const auto gain = at.drawn<std::int16_t>(at.size(2) == 1 ? width : 0, -32767, 32767);
  auto upper = at.room<std::uint32_t>(vectors * blocks * 16), lower = at.room<std::uint32_t>(vectors * blocks * 16);
  auto of_vectors = at.room<std::uint8_t>(vectors);
  auto result = at.room<std::int32_t>(vectors * rows);
  at.launch(PrepareArguments{row.constant(), width, gain.constant(), 14, 1000, 12, upper.span(), lower.span(),
                             of_vectors.span()});
  at.launch(ProductArguments{all.constant(), exponents.constant(), upper.constant(), lower.constant(), blocks,
                             of_vectors.constant(), rows, result.span()});
  at.keep(upper);
  at.keep(lower);
  at.keep(result);
}

/// All bytes, those that no model has included, by both kernels.
void many_products_case(Case& at) {
  const std::int64_t rows = at.one_of({1, 16, 33, 257}), blocks = at.one_of({1, 3}), vectors = at.one_of({1, 9, 65});
  const std::int64_t tiles = (rows + 15) / 16 * blocks, words = vectors * blocks * 16;
  std::vector<std::uint32_t> of_tiles(static_cast<std::size_t>(tiles * tile_words));
  for (auto& word : of_tiles) word = static_cast<std::uint32_t>(at.size(std::int64_t{1} << 32) - 1);
  const auto weights = value_of(DeviceArray<std::uint32_t>::of(at.device(), of_tiles));
  const auto exponents = at.drawn<std::uint8_t>((rows + 15) / 16 * 16, 16, 45);
  const auto upper = at.drawn<std::uint32_t>(words, 0, 0xffffffff),
             lower = at.drawn<std::uint32_t>(words, 0, 0xffffffff);
  const auto of_vectors = at.drawn<std::uint8_t>(vectors, 0, 16);
  auto few = at.room<std::int32_t>(vectors * rows), many = at.room<std::int32_t>(vectors * rows);
  ProductArguments arguments{
      weights.constant(), exponents.constant(), upper.constant(), lower.constant(), blocks, of_vectors.constant(), rows,
      few.span()};
  at.launch(arguments);
  arguments.product = many.span();
  at.launch(PrefillArguments{arguments});
  at.keep(few);
  at.keep(many);
}

/// Two batches of attention, so that the second reads what the first kept.
void attention_case(Case& at) {
  const std::int64_t kv_heads = at.size(2);
  AttentionShape shape{kv_heads * at.size(2), kv_heads, 2 * at.size(40), 0, 40};
  const std::int64_t cells = kv_heads * shape.room;
  auto keys = at.room<std::int16_t>(cells * shape.head_width), values = at.room<std::int16_t>(cells * shape.head_width);
  auto key_exponents = at.room<std::uint8_t>(cells), value_exponents = at.room<std::uint8_t>(cells);
  const auto exp2 = at.drawn<std::int32_t>(257, 1 << 29, 1 << 30);
  for (const std::int64_t count : {std::int64_t{3}, at.size(30)}) {
    const std::int64_t numbers = shape.heads * shape.head_width;
    const auto products = at.drawn<std::int32_t>(count * shape.all_heads() * shape.head_width, -2147483647, 2147483647);
    const auto cosines = at.drawn<std::int32_t>(count * shape.head_width / 2, -(1 << 30), 1 << 30);
    const auto sines = at.drawn<std::int32_t>(count * shape.head_width / 2, -(1 << 30), 1 << 30);
    auto queries = at.room<std::int16_t>(count * numbers);
    auto query_exponents = at.room<std::uint8_t>(count * shape.heads);
    auto scratch = at.room<std::int64_t>(count * shape.heads * shape.room);
    auto result = at.room<std::int32_t>(count * numbers);
    at.launch(SplitHeadsArguments{shape,
                                  products.constant(),
                                  cosines.constant(),
                                  sines.constant(),
                                  queries.span(),
                                  query_exponents.span(),
                                  {keys.span(), values.span(), key_exponents.span(), value_exponents.span()}});
    at.launch(AttendArguments{shape, queries.constant(), query_exponents.constant(), keys.constant(), values.constant(),
                              key_exponents.constant(), value_exponents.constant(), exp2.constant(), 1 << 17, 12,
                              scratch.span(), result.span()});
    at.keep(queries);
    at.keep(query_exponents);
    at.keep(result);
    shape.first += count;
  }
}

void number_case(Case& at) {
  const std::int64_t positions = at.size(3), hidden = at.one_of({1, 127, 128, 129, 700});
  const auto both = at.drawn<std::int32_t>(positions * 2 * hidden, -2147483647, 2147483647);
  const auto exp2 = at.drawn<std::int32_t>(257, 1 << 29, 1 << 30);
  auto numbers = at.room<std::int32_t>(positions * hidden);
  auto rows = at.drawn<std::int32_t>(positions * hidden, -2147483647, 2147483647);
  at.launch(GateArguments{both.constant(), hidden, 12, exp2.constant(), numbers.span()});
  at.launch(AddArguments{numbers.constant(), rows.span()});
  at.keep(numbers);
  at.keep(rows);
}

void ascent_case(Case& at) {
  const std::int64_t groups = at.size(9), size = 2 + at.one_of({0, 6, 7, 30, 250});
  const std::int64_t room = (size + ascent_lanes - 1) / ascent_lanes * ascent_lanes;
  std::vector<std::int64_t> begins(static_cast<std::size_t>(groups) + 1), sizes(static_cast<std::size_t>(groups), size);
  for (std::size_t k = 0; k < begins.size(); ++k) begins[k] = room * static_cast<std::int64_t>(k);
  std::vector<double> prices(static_cast<std::size_t>(groups * room), 0), weights(prices.size(), 0x1p900);
  for (std::int64_t group = 0; group < groups; ++group)
    for (std::int64_t k = 0; k < size; ++k) {
      const auto place = static_cast<std::size_t>(group * room + k);
      prices[place] = static_cast<double>(at.size(4000)) / 1000;
      weights[place] = static_cast<double>(at.size(50));
    }
  const auto all_begins = value_of(DeviceArray<std::int64_t>::of(at.device(), begins));
  const auto all_sizes = value_of(DeviceArray<std::int64_t>::of(at.device(), sizes));
  auto price = value_of(DeviceArray<double>::of(at.device(), prices));
  const auto weight = value_of(DeviceArray<double>::of(at.device(), weights));
  auto terms = at.room<double>(weight.size());
  const std::vector<std::int64_t> zeros(sizes.size(), 0);
  const std::vector<double> no_radius(sizes.size(), 0);
  auto base = value_of(DeviceArray<std::int64_t>::of(at.device(), zeros));
  auto age = value_of(DeviceArray<std::int64_t>::of(at.device(), zeros));
  auto radius = value_of(DeviceArray<double>::of(at.device(), no_radius));
  at.launch(AscentArguments{all_begins.constant(), all_sizes.constant(), price.span(), weight.constant(), terms.span(),
                            base.span(), age.span(), radius.span(), 0.5, 0.7, at.size(70)});
  at.keep(price);
  at.keep(base);
  at.keep(radius);
}

struct Kind {
  const char* name;
  void (*run)(Case&);
};
constexpr Kind kinds[] = {{"scan, 32 bits", scan_case<float, std::uint32_t>},
                          {"scan, 64 bits", scan_case<double, std::uint64_t>},
                          {"min plus", min_plus_case},
                          {"filtered min plus", filtered_min_plus_case},
                          {"merkle", merkle_case},
                          {"norm, block and product", product_case},
                          {"product of many vectors", many_products_case},
                          {"attention", attention_case},
                          {"gate and add", number_case},
                          {"ascent", ascent_case},
                          {"regrets", regret_case},
                          {"equilibria", equilibrium_case},
                          {"scores", score_case}};

int check(Device& gpu, std::uint64_t seed, std::int64_t cases) {
  int faults = 0;
  for (const Kind& kind : kinds) {
    std::int64_t same = 0;
    for (std::int64_t k = 0; k < cases; ++k) {
      const auto simulated = simt::simulated_device(seed);
      Case here(*simulated, seed + static_cast<std::uint64_t>(k)), there(gpu, seed + static_cast<std::uint64_t>(k));
      kind.run(here);
      kind.run(there);
      if (here.bytes() == there.bytes()) ++same;
      else if (faults++ == 0)
        std::printf("first difference: %s, --seed %llu\n", kind.name,
                    static_cast<unsigned long long>(seed + static_cast<std::uint64_t>(k)));
    }
    std::printf("%-26s %lld of %lld cases have equal bits\n", kind.name, static_cast<long long>(same),
                static_cast<long long>(cases));
  }
  return faults == 0 ? 0 : 1;
}

}  // namespace
}  // namespace p2pllm::kernels

int main(int argc, char** argv) {
  using namespace p2pllm::kernels;
  std::uint64_t seed = 1;
  std::int64_t cases = 50, part = 1;
  const char* file = nullptr;
  bool is_understood = argc % 2 == 1;
  for (int k = 1; k + 1 < argc; k += 2) {
    const std::string option = argv[k];
    is_understood = is_understood && (option == "--seed" || option == "--cases" || option == "--bench");
    if (option == "--seed") seed = std::strtoull(argv[k + 1], nullptr, 10);
    if (option == "--cases") cases = std::strtoll(argv[k + 1], nullptr, 10);
    if (option == "--bench") file = argv[k + 1];
  }
  if (!is_understood || cases < 1) {
    std::fprintf(stderr, "usage: p2pllm_gpu [--seed S] [--cases N] [--bench F.json], N at least 1\n");
    return 2;
  }
  auto device = open_device();
  const bool is_simulated = !device;
  if (is_simulated) {
    if (std::getenv("P2PLLM_SIMULATED") == nullptr) {
      std::printf("no GPU (%s): skipped\n", device.error().what.c_str());
      return 77;
    }
    device = simt::simulated_device(seed + 1000);  // the program itself, where no GPU is
    part = 1 << 14;
  }
  std::printf("%s, seed %llu\n", (*device)->name().c_str(), static_cast<unsigned long long>(seed));
  const int status = check(**device, seed, cases);
  if (status != 0 || file == nullptr) return status;
  const std::string figures = bench(**device, is_simulated ? Rates{} : measured_rates(), part);
  std::FILE* const out = std::fopen(file, "w");
  if (out == nullptr || std::fputs(figures.c_str(), out) < 0 || std::fclose(out) != 0) {
    std::fprintf(stderr, "p2pllm_gpu: %s: cannot be written\n", file);
    return 1;
  }
  return 0;
}
