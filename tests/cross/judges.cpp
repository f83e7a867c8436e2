#include <catch2/catch.hpp>
#include <memory>

#include "tests/support/forged_step.hpp"
#include "tests/support/large_step.hpp"

// The judge of the fast half against that of the reference: equal answers, whatever is shown.
using namespace p2pllm;
using testing::Case;
using testing::StepWorld;
using testing::TwoJudges;
using testing::Weights;

namespace {

ModelShape shape_of(std::int64_t width, std::int64_t hidden, std::int64_t kv_heads, std::int64_t heads,
                    std::int64_t head_width) {
  return {.layers = 3,
          .width = width,
          .hidden = hidden,
          .heads = heads,
          .kv_heads = kv_heads,
          .head_width = head_width,
          .vocabulary = 9,
          .context = 150,
          .fraction_bits = 12 + (width + hidden) % 7};
}

/// A prover, and what it recorded of the last steps.
struct Recorded {
  Recorded(const ModelShape& shape, std::uint64_t seed, Weights weights, std::int64_t earlier, std::int64_t positions)
      : world(testing::random_model(shape, seed, weights), {1, 3}, earlier) {
    auto caches = testing::empty_caches(world);
    testing::remember_random(world, caches, earlier, seed, 16);
    for (std::int64_t p = 0; p < positions; ++p) {
      records = world.run.run(world.row_of(p));
      const auto last = world.run.run({});
      records.insert(records.end(), last.begin(), last.end());
    }
  }
  StepWorld world;
  std::vector<reference::MicroRecord> records;
};

std::vector<std::unique_ptr<Recorded>> small_worlds() {
  std::vector<std::unique_ptr<Recorded>> worlds;
  const auto add = [&](const ModelShape& shape, Weights weights, std::int64_t earlier, std::int64_t positions) {
    worlds.push_back(std::make_unique<Recorded>(shape, 3 + worlds.size(), weights, earlier, positions));
  };
  add(shape_of(270, 330, 2, 4, 80), Weights::ordinary, 105, 2);
  add(shape_of(1030, 70, 1, 3, 10), Weights::extreme, 0, 3);
  add(shape_of(66, 1100, 2, 2, 254), Weights::tiny, 40, 2);
  add(shape_of(1, 1, 1, 70, 2), Weights::ordinary, 64, 1);
  add(shape_of(520, 5, 2, 10, 128), Weights::extreme, 63, 2);
  add(shape_of(300, 129, 3, 6, 16), Weights::ordinary, 1, 4);
  return worlds;
}

void require_agreement(const TwoJudges& judges) {
  for (const auto& [difference, count] : judges.differences()) UNSCOPED_INFO(count << " x " << difference);
  REQUIRE(judges.differences().empty());
}

void flip(Bytes& bytes, std::size_t bit) { bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8)); }

/// The honest record, other states after, and a witness with each of its parts changed.
void change_what_is_shown(const Recorded& recorded, const reference::MicroRecord& record, std::mt19937_64& random,
                          TwoJudges& judges) {
  const Case honest = testing::case_of(recorded.world, record);
  judges.ask("honest", honest);
  Case other = honest;
  other.after[random() % 32] ^= static_cast<std::uint8_t>(1U << (random() % 8));
  judges.ask("other state after", other);
  const Bytes openings = testing::openings_in(record.witness), manifest = testing::manifest_in(record.witness);
  const auto show = [&](const char* kind, const Bytes& shown_manifest, const Bytes& shown) {
    Case changed = honest;
    changed.witness = reference::encode_witness(shown_manifest, shown);
    judges.ask(kind, changed);
  };
  std::size_t at = 0;
  for (const reference::Ask& ask : testing::asks_of(recorded.world, record)) {
    if (ask.bytes == 0) continue;
    for (const std::size_t bit : {8 * at, 8 * (at + ask.bytes) - 1, 8 * at + random() % (8 * ask.bytes)}) {
      Bytes changed = openings;
      flip(changed, bit);
      show("changed part", manifest, changed);
    }
    at += ask.bytes;
    show("cut after a part", manifest, Bytes(openings.begin(), openings.begin() + static_cast<std::ptrdiff_t>(at)));
  }
  for (const std::size_t more : {1, 4, 32, 64000}) {
    Bytes longer = openings;
    longer.resize(openings.size() + more);
    show("trailing bytes", manifest, longer);
    Case trailing = honest;
    trailing.witness.resize(honest.witness.size() + more);
    judges.ask("trailing bytes", trailing);
    if (more > openings.size()) continue;
    longer.resize(openings.size() - more);
    show("missing bytes", manifest, longer);
  }
  Bytes changed = manifest;
  flip(changed, random() % (8 * manifest.size()));
  show("changed manifest", changed, openings);
}

void change_the_place(const Recorded& recorded, const reference::MicroRecord& record, TwoJudges& judges) {
  const Case honest = testing::case_of(recorded.world, record);
  for (const std::int64_t by : {-150, -2, -1, 1, 2, 150}) {
    const auto ask = [&](const auto& change) {
      Case changed = honest;
      change(changed);
      judges.ask("other place", changed);
      MicroState state = decode_micro_state(changed.before).value();
      state.micro = changed.place.micro - 1;
      if (state.micro < 0) return;
      changed.before = encode_micro_state(state);
      judges.ask("other place and number", changed);
    };
    ask([by](Case& c) { c.place.position += by; });
    ask([by](Case& c) { c.place.layer += by; });
    ask([by](Case& c) { c.place.micro += by; });
    ask([by](Case& c) { c.computation.first_position += by; });
    ask([by](Case& c) { c.computation.layers.first += by; });
    ask([by](Case& c) { c.computation.layers.last += by; });
    ask([by](Case& c) { c.computation.layers.first += by, c.computation.layers.last += by, c.place.layer += by; });
    ask([by](Case& c) { c.place.position += by, c.computation.first_position += by; });
  }
  Case other = honest;
  other.model[3] ^= 1;
  judges.ask("other model", other);
}

/// A manifest of other numbers, with the id of that.
void change_the_manifest(const Recorded& recorded, const reference::MicroRecord& record, TwoJudges& judges) {
  const auto ask = [&](const auto& change) {
    ModelManifest manifest = recorded.world.header.manifest;
    change(manifest);
    manifest.frequencies.resize(
        static_cast<std::size_t>(std::clamp<std::int64_t>(manifest.shape.head_width / 2, 0, 256)));
    Case c = testing::case_of(recorded.world, record);
    c.model = model_id(manifest);
    c.witness = reference::encode_witness(encode_manifest(manifest), testing::openings_in(record.witness));
    judges.ask("other manifest", c);
  };
  constexpr std::array sizes = {&ModelShape::layers,     &ModelShape::width,    &ModelShape::hidden,
                                &ModelShape::heads,      &ModelShape::kv_heads, &ModelShape::head_width,
                                &ModelShape::vocabulary, &ModelShape::context,  &ModelShape::fraction_bits};
  for (const auto size : sizes) {
    const std::int64_t honest = recorded.world.model.shape.*size;
    for (const std::int64_t other : {std::int64_t{0}, std::int64_t{1}, honest - 1, honest + 1, honest + 2, 2 * honest,
                                     std::int64_t{1} << 15, (std::int64_t{1} << 17) + 1, std::int64_t{1} << 31})
      ask([&](ModelManifest& m) { m.shape.*size = other; });
  }
  ask([](ModelManifest& m) { m.epsilon = epsilon_max; });
  ask([](ModelManifest& m) { m.frequencies.front() ^= std::uint64_t{1} << 60U; });
  ask([](ModelManifest& m) { m.has_head = !m.has_head; });
  ask([](ModelManifest& m) { m.tensors[0] ^= 1; });
}

const std::vector<std::int64_t>& marked_numbers() {
  static const std::vector<std::int64_t> numbers = [] {
    std::vector<std::int64_t> list = {0, std::numeric_limits<std::int64_t>::max(),
                                      std::numeric_limits<std::int64_t>::min()};
    for (const int bits : {4, 15, 30, 45, 52, 60, 61})
      for (const std::int64_t by : {-1, 0, 1})
        for (const std::int64_t sign : {-1, 1}) list.push_back(sign * ((std::int64_t{1} << bits) + by));
    return list;
  }();
  return numbers;
}

/// Numbers of the state before, at and beyond their limits.
void change_the_state(const Recorded& recorded, const reference::MicroRecord& record, std::mt19937_64& random,
                      TwoJudges& judges) {
  const Case honest = testing::case_of(recorded.world, record);
  const MicroState state = decode_micro_state(record.before).value();
  const auto ask = [&](const char* kind, const auto& change) {
    MicroState changed = state;
    change(changed);
    Case c = honest;
    c.before = encode_micro_state(changed);
    judges.ask(kind, c);
  };
  ask("other number", [](MicroState& s) { ++s.micro; });
  for (const std::int64_t number : marked_numbers()) {
    if (number >= 0 && number <= std::int64_t{1} << 61)
      ask("other squares", [&](MicroState& s) { s.squares = number; });
    if (number >= 0 && number < std::int64_t{1} << 31)
      for (std::size_t r = random() % 3; r < register_count; r += 3)
        ask("other greatest", [&](MicroState& s) { s.registers[r].greatest = number; });
    if (state.sums.empty()) continue;
    for (std::size_t k : {std::size_t{0}, std::size_t{1}, random() % state.sums.size(), state.sums.size() - 1})
      ask("other sum", [&](MicroState& s) { s.sums[k % s.sums.size()] = number; });
    ask("other sums", [&](MicroState& s) { std::fill(s.sums.begin() + (number & 1), s.sums.end(), number); });
  }
  for (const std::int32_t number : {0, 1, 2147483647, -2147483647}) {
    ask("other buffer", [&](MicroState& s) { std::fill(s.buffer.begin(), s.buffer.end(), number); });
    ask("longer buffer", [&](MicroState& s) { s.buffer.push_back(number); });
    ask("longer sums", [&](MicroState& s) { s.sums.push_back(number); });
  }
  ask("shorter buffer", [](MicroState& s) { s.buffer.resize(s.buffer.size() / 2); });
  ask("shorter sums", [](MicroState& s) { s.sums.resize(s.sums.size() / 2); });
  for (std::size_t r = 0; r < register_count; ++r)
    ask("other root", [&](MicroState& s) { s.registers[r].root[r] ^= 1; });
  ask("other cache", [](MicroState& s) { s.cache[31] ^= 1; });
  ask("other outputs", [](MicroState& s) { s.outputs[31] ^= 1; });
  for (int k = 0; k < 8; ++k) {
    Case c = honest;
    flip(c.before, random() % (8 * c.before.size()));
    judges.ask("changed state", c);
    c.before.resize(random() % 2 == 0 ? c.before.size() + 1 : random() % c.before.size());
    judges.ask("cut state", c);
  }
}

}  // namespace

TEST_CASE("both judges answer alike on small models, whatever is changed",
          "[judges][STEP-1][STEP-2][STEP-3][STEP-4][STEP-5][STEP-6][LAYER-3][LAYER-4][LAYER-6][LAYER-7]") {
  TwoJudges judges;
  std::mt19937_64 random(17);
  int records = 0;
  for (const auto& recorded : small_worlds()) {
    records += static_cast<int>(recorded->records.size());
    for (const auto& record : recorded->records) {
      change_what_is_shown(*recorded, record, random, judges);
      change_the_place(*recorded, record, judges);
      change_the_manifest(*recorded, record, judges);
      change_the_state(*recorded, record, random, judges);
    }
    require_agreement(judges);
  }
  CHECK(judges.answers("honest", Judgement::right) == records);
  CHECK(judges.answers("other state after", Judgement::wrong) == records);
  CHECK(judges.answers("changed part", Judgement::unfit) > 3 * records);
  for (const char* kind :
       {"other place", "other place and number", "other sum", "other greatest", "other squares", "other manifest"})
    for (const Judgement answer : {Judgement::wrong, Judgement::unfit}) CHECK(judges.answers(kind, answer) > 20);
}

TEST_CASE("both judges answer alike where registers, entries and tiles are forged", "[judges][STEP-6][MODEL-3]") {
  TwoJudges judges;
  std::mt19937_64 random(18);
  for (const auto& recorded : small_worlds()) {
    StepWorld& world = recorded->world;
    for (const bool has_forged_tiles : {false, true, true, false}) {  // in either layer
      const ExactModel forged = testing::forged_model(world.model, random);
      world.run.begin(world.run.state().layer == world.computation.layers.first ? world.row_of(1)
                                                                                : std::vector<std::int32_t>());
      testing::ForgedStep forger(world, has_forged_tiles ? forged : world.model, random());
      for (std::int64_t micro = 1; world.run.is_under_way(); ++micro)
        forger.next(micro, 4, [&](const Case& c) { judges.ask(has_forged_tiles ? "forged tile" : "forged state", c); });
    }
    require_agreement(judges);
  }
  for (const char* kind : {"forged state", "forged tile"})
    for (const Judgement answer : {Judgement::right, Judgement::unfit}) CHECK(judges.answers(kind, answer) > 500);
}

TEST_CASE("both judges answer alike at the sizes of Llama-3-70B", "[judges][STEP-4][STEP-6]") {
  const testing::LargeModel model(64);
  const Hash id = model.header.id();
  std::mt19937_64 random(19);
  TwoJudges judges;
  int records = 0;
  for (const auto& record : testing::large_records(model)) {
    ++records;
    const Case honest = {
        id, testing::LargeModel::computation(), record.place, record.before, record.after_hash, record.witness};
    judges.ask("honest", honest);
    Case other = honest;
    other.after[random() % 32] ^= 128;
    judges.ask("other state after", other);
    other = honest;
    flip(other.witness, random() % (8 * other.witness.size()));
    judges.ask("changed witness", other);
    other = honest;
    flip(other.before, random() % (8 * other.before.size()));
    judges.ask("changed state", other);
  }
  require_agreement(judges);
  CHECK(judges.answers("honest", Judgement::right) == records);
  CHECK(judges.answers("other state after", Judgement::wrong) == records);
  CHECK(judges.answers("changed witness", Judgement::unfit) == records);
  const ModelShape& shape = model.header.manifest.shape;
  for (const std::int64_t position : {0, 1, 63, 64, 4095, 8191})
    CHECK(optimized::micro_step_count(shape, position) == reference::micro_step_count(shape, position));
}
