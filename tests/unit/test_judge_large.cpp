#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>
#include <map>

#include "reference/layers/judge.hpp"
#include "reference/layers/micro_run.hpp"
#include "tests/support/large_step.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;

namespace {

using testing::large_layer;
using testing::large_position;

/// A prover at the last position of the last layer of the large model.
struct LargeWorld {
  /// @param real  at the beginning and the end of each tensor of the layer, the tiles that have a text
  explicit LargeWorld(std::int64_t real)
      : model(real), run(model.header, model.tensors, testing::LargeModel::computation()) {
    std::mt19937_64 random(1);
    const ModelShape& shape = model.header.manifest.shape;
    for (std::int64_t h = 0; h < shape.kv_heads; ++h)
      for (std::int64_t p = 0; p < large_position; ++p) run.remember(large_layer, h, testing::large_entry(random));
    run.begin(testing::random_row(random, shape.width));
  }
  testing::LargeModel model;
  MicroRun run;
};

struct KindReport {
  std::int64_t count = 0;
  std::size_t witness_most = 0;
  std::size_t both_most = 0;
  std::vector<double> micros;
};

/// Runs and judges micro-steps, up to `most` of them, and reports by kind.
std::map<MicroKind, KindReport> judged(LargeWorld& world, std::int64_t most) {
  std::map<MicroKind, KindReport> reports;
  const Hash id = world.model.header.id();
  for (std::int64_t k = 0; k < most && world.run.is_under_way(); ++k) {
    const MicroRecord record = world.run.next();
    const auto start = std::chrono::steady_clock::now();
    const Judgement judgement =
        judge(id, testing::LargeModel::computation(), record.place, record.before, record.after_hash, record.witness);
    const std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - start;
    REQUIRE(judgement == Judgement::right);
    KindReport& report =
        reports[micro_op(world.model.header.manifest.shape, large_position, record.place.micro).phase.kind];
    ++report.count;
    report.witness_most = std::max(report.witness_most, record.witness.size());
    report.both_most = std::max(report.both_most, record.witness.size() + record.before.size());
    report.micros.push_back(taken.count());
  }
  return reports;
}

void print(std::map<MicroKind, KindReport> reports) {
  const char* const names[] = {"greatest", "squares", "scale", "product", "keep", "attend", "gate", "leave"};
  std::vector<double> all;
  for (auto& [kind, report] : reports) {
    std::sort(report.micros.begin(), report.micros.end());
    all.insert(all.end(), report.micros.begin(), report.micros.end());
    std::cout << names[static_cast<std::size_t>(kind)] << ": " << report.count << " micro-steps, witness at most "
              << report.witness_most << " bytes, with the state " << report.both_most << ", judge "
              << report.micros[report.micros.size() / 2] << " us (median), " << report.micros.back() << " (most)\n";
  }
  std::sort(all.begin(), all.end());
  std::cout << "all: " << all.size() << " micro-steps, judge " << all[all.size() / 2] << " us (median)\n";
}

}  // namespace

TEST_CASE("a layer of a large model has 54,349 micro-steps", "[judge][STEP-4]") {
  const ModelShape shape = testing::large_manifest().shape;
  CHECK(micro_step_count(shape, large_position) == 54349);
  CHECK(micro_step_count(shape, 0) == 54349 - 2048 + 16);
}

TEST_CASE("no witness of a large model is above 64,000 bytes", "[judge][STEP-6]") {
  LargeWorld world(1);
  for (const auto& [kind, report] : judged(world, 24)) {
    CHECK(report.both_most < witness_bytes_max);
    CHECK(kind < MicroKind::product);
  }
}

TEST_CASE("a whole step of a large model, judged", "[.large-step]") {
  LargeWorld world(std::numeric_limits<std::int32_t>::max());
  const auto reports = judged(world, micro_step_count(world.model.header.manifest.shape, large_position));
  for (const auto& [kind, report] : reports) CHECK(report.both_most < witness_bytes_max);
  print(reports);
}
