#include "model/layers/tokenizer.hpp"

#include <variant>

#include "model/layers/byte_pairs.hpp"
#include "model/layers/pieces.hpp"

namespace p2pllm {
namespace {

constexpr std::int64_t byte_count = 256;
constexpr std::string_view bytes_kind = "bytes";

class ByteTokenizer : public Tokenizer {
 public:
  [[nodiscard]] std::int64_t vocabulary() const override { return byte_count; }
  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text) const override {
    std::vector<std::int64_t> tokens;
    for (const char byte : text) tokens.push_back(static_cast<unsigned char>(byte));
    return tokens;
  }
  [[nodiscard]] std::vector<std::int64_t> encode_chat(std::string_view question) const override {
    return encode(question);
  }
  [[nodiscard]] bool has_chat() const override { return false; }
  [[nodiscard]] std::string decode(std::int64_t token) const override { return {static_cast<char>(token)}; }
  [[nodiscard]] bool is_end(std::int64_t /*token*/) const override { return false; }
};

using Encoded = std::variant<std::monostate, BytePairs, Pieces>;  ///< the first for bytes

Encoded next_encoded(CborReader& reader) {
  reader.next_array();
  const std::string_view kind = reader.next_text();
  if (kind == BytePairs::kind) return next_byte_pairs(reader);
  if (kind == Pieces::kind) return next_pieces(reader);
  if (kind != bytes_kind) reader.refuse();
  return {};
}

}  // namespace

Bytes byte_tokenizer() {
  CborWriter writer;
  writer.array(1).text(bytes_kind);
  return writer.take();
}

Result<std::unique_ptr<Tokenizer>> read_tokenizer(ByteView bytes, std::int64_t vocabulary) {
  if (bytes.empty()) return bad_input("the model has no tokenizer (MODEL-5)");
  const auto encoded = decode_cbor(bytes, next_encoded);
  if (!encoded) return bad_input("the tokenizer: " + to_string(encoded.error()) + " (MODEL-5)");
  if (const auto* pairs = std::get_if<BytePairs>(&*encoded)) return byte_pair_tokenizer(*pairs, vocabulary);
  if (const auto* pieces = std::get_if<Pieces>(&*encoded)) return piece_tokenizer(*pieces, vocabulary);
  if (vocabulary != byte_count) return bad_input("a tokenizer of bytes needs a vocabulary of 256 (MODEL-5)");
  return std::make_unique<ByteTokenizer>();
}

}  // namespace p2pllm
