#include <catch2/catch.hpp>

#include "tests/support/step_attack.hpp"

// What the judge says of states before that no schedule reaches.
using namespace p2pllm;
using namespace p2pllm::reference;
using testing::attacked;
using testing::attacked_shape;
using testing::StepWorld;
using testing::Weights;

TEST_CASE("sums that no micro-step leaves are unfit, and none leaves 64 bits", "[judge][STEP-5][STEP-6]") {
  constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();
  for (const MicroRecord& record : attacked().records) {
    const MicroState state = decode_micro_state(record.before).value();
    const auto judged = [&](const auto& change) {
      MicroState changed = state;
      change(changed);
      return reference::judge(attacked().world.id, attacked().world.computation, record.place,
                              encode_micro_state(changed), record.after_hash, record.witness);
    };
    for (std::size_t k = 0; k < state.sums.size(); k += 1 + k / 4) {
      for (const std::int64_t number : {greatest, -greatest - 1})
        CHECK(judged([&](MicroState& s) { s.sums[k] = number; }) == Judgement::unfit);
      for (const std::int64_t number : {-(std::int64_t{1} << 60), std::int64_t{1} << 52, unit30, std::int64_t{-1}})
        (void)judged([&](MicroState& s) { s.sums[k] = number; });
    }
    for (const std::int64_t number : {std::int64_t{1} << 60, -(std::int64_t{1} << 60), std::int64_t{16}, unit30})
      (void)judged([&](MicroState& s) { std::fill(s.sums.begin(), s.sums.end(), number); });
    for (const std::int64_t number : {std::int64_t{0}, std::int64_t{1}, row_most})
      (void)judged([&](MicroState& s) {
        for (RegisterState& r : s.registers) r.greatest = number;
      });
    for (const std::int64_t squares : {std::int64_t{0}, std::int64_t{1}})
      (void)judged([&](MicroState& s) { s.squares = squares; });
    CHECK(judged([](MicroState& s) { s.sums.push_back(0); }) == Judgement::unfit);
    CHECK(judged([](MicroState& s) { s.buffer.push_back(0); }) == Judgement::unfit);
    CHECK(judged([](MicroState& s) { ++s.micro; }) == Judgement::unfit);
    const MicroKind kind = micro_op(attacked_shape(), 107, record.place.micro).phase.kind;
    if (kind == MicroKind::squares || kind == MicroKind::scale)
      CHECK(judged([](MicroState& s) { s.squares = std::int64_t{1} << 61; }) == Judgement::unfit);
    if (kind == MicroKind::squares)
      CHECK(judged([](MicroState& s) {
              for (RegisterState& r : s.registers) r.greatest = 1;
            }) == Judgement::unfit);
    if (kind == MicroKind::scale) CHECK(judged([](MicroState& s) { s.squares = 0; }) != Judgement::right);
  }
}

TEST_CASE("scores and totals that do not belong to the kept positions are unfit", "[judge][STEP-5][STEP-6]") {
  int tried = 0;
  for (const MicroRecord& record : attacked().records) {
    const MicroOp op = micro_op(attacked_shape(), 107, record.place.micro);
    if (op.phase.kind != MicroKind::attend || !attend_part(attacked_shape(), 107, op.index).adds) continue;
    const MicroState state = decode_micro_state(record.before).value();
    const auto judged = [&](std::size_t first, std::size_t count, std::int64_t number) {
      MicroState changed = state;
      for (std::size_t k = first; k < first + count; ++k) changed.sums[k] = number;
      return reference::judge(attacked().world.id, attacked().world.computation, record.place,
                              encode_micro_state(changed), record.after_hash, record.witness);
    };
    ++tried;
    CHECK(judged(0, 1, 0) == Judgement::unfit);                         // less than an exponent of a value
    CHECK(judged(1, 2, -(std::int64_t{1} << 60)) == Judgement::unfit);  // less than a score
    CHECK(judged(1, 2, std::int64_t{1} << 60) != Judgement::right);     // no position has a weight
    if (state.sums.size() < 4) continue;
    if (attend_part(attacked_shape(), 107, op.index).is_last) {
      MicroState changed = state;
      std::fill(changed.sums.begin() + 1, changed.sums.begin() + 3, std::int64_t{1} << 60);
      std::fill(changed.sums.begin() + 3, changed.sums.end(), 0);
      CHECK(reference::judge(attacked().world.id, attacked().world.computation, record.place,
                             encode_micro_state(changed), record.after_hash, record.witness) == Judgement::unfit);
    }
    CHECK(judged(3, 2, 0) == Judgement::unfit);                      // sums without weights
    CHECK(judged(3, 2, std::int64_t{1} << 45) == Judgement::unfit);  // more than all weights can be
  }
  CHECK(tried >= 4);
}

TEST_CASE("a row with a number that no row has is unfit", "[judge][STEP-2][STEP-6]") {
  StepWorld world(testing::random_model(attacked_shape(), 4, Weights::ordinary), {0, 2});
  std::vector<std::int32_t> row = world.row_of(1);
  world.run.begin(row);
  const MicroRecord honest = world.run.next();
  row[3] = std::numeric_limits<std::int32_t>::min();
  const Bytes bytes = bytes_of_numbers(row);
  const MicroState state = first_micro_state(world.run.state(), row_hash(bytes));
  const auto judged = [&](ByteView shown) {
    return reference::judge(world.id, world.computation, honest.place,
                            encode_micro_state(first_micro_state(world.run.state(), row_hash(shown))),
                            honest.after_hash, encode_witness(testing::manifest_in(honest.witness), shown));
  };
  CHECK(judged(bytes) == Judgement::unfit);
  row[3] = -row_most;
  CHECK(judged(bytes_of_numbers(row)) == Judgement::wrong);
  CHECK(judged(bytes_of_numbers(world.row_of(1))) == Judgement::right);
}

TEST_CASE("a norm whose squares are too few is unfit", "[judge][STEP-6][LAYER-8]") {
  StepWorld world(testing::random_model(attacked_shape(), 4, Weights::extreme), {0, 2});
  int tried = 0;
  for (MicroRecord& record : world.run.run(world.row_of(1))) {
    if (micro_op(attacked_shape(), 0, record.place.micro).phase.kind != MicroKind::scale) continue;
    ++tried;
    MicroState state = decode_micro_state(record.before).value();
    state.squares = 2 * attacked_shape().width;
    record.before = encode_micro_state(state);
    CHECK(world.judge(record) == Judgement::unfit);
  }
  CHECK(tried == 2);
}

TEST_CASE("kept numbers and exponents beyond their limits are unfit", "[judge][STEP-3][STEP-6]") {
  for (const int bad : {0, 1, 2}) {
    StepWorld world(testing::random_model(attacked_shape(), 4, Weights::ordinary), {0, 1}, 1);
    std::mt19937_64 random(3);
    auto key = testing::random_block(random, 80, 16);
    auto value = testing::random_block(random, 80, 16);
    if (bad == 1) value.exponent = 17;
    if (bad == 2) key.values[79] = -32768;
    for (const std::int64_t head : {0, 1}) world.run.remember(0, head, testing::entry_bytes(key, value));
    world.run.begin(world.row_of(2));
    MicroRecord last = world.run.next();
    while (micro_op(attacked_shape(), 1, last.place.micro + 1).phase.kind != MicroKind::attend) last = world.run.next();
    StepMemory memory(world.header.manifest, world.computation, 1, 0, world.run.openings());
    const auto after = run_micro_step(memory, decode_micro_state(last.after).value(), last.place.micro + 1);
    CHECK(after.has_value() == (bad == 0));
  }
}

TEST_CASE("sums of a product beyond those of any matrix are unfit", "[judge][STEP-5][STEP-6][LAYER-4]") {
  ModelShape shape = attacked_shape();
  shape.width = 1030;  // two tiles from left to right
  StepWorld world(testing::random_model(shape, 4, Weights::extreme), {0, 1});
  world.run.begin(world.row_of(1));
  int tried = 0;
  for (int k = 0; k < 16; ++k) {
    const MicroRecord record = world.run.next();
    MicroState state = decode_micro_state(record.before).value();
    if (state.sums.empty()) continue;
    ++tried;
    for (const std::int64_t sum : {std::numeric_limits<std::int64_t>::max(), (std::int64_t{1} << 52) + 1,
                                   std::numeric_limits<std::int64_t>::min(), -(std::int64_t{1} << 52) - 1}) {
      state.sums.back() = sum;
      CHECK(reference::judge(world.id, world.computation, record.place, encode_micro_state(state), record.after_hash,
                             record.witness) == Judgement::unfit);
    }
  }
  CHECK(tried >= 2);
}
