#include "optimized/layers/growing_trees.hpp"

#include <algorithm>
#include <bit>

namespace p2pllm::optimized {

NodeForm::NodeForm() : form_("p2pllm/1/node", 2 * sizeof(Hash)) {}

std::span<const Hash> NodeForm::hash() {
  hashes_.resize(count_);
  form_.hash(hashes_);
  count_ = 0;
  return hashes_;
}

void fold_lists(std::vector<Hash>& nodes, std::size_t count, NodeForm& form) {
  const std::size_t lists = nodes.size() / count;
  for (; count > 1; count = (count + 1) / 2) {
    for (std::size_t list = 0; list < lists; ++list)
      for (std::size_t k = 0; k + 1 < count; k += 2) form.add(nodes[list * count + k], nodes[list * count + k + 1]);
    const std::span<const Hash> hashes = form.hash();
    const std::size_t pairs = count / 2, above = (count + 1) / 2;
    for (std::size_t list = 0; list < lists; ++list) {
      const Hash last = nodes[list * count + count - 1];
      std::copy_n(&hashes[list * pairs], pairs, &nodes[list * above]);
      if (above > pairs) nodes[list * above + pairs] = last;
    }
    nodes.resize(lists * above);
  }
}

void GrowingTrees::append(std::span<Hash> nodes, std::size_t count, NodeForm& form) {
  const std::size_t end = size_ + count;
  const std::size_t levels = std::bit_width(end - 1) + 1;
  if (perfect_.size() < levels * trees_) perfect_.resize(levels * trees_);
  for (std::size_t level = 0; level < levels; ++level) {
    Hash* const perfect = &perfect_[level * trees_];
    for (std::size_t tree = 0; tree < trees_; ++tree) {
      const std::span<Hash> own = nodes.subspan(tree * count, count);
      for (std::size_t index = size_; index < end; ++index) {
        if ((index >> level & 1U) == 0) continue;
        const std::size_t left = (index >> level << level) - 1;
        form.add(left < size_ ? perfect[tree] : own[left - size_], own[index - size_]);
      }
    }
    const std::size_t low = (std::size_t{1} << level) - 1, period = 2 * (low + 1);
    for (std::size_t index = size_; index < end; ++index)
      if (index % period == low)
        for (std::size_t tree = 0; tree < trees_; ++tree) perfect[tree] = nodes[tree * count + index - size_];
    auto hashed = form.hash().begin();
    for (std::size_t tree = 0; tree < trees_; ++tree)
      for (std::size_t index = size_; index < end; ++index)
        if ((index >> level & 1U) != 0) nodes[tree * count + index - size_] = *hashed++;
  }
  size_ = end;
}

ReplacedTree::ReplacedTree(std::vector<Hash> leaves, NodeForm& form) {
  levels_.push_back(std::move(leaves));
  while (levels_.back().size() > 1) {
    const std::vector<Hash>& below = levels_.back();
    for (std::size_t k = 0; k + 1 < below.size(); k += 2) form.add(below[k], below[k + 1]);
    const std::span<const Hash> hashes = form.hash();
    std::vector<Hash> level(hashes.begin(), hashes.end());
    if (below.size() % 2 != 0) level.push_back(below.back());
    levels_.push_back(std::move(level));
  }
}

std::span<const Hash> ReplacedTree::replace(std::span<const std::size_t> firsts, std::size_t run,
                                            std::span<const Hash> leaves, NodeForm& form) {
  changes_.assign(leaves.begin(), leaves.end());
  for (std::size_t k = 0; k < levels_.size(); ++k) {
    std::vector<Hash>& level = levels_[k];
    const bool at_root = level.size() == 1;
    above_.clear();
    hashed_.clear();
    auto change = changes_.begin();
    for (const std::size_t first : firsts) {
      const std::size_t begin = first >> k, end = ((first + run - 1) >> k) + 1;
      for (std::size_t node = begin; node < end; ++node) level[node] = *change++;
      if (at_root) continue;
      for (std::size_t parent = begin / 2; parent < (end + 1) / 2; ++parent) {
        if (2 * parent + 1 < level.size()) {
          form.add(level[2 * parent], level[2 * parent + 1]);
          hashed_.push_back(above_.size());
        }
        above_.push_back(level[2 * parent]);
      }
    }
    if (at_root) break;
    const std::span<const Hash> hashes = form.hash();
    for (std::size_t j = 0; j < hashed_.size(); ++j) above_[hashed_[j]] = hashes[j];
    std::swap(changes_, above_);
  }
  return changes_;
}

}  // namespace p2pllm::optimized
