#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>
#include <map>

#include "model/layers/tiles.hpp"
#include "reference/layers/judge.hpp"
#include "reference/layers/micro_run.hpp"
#include "tests/support/step_world.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;

namespace {

constexpr std::int64_t last_position = 8191;
constexpr std::int64_t last_layer = 79;

/// The sizes of Llama-3-70B, and the texts of the greatest length.
ModelManifest large_manifest() {
  ModelManifest manifest;
  manifest.shape = {.layers = 80,
                    .width = 8192,
                    .hidden = 28672,
                    .heads = 64,
                    .kv_heads = 8,
                    .head_width = 128,
                    .vocabulary = 128256,
                    .context = 8192,
                    .fraction_bits = 16};
  manifest.epsilon = 42950;
  manifest.frequencies = rotation_frequencies(500000, 128);
  manifest.name = std::string(1024, 'n');
  manifest.licence = std::string(1024, 'l');
  manifest.has_head = true;
  return manifest;
}

/// Tiles of one layer that are made when they are asked for; those of the tensors beyond `real` are leaves without
/// text.
class MadeTensors : public TensorSource {
 public:
  MadeTensors(std::vector<TensorEntry> entries, std::int64_t first, std::int64_t real)
      : entries_(std::move(entries)), first_(first), real_(real) {}

  [[nodiscard]] Bytes tile(std::int64_t tensor, std::int64_t which) const override {
    const TensorEntry& entry = entries_[static_cast<std::size_t>(tensor)];
    std::uint64_t random = static_cast<std::uint64_t>(tensor * 1000003 + which) * 0x9e3779b97f4a7c15U | 1U;
    const auto next = [&] { return random = random * 6364136223846793005U + 1442695040888963407U, random >> 33; };
    Bytes bytes;
    if (entry.is_gain) {
      for (std::int64_t k = 0; k < std::min(gain_tile_values, entry.columns); ++k) {
        bytes.push_back(static_cast<std::uint8_t>(next()));
        bytes.push_back(static_cast<std::uint8_t>(32 + next() % 32));
      }
      return bytes;
    }
    const Tile place = tile_at(entry.rows, entry.columns, which);
    bytes.resize(static_cast<std::size_t>(place.rows * place.columns));
    for (std::uint8_t& weight : bytes)
      weight = static_cast<std::uint8_t>(static_cast<std::int64_t>(next() % 255) - 127);
    for (std::int64_t k = 0; k < place.rows * place.columns / block_columns; ++k) {
      bytes.push_back(static_cast<std::uint8_t>(next()));
      bytes.push_back(static_cast<std::uint8_t>(1 + next() % 127));
    }
    for (std::int64_t k = 0; place.has_exponents && k < place.rows; ++k)
      bytes.push_back(static_cast<std::uint8_t>(30 + next() % 3));
    return bytes;
  }
  [[nodiscard]] MerkleLeaf leaf(std::int64_t tensor, std::int64_t which) const override {
    if (first_ <= tensor && tensor < first_ + real_) return TensorSource::leaf(tensor, which);
    return {hash_tagged("p2pllm/1/leaf/weight", bytes_of(std::to_string(tensor * 100000 + which)))};
  }

 private:
  std::vector<TensorEntry> entries_;
  std::int64_t first_;
  std::int64_t real_;
};

/// A prover at the last position of the last layer of the large model.
struct LargeWorld {
  explicit LargeWorld(std::int64_t real)
      : header(header_with(large_manifest())),
        first(tensor_index(last_layer, LayerTensor::attention_norm)),
        tensors(header.tensors, first, real),
        run((set_roots(), header), tensors, computation()) {
    std::mt19937_64 random(1);
    for (std::int64_t h = 0; h < header.manifest.shape.kv_heads; ++h)
      for (std::int64_t p = 0; p < last_position; ++p) {
        const auto key = testing::random_block(random, 128, 2);
        run.remember(last_layer, h, testing::entry_bytes(key, key));
      }
    std::vector<std::int32_t> row;
    for (int k = 0; k < 8192; ++k) row.push_back(static_cast<std::int32_t>(random() % 2000001) - 1000000);
    run.begin(row);
  }

  [[nodiscard]] static Computation computation() { return {{last_layer, last_layer + 1}, last_position}; }
  [[nodiscard]] static ModelHeader header_with(const ModelManifest& manifest) {
    ModelHeader header;
    header.manifest = manifest;
    header.tensors = tensors_of(manifest);
    return header;
  }
  void set_roots() {
    std::vector<MerkleLeaf> list;
    for (std::int64_t t = 0; t < std::ssize(header.tensors); ++t) {
      TensorEntry& entry = header.tensors[static_cast<std::size_t>(t)];
      if (entry.is_gain) entry.gain_exponent = 14;
      std::vector<MerkleLeaf> leaves;
      const std::int64_t tiles = entry.is_gain ? 1 : tile_count(entry.rows, entry.columns);
      for (std::int64_t k = 0; first <= t && t < first + layer_tensor_count && k < tiles; ++k)
        leaves.push_back(tensors.leaf(t, k));
      entry.root = merkle_root(leaves);
      list.push_back(tensor_leaf(entry));
    }
    header.manifest.tensors = merkle_root(list);
  }

  ModelHeader header;
  std::int64_t first;
  MadeTensors tensors;
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
  const Hash id = world.header.id();
  for (std::int64_t k = 0; k < most && world.run.is_under_way(); ++k) {
    const MicroRecord record = world.run.next();
    const auto start = std::chrono::steady_clock::now();
    const Judgement judgement =
        judge(id, LargeWorld::computation(), record.place, record.before, record.after_hash, record.witness);
    const std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - start;
    REQUIRE(judgement == Judgement::right);
    KindReport& report = reports[micro_op(world.header.manifest.shape, last_position, record.place.micro).phase.kind];
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
  const ModelShape shape = large_manifest().shape;
  CHECK(micro_step_count(shape, last_position) == 54349);
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
  LargeWorld world(layer_tensor_count);
  const auto reports = judged(world, micro_step_count(world.header.manifest.shape, last_position));
  for (const auto& [kind, report] : reports) CHECK(report.both_most < witness_bytes_max);
  print(reports);
}
