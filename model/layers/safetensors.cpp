#include "model/layers/safetensors.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "model/encoding/json.hpp"
#include "model/layers/file_tensor.hpp"
#include "model/layers/float_formats.hpp"
#include "model/layers/tokenizer.hpp"

namespace p2pllm {
namespace {

constexpr std::size_t length_bytes = 8;
constexpr std::size_t header_bytes_max = std::size_t{1} << 26;
constexpr std::int64_t byte_count = 256;
/// Some files of HuggingFace's also have what the base of the rotation says.
constexpr std::string_view old_frequencies = ".self_attn.rotary_emb.inv_freq";
constexpr const char* bytes_rule = "data_offsets must lie in the file and hold the tensor's values";

FileTensor tensor_at(const JsonCursor& place, ByteView data) {
  place.require_object({"dtype", "shape", "data_offsets"});
  FileTensor tensor;
  const std::string& type = place.member("dtype").string();
  if (type == "F16") tensor.format = TensorFormat::float16;
  else if (type == "BF16") tensor.format = TensorFormat::bfloat16;
  else if (type != "F32") place.member("dtype").fail("the type must be F32, F16 or BF16");
  const JsonCursor shape = place.member("shape");
  if (shape.size() < 1 || shape.size() > 2) shape.fail("a tensor must have one or two dimensions");
  for (const JsonCursor& size : shape.items())
    tensor.shape.push_back(size.integer(1, dimension_max, "a dimension must be 1 .. 2^24"));
  const JsonCursor offsets = place.member("data_offsets");
  if (offsets.size() != 2) offsets.fail("data_offsets must be two offsets");
  const auto most = static_cast<long long>(data.size());
  const auto begin = static_cast<std::uint64_t>(offsets.item(0).integer(0, most, bytes_rule));
  const auto end = static_cast<std::uint64_t>(offsets.item(1).integer(0, most, bytes_rule));
  if (end < begin || end - begin != bytes_of_tensor(tensor.format, tensor.shape)) offsets.fail(bytes_rule);
  tensor.bytes = data.subspan(begin, end - begin);
  return tensor;
}

/// The model that tensors and metadata make.
class Builder {
 public:
  Builder(const JsonCursor& root, ByteView data) : root_(root), metadata_(root_.optional_member("__metadata__")) {
    if (root.value().as_object() == nullptr) root.fail("the header must be an object");
    std::vector<std::pair<const std::uint8_t*, const std::uint8_t*>> places;
    for (const auto& [name, value] : *root.value().as_object()) {
      if (name == "__metadata__") continue;
      tensors_.emplace(name, tensor_at(root.child(name, value), data));
      const ByteView bytes = tensors_.at(name).bytes;
      places.emplace_back(bytes.data(), bytes.data() + bytes.size());
    }
    std::sort(places.begin(), places.end());
    for (std::size_t i = 1; i < places.size(); ++i)
      if (places[i].first < places[i - 1].second) root.fail("the bytes of two tensors must not overlap");
  }

  [[nodiscard]] FloatModel build() {
    FloatModel model;
    ModelShape& shape = model.shape;
    const std::vector<std::int64_t> embedding = shape_of("model.embed_tokens.weight");
    if (embedding.size() != 2) tensor_place("model.embed_tokens.weight").fail("the embedding must have two dimensions");
    shape.vocabulary = embedding[0];
    shape.width = embedding[1];
    shape.heads = number("heads", columns_max);
    shape.kv_heads = number("kv_heads", columns_max);
    shape.context = number("context", context_max);
    shape.hidden = shape_of("model.layers.0.mlp.gate_proj.weight")[0];
    const std::int64_t queries = shape_of("model.layers.0.self_attn.q_proj.weight")[0];
    if (queries % shape.heads != 0)
      tensor_place("model.layers.0.self_attn.q_proj.weight").fail("the number of heads must divide the rows");
    shape.head_width = queries / shape.heads;
    while (tensors_.contains(prefix(shape.layers) + "self_attn.q_proj.weight")) ++shape.layers;
    if (const std::string rule = float_shape_fault(shape); !rule.empty()) root_.fail(rule);
    require_stated_sizes(shape);
    model.epsilon = real("epsilon");
    model.rope_base = real("rope_base");
    model.name = text_or("name", "");
    model.licence = text_or("licence", "");
    if (shape.vocabulary == byte_count) model.tokenizer = byte_tokenizer();
    const std::string rope = text_or("rope", "halves");
    if (rope != "halves" && rope != "neighbours") metadata("rope").fail("rope must be \"halves\" or \"neighbours\"");
    halves_ = rope == "halves";
    model.embedding = matrix("model.embed_tokens.weight", shape.vocabulary, shape.width);
    for (std::int64_t l = 0; l < shape.layers; ++l) model.layers.push_back(layer(l, shape));
    model.norm = factors("model.norm.weight", shape.width);
    if (tensors_.contains("lm_head.weight")) model.head = matrix("lm_head.weight", shape.vocabulary, shape.width);
    for (const auto& [name, tensor] : tensors_)
      if (!used_.contains(name) && !name.ends_with(old_frequencies))
        root_.child(name, *root_.value().find(name)).fail("no tensor of a Llama has this name");
    return model;
  }

 private:
  static std::string prefix(std::int64_t layer) { return "model.layers." + std::to_string(layer) + "."; }

  [[nodiscard]] JsonCursor tensor_place(const std::string& name) const { return root_.member(name); }
  [[nodiscard]] JsonCursor metadata(const std::string& name) const {
    if (!metadata_) root_.fail("the metadata (\"__metadata__\") must be present");
    return metadata_->member(name);
  }
  [[nodiscard]] bool has_metadata(const std::string& name) const {
    return metadata_ && metadata_->optional_member(name);
  }
  [[nodiscard]] std::string text_or(const std::string& name, const std::string& otherwise) const {
    if (!has_metadata(name)) return otherwise;
    const std::string& text = metadata(name).string();
    if (!is_model_text(text)) metadata(name).fail(model_text_rule);
    return text;
  }
  /// A size that follows from the tensors may be stated, too, and is then the same.
  void require_stated_sizes(const ModelShape& s) const {
    for (const auto& [name, size] : {std::pair("width", s.width), std::pair("layers", s.layers),
                                     std::pair("hidden", s.hidden), std::pair("vocabulary", s.vocabulary)})
      if (has_metadata(name) && number(name, dimension_max) != size)
        metadata(name).fail("the tensors say " + std::to_string(size));
  }
  [[nodiscard]] std::int64_t number(const std::string& name, std::int64_t most) const {
    const std::string& digits = metadata(name).string();
    const bool is_number = !digits.empty() && digits.size() < 10 &&
                           std::all_of(digits.begin(), digits.end(), [](char c) { return '0' <= c && c <= '9'; });
    const std::int64_t value = is_number ? std::stoll(digits) : 0;
    if (value < 1 || value > most) metadata(name).fail("must be an integer in 1 .. " + std::to_string(most));
    return value;
  }
  /// A number of the metadata as the nearest double.
  [[nodiscard]] double real(const std::string& name) const {
    const std::string& digits = metadata(name).string();
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) metadata(name).fail("must be a decimal number");
    return value;
  }

  const FileTensor& tensor(const std::string& name) {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) root_.fail("the tensor " + name + " must be present");
    used_.insert(name);
    return found->second;
  }
  std::vector<std::int64_t> shape_of(const std::string& name) { return tensor(name).shape; }

  std::vector<double> factors(const std::string& name, std::int64_t count) {
    const FileTensor& of = tensor(name);
    if (of.shape != std::vector{count})
      tensor_place(name).member("shape").fail("the shape must be [" + std::to_string(count) + "]");
    return values_of(of);
  }
  FloatMatrix matrix(const std::string& name, std::int64_t rows, std::int64_t columns) {
    const FileTensor& of = tensor(name);
    if (of.shape != std::vector{rows, columns})
      tensor_place(name).member("shape").fail("the shape must be [" + std::to_string(rows) + ", " +
                                              std::to_string(columns) + "]");
    return matrix_of(of);
  }
  FloatMatrix rotated(const std::string& name, std::int64_t rows, std::int64_t columns, std::int64_t head_width) {
    FloatMatrix in_order = matrix(name, rows, columns);
    return halves_ ? neighbours_of_halves(in_order, head_width) : in_order;
  }

  FloatLayer layer(std::int64_t number, const ModelShape& s) {
    const std::string own = prefix(number);
    return {.attention_norm = factors(own + "input_layernorm.weight", s.width),
            .query = rotated(own + "self_attn.q_proj.weight", s.query_width(), s.width, s.head_width),
            .key = rotated(own + "self_attn.k_proj.weight", s.kv_width(), s.width, s.head_width),
            .value = matrix(own + "self_attn.v_proj.weight", s.kv_width(), s.width),
            .output = matrix(own + "self_attn.o_proj.weight", s.width, s.query_width()),
            .feed_norm = factors(own + "post_attention_layernorm.weight", s.width),
            .gate = matrix(own + "mlp.gate_proj.weight", s.hidden, s.width),
            .up = matrix(own + "mlp.up_proj.weight", s.hidden, s.width),
            .down = matrix(own + "mlp.down_proj.weight", s.width, s.hidden)};
  }

  JsonCursor root_;
  std::optional<JsonCursor> metadata_;
  std::map<std::string, FileTensor> tensors_;
  std::set<std::string> used_;
  bool halves_ = true;
};

}  // namespace

bool has_safetensors_header(ByteView file) {
  if (file.size() < length_bytes) return false;
  const std::uint64_t length = little_endian(file, 0, length_bytes);
  return length <= header_bytes_max && length <= file.size() - length_bytes;
}

Result<FloatModel> read_safetensors(ByteView file, const std::string& source) {
  if (!has_safetensors_header(file))
    return bad_input(
        source + ": byte 0",
        "a safetensors file begins with 8 bytes of length: that of its header, at most 2^26 and in the file");
  const std::uint64_t length = little_endian(file, 0, length_bytes);
  const std::string_view header(reinterpret_cast<const char*>(file.data()) + length_bytes, length);
  const ByteView data = file.subspan(length_bytes + length);
  return read_document(header, source, header_bytes_max,
                       [&](const JsonCursor& root) { return Builder(root, data).build(); });
}

}  // namespace p2pllm
