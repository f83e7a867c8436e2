#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/encoding/bytes.hpp"
#include "model/result.hpp"

namespace p2pllm {

/// Turns text into the tokens of a model and back (MODEL-5).
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  /// The number of tokens, which are 0 .. vocabulary() - 1.
  [[nodiscard]] virtual std::int64_t vocabulary() const = 0;
  /// The tokens of a text, with those that begin a sequence if the model has any.
  /// @param text  UTF-8
  [[nodiscard]] virtual std::vector<std::int64_t> encode(std::string_view text) const = 0;
  /// The tokens of a conversation of one question, up to where the answer begins; those of `encode` if the model has no
  /// form for conversations.
  [[nodiscard]] virtual std::vector<std::int64_t> encode_chat(std::string_view question) const = 0;
  [[nodiscard]] virtual bool has_chat() const = 0;
  /// The bytes that a token adds to a text; characters may be split between tokens. @param token  below vocabulary()
  [[nodiscard]] virtual std::string decode(std::int64_t token) const = 0;
  /// Whether the token ends a text.
  [[nodiscard]] virtual bool is_end(std::int64_t token) const = 0;
};

/// Reads the encoding of a tokenizer.
/// @param vocabulary  of its model
/// @returns the tokenizer; a fault without a place if the bytes are no encoding, or are one for another vocabulary
[[nodiscard]] Result<std::unique_ptr<Tokenizer>> read_tokenizer(ByteView bytes, std::int64_t vocabulary);

/// The encoding of the tokenizer whose tokens are the 256 bytes.
[[nodiscard]] Bytes byte_tokenizer();

}  // namespace p2pllm
