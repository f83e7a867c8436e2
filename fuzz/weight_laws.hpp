#pragma once

#include <cmath>

#include "fuzz/law.hpp"
#include "model/layers/file_tensor.hpp"
#include "tests/support/weight_files.hpp"

// The laws of a reader of weights, whichever kind of file it reads.
namespace p2pllm::fuzz {

constexpr std::size_t message_length_max = 8000;

/// FORMAT-6 for a file that is no document.
inline void law_of_weight_message(const std::string& message) {
  law(message.size() <= message_length_max, "FORMAT-6: a message is short", message);
  std::string escaped = message;  // its backslashes begin escapes
  std::erase(escaped, '\\');
  law(for_terminal(escaped) == escaped, "FORMAT-6: a message is printable", message);
  law(message.starts_with("m: byte ") || message.starts_with("m: /") || message.starts_with("m: line "),
      "FORMAT-6: a message has a place", message);
}

/// Each tensor has the size that the shape says.
inline void law_of_sizes(const FloatModel& model) {
  const ModelShape& s = model.shape;
  law(float_shape_fault(s).empty(), "MODEL-1: the sizes of a model that is read", float_shape_fault(s));
  const auto is = [](const FloatMatrix& matrix, std::int64_t rows, std::int64_t columns) {
    law(matrix.rows == rows && matrix.columns == columns, "MODEL-3: a matrix has the size that the shape says");
  };
  const auto width = static_cast<std::size_t>(s.width);
  law(model.layers.size() == static_cast<std::size_t>(s.layers), "MODEL-3: a model has its layers");
  is(model.embedding, s.vocabulary, s.width);
  if (model.head) is(*model.head, s.vocabulary, s.width);
  law(model.norm.size() == width, "MODEL-3: a norm has a factor a column");
  for (const FloatLayer& layer : model.layers) {
    law(layer.attention_norm.size() == width && layer.feed_norm.size() == width,
        "MODEL-3: a norm has a factor a column");
    is(layer.query, s.query_width(), s.width);
    is(layer.key, s.kv_width(), s.width);
    is(layer.value, s.kv_width(), s.width);
    is(layer.output, s.width, s.query_width());
    is(layer.gate, s.hidden, s.width);
    is(layer.up, s.hidden, s.width);
    is(layer.down, s.width, s.hidden);
  }
}

/// Whether a float of 32 bits holds every value, so that the writers of `weight_files.hpp` can write the model again.
inline bool is_float32(const FloatModel& model) {
  const auto holds = [](double value) {
    return std::isfinite(value) && std::abs(value) < 1e38 && static_cast<double>(static_cast<float>(value)) == value;
  };
  bool all = holds(model.epsilon) && holds(model.rope_base);
  testing::for_each_tensor(model, [&](const std::string& name, std::int64_t rows, const std::vector<double>& values) {
    law(!name.empty() && rows >= 0, "MODEL-3: tensors have names");
    all = all && std::ranges::all_of(values, holds);
  });
  return all;
}

/// A tokenizer that is read is one (MODEL-5): what it encodes decodes to a part of the text at least, byte for byte if
/// it has a token for each.
inline void law_of_tokenizer(const FloatModel& model) {
  if (model.tokenizer.empty()) return;
  const auto tokenizer = read_tokenizer(model.tokenizer, model.shape.vocabulary);
  law(tokenizer.has_value(), "MODEL-5: the encoding of a tokenizer is read",
      tokenizer ? "" : tokenizer.error().message());
  const std::string text = "In <|im_end|> 12\n\n it's\xff\xc3\xa9";
  std::string decoded;
  for (const std::int64_t token : (*tokenizer)->encode(text)) {
    law(0 <= token && token < model.shape.vocabulary, "MODEL-5: tokens are in the vocabulary");
    decoded += (*tokenizer)->decode(token);
  }
  std::size_t at = 0;
  for (const char byte : " " + text)  // a tokenizer of pieces begins with a space
    if (at < decoded.size() && decoded[at] == byte) ++at;
  law(at == decoded.size(), "MODEL-5: what is decoded is of the text, in order", decoded);
}

/// All of them, and: what is read is written by `write` and read by `read` as it was.
template <typename Write, typename Read>
void law_of_weights(FloatModel& model, const Write& write, const Read& read) {
  law_of_sizes(model);
  law_of_tokenizer(model);
  if (!is_float32(model)) {
    ++reached["read, not to be written in 32 bits"];
    return;
  }
  ++reached["read and written"];
  const Bytes written = write(model);
  if (has_planted_fault) model.norm[0] += 1;
  const auto again = read(written, "m");
  law(again.has_value(), "MODEL-4: what is read is read again", again ? "" : again.error().message());
  law(testing::same_weights(*again, model), "MODEL-4: what is read is read again as it was");
}

}  // namespace p2pllm::fuzz
