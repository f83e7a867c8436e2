#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "optimized/contracts/for_all.hpp"
#include "optimized/contracts/hash_padded.hpp"

namespace p2pllm::optimized {

/// Tagged messages (COMMIT-2) that do not depend on each other's hashes, to be hashed together. It keeps its memory
/// when it is cleared. Not for several threads at once.
class HashBatch {
 public:
  /// Adds a message of so many bytes. @returns the place of its bytes, to be written, until the next message is added
  /// @param tag  a constant of the protocol of at most `hash_tag_bytes_max` bytes
  [[nodiscard]] std::span<std::uint8_t> add(std::string_view tag, std::size_t bytes);
  void add(std::string_view tag, ByteView bytes);
  /// @returns of the k-th message what `hash_tagged` returns of it, until the batch changes
  [[nodiscard]] std::span<const Hash> hash();
  [[nodiscard]] std::size_t size() const { return messages_.size(); }
  void clear();

 private:
  struct Extent {
    std::size_t from, blocks;
  };
  Bytes text_;  ///< the messages one after the other, padded to whole blocks, and room for more
  std::size_t text_bytes_ = 0;
  std::vector<Extent> messages_;
  std::vector<kernels::PaddedMessage> padded_;
  std::vector<Hash> hashes_;
};

/// Calls `run(from, to, batch)` for parts [from, to) that make up [0, count), with an empty batch; on all processors
/// where there are so many that waking other threads pays. For messages of a few blocks, one or two for each number.
template <typename Run>
void hash_in_parts(std::size_t count, const Run& run) {
  constexpr std::size_t in_part = 128;      // their text stays in the cache of a core
  constexpr std::size_t parallel_from = 4;  // parts
  const std::size_t parts = (count + in_part - 1) / in_part;
  const auto one = [&](std::size_t part) {
    thread_local HashBatch batch;
    batch.clear();
    run(count * part / parts, count * (part + 1) / parts, batch);
  };
  for_all(parts, parallel_from, one);
}

}  // namespace p2pllm::optimized
