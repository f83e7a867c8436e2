#include "model/layers/llama2c.hpp"

#include <array>
#include <cstdlib>

#include "model/layers/binary_cursor.hpp"
#include "model/layers/file_tensor.hpp"
#include "model/layers/pieces.hpp"

namespace p2pllm {
namespace {

constexpr std::uint32_t epsilon_bits = 0x3727c5ac;  // 1e-5f, as llama2.c has it
constexpr double rope_base = 10000;
constexpr std::int64_t byte_count = 256;
constexpr std::size_t size_bytes = 4, size_count = 7, value_bytes = 4;
constexpr std::int64_t bos = 1, eos = 2, first_byte_token = 3;

/// The sizes at the beginning of a file; a negative vocabulary says that the head is a matrix of its own.
struct Sizes {
  ModelShape shape;
  bool has_head = false;
};

std::optional<Sizes> sizes_of(ByteView file) {
  if (file.size() < size_count * size_bytes) return std::nullopt;
  std::array<std::int64_t, size_count> numbers{};
  for (std::size_t i = 0; i < size_count; ++i)
    numbers[i] = static_cast<std::int32_t>(little_endian(file, i * size_bytes, size_bytes));
  Sizes sizes;
  ModelShape& s = sizes.shape;
  s = {.layers = numbers[2],
       .width = numbers[0],
       .hidden = numbers[1],
       .heads = numbers[3],
       .kv_heads = numbers[4],
       .head_width = 0,
       .vocabulary = std::abs(numbers[5]),
       .context = numbers[6],
       .fraction_bits = 0};
  if (s.heads < 1 || s.width % s.heads != 0) return std::nullopt;
  s.head_width = s.width / s.heads;
  sizes.has_head = numbers[5] < 0;
  return float_shape_fault(s).empty() ? std::optional(sizes) : std::nullopt;
}

/// The bytes of a file: the sizes, all tensors, and tables of the rotation that are not needed. @pre MODEL-1
std::uint64_t file_bytes(const Sizes& sizes) {
  const ModelShape& s = sizes.shape;
  const std::int64_t layer = 2 * s.width + (2 * s.query_width() + 2 * s.kv_width() + 3 * s.hidden) * s.width;
  const std::int64_t values =
      s.vocabulary * s.width * (sizes.has_head ? 2 : 1) + s.layers * layer + s.width + s.context * s.head_width;
  return size_count * size_bytes + value_bytes * static_cast<std::uint64_t>(values);
}

/// The tensors of a file, from the left: each kind for all layers at once.
class Tensors {
 public:
  explicit Tensors(ByteView file) : left_(file.subspan(size_count * size_bytes)) {}

  FloatMatrix matrix(std::int64_t rows, std::int64_t columns) { return matrix_of(next({rows, columns})); }
  std::vector<double> factors(std::int64_t count) { return values_of(next({count})); }
  void skip(std::int64_t values) { next({values}); }

 private:
  FileTensor next(const std::vector<std::int64_t>& shape) {
    std::size_t bytes = value_bytes;
    for (const std::int64_t size : shape) bytes *= static_cast<std::size_t>(size);
    const ByteView own = left_.first(bytes);
    left_ = left_.subspan(bytes);
    return {.format = TensorFormat::float32, .shape = shape, .bytes = own};
  }
  ByteView left_;
};

std::string next_piece(BinaryCursor& cursor, std::uint64_t most) {
  const std::uint64_t offset = cursor.offset();
  const std::uint64_t length = cursor.number(size_bytes, "the length of a token");
  if (length > most)
    cursor.fail("the length of a token", std::to_string(length), "must be at most " + std::to_string(most), offset);
  const ByteView bytes = cursor.bytes(length, "a token");
  return {bytes.begin(), bytes.end()};
}

/// The name that the token of a byte has in a file.
std::string name_of_byte(std::int64_t byte) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  return std::string("<0x") + digits[static_cast<std::size_t>(byte / 16)] +
         digits[static_cast<std::size_t>(byte % 16)] + ">";
}

}  // namespace

bool is_llama2c(ByteView file) {
  const auto sizes = sizes_of(file);
  return sizes && file.size() == file_bytes(*sizes);
}

Result<FloatModel> read_llama2c(ByteView file, const std::string& source) {
  const auto sizes = sizes_of(file);
  if (!sizes) return bad_input(source + ": byte 0", "a file of llama2.c must begin with seven sizes of MODEL-1");
  if (file.size() != file_bytes(*sizes))
    return bad_input(source + ": byte 0", std::to_string(file.size()) + " bytes",
                     "a file with these sizes must have " + std::to_string(file_bytes(*sizes)));
  FloatModel model;
  const ModelShape& s = model.shape = sizes->shape;
  model.epsilon = float32_of(epsilon_bits);
  model.rope_base = rope_base;
  if (s.vocabulary == byte_count) model.tokenizer = byte_tokenizer();
  model.layers.resize(static_cast<std::size_t>(s.layers));
  Tensors tensors(file);
  model.embedding = tensors.matrix(s.vocabulary, s.width);
  for (FloatLayer& layer : model.layers) layer.attention_norm = tensors.factors(s.width);
  for (FloatLayer& layer : model.layers) layer.query = tensors.matrix(s.query_width(), s.width);
  for (FloatLayer& layer : model.layers) layer.key = tensors.matrix(s.kv_width(), s.width);
  for (FloatLayer& layer : model.layers) layer.value = tensors.matrix(s.kv_width(), s.width);
  for (FloatLayer& layer : model.layers) layer.output = tensors.matrix(s.width, s.query_width());
  for (FloatLayer& layer : model.layers) layer.feed_norm = tensors.factors(s.width);
  for (FloatLayer& layer : model.layers) layer.gate = tensors.matrix(s.hidden, s.width);
  for (FloatLayer& layer : model.layers) layer.down = tensors.matrix(s.width, s.hidden);
  for (FloatLayer& layer : model.layers) layer.up = tensors.matrix(s.hidden, s.width);
  model.norm = tensors.factors(s.width);
  tensors.skip(s.context * s.head_width);
  if (sizes->has_head) model.head = tensors.matrix(s.vocabulary, s.width);
  return model;
}

Result<Bytes> read_llama2c_tokenizer(ByteView file, const std::string& source, std::int64_t vocabulary) {
  try {
    BinaryCursor cursor(file, source);
    const std::uint64_t longest = cursor.number(size_bytes, "the length of the longest token");
    Pieces pieces;
    std::vector<double> scores;
    for (std::int64_t token = 0; token < vocabulary; ++token) {
      const std::uint64_t offset = cursor.offset();
      const double score = float32_of(static_cast<std::uint32_t>(cursor.number(value_bytes, "a score")));
      if (!is_score(score)) cursor.fail("token " + std::to_string(token), std::to_string(score), score_rule, offset);
      scores.push_back(score);
      std::string text = next_piece(cursor, longest);
      const std::int64_t byte = token - first_byte_token;
      if (byte < 0) pieces.table.control.push_back(token);
      if (byte >= 0 && byte < byte_count) {
        if (text != name_of_byte(byte))
          cursor.fail("token " + std::to_string(token), printable(text), "must be " + name_of_byte(byte), offset);
        pieces.bytes.push_back(token);
        text.assign(1, static_cast<char>(byte));
      }
      pieces.table.tokens.push_back(std::move(text));
    }
    if (cursor.left() != 0) cursor.fail("the end", std::to_string(cursor.left()) + " bytes more", "must be the end");
    pieces.table.begin = {bos};
    pieces.table.ends = {bos, eos};
    pieces.ranks = ranks_of(scores);
    Bytes encoding = encode(pieces);
    if (const auto read = read_tokenizer(encoding, vocabulary); !read) return bad_input(source, read.error().rule);
    return encoding;
  } catch (const BinaryCursor::Failure& failure) {
    return tl::unexpected<Fault>(failure.fault);
  }
}

}  // namespace p2pllm
