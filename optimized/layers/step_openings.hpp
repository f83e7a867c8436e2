#pragma once

#include <optional>
#include <vector>

#include "model/crypto/merkle_range.hpp"
#include "optimized/contracts/hash_batch.hpp"

// Lists of which a witness shows a part (STEP-2). Hashes that do not depend on each other are computed together.
namespace p2pllm::optimized {

inline constexpr std::string_view chunk_tag = "p2pllm/1/leaf/chunk";
inline constexpr std::string_view entry_tag = "p2pllm/1/leaf/cache-entry";

/// The openings of a witness, from left to right. A copy reads the same bytes again.
class Openings {
 public:
  explicit Openings(ByteView bytes) : rest_(bytes) {}

  /// The next bytes; nothing if there are fewer.
  [[nodiscard]] std::optional<ByteView> take(std::size_t count);
  [[nodiscard]] std::optional<Hash> take_hash();
  /// The root of a list of which these are the leaves of a run, whose siblings come next.
  [[nodiscard]] std::optional<Hash> take_root(std::vector<Hash> leaves, MerkleRange run);
  /// As many hashes as a list of `count` leaves has peaks.
  [[nodiscard]] std::optional<std::vector<Hash>> take_peaks(std::uint64_t count);
  [[nodiscard]] bool is_empty() const { return rest_.empty(); }

 private:
  ByteView rest_;
};

/// The hashes of the leaves that some bytes are divided into. @param size  bytes of a leaf that is not the last
[[nodiscard]] std::vector<Hash> leaf_hashes(std::string_view tag, ByteView bytes, std::size_t size);

/// The root of the list that has these peaks.
[[nodiscard]] Hash root_of_peaks(std::span<const Hash> peaks);
/// The root of a list of `count` leaves with these peaks, after leaves are appended.
[[nodiscard]] Hash root_with(std::vector<Hash> peaks, std::uint64_t count, std::span<const Hash> leaves);

}  // namespace p2pllm::optimized
