#pragma once

#include "kernels/market/ascent_lane.hpp"
#include "kernels/market/block_sums.cuh"
#include "kernels/portable/exp_lane.hpp"

// Steps of gradient ascent in many groups at once (PRICE-5, the paper's Eq. 5), with the certified radius of each
// (SIM-13). The numbers are those of the CPU's fast simulator: each function of a node is the same source, and a sum is
// taken in eight lanes and then by halves, as there. Deterministic from run to run and from device to device.
namespace p2pllm::kernels {

struct AscentArguments {
  simt::DeviceSpan<const std::int64_t> begins;  ///< of each group, and the end of the last; multiples of ascent_lanes
  simt::DeviceSpan<const std::int64_t> sizes;   ///< of each group, without its padding; a group of one node stays
  simt::DeviceSpan<double> price;               ///< of each node; 0 in the padding
  simt::DeviceSpan<const double> cost_weight;   ///< d of each node; ascent_padding_weight in the padding
  simt::DeviceSpan<double> terms;               ///< scratch, as many
  /// @name Of each group
  /// @{
  simt::DeviceSpan<std::int64_t> base;  ///< the node whose weight is subtracted from all, counted in the group
  simt::DeviceSpan<std::int64_t> age;   ///< steps since the group changed; a base is chosen at multiples of 64
  simt::DeviceSpan<double> radius;
  /// @}
  double sensitivity = 0;  ///< a
  double rate = 0;         ///< eta
  std::int64_t steps = 0;
};

/// @tparam Threads  of a block: 32 for small groups, more for large ones
template <int Threads>
struct AscentStorage {
  PlacedCells<Threads> least;
  simt::SharedArray<double, 2 * ascent_lanes> sums;
  simt::SharedArray<StepGreatest, Threads> greatest;
};

[[nodiscard]] P2PLLM_AGENT double weight_at(const AscentArguments& arguments, std::int64_t k) {
  return arguments.sensitivity * arguments.price.load(k) + arguments.cost_weight.load(k);
}

[[nodiscard]] P2PLLM_AGENT StepGreatest greater_of(const StepGreatest& a, const StepGreatest& b) {
  return {greatest_of(a.growth, b.growth), greatest_of(a.rounding, b.rounding), greatest_of(a.price, b.price),
          greatest_of(a.share_error, b.share_error)};
}

/// One step of the group begin .. begin + size - 1, whose padding ends at `end`. @returns its next radius
template <int Threads>
[[nodiscard]] P2PLLM_AGENT double ascend_group(const simt::Thread& thread, AscentStorage<Threads>& storage,
                                               const AscentArguments& arguments, std::int64_t begin, std::int64_t size,
                                               std::int64_t end, std::int64_t base, double radius) {
  const int self = thread.index();
  const double base_weight = weight_at(arguments, base);
  for (std::int64_t k = begin + self; k < end; k += Threads)
    arguments.terms.store(k, exp_lane(base_weight - weight_at(arguments, k)));
  double sums[2];
  add_in_lanes<ascent_lanes, 2>(
      thread, storage.sums, begin, end,
      [&](std::int64_t k, double(&terms)[2]) {
        const double term = arguments.terms.load(k);
        terms[0] = term;
        terms[1] = term * weight_at(arguments, k);
      },
      sums);
  const StepFactors factors =
      step_factors(arguments.sensitivity, arguments.rate, sums[0], sums[1], base_weight, static_cast<double>(size));
  StepGreatest greatest{0, 0, 0, 0};
  for (std::int64_t k = begin + self; k < begin + size; k += Threads) {
    const double before = arguments.price.load(k);
    const Ascended of = ascended(factors, arguments.terms.load(k), weight_at(arguments, k), before);
    arguments.price.store(k, before + of.rise);
    greatest = greater_of(greatest, of.part);
  }
  storage.greatest.store(self, greatest);
  for (int width = Threads / 2; width > 0; width /= 2) {
    thread.barrier();
    if (self < width)
      storage.greatest.store(self, greatest = greater_of(greatest, storage.greatest.load(self + width)));
  }
  thread.barrier();  // the next step reads prices, too; before it writes, it sums, which is a barrier again
  greatest = storage.greatest.load(0);
  return next_radius(factors, greatest, radius, false);
}

/// A block has a group at a time; the groups go round the blocks.
template <int Threads>
P2PLLM_AGENT void ascend(const simt::Thread& thread, AscentStorage<Threads>& storage,
                         const AscentArguments& arguments) {
  for (std::int64_t group = thread.block(); group < arguments.sizes.size(); group += thread.blocks()) {
    const std::int64_t begin = arguments.begins.load(group), end = arguments.begins.load(group + 1);
    const std::int64_t size = arguments.sizes.load(group), age = arguments.age.load(group);
    if (size < 2) continue;
    std::int64_t base = begin + arguments.base.load(group);
    double radius = arguments.radius.load(group);
    for (std::int64_t step = age; step < age + arguments.steps; ++step) {
      if (step % steps_of_a_base == 0) {
        Placed least{infinity, begin};
        for (std::int64_t k = begin + thread.index(); k < begin + size; k += Threads)
          least = lesser(least, {weight_at(arguments, k), k});
        base = least_of_block(thread, storage.least, least).place;
      }
      radius = ascend_group(thread, storage, arguments, begin, size, end, base, radius);
    }
    thread.barrier();  // every thread has read the group's numbers
    if (thread.index() != 0) continue;
    arguments.base.store(group, base - begin);
    arguments.age.store(group, age + arguments.steps);
    arguments.radius.store(group, radius);
  }
}

}  // namespace p2pllm::kernels
