#pragma once

#include <span>
#include <vector>

#include "optimized/layers/hash_form.hpp"

// Trees of COMMIT-5 whose nodes are hashed level by level, all of a level together.
namespace p2pllm::optimized {

/// Messages of inner nodes.
class NodeForm {
 public:
  NodeForm();
  void add(const Hash& left, const Hash& right) {
    form_.reserve(count_ + 1);
    form_.put(count_, 0, left);
    form_.put(count_++, sizeof(Hash), right);
  }
  /// @returns of each node that was added its hash, until the next call. They are forgotten.
  [[nodiscard]] std::span<const Hash> hash();

 private:
  HashForm form_;
  std::size_t count_ = 0;
  std::vector<Hash> hashes_;
};

/// Replaces lists of equally many leaves, one after the other, by their roots.
/// @param count  of the leaves of a list, at least 1
void fold_lists(std::vector<Hash>& nodes, std::size_t count, NodeForm& form);

/// Trees of one length that grow together at their ends (STEP-3).
///
/// The root of a list is its last leaf, hashed at each level at which it has a sibling on its left: at each digit 1 of
/// its index. That sibling is the root of a perfect tree, which is what its own last leaf has become at that level.
class GrowingTrees {
 public:
  explicit GrowingTrees(std::size_t trees) : trees_(trees) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  /// Appends `count` leaves to each tree.
  /// @param nodes  on entry the leaves, tree after tree; on return the root after each of them
  void append(std::span<Hash> nodes, std::size_t count, NodeForm& form);

 private:
  std::size_t trees_;
  std::size_t size_ = 0;
  std::vector<Hash> perfect_;  ///< of each level and tree, the last perfect tree that is a left child
};

/// A tree of constant length of which runs of leaves are replaced, run after run.
class ReplacedTree {
 public:
  /// @param leaves  at least one
  ReplacedTree(std::vector<Hash> leaves, NodeForm& form);

  [[nodiscard]] const Hash& root() const { return levels_.back().front(); }
  /// Replaces run after run. @param firsts  of each run, the index of its first leaf
  /// @param run  the number of leaves of a run, at least 1 @param leaves  those of all runs, in their order
  /// @returns the root after each run, until the next call
  [[nodiscard]] std::span<const Hash> replace(std::span<const std::size_t> firsts, std::size_t run,
                                              std::span<const Hash> leaves, NodeForm& form);

 private:
  std::vector<std::vector<Hash>> levels_;  ///< the leaves first; the last has one node
  std::vector<Hash> changes_, above_;      ///< the nodes of a level that each run changes, and those of the next
  std::vector<std::size_t> hashed_;        ///< those of the next level that are no lone last node
};

}  // namespace p2pllm::optimized
