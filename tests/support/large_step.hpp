#pragma once

#include "model/layers/tiles.hpp"
#include "reference/layers/micro_step.hpp"
#include "tests/support/step_world.hpp"

// Micro-steps at the sizes of Llama-3-70B, at the last position of the last layer.
namespace p2pllm::testing {

inline constexpr std::int64_t large_position = 8191;
inline constexpr std::int64_t large_layer = 79;

/// The sizes of Llama-3-70B, and the texts of the greatest length.
[[nodiscard]] inline ModelManifest large_manifest() {
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

/// Tiles of the last layer that are made when they are asked for. To save time, most may be leaves without text.
class MadeTensors : public reference::TensorSource {
 public:
  /// @param real  at the beginning of each tensor and at its end, the tiles that have a text
  MadeTensors(std::vector<TensorEntry> entries, std::int64_t real) : entries_(std::move(entries)), real_(real) {}

  [[nodiscard]] std::int64_t tiles(std::int64_t tensor) const {
    const TensorEntry& entry = entries_[static_cast<std::size_t>(tensor)];
    return entry.is_gain ? 1 : tile_count(entry.rows, entry.columns);
  }
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
    if (which < real_ || which >= tiles(tensor) - real_) return TensorSource::leaf(tensor, which);
    return {hash_tagged("p2pllm/1/leaf/weight", bytes_of(std::to_string(tensor * 100000 + which)))};
  }

 private:
  std::vector<TensorEntry> entries_;
  std::int64_t real_;
};

/// A large model, of which the last layer has tiles.
struct LargeModel {
  explicit LargeModel(std::int64_t real) : header(header_with(large_manifest())), tensors(header.tensors, real) {
    const std::int64_t first = reference::tensor_index(large_layer, reference::LayerTensor::attention_norm);
    std::vector<MerkleLeaf> list;
    for (std::int64_t t = 0; t < std::ssize(header.tensors); ++t) {
      TensorEntry& entry = header.tensors[static_cast<std::size_t>(t)];
      if (entry.is_gain) entry.gain_exponent = 14;
      std::vector<MerkleLeaf> leaves;
      for (std::int64_t k = 0; first <= t && t < first + reference::layer_tensor_count && k < tensors.tiles(t); ++k)
        leaves.push_back(tensors.leaf(t, k));
      entry.root = merkle_root(leaves);
      list.push_back(tensor_leaf(entry));
    }
    header.manifest.tensors = merkle_root(list);
  }
  [[nodiscard]] static Computation computation() { return {{large_layer, large_layer + 1}, large_position}; }

  ModelHeader header;
  MadeTensors tensors;

 private:
  [[nodiscard]] static ModelHeader header_with(const ModelManifest& manifest) {
    ModelHeader header;
    header.manifest = manifest;
    header.tensors = tensors_of(manifest);
    return header;
  }
};

[[nodiscard]] inline Bytes large_entry(std::mt19937_64& random) {
  const auto key = random_block(random, 128, 2);
  return entry_bytes(key, key);
}
[[nodiscard]] inline std::vector<std::int32_t> random_row(std::mt19937_64& random, std::int64_t count) {
  std::vector<std::int32_t> row(static_cast<std::size_t>(count));
  for (std::int32_t& number : row) number = static_cast<std::int32_t>(random() % 2000001) - 1000000;
  return row;
}

/// The step of a large model from any micro-step on: what is written before is drawn at random.
class LargeStep {
 public:
  explicit LargeStep(const LargeModel& model)
      : model_(&model),
        manifest_(encode_manifest(model.header.manifest)),
        trees_(model.header, model.tensors, LargeModel::computation()) {
    for (std::int64_t head = 0; head < shape().kv_heads; ++head)
      for (std::int64_t p = 0; p < large_position; ++p) trees_.appended({Kind::cache_head, head}, large_entry(random_));
  }

  /// Goes to the state before a micro-step.
  /// @param micro  one that reads no sums, and is not before one that this function was called with
  void begin(std::int64_t micro) {
    trees_.clear_registers();
    state_ = {};
    state_.micro = micro - 1;
    for (RegisterState& r : state_.registers) r.root = merkle_root({});
    const reference::MicroOp op = reference::micro_op(shape(), large_position, micro);
    fill(Register::row, shape().width);
    std::int64_t done = 0;
    for (const reference::Phase& phase : reference::phases_of(shape(), large_position)) {
      if (done + phase.count >= micro) break;
      if (phase.kind == reference::MicroKind::keep) keep();
      if (writes(phase.kind)) fill(phase.to, reference::numbers_of(phase.to, shape()));
      done += phase.count;
    }
    if (op.phase.kind == reference::MicroKind::keep) is_kept_ = true;  // by the micro-steps that follow
    if (writes(op.phase.kind)) fill(op.phase.to, reference::numbers_before(shape(), large_position, op));
    if (op.phase.kind == reference::MicroKind::squares || op.phase.kind == reference::MicroKind::scale)
      sum_squares(op.phase.from,
                  op.phase.kind == reference::MicroKind::scale ? shape().width : op.index * reference::span_numbers);
    state_.cache = trees_.root({Kind::cache, 0});
    state_.outputs = merkle_root({});
  }

  [[nodiscard]] reference::MicroRecord next() {
    const std::int64_t micro = state_.micro + 1;
    reference::StepMemory memory(model_->header.manifest, LargeModel::computation(), large_position, large_layer,
                                 trees_);
    reference::MicroRecord record{.place = {large_position, large_layer, micro},
                                  .before = encode_micro_state(state_),
                                  .after = {},
                                  .after_hash = {},
                                  .witness = {}};
    record.after = reference::run_micro_step(memory, state_, micro).value();
    record.after_hash = reference::hash_after(shape(), record.place, record.after);
    record.witness = reference::encode_witness(manifest_, trees_.take_record());
    if (micro < reference::micro_step_count(shape(), large_position)) state_ = decode_micro_state(record.after).value();
    return record;
  }

 private:
  using Kind = reference::TreeName::Kind;

  [[nodiscard]] const ModelShape& shape() const { return model_->header.manifest.shape; }
  [[nodiscard]] static bool writes(reference::MicroKind kind) {
    using reference::MicroKind;
    return kind == MicroKind::scale || kind == MicroKind::product || kind == MicroKind::attend ||
           kind == MicroKind::gate;
  }
  /// Gives a register its first numbers.
  void fill(Register r, std::int64_t count) {
    const std::vector<std::int32_t> numbers = random_row(random_, count);
    for (const std::int64_t number : numbers) state_.of(r).greatest = std::max(state_.of(r).greatest, std::abs(number));
    const auto length = static_cast<std::size_t>(chunk_numbers);
    std::size_t at = 0;
    for (; at + length <= numbers.size(); at += length)
      trees_.appended(name_of(r), bytes_of_numbers(std::span(numbers).subspan(at, length)));
    state_.buffer.insert(state_.buffer.end(), numbers.begin() + static_cast<std::ptrdiff_t>(at), numbers.end());
    state_.of(r).root = trees_.root(name_of(r));
  }
  void keep() {
    for (std::int64_t head = 0; head < shape().kv_heads && !is_kept_; ++head)
      trees_.appended({Kind::cache_head, head}, large_entry(random_));
    is_kept_ = true;
  }
  void sum_squares(Register r, std::int64_t count) {
    const Bytes bytes = trees_.numbers(r);
    for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k) {
      const std::size_t at = k * number_bytes;
      const std::int64_t number =
          bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | static_cast<std::int8_t>(bytes[at + 3]) * (1 << 24);
      state_.squares += reference::square(number, reference::norm_dropped(state_.of(r).greatest));
    }
  }
  [[nodiscard]] static reference::TreeName name_of(Register r) { return {Kind::numbers, static_cast<std::int64_t>(r)}; }

  const LargeModel* model_;
  Bytes manifest_;
  reference::ProverOpenings trees_;
  MicroState state_;
  bool is_kept_ = false;
  std::mt19937_64 random_{1};
};

/// Records of each phase of the step, at its beginning and at its end, with whole rows of tiles, and attention of a
/// head.
[[nodiscard]] inline std::vector<reference::MicroRecord> large_records(const LargeModel& model) {
  const ModelShape& shape = model.header.manifest.shape;
  LargeStep step(model);
  std::vector<reference::MicroRecord> records;
  const auto take = [&](std::int64_t from, std::int64_t count) {
    step.begin(from);
    for (; count > 0; --count) records.push_back(step.next());
  };
  std::int64_t done = 0;
  for (const reference::Phase& phase : reference::phases_of(shape, large_position)) {
    std::int64_t run = 1;  // micro-steps that hand on sums
    if (phase.kind == reference::MicroKind::product) run = reference::numbers_of(phase.from, shape) / tile_columns_max;
    if (phase.kind == reference::MicroKind::attend) run = phase.count / shape.kv_heads;
    const bool is_last_kept = phase.kind == reference::MicroKind::keep;
    if (!is_last_kept) take(done + 1, run);
    if (is_last_kept) take(done + 1, phase.count);
    else if (phase.count > run) take(done + phase.count - run + 1, run);
    done += phase.count;
  }
  return records;
}

}  // namespace p2pllm::testing
