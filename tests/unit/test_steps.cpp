#include <catch2/catch.hpp>

#include "model/contracts/commitment.hpp"
#include "model/encoding/cbor.hpp"
#include "tests/support/step_world.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;
using testing::StepWorld;
using testing::Weights;

namespace {

/// Several chunks and several tiles from left to right, and no multiples of anything.
ModelShape long_shape() {
  return {.layers = 2,
          .width = 1030,
          .hidden = 1100,
          .heads = 6,
          .kv_heads = 2,
          .head_width = 46,
          .vocabulary = 5,
          .context = 9,
          .fraction_bits = 14};
}
/// One head of keys for more heads of queries than are read at once, and heads of the greatest width.
ModelShape grouped_shape() {
  ModelShape shape = testing::odd_shape();
  shape.heads = 70;
  shape.kv_heads = 1;
  shape.context = 200;
  return shape;
}
ModelShape wide_head_shape() {
  ModelShape shape = testing::odd_shape();
  shape.heads = 10;
  shape.head_width = 256;
  return shape;
}

/// Runs the tokens of some positions, and compares with the rules on whole vectors and with the judge.
void check_positions(StepWorld& world, std::vector<testing::Cache> caches, std::int64_t positions) {
  const LayerRange layers = world.computation.layers;
  std::vector<MerkleLeaf> outputs;
  for (std::int64_t unit = 1; unit <= positions; ++unit) {
    const std::int64_t p = world.computation.first_position + unit - 1;
    const std::vector<std::int32_t> entered = world.row_of(p);
    std::vector<std::int64_t> row(entered.begin(), entered.end());
    for (std::int64_t l = layers.first; l < layers.last; ++l) {
      const auto records = world.run.run(l == layers.first ? std::span(entered) : std::span<const std::int32_t>());
      REQUIRE(std::ssize(records) == micro_step_count(world.model.shape, p));
      for (const MicroRecord& record : records) {
        REQUIRE(world.judge(record) == Judgement::right);
        MicroRecord other = record;
        other.after_hash[5] ^= 4;
        REQUIRE(world.judge(other) == Judgement::wrong);
      }
      run_layer(world.model, world.model.layers[static_cast<std::size_t>(l)], p,
                caches[static_cast<std::size_t>(l - layers.first)], row);
      const Hash left = row_hash(bytes_of_numbers(std::vector<std::int32_t>(row.begin(), row.end())));
      if (l + 1 == layers.last) outputs.push_back(row_leaf(unit, left));
      const StepState expected{.position = l + 1 == layers.last ? p + 1 : p,
                               .layer = l + 1 == layers.last ? layers.first : l + 1,
                               .row = left,
                               .cache = testing::cache_root_of(caches),
                               .outputs = merkle_root(outputs)};
      REQUIRE(world.run.state() == expected);
      REQUIRE(records.back().after_hash == contracts::state_hash(encode_step_state(expected)));
    }
  }
}

}  // namespace

TEST_CASE("the micro-steps of a layer leave its row and its cache", "[steps][STEP-4][STEP-5][LAYER-9]") {
  for (const Weights weights : {Weights::ordinary, Weights::extreme, Weights::tiny})
    for (const std::int64_t bits : {12, 18}) {
      ModelShape shape = testing::odd_shape();
      shape.fraction_bits = bits;
      StepWorld world(testing::random_model(shape, 7 + static_cast<std::uint64_t>(bits), weights), {0, 2});
      check_positions(world, testing::empty_caches(world), 4);
    }
}

TEST_CASE("rows of several chunks and matrices of several tiles", "[steps][STEP-2][STEP-4]") {
  for (const Weights weights : {Weights::ordinary, Weights::extreme}) {
    StepWorld world(testing::random_model(long_shape(), 2, weights), {1, 2});
    check_positions(world, testing::empty_caches(world), 2);
  }
}

TEST_CASE("attention to many positions by many heads", "[steps][STEP-3][STEP-4]") {
  for (const std::int64_t exponent_most : {0, 3, 16})
    for (const ModelShape& shape : {grouped_shape(), wide_head_shape()}) {
      const std::int64_t earlier = shape.context == 200 ? 129 : 37;
      StepWorld world(testing::random_model(shape, 11, Weights::ordinary), {0, 2}, earlier);
      auto caches = testing::empty_caches(world);
      testing::remember_random(world, caches, earlier, 5, exponent_most);
      REQUIRE(world.run.state().cache == testing::cache_root_of(caches));
      check_positions(world, caches, 1);
    }
}

TEST_CASE("the schedule writes each number once and reads what is complete", "[steps][STEP-4]") {
  for (const ModelShape& shape : {testing::odd_shape(), long_shape(), grouped_shape(), wide_head_shape()})
    for (const std::int64_t position : {0, 8}) {
      std::vector<std::int64_t> written(register_count, 0);
      written[static_cast<std::size_t>(Register::row)] = shape.width;
      std::int64_t count = 0;
      for (const Phase& phase : phases_of(shape, position)) {
        CHECK(written[static_cast<std::size_t>(phase.from)] == numbers_of(phase.from, shape));
        count += phase.count;
        if (phase.kind == MicroKind::product || phase.kind == MicroKind::scale || phase.kind == MicroKind::attend ||
            phase.kind == MicroKind::gate) {
          CHECK(written[static_cast<std::size_t>(phase.to)] == 0);
          written[static_cast<std::size_t>(phase.to)] = numbers_of(phase.to, shape);
        }
      }
      CHECK(count == micro_step_count(shape, position));
      for (const Register r : {Register::row, Register::read, Register::gated, Register::result})
        CHECK(written[static_cast<std::size_t>(r)] == numbers_of(r, shape));
    }
}

TEST_CASE("steps have numbers, and states and leaves the bytes of their clauses", "[steps][STEP-1][STEP-5]") {
  const Computation computation{{3, 5}, 10};
  CHECK(step_number(computation, 10, 3) == 1);
  CHECK(step_number(computation, 10, 4) == 2);
  CHECK(step_number(computation, 12, 4) == 6);
  StepState state{.position = 12, .layer = 4, .row = sha256({}), .cache = {}, .outputs = {}};
  const Bytes bytes = encode_step_state(state);
  CHECK(to_hex(ByteView(bytes).first(5)) == "850c045820");
  CHECK(decode_step_state(bytes).value() == state);
  CHECK_FALSE(decode_step_state(ByteView(bytes).first(bytes.size() - 1)));
  CborWriter writer;
  const Hash model = sha256(bytes_of("model"));
  writer.array(5).bytes(model).number(6).number(300).bytes(Hash{}).bytes(model);
  CHECK(micro_step_leaf(model, 6, 300, {}, model) == merkle_leaf("micro-step", writer.take()));
  CHECK(row_leaf(7, model) == merkle_leaf("row", CborWriter().array(2).number(7).bytes(model).take()));
  const std::vector<std::int32_t> numbers{1, -2, 2147483647};
  CHECK(to_hex(bytes_of_numbers(numbers)) == "01000000feffffffffffff7f");
  const std::vector<std::int16_t> key{1, -2};
  CHECK(to_hex(encode_cache_entry(key, 3, key, 16)) == "0100feff0100feff0310");
}

TEST_CASE("a row is hashed in chunks of 256 numbers", "[steps][STEP-2]") {
  const Bytes row(2052, 9);
  const ByteView view(row);
  const std::vector<MerkleLeaf> leaves{merkle_leaf("chunk", view.first(1024)), merkle_leaf("chunk", view.first(1024)),
                                       merkle_leaf("chunk", view.first(4))};
  CHECK(row_hash(row) == merkle_root(leaves));
  CHECK(chunks_of(256) == 1);
  CHECK(chunks_of(257) == 2);
}

TEST_CASE("a micro-state is read back as it was, and what no register holds is refused", "[steps][STEP-5]") {
  StepWorld world(testing::random_model(testing::odd_shape(), 3, Weights::extreme), {0, 1});
  for (const MicroRecord& record : world.run.run(world.row_of(1)))
    CHECK(encode_micro_state(decode_micro_state(record.before).value()) == record.before);
  MicroState state = first_micro_state({}, {});
  state.buffer.assign(255, -2147483647);
  state.sums.assign(micro_sums_max, -1);
  CHECK(decode_micro_state(encode_micro_state(state)).value() == state);
  CHECK(encode_micro_state(state).size() <= micro_state_bytes_max);
  const auto refused = [&](const auto& change) {
    MicroState changed = state;
    change(changed);
    return !decode_micro_state(encode_micro_state(changed));
  };
  CHECK(refused([](MicroState& s) { s.buffer[3] = std::numeric_limits<std::int32_t>::min(); }));
  CHECK(refused([](MicroState& s) { s.buffer.push_back(0); }));
  CHECK(refused([](MicroState& s) { s.sums.push_back(0); }));
  CHECK(refused([](MicroState& s) { s.squares = (std::int64_t{1} << 61) + 1; }));
  CHECK(refused([](MicroState& s) { s.of(Register::fed).greatest = std::int64_t{1} << 31; }));
}
