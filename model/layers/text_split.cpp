#include "model/layers/text_split.hpp"

#include <array>

#include "model/encoding/bytes.hpp"
#include "model/layers/character_class.hpp"

namespace p2pllm {
namespace {

/// The words of the regular expression of GPT-2, whose alternatives are tried in this order:
///   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  [[nodiscard]] bool is_done() const { return at_ == text_.size(); }
  [[nodiscard]] std::string_view next() {
    const std::size_t begin = at_;
    at_ = end_of_word();
    return text_.substr(begin, at_ - begin);
  }

 private:
  struct Step {
    CharacterClass is;
    std::size_t bytes;
  };
  [[nodiscard]] Step step_at(std::size_t at) const {
    const auto character = first_character(text_.substr(at));
    return character ? Step{class_of(character->code), character->bytes} : Step{CharacterClass::other, 1};
  }
  /// Where the characters of a class that begin here end.
  [[nodiscard]] std::size_t end_of_run(std::size_t at, CharacterClass is) const {
    while (at < text_.size()) {
      const Step step = step_at(at);
      if (step.is != is) break;
      at += step.bytes;
    }
    return at;
  }
  [[nodiscard]] std::size_t end_of_word() const {
    for (const std::string_view contraction : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"})
      if (text_.substr(at_).starts_with(contraction)) return at_ + contraction.size();
    const std::size_t visible = text_[at_] == ' ' && at_ + 1 < text_.size() ? at_ + 1 : at_;
    if (const CharacterClass is = step_at(visible).is; is != CharacterClass::space) return end_of_run(visible, is);
    // White space leaves its last character to the word that follows, if both are not alone.
    std::size_t last = at_, end = at_;
    while (end < text_.size() && step_at(end).is == CharacterClass::space) {
      last = end;
      end += step_at(end).bytes;
    }
    return end < text_.size() && last > at_ ? last : end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

void add_words(std::string_view text, std::vector<std::string_view>& words) {
  for (Words left(text); !left.is_done();) words.push_back(left.next());
}

constexpr std::array<std::string_view, 2> names = {"gpt-2", "smollm"};

}  // namespace

std::string_view name_of(TextSplit split) { return names[static_cast<std::size_t>(split)]; }

std::optional<TextSplit> split_of(std::string_view name) {
  for (const TextSplit split : {TextSplit::gpt2, TextSplit::smollm})
    if (name == name_of(split)) return split;
  return std::nullopt;
}

std::vector<std::string_view> split_text(std::string_view text, TextSplit split) {
  std::vector<std::string_view> words;
  if (split == TextSplit::smollm) {
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
      const auto character = first_character(text.substr(at));
      const std::size_t bytes = character ? character->bytes : 1;
      if (character && class_of(character->code) == CharacterClass::number) {
        add_words(text.substr(begin, at - begin), words);
        words.push_back(text.substr(at, bytes));
        begin = at + bytes;
      }
      at += bytes;
    }
    text = text.substr(begin);
  }
  add_words(text, words);
  return words;
}

}  // namespace p2pllm
