#include "model/layers/token_table.hpp"

namespace p2pllm {

std::uint64_t next_count(CborReader& reader, std::uint64_t most) {
  const std::uint64_t count = reader.next_array();
  if (count > most) reader.refuse();
  return reader.failed() ? 0 : count;
}

std::vector<std::int64_t> next_numbers(CborReader& reader, std::uint64_t most) {
  std::vector<std::int64_t> numbers;
  for (std::uint64_t left = next_count(reader, most); left > 0 && !reader.failed(); --left)
    numbers.push_back(static_cast<std::int64_t>(reader.next_number(static_cast<std::uint64_t>(vocabulary_max))));
  return numbers;
}

void write_numbers(CborWriter& writer, const std::vector<std::int64_t>& numbers) {
  writer.array(numbers.size());
  for (const std::int64_t number : numbers) writer.number(static_cast<std::uint64_t>(number));
}

TokenTable next_table(CborReader& reader) {
  TokenTable table;
  for (std::uint64_t left = next_count(reader); left > 0 && !reader.failed(); --left) {
    const ByteView bytes = reader.next_bytes();
    table.tokens.emplace_back(bytes.begin(), bytes.end());
  }
  table.control = next_numbers(reader);
  table.begin = next_numbers(reader);
  table.ends = next_numbers(reader);
  return table;
}

void write_table(CborWriter& writer, const TokenTable& table) {
  writer.array(table.tokens.size());
  for (const std::string& token : table.tokens) writer.bytes(bytes_of(token));
  for (const auto* numbers : {&table.control, &table.begin, &table.ends}) write_numbers(writer, *numbers);
}

std::string table_fault(const TokenTable& table, std::int64_t vocabulary) {
  if (table.tokens.size() != static_cast<std::size_t>(vocabulary))
    return "the tokenizer has " + std::to_string(table.tokens.size()) + " tokens, but the vocabulary " +
           std::to_string(vocabulary) + " (MODEL-5)";
  for (std::size_t token = 0; token < table.tokens.size(); ++token)
    if (table.tokens[token].size() > token_bytes_max)
      return "token " + std::to_string(token) + " has more than 1024 bytes (MODEL-5)";
  for (const auto* numbers : {&table.control, &table.begin, &table.ends})
    for (const std::int64_t token : *numbers)
      if (token < 0 || token >= vocabulary)
        return "token " + std::to_string(token) + " is not in the vocabulary (MODEL-5)";
  for (const auto* numbers : {&table.control, &table.ends})
    if (std::adjacent_find(numbers->begin(), numbers->end(), std::greater_equal<>()) != numbers->end())
      return "lists of tokens must ascend (MODEL-5)";
  for (const std::int64_t token : table.begin)
    if (!std::binary_search(table.control.begin(), table.control.end(), token))
      return "token " + std::to_string(token) + " begins sequences, but is no control token (MODEL-5)";
  if (table.begin.size() > begin_tokens_max) return "at most 16 tokens may begin a sequence (MODEL-5)";
  return {};
}

TokenIndex::TokenIndex(const TokenTable& table, const std::vector<bool>& is_text) {
  for (std::size_t token = 0; token < table.tokens.size(); ++token)
    if (is_text[token]) sorted_.emplace_back(table.tokens[token], static_cast<std::int64_t>(token));
  std::sort(sorted_.begin(), sorted_.end());
}

std::optional<std::int64_t> TokenIndex::find(std::string_view bytes) const {
  const auto found = std::lower_bound(sorted_.begin(), sorted_.end(), std::pair(bytes, std::int64_t{0}));
  if (found == sorted_.end() || found->first != bytes) return std::nullopt;
  return found->second;
}

std::optional<std::int64_t> TokenIndex::doubled() const {
  for (std::size_t i = 1; i < sorted_.size(); ++i)
    if (sorted_[i].first == sorted_[i - 1].first) return sorted_[i].second;
  return std::nullopt;
}

std::vector<bool> text_tokens(const TokenTable& table) {
  std::vector<bool> is_text(table.tokens.size(), true);
  for (const std::int64_t token : table.control) is_text[static_cast<std::size_t>(token)] = false;
  return is_text;
}

}  // namespace p2pllm
