#include <oneapi/tbb/global_control.h>

#include <catch2/catch.hpp>

#include "model/layers/tables.hpp"
#include "optimized/layers/fast_layers.hpp"
#include "reference/layers/layer_vectors.hpp"
#include "reference/layers/reference_layers.hpp"
#include "tests/support/matrix_faults.hpp"
#include "tests/support/random_model.hpp"

using namespace p2pllm;
using optimized::FastLayers;
using testing::Weights;

namespace {

/// All that an engine says of some positions.
struct Answers {
  std::vector<std::int32_t> rows, logits;
  std::vector<std::int64_t> cache;
  bool operator==(const Answers&) const = default;
};

/// Runs the tokens 0, 1, 2, .. in calls of the given numbers of positions, in one range of layers.
Answers answers_of(const LayerEngine& engine, const std::vector<std::size_t>& calls) {
  const ModelShape& shape = engine.shape();
  const auto width = static_cast<std::size_t>(shape.width);
  std::size_t count = 0;
  for (const std::size_t call : calls) count += call;
  Answers answers;
  answers.rows.resize(count * width);
  const auto run = engine.start({0, shape.layers});
  for (std::size_t p = 0, begin = 0; const std::size_t call : calls) {
    for (; p < begin + call; ++p)
      engine.embed(static_cast<std::int64_t>(p) % shape.vocabulary, std::span(answers.rows).subspan(p * width, width));
    run->append(std::span(answers.rows).subspan(begin * width, call * width));
    begin += call;
  }
  answers.logits.resize(static_cast<std::size_t>(shape.vocabulary));
  engine.logits(std::span(answers.rows).last(width), answers.logits);
  for (std::int64_t layer = 0; layer < shape.layers; ++layer)
    for (std::int64_t head = 0; head < shape.kv_heads; ++head)
      for (const CachePart part : {CachePart::key, CachePart::value})
        for (std::int64_t position = 0; position < run->positions(); ++position) {
          const CacheEntry entry = run->cache_entry(layer, head, part, position);
          answers.cache.insert(answers.cache.end(), entry.values.begin(), entry.values.end());
          answers.cache.push_back(entry.exponent);
        }
  return answers;
}

std::vector<std::size_t> one_by_one(std::size_t count) { return std::vector<std::size_t>(count, 1); }

/// Large enough for its work to be shared among threads.
ModelShape wide_shape() {
  return {.layers = 1,
          .width = 256,
          .hidden = 640,
          .heads = 8,
          .kv_heads = 4,
          .head_width = 32,
          .vocabulary = 1100,
          .context = 64,
          .fraction_bits = 12};
}

}  // namespace

TEST_CASE("every target of matrices has the numbers of plain loops", "[fast-layers][LAYER-4][LAYER-7]") {
  for (const kernels::MatrixTarget* target : kernels::matrix_targets()) {
    INFO(target->name);
    CHECK(testing::matrix_faults(*target, layer_tables().exp2.data()) == std::vector<std::string>());
    for (const int weight : {127, -127})
      for (const int number : {32767, -32767}) CHECK(testing::multiplies_the_greatest(*target, weight, number));
  }
  CHECK(kernels::matrix_targets().back()->name == std::string("portable"));
}

TEST_CASE("rows by the portable target are the reference's", "[fast-layers][LAYER-3][LAYER-8][LAYER-9]") {
  const kernels::MatrixTarget& target = *kernels::matrix_targets().back();
  testing::LayerNumbers numbers(7, false);
  for (int round = 0; round < 600; ++round) {
    const auto count = static_cast<std::size_t>(numbers.within(1, 100)) * 2;
    const std::int64_t bits = numbers.within(12, 18);
    const int size = static_cast<int>(numbers.within(1, 31));
    std::vector<std::int64_t> row, more;
    for (std::size_t i = 0; i < count; ++i) {
      row.push_back(numbers.of_any_size(size));
      more.push_back(numbers.of_any_size(31));
    }
    if (round % 50 == 0) row.assign(count, 0);
    const std::vector<std::int32_t> row32(row.begin(), row.end()), more32(more.begin(), more.end());
    const ExactGain gain{numbers.many<std::int16_t>(count, -32767, 32767), numbers.within(0, 30)};
    const std::int64_t epsilon = round % 50 == 0 ? 0 : numbers.within(0, 1 << 20);
    std::vector<std::int32_t> out(count);
    const auto same = [&](const std::vector<std::int64_t>& expected) {
      return std::equal(expected.begin(), expected.end(), out.begin(), out.end());
    };
    target.norm(row32.data(), count, {gain.values.data(), gain.exponent, epsilon, bits}, out.data());
    REQUIRE(same(reference::normed<std::int64_t>(row, gain, epsilon, bits)));
    target.gate(row32.data(), more32.data(), count, bits, layer_tables().exp2.data(), out.data());
    REQUIRE(same(reference::gated_row<std::int64_t>(row, more, bits)));
    const auto block = reference::block_vector<std::int64_t>(row);
    std::vector<std::int16_t> small(count);
    REQUIRE(target.to_block(row32.data(), count, small.data()) == block.exponent);
    REQUIRE(std::equal(small.begin(), small.end(), block.values.begin()));
    out = row32;
    target.add(more32.data(), count, out.data());
    for (std::size_t i = 0; i < count; ++i) REQUIRE(out[i] == reference::residual_number(row[i], more[i]));
  }
}

TEST_CASE("rows, caches and logits of the fast half are the reference's", "[fast-layers][LAYER-9][LAYER-10]") {
  ModelShape long_head = testing::odd_shape();
  long_head.head_width = 256;
  long_head.heads = 2;
  for (const Weights weights : {Weights::ordinary, Weights::extreme, Weights::tiny})
    for (const ModelShape& base : {testing::odd_shape(), long_head})
      for (const std::int64_t bits : {12, 15, 18}) {
        ModelShape shape = base;
        shape.fraction_bits = bits;
        const ExactModel model = testing::random_model(shape, static_cast<std::uint64_t>(20 + bits), weights);
        const Answers expected = answers_of(reference::ReferenceLayers(model), one_by_one(9));
        for (const kernels::MatrixTarget* target : kernels::matrix_targets()) {
          INFO(target->name << ", " << bits << " bits");
          CHECK(answers_of(FastLayers(model, 1, *target), one_by_one(9)) == expected);
          CHECK(answers_of(FastLayers(model, 1, *target), {4, 5}) == expected);
        }
      }
}

TEST_CASE("the fast half answers alike for every division into calls and number of threads", "[fast-layers][LAYER-9]") {
  const ExactModel model = testing::random_model(wide_shape(), 8, Weights::ordinary);
  using Control = oneapi::tbb::global_control;
  const Control control(Control::max_allowed_parallelism, 5);
  const FastLayers alone(model, 1), together(model, 2), many(model, 5);
  const Answers expected = answers_of(reference::ReferenceLayers(model), one_by_one(37));
  for (const FastLayers* engine : {&alone, &together, &many})
    for (const auto& calls : {one_by_one(37), std::vector<std::size_t>{37}, {16, 16, 5}, {1, 20, 3, 13}, {31, 1, 5}})
      CHECK(answers_of(*engine, calls) == expected);
}

TEST_CASE("a long sequence in two ranges of layers is one in a single range", "[fast-layers][LAYER-7][LAYER-9]") {
  ModelShape shape = testing::odd_shape();
  shape.context = 150;
  const ExactModel model = testing::random_model(shape, 9, Weights::ordinary);
  const Answers expected = answers_of(reference::ReferenceLayers(model), one_by_one(150));
  const FastLayers engine(model, 2);
  CHECK(answers_of(engine, {70, 1, 1, 48, 30}) == expected);

  const auto width = static_cast<std::size_t>(shape.width);
  std::vector<std::int32_t> rows(expected.rows.size());
  const auto lower = engine.start({0, 1}), upper = engine.start({1, 2});
  for (std::size_t p = 0; p < 150; ++p) {
    const auto row = std::span(rows).subspan(p * width, width);
    engine.embed(static_cast<std::int64_t>(p) % shape.vocabulary, row);
    lower->append(row);
    upper->append(row);
  }
  CHECK(rows == expected.rows);
  CHECK(upper->positions() == 150);
}

TEST_CASE("entries of the cache stay until the next positions", "[fast-layers][LAYER-7]") {
  const ExactModel model = testing::random_model(testing::odd_shape(), 10, Weights::ordinary);
  const FastLayers engine(model);
  const auto run = engine.start({1, 2});
  std::vector<std::int32_t> rows(static_cast<std::size_t>(3 * model.shape.width));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int32_t>(i * 37 % 10007) - 5000;
  run->append(rows);
  const CacheEntry first = run->cache_entry(1, 0, CachePart::key, 0);
  const std::vector<std::int16_t> kept(first.values.begin(), first.values.end());
  for (std::int64_t position = 0; position < 3; ++position)
    CHECK(run->cache_entry(1, 1, CachePart::value, position).values.size() == 10);
  CHECK(std::equal(kept.begin(), kept.end(), first.values.begin(), first.values.end()));
}
