#include "reference/layers/step_states.hpp"

#include "model/contracts/commitment.hpp"

namespace p2pllm::reference {

StepStates::StepStates(const Hash& model, const ModelShape& shape, const Computation& computation)
    : kv_heads_(shape.kv_heads) {
  record_.computation = computation;
  record_.model = model;
  heads_.resize(static_cast<std::size_t>((computation.layers.last - computation.layers.first) * kv_heads_));
  for (const MerkleTree& head : heads_) cache_.append(cache_head_leaf(head.root()));
}

void StepStates::keep(std::int64_t layer, std::int64_t kv_head, ByteView entry) {
  const auto head = static_cast<std::size_t>((layer - record_.computation.layers.first) * kv_heads_ + kv_head);
  heads_[head].append(cache_entry_leaf(entry));
  cache_.replace(head, cache_head_leaf(heads_[head].root()));
}

void StepStates::begin() {
  state_ = {.position = record_.computation.first_position,
            .layer = record_.computation.layers.first,
            .row = merkle_root({}),
            .cache = cache_.root(),
            .outputs = merkle_root({})};
  record_.input = contracts::state_hash(encode_step_state(state_));
}

void StepStates::enter(std::span<const std::int32_t> row) { record_.rows.push_back(row_hash(bytes_of_numbers(row))); }

void StepStates::leave(std::span<const std::int32_t> row) {
  const LayerRange& layers = record_.computation.layers;
  const std::int64_t step = step_number(record_.computation, state_.position, state_.layer);
  const Hash before = record_.states.empty() ? record_.input : record_.states.back();
  state_.row = row_hash(bytes_of_numbers(row));
  state_.cache = cache_.root();
  if (++state_.layer == layers.last) {
    outputs_.append(row_leaf(state_.position - record_.computation.first_position + 1, state_.row));
    state_.outputs = outputs_.root();
    ++state_.position;
    state_.layer = layers.first;
  }
  record_.states.push_back(contracts::state_hash(encode_step_state(state_)));
  record_.leaves.push_back(contracts::commitment_leaf({.model = record_.model,
                                                       .step = static_cast<std::uint64_t>(step),
                                                       .first_layer = static_cast<std::uint64_t>(layers.first),
                                                       .last_layer = static_cast<std::uint64_t>(layers.last),
                                                       .before = before,
                                                       .after = record_.states.back()}));
}

const CommitmentRecord& StepStates::record() {
  record_.root = merkle_root(record_.leaves);
  record_.inputs = inputs_root(record_.rows);
  record_.outputs = outputs_.root();
  return record_;
}

}  // namespace p2pllm::reference
