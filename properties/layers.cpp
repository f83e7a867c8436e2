#include "kernels/simt/simulated_device.hpp"
#include "optimized/layers/device_layers.hpp"
#include "optimized/layers/fast_layers.hpp"
#include "properties/generators/network.hpp"
#include "properties/property.hpp"
#include "reference/layers/reference_layers.hpp"
#include "tests/support/random_model.hpp"

// The fast layers against the exact ones, on models of every shape and kind of weights.
namespace p2pllm::properties {
namespace {

using testing::Weights;

ModelShape draw_shape() {
  ModelShape shape;
  shape.kv_heads = draw_integer(1, 3);
  shape.heads = shape.kv_heads * draw_integer(1, 3);
  shape.head_width = 2 * draw_integer(1, 20);
  shape.layers = draw_integer(1, 3);
  shape.width = draw_one_of<int>({1, 5, 63, 64, 65, 130, 200});
  shape.hidden = draw_one_of<int>({1, 31, 64, 129, 300});
  shape.vocabulary = draw_integer(1, 40);
  shape.context = draw_integer(1, 90);
  shape.fraction_bits = draw_integer(12, 18);
  return shape;
}

/// All that an engine computes for the tokens 0, 1, 2, ..: rows, logits, and the cache of the last layer.
struct Computed {
  std::vector<std::int32_t> rows;
  std::vector<std::int32_t> logits;
  std::vector<std::int32_t> cache;
  bool operator==(const Computed&) const = default;
};

/// @param calls  the numbers of positions that are passed together
Computed computed(const LayerEngine& engine, const std::vector<std::int64_t>& calls) {
  const ModelShape& shape = engine.shape();
  const auto width = static_cast<std::size_t>(shape.width);
  const auto run = engine.start({0, shape.layers});
  Computed result;
  for (const std::int64_t count : calls) {
    std::vector<std::int32_t> rows(static_cast<std::size_t>(count) * width);
    for (std::int64_t i = 0; i < count; ++i)
      engine.embed((run->positions() + i) % shape.vocabulary,
                   std::span(rows).subspan(static_cast<std::size_t>(i) * width, width));
    run->append(rows);
    result.rows.insert(result.rows.end(), rows.begin(), rows.end());
  }
  result.logits.resize(static_cast<std::size_t>(shape.vocabulary));
  engine.logits(std::span(result.rows).last(width), result.logits);
  for (std::int64_t position = 0; position < run->positions(); ++position)
    for (std::int64_t head = 0; head < shape.kv_heads; ++head)
      for (const CachePart part : {CachePart::key, CachePart::value}) {
        const CacheEntry entry = run->cache_entry(shape.layers - 1, head, part, position);
        result.cache.insert(result.cache.end(), entry.values.begin(), entry.values.end());
        result.cache.push_back(static_cast<std::int32_t>(entry.exponent));
      }
  return result;
}

std::vector<std::int64_t> draw_calls(std::int64_t positions) {
  std::vector<std::int64_t> calls;
  for (std::int64_t left = positions; left > 0; left -= calls.back())
    calls.push_back(std::min(left, draw_one_of<std::int64_t>({1, 2, 7, 16, 64})));
  return calls;
}

PROPERTY("fast layers are the exact ones, bit for bit, however positions are divided", "[LAYER-1][LAYER-9][LAYER-10]",
         200) {
  const ModelShape shape = draw_shape();
  const auto weights = draw_one_of<Weights>({Weights::ordinary, Weights::ordinary, Weights::extreme, Weights::tiny});
  const ExactModel model = testing::random_model(shape, static_cast<std::uint64_t>(draw_integer(0, 1 << 20)), weights);
  const std::int64_t positions = draw_integer(1, shape.context);
  const auto& targets = kernels::matrix_targets();
  const auto& target =
      *targets[static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(targets.size()) - 1))];
  const optimized::FastLayers fast(model, static_cast<std::size_t>(draw_integer(1, 3)), target);

  const Computed exact = computed(reference::ReferenceLayers(model), {positions});
  const Computed other = computed(fast, draw_calls(positions));
  expect(other.rows == exact.rows, "other rows");
  expect(other.logits == exact.logits, "other logits");
  expect(other.cache == exact.cache, "another cache");
  const auto at_limit = [](std::int32_t number) { return number == 2147483647 || number == -2147483647; };
  if (draw_integer(0, 3) == 0) {
    const auto device = kernels::simt::simulated_device(static_cast<std::uint64_t>(draw_integer(0, 1 << 30)));
    const std::vector<std::int64_t> calls = draw_calls(positions);
    const auto batch = draw_one_of<std::int64_t>({3, 16, optimized::DeviceLayers::batch_usual});
    const Computed by_kernels = computed(optimized::DeviceLayers(model, *device, batch), calls);
    expect(by_kernels.rows == exact.rows, "other rows by kernels");
    expect(by_kernels.logits == exact.logits, "other logits by kernels");
    expect(by_kernels.cache == exact.cache, "another cache by kernels");
    reach("device kernels", true);
    const std::int64_t most = *std::max_element(calls.begin(), calls.end());
    reach("tensor cores", std::min(most, batch) >= kernels::prefill_positions_least);
    reach("a call of several batches", most > batch);
  }
  reach("a saturated row", std::any_of(exact.rows.begin(), exact.rows.end(), at_limit));
  reach("no saturated row", std::none_of(exact.rows.begin(), exact.rows.end(), at_limit));
  reach("more than 64 positions", positions > 64);
  reach("a head of its own", model.head.has_value());
}

}  // namespace
}  // namespace p2pllm::properties
