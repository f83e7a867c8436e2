#pragma once

#include "kernels/simt/index_rules.hpp"
#include "kernels/simt/memory.hpp"

// What the kernels of the market do together in a block. Nodes lie group after group, in chunks of at most chunk_nodes
// nodes of one group: a block has a chunk at a time, a warp has a group.
namespace p2pllm::kernels {

/// Which nodes belong to which chunk, and which chunks to which group. None is empty.
struct ChunkTable {
  simt::DeviceSpan<const std::int64_t> begins;  ///< place of the first node of each chunk, and the end of the last
  simt::DeviceSpan<const std::int64_t> groups;  ///< of each chunk
  simt::DeviceSpan<const std::int64_t> firsts;  ///< the first chunk of each group, and the end of the last

  [[nodiscard]] P2PLLM_AGENT std::int64_t size() const { return groups.size(); }
  [[nodiscard]] P2PLLM_AGENT std::int64_t group_count() const { return firsts.size() - 1; }
  [[nodiscard]] P2PLLM_AGENT std::int64_t nodes_of_group(std::int64_t group) const {
    return begins.load(firsts.load(group + 1)) - begins.load(firsts.load(group));
  }
};

/// A number and where it is.
struct Placed {
  double value;
  std::int64_t place;
};
/// The lesser of two; of equal ones the first.
[[nodiscard]] P2PLLM_AGENT Placed lesser(const Placed& a, const Placed& b) {
  return b.value < a.value || (b.value == a.value && b.place < a.place) ? b : a;
}
template <int Threads>
struct PlacedCells {
  simt::SharedArray<double, Threads> values;
  simt::SharedArray<std::int64_t, Threads> places;
};
/// The least number of all threads, and of equal ones the first, which every thread gets.
template <int Threads>
[[nodiscard]] P2PLLM_AGENT Placed least_of_block(const simt::Thread& thread, PlacedCells<Threads>& cells, Placed own) {
  const int self = thread.index();
  cells.values.store(self, own.value);
  cells.places.store(self, own.place);
  for (int width = Threads / 2; width > 0; width /= 2) {
    thread.barrier();
    if (self < width) {
      own = lesser(own, {cells.values.load(self + width), cells.places.load(self + width)});
      cells.values.store(self, own.value);
      cells.places.store(self, own.place);
    }
  }
  thread.barrier();
  own = {cells.values.load(0), cells.places.load(0)};
  thread.barrier();  // before the cells are written again
  return own;
}
/// The same of the lanes of a whole warp.
[[nodiscard]] P2PLLM_AGENT Placed least_of_warp(const simt::Thread& thread, Placed own) {
  for (int bits = simt::warp_size / 2; bits > 0; bits /= 2)
    own = lesser(own, {thread.shuffle_xor(own.value, bits), thread.shuffle_xor(own.place, bits)});
  return own;
}

/// Sums over the nodes of a chunk, in lanes and then by halves as the CPU takes them, which every thread gets. What a
/// thread wrote before, all read in `term`.
/// @param term  the numbers of a node, by its place
template <int Lanes, int Sums, class Term>
P2PLLM_AGENT void add_in_lanes(const simt::Thread& thread, simt::SharedArray<double, Lanes * Sums>& cells,
                               std::int64_t begin, std::int64_t end, const Term& term, double (&sums)[Sums]) {
  const int self = thread.index();
  thread.barrier();
  if (self < Lanes) {
    for (double& sum : sums) sum = 0;
    for (std::int64_t k = begin + self; k < end; k += Lanes) {
      double terms[Sums];
      term(k, terms);
      for (int s = 0; s < Sums; ++s) sums[s] += terms[s];
    }
    for (int s = 0; s < Sums; ++s) cells.store(s * Lanes + self, sums[s]);
  }
  for (int half = Lanes / 2; half > 0; half /= 2) {
    thread.barrier();
    if (self < half)
      for (int s = 0; s < Sums; ++s)
        cells.store(s * Lanes + self, sums[s] += cells.load(s * Lanes + self + half));
  }
  thread.barrier();
  for (int s = 0; s < Sums; ++s) sums[s] = cells.load(s * Lanes);
}

/// Calls add(fields) for each index from begin to end in their order, in every lane of a warp.
/// @param load  the fields of one index; called once, by one lane
template <int Fields, class Load, class Add>
P2PLLM_AGENT void in_order(const simt::Thread& thread, std::int64_t begin, std::int64_t end, const Load& load,
                           const Add& add) {
  for (std::int64_t first = begin; first < end; first += simt::warp_size) {
    const std::int64_t own_index = first + thread.lane();
    double own[Fields] = {};
    if (own_index < end) load(own_index, own);
    for (int lane = 0; lane < simt::warp_size && first + lane < end; ++lane) {
      double fields[Fields];
      for (int f = 0; f < Fields; ++f) fields[f] = thread.shuffle(own[f], lane);
      add(first + lane, fields);
    }
  }
}

}  // namespace p2pllm::kernels
