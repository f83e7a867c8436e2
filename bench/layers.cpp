// Exact layers against what a user would take instead: the matrix kernel against Q8_0 with float scales, whole models
// against float32. Medians of runs that take turns.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "bench/figure.hpp"
#include "bench/float_layers.hpp"
#include "bench/interleaved.hpp"
#include "bench/q8_matrix.hpp"
#include "optimized/layers/fast_layers.hpp"
#include "tests/support/random_model.hpp"

namespace p2pllm::bench {
namespace {

struct Entry {
  std::string name;
  std::function<void()> run;
  std::vector<double> seconds = {};
};

/// Times of works on one thread that take turns, in processor time; on several threads, by the clock.
void take_turns(std::vector<Entry>& entries, int rounds, bool by_clock = false) {
  for (int round = -1; round < rounds; ++round)
    for (Entry& entry : entries) {
      const double taken = by_clock ? seconds_of(entry.run) : processor_seconds_of(entry.run);
      if (round >= 0) entry.seconds.push_back(taken);
    }
}
double median_of(const std::vector<Entry>& entries, const std::string& name) {
  for (const Entry& entry : entries)
    if (entry.name == name) return median(entry.seconds);
  return 0;
}

struct MatrixSize {
  std::size_t rows, columns;
  int repeats;
  std::string place;
};

/// A matrix and a vector for every exact target.
struct ExactProduct {
  ExactMatrix matrix;
  optimized::StackedMatrix packed;
  std::vector<std::int16_t> vector;
  std::vector<std::int32_t> out;

  static ExactMatrix random_matrix(const MatrixSize& size) {
    std::mt19937_64 random(1);
    ExactMatrix matrix{static_cast<std::int64_t>(size.rows), static_cast<std::int64_t>(size.columns), {}, {}, {}};
    for (std::size_t k = 0; k < size.rows * size.columns; ++k)
      matrix.weights.push_back(static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127));
    for (std::size_t k = 0; k < size.rows * size.columns / 64; ++k)
      matrix.multipliers.push_back(static_cast<std::uint16_t>(16384 + random() % 16384));
    matrix.exponents.assign(size.rows, 30);
    return matrix;
  }
  explicit ExactProduct(const MatrixSize& size)
      : matrix(random_matrix(size)), packed({&matrix}), vector(size.columns), out(size.rows) {
    std::mt19937_64 random(2);
    for (std::int16_t& number : vector) number = static_cast<std::int16_t>(static_cast<int>(random() % 65535) - 32767);
  }
  /// The product by a target. The vector is prepared before, as the competitor's is rounded before.
  std::function<void()> by(const kernels::MatrixTarget& target) {
    optimized::AlignedVector<std::int16_t> prepared(vector.size());
    target.prepare(vector.data(), vector.size() / 64, prepared.data());
    return [this, &target, prepared] {
      const kernels::MatrixVector job = {prepared.data(), 3, out.data()};
      target.multiply(packed.packed(), 0, packed.packed().row_tiles(), std::span(&job, 1));
    };
  }
};

/// Bytes a second that one thread reads, from several places at once as the kernels do.
std::uint64_t read_all(const std::vector<std::uint64_t>& numbers) {
  constexpr std::size_t streams = 4;
  std::uint64_t sums[streams * 8] = {};
  const std::size_t part = numbers.size() / streams / 8 * 8;
  for (std::size_t i = 0; i < part; i += 8)
    for (std::size_t s = 0; s < streams; ++s)
      for (std::size_t k = 0; k < 8; ++k) sums[s * 8 + k] += numbers[s * part + i + k];
  return std::accumulate(std::begin(sums), std::end(sums), std::uint64_t{0});
}

void compare_matrices(const MatrixSize& size) {
  fmt::print("matrix {} x {} {}\n", size.rows, size.columns, size.place);
  ExactProduct exact(size);
  const Q8Matrix q8(size.rows, size.columns, 3);
  std::vector<float> values(size.columns), out(size.rows);
  for (std::size_t c = 0; c < values.size(); ++c) values[c] = std::sin(static_cast<float>(c) * 1.7F);
  const Q8Matrix::Vector vector(values);
  const std::vector<std::uint64_t> numbers(size.rows * size.columns / 8, 1);
  std::uint64_t sum = 0;
  const auto repeated = [&](auto once) {
    return [&size, once] {
      for (int k = 0; k < size.repeats; ++k) once();
    };
  };
  std::vector<Entry> entries = {{"read", repeated([&] { sum += read_all(numbers); })}};
  for (const kernels::MatrixTarget* target : kernels::matrix_targets())
    entries.push_back({std::string("exact W8A16, ") + target->name, repeated(exact.by(*target))});
  const std::vector<Q8Kernel> competitors = q8_kernels();
  for (const Q8Kernel& kernel : competitors)
    entries.push_back({kernel.name, repeated([&, run = kernel.multiply] { run(q8, vector, out.data()); })});
  take_turns(entries, 21);
  const double products = 1e-9 * size.repeats * static_cast<double>(size.rows * size.columns);
  const double bandwidth = products / median_of(entries, "read");
  fmt::print("  {:<40} {:>8.1f} GB/s{}\n", "read", bandwidth, sum == 0 ? " " : "");
  for (const Entry& entry : std::span(entries).subspan(1))
    fmt::print("  {:<40} {:>8.1f} GMAC/s, {:.2f} bytes of weights a byte read\n", entry.name,
               products / median(entry.seconds), products / median(entry.seconds) * 66 / 64 / bandwidth);
  for (const Q8Kernel& kernel : competitors)
    figure(fmt::format("exact W8A16 matrix {}x{} {}, {}", size.rows, size.columns, size.place, kernel.target),
           kernel.name, median_of(entries, kernel.name) / median_of(entries, "exact W8A16, " + kernel.target),
           at_least(0.95));
}

/// An engine that decodes one token after the other.
struct Decoder {
  const optimized::FastLayers& engine;
  std::unique_ptr<LayerRun> run = engine.start({0, engine.shape().layers});
  std::vector<std::int32_t> row = std::vector<std::int32_t>(static_cast<std::size_t>(engine.shape().width));
  std::vector<std::int32_t> logits = std::vector<std::int32_t>(static_cast<std::size_t>(engine.shape().vocabulary));

  void clear() { run = engine.start({0, engine.shape().layers}); }
  std::int64_t next(std::int64_t token) {
    engine.embed(token, row);
    run->append(row);
    engine.logits(row, logits);
    return std::max_element(logits.begin(), logits.end()) - logits.begin();
  }
};

/// Decodes tokens, beginning anew where `context` would be passed.
template <typename Engine>
auto decoding(Engine& engine, int tokens, std::int64_t context) {
  return [&engine, tokens, context, position = std::int64_t{0}, token = std::int64_t{1}]() mutable {
    for (int k = 0; k < tokens; ++k) {
      if (position == context) {
        engine.clear();
        position = 0;
      }
      token = engine.next(token);
      ++position;
    }
  };
}

void print_speeds(const std::vector<Entry>& entries, int tokens) {
  for (const Entry& entry : entries)
    fmt::print("  {:<40} {:>10.1f} tokens/s\n", entry.name, tokens / median(entry.seconds));
}

struct ModelTask {
  std::string name;
  ModelShape shape;
  int tokens, rounds;  ///< tokens of a round
  double asked;        ///< tokens a second on one core
  double over_float;
};

void compare_on_one_core(const ModelTask& task, const ExactModel& model) {
  std::vector<Entry> entries;
  std::vector<std::unique_ptr<optimized::FastLayers>> engines;
  std::vector<std::unique_ptr<Decoder>> decoders;
  const auto context = task.shape.context;
  for (const kernels::MatrixTarget* target : kernels::matrix_targets()) {
    engines.push_back(std::make_unique<optimized::FastLayers>(model, 1, *target));
    decoders.push_back(std::make_unique<Decoder>(Decoder{*engines.back()}));
    entries.push_back({std::string("exact, ") + target->name, decoding(*decoders.back(), task.tokens, context)});
  }
  const bool has_float = FloatLayers::runs_here();
  FloatLayers plain(model, FloatLayers::Loops::plain, 1), by_hand(model, FloatLayers::Loops::avx2, 1);
  if (has_float) {
    entries.push_back({"float, plain loops", decoding(plain, task.tokens, context)});
    entries.push_back({"float, AVX2 and FMA", decoding(by_hand, task.tokens, context)});
  }
  take_turns(entries, task.rounds);
  print_speeds(entries, task.tokens);
  const std::string best = entries.front().name;
  figure(task.name + ", one core, " + best, "tokens a second", task.tokens / median_of(entries, best),
         at_least(task.asked));
  for (const std::string name : {"float, plain loops", "float, AVX2 and FMA"})
    for (const std::string& exact : {best, std::string("exact, AVX2")})
      if (median_of(entries, name) > 0 && median_of(entries, exact) > 0)
        figure(task.name + ", one core, " + exact, name, median_of(entries, name) / median_of(entries, exact),
               at_least(task.over_float));
}

void compare_threads(const ModelTask& task, const ExactModel& model) {
  const optimized::FastLayers one(model, 1), two(model, 2);
  Decoder alone{one}, together{two};
  FloatLayers float_one(model, FloatLayers::Loops::avx2, 1), float_two(model, FloatLayers::Loops::avx2, 2);
  const auto context = task.shape.context;
  std::vector<Entry> entries = {{"exact, 1 thread", decoding(alone, task.tokens, context)},
                                {"exact, 2 threads", decoding(together, task.tokens, context)}};
  if (FloatLayers::runs_here()) {
    entries.push_back({"float, 1 thread", decoding(float_one, task.tokens, context)});
    entries.push_back({"float, 2 threads", decoding(float_two, task.tokens, context)});
  }
  take_turns(entries, 2 * task.rounds, true);
  for (const Entry& entry : entries)
    fmt::print("  {:<40} {:>10.1f} tokens/s by the clock\n", entry.name, task.tokens / best_quarter(entry.seconds));
  figure(task.name + ", 2 threads", "one thread", best_quarter(entries[0].seconds) / best_quarter(entries[1].seconds),
         at_least(1.7));
}

/// What it costs to commit to every step (COMMIT-4): whole computations, each with the root of its commitment at the
/// end, against the same without.
void compare_commitment(const ModelTask& task, const ExactModel& model) {
  const optimized::FastLayers engine(model, 1);
  const Hash id{};
  const int tokens = 2 * task.tokens;  // of the smaller model, its context
  std::vector<Entry> entries;
  for (const bool commits : {false, true})
    entries.push_back({commits ? "exact, commits to every step" : "exact, commits to nothing", [&, commits] {
                         Decoder decoder{engine};
                         if (commits) decoder.run->begin_commitment(id);
                         std::int64_t token = 1;
                         for (int k = 0; k < tokens; ++k) token = decoder.next(token);
                         if (commits && decoder.run->commitment().states.empty()) fmt::print("no states\n");
                       }});
  take_turns(entries, task.rounds);
  print_speeds(entries, tokens);
  figure(task.name + ", one core, commitment of every step", "decoding alone",
         median(entries[1].seconds) / median(entries[0].seconds), at_most(1.1));
}

/// Positions a second where many are known before.
void time_prefill(const ModelTask& task, const ExactModel& model) {
  const optimized::FastLayers engine(model, 1);
  std::vector<std::int32_t> rows(128 * static_cast<std::size_t>(task.shape.width));
  for (std::size_t p = 0; p < 128; ++p)
    engine.embed(static_cast<std::int64_t>(p), std::span(rows).subspan(p * static_cast<std::size_t>(task.shape.width),
                                                                       static_cast<std::size_t>(task.shape.width)));
  std::vector<Entry> entries = {{"exact, 128 positions at once", [&] {
                                   std::vector<std::int32_t> copy = rows;
                                   engine.start({0, task.shape.layers})->append(copy);
                                 }}};
  take_turns(entries, 5);
  print_speeds(entries, 128);
}

}  // namespace
}  // namespace p2pllm::bench

int main() {
  using namespace p2pllm;
  using namespace p2pllm::bench;
  print_machine();
  compare_matrices({256, 1024, 200, "in cache"});
  compare_matrices({4096, 14336, 1, "from memory"});
  const ModelTask shipped = {"model of 1 M weights", {8, 128, 192, 4, 1, 32, 256, 512, 12}, 128, 21, 5000, 1};
  const ModelTask small = {"model of 135 M weights", {30, 576, 1536, 9, 3, 64, 49152, 128, 14}, 4, 11, 45, 2};
  for (const ModelTask& task : {shipped, small}) {
    fmt::print("{}\n", task.name);
    const ExactModel model = p2pllm::testing::random_model(task.shape, 2, p2pllm::testing::Weights::ordinary);
    compare_on_one_core(task, model);
    compare_commitment(task, model);
    time_prefill(task, model);
    if (task.shape.width > 500) compare_threads(task, model);
  }
}
