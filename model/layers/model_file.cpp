#include "model/layers/model_file.hpp"

#include <algorithm>

#include "model/encoding/cbor.hpp"
#include "model/layers/tables.hpp"
#include "model/layers/tiles.hpp"

namespace p2pllm {
namespace {

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

/// Calls visit(name, part, matrix or gain) for each tensor of a model, in the order of the file.
template <typename Model, typename Visit>
void visit_tensors(Model& model, const Visit& visit) {
  visit("embedding", 0, model.embedding);
  std::int64_t part = 1;
  for (auto& layer : model.layers) {
    const std::string prefix = "layer " + std::to_string(part - 1) + " ";
    visit(prefix + "attention_norm", part, layer.attention_norm);
    visit(prefix + "query", part, layer.query);
    visit(prefix + "key", part, layer.key);
    visit(prefix + "value", part, layer.value);
    visit(prefix + "output", part, layer.output);
    visit(prefix + "feed_norm", part, layer.feed_norm);
    visit(prefix + "gate", part, layer.gate);
    visit(prefix + "up", part, layer.up);
    visit(prefix + "down", part, layer.down);
    ++part;
  }
  visit("norm", part, model.norm);
  if (model.head) visit("head", part, *model.head);
}

/// Gives each tensor its sizes.
void size_tensors(ExactModel& model) {
  const ModelShape& s = model.shape;
  const auto size = [](ExactMatrix& matrix, std::int64_t rows, std::int64_t columns) {
    matrix.rows = rows;
    matrix.columns = columns;
  };
  size(model.embedding, s.vocabulary, s.width);
  model.layers.resize(index(s.layers));
  for (ExactLayer& layer : model.layers) {
    size(layer.query, s.query_width(), s.width);
    size(layer.key, s.kv_width(), s.width);
    size(layer.value, s.kv_width(), s.width);
    size(layer.output, s.width, s.query_width());
    size(layer.gate, s.hidden, s.width);
    size(layer.up, s.hidden, s.width);
    size(layer.down, s.width, s.hidden);
  }
  if (model.head) size(*model.head, s.vocabulary, s.width);
}

Bytes bytes_of_tensor(const ExactMatrix& matrix) {
  Bytes bytes;
  for (const Tile& tile : tiles_of(matrix.rows, matrix.columns)) {
    const Bytes part = tile_bytes(matrix, tile);
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  return bytes;
}
Bytes bytes_of_tensor(const ExactGain& gain) { return bytes_of_gain(gain); }

void describe(const ExactMatrix& matrix, TensorEntry& entry) {
  entry.rows = matrix.rows;
  entry.columns = matrix.columns;
}
void describe(const ExactGain& gain, TensorEntry& entry) {
  entry.columns = static_cast<std::int64_t>(gain.values.size());
  entry.gain_exponent = gain.exponent;
  entry.is_gain = true;
}

Hash root_of(const TensorEntry& entry, ByteView bytes) {
  return merkle_root(entry.is_gain ? gain_leaves(bytes) : matrix_leaves(entry.rows, entry.columns, bytes));
}

Hash root_of(const std::vector<TensorEntry>& tensors) {
  std::vector<MerkleLeaf> leaves(tensors.size());
  std::transform(tensors.begin(), tensors.end(), leaves.begin(), tensor_leaf);
  return merkle_root(leaves);
}

Fault at_offset(const Fault& fault, const std::string& source, const std::string& place) {
  Fault result = fault;
  result.place = source + ": " + place;
  return result;
}

/// Reads the bytes of a tensor into its place.
class TensorReader {
 public:
  TensorReader(const TensorEntry& entry, ByteView bytes, std::string source, std::uint64_t offset)
      : entry_(&entry), bytes_(bytes), source_(std::move(source)), offset_(offset) {}

  [[nodiscard]] std::optional<Fault> read(ExactMatrix& matrix) const {
    matrix.weights.assign(index(matrix.rows * matrix.stride()), 0);
    matrix.multipliers.assign(index(matrix.rows * matrix.blocks()), 0);
    matrix.exponents.assign(index(matrix.rows), 0);
    std::size_t at = 0;
    for (const Tile& tile : tiles_of(matrix.rows, matrix.columns)) {
      const ByteView part = bytes_.subspan(at, index(tile.bytes()));
      if (const auto fault = read_tile(part, tile, matrix)) {
        const std::uint64_t within = std::stoull(fault->place.substr(fault->place.find(' ')));
        return at_offset(*fault, source_, place(at + within));
      }
      at += part.size();
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Fault> read(ExactGain& gain) const {
    gain.exponent = entry_->gain_exponent;
    gain.values.clear();
    for (std::size_t at = 0; at < bytes_.size(); at += 2) {
      const auto value = static_cast<std::int16_t>(bytes_[at] | bytes_[at + 1] << 8);
      if (value < -gain_max)
        return bad_input(source_ + ": " + place(at), std::to_string(value),
                         "a factor of a norm must be in -32767 .. 32767 (MODEL-3)")
            .value();
      gain.values.push_back(value);
    }
    return std::nullopt;
  }
  [[nodiscard]] std::string place(std::uint64_t within) const {
    return "byte " + std::to_string(offset_ + within) + ", " + entry_->name;
  }

 private:
  const TensorEntry* entry_;
  ByteView bytes_;
  std::string source_;
  std::uint64_t offset_;
};

}  // namespace

std::int64_t TensorEntry::bytes() const { return is_gain ? gain_bytes(columns) : tensor_bytes(rows, columns); }

Hash ModelHeader::id() const { return model_id(manifest); }

std::int64_t ModelHeader::part_bytes(std::int64_t part) const {
  std::int64_t sum = 0;
  for (const TensorEntry& tensor : tensors) sum += tensor.part == part ? tensor.bytes() : 0;
  return sum;
}

std::int64_t ModelHeader::file_bytes() const {
  std::int64_t sum = static_cast<std::int64_t>(bytes);
  for (const TensorEntry& tensor : tensors) sum += tensor.bytes();
  return sum;
}

std::string part_name(const ModelHeader& header, std::int64_t part) {
  if (part < 0) return "header";
  if (part == 0) return "embedding";
  if (part + 1 == header.parts()) return "head";
  std::string number = std::to_string(part - 1);
  if (number.size() < 3) number.insert(0, 3 - number.size(), '0');
  return "layer-" + number;
}

MerkleLeaf tensor_leaf(const TensorEntry& tensor) {
  CborWriter writer;
  writer.array(2).number(static_cast<std::uint64_t>(tensor.gain_exponent)).bytes(tensor.root);
  return merkle_leaf("tensor", writer.take());
}

ModelHeader header_of(const ExactModel& model) {
  ModelHeader header;
  visit_tensors(model, [&](std::string name, std::int64_t part, const auto& tensor) {
    TensorEntry entry{.name = std::move(name), .part = part};
    describe(tensor, entry);
    entry.root = root_of(entry, bytes_of_tensor(tensor));
    header.tensors.push_back(std::move(entry));
  });
  header.tokenizer = model.tokenizer;
  header.manifest = {.shape = model.shape,
                     .epsilon = model.epsilon,
                     .frequencies = model.frequencies,
                     .name = model.name,
                     .licence = model.licence,
                     .tokenizer_bytes = model.tokenizer.size(),
                     .tokenizer = hash_tagged(tokenizer_tag, model.tokenizer),
                     .has_head = model.head.has_value(),
                     .tensors = root_of(header.tensors)};
  header.bytes = encode_header(header).size();
  return header;
}

std::vector<Bytes> write_model(const ExactModel& model) {
  const ModelHeader header = header_of(model);
  std::vector<Bytes> parts(index(header.parts()) + 1);
  parts[0] = encode_header(header);
  visit_tensors(model, [&](std::string_view, std::int64_t part, const auto& tensor) {
    const Bytes bytes = bytes_of_tensor(tensor);
    Bytes& out = parts[index(part) + 1];
    out.insert(out.end(), bytes.begin(), bytes.end());
  });
  return parts;
}

std::vector<TensorEntry> tensors_of(const ModelManifest& manifest) {
  ExactModel model;
  model.shape = manifest.shape;
  if (manifest.has_head) model.head.emplace();
  size_tensors(model);
  std::vector<TensorEntry> tensors;
  visit_tensors(model, [&](std::string name, std::int64_t part, const auto& tensor) {
    TensorEntry entry{.name = std::move(name), .part = part};
    describe(tensor, entry);
    if (entry.is_gain) entry.columns = manifest.shape.width;
    tensors.push_back(std::move(entry));
  });
  return tensors;
}

ExactModel model_of(const ModelHeader& header) {
  ExactModel model;
  model.shape = header.manifest.shape;
  model.epsilon = header.manifest.epsilon;
  model.score_scale = score_scale_of(model.shape.head_width);
  model.frequencies = header.manifest.frequencies;
  model.name = header.manifest.name;
  model.licence = header.manifest.licence;
  model.tokenizer = header.tokenizer;
  if (header.manifest.has_head) model.head.emplace();
  size_tensors(model);
  return model;
}

std::optional<Fault> read_model_part(const ModelHeader& header, std::int64_t part, ByteView bytes,
                                     const std::string& source, std::uint64_t offset, ExactModel& model) {
  if (const std::int64_t due = header.part_bytes(part); bytes.size() != index(due))
    return bad_input(source, std::to_string(bytes.size()) + " bytes",
                     part_name(header, part) + " must have " + std::to_string(due) + " bytes")
        .value();
  std::optional<Fault> fault;
  std::size_t at = 0;
  auto entry = header.tensors.begin();
  visit_tensors(model, [&](std::string_view, std::int64_t of, auto& tensor) {
    const TensorEntry& expected = *entry++;
    if (of != part || fault) return;
    const ByteView own = bytes.subspan(at, index(expected.bytes()));
    const TensorReader reader(expected, own, source, offset + at);
    fault = reader.read(tensor);
    if (!fault && root_of(expected, own) != expected.root)
      fault = bad_input(source + ": " + reader.place(0),
                        "the bytes of a tensor must have the root that the header states (MODEL-3)")
                  .value();
    at += own.size();
  });
  return fault;
}

Result<ExactModel> read_model(ByteView file, const std::string& source, const Progress& progress) {
  const Result<ModelHeader> header = read_model_header(file, source);
  if (!header) return tl::unexpected<Fault>(header.error());
  if (const std::int64_t due = header->file_bytes(); file.size() != index(due))
    return bad_input(source, std::to_string(file.size()) + " bytes",
                     "a file with this header must have " + std::to_string(due) + " bytes");
  ExactModel model = model_of(*header);
  std::uint64_t offset = header->bytes;
  for (std::int64_t part = 0; part < header->parts(); ++part) {
    const auto bytes = static_cast<std::uint64_t>(header->part_bytes(part));
    if (auto fault = read_model_part(*header, part, file.subspan(offset, bytes), source, offset, model))
      return tl::unexpected<Fault>(*std::move(fault));
    offset += bytes;
    report(progress, offset, file.size());
  }
  return model;
}

}  // namespace p2pllm
