#include "optimized/contracts/hash_batch.hpp"

#include <cstring>

#include "model/assert.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::size_t length_bytes = 8;  // the number of bits, at the end of the last block (FIPS 180-4, 5.1.1)

}  // namespace

std::span<std::uint8_t> HashBatch::add(std::string_view tag, std::size_t bytes) {
  P2PLLM_ASSERT(tag.size() <= hash_tag_bytes_max);
  const std::size_t size = 1 + tag.size() + bytes, blocks = kernels::sha256_blocks(size), from = text_bytes_;
  text_bytes_ += 64 * blocks;
  if (text_bytes_ > text_.size()) text_.resize(2 * text_bytes_);
  std::uint8_t* const begin = &text_[from];
  begin[0] = static_cast<std::uint8_t>(tag.size());
  std::memcpy(begin + 1, tag.data(), tag.size());
  begin[size] = 0x80;
  std::memset(begin + size + 1, 0, 64 * blocks - size - 1 - length_bytes);
  for (std::size_t k = 0; k < length_bytes; ++k)
    begin[64 * blocks - 1 - k] = static_cast<std::uint8_t>(std::uint64_t{8 * size} >> (8 * k));
  messages_.push_back({from, blocks});
  return {begin + 1 + tag.size(), bytes};
}

void HashBatch::add(std::string_view tag, ByteView bytes) {
  const std::span<std::uint8_t> place = add(tag, bytes.size());
  if (!bytes.empty()) std::memcpy(place.data(), bytes.data(), bytes.size());
}

/// The text may move while messages are added, so that only now it is known where they lie.
std::span<const Hash> HashBatch::hash() {
  padded_.resize(messages_.size());
  hashes_.resize(messages_.size());
  for (std::size_t k = 0; k < messages_.size(); ++k) padded_[k] = {&text_[messages_[k].from], messages_[k].blocks};
  hash_padded(padded_, hashes_);
  return hashes_;
}

void HashBatch::clear() {
  text_bytes_ = 0;
  messages_.clear();
}

}  // namespace p2pllm::optimized
