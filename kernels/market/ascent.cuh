#pragma once

#include "kernels/market/ascent_rules.hpp"
#include "kernels/portable/exp_lane.hpp"
#include "kernels/simt/index_rules.hpp"
#include "kernels/simt/memory.hpp"

// Steps of gradient ascent in many groups at once (PRICE-5, the paper's Eq. 5). The prices are those of the CPU's fast
// simulator: each operation is rounded alone, exp has equal bits everywhere, and a sum is taken in eight lanes and then
// by halves, as there. Deterministic from run to run and from device to device.
namespace p2pllm::kernels {

inline constexpr int sum_lanes = 8;
inline constexpr std::int64_t steps_of_a_base = 64;  ///< after which the node of least weight is chosen anew

struct AscentArguments {
  simt::DeviceSpan<const std::int64_t> begins;  ///< of each group, and the end of the last; multiples of sum_lanes
  simt::DeviceSpan<const std::int64_t> sizes;   ///< of each group, without its padding; a group of one node stays
  simt::DeviceSpan<double> price;               ///< of each node; 0 in the padding
  simt::DeviceSpan<const double> cost_weight;   ///< d of each node; 2^900 in the padding, whose term is then 0
  simt::DeviceSpan<double> terms;               ///< scratch, as many
  double sensitivity = 0;                       ///< a
  double rate = 0;                              ///< eta
  std::int64_t steps = 0;
};

/// @tparam Threads  of a block: 32 for small groups, more for large ones
template <int Threads>
struct AscentStorage {
  simt::SharedArray<double, Threads> weights;
  simt::SharedArray<std::int64_t, Threads> nodes;
  simt::SharedArray<double, sum_lanes> sums;
};

/// The first node of the least weight, which every thread gets.
template <int Threads>
[[nodiscard]] P2PLLM_AGENT std::int64_t lightest(const simt::Thread& thread, AscentStorage<Threads>& storage,
                                                 const AscentArguments& arguments, std::int64_t begin,
                                                 std::int64_t size) {
  const int self = thread.index();
  double least = __builtin_huge_val();
  std::int64_t node = size;
  for (std::int64_t k = self; k < size; k += Threads) {
    const double weight =
        arguments.price.load(begin + k) * arguments.sensitivity + arguments.cost_weight.load(begin + k);
    if (weight < least) least = weight, node = k;
  }
  storage.weights.store(self, least);
  storage.nodes.store(self, node);
  for (int width = Threads / 2; width > 0; width /= 2) {
    thread.barrier();
    if (self < width) {
      const double other = storage.weights.load(self + width);
      const std::int64_t other_node = storage.nodes.load(self + width);
      if (other < least || (other == least && other_node < node)) least = other, node = other_node;
      storage.weights.store(self, least);
      storage.nodes.store(self, node);
    }
  }
  thread.barrier();
  node = storage.nodes.load(0);
  thread.barrier();
  return node < size ? begin + node : begin;
}

/// The sum of the terms of a group, which every thread gets: in lanes, and then by halves.
template <int Threads>
[[nodiscard]] P2PLLM_AGENT double sum_of_terms(const simt::Thread& thread, AscentStorage<Threads>& storage,
                                               const AscentArguments& arguments, std::int64_t begin, std::int64_t end) {
  const int self = thread.index();
  if (self < sum_lanes) {
    double sum = 0;
    for (std::int64_t k = begin + self; k < end; k += sum_lanes) sum += arguments.terms.load(k);
    storage.sums.store(self, sum);
  }
  for (int half = sum_lanes / 2; half > 0; half /= 2) {
    thread.barrier();
    if (self < half) storage.sums.store(self, storage.sums.load(self) + storage.sums.load(self + half));
  }
  thread.barrier();
  return storage.sums.load(0);
}

/// A block has a group at a time; the groups go round the blocks.
template <int Threads>
P2PLLM_AGENT void ascend(const simt::Thread& thread, AscentStorage<Threads>& storage,
                         const AscentArguments& arguments) {
  const double a = arguments.sensitivity;
  for (std::int64_t group = thread.block(); group < arguments.sizes.size(); group += thread.blocks()) {
    const std::int64_t begin = arguments.begins.load(group), end = arguments.begins.load(group + 1);
    const std::int64_t size = arguments.sizes.load(group);
    if (size < 2) continue;
    std::int64_t base = begin;
    for (std::int64_t step = 0; step < arguments.steps; ++step) {
      if (step % steps_of_a_base == 0) base = lightest(thread, storage, arguments, begin, size);
      const double base_weight = a * arguments.price.load(base) + arguments.cost_weight.load(base);
      for (std::int64_t k = begin + thread.index(); k < end; k += Threads) {
        const double weight = a * arguments.price.load(k) + arguments.cost_weight.load(k);
        arguments.terms.store(k, exp_lane(base_weight - weight));
      }
      thread.barrier();
      const double sum = sum_of_terms(thread, storage, arguments, begin, end);
      for (std::int64_t k = begin + thread.index(); k < begin + size; k += Threads) {
        const double share = arguments.terms.load(k) / sum, before = arguments.price.load(k);
        const double pull = (a * before) * (1.0 - share);
        arguments.price.store(k, ascended_price(before, arguments.rate, share, pull));
      }
      thread.barrier();  // before the next step reads prices, and its sums are written
    }
  }
}

}  // namespace p2pllm::kernels
