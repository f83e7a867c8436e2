#include "model/layers/gguf.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "model/layers/gguf_file.hpp"
#include "model/layers/gguf_tokenizer.hpp"
#include "model/layers/model_file.hpp"

namespace p2pllm {
namespace {

constexpr double rope_base_default = 10000;
constexpr std::string_view model_prefix = "llama.";
/// The keys of a Llama that are read. `tensor_data_layout` tells how the file was made.
constexpr std::array known_keys = {"llama.block_count",
                                   "llama.context_length",
                                   "llama.embedding_length",
                                   "llama.feed_forward_length",
                                   "llama.attention.head_count",
                                   "llama.attention.head_count_kv",
                                   "llama.attention.key_length",
                                   "llama.attention.value_length",
                                   "llama.attention.layer_norm_rms_epsilon",
                                   "llama.expert_count",
                                   "llama.expert_used_count",
                                   "llama.rope.dimension_count",
                                   "llama.rope.freq_base",
                                   "llama.rope.scaling.type",
                                   "llama.tensor_data_layout",
                                   "llama.vocab_size"};

/// The model that keys and tensors make.
class LlamaBuilder {
 public:
  explicit LlamaBuilder(const GgufFile& file) : file_(file) {}

  [[nodiscard]] FloatModel build() {
    require_llama();
    FloatModel model;
    model.shape = shape();
    const ModelShape& s = model.shape;
    model.epsilon = file_.real("llama.attention.layer_norm_rms_epsilon");
    model.rope_base = file_.find("llama.rope.freq_base") ? file_.real("llama.rope.freq_base") : rope_base_default;
    model.name = text("general.name");
    model.licence = text("general.license");
    model.tokenizer = tokenizer_of(file_, s.vocabulary);
    model.embedding = matrix("token_embd.weight", s.vocabulary, s.width);
    for (std::int64_t l = 0; l < s.layers; ++l) model.layers.push_back(layer(l, s));
    model.norm = factors("output_norm.weight", s.width);
    if (file_.tensors().contains("output.weight")) model.head = matrix("output.weight", s.vocabulary, s.width);
    for (const auto& [name, tensor] : file_.tensors())
      if (!used_.contains(name)) file_.fail_tensor(name, "unknown", "no tensor of these layers has this name");
    return model;
  }

 private:
  void require_llama() const {
    if (file_.string("general.architecture") != "llama")
      file_.fail("general.architecture", printable(file_.string("general.architecture")), "must be llama");
    for (const auto& [key, value] : file_.values())
      if (key.starts_with(model_prefix) && std::find(known_keys.begin(), known_keys.end(), key) == known_keys.end())
        file_.fail(key, "unknown", "no rule of LAYER has this key");
    if (file_.find("llama.rope.scaling.type") && file_.string("llama.rope.scaling.type") != "none")
      file_.fail("llama.rope.scaling.type", printable(file_.string("llama.rope.scaling.type")), "must be none");
    for (const char* key : {"llama.expert_count", "llama.expert_used_count"})
      if (file_.find(key)) static_cast<void>(file_.integer(key, 0, 0));
  }

  [[nodiscard]] std::int64_t size(std::string_view key, std::int64_t most) const { return file_.integer(key, 1, most); }
  [[nodiscard]] std::int64_t size_or(std::string_view key, std::int64_t otherwise) const {
    return file_.find(key) ? size(key, columns_max) : otherwise;
  }
  /// Fails if the key is there with another number.
  void require_size(std::string_view key, std::int64_t value) const {
    if (!file_.find(key)) return;
    const std::int64_t found = size(key, dimension_max);
    if (found != value) file_.fail(key, std::to_string(found), "must be " + std::to_string(value) + " here");
  }

  [[nodiscard]] ModelShape shape() const {
    ModelShape s;
    s.layers = size("llama.block_count", model_layers_max);
    s.width = size("llama.embedding_length", columns_max);
    s.hidden = size("llama.feed_forward_length", columns_max);
    s.heads = size("llama.attention.head_count", columns_max);
    s.kv_heads = size_or("llama.attention.head_count_kv", s.heads);
    if (!file_.find("llama.attention.key_length") && s.width % s.heads != 0)
      file_.fail("llama.attention.head_count", std::to_string(s.heads), "must divide the width");
    s.head_width = size_or("llama.attention.key_length", s.width / s.heads);
    s.context = size("llama.context_length", context_max);
    const auto embedding = file_.tensors().find("token_embd.weight");
    if (embedding == file_.tensors().end()) file_.fail_whole("the tensor token_embd.weight must be present");
    s.vocabulary = embedding->second.tensor.shape.front();
    require_size("llama.attention.value_length", s.head_width);
    require_size("llama.rope.dimension_count", s.head_width);
    require_size("llama.vocab_size", s.vocabulary);
    if (const std::string rule = float_shape_fault(s); !rule.empty()) file_.fail_whole(rule);
    return s;
  }

  /// A text that a file of an exact model can hold (MODEL-2); empty if the key is not there.
  [[nodiscard]] std::string text(std::string_view key) const {
    if (!file_.find(key)) return {};
    const std::string_view value = file_.string(key);
    if (!is_model_text(value)) file_.fail(key, printable(value), model_text_rule);
    return std::string(value);
  }

  const FileTensor& tensor(const std::string& name, const std::vector<std::int64_t>& shape) {
    const auto found = file_.tensors().find(name);
    if (found == file_.tensors().end()) file_.fail_whole("the tensor " + name + " must be present");
    used_.insert(name);
    const FileTensor& tensor = found->second.tensor;
    if (tensor.shape != shape) file_.fail_tensor(name, shown(tensor.shape), "the shape must be " + shown(shape));
    return tensor;
  }
  /// A shape as the file states it: the length of a row first.
  static std::string shown(const std::vector<std::int64_t>& shape) {
    std::string text;
    for (const std::int64_t size : shape) text.insert(0, std::to_string(size) + (text.empty() ? "" : ", "));
    return "[" + text + "]";
  }
  FloatMatrix matrix(const std::string& name, std::int64_t rows, std::int64_t columns) {
    return matrix_of(tensor(name, {rows, columns}));
  }
  std::vector<double> factors(const std::string& name, std::int64_t count) { return values_of(tensor(name, {count})); }

  FloatLayer layer(std::int64_t number, const ModelShape& s) {
    const std::string own = "blk." + std::to_string(number) + ".";
    return {.attention_norm = factors(own + "attn_norm.weight", s.width),
            .query = matrix(own + "attn_q.weight", s.query_width(), s.width),
            .key = matrix(own + "attn_k.weight", s.kv_width(), s.width),
            .value = matrix(own + "attn_v.weight", s.kv_width(), s.width),
            .output = matrix(own + "attn_output.weight", s.width, s.query_width()),
            .feed_norm = factors(own + "ffn_norm.weight", s.width),
            .gate = matrix(own + "ffn_gate.weight", s.hidden, s.width),
            .up = matrix(own + "ffn_up.weight", s.hidden, s.width),
            .down = matrix(own + "ffn_down.weight", s.width, s.hidden)};
  }

  const GgufFile& file_;
  std::set<std::string> used_;
};

}  // namespace

Result<FloatModel> read_gguf(ByteView file, const std::string& source) {
  try {
    const GgufFile parts(file, source);
    return LlamaBuilder(parts).build();
  } catch (const BinaryCursor::Failure& failure) {
    return tl::unexpected<Fault>(failure.fault);
  }
}

}  // namespace p2pllm
