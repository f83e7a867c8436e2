#include "model/layers/gguf_tokenizer.hpp"

#include <array>

#include "model/layers/byte_pairs.hpp"
#include "model/layers/model_shape.hpp"
#include "model/layers/pieces.hpp"

namespace p2pllm {
namespace {

constexpr const char* tokens_key = "tokenizer.ggml.tokens";
constexpr const char* types_key = "tokenizer.ggml.token_type";
constexpr const char* merges_key = "tokenizer.ggml.merges";
constexpr const char* template_key = "tokenizer.chat_template";
constexpr std::string_view turn_begin = "<|im_start|>", turn_end = "<|im_end|>", text_end = "<|endoftext|>";

/// The kinds of tokens. Unknown and unused ones are treated as control tokens.
enum TokenType : std::int64_t { normal = 1, unknown = 2, control = 3, user_defined = 4, unused = 5, byte = 6 };

/// The byte that a character of GPT-2's tokens stands for: visible characters of Latin-1 stand for themselves, and the
/// others in order for 256, 257 and so on.
std::optional<char> byte_of(char32_t code) {
  const auto is_visible = [](char32_t c) { return (c > 0x20 && c < 0x7f) || (c > 0xa0 && c < 0x100 && c != 0xad); };
  if (is_visible(code)) return static_cast<char>(code);
  char32_t next = 0x100;
  for (char32_t c = 0; c < 0x100; ++c)
    if (!is_visible(c) && next++ == code) return static_cast<char>(c);
  return std::nullopt;
}

/// The bytes of a token in GPT-2's characters; nothing if it has any other character.
std::optional<std::string> bytes_of_token(std::string_view token) {
  std::string bytes;
  for (std::size_t at = 0; at < token.size();) {
    const auto character = first_character(token.substr(at));
    const auto byte = character ? byte_of(character->code) : std::nullopt;
    if (!byte) return std::nullopt;
    bytes += *byte;
    at += character->bytes;
  }
  return bytes;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// The default system text of a template of ChatML, which may be empty; nothing for any other template.
std::optional<std::string> system_of_template(std::string_view given) {
  const std::string text = replaced(std::string(given), "\\n", "\n");
  const std::string_view loop = "{% for message in messages %}";
  const std::string_view before = "{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\n";
  const std::string_view after = "<|im_end|>\n' }}{% endif %}";
  const std::string_view turn =
      "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
      "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
  std::string_view rest = text;
  if (!rest.starts_with(loop) || !rest.ends_with(turn) || rest.size() < loop.size() + turn.size()) return std::nullopt;
  rest = rest.substr(loop.size(), rest.size() - loop.size() - turn.size());
  if (rest.empty()) return std::string();
  if (!rest.starts_with(before) || !rest.ends_with(after) || rest.size() < before.size() + after.size())
    return std::nullopt;
  rest = rest.substr(before.size(), rest.size() - before.size() - after.size());
  const bool is_plain = rest.find_first_of("'\\{}<") == std::string_view::npos && is_utf8(bytes_of(rest));
  return is_plain && !rest.empty() ? std::optional(std::string(rest)) : std::nullopt;
}

class TokenizerReader {
 public:
  TokenizerReader(const GgufFile& file, std::int64_t vocabulary) : file_(file), vocabulary_(vocabulary) {}

  [[nodiscard]] Bytes byte_pairs() {
    read_table(false);
    BytePairs pairs;
    pairs.table = table_;
    const auto split = split_of(file_.string("tokenizer.ggml.pre"));
    if (!split)
      file_.fail("tokenizer.ggml.pre", printable(file_.string("tokenizer.ggml.pre")), "must be gpt-2 or smollm");
    pairs.split = *split;
    const TokenIndex tokens(table_, text_tokens(table_));
    for (const std::string_view merge : file_.strings(merges_key)) {
      const std::size_t gap = merge.find(' ');
      for (const std::string_view part : {merge.substr(0, gap), gap < merge.size() ? merge.substr(gap + 1) : ""}) {
        const auto bytes = bytes_of_token(part);
        const auto token = bytes ? tokens.find(*bytes) : std::nullopt;
        if (!token) file_.fail(merges_key, printable(merge), "a merge must be two tokens with a space between them");
        pairs.merges.push_back(*token);
      }
    }
    pairs.chat = chat();
    return encode(pairs);
  }

  [[nodiscard]] Bytes pieces() {
    read_table(true);
    Pieces pieces;
    pieces.table = table_;
    if (file_.find("tokenizer.ggml.add_space_prefix") && !file_.boolean("tokenizer.ggml.add_space_prefix"))
      file_.fail("tokenizer.ggml.add_space_prefix", "false", "must be true for a tokenizer of pieces");
    const std::vector<double> scores = file_.reals("tokenizer.ggml.scores");
    for (const double score : scores)
      if (!is_score(score)) file_.fail("tokenizer.ggml.scores", std::to_string(score), score_rule);
    pieces.ranks = ranks_of(scores);
    pieces.bytes = bytes_;
    return encode(pieces);
  }

 private:
  void read_table(bool is_pieces) {
    const auto names = file_.strings(tokens_key);
    const auto types =
        file_.find(types_key) ? file_.integers(types_key) : std::vector<std::int64_t>(names.size(), normal);
    if (names.size() != types.size())
      file_.fail(types_key, std::to_string(types.size()) + " items", "there must be one for each token");
    for (std::size_t token = 0; token < names.size(); ++token) {
      const std::int64_t number = static_cast<std::int64_t>(token);
      std::string text(names[token]);
      if (types[token] < normal || types[token] > byte)
        file_.fail(types_key, std::to_string(types[token]), "the type of a token must be 1 .. 6");
      if (types[token] == byte) {
        bytes_.push_back(number);
        text = byte_of_name(text);
      } else if (types[token] == normal) {
        const auto bytes = is_pieces ? replaced(text, "\u2581", " ") : bytes_of_token(text);
        if (!bytes)
          file_.fail(tokens_key, printable(text), "a token must be in the characters that GPT-2 has for bytes");
        text = *bytes;
      } else if (types[token] != user_defined) {
        table_.control.push_back(number);
      }
      table_.tokens.push_back(std::move(text));
    }
    const char* begins = "tokenizer.ggml.add_bos_token";
    if (file_.find(begins) ? file_.boolean(begins) : is_pieces)
      table_.begin.push_back(token_at("tokenizer.ggml.bos_token_id"));
    read_ends();
  }
  /// The byte of a token such as "<0x0A>".
  [[nodiscard]] std::string byte_of_name(const std::string& name) const {
    const auto bytes = name.size() == 6 && name.starts_with("<0x") && name.ends_with('>')
                           ? from_hex(lower(name.substr(3, 2)))
                           : std::nullopt;
    if (!bytes) file_.fail(tokens_key, printable(name), "a token of a byte must be such as <0x0A>");
    return {bytes->begin(), bytes->end()};
  }
  static std::string lower(std::string text) {
    for (char& c : text)
      if ('A' <= c && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
  }
  void read_ends() {
    for (const char* key :
         {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"})
      if (file_.find(key)) table_.ends.push_back(token_at(key));
    for (const std::string_view name : {turn_end, text_end})
      if (const auto token = control_token(name)) table_.ends.push_back(*token);
    std::sort(table_.ends.begin(), table_.ends.end());
    table_.ends.erase(std::unique(table_.ends.begin(), table_.ends.end()), table_.ends.end());
  }
  [[nodiscard]] std::int64_t token_at(std::string_view key) const { return file_.integer(key, 0, vocabulary_ - 1); }
  [[nodiscard]] std::optional<std::int64_t> control_token(std::string_view name) const {
    for (const std::int64_t token : table_.control)
      if (table_.tokens[static_cast<std::size_t>(token)] == name) return token;
    return std::nullopt;
  }

  /// A question after the default system text, if there is one, as a template of ChatML has it.
  [[nodiscard]] std::vector<ChatPart> chat() const {
    const auto begin = control_token(turn_begin), end = control_token(turn_end);
    if (!begin || !end || !file_.find(template_key)) return {};
    const auto system = system_of_template(file_.string(template_key));
    if (!system) return {};
    std::vector<ChatPart> parts;
    const auto token = [&](std::int64_t value) { parts.push_back({ChatPart::Kind::token, value, {}}); };
    const auto text = [&](const std::string& value) { parts.push_back({ChatPart::Kind::text, 0, value}); };
    if (!system->empty()) {
      token(*begin), text("system\n" + *system), token(*end), text("\n");
    }
    token(*begin), text("user\n");
    parts.emplace_back();  // the question
    token(*end), text("\n"), token(*begin), text("assistant\n");
    return parts;
  }

  const GgufFile& file_;
  std::int64_t vocabulary_;
  TokenTable table_;
  std::vector<std::int64_t> bytes_;
};

}  // namespace

Bytes tokenizer_of(const GgufFile& file, std::int64_t vocabulary) {
  const std::string_view kind = file.string("tokenizer.ggml.model");
  if (kind != "gpt2" && kind != "llama") file.fail("tokenizer.ggml.model", printable(kind), "must be gpt2 or llama");
  TokenizerReader reader(file, vocabulary);
  Bytes encoding = kind == "gpt2" ? reader.byte_pairs() : reader.pieces();
  if (const auto tokenizer = read_tokenizer(encoding, vocabulary); !tokenizer)
    file.fail(tokens_key, std::to_string(file.at(tokens_key).items) + " tokens", tokenizer.error().rule);
  return encoding;
}

}  // namespace p2pllm
