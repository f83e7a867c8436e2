#pragma once

#include <algorithm>

#include "model/crypto/merkle_range.hpp"
#include "model/encoding/bytes.hpp"

// Where a micro-step takes what it reads from (STEP-6): a witness, or whoever makes one.
namespace p2pllm::reference {

/// A tree of a step.
struct TreeName {
  enum class Kind {
    tensors,     ///< of a model (MODEL-2)
    tensor,      ///< tiles of a tensor; `index` among all tensors
    numbers,     ///< chunks of a register; `index` is its number
    cache,       ///< heads of keys and values
    cache_head,  ///< entries of a head; `index` among the heads of the range
    outputs,     ///< rows that left the range
  };
  Kind kind = Kind::tensors;
  std::int64_t index = 0;
  bool operator==(const TreeName&) const = default;
};

enum class Part {
  content,   ///< what the leaves are of
  siblings,  ///< by which they are opened
  peaks,     ///< of the whole tree, before leaves are appended
};

/// A part of a tree, in a number of bytes that the schedule determines.
struct Ask {
  TreeName tree;
  Part part = Part::content;
  MerkleRange range;
  std::size_t bytes = 0;
};

/// The parts of trees, in the order in which a micro-step asks for them.
class Openings {
 public:
  virtual ~Openings() = default;
  /// @returns `ask.bytes` bytes that are valid as long as this object, or fewer if it has no more
  [[nodiscard]] virtual ByteView take(const Ask& ask) = 0;
  /// Hears of a leaf that a micro-step appended to a tree.
  virtual void appended(const TreeName& tree, ByteView content) = 0;
};

/// The parts as a witness has them: one after the other.
class WitnessOpenings : public Openings {
 public:
  explicit WitnessOpenings(ByteView bytes) : bytes_(bytes) {}

  [[nodiscard]] ByteView take(const Ask& ask) override {
    const ByteView part = bytes_.first(std::min(ask.bytes, bytes_.size()));
    bytes_ = bytes_.subspan(part.size());
    return part;
  }
  void appended(const TreeName& /*tree*/, ByteView /*content*/) override {}
  [[nodiscard]] bool is_empty() const { return bytes_.empty(); }

 private:
  ByteView bytes_;
};

}  // namespace p2pllm::reference
