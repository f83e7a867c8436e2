#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "optimized/market/route_search.hpp"

// Staircases: undominated labels by ascending price, and so by descending time.
namespace p2pllm::optimized {

/// A Pareto-optimal cost to go, and the step that it begins with.
template <typename T>
struct ParetoLabel {
  T price;
  T time;
  std::uint32_t node;  ///< the position of the node that is entered next
  std::uint32_t next;  ///< the place of the rest in the staircase that follows
};

template <typename T>
using Staircase = std::vector<ParetoLabel<T>>;

/// Extends staircases; keeps its storage from one call to the next.
template <typename T>
class StaircaseMerger {
 public:
  /// @param index_of  the file index of each position; of equal costs the one over the smaller index stays (PARETO-6)
  explicit StaircaseMerger(const std::vector<std::uint32_t>& index_of) : index_of_(index_of) {}

  /// Adds to `front` the labels of `rest`, each increased by `price` and `time`, as steps over `node`, and keeps only
  /// undominated labels. O(front + rest).
  void extend(Staircase<T>& front, const Staircase<T>& rest, const T& price, const T& time, std::uint32_t node) {
    additions_.clear();
    std::size_t rival = 0;  // of the labels that cost no more, the last is the fastest
    for (std::uint32_t k = 0; k < rest.size(); ++k) {
      ParetoLabel<T> label{rest[k].price + price, rest[k].time + time, node, k};
      while (rival < front.size() && front[rival].price <= label.price) ++rival;
      if (rival == 0 || is_undominated(label.time, front[rival - 1].time)) additions_.push_back(std::move(label));
      else keep_smaller_index(front[rival - 1], label);
    }
    extensions_ += rest.size();
    if (!additions_.empty()) merge(front);
  }

  [[nodiscard]] std::uint64_t extensions() const { return extensions_; }

 private:
  void keep_smaller_index(ParetoLabel<T>& kept, const ParetoLabel<T>& label) const {
    if (kept.price == label.price && kept.time == label.time && index_of_[label.node] < index_of_[kept.node])
      kept = label;
  }

  /// Merges the additions, which no label of `front` dominates, into it.
  void merge(Staircase<T>& front) {
    merged_.clear();
    auto i = front.begin();
    auto j = additions_.begin();
    while (i != front.end() || j != additions_.end()) {
      const bool takes_front = j == additions_.end() || (i != front.end() && i->price < j->price);
      ParetoLabel<T>& label = takes_front ? *i++ : *j++;
      // Earlier labels cost no more; an addition of the same price is the faster and comes first.
      if (merged_.empty() || is_undominated(label.time, merged_.back().time)) merged_.push_back(std::move(label));
    }
    front.swap(merged_);
  }

  const std::vector<std::uint32_t>& index_of_;
  Staircase<T> additions_;
  Staircase<T> merged_;
  std::uint64_t extensions_ = 0;
};

}  // namespace p2pllm::optimized
