#pragma once

#include <algorithm>
#include <bit>
#include <random>
#include <string>
#include <vector>

#include "model/encoding/json.hpp"
#include "model/layers/float_model.hpp"
#include "model/layers/gguf_file.hpp"
#include "model/layers/tokenizer.hpp"

// Writers of small files of weights, in the formats that the readers of model/layers take.
namespace p2pllm::testing {

inline void append(Bytes& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}
inline void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

/// The bytes of values that a float of 32 bits holds exactly.
[[nodiscard]] inline Bytes float32_bytes(const std::vector<double>& values) {
  Bytes out;
  for (const double value : values) append(out, std::bit_cast<std::uint32_t>(static_cast<float>(value)), 4);
  return out;
}
/// All values of a matrix, row by row.
[[nodiscard]] inline std::vector<double> values_in(const FloatMatrix& matrix) {
  std::vector<double> values(static_cast<std::size_t>(matrix.rows * matrix.columns));
  for (std::int64_t row = 0; row < matrix.rows; ++row)
    matrix.read(row, std::span(values).subspan(static_cast<std::size_t>(row * matrix.columns),
                                               static_cast<std::size_t>(matrix.columns)));
  return values;
}

/// A GGUF file, key by key and tensor by tensor.
class GgufWriter {
 public:
  std::uint64_t version = 3;
  std::uint64_t alignment = 32;  ///< of the data; the key must be written, too, if it is another one

  GgufWriter& key(std::string_view name, GgufType type, const Bytes& value) {
    ++key_count_;
    string(keys_, name);
    append(keys_, static_cast<std::uint64_t>(type), 4);
    append(keys_, value);
    return *this;
  }
  GgufWriter& number(std::string_view name, std::uint64_t value, GgufType type = GgufType::uint32) {
    Bytes bytes;
    append(bytes, value, type == GgufType::boolean ? 1 : type == GgufType::uint64 ? 8 : 4);
    return key(name, type, bytes);
  }
  GgufWriter& real(std::string_view name, float value) {
    return number(name, std::bit_cast<std::uint32_t>(value), GgufType::float32);
  }
  GgufWriter& text(std::string_view name, std::string_view value) {
    Bytes bytes;
    string(bytes, value);
    return key(name, GgufType::string, bytes);
  }
  GgufWriter& texts(std::string_view name, const std::vector<std::string>& values) {
    Bytes bytes = head_of_array(GgufType::string, values.size());
    for (const std::string& value : values) string(bytes, value);
    return key(name, GgufType::array, bytes);
  }
  GgufWriter& numbers(std::string_view name, const std::vector<std::int64_t>& values) {
    Bytes bytes = head_of_array(GgufType::int32, values.size());
    for (const std::int64_t value : values) append(bytes, static_cast<std::uint64_t>(value), 4);
    return key(name, GgufType::array, bytes);
  }
  GgufWriter& reals(std::string_view name, const std::vector<double>& values) {
    Bytes bytes = head_of_array(GgufType::float32, values.size());
    append(bytes, float32_bytes(values));
    return key(name, GgufType::array, bytes);
  }
  /// @param shape  rows first @param type  the number of the format: 0 for F32
  GgufWriter& tensor(std::string_view name, std::vector<std::int64_t> shape, std::uint64_t type, const Bytes& bytes) {
    entry(name, std::move(shape), type, data_.size());
    append(data_, bytes);
    data_.resize((data_.size() + alignment - 1) / alignment * alignment);
    return *this;
  }
  /// The entry of a tensor whose bytes are elsewhere.
  GgufWriter& entry(std::string_view name, std::vector<std::int64_t> shape, std::uint64_t type, std::uint64_t place) {
    ++tensor_count_;
    string(table_, name);
    append(table_, shape.size(), 4);
    std::reverse(shape.begin(), shape.end());
    for (const std::int64_t size : shape) append(table_, static_cast<std::uint64_t>(size), 8);
    append(table_, type, 4);
    append(table_, place, 8);
    return *this;
  }
  [[nodiscard]] Bytes file() const {
    Bytes out;
    append(out, bytes_of("GGUF"));
    append(out, version, 4);
    append(out, tensor_count_, 8);
    append(out, key_count_, 8);
    append(out, keys_);
    append(out, table_);
    out.resize((out.size() + alignment - 1) / alignment * alignment);
    append(out, data_);
    return out;
  }

 private:
  static void string(Bytes& out, std::string_view text) {
    append(out, text.size(), 8);
    append(out, bytes_of(text));
  }
  static Bytes head_of_array(GgufType type, std::size_t items) {
    Bytes bytes;
    append(bytes, static_cast<std::uint64_t>(type), 4);
    append(bytes, items, 8);
    return bytes;
  }

  Bytes keys_, table_, data_;
  std::uint64_t key_count_ = 0, tensor_count_ = 0;
};

/// Calls `visit(name, rows, values)` for each tensor; rows is 0 for the factors of a norm. Names are GGUF's.
template <typename Visit>
void for_each_tensor(const FloatModel& model, const Visit& visit) {
  visit("token_embd.weight", model.embedding.rows, values_in(model.embedding));
  for (std::size_t l = 0; l < model.layers.size(); ++l) {
    const FloatLayer& layer = model.layers[l];
    const std::string own = "blk." + std::to_string(l) + ".";
    visit(own + "attn_norm.weight", std::int64_t{0}, layer.attention_norm);
    for (const auto& [name, matrix] :
         {std::pair("attn_q.weight", &layer.query), std::pair("attn_k.weight", &layer.key),
          std::pair("attn_v.weight", &layer.value), std::pair("attn_output.weight", &layer.output)})
      visit(own + name, matrix->rows, values_in(*matrix));
    visit(own + "ffn_norm.weight", std::int64_t{0}, layer.feed_norm);
    for (const auto& [name, matrix] : {std::pair("ffn_gate.weight", &layer.gate), std::pair("ffn_up.weight", &layer.up),
                                       std::pair("ffn_down.weight", &layer.down)})
      visit(own + name, matrix->rows, values_in(*matrix));
  }
  visit("output_norm.weight", std::int64_t{0}, model.norm);
  if (model.head) visit("output.weight", model.head->rows, values_in(*model.head));
}

/// GPT-2's characters for the 256 bytes, in order.
[[nodiscard]] inline std::vector<std::string> gpt2_characters() {
  std::vector<std::string> characters;
  unsigned next = 0x100;
  for (unsigned byte = 0; byte < 0x100; ++byte) {
    const bool is_visible = (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte != 0xad);
    const unsigned code = is_visible ? byte : next++;
    characters.push_back(
        code < 0x80 ? std::string(1, static_cast<char>(code))
                    : std::string{static_cast<char>(0xc0U | code >> 6U), static_cast<char>(0x80U | (code & 0x3fU))});
  }
  return characters;
}

/// The keys of a model, but those of its tokenizer.
inline void write_keys(GgufWriter& writer, const FloatModel& model) {
  const ModelShape& s = model.shape;
  writer.text("general.architecture", "llama").text("general.name", model.name).text("general.license", model.licence);
  for (const auto& [name, size] :
       {std::pair("llama.block_count", s.layers), std::pair("llama.context_length", s.context),
        std::pair("llama.embedding_length", s.width), std::pair("llama.feed_forward_length", s.hidden),
        std::pair("llama.attention.head_count", s.heads), std::pair("llama.attention.head_count_kv", s.kv_heads),
        std::pair("llama.attention.key_length", s.head_width)})
    writer.number(name, static_cast<std::uint64_t>(size));
  writer.real("llama.attention.layer_norm_rms_epsilon", static_cast<float>(model.epsilon));
  writer.real("llama.rope.freq_base", static_cast<float>(model.rope_base));
}
/// A tokenizer of bytes as one of byte pairs without merges. @param tokens  at most 256
inline void write_byte_tokens(GgufWriter& writer, std::int64_t tokens) {
  auto characters = gpt2_characters();
  characters.resize(static_cast<std::size_t>(tokens));
  writer.text("tokenizer.ggml.model", "gpt2").text("tokenizer.ggml.pre", "gpt-2");
  writer.texts("tokenizer.ggml.tokens", characters).texts("tokenizer.ggml.merges", {});
}
inline void write_tensors(GgufWriter& writer, const FloatModel& model) {
  for_each_tensor(model, [&](const std::string& name, std::int64_t rows, const std::vector<double>& values) {
    const auto count = static_cast<std::int64_t>(values.size());
    writer.tensor(name, rows == 0 ? std::vector{count} : std::vector{rows, count / rows}, 0, float32_bytes(values));
  });
}
/// A whole file in F32. @param model  of at most 256 tokens
[[nodiscard]] inline Bytes write_gguf(const FloatModel& model) {
  GgufWriter writer;
  write_keys(writer, model);
  write_byte_tokens(writer, model.shape.vocabulary);
  write_tensors(writer, model);
  return writer.file();
}

/// The name that HuggingFace has for a tensor of GGUF's name.
[[nodiscard]] inline std::string huggingface_name(std::string name) {
  for (const auto& [from, to] :
       {std::pair("token_embd", "model.embed_tokens"), std::pair("blk", "model.layers"),
        std::pair("attn_norm", "input_layernorm"), std::pair("attn_q", "self_attn.q_proj"),
        std::pair("attn_k", "self_attn.k_proj"), std::pair("attn_v", "self_attn.v_proj"),
        std::pair("attn_output", "self_attn.o_proj"), std::pair("ffn_norm", "post_attention_layernorm"),
        std::pair("ffn_gate", "mlp.gate_proj"), std::pair("ffn_up", "mlp.up_proj"),
        std::pair("ffn_down", "mlp.down_proj"), std::pair("output_norm", "model.norm"), std::pair("output", "lm_head")})
    if (const auto at = name.find(std::string(from) + "."); at == 0 || (at != std::string::npos && name[at - 1] == '.'))
      name.replace(at, std::string_view(from).size(), to);
  return name;
}

/// A safetensors file from its header and its data.
[[nodiscard]] inline Bytes safetensors_file(const Json& header, const Bytes& data) {
  const std::string text = write_json_line(header);
  Bytes out;
  append(out, text.size(), 8);
  append(out, bytes_of(text));
  append(out, data);
  return out;
}
/// A whole file in F32, whose heads rotate neighbours.
[[nodiscard]] inline Bytes write_safetensors(const FloatModel& model) {
  const auto text = [](std::int64_t value) { return Json(std::to_string(value)); };
  char epsilon[64], base[64];
  std::snprintf(epsilon, sizeof epsilon, "%.17g", model.epsilon);
  std::snprintf(base, sizeof base, "%.17g", model.rope_base);
  Json::Object header{{"__metadata__", Json::Object{{"heads", text(model.shape.heads)},
                                                    {"kv_heads", text(model.shape.kv_heads)},
                                                    {"context", text(model.shape.context)},
                                                    {"epsilon", std::string(epsilon)},
                                                    {"rope_base", std::string(base)},
                                                    {"rope", "neighbours"},
                                                    {"name", model.name},
                                                    {"licence", model.licence}}}};
  Bytes data;
  for_each_tensor(model, [&](const std::string& name, std::int64_t rows, const std::vector<double>& values) {
    const auto count = static_cast<std::int64_t>(values.size());
    Json::Array shape;
    if (rows != 0) shape.push_back(Json::integer(rows));
    shape.push_back(Json::integer(rows == 0 ? count : count / rows));
    const auto begin = static_cast<long long>(data.size());
    append(data, float32_bytes(values));
    header.emplace_back(
        huggingface_name(name),
        Json::Object{{"dtype", "F32"},
                     {"shape", std::move(shape)},
                     {"data_offsets", Json::Array{Json::integer(begin), Json::integer(begin + 4 * count)}}});
  });
  return safetensors_file(Json(std::move(header)), data);
}

/// A matrix with these values, which it holds.
[[nodiscard]] inline FloatMatrix matrix_with(std::int64_t rows, std::int64_t columns, std::vector<double> values) {
  return {rows, columns, [columns, values = std::move(values)](std::int64_t row, std::span<double> out) {
            std::copy_n(values.begin() + row * columns, columns, out.begin());
          }};
}

/// A model of these sizes whose weights are drawn, and are multiples of 2^-10 below 1.
[[nodiscard]] inline FloatModel random_float_model(const ModelShape& s, std::uint64_t seed, bool has_head) {
  std::mt19937_64 random(seed);
  const auto values = [&](std::int64_t count) {
    std::vector<double> drawn(static_cast<std::size_t>(count));
    for (double& value : drawn) value = (static_cast<double>(random() % 2047) - 1023) / 1024;
    return drawn;
  };
  const auto matrix = [&](std::int64_t rows, std::int64_t columns) {
    return matrix_with(rows, columns, values(rows * columns));
  };
  FloatModel model{.shape = s,
                   .epsilon = static_cast<double>(1e-5F),
                   .rope_base = 10000,
                   .name = "drawn",
                   .licence = "none",
                   .tokenizer = byte_tokenizer(),
                   .embedding = matrix(s.vocabulary, s.width),
                   .layers = {},
                   .norm = values(s.width),
                   .head = {}};
  for (std::int64_t l = 0; l < s.layers; ++l)
    model.layers.push_back({.attention_norm = values(s.width),
                            .query = matrix(s.query_width(), s.width),
                            .key = matrix(s.kv_width(), s.width),
                            .value = matrix(s.kv_width(), s.width),
                            .output = matrix(s.width, s.query_width()),
                            .feed_norm = values(s.width),
                            .gate = matrix(s.hidden, s.width),
                            .up = matrix(s.hidden, s.width),
                            .down = matrix(s.width, s.hidden)});
  if (has_head) model.head = matrix(s.vocabulary, s.width);
  return model;
}

/// Sizes of which none is another one.
[[nodiscard]] inline ModelShape small_float_shape() {
  return {.layers = 2,
          .width = 32,
          .hidden = 96,
          .heads = 6,
          .kv_heads = 3,
          .head_width = 4,
          .vocabulary = 256,
          .context = 40,
          .fraction_bits = 0};
}

/// Whether two models have the same sizes, texts and values; their tokenizers may differ.
[[nodiscard]] inline bool same_weights(const FloatModel& a, const FloatModel& b) {
  const auto listed = [](const FloatModel& model) {
    std::vector<std::uint64_t> bits;
    for_each_tensor(model, [&](const std::string& name, std::int64_t rows, const std::vector<double>& values) {
      bits.push_back(name.size());
      bits.push_back(static_cast<std::uint64_t>(rows));
      for (const double value : values) bits.push_back(std::bit_cast<std::uint64_t>(value));
    });
    return bits;
  };
  return a.shape == b.shape && a.epsilon == b.epsilon && a.rope_base == b.rope_base && a.name == b.name &&
         a.licence == b.licence && listed(a) == listed(b);
}

}  // namespace p2pllm::testing
