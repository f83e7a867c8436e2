#pragma once

#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "model/encoding/bytes.hpp"
#include "optimized/contracts/hash_padded.hpp"

namespace p2pllm::optimized {

/// Tagged messages of one length (COMMIT-2), which are padded once and then written in place again and again, to be
/// hashed together. Several threads may write places that are there.
class HashForm {
 public:
  /// @param tag  a constant of the protocol of at most `hash_tag_bytes_max` bytes
  HashForm(std::string_view tag, std::size_t bytes);

  /// Makes places for so many messages. What was written stays.
  void reserve(std::size_t messages) {
    if (messages > messages_.size()) grow(messages);
  }
  /// The bytes of a message, to be written, until places are made. @pre k is below what was reserved
  [[nodiscard]] std::uint8_t* place(std::size_t k) { return &text_[k * stride_ + before_]; }
  /// Writes a hash into a message. @param at  its place among the bytes
  void put(std::size_t k, std::size_t at, const Hash& hash) { std::memcpy(place(k) + at, hash.data(), sizeof(Hash)); }
  /// Writes of each message what `hash_tagged` returns of it. @param hashes  of the first messages
  void hash(std::span<Hash> hashes) const { hash_padded(std::span(messages_).first(hashes.size()), hashes); }

 private:
  void grow(std::size_t messages);

  std::size_t before_;  ///< bytes of the tag and its length
  std::size_t stride_;  ///< bytes of a message in whole blocks
  Bytes form_;          ///< a padded message whose bytes are 0
  Bytes text_;
  std::vector<kernels::PaddedMessage> messages_;
};

}  // namespace p2pllm::optimized
