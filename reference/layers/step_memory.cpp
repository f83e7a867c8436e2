#include "reference/layers/step_memory.hpp"

#include <algorithm>

#include "model/assert.hpp"
#include "model/layers/tiles.hpp"

namespace p2pllm::reference {
namespace {

using Kind = TreeName::Kind;

constexpr std::size_t chunk_bytes = static_cast<std::size_t>(chunk_numbers) * number_bytes;
constexpr std::array<std::uint8_t, 1 << 16> zeros{};

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }
MerkleRange range_of(std::int64_t first, std::int64_t last, std::int64_t count) {
  return {static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(last), static_cast<std::uint64_t>(count)};
}

MerkleLeaf leaf_of(const TreeName& tree, ByteView content) {
  switch (tree.kind) {
    case Kind::tensors: return merkle_leaf("tensor", content);
    case Kind::tensor: return merkle_leaf("weight", content);
    case Kind::numbers: return chunk_leaf(content);
    case Kind::cache: return merkle_leaf("cache-head", content);
    case Kind::cache_head: return cache_entry_leaf(content);
    case Kind::outputs: break;
  }
  return merkle_leaf("row", content);
}

std::int64_t number_at(ByteView bytes, std::size_t at) {
  return static_cast<std::int32_t>(std::uint32_t{bytes[at]} | std::uint32_t{bytes[at + 1]} << 8 |
                                   std::uint32_t{bytes[at + 2]} << 16 | std::uint32_t{bytes[at + 3]} << 24);
}
std::int64_t half_at(ByteView bytes, std::size_t at) {
  return static_cast<std::int16_t>(bytes[at] | bytes[at + 1] << 8);
}

}  // namespace

ByteView StepMemory::take(const Ask& ask) {
  P2PLLM_ASSERT(ask.bytes <= zeros.size());
  if (!failed_) {
    const ByteView part = openings_->take(ask);
    if (part.size() == ask.bytes) return part;
    refuse();
  }
  return ByteView(zeros).first(ask.bytes);
}

std::vector<Hash> StepMemory::take_hashes(const TreeName& tree, Part part, const MerkleRange& range,
                                          std::size_t count) {
  const ByteView bytes = take({.tree = tree, .part = part, .range = range, .bytes = count * sizeof(Hash)});
  std::vector<Hash> hashes(count);
  for (std::size_t k = 0; k < count; ++k)
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(k * sizeof(Hash)), sizeof(Hash), hashes[k].begin());
  return hashes;
}

ByteView StepMemory::open(const TreeName& tree, const MerkleRange& range, const Hash& root, std::size_t leaf_bytes,
                          std::size_t bytes) {
  const ByteView content = take({.tree = tree, .part = Part::content, .range = range, .bytes = bytes});
  const std::vector<Hash> siblings = take_hashes(tree, Part::siblings, range, merkle_siblings(range));
  if (failed_) return ByteView(zeros).first(bytes);
  std::vector<MerkleLeaf> leaves;
  for (std::size_t at = 0; at < bytes; at += leaf_bytes)
    leaves.push_back(leaf_of(tree, content.subspan(at, std::min(leaf_bytes, bytes - at))));
  if (merkle_range_root(leaves, range, siblings) == root) return content;
  refuse();
  return ByteView(zeros).first(bytes);
}

MerklePeaks StepMemory::open_peaks(const TreeName& tree, std::int64_t count, const Hash& root) {
  const auto leaves = static_cast<std::uint64_t>(count);
  MerklePeaks peaks(leaves, take_hashes(tree, Part::peaks, {0, 0, leaves}, merkle_peak_count(leaves)));
  if (peaks.root() != root) refuse();
  return peaks;
}

std::vector<std::int64_t> StepMemory::numbers(const MicroState& state, Register r, std::int64_t first,
                                              std::int64_t count) {
  const std::int64_t length = numbers_of(r, shape());
  const std::int64_t chunk = first / chunk_numbers;
  const std::int64_t last = chunks_of(first + count);
  const std::int64_t shown = std::min(length, last * chunk_numbers) - chunk * chunk_numbers;
  const ByteView bytes = open({Kind::numbers, static_cast<std::int64_t>(r)}, range_of(chunk, last, chunks_of(length)),
                              state.of(r).root, chunk_bytes, index(shown) * number_bytes);
  std::vector<std::int64_t> result;
  result.reserve(index(count));
  for (std::int64_t k = first - chunk * chunk_numbers; std::ssize(result) < count; ++k)
    result.push_back(number_at(bytes, index(k) * number_bytes));
  if (std::ranges::any_of(result, [](std::int64_t number) { return number < -row_most; })) refuse();
  return result;
}

void StepMemory::append(MicroState& state, Register r, std::int64_t before, std::span<const std::int64_t> numbers) {
  const std::int64_t length = numbers_of(r, shape());
  const std::int64_t after = before + std::ssize(numbers);
  RegisterState& written = state.of(r);
  for (const std::int64_t number : numbers) {
    written.greatest = std::max(written.greatest, magnitude(number));
    state.buffer.push_back(static_cast<std::int32_t>(number));
  }
  const std::int64_t whole = after == length ? chunks_of(length) : after / chunk_numbers;
  if (whole == before / chunk_numbers) return;
  const TreeName tree{Kind::numbers, static_cast<std::int64_t>(r)};
  MerklePeaks peaks = open_peaks(tree, before / chunk_numbers, written.root);
  const Bytes bytes = bytes_of_numbers(state.buffer);
  std::size_t done = 0;
  for (std::int64_t chunk = before / chunk_numbers; chunk < whole; ++chunk) {
    const std::size_t numbers_in = std::min(index(chunk_numbers), state.buffer.size() - done);
    const ByteView content = ByteView(bytes).subspan(done * number_bytes, numbers_in * number_bytes);
    peaks.append(chunk_leaf(content));
    if (!failed_) openings_->appended(tree, content);
    done += numbers_in;
  }
  state.buffer.erase(state.buffer.begin(), state.buffer.begin() + static_cast<std::ptrdiff_t>(done));
  written.root = peaks.root();
}

ByteView StepMemory::open_tensor(LayerTensor tensor, std::int64_t tile, std::int64_t tiles, std::size_t bytes,
                                 std::int64_t& exponent) {
  const std::int64_t which = tensor_index(layer_, tensor);
  const std::int64_t all = tensor_count(shape(), manifest_->has_head);
  const TreeName list{Kind::tensors, which};
  // The leaf is of encode [exponent, root] (MODEL-2); the witness has the exponent in one byte, and the root.
  const MerkleRange place = range_of(which, which + 1, all);
  const ByteView entry = take({.tree = list, .part = Part::content, .range = place, .bytes = 1 + sizeof(Hash)});
  const std::vector<Hash> siblings = take_hashes(list, Part::siblings, place, merkle_siblings(place));
  exponent = entry[0];
  TensorEntry named;
  named.gain_exponent = exponent;
  std::copy(entry.begin() + 1, entry.end(), named.root.begin());
  const MerkleLeaf leaf = tensor_leaf(named);
  if (merkle_range_root({&leaf, 1}, place, siblings) != manifest_->tensors) refuse();
  return open({Kind::tensor, which}, range_of(tile, tile + 1, tiles), named.root, bytes, bytes);
}

std::optional<ExactMatrix> StepMemory::tile(LayerTensor tensor, std::int64_t which) {
  const MatrixSize size = size_of(tensor, shape());
  Tile tile = tile_at(size.rows, size.columns, which);
  std::int64_t exponent = 0;
  const ByteView bytes = open_tensor(tensor, which, tile_count(size.rows, size.columns), index(tile.bytes()), exponent);
  if (failed_) return std::nullopt;
  ExactMatrix matrix;
  matrix.rows = tile.rows;
  matrix.columns = std::min(tile.columns, size.columns - tile.first_column);
  matrix.weights.resize(index(matrix.rows * matrix.stride()));
  matrix.multipliers.resize(index(matrix.rows * matrix.blocks()));
  matrix.exponents.resize(index(matrix.rows));
  tile.first_row = 0;
  tile.first_column = 0;
  if (exponent != 0 || read_tile(bytes, tile, matrix)) {
    refuse();
    return std::nullopt;
  }
  return matrix;
}

std::optional<ExactGain> StepMemory::factors(LayerTensor tensor, std::int64_t first) {
  const std::int64_t which = first / gain_tile_values;
  const std::int64_t count = std::min(gain_tile_values, shape().width - which * gain_tile_values);
  const std::int64_t tiles = (shape().width + gain_tile_values - 1) / gain_tile_values;
  ExactGain gain;
  const ByteView bytes = open_tensor(tensor, which, tiles, index(gain_bytes(count)), gain.exponent);
  for (std::int64_t k = first - which * gain_tile_values; k < count; ++k) {
    gain.values.push_back(static_cast<std::int16_t>(half_at(bytes, index(2 * k))));
    if (gain.values.back() < -gain_max) refuse();
  }
  if (gain.exponent > gain_exponent_max) refuse();
  if (failed_) return std::nullopt;
  return gain;
}

MerkleRange StepMemory::head_place(std::int64_t kv_head) const {
  const std::int64_t heads = shape().kv_heads;
  const std::int64_t place = (layer_ - computation_.layers.first) * heads + kv_head;
  return range_of(place, place + 1, (computation_.layers.last - computation_.layers.first) * heads);
}

std::vector<StepMemory::KeptPosition> StepMemory::kept(const MicroState& state, std::int64_t kv_head,
                                                       std::int64_t first, std::int64_t count) {
  const MerkleRange place = head_place(kv_head);
  const TreeName head{Kind::cache_head, static_cast<std::int64_t>(place.first)};
  Hash root;
  const ByteView content = open({Kind::cache, 0}, place, state.cache, sizeof(Hash), sizeof(Hash));
  std::copy(content.begin(), content.end(), root.begin());
  const std::size_t width = index(shape().head_width);
  const std::size_t bytes = cache_entry_bytes(shape().head_width);
  const ByteView all = open(head, range_of(first, first + count, position_ + 1), root, bytes, bytes * index(count));
  std::vector<KeptPosition> result(index(count));
  for (std::size_t j = 0; j < result.size(); ++j) {
    const ByteView entry = all.subspan(j * bytes, bytes);
    result[j].key.exponent = entry[4 * width];
    result[j].value.exponent = entry[4 * width + 1];
    result[j].key.values.reserve(width);
    result[j].value.values.reserve(width);
    for (std::size_t d = 0; d < 2 * width; ++d) {
      const std::int64_t number = half_at(entry, 2 * d);
      (d < width ? result[j].key : result[j].value).values.push_back(number);
      if (number < -block_most) refuse();
    }
    if (std::max(result[j].key.exponent, result[j].value.exponent) > 16) refuse();
  }
  return result;
}

void StepMemory::keep(MicroState& state, std::int64_t kv_head, const KeptPosition& entry) {
  const MerkleRange place = head_place(kv_head);
  const TreeName head{Kind::cache_head, static_cast<std::int64_t>(place.first)};
  // The head's root before is shown by its peaks, and takes the place of the opened leaf.
  MerklePeaks peaks(static_cast<std::uint64_t>(position_),
                    take_hashes(head, Part::peaks, {0, 0, static_cast<std::uint64_t>(position_)},
                                merkle_peak_count(static_cast<std::uint64_t>(position_))));
  const std::vector<Hash> siblings = take_hashes({Kind::cache, 0}, Part::siblings, place, merkle_siblings(place));
  const MerkleLeaf before = cache_head_leaf(peaks.root());
  if (merkle_range_root({&before, 1}, place, siblings) != state.cache) refuse();
  const auto halves = [](const BlockVector<std::int64_t>& vector) {
    return std::vector<std::int16_t>(vector.values.begin(), vector.values.end());
  };
  const Bytes content =
      encode_cache_entry(halves(entry.key), entry.key.exponent, halves(entry.value), entry.value.exponent);
  peaks.append(cache_entry_leaf(content));
  if (failed_) return;
  openings_->appended(head, content);
  const MerkleLeaf after = cache_head_leaf(peaks.root());
  state.cache = *merkle_range_root({&after, 1}, place, siblings);
}

void StepMemory::leave(MicroState& state) {
  const TreeName tree{Kind::outputs, 0};
  const std::int64_t unit = position_ - computation_.first_position + 1;
  MerklePeaks peaks = open_peaks(tree, unit - 1, state.outputs);
  peaks.append(row_leaf(unit, state.of(Register::result).root));
  if (failed_) return;
  openings_->appended(tree, state.of(Register::result).root);
  state.outputs = peaks.root();
}

}  // namespace p2pllm::reference
