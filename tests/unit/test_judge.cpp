#include <catch2/catch.hpp>
#include <map>

#include "tests/support/step_attack.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;
using testing::attacked;
using testing::Attacked;
using testing::attacked_shape;
using testing::StepWorld;
using testing::Weights;

namespace {

using Kind = TreeName::Kind;

}  // namespace

TEST_CASE("every micro-step is judged right, and wrong for any other state", "[judge][STEP-6]") {
  for (const MicroRecord& record : attacked().records) {
    CHECK(attacked().world.judge(record) == Judgement::right);
    for (const std::size_t byte : {0, 13, 31}) {
      MicroRecord other = record;
      other.after_hash[byte] ^= 128;
      CHECK(attacked().world.judge(other) == Judgement::wrong);
    }
  }
}

TEST_CASE("a witness with a changed byte is unfit", "[judge][STEP-6]") {
  for (const MicroRecord& record : attacked().records) {
    bool all_unfit = true;
    const std::size_t size = record.witness.size();
    for (std::size_t at = 0; at < size; at += at < 300 || size - at < 300 ? 1 : 97) {
      Bytes witness = record.witness;
      witness[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
      all_unfit = all_unfit && attacked().judge(record, witness) == Judgement::unfit;
    }
    CHECK(all_unfit);
  }
}

TEST_CASE("each part of a witness is bound, at its first and its last byte", "[judge][STEP-6]") {
  for (const MicroRecord& record : attacked().records) {
    const Bytes openings = testing::openings_in(record.witness);
    std::size_t at = 0;
    for (const Ask& ask : testing::asks_of(attacked().world, record)) {
      for (const std::size_t byte : {at, at + ask.bytes - 1}) {
        if (ask.bytes == 0) continue;
        Bytes changed = openings;
        changed[byte] ^= 1;
        CHECK(attacked().judge(record, encode_witness(testing::manifest_in(record.witness), changed)) ==
              Judgement::unfit);
      }
      at += ask.bytes;
    }
    CHECK(at == openings.size());
  }
}

TEST_CASE("a witness that is cut, has more, or is too long is unfit", "[judge][STEP-6]") {
  for (const MicroRecord& record : attacked().records) {
    const Bytes manifest = testing::manifest_in(record.witness);
    const Bytes openings = testing::openings_in(record.witness);
    for (std::size_t size = 0; size < record.witness.size(); size += 1 + size / 7)
      CHECK(attacked().judge(
                record, Bytes(record.witness.begin(), record.witness.begin() + static_cast<std::ptrdiff_t>(size))) ==
            Judgement::unfit);
    for (const std::size_t cut : {std::size_t{1}, std::size_t{32}, openings.size()})
      if (cut <= openings.size() && cut > 0)
        CHECK(attacked().judge(record, encode_witness(manifest, ByteView(openings).first(openings.size() - cut))) ==
              Judgement::unfit);
    for (const std::size_t more : {1, 32, 64000}) {
      Bytes longer = openings;
      longer.resize(openings.size() + more);
      CHECK(attacked().judge(record, encode_witness(manifest, longer)) == Judgement::unfit);
      Bytes trailing = record.witness;
      trailing.resize(record.witness.size() + more);
      CHECK(attacked().judge(record, trailing) == Judgement::unfit);
    }
  }
}

TEST_CASE("a witness in another encoding, or of another model, is unfit", "[judge][STEP-6][COMMIT-1]") {
  const MicroRecord& record = attacked().records.front();
  const Bytes manifest = testing::manifest_in(record.witness);
  Bytes longer_head{0x82, 0x5a, 0, 0};
  longer_head.push_back(static_cast<std::uint8_t>(manifest.size() >> 8));
  longer_head.push_back(static_cast<std::uint8_t>(manifest.size() & 0xff));
  longer_head.insert(longer_head.end(), record.witness.begin() + 4, record.witness.end());
  CHECK(attacked().judge(record, longer_head) == Judgement::unfit);
  StepWorld other(testing::random_model(attacked_shape(), 6, Weights::ordinary), {0, 2}, 105);
  CHECK(attacked().judge(record, encode_witness(encode_manifest(other.header.manifest),
                                                testing::openings_in(record.witness))) == Judgement::unfit);
  CHECK(reference::judge(other.id, attacked().world.computation, record.place, record.before, record.after_hash,
                         record.witness) == Judgement::unfit);
}

TEST_CASE("a manifest of sizes that no model has is unfit", "[judge][STEP-6][MODEL-1]") {
  const MicroRecord& record = attacked().records.front();
  const auto judged = [&](const std::function<void(ModelShape&)>& change) {
    ModelManifest manifest = attacked().world.header.manifest;
    change(manifest.shape);
    manifest.frequencies.resize(static_cast<std::size_t>(manifest.shape.head_width / 2));
    return reference::judge(model_id(manifest), attacked().world.computation, record.place, record.before,
                            record.after_hash,
                            encode_witness(encode_manifest(manifest), testing::openings_in(record.witness)));
  };
  CHECK(judged([](ModelShape& s) { s.vocabulary = 10; }) == Judgement::right);
  CHECK(judged([](ModelShape& s) { s.kv_heads = 3; }) == Judgement::unfit);
  CHECK(judged([](ModelShape& s) { s.head_width = 0; }) == Judgement::unfit);
  CHECK(judged([](ModelShape& s) { s.width = 0; }) == Judgement::unfit);
  CHECK(judged([](ModelShape& s) { s.hidden = 1 << 30; }) == Judgement::unfit);
  CHECK(judged([](ModelShape& s) { s.layers = 1; }) == Judgement::unfit);
  CHECK(judged([](ModelShape& s) { s.context = 107; }) == Judgement::unfit);
}

TEST_CASE("a witness of another micro-step is unfit", "[judge][STEP-6]") {
  const auto& records = attacked().records;
  std::size_t others = 0;
  for (const MicroRecord& record : records)
    for (const MicroRecord& other : records) {
      if (other.witness == record.witness) continue;  // of the first two passes over a row, for instance
      ++others;
      CHECK(attacked().judge(record, other.witness) == Judgement::unfit);
      MicroRecord state = record;
      state.before = other.before;
      CHECK(attacked().world.judge(state) == Judgement::unfit);
    }
  CHECK(others > records.size() * (records.size() - 4));
}

TEST_CASE("a micro-step that the schedule does not have is unfit", "[judge][STEP-4][STEP-6]") {
  const MicroRecord& last = attacked().records.back();
  const auto judged = [&](const Computation& computation, const StepPlace& place, const MicroRecord& r) {
    return reference::judge(attacked().world.id, computation, place, r.before, r.after_hash, r.witness);
  };
  const Computation computation = attacked().world.computation;
  for (const StepPlace place :
       {StepPlace{107, 1, last.place.micro + 1}, StepPlace{107, 1, last.place.micro - 1}, StepPlace{107, 1, 0},
        StepPlace{107, 1, -1}, StepPlace{107, 2, last.place.micro}, StepPlace{107, -1, last.place.micro},
        StepPlace{104, 1, last.place.micro}, StepPlace{150, 1, last.place.micro}})
    CHECK(judged(computation, place, last) == Judgement::unfit);
  // The number of leaves is no part of a root (COMMIT-6): place and beginning come from the terms.
  CHECK(judged(computation, {106, 1, last.place.micro}, last) == Judgement::wrong);
  CHECK(judged({{0, 2}, 106}, last.place, last) == Judgement::wrong);
  CHECK(judged({{0, 2}, 104}, last.place, last) == Judgement::unfit);
  CHECK(judged({{0, 2}, -1}, last.place, last) == Judgement::unfit);
  CHECK(judged({{0, 3}, 105}, last.place, last) == Judgement::unfit);  // the row does not leave there
  CHECK(judged({{0, 4}, 105}, last.place, last) == Judgement::unfit);
  CHECK(judged({{0, 2}, 108}, attacked().records[0].place, attacked().records[0]) == Judgement::unfit);
  CHECK(judged({{-1, 2}, 105}, last.place, last) == Judgement::unfit);
  // A provider that says that the step ends one micro-step earlier, or one later.
  MicroRecord early = attacked().records[attacked().records.size() - 2];
  early.after_hash = last.after_hash;
  CHECK(attacked().world.judge(early) == Judgement::wrong);
  MicroRecord late = last;
  late.after_hash = micro_state_hash(last.after);
  CHECK(attacked().world.judge(late) == Judgement::wrong);
  for (const MicroRecord& record : attacked().records) {
    const MicroOp op = micro_op(attacked_shape(), record.place.position, record.place.micro);
    if (op.phase.kind != MicroKind::keep && op.phase.kind != MicroKind::attend) continue;
    CHECK(judged({{1, 2}, 105}, record.place, record) == Judgement::unfit);
    CHECK(judged({{0, 3}, 105}, record.place, record) == Judgement::unfit);
  }
}

/// Lies in a witness where the change applies, which must make it unfit. @returns the number of lies, 0 or 1
template <typename Change>
int unfit_by(Attacked& a, const MicroRecord& record, const Change& change) {
  const auto witness = testing::lie(a.world, record, change);
  if (!witness) return 0;
  CHECK(a.judge(record, *witness) == Judgement::unfit);
  return 1;
}

TEST_CASE("a tile of another tensor, another layer or another place is unfit", "[judge][STEP-6][MODEL-2]") {
  Attacked& a = attacked();
  std::map<std::string, int> tried;
  const auto attack = [&](const std::string& name, const MicroRecord& record, const auto& change) {
    tried[name] += unfit_by(a, record, change);
  };
  for (const MicroRecord& record : a.records) {
    const MicroOp op = micro_op(attacked_shape(), record.place.position, record.place.micro);
    const auto of_tensor = [&](std::int64_t by, bool with_list) {
      return [=](Ask& ask) {
        const bool lists = ask.tree.kind == Kind::tensors && with_list;
        if (ask.tree.kind != Kind::tensor && !lists) return false;
        ask.tree.index += by;
        if (lists)
          ask.range = {ask.range.first + static_cast<std::uint64_t>(by),
                       ask.range.last + static_cast<std::uint64_t>(by), ask.range.count};
        return true;
      };
    };
    if (op.phase.kind == MicroKind::product || op.phase.kind == MicroKind::scale)
      for (const bool with_list : {false, true}) {
        attack("layer", record, of_tensor(9, with_list));
        attack("layer", record, of_tensor(-9, with_list));
      }
    if (op.phase.kind == MicroKind::product &&
        (op.phase.tensor == LayerTensor::key || op.phase.tensor == LayerTensor::gate))
      for (const bool with_list : {false, true}) attack("tensor", record, of_tensor(1, with_list));
    for (const bool with_siblings : {false, true})
      attack("tile", record, [&](Ask& ask) {
        if (ask.tree.kind != Kind::tensor || ask.range.first + 2 >= ask.range.count) return false;
        if (ask.part == Part::siblings && !with_siblings) return false;
        ask.range = {ask.range.first + 1, ask.range.last + 1, ask.range.count};
        return true;
      });
    attack("chunk", record, [](Ask& ask) {
      if (ask.tree.kind != Kind::numbers || ask.part != Part::content || ask.range.first != 0 || ask.bytes != 1024)
        return false;
      ask.tree.index = static_cast<std::int64_t>(Register::gates);
      return true;
    });
  }
  for (const char* name : {"layer", "tensor", "tile", "chunk"}) CHECK(tried[name] >= 2);
}

TEST_CASE("a cache entry of another position, head or layer is unfit", "[judge][STEP-3][STEP-6]") {
  Attacked& a = attacked();
  std::map<std::string, int> tried;
  const auto attack = [&](const std::string& name, const MicroRecord& record, const auto& change) {
    tried[name] += unfit_by(a, record, change);
  };
  for (const MicroRecord& record : a.records) {
    if (micro_op(attacked_shape(), record.place.position, record.place.micro).phase.kind != MicroKind::attend) continue;
    attack("position", record, [](Ask& ask) {
      if (ask.tree.kind != Kind::cache_head || ask.range.last == ask.range.count) return false;
      ask.range = {ask.range.first + 1, ask.range.last + 1, ask.range.count};
      return true;
    });
    for (const std::int64_t by : {1, -1, 2, -2}) {  // heads of this layer and of the other one
      attack(by % 2 == 0 ? "layer" : "head", record, [by](Ask& ask) {
        if (ask.tree.kind != Kind::cache_head || ask.tree.index + by < 0 || ask.tree.index + by > 3) return false;
        ask.tree.index += by;
        return true;
      });
      attack("whole", record, [by](Ask& ask) {
        const bool is_list = ask.tree.kind == Kind::cache;
        const std::int64_t head = is_list ? static_cast<std::int64_t>(ask.range.first) : ask.tree.index;
        if ((ask.tree.kind != Kind::cache_head && !is_list) || head + by < 0 || head + by > 3) return false;
        if (is_list)
          ask.range = {ask.range.first + static_cast<std::uint64_t>(by),
                       ask.range.last + static_cast<std::uint64_t>(by), ask.range.count};
        else ask.tree.index += by;
        return true;
      });
    }
  }
  for (const char* name : {"position", "layer", "head", "whole"}) CHECK(tried[name] >= 2);
}

TEST_CASE("a false micro-state is found by bisection and judged wrong, the true ones right",
          "[judge][STEP-5][STEP-6]") {
  const auto& records = attacked().records;
  std::vector<Hash> truth;
  for (const MicroRecord& record : records) truth.push_back(record.after_hash);
  // The disputed micro-step, where two parties name the states 1 .. n and agree on state 0.
  const auto disputed = [&](const std::vector<Hash>& claimed) {
    std::size_t agreed = 0;
    std::size_t differs = records.size();
    while (differs - agreed > 1) {
      const std::size_t mid = agreed + (differs - agreed) / 2;
      (claimed[mid - 1] == truth[mid - 1] ? agreed : differs) = mid;
    }
    return differs;
  };
  for (std::size_t i = 1; i <= records.size(); ++i) {
    std::vector<Hash> claimed = truth;  // one false bit, and whatever follows from the false state
    for (std::size_t k = i; k <= records.size(); ++k) claimed[k - 1][k % 32] ^= 1;
    REQUIRE(disputed(claimed) == i);
    MicroRecord lost = records[i - 1];
    lost.after_hash = claimed[i - 1];
    CHECK(attacked().world.judge(lost) == Judgement::wrong);
    const MicroRecord& record = records[i - 1];
    REQUIRE(attacked().world.judge(record) == Judgement::right);
    bool all_wrong = true;
    for (std::size_t byte = 0; byte < record.after.size(); byte += 1 + byte / 150) {
      Bytes after = record.after;
      after[byte] ^= static_cast<std::uint8_t>(1U << (byte % 8));
      MicroRecord falsified = record;
      falsified.after_hash = hash_after(attacked_shape(), record.place, after);
      all_wrong = all_wrong && attacked().world.judge(falsified) == Judgement::wrong;
    }
    CHECK(all_wrong);
  }
}
