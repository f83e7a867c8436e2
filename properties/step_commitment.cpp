#include "kernels/simt/simulated_device.hpp"
#include "optimized/layers/device_layers.hpp"
#include "optimized/layers/fast_layers.hpp"
#include "properties/generators/network.hpp"
#include "properties/property.hpp"
#include "tests/support/plain_commitment.hpp"
#include "tests/support/random_model.hpp"

// What the halves commit to while they compute, against lists that are hashed as a whole afterwards.
namespace p2pllm::properties {
namespace {

using testing::commitment_of;
using testing::Weights;

ModelShape draw_shape() {
  ModelShape shape;
  shape.kv_heads = draw_integer(1, 4);
  shape.heads = shape.kv_heads * draw_integer(1, 2);
  shape.head_width = 2 * draw_integer(1, 12);
  shape.layers = draw_one_of<int>({1, 2, 3, 5});
  shape.width = draw_one_of<int>({1, 5, 64, 200, 255, 256, 257, 512, 700});
  shape.hidden = draw_one_of<int>({1, 31, 64});
  shape.vocabulary = draw_integer(1, 40);
  shape.context = draw_one_of<int>({1, 3, 20, 40, 70});
  shape.fraction_bits = draw_integer(12, 18);
  return shape;
}

std::vector<std::int64_t> draw_calls(std::int64_t positions) {
  std::vector<std::int64_t> calls;
  for (std::int64_t left = positions; left > 0; left -= calls.back())
    calls.push_back(std::min(left, draw_one_of<std::int64_t>({1, 1, 2, 7, 16, 64})));
  return calls;
}

PROPERTY("commitments while decoding are those of the whole lists, for every range, division and number of threads",
         "[STEP-1][STEP-2][STEP-3][COMMIT-4][COMMIT-5]", 100) {
  const ModelShape shape = draw_shape();
  const auto weights = draw_one_of<Weights>({Weights::ordinary, Weights::extreme, Weights::tiny});
  const ExactModel model = testing::random_model(shape, static_cast<std::uint64_t>(draw_integer(0, 1 << 20)), weights);
  const Hash id = merkle_root({});
  const std::int64_t first_layer = draw_integer(0, shape.layers - 1);
  const std::int64_t positions = std::max<std::int64_t>(1, shape.context - draw_integer(0, 9));
  const Computation computation{{first_layer, draw_integer(first_layer + 1, shape.layers)},
                                draw_one_of<std::int64_t>({0, 0, 1, positions / 2, positions - 1})};
  if (computation.first_position >= positions) return;
  const optimized::FastLayers fast(model, static_cast<std::size_t>(draw_integer(1, 3)));
  const std::vector<std::int32_t> rows = testing::token_rows(fast, positions);
  const std::int64_t count = positions - computation.first_position;

  const CommitmentRecord plain = testing::plain_commitment(model, id, computation, rows);
  expect(commitment_of(fast, id, computation, rows, draw_calls(count)) == plain, "another commitment of the fast half");
  expect(commitment_of(reference::ReferenceLayers(model), id, computation, rows, draw_calls(count)) == plain,
         "another commitment of the reference");
  if (draw_integer(0, 9) == 0) {
    const auto device = kernels::simt::simulated_device(static_cast<std::uint64_t>(draw_integer(0, 1 << 30)));
    expect(commitment_of(optimized::DeviceLayers(
                             model, *device, draw_one_of<std::int64_t>({3, 16, optimized::DeviceLayers::batch_usual})),
                         id, computation, rows, draw_calls(count)) == plain,
           "another commitment by kernels");
    reach("device kernels", true);
  }
  reach("positions before the first", computation.first_position > 16);
  reach("a range without the first layer", first_layer > 0);
  reach("several chunks, the last one short", shape.width > 256 && shape.width % 256 != 0);
  reach("chunks that are whole", shape.width % 256 == 0);
  reach("more than 128 steps", count * (computation.layers.last - first_layer) > 128);
  reach("heads that are no power of two", shape.kv_heads * shape.layers > 5);
}

}  // namespace
}  // namespace p2pllm::properties
