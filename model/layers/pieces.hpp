#pragma once

#include <memory>

#include "model/layers/token_table.hpp"

namespace p2pllm {

/// A tokenizer that merges neighbouring tokens whose bytes together are a token, beginning with characters, the best
/// token first, as llama2.c and SentencePiece's byte-pair models do (MODEL-5).
struct Pieces {
  static constexpr std::string_view kind = "pieces";  ///< in its encoding

  TokenTable table;
  std::vector<std::int64_t> ranks;  ///< of each token: of two that could be merged, the one of less rank is
  std::vector<std::int64_t> bytes;  ///< 256 tokens that stand for the bytes of characters without a token; or none

  bool operator==(const Pieces&) const = default;
};

/// Whether llama2.c would ever merge to a token of this score: it is finite and greater than -10^10.
[[nodiscard]] inline bool is_score(double score) { return -1e10 < score && score < 1e30; }
inline constexpr const char* score_rule = "a score must be greater than -10^10 and less than 10^30";

/// The ranks of tokens with these scores: 0 for the greatest score, 1 for the next one, and so on.
[[nodiscard]] std::vector<std::int64_t> ranks_of(const std::vector<double>& scores);

/// The encoding (MODEL-5).
[[nodiscard]] Bytes encode(const Pieces& pieces);
/// What follows the kind in the encoding.
[[nodiscard]] Pieces next_pieces(CborReader& reader);
/// @returns the tokenizer, or a fault without a place for the rule of MODEL-5 that is broken
[[nodiscard]] Result<std::unique_ptr<Tokenizer>> piece_tokenizer(const Pieces& pieces, std::int64_t vocabulary);

}  // namespace p2pllm
