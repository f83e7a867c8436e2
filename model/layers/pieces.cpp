#include "model/layers/pieces.hpp"

#include "model/layers/token_merges.hpp"

namespace p2pllm {
namespace {

constexpr std::uint64_t fields = 7;  ///< of the encoding, with the kind
constexpr std::size_t byte_count = 256;

/// The tokens that are found by their bytes: neither control tokens nor those that stand for one byte.
std::vector<bool> piece_tokens(const Pieces& pieces) {
  std::vector<bool> is_piece = text_tokens(pieces.table);
  for (const std::int64_t token : pieces.bytes) is_piece[static_cast<std::size_t>(token)] = false;
  return is_piece;
}

class PieceTokenizer : public TableTokenizer {
 public:
  explicit PieceTokenizer(const Pieces& pieces)
      : TableTokenizer(pieces.table),
        ranks_(pieces.ranks),
        bytes_(pieces.bytes),
        is_piece_(piece_tokens(pieces)),
        index_(table(), is_piece_) {}

  [[nodiscard]] const TokenIndex& tokens() const { return index_; }

  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text) const override {
    std::vector<std::int64_t> tokens;
    if (!text.empty()) add_character(" ", tokens);
    for (std::size_t at = 0; at < text.size();) {
      const auto character = first_character(text.substr(at));
      const std::size_t bytes = character ? character->bytes : 1;
      add_character(text.substr(at, bytes), tokens);
      at += bytes;
    }
    tokens = merge_tokens(tokens, [this](std::int64_t left, std::int64_t right) { return find(left, right); });
    tokens.insert(tokens.begin(), table().begin.begin(), table().begin.end());
    return tokens;
  }
  [[nodiscard]] std::vector<std::int64_t> encode_chat(std::string_view question) const override {
    return encode(question);
  }
  [[nodiscard]] bool has_chat() const override { return false; }

 private:
  void add_character(std::string_view character, std::vector<std::int64_t>& tokens) const {
    if (const auto token = index_.find(character)) {
      tokens.push_back(*token);
      return;
    }
    for (const char byte : character)
      if (!bytes_.empty()) tokens.push_back(bytes_[static_cast<unsigned char>(byte)]);
  }
  [[nodiscard]] std::optional<TokenMerge> find(std::int64_t left, std::int64_t right) const {
    if (!is_piece_[static_cast<std::size_t>(left)] || !is_piece_[static_cast<std::size_t>(right)]) return std::nullopt;
    const auto& all = table().tokens;
    const auto token = index_.find(all[static_cast<std::size_t>(left)] + all[static_cast<std::size_t>(right)]);
    if (!token) return std::nullopt;
    return TokenMerge{ranks_[static_cast<std::size_t>(*token)], *token};
  }

  std::vector<std::int64_t> ranks_;
  std::vector<std::int64_t> bytes_;
  std::vector<bool> is_piece_;
  TokenIndex index_;
};

std::string pieces_fault(const Pieces& pieces) {
  if (pieces.ranks.size() != pieces.table.tokens.size()) return "each token must have a rank (MODEL-5)";
  if (pieces.bytes.empty()) return {};
  if (pieces.bytes.size() != byte_count) return "all 256 bytes must have a token, or none (MODEL-5)";
  for (std::size_t byte = 0; byte < byte_count; ++byte) {
    const std::int64_t token = pieces.bytes[byte];
    if (static_cast<std::size_t>(token) >= pieces.table.tokens.size() ||
        std::binary_search(pieces.table.control.begin(), pieces.table.control.end(), token) ||
        pieces.table.tokens[static_cast<std::size_t>(token)] != std::string(1, static_cast<char>(byte)))
      return "token " + std::to_string(token) + " is not that of the byte " + std::to_string(byte) + " (MODEL-5)";
  }
  return {};
}

}  // namespace

std::vector<std::int64_t> ranks_of(const std::vector<double>& scores) {
  std::vector<double> distinct = scores;
  std::sort(distinct.begin(), distinct.end(), std::greater<>());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<std::int64_t> ranks;
  ranks.reserve(scores.size());
  for (const double score : scores)
    ranks.push_back(std::lower_bound(distinct.begin(), distinct.end(), score, std::greater<>()) - distinct.begin());
  return ranks;
}

Bytes encode(const Pieces& pieces) {
  CborWriter writer;
  writer.array(fields).text(Pieces::kind);
  write_table(writer, pieces.table);
  write_numbers(writer, pieces.ranks);
  write_numbers(writer, pieces.bytes);
  return writer.take();
}

Pieces next_pieces(CborReader& reader) {
  Pieces pieces;
  pieces.table = next_table(reader);
  pieces.ranks = next_numbers(reader);
  pieces.bytes = next_numbers(reader);
  return pieces;
}

Result<std::unique_ptr<Tokenizer>> piece_tokenizer(const Pieces& pieces, std::int64_t vocabulary) {
  if (const std::string rule = table_fault(pieces.table, vocabulary); !rule.empty()) return bad_input(rule);
  if (const std::string rule = pieces_fault(pieces); !rule.empty()) return bad_input(rule);
  auto tokenizer = std::make_unique<PieceTokenizer>(pieces);
  if (const auto doubled = tokenizer->tokens().doubled())
    return bad_input("token " + std::to_string(*doubled) + " has the bytes of another one (MODEL-5)");
  return tokenizer;
}

}  // namespace p2pllm
