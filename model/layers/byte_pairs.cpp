#include "model/layers/byte_pairs.hpp"

#include <array>

#include "model/layers/token_merges.hpp"

namespace p2pllm {
namespace {

constexpr std::uint64_t fields = 8;  ///< of the encoding, with the kind
constexpr std::size_t chat_parts_max = 64;

std::size_t index(std::int64_t token) { return static_cast<std::size_t>(token); }

class BytePairTokenizer : public TableTokenizer {
 public:
  explicit BytePairTokenizer(BytePairs pairs)
      : TableTokenizer(std::move(pairs.table)), split_(pairs.split), chat_(std::move(pairs.chat)) {}

  /// Makes the tables of merges and bytes. @returns the rule that is broken, or nothing
  [[nodiscard]] std::string prepare(const std::vector<std::int64_t>& merges) {
    const std::vector<bool> is_text = text_tokens(table());
    const TokenIndex tokens(table(), is_text);
    if (const auto doubled = tokens.doubled())
      return "token " + std::to_string(*doubled) + " has the bytes of another one (MODEL-5)";
    if (tokens.find("")) return "token " + std::to_string(*tokens.find("")) + " is empty (MODEL-5)";
    for (std::size_t byte = 0; byte < bytes_.size(); ++byte)
      bytes_[byte] = tokens.find(std::string(1, static_cast<char>(byte))).value_or(-1);
    for (std::size_t i = 0; i + 1 < merges.size(); i += 2) {
      const std::int64_t left = merges[i], right = merges[i + 1];
      const std::string shown = "merge " + std::to_string(i / 2);
      if (std::max(left, right) >= vocabulary() || !is_text[index(left)] || !is_text[index(right)])
        return shown + " is not of two tokens that are text (MODEL-5)";
      const auto whole = tokens.find(table().tokens[index(left)] + table().tokens[index(right)]);
      if (!whole) return shown + " makes no token (MODEL-5)";
      merges_.push_back({left, right, {static_cast<std::int64_t>(i / 2), *whole}});
    }
    std::sort(merges_.begin(), merges_.end());
    const auto same = [](const Merge& a, const Merge& b) { return a.left == b.left && a.right == b.right; };
    if (std::adjacent_find(merges_.begin(), merges_.end(), same) != merges_.end())
      return "two merges are of the same tokens (MODEL-5)";
    return {};
  }

  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text) const override {
    std::vector<std::int64_t> tokens = table().begin;
    add(text, tokens);
    return tokens;
  }
  /// The texts between tokens of the form are one text with the question, in which no token of the form is found.
  [[nodiscard]] std::vector<std::int64_t> encode_chat(std::string_view question) const override {
    if (!has_chat()) return encode(question);
    std::vector<std::int64_t> tokens;
    std::string text;
    for (const ChatPart& part : chat_) {
      if (part.kind != ChatPart::Kind::token) {
        text += part.kind == ChatPart::Kind::question ? question : std::string_view(part.text);
        continue;
      }
      add(text, tokens);
      text.clear();
      tokens.push_back(part.token);
    }
    add(text, tokens);
    return tokens;
  }
  [[nodiscard]] bool has_chat() const override { return !chat_.empty(); }

 private:
  struct Merge {
    std::int64_t left, right;
    TokenMerge result;
    bool operator<(const Merge& other) const { return std::tie(left, right) < std::tie(other.left, other.right); }
  };

  [[nodiscard]] std::optional<TokenMerge> find(std::int64_t left, std::int64_t right) const {
    const auto found = std::lower_bound(merges_.begin(), merges_.end(), Merge{left, right, {}});
    if (found == merges_.end() || found->left != left || found->right != right) return std::nullopt;
    return found->result;
  }
  void add(std::string_view text, std::vector<std::int64_t>& tokens) const {
    for (const std::string_view word : split_text(text, split_)) {
      std::vector<std::int64_t> bytes;
      for (const char byte : word)
        if (const std::int64_t token = bytes_[static_cast<unsigned char>(byte)]; token >= 0) bytes.push_back(token);
      const auto merged =
          merge_tokens(bytes, [this](std::int64_t left, std::int64_t right) { return find(left, right); });
      tokens.insert(tokens.end(), merged.begin(), merged.end());
    }
  }

  TextSplit split_;
  std::vector<ChatPart> chat_;
  std::array<std::int64_t, 256> bytes_{};  ///< the token of each byte, or -1
  std::vector<Merge> merges_;              ///< by left and right
};

ChatPart next_chat_part(CborReader& reader) {
  const auto type = reader.peek();
  if (type == CborType::number) {
    const auto token = static_cast<std::int64_t>(reader.next_number(static_cast<std::uint64_t>(INT32_MAX)));
    return {ChatPart::Kind::token, token, {}};
  }
  if (type == CborType::text) return {ChatPart::Kind::text, 0, std::string(reader.next_text())};
  reader.next_null();
  return {};
}

std::string chat_fault(const std::vector<ChatPart>& chat, std::int64_t vocabulary) {
  std::size_t questions = 0;
  for (std::size_t i = 0; i < chat.size(); ++i) {
    const ChatPart& part = chat[i];
    const bool is_text = part.kind == ChatPart::Kind::text;
    if (part.kind == ChatPart::Kind::question) ++questions;
    if (part.kind == ChatPart::Kind::token && part.token >= vocabulary)
      return "token " + std::to_string(part.token) + " is not in the vocabulary (MODEL-5)";
    if (is_text && (part.text.empty() || (i > 0 && chat[i - 1].kind == ChatPart::Kind::text)))
      return "the form of conversations has an empty text, or two in a row (MODEL-5)";
  }
  if (chat.size() > chat_parts_max) return "the form of conversations has more than 64 parts (MODEL-5)";
  return chat.empty() || questions == 1 ? "" : "the form of conversations must have one question (MODEL-5)";
}

}  // namespace

Bytes encode(const BytePairs& pairs) {
  CborWriter writer;
  writer.array(fields).text(BytePairs::kind);
  write_table(writer, pairs.table);
  writer.text(name_of(pairs.split));
  write_numbers(writer, pairs.merges);
  writer.array(pairs.chat.size());
  for (const ChatPart& part : pairs.chat) {
    if (part.kind == ChatPart::Kind::token) writer.number(static_cast<std::uint64_t>(part.token));
    else if (part.kind == ChatPart::Kind::text) writer.text(part.text);
    else writer.null();
  }
  return writer.take();
}

BytePairs next_byte_pairs(CborReader& reader) {
  BytePairs pairs;
  pairs.table = next_table(reader);
  const auto split = split_of(reader.next_text());
  if (split) pairs.split = *split;
  else reader.refuse();
  pairs.merges = next_numbers(reader, 2 * list_items_max);
  if (pairs.merges.size() % 2 != 0) reader.refuse();
  for (std::uint64_t left = next_count(reader); left > 0 && !reader.failed(); --left)
    pairs.chat.push_back(next_chat_part(reader));
  return pairs;
}

Result<std::unique_ptr<Tokenizer>> byte_pair_tokenizer(BytePairs pairs, std::int64_t vocabulary) {
  if (const std::string rule = table_fault(pairs.table, vocabulary); !rule.empty()) return bad_input(rule);
  if (const std::string rule = chat_fault(pairs.chat, vocabulary); !rule.empty()) return bad_input(rule);
  const std::vector<std::int64_t> merges = std::move(pairs.merges);
  auto tokenizer = std::make_unique<BytePairTokenizer>(std::move(pairs));
  if (const std::string rule = tokenizer->prepare(merges); !rule.empty()) return bad_input(rule);
  return tokenizer;
}

}  // namespace p2pllm
