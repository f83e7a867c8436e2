#include "optimized/market/distinct.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>
#include <optional>
#include <vector>

namespace p2pllm::optimized {
namespace {

__extension__ using Wide = unsigned __int128;

/// Both halves of the product, added without carry: every bit of a and of b has its part.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Odd constants with as many ones as zeros: the digits of the square roots of 2 and 3.
constexpr std::uint64_t first_key = 0x6a09e667f3bcc909;
constexpr std::uint64_t second_key = 0xbb67ae8584caa73b;

std::uint64_t word_of(const char* bytes, std::size_t size) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, size);
  return word;
}

/// A table of texts by their hash, with open addressing. An entry is an index plus 1, in as many bits as the greatest
/// needs, and above it the same bits of the hash's upper half: most texts that differ are told apart without being
/// read.
class Table {
 public:
  /// @param texts  the table holds at most as many
  explicit Table(const TextColumn& texts)
      : texts_(texts),
        index_bits_((std::uint64_t{1} << std::bit_width(texts.size())) - 1),
        entries_(std::bit_ceil(texts.size() + texts.size() / 2 + 1)),
        steps_left_(steps_per_text * texts.size()) {}

  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&entries_[slot_of(hash)], 1); }

  enum class Outcome { added, repeated, too_slow };
  Outcome add(std::size_t index, std::uint64_t hash) {
    const auto entry = static_cast<std::uint32_t>((hash >> 32U & ~index_bits_) | (index + 1));
    for (std::size_t slot = slot_of(hash); steps_left_ > 0; slot = (slot + 1) & (entries_.size() - 1), --steps_left_) {
      const std::uint32_t other = entries_[slot];
      if (other == 0) {
        entries_[slot] = entry;
        return Outcome::added;
      }
      if (((other ^ entry) & ~index_bits_) == 0 && texts_[(other & index_bits_) - 1] == texts_[index])
        return Outcome::repeated;
    }
    return Outcome::too_slow;
  }

 private:
  static constexpr std::size_t steps_per_text = 64;
  [[nodiscard]] std::size_t slot_of(std::uint64_t hash) const { return hash & (entries_.size() - 1); }

  const TextColumn& texts_;
  std::uint64_t index_bits_;
  std::vector<std::uint32_t> entries_;
  std::size_t steps_left_;
};

/// The answer by hashes; nothing if the hashes do not spread.
std::optional<bool> are_distinct_by_hash(const TextColumn& texts, std::uint64_t (*hash)(std::string_view)) {
  constexpr std::size_t group = 32;
  Table table(texts);
  std::array<std::uint64_t, group> hashes;
  for (std::size_t begin = 0; begin < texts.size(); begin += group) {
    const std::size_t end = std::min(begin + group, texts.size());
    for (std::size_t i = begin; i < end; ++i) table.prefetch(hashes[i - begin] = hash(texts[i]));
    for (std::size_t i = begin; i < end; ++i) {
      const auto outcome = table.add(i, hashes[i - begin]);
      if (outcome == Table::Outcome::repeated) return false;
      if (outcome == Table::Outcome::too_slow) return std::nullopt;
    }
  }
  return true;
}

bool are_distinct_by_order(const TextColumn& texts) {
  std::vector<std::uint32_t> order(texts.size());
  std::iota(order.begin(), order.end(), 0);
  const auto text = [&texts](std::uint32_t i) { return texts[i]; };
  std::ranges::sort(order, {}, text);
  return std::ranges::adjacent_find(order, {}, text) == order.end();
}

}  // namespace

std::uint64_t hash_of_text(std::string_view text) {
  constexpr std::size_t word = sizeof(std::uint64_t);
  std::uint64_t hash = first_key ^ text.size();
  for (; text.size() > word; text.remove_prefix(word)) hash = mixed(hash ^ word_of(text.data(), word), second_key);
  return mixed(mixed(hash ^ word_of(text.data(), text.size()), second_key), first_key);
}

bool are_distinct(const TextColumn& texts, std::uint64_t (*hash)(std::string_view)) {
  if (const auto by_hash = are_distinct_by_hash(texts, hash)) return *by_hash;
  return are_distinct_by_order(texts);
}

}  // namespace p2pllm::optimized
