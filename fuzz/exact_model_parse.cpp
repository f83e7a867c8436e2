#include "fuzz/law.hpp"
#include "model/layers/convert.hpp"
#include "model/layers/model_file.hpp"
#include "model/layers/tiles.hpp"
#include "model/layers/tokenizer.hpp"
#include "optimized/layers/fast_layers.hpp"
#include "reference/layers/reference_layers.hpp"

// Input: a byte that chooses. 0: the rest is a file. 1: the rest are sizes and then the bytes of the tensors of a small
// model, around which a file is made whose hashes are right. 2: the same, where the bytes are first brought into the
// limits of MODEL-3.

namespace p2pllm::fuzz {
namespace {

Bytes file_of(const ExactModel& model) {
  Bytes file;
  for (const Bytes& part : write_model(model)) file.insert(file.end(), part.begin(), part.end());
  return file;
}

/// Takes bytes from an input again and again.
class Source {
 public:
  explicit Source(ByteView bytes) : bytes_(bytes) {}
  std::uint8_t next() { return bytes_.empty() ? std::uint8_t{0} : bytes_[at_++ % bytes_.size()]; }
  std::int64_t from(std::int64_t least, std::int64_t most) { return least + next() % (most - least + 1); }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
};

ModelManifest drawn_manifest(Source& source) {
  ModelManifest manifest;
  ModelShape& shape = manifest.shape;
  shape.layers = source.from(1, 2);
  shape.width = source.from(1, 70);
  shape.hidden = source.from(1, 70);
  shape.kv_heads = source.from(1, 2);
  shape.heads = shape.kv_heads * source.from(1, 2);
  shape.head_width = 2 * source.from(1, 4);
  shape.vocabulary = source.from(1, 9);
  shape.context = source.from(1, 5);
  shape.fraction_bits = source.from(12, 18);
  manifest.has_head = source.next() % 2 == 0;
  manifest.epsilon = source.next();
  manifest.frequencies = rotation_frequencies(10000, shape.head_width);
  const Bytes tokenizer = byte_tokenizer();
  manifest.tokenizer_bytes = tokenizer.size();
  manifest.tokenizer = hash_tagged(tokenizer_tag, tokenizer);
  return manifest;
}

/// Whether each byte of a tile means what MODEL-3 allows; brings it there first if `tame`.
bool tile_in_limits(Bytes& bytes, std::size_t at, const Tile& tile, std::int64_t columns, bool tame) {
  bool holds = true;
  for (std::int64_t k = 0; k < tile.rows * tile.columns; ++k, ++at) {
    const bool is_padding = tile.first_column + k % tile.columns >= columns;
    if (tame && (is_padding || bytes[at] == 0x80)) bytes[at] = 0;
    holds = holds && bytes[at] != 0x80 && (!is_padding || bytes[at] == 0);
  }
  for (std::int64_t k = 0; k < tile.rows * tile.columns / block_columns; ++k, at += 2) {
    if (tame) bytes[at + 1] = static_cast<std::uint8_t>((bytes[at + 1] & 0x7f) | 1);
    const int multiplier = bytes[at] + 256 * bytes[at + 1];
    holds = holds && 1 <= multiplier && multiplier <= 32768;
  }
  for (std::int64_t k = 0; tile.has_exponents && k < tile.rows; ++k, ++at) {
    if (tame) bytes[at] = static_cast<std::uint8_t>(16 + bytes[at] % 30);
    holds = holds && 16 <= bytes[at] && bytes[at] <= 45;
  }
  return holds;
}

/// A file whose hashes are right, and whether its tensors are within the limits.
std::pair<Bytes, bool> drawn_file(Source& source, bool tame) {
  ModelHeader header;
  header.manifest = drawn_manifest(source);
  header.tensors = tensors_of(header.manifest);
  header.tokenizer = byte_tokenizer();
  Bytes tensors;
  bool holds = true;
  std::vector<MerkleLeaf> leaves;
  for (TensorEntry& entry : header.tensors) {
    Bytes bytes(static_cast<std::size_t>(entry.bytes()));
    for (std::uint8_t& byte : bytes) byte = source.next();
    if (entry.is_gain) {
      entry.gain_exponent = source.from(0, 30);
      for (std::size_t at = 0; at < bytes.size(); at += 2) {
        if (tame && bytes[at] == 0 && bytes[at + 1] == 0x80) bytes[at] = 1;
        holds = holds && (bytes[at] != 0 || bytes[at + 1] != 0x80);
      }
    } else {
      std::size_t at = 0;
      for (const Tile& tile : tiles_of(entry.rows, entry.columns)) {
        holds = tile_in_limits(bytes, at, tile, entry.columns, tame) && holds;
        at += static_cast<std::size_t>(tile.bytes());
      }
    }
    entry.root = merkle_root(entry.is_gain ? gain_leaves(bytes) : matrix_leaves(entry.rows, entry.columns, bytes));
    leaves.push_back(tensor_leaf(entry));
    tensors.insert(tensors.end(), bytes.begin(), bytes.end());
  }
  header.manifest.tensors = merkle_root(leaves);
  Bytes file = encode_header(header);
  file.insert(file.end(), tensors.begin(), tensors.end());
  return {file, holds};
}

/// Both engines run a few tokens alike.
void run_both(const ExactModel& model) {
  const auto rows_of = [&](const LayerEngine& engine) {
    std::vector<std::int32_t> rows(static_cast<std::size_t>(model.shape.context * model.shape.width));
    for (std::int64_t p = 0; p < model.shape.context; ++p)
      engine.embed(p % model.shape.vocabulary, std::span(rows).subspan(static_cast<std::size_t>(p * model.shape.width),
                                                                       static_cast<std::size_t>(model.shape.width)));
    engine.start({0, model.shape.layers})->append(rows);
    return rows;
  };
  law(rows_of(reference::ReferenceLayers(model)) == rows_of(optimized::FastLayers(model)),
      "LAYER-9: both engines compute one row");
}

void law_of_file(ByteView file) {
  const auto read = read_model(file, "m");
  if (!read) {
    law(read.error().message().starts_with("m: "), "FORMAT-6: a message has a place", read.error().message());
    ++reached["refused"];
    return;
  }
  ++reached["read"];
  Bytes written = file_of(*read);
  if (has_planted_fault) written.back() ^= 1U;
  law(std::ranges::equal(written, file), "MODEL-2: what is read is written as it was");
}

void run(ByteView input) {
  if (input.empty()) return;
  const ByteView rest = input.subspan(1);
  if (input[0] % 3 == 0) return law_of_file(rest);
  Source source(rest);
  const bool tame = input[0] % 3 == 2;
  const auto [file, holds] = drawn_file(source, tame);
  law_of_file(file);
  const auto read = read_model(file, "m");
  law(read.has_value() == holds, "MODEL-3: what is within the limits is read, and nothing else");
  law(!tame || holds, "MODEL-3: the tensors were brought into the limits");
  if (read) run_both(*read);
}

}  // namespace
}  // namespace p2pllm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  p2pllm::fuzz::run({data, size});
  return 0;
}
