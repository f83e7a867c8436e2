#include "reference/layers/prover_openings.hpp"

#include <algorithm>

#include "model/assert.hpp"
#include "model/layers/tiles.hpp"

namespace p2pllm::reference {
namespace {

using Kind = TreeName::Kind;

constexpr std::size_t record_bytes_max = 1 << 17;

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

Bytes joined(const std::vector<Hash>& hashes) {
  Bytes bytes;
  for (const Hash& hash : hashes) append(bytes, hash);
  return bytes;
}

}  // namespace

Bytes ExactTensors::tile(std::int64_t tensor, std::int64_t which) const {
  const auto of_matrix = [&](const ExactMatrix& m) { return tile_bytes(m, tile_at(m.rows, m.columns, which)); };
  const auto of_gain = [&](const ExactGain& gain) {
    const Bytes bytes = bytes_of_gain(gain);
    const std::size_t most = index(gain_bytes(gain_tile_values));
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(most * index(which));
    return Bytes(begin, begin + std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(most), bytes.end() - begin));
  };
  const ExactLayer& layer = model_->layers[index((tensor - 1) / layer_tensor_count)];
  switch (static_cast<LayerTensor>((tensor - 1) % layer_tensor_count)) {
    case LayerTensor::attention_norm: return of_gain(layer.attention_norm);
    case LayerTensor::query: return of_matrix(layer.query);
    case LayerTensor::key: return of_matrix(layer.key);
    case LayerTensor::value: return of_matrix(layer.value);
    case LayerTensor::output: return of_matrix(layer.output);
    case LayerTensor::feed_norm: return of_gain(layer.feed_norm);
    case LayerTensor::gate: return of_matrix(layer.gate);
    case LayerTensor::up: return of_matrix(layer.up);
    case LayerTensor::down: break;
  }
  return of_matrix(layer.down);
}

ProverOpenings::ProverOpenings(const ModelHeader& header, const TensorSource& tensors, const Computation& computation)
    : header_(&header), tensors_(&tensors) {
  for (const TensorEntry& tensor : header.tensors) list_.append(tensor_leaf(tensor));
  const LayerRange& layers = computation.layers;
  heads_.resize(index((layers.last - layers.first) * header.manifest.shape.kv_heads));
  for (const Grown& head : heads_) cache_.tree.append(cache_head_leaf(head.tree.root()));
  record_.reserve(record_bytes_max);
}

ProverOpenings::Grown& ProverOpenings::grown(const TreeName& tree) {
  switch (tree.kind) {
    case Kind::numbers: return registers_[index(tree.index)];
    case Kind::cache_head: return heads_[index(tree.index)];
    case Kind::outputs: return outputs_;
    case Kind::cache:
    case Kind::tensors:
    case Kind::tensor: break;
  }
  return cache_;
}

const MerkleTree& ProverOpenings::tensor_tree(std::int64_t tensor) {
  MerkleTree& tree = tensor_trees_[tensor];
  if (tree.size() == 0) {
    const TensorEntry& entry = header_->tensors[index(tensor)];
    const std::int64_t tiles = entry.is_gain ? (entry.columns + gain_tile_values - 1) / gain_tile_values
                                             : tile_count(entry.rows, entry.columns);
    for (std::int64_t k = 0; k < tiles; ++k) tree.append(tensors_->leaf(tensor, k));
  }
  return tree;
}

const MerkleTree& ProverOpenings::tree_of(const TreeName& tree) {
  if (tree.kind == Kind::tensors) return list_;
  if (tree.kind == Kind::tensor) return tensor_tree(tree.index);
  return grown(tree).tree;
}

Bytes ProverOpenings::content_of(const Ask& ask) {
  if (ask.tree.kind == Kind::tensor) return tensors_->tile(ask.tree.index, static_cast<std::int64_t>(ask.range.first));
  Bytes bytes;
  if (ask.tree.kind == Kind::tensors) {
    const TensorEntry& entry = header_->tensors[ask.range.first];
    bytes.push_back(static_cast<std::uint8_t>(entry.gain_exponent));
    append(bytes, entry.root);
  } else if (ask.tree.kind == Kind::cache) {
    append(bytes, heads_[ask.range.first].tree.root());
  } else {
    const Grown& tree = grown(ask.tree);
    for (std::uint64_t k = ask.range.first; k < ask.range.last; ++k) append(bytes, tree.contents[k]);
  }
  return bytes;
}

ByteView ProverOpenings::take(const Ask& ask) {
  const Bytes bytes = ask.part == Part::content    ? content_of(ask)
                      : ask.part == Part::siblings ? joined(tree_of(ask.tree).siblings(ask.range))
                                                   : joined(tree_of(ask.tree).peaks());
  P2PLLM_ASSERT(record_.size() + bytes.size() <= record_bytes_max);  // what was handed out stays where it is
  const std::size_t at = record_.size();
  append(record_, bytes);
  return ByteView(record_).subspan(at);
}

void ProverOpenings::appended(const TreeName& name, ByteView content) {
  Grown& tree = grown(name);
  if (name.kind == Kind::numbers) tree.tree.append(chunk_leaf(content));
  if (name.kind == Kind::outputs) {
    Hash row;
    std::copy(content.begin(), content.end(), row.begin());
    tree.tree.append(row_leaf(static_cast<std::int64_t>(tree.tree.size()) + 1, row));
  }
  if (name.kind == Kind::cache_head) {
    tree.tree.append(cache_entry_leaf(content));
    cache_.tree.replace(static_cast<std::uint64_t>(name.index), cache_head_leaf(tree.tree.root()));
  }
  tree.contents.emplace_back(content.begin(), content.end());
}

void ProverOpenings::clear_registers() { registers_ = {}; }

Bytes ProverOpenings::take_record() {
  Bytes taken = record_;
  record_.clear();
  return taken;
}

Bytes ProverOpenings::numbers(Register r) const {
  Bytes bytes;
  for (const Bytes& chunk : registers_[static_cast<std::size_t>(r)].contents) append(bytes, chunk);
  return bytes;
}

}  // namespace p2pllm::reference
