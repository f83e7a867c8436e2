#include "model/encoding/text_index.hpp"

#include <limits>

#include "model/assert.hpp"
#include "model/encoding/text_hash.hpp"

namespace p2pllm {
namespace {

constexpr unsigned hash_shift = 32;
constexpr std::uint64_t index_bits = (std::uint64_t{1} << hash_shift) - 1;

/// The slot at which an entry begins to search in a table of 2^k slots.
std::size_t home(std::uint64_t entry, std::size_t slots) { return (entry >> hash_shift) & (slots - 1); }

}  // namespace

std::string_view TextIndex::text(std::size_t index) const {
  const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(bytes_).substr(begin, ends_[index] - begin);
}

void TextIndex::grow() {
  constexpr std::size_t slots_min = 16;
  std::vector<std::uint64_t> larger(entries_.empty() ? slots_min : 2 * entries_.size());
  for (const std::uint64_t entry : entries_) {
    if (entry == 0) continue;
    std::size_t slot = home(entry, larger.size());
    while (larger[slot] != 0) slot = (slot + 1) & (larger.size() - 1);
    larger[slot] = entry;
  }
  entries_ = std::move(larger);
}

std::optional<std::size_t> TextIndex::add(std::string_view text) {
  P2PLLM_ASSERT(size() < std::numeric_limits<std::uint32_t>::max());
  if (4 * (size() + 1) > 3 * entries_.size()) grow();
  const std::uint64_t entry = std::uint64_t{TextHash()(text)} << hash_shift | (size() + 1);
  std::size_t slot = home(entry, entries_.size());
  for (; entries_[slot] != 0; slot = (slot + 1) & (entries_.size() - 1)) {
    const std::size_t index = (entries_[slot] & index_bits) - 1;
    if (((entries_[slot] ^ entry) & ~index_bits) == 0 && this->text(index) == text) return index;
  }
  entries_[slot] = entry;
  bytes_.append(text);
  ends_.push_back(bytes_.size());
  return std::nullopt;
}

}  // namespace p2pllm
