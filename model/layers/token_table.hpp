#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/encoding/cbor.hpp"
#include "model/layers/model_shape.hpp"
#include "model/layers/tokenizer.hpp"

namespace p2pllm {

/// What the encodings of tokenizers whose tokens are strings have in common (MODEL-5).
struct TokenTable {
  std::vector<std::string> tokens;    ///< the bytes of each token
  std::vector<std::int64_t> control;  ///< tokens that are no text, ascending: they are never found in one
  std::vector<std::int64_t> begin;    ///< control tokens that begin each sequence
  std::vector<std::int64_t> ends;     ///< tokens that end a text, ascending

  bool operator==(const TokenTable&) const = default;
};

inline constexpr std::size_t begin_tokens_max = 16;
inline constexpr std::size_t token_bytes_max = 1024;

inline constexpr std::uint64_t list_items_max = vocabulary_max;

/// Reads the head of an array of at most `most` items. A longer one is refused before its items take memory: a part
/// of a form takes 48 times as many bytes as its encoding.
/// @returns the number of items; 0 after a fault
[[nodiscard]] std::uint64_t next_count(CborReader& reader, std::uint64_t most = list_items_max);
[[nodiscard]] std::vector<std::int64_t> next_numbers(CborReader& reader, std::uint64_t most = list_items_max);
void write_numbers(CborWriter& writer, const std::vector<std::int64_t>& numbers);
/// The four arrays of a table, in their order above.
[[nodiscard]] TokenTable next_table(CborReader& reader);
void write_table(CborWriter& writer, const TokenTable& table);
/// The rule of MODEL-5 that the table breaks, or nothing.
[[nodiscard]] std::string table_fault(const TokenTable& table, std::int64_t vocabulary);

/// Finds tokens that are text by their bytes.
class TokenIndex {
 public:
  /// @param table  outlives the index
  /// @param is_text  for each token, whether it is to be found
  TokenIndex(const TokenTable& table, const std::vector<bool>& is_text);
  [[nodiscard]] std::optional<std::int64_t> find(std::string_view bytes) const;
  /// Two tokens with the same bytes, the greater one, if there are any.
  [[nodiscard]] std::optional<std::int64_t> doubled() const;

 private:
  std::vector<std::pair<std::string_view, std::int64_t>> sorted_;
};

/// For each token, whether it is no control token. @pre table_fault finds nothing
[[nodiscard]] std::vector<bool> text_tokens(const TokenTable& table);

/// A tokenizer whose tokens are strings.
class TableTokenizer : public Tokenizer {
 public:
  explicit TableTokenizer(TokenTable table) : table_(std::move(table)), is_text_(text_tokens(table_)) {}
  [[nodiscard]] std::int64_t vocabulary() const override { return static_cast<std::int64_t>(table_.tokens.size()); }
  /// A control token adds nothing to a text.
  [[nodiscard]] std::string decode(std::int64_t token) const override {
    return is_text_[static_cast<std::size_t>(token)] ? table_.tokens[static_cast<std::size_t>(token)] : "";
  }
  [[nodiscard]] bool is_end(std::int64_t token) const override {
    return std::binary_search(table_.ends.begin(), table_.ends.end(), token);
  }

 protected:
  [[nodiscard]] const TokenTable& table() const { return table_; }

 private:
  TokenTable table_;
  std::vector<bool> is_text_;
};

}  // namespace p2pllm
