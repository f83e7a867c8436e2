#include <algorithm>

#include "model/encoding/cbor.hpp"
#include "model/layers/model_file.hpp"
#include "model/layers/tables.hpp"

// The beginning of a file of a model (MODEL-2): the magic, the length of the manifest in four bytes, the manifest, the
// length of the list of tensors in four bytes, the list, and the tokenizer.
namespace p2pllm {
namespace {

constexpr std::uint64_t manifest_bytes_max = 1 << 16;
constexpr std::uint64_t tokenizer_bytes_max = 1 << 26;
constexpr std::uint64_t text_bytes_max = 1024;
constexpr std::size_t length_bytes = 4;

std::uint64_t unsigned_of(std::int64_t value) { return static_cast<std::uint64_t>(value); }

void append_length(Bytes& out, std::size_t length) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::uint8_t>(length >> shift));
}

Bytes encode_tensors(const std::vector<TensorEntry>& tensors) {
  CborWriter writer;
  writer.array(tensors.size());
  for (const TensorEntry& tensor : tensors)
    writer.array(2).number(unsigned_of(tensor.gain_exponent)).bytes(tensor.root);
  return writer.take();
}

std::int64_t next_size(CborReader& reader) { return static_cast<std::int64_t>(reader.next_number(1U << 31)); }

std::string next_short_text(CborReader& reader) {
  const std::string_view text = reader.next_text();
  if (text.size() > text_bytes_max) reader.refuse();
  return std::string(text);
}

ModelManifest read_manifest(CborReader& reader) {
  ModelManifest m;
  reader.next_array(10);
  reader.next_array(9);
  for (std::int64_t* size : {&m.shape.layers, &m.shape.width, &m.shape.hidden, &m.shape.heads, &m.shape.kv_heads,
                             &m.shape.head_width, &m.shape.vocabulary, &m.shape.context, &m.shape.fraction_bits})
    *size = next_size(reader);
  m.epsilon = static_cast<std::int64_t>(reader.next_number(unsigned_of(epsilon_max)));
  const std::uint64_t count = reader.next_array();
  if (count != unsigned_of(m.shape.head_width / 2)) reader.refuse();
  for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) m.frequencies.push_back(reader.next_number());
  static const Hash tables = hash_of(layer_tables());
  if (reader.next_bytes_of<32>() != tables) reader.refuse();
  m.name = next_short_text(reader);
  m.licence = next_short_text(reader);
  m.tokenizer_bytes = reader.next_number(tokenizer_bytes_max);
  m.tokenizer = reader.next_bytes_of<32>();
  m.has_head = reader.next_boolean();
  m.tensors = reader.next_bytes_of<32>();
  return m;
}

/// The parts of a header, from the left; the first fault is kept.
class HeaderReader {
 public:
  HeaderReader(ByteView file, const std::string& source) : file_(file), source_(source) {}

  [[nodiscard]] Result<ModelHeader> read() {
    const ByteView magic = bytes_of(model_magic);
    if (file_.size() < magic.size() || !std::equal(magic.begin(), magic.end(), file_.begin()))
      return bad_input(source_ + ": byte 0", "a file of an exact model must begin with \"p2pllm-model/1\" (MODEL-2)");
    at_ = magic.size();
    ModelHeader header;
    const ByteView manifest = next_with_length("the manifest", manifest_bytes_max);
    if (fault_) return tl::unexpected<Fault>(*fault_);
    const auto decoded = decode_manifest(manifest);
    if (!decoded) return bad_input(place(manifest), "the manifest: " + to_string(decoded.error()));
    header.manifest = *decoded;
    if (const std::string rule = shape_fault(header.manifest.shape); !rule.empty())
      return bad_input(place(manifest), "the manifest: " + rule);
    header.tensors = tensors_of(header.manifest);
    if (!read_tensors(header)) return tl::unexpected<Fault>(*fault_);
    const ByteView tokenizer = next(header.manifest.tokenizer_bytes, "the tokenizer");
    if (fault_) return tl::unexpected<Fault>(*fault_);
    if (hash_tagged(tokenizer_tag, tokenizer) != header.manifest.tokenizer)
      return bad_input(place(tokenizer), "the tokenizer must have the hash that the manifest states (MODEL-2)");
    header.tokenizer.assign(tokenizer.begin(), tokenizer.end());
    header.bytes = at_;
    return header;
  }

 private:
  bool read_tensors(ModelHeader& header) {
    constexpr std::uint64_t entry_bytes = 40;
    const ByteView list = next_with_length("the list of tensors", entry_bytes * header.tensors.size() + 16);
    if (fault_) return false;
    const auto decoded = decode_cbor(list, [&](CborReader& reader) {
      reader.next_array(header.tensors.size());
      for (TensorEntry& tensor : header.tensors) {
        reader.next_array(2);
        tensor.gain_exponent =
            static_cast<std::int64_t>(reader.next_number(tensor.is_gain ? unsigned_of(gain_exponent_max) : 0));
        tensor.root = reader.next_bytes_of<32>();
      }
      return true;
    });
    if (!decoded) {
      fault_ = bad_input(place(list), "the list of tensors: " + to_string(decoded.error())).value();
      return false;
    }
    std::vector<MerkleLeaf> leaves(header.tensors.size());
    std::transform(header.tensors.begin(), header.tensors.end(), leaves.begin(), tensor_leaf);
    if (merkle_root(leaves) != header.manifest.tensors)
      fault_ =
          bad_input(place(list), "the list of tensors must have the root that the manifest states (MODEL-2)").value();
    return !fault_;
  }

  ByteView next(std::uint64_t bytes, const char* what) {
    if (fault_) return {};
    if (bytes > file_.size() - at_) {
      fault_ =
          bad_input(source_ + ": byte " + std::to_string(at_), std::to_string(file_.size() - at_) + " bytes are left",
                    std::string(what) + " needs " + std::to_string(bytes))
              .value();
      return {};
    }
    const ByteView part = file_.subspan(at_, bytes);
    at_ += bytes;
    return part;
  }
  ByteView next_with_length(const char* what, std::uint64_t most) {
    const ByteView length = next(length_bytes, what);
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < length.size(); ++i) bytes |= std::uint64_t{length[i]} << (8 * i);
    if (!fault_ && bytes > most)
      fault_ = bad_input(place(length), std::to_string(bytes),
                         std::string(what) + " must have at most " + std::to_string(most) + " bytes")
                   .value();
    return next(bytes, what);
  }
  [[nodiscard]] std::string place(ByteView part) const {
    return source_ + ": byte " + std::to_string(part.data() - file_.data());
  }

  ByteView file_;
  const std::string& source_;
  std::uint64_t at_ = 0;
  std::optional<Fault> fault_;
};

}  // namespace

Bytes encode_manifest(const ModelManifest& m) {
  CborWriter writer;
  writer.array(10).array(9);
  for (const std::int64_t size : {m.shape.layers, m.shape.width, m.shape.hidden, m.shape.heads, m.shape.kv_heads,
                                  m.shape.head_width, m.shape.vocabulary, m.shape.context, m.shape.fraction_bits})
    writer.number(unsigned_of(size));
  writer.number(unsigned_of(m.epsilon)).array(m.frequencies.size());
  for (const std::uint64_t frequency : m.frequencies) writer.number(frequency);
  writer.bytes(hash_of(layer_tables())).text(m.name).text(m.licence);
  writer.number(m.tokenizer_bytes).bytes(m.tokenizer).boolean(m.has_head).bytes(m.tensors);
  return writer.take();
}

CborResult<ModelManifest> decode_manifest(ByteView bytes) { return decode_cbor(bytes, read_manifest); }

Hash model_id(const ModelManifest& manifest) { return hash_tagged(model_tag, encode_manifest(manifest)); }

Bytes encode_header(const ModelHeader& header) {
  Bytes out(model_magic.begin(), model_magic.end());
  for (const Bytes& part : {encode_manifest(header.manifest), encode_tensors(header.tensors)}) {
    append_length(out, part.size());
    out.insert(out.end(), part.begin(), part.end());
  }
  out.insert(out.end(), header.tokenizer.begin(), header.tokenizer.end());
  return out;
}

Result<ModelHeader> read_model_header(ByteView file, const std::string& source) {
  return HeaderReader(file, source).read();
}

std::string shape_fault(const ModelShape& s) {
  const auto in = [](std::int64_t value, std::int64_t most) { return 1 <= value && value <= most; };
  if (!in(s.layers, model_layers_max)) return "a model must have 1 .. 1024 layers (MODEL-1)";
  if (!in(s.width, columns_max)) return "the width must be 1 .. 32768 (MODEL-1)";
  if (!in(s.hidden, columns_max)) return "the hidden width must be 1 .. 32768 (MODEL-1)";
  if (!in(s.head_width, head_width_max) || s.head_width % 2 != 0)
    return "the width of a head must be even and 2 .. 256 (MODEL-1)";
  if (!in(s.heads, columns_max / s.head_width))
    return "the heads of queries must have 1 .. 32768 numbers together (MODEL-1)";
  if (!in(s.kv_heads, s.heads) || s.heads % s.kv_heads != 0)
    return "the number of heads of keys must divide that of queries (MODEL-1)";
  if (!in(s.vocabulary, vocabulary_max)) return "the vocabulary must have 1 .. 1048576 tokens (MODEL-1)";
  if (!in(s.context, context_max)) return "the context must have 1 .. 131072 positions (MODEL-1)";
  if (s.fraction_bits < fraction_bits_min || s.fraction_bits > fraction_bits_max)
    return "the fraction bits must be 12 .. 18 (MODEL-1)";
  return {};
}

std::int64_t score_scale_of(std::int64_t head_width) {
  // The nearest integer C to 2^20 * log2(e) / sqrt(width) is the one with (2 C - 1)^2 * width < 2^42 * log2(e)^2.
  constexpr std::int64_t bound = 9'153'957'585'231;
  std::int64_t scale = 0;
  for (std::int64_t bit = 1 << 21; bit != 0; bit >>= 1)
    if (const std::int64_t odd = 2 * (scale | bit) - 1; odd * odd <= bound / head_width) scale |= bit;
  return scale;
}

}  // namespace p2pllm
