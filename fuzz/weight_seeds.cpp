#include "fuzz/weight_seeds.hpp"

#include <limits>

#include "tests/support/weight_files.hpp"

namespace p2pllm::fuzz {
namespace {

using namespace testing;

ModelShape tiny_shape() {
  return {.layers = 1,
          .width = 2,
          .hidden = 1,
          .heads = 1,
          .kv_heads = 1,
          .head_width = 2,
          .vocabulary = 5,
          .context = 3,
          .fraction_bits = 0};
}

Bytes without_end(const Bytes& file, std::ptrdiff_t bytes) { return {file.begin(), file.end() - bytes}; }

/// A file whose tokens merge, have a form for conversations and end.
Bytes with_merges(const FloatModel& model) {
  GgufWriter writer;
  write_keys(writer, model);
  writer.text("tokenizer.ggml.model", "gpt2").text("tokenizer.ggml.pre", "smollm");
  writer.texts("tokenizer.ggml.tokens", {"i", "t", "it", "<|im_start|>", "<|im_end|>"});
  writer.numbers("tokenizer.ggml.token_type", {1, 1, 1, 3, 3}).texts("tokenizer.ggml.merges", {"i t"});
  writer.text("tokenizer.chat_template",
              "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + "
              "'<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
              "{% endif %}");
  write_tensors(writer, model);
  return writer.file();
}

Bytes with_pieces(const FloatModel& model) {
  GgufWriter writer;
  write_keys(writer, model);
  writer.text("tokenizer.ggml.model", "llama");
  writer.texts("tokenizer.ggml.tokens", {"<s>", "\u2581", "i", "t", "it"});
  writer.numbers("tokenizer.ggml.token_type", {3, 1, 1, 1, 1}).reals("tokenizer.ggml.scores", {0, -1, -2, -3, -4});
  writer.number("tokenizer.ggml.bos_token_id", 0);
  write_tensors(writer, model);
  return writer.file();
}

/// Another format of values, of one row of 32 columns each.
Bytes with_format(std::uint64_t type, std::size_t row_bytes) {
  ModelShape shape = tiny_shape();
  shape.width = shape.hidden = 32;
  const FloatModel model = random_float_model(shape, 3, false);
  GgufWriter writer;
  write_keys(writer, model);
  write_byte_tokens(writer, shape.vocabulary);
  for_each_tensor(model, [&](const std::string& name, std::int64_t rows, const std::vector<double>& values) {
    const bool is_whole = rows != 0 && values.size() / static_cast<std::size_t>(rows) == 32;
    Bytes bytes(is_whole ? static_cast<std::size_t>(rows) * row_bytes : 0, 0x2c);
    if (!is_whole) bytes = float32_bytes(values);
    const auto count = static_cast<std::int64_t>(values.size());
    writer.tensor(name, rows == 0 ? std::vector{count} : std::vector{rows, count / rows}, is_whole ? type : 0, bytes);
  });
  return writer.file();
}

/// A safetensors file with the byte 1E in place of the length.
Bytes marked(const Bytes& file) {
  const std::size_t length = file[0] + 256U * file[1];
  Bytes input(file.begin() + 8, file.begin() + 8 + static_cast<std::ptrdiff_t>(length));
  input.push_back(0x1e);
  input.insert(input.end(), file.begin() + 8 + static_cast<std::ptrdiff_t>(length), file.end());
  return input;
}

Bytes replaced(const Bytes& file, std::string_view from, std::string_view to) {
  std::string text(file.begin(), file.end());
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return {text.begin(), text.end()};
}

}  // namespace

std::vector<Bytes> gguf_seeds() {
  const FloatModel model = random_float_model(tiny_shape(), 1, false);
  FloatModel wrong = random_float_model(tiny_shape(), 2, true);
  wrong.norm[0] = std::numeric_limits<double>::infinity();
  Bytes changed = write_gguf(model);
  changed[4] = 2;
  return {write_gguf(model),
          write_gguf(random_float_model(tiny_shape(), 2, true)),
          write_gguf(wrong),
          with_merges(model),
          with_pieces(model),
          with_format(1, 64),
          with_format(30, 64),
          with_format(8, 34),
          with_format(2, 18),
          with_format(3, 20),
          changed,
          without_end(write_gguf(model), 40),
          without_end(write_gguf(model), 900),
          replaced(write_gguf(model), "llama.block_count", "llama.block_cnunt"),
          replaced(write_gguf(model), "ffn_up", "ffn_dn")};
}

std::vector<Bytes> safetensors_seeds() {
  ModelShape large = tiny_shape();
  large.vocabulary = 257;
  const Bytes file = write_safetensors(random_float_model(tiny_shape(), 1, false));
  const Bytes other = marked(write_safetensors(random_float_model(tiny_shape(), 2, true)));
  FloatModel wrong = random_float_model(tiny_shape(), 2, true);
  wrong.layers[0].down = matrix_with(2, 1, {1, std::numeric_limits<double>::quiet_NaN()});
  return {file,
          other,
          marked(write_safetensors(random_float_model(large, 3, false))),
          marked(write_safetensors(wrong)),
          replaced(other, "neighbours", "halves"),
          replaced(other, "\"epsilon\"", "\"D\":\"2\",\"eps\""),
          replaced(other, "\"F32\",\"shape\":[2]", "\"BF16\",\"shape\":[4]"),
          replaced(other, "up_proj", "top_proj"),
          without_end(file, 3),
          without_end(other, 3)};
}

}  // namespace p2pllm::fuzz
