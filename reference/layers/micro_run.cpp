#include "reference/layers/micro_run.hpp"

#include <algorithm>

#include "model/assert.hpp"
#include "reference/layers/micro_step.hpp"

namespace p2pllm::reference {

MicroRun::MicroRun(const ModelHeader& header, const TensorSource& tensors, const Computation& computation)
    : header_(&header),
      manifest_(encode_manifest(header.manifest)),
      computation_(computation),
      openings_(header, tensors, computation) {
  state_ = {.position = computation.first_position,
            .layer = computation.layers.first,
            .row = merkle_root({}),
            .cache = openings_.root({TreeName::Kind::cache, 0}),
            .outputs = merkle_root({})};
}

void MicroRun::remember(std::int64_t layer, std::int64_t kv_head, ByteView entry) {
  const std::int64_t head = (layer - computation_.layers.first) * header_->manifest.shape.kv_heads + kv_head;
  openings_.appended({TreeName::Kind::cache_head, head}, entry);
  state_.cache = openings_.root({TreeName::Kind::cache, 0});
}

void MicroRun::resume(std::int64_t position, std::int64_t layer, std::span<const Hash> outputs, const Hash& row) {
  state_.position = position;
  state_.layer = layer;
  state_.row = row;
  for (const Hash& output : outputs) openings_.appended({TreeName::Kind::outputs, 0}, output);
  state_.outputs = openings_.root({TreeName::Kind::outputs, 0});
}

void MicroRun::begin(std::span<const std::int32_t> row) {
  P2PLLM_ASSERT(!is_under_way());
  const bool enters = state_.layer == computation_.layers.first || openings_.numbers(Register::result).empty();
  const Bytes bytes = enters ? bytes_of_numbers(row) : openings_.numbers(Register::result);
  const std::size_t chunk_bytes = static_cast<std::size_t>(chunk_numbers) * number_bytes;
  openings_.clear_registers();
  for (std::size_t at = 0; at < bytes.size(); at += chunk_bytes)
    openings_.appended({TreeName::Kind::numbers, static_cast<std::int64_t>(Register::row)},
                       ByteView(bytes).subspan(at, std::min(chunk_bytes, bytes.size() - at)));
  micro_state_ = first_micro_state(state_, row_hash(bytes));
  micro_ = 1;
}

MicroRecord MicroRun::next() {
  P2PLLM_ASSERT(is_under_way());
  const ModelManifest& manifest = header_->manifest;
  MicroRecord record;
  record.place = {state_.position, state_.layer, micro_};
  record.before = encode_micro_state(micro_state_);
  StepMemory memory(manifest, computation_, state_.position, state_.layer, openings_);
  auto after = run_micro_step(memory, micro_state_, micro_);
  P2PLLM_ASSERT(after);
  record.after = *std::move(after);
  record.after_hash = hash_after(manifest.shape, record.place, record.after);
  record.witness = encode_witness(manifest_, openings_.take_record());
  if (micro_ == micro_step_count(manifest.shape, state_.position)) {
    state_ = decode_step_state(record.after).value();
    micro_ = 0;
  } else {
    micro_state_ = decode_micro_state(record.after).value();
    ++micro_;
  }
  return record;
}

std::vector<MicroRecord> MicroRun::run(std::span<const std::int32_t> row) {
  std::vector<MicroRecord> records;
  for (begin(row); is_under_way();) records.push_back(next());
  return records;
}

Bytes encode_witness(ByteView manifest, ByteView openings) {
  CborWriter writer;
  return writer.array(2).bytes(manifest).bytes(openings).take();
}

}  // namespace p2pllm::reference
