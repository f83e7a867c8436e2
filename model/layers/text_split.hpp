#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace p2pllm {

/// How a text is cut into words before byte pairs are merged within them (MODEL-5): as GPT-2 does, or, as SmolLM does,
/// so that each number character is also a word of its own.
enum class TextSplit { gpt2, smollm };

/// The names of splits in an encoding, which are those of GGUF: "gpt-2" and "smollm".
[[nodiscard]] std::string_view name_of(TextSplit split);
[[nodiscard]] std::optional<TextSplit> split_of(std::string_view name);

/// The words of a text, in order; together they are the text. A byte that is not UTF-8 counts as a character that is
/// neither letter, number nor white space. Takes time linear in the text.
[[nodiscard]] std::vector<std::string_view> split_text(std::string_view text, TextSplit split);

}  // namespace p2pllm
