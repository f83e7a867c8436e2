#pragma once

#include <memory>

#include "model/layers/text_split.hpp"
#include "model/layers/token_table.hpp"

namespace p2pllm {

/// A part of the form of a conversation: a token, a text, or the place of the question.
struct ChatPart {
  enum class Kind { token, text, question };
  Kind kind = Kind::question;
  std::int64_t token = 0;
  std::string text;

  bool operator==(const ChatPart&) const = default;
};

/// A tokenizer that merges pairs of tokens, beginning with bytes, within the words of a text (MODEL-5).
struct BytePairs {
  static constexpr std::string_view kind = "byte_pairs";  ///< in its encoding

  TokenTable table;
  TextSplit split = TextSplit::gpt2;
  std::vector<std::int64_t> merges;  ///< left, right, left, right, ..; the first pair has the least rank
  std::vector<ChatPart> chat;        ///< empty if the model has no form for conversations

  bool operator==(const BytePairs&) const = default;
};

/// The encoding (MODEL-5).
[[nodiscard]] Bytes encode(const BytePairs& pairs);
/// What follows the kind in the encoding.
[[nodiscard]] BytePairs next_byte_pairs(CborReader& reader);
/// @returns the tokenizer, or a fault without a place for the rule of MODEL-5 that is broken
[[nodiscard]] Result<std::unique_ptr<Tokenizer>> byte_pair_tokenizer(BytePairs pairs, std::int64_t vocabulary);

}  // namespace p2pllm
