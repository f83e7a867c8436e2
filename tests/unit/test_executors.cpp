#include <catch2/catch.hpp>

#include "optimized/layers/judge.hpp"
#include "optimized/layers/layers_executor.hpp"
#include "reference/layers/layers_executor.hpp"
#include "tests/support/step_attack.hpp"

// The executors of both halves (SLA-6, SLA-15); tests/cross/judges.cpp compares their judges.
using namespace p2pllm;
using testing::StepWorld;

namespace {

Bytes with_changed_bit(Bytes bytes, std::size_t at, unsigned bit) {
  bytes.at(at) ^= static_cast<std::uint8_t>(1U << bit);
  return bytes;
}

}  // namespace

TEST_CASE("both executors begin a step alike, and show the same rows", "[STEP-1][SLA-6][SLA-15]") {
  const auto& reference_executor = *reference::find_executor("layers");
  const auto& fast_executor = *optimized::find_executor("layers");
  const StepWorld& world = testing::attacked().world;
  const Bytes manifest = encode_manifest(world.header.manifest);
  const Bytes state = encode_step_state(world.run.state());  // after six steps
  const contracts::StepOfTerms honest{world.id, {0, 2}, 105, 2, 7};
  const Hash row{7};
  int begun = 0, refused = 0;
  const auto begins = [&](const contracts::StepOfTerms& step, ByteView shown, ByteView bytes, const Hash* entering) {
    const auto start = fast_executor.start(step, shown, bytes, entering);
    CHECK(start == reference_executor.start(step, shown, bytes, entering));
    ++(start ? begun : refused);
    return start.has_value();
  };
  CHECK(begins(honest, manifest, state, &row));
  CHECK_FALSE(begins(honest, manifest, state, nullptr));
  CHECK_FALSE(begins(honest, manifest, {}, &row));
  CHECK_FALSE(begins(honest, {}, state, &row));
  CHECK_FALSE(begins(honest, with_changed_bit(manifest, 9, 0), state, &row));
  for (std::size_t at = 0; at < state.size(); ++at)
    (void)begins(honest, manifest, with_changed_bit(state, at, 0), &row);
  for (const std::int64_t first : {0, 1, 2})
    for (const std::int64_t last : {1, 2, 3, 4})
      for (const std::int64_t position : {0, 104, 105, 106, 107, 108, 149, 150})
        for (const std::int64_t per_unit : {1, 2, 3})
          for (const std::int64_t step : {1, 2, 3, 6, 7, 8, 100}) {
            StepState before = world.run.state();
            const contracts::StepOfTerms terms{world.id, {first, last}, position, per_unit, step};
            before.position = position + (step - 1) / per_unit;
            before.layer = first + (step - 1) % per_unit;
            for (const Hash* entering : {&row, static_cast<const Hash*>(nullptr)})
              (void)begins(terms, manifest, encode_step_state(before), entering);
          }
  CHECK(begun > 100);
  CHECK(refused > 100);

  std::vector<MerkleLeaf> rows;
  for (std::int64_t unit = 1; unit <= 3; ++unit) rows.push_back(row_leaf(unit, row_hash(Bytes(1080, 5))));
  StepState after = world.run.state();
  after.outputs = merkle_root(rows);
  int shown = 0;
  for (const std::int64_t step : {0, 1, 4, 5, 6, 7, 8})
    for (const std::int64_t unit : {-1, 0, 1, 2, 3, 4})
      for (const std::uint64_t opened : {0U, 1U, 2U})
        for (const std::uint8_t number : {std::uint8_t{4}, std::uint8_t{5}}) {
          const contracts::StepOfTerms terms{world.id, {0, 2}, 105, 2, step};
          const Bytes text(1080, number);
          const MerkleProof proof = merkle_proof(rows, opened);
          const bool shows = fast_executor.shows(terms, encode_step_state(after), unit, text, proof);
          CHECK(shows == reference_executor.shows(terms, encode_step_state(after), unit, text, proof));
          shown += shows && step == 6 ? 1 : 0;
        }
  CHECK(shown == 3);  // each row, if there are three
  CHECK_FALSE(fast_executor.shows(honest, {}, 1, {}, {}));
}

TEST_CASE("the fast half's executors are found by their names, and none by another", "[COMMIT-4]") {
  CHECK(optimized::find_executor("sample") == &contracts::sample_executor());
  CHECK(dynamic_cast<const optimized::LayersExecutor*>(optimized::find_executor("layers")) != nullptr);
  for (const char* name : {"", "Layers", "layers ", "layer"}) CHECK(optimized::find_executor(name) == nullptr);
}

TEST_CASE("both halves count the micro-steps of any sizes alike", "[STEP-4]") {
  std::mt19937_64 random(3);
  const auto below = [&](std::uint64_t bound) { return static_cast<std::int64_t>(random() % bound); };
  for (int k = 0; k < 2000; ++k) {
    const std::int64_t head_width = 2 * (1 + below(128)), kv_heads = 1 + below(8);
    const ModelShape shape{
        .layers = 1,
        .width = 1 + below(1 << 15),
        .hidden = 1 + below(1 << 15),
        .heads = std::max<std::int64_t>(1, std::min(1 + below(80), 32768 / head_width / kv_heads)) * kv_heads,
        .kv_heads = kv_heads,
        .head_width = head_width,
        .vocabulary = 1,
        .context = context_max,
        .fraction_bits = 12};
    const std::int64_t position = below(1 << 17);
    REQUIRE(optimized::micro_step_count(shape, position) == reference::micro_step_count(shape, position));
  }
}
