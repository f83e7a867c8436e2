#include "optimized/layers/step_commitment.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "model/assert.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::size_t hash_bytes = sizeof(Hash);
constexpr std::size_t chunk_size = static_cast<std::size_t>(chunk_numbers);
/// Steps whose hashes fill the lanes of a processor, and whose messages stay in its cache.
constexpr std::size_t steps_at_once = 128;

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

/// Writes numbers as two's complement, the lowest byte first.
template <typename Number>
void put_numbers(std::uint8_t* place, std::span<const Number> numbers) {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(place, numbers.data(), numbers.size_bytes());
  } else {
    for (const Number number : numbers)
      for (std::size_t byte = 0; byte < sizeof(Number); ++byte)
        *place++ = static_cast<std::uint8_t>(number >> 8 * byte & 0xff);
  }
}

/// Writes items of the canonical encoding (COMMIT-1) to a place that has room for them.
class ItemWriter {
 public:
  explicit ItemWriter(std::uint8_t* place) : at_(place) {}

  /// The bytes of the head of a number, an array or a byte string.
  [[nodiscard]] static std::size_t head_bytes(std::uint64_t argument) {
    return argument < 24                       ? 1
           : argument < 1U << 8                ? 2
           : argument < 1U << 16               ? 3
           : argument < std::uint64_t{1} << 32 ? 5
                                               : 9;
  }
  static constexpr std::size_t bytes_of_hash = 2 + hash_bytes;

  ItemWriter& number(std::uint64_t value) { return head(0x00, value); }
  ItemWriter& array(std::uint64_t count) { return head(0x80, count); }
  ItemWriter& hash(const Hash& hash) {
    head(0x40, hash_bytes);
    std::memcpy(at_, hash.data(), hash_bytes);
    at_ += hash_bytes;
    return *this;
  }

 private:
  ItemWriter& head(unsigned type, std::uint64_t argument) {
    const std::size_t bytes = head_bytes(argument);
    const std::uint64_t lower = bytes == 1 ? argument : bytes == 2 ? 24 : bytes == 3 ? 25 : bytes == 5 ? 26 : 27;
    *at_++ = static_cast<std::uint8_t>(type | lower);
    for (std::size_t left = bytes - 1; left-- > 0;) *at_++ = static_cast<std::uint8_t>(argument >> 8 * left & 0xff);
    return *this;
  }

  std::uint8_t* at_;
};

void add_row_leaf(HashBatch& batch, std::uint64_t unit, const Hash& row) {
  const std::size_t bytes = 1 + ItemWriter::head_bytes(unit) + ItemWriter::bytes_of_hash;
  ItemWriter(batch.add("p2pllm/1/leaf/row", bytes).data()).array(2).number(unit).hash(row);
}

void add_state(HashBatch& batch, const StepState& state) {
  const auto position = static_cast<std::uint64_t>(state.position), layer = static_cast<std::uint64_t>(state.layer);
  const std::size_t bytes =
      1 + ItemWriter::head_bytes(position) + ItemWriter::head_bytes(layer) + 3 * ItemWriter::bytes_of_hash;
  ItemWriter writer(batch.add("p2pllm/1/computation-state", bytes).data());
  writer.array(5).number(position).number(layer).hash(state.row).hash(state.cache).hash(state.outputs);
}

/// The leaf of a step, which counts from 1 (COMMIT-4).
void add_step_leaf(HashBatch& batch, const CommitmentRecord& record, std::uint64_t step, const Hash& before,
                   const Hash& after) {
  const auto first = static_cast<std::uint64_t>(record.computation.layers.first);
  const auto last = static_cast<std::uint64_t>(record.computation.layers.last);
  const std::size_t bytes = 2 + ItemWriter::head_bytes(step) + ItemWriter::head_bytes(first) +
                            ItemWriter::head_bytes(last) + 3 * ItemWriter::bytes_of_hash;
  ItemWriter writer(batch.add("p2pllm/1/leaf/step", bytes).data());
  writer.array(5).hash(record.model).number(step).array(2).number(first).number(last).hash(before).hash(after);
}

/// The leaves of heads without positions (STEP-3).
std::vector<Hash> empty_heads(std::size_t heads) {
  return std::vector<Hash>(heads, cache_head_leaf(merkle_root({})).hash);
}

/// The root of a list that may be long: of a level, few nodes are hashed at once.
Hash root_of(std::vector<Hash> nodes, NodeForm& form) {
  if (nodes.empty()) return merkle_root({});
  while (nodes.size() > 1) {
    std::size_t above = 0;
    for (std::size_t k = 0; k + 1 < nodes.size();) {
      for (const std::size_t end = k + 2 * steps_at_once; k + 1 < nodes.size() && k < end; k += 2)
        form.add(nodes[k], nodes[k + 1]);
      for (const Hash& hash : form.hash()) nodes[above++] = hash;
    }
    if (nodes.size() % 2 != 0) nodes[above++] = nodes.back();
    nodes.resize(above);
  }
  return nodes.front();
}

}  // namespace

StepCommitment::StepCommitment(const Hash& model, const ModelShape& shape, const Computation& computation)
    : layers_(index(computation.layers.last - computation.layers.first)),
      heads_(index(shape.kv_heads)),
      whole_chunks_(index(shape.width) / chunk_size),
      rest_(index(shape.width) % chunk_size),
      whole_chunk_("p2pllm/1/leaf/chunk", chunk_size * number_bytes),
      last_chunk_("p2pllm/1/leaf/chunk", rest_ * number_bytes),
      entry_("p2pllm/1/leaf/cache-entry", cache_entry_bytes(shape.head_width)),
      head_("p2pllm/1/leaf/cache-head", hash_bytes),
      outputs_(1, merkle_root({})),
      head_trees_(layers_ * heads_),
      cache_tree_(empty_heads(layers_ * heads_), node_) {
  record_.computation = computation;
  record_.model = model;
  set_input();
}

void StepCommitment::open(std::size_t count) {
  opened_ = count;
  const std::size_t positions = steps_at_once / layers_ + count;  // at most these, so that places are made once
  if (has_begun()) {
    whole_chunk_.reserve(positions * (layers_ + 1) * whole_chunks_);
    if (rest_ > 0) last_chunk_.reserve(positions * (layers_ + 1));
  }
  entry_.reserve(positions * layers_ * heads_);
}

void StepCommitment::put_row(std::size_t k, std::size_t layer, std::span<const std::int32_t> row) {
  const std::size_t place = row_place(pending_ + k, layer);
  for (std::size_t chunk = 0; chunk < whole_chunks_; ++chunk)
    put_numbers(whole_chunk_.place(place * whole_chunks_ + chunk), row.subspan(chunk * chunk_size, chunk_size));
  if (rest_ > 0) put_numbers(last_chunk_.place(place), row.last(rest_));
}

void StepCommitment::put_key(std::size_t k, std::size_t layer, std::size_t head, std::span<const std::int16_t> numbers,
                             std::int64_t exponent) {
  std::uint8_t* const place = entry_.place(entry_place(pending_ + k, layer, head));
  put_numbers(place, numbers);
  place[2 * numbers.size_bytes()] = static_cast<std::uint8_t>(exponent);
}

void StepCommitment::put_value(std::size_t k, std::size_t layer, std::size_t head,
                               std::span<const std::int16_t> numbers, std::int64_t exponent) {
  std::uint8_t* const place = entry_.place(entry_place(pending_ + k, layer, head));
  put_numbers(place + numbers.size_bytes(), numbers);
  place[2 * numbers.size_bytes() + 1] = static_cast<std::uint8_t>(exponent);
}

void StepCommitment::close() {
  pending_ += std::exchange(opened_, 0);
  if (!has_begun() || pending_ * layers_ >= steps_at_once) hash_pending();
}

const CommitmentRecord& StepCommitment::record() {
  P2PLLM_ASSERT(opened_ == 0);
  hash_pending();
  std::vector<Hash> leaves;
  for (const MerkleLeaf& leaf : record_.leaves) leaves.push_back(leaf.hash);
  record_.root = root_of(std::move(leaves), node_);
  record_.inputs = root_of(input_leaves_, node_);
  record_.outputs = outputs_.back();
  return record_;
}

void StepCommitment::hash_pending() {
  if (pending_ == 0) return;
  hash_caches();
  if (has_begun()) {
    hash_rows();
    hash_outputs();
    hash_states();
  }
  position_ += std::exchange(pending_, 0);
  if (record_.states.empty()) set_input();
}

/// The state before the first step. The rows before it are none.
void StepCommitment::set_input() {
  batch_.clear();
  add_state(batch_, {.position = record_.computation.first_position,
                     .layer = record_.computation.layers.first,
                     .row = merkle_root({}),
                     .cache = cache_tree_.root(),
                     .outputs = merkle_root({})});
  record_.input = batch_.hash().front();
}

/// After each step the heads of its layer have one more position (STEP-3).
void StepCommitment::hash_caches() {
  const std::size_t steps = pending_ * layers_;
  roots_.resize(steps * heads_);
  entry_.hash(roots_);
  entries_.resize(steps * heads_);
  const auto of_tree = [&](std::size_t k, std::size_t layer, std::size_t head) -> Hash& {
    return entries_[(layer * heads_ + head) * pending_ + k];
  };
  const auto for_entries = [&](const auto& run) {
    for (std::size_t k = 0; k < pending_; ++k)
      for (std::size_t layer = 0; layer < layers_; ++layer)
        for (std::size_t head = 0; head < heads_; ++head) run(of_tree(k, layer, head), entry_place(k, layer, head));
  };
  for_entries([&](Hash& leaf, std::size_t place) { leaf = roots_[place]; });
  head_trees_.append(entries_, pending_, node_);
  head_.reserve(steps * heads_);
  for_entries([&](const Hash& root, std::size_t place) { head_.put(place, 0, root); });
  head_.hash(roots_);
  firsts_.clear();
  for (std::size_t step = 0; step < steps; ++step) firsts_.push_back(step % layers_ * heads_);
  const std::span<const Hash> caches = cache_tree_.replace(firsts_, heads_, roots_, node_);
  caches_.assign(caches.begin(), caches.end());
}

/// The roots over chunks (STEP-2).
void StepCommitment::hash_rows() {
  const std::size_t rows = pending_ * (layers_ + 1), of_row = whole_chunks_ + (rest_ > 0 ? 1 : 0);
  rows_.resize(rows * of_row);
  chunks_.resize(rows * whole_chunks_);
  whole_chunk_.hash(chunks_);
  for (std::size_t row = 0; row < rows; ++row)
    std::copy_n(chunks_.begin() + static_cast<std::ptrdiff_t>(row * whole_chunks_), whole_chunks_,
                rows_.begin() + static_cast<std::ptrdiff_t>(row * of_row));
  if (rest_ > 0) {
    chunks_.resize(rows);
    last_chunk_.hash(chunks_);
    for (std::size_t row = 0; row < rows; ++row) rows_[row * of_row + whole_chunks_] = chunks_[row];
  }
  fold_lists(rows_, of_row, node_);
}

/// The list of rows that left the range, and that of rows that entered (STEP-1).
void StepCommitment::hash_outputs() {
  batch_.clear();
  for (std::size_t k = 0; k < pending_; ++k) {
    const std::uint64_t unit = record_.rows.size() + 1;
    record_.rows.push_back(rows_[row_place(k, 0)]);
    add_row_leaf(batch_, unit, rows_[row_place(k, 0)]);
    add_row_leaf(batch_, unit, rows_[row_place(k, layers_)]);
  }
  const std::span<const Hash> leaves = batch_.hash();
  outputs_ = {outputs_.back()};
  for (std::size_t k = 0; k < pending_; ++k) {
    input_leaves_.push_back(leaves[2 * k]);
    outputs_.push_back(leaves[2 * k + 1]);
  }
  output_tree_.append(std::span(outputs_).subspan(1), pending_, node_);
}

void StepCommitment::hash_states() {
  const LayerRange& range = record_.computation.layers;
  batch_.clear();
  for (std::size_t k = 0; k < pending_; ++k)
    for (std::size_t layer = 1; layer <= layers_; ++layer) {
      const bool leaves = layer == layers_;
      add_state(batch_, {.position = static_cast<std::int64_t>(position_ + k + (leaves ? 1 : 0)),
                         .layer = range.first + (leaves ? 0 : static_cast<std::int64_t>(layer)),
                         .row = rows_[row_place(k, layer)],
                         .cache = caches_[k * layers_ + layer - 1],
                         .outputs = outputs_[leaves ? k + 1 : k]});
    }
  const std::span<const Hash> states = batch_.hash();
  const std::size_t done = record_.states.size();
  record_.states.insert(record_.states.end(), states.begin(), states.end());
  batch_.clear();
  for (std::size_t step = done; step < record_.states.size(); ++step)
    add_step_leaf(batch_, record_, step + 1, step == 0 ? record_.input : record_.states[step - 1],
                  record_.states[step]);
  for (const Hash& leaf : batch_.hash()) record_.leaves.push_back({leaf});
}

}  // namespace p2pllm::optimized
