#include "model/layers/tokenizer.hpp"

#include "model/encoding/cbor.hpp"

namespace p2pllm {
namespace {

class ByteTokenizer : public Tokenizer {
 public:
  [[nodiscard]] std::int64_t vocabulary() const override { return 256; }
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

}  // namespace

Bytes byte_tokenizer() {
  CborWriter writer;
  writer.array(1).text("bytes");
  return writer.take();
}

Result<std::unique_ptr<Tokenizer>> read_tokenizer(ByteView bytes, std::int64_t vocabulary) {
  const Bytes known = byte_tokenizer();
  if (!std::equal(bytes.begin(), bytes.end(), known.begin(), known.end()) || vocabulary != 256)
    return bad_input("no known tokenizer (MODEL-5)");
  return std::make_unique<ByteTokenizer>();
}

}  // namespace p2pllm
