#pragma once

#include "kernels/market/block_sums.cuh"
#include "kernels/market/equilibrium_lane.hpp"
#include "kernels/portable/omega_lane.hpp"

// The price equilibria of many groups by Newton's method, with enclosures (PRICE-12). What a phase does for the nodes of
// a chunk is done by a block, what it does once for a group by a warp; the host queues the phases in turn and asks after
// each step how many groups go on. The numbers are those of the CPU's loops: each function of a node is the same
// source, and each sum has the same order. Deterministic from run to run and from device to device.
namespace p2pllm::kernels {

/// The elementary functions of a device.
struct LaneElementary {
  [[nodiscard]] P2PLLM_LANE double exp(double x) const { return exp_lane(x); }
  [[nodiscard]] P2PLLM_LANE double log(double x) const { return log_lane(x); }
  [[nodiscard]] P2PLLM_LANE double omega(double x) const { return omega_lane(x); }
};

/// In the order in which they run; `step` and `next` are repeated while a group goes on.
enum class ChunkPhase : std::int32_t { least, utilities, step, bound, ends };
enum class GroupPhase : std::int32_t { dominant, start, next, radius };

/// What the chunks and the groups leave for one another.
struct EquilibriumWork {
  ChunkTable chunks;  ///< of groups of at least two nodes; another one gets no enclosure
  simt::DeviceSpan<const double> cost;
  double by_cost = 0;      ///< cost weight per integer of cost
  double sensitivity = 0;  ///< a
  /// @name Of each node. The last two hold shares and bounds of residuals from `bound` on.
  /// @{
  simt::DeviceSpan<double> log_share, utility, scaled_residual, inverse_slope;
  /// @}
  /// @name Of each chunk
  /// @{
  simt::DeviceSpan<NewtonSums> sums;     ///< `change` holds the least cost at first, and then the greatest utility
  simt::DeviceSpan<std::int64_t> least;  ///< place of the first node of least cost
  /// @}
  /// @name Of each group
  /// @{
  simt::DeviceSpan<std::int64_t> dominant;  ///< place of the node of the greatest share
  simt::DeviceSpan<NewtonState> states;
  simt::DeviceSpan<NewtonRadius> radii;
  /// @}
};
/// A phase of all chunks.
struct EquilibriumChunkArguments {
  EquilibriumWork work;
  ChunkPhase phase = ChunkPhase::least;
  simt::DeviceSpan<double> price_lower, price_upper, share_lower, share_upper, revenue_lower, revenue_upper;
};
/// A phase of all groups.
struct EquilibriumGroupArguments {
  EquilibriumWork work;
  GroupPhase phase = GroupPhase::dominant;
  simt::DeviceSpan<std::int64_t> going_on;  ///< one number, to which `next` adds the groups that have not ended
};

/// @tparam Threads  of a block: 32 for small groups, more for large ones
template <int Threads>
struct EquilibriumStorage {
  PlacedCells<Threads> least;
  simt::SharedArray<double, newton_lanes> sum;
  simt::SharedArray<double, 3 * newton_lanes> sums;
  simt::SharedArray<double, 3 * radius_lanes> bounds;
};

/// The nodes of one chunk while a block works on them.
struct ChunkOfNodes {
  std::int64_t chunk, begin, end, group, dominant;
};

template <int Threads>
P2PLLM_AGENT void least_cost(const simt::Thread& thread, EquilibriumStorage<Threads>& storage,
                             const EquilibriumWork& work, const ChunkOfNodes& of) {
  Placed least{infinity, of.begin};
  for (std::int64_t k = of.begin + thread.index(); k < of.end; k += Threads) least = lesser(least, {work.cost.load(k), k});
  least = least_of_block(thread, storage.least, least);
  if (thread.index() != 0) return;
  work.sums.store(of.chunk, {0, 0, 0, least.value});
  work.least.store(of.chunk, least.place);
}

template <int Threads>
P2PLLM_AGENT void begin_utilities(const simt::Thread& thread, EquilibriumStorage<Threads>& storage,
                                  const EquilibriumWork& work, const ChunkOfNodes& of) {
  const double least = work.cost.load(of.dominant) * work.by_cost;
  Placed best{infinity, of.begin};  // of the negated utilities
  for (std::int64_t k = of.begin + thread.index(); k < of.end; k += Threads) {
    const double utility = k == of.dominant ? absent_utility : least - work.cost.load(k) * work.by_cost;
    work.utility.store(k, utility);
    best = lesser(best, {-utility, k});
  }
  best = least_of_block(thread, storage.least, best);
  double sum[1];
  add_in_lanes<newton_lanes, 1>(
      thread, storage.sum, of.begin, of.end,
      [&](std::int64_t k, double(&terms)[1]) { terms[0] = exp_lane(work.utility.load(k)); }, sum);
  if (thread.index() == 0) work.sums.store(of.chunk, {sum[0], 0, 0, -best.value});
}

/// Moves ln P by the step that was found before, and finds what the next one needs.
template <int Threads>
P2PLLM_AGENT void step_nodes(const simt::Thread& thread, EquilibriumStorage<Threads>& storage,
                             const EquilibriumWork& work, const ChunkOfNodes& of) {
  const NewtonState state = work.states.load(of.group);
  if (state.has_ended != 0) return;
  Placed greatest{0, of.begin};  // of the changes, negated
  for (std::int64_t k = of.begin + thread.index(); k < of.end; k += Threads) {
    double log_share = 0;
    if (state.steps == 0) {
      log_share = first_log_share(work.utility.load(k), state.log_sum);
    } else {
      const double change =
          newton_change({work.scaled_residual.load(k), work.inverse_slope.load(k)}, state.log_sum_change);
      log_share = capped_log_share(work.log_share.load(k) - change);
      greatest = lesser(greatest, {-magnitude(change), k});
    }
    work.log_share.store(k, log_share);
    const Linearized at = linearized(log_share, exp_lane(log_share), work.utility.load(k), state.log_sum);
    work.scaled_residual.store(k, at.scaled_residual);
    work.inverse_slope.store(k, at.inverse_slope);
  }
  greatest = least_of_block(thread, storage.least, greatest);
  double sums[3];
  add_in_lanes<newton_lanes, 3>(
      thread, storage.sums, of.begin, of.end,
      [&](std::int64_t k, double(&terms)[3]) {
        const double share = exp_lane(work.log_share.load(k));
        terms[0] = share;
        terms[1] = share * work.scaled_residual.load(k);
        terms[2] = share * work.inverse_slope.load(k);
      },
      sums);
  if (thread.index() != 0) return;
  work.sums.store(of.chunk, {sums[0], sums[1], sums[2], -greatest.value});
  if (of.begin <= of.dominant && of.dominant < of.end) {  // it stays absent
    work.scaled_residual.store(of.dominant, 0);
    work.inverse_slope.store(of.dominant, 0);
  }
}

/// Shares, and bounds of the residuals.
template <int Threads>
P2PLLM_AGENT void bound_nodes(const simt::Thread& thread, EquilibriumStorage<Threads>& storage,
                              const EquilibriumWork& work, const ChunkOfNodes& of) {
  const NewtonState state = work.states.load(of.group);
  if (state.has_converged == 0) return;
  const double log_sum = state.log_sum;
  const auto residual = [&](std::int64_t k, double share) {
    return bounded_residual(work.log_share.load(k), share, work.utility.load(k), work.cost.load(k) * work.by_cost,
                            log_sum);
  };
  for (std::int64_t k = of.begin + thread.index(); k < of.end; k += Threads) {
    const double share = exp_lane(work.log_share.load(k));
    work.scaled_residual.store(k, share);
    work.inverse_slope.store(k, residual(k, share).bound);
  }
  double sums[3];
  add_in_lanes<radius_lanes, 3>(
      thread, storage.bounds, of.begin, of.end,
      [&](std::int64_t k, double(&terms)[3]) {
        const double share = work.scaled_residual.load(k);
        const BoundedResidual at = residual(k, share);
        terms[0] = share;
        terms[1] = share * at.bound;
        terms[2] = share / at.slope;
      },
      sums);
  if (thread.index() == 0) work.sums.store(of.chunk, {sums[0], sums[1], sums[2], 0});
}

P2PLLM_AGENT void write_ends(const EquilibriumChunkArguments& arguments, const ChunkOfNodes& of, std::int64_t k) {
  const EquilibriumWork& work = arguments.work;
  const NewtonRadius radius = work.radii.load(of.group);
  NodeEnds ends{0, infinity, 0, infinity, 0, infinity};
  if (radius.encloses != 0)
    ends = k == of.dominant ? dominant_ends(radius, work.sensitivity)
                            : node_ends(work.scaled_residual.load(k), work.inverse_slope.load(k), radius.of_others,
                                        1.0 / work.sensitivity);
  arguments.price_lower.store(k, ends.price_lower);
  arguments.price_upper.store(k, ends.price_upper);
  arguments.share_lower.store(k, ends.share_lower);
  arguments.share_upper.store(k, ends.share_upper);
  arguments.revenue_lower.store(k, ends.revenue_lower);
  arguments.revenue_upper.store(k, ends.revenue_upper);
}

/// A block has a chunk at a time; the chunks go round the blocks.
template <int Threads>
P2PLLM_AGENT void solve_chunks(const simt::Thread& thread, EquilibriumStorage<Threads>& storage,
                               const EquilibriumChunkArguments& arguments) {
  const EquilibriumWork& work = arguments.work;
  for (std::int64_t chunk = thread.block(); chunk < work.chunks.size(); chunk += thread.blocks()) {
    ChunkOfNodes of{chunk, work.chunks.begins.load(chunk), work.chunks.begins.load(chunk + 1),
                    work.chunks.groups.load(chunk), 0};
    if (arguments.phase != ChunkPhase::least) of.dominant = work.dominant.load(of.group);
    switch (arguments.phase) {
      case ChunkPhase::least: least_cost(thread, storage, work, of); break;
      case ChunkPhase::utilities: begin_utilities(thread, storage, work, of); break;
      case ChunkPhase::step: step_nodes(thread, storage, work, of); break;
      case ChunkPhase::bound: bound_nodes(thread, storage, work, of); break;
      case ChunkPhase::ends:
        for (std::int64_t k = of.begin + thread.index(); k < of.end; k += Threads) write_ends(arguments, of, k);
        break;
    }
  }
}

/// The sums of a group's chunks, in their order.
[[nodiscard]] P2PLLM_AGENT NewtonSums sums_of_group(const simt::Thread& thread, const EquilibriumWork& work,
                                                    std::int64_t group) {
  NewtonAddition sum;
  in_order<4>(
      thread, work.chunks.firsts.load(group), work.chunks.firsts.load(group + 1),
      [&](std::int64_t chunk, double(&fields)[4]) {
        const NewtonSums of = work.sums.load(chunk);
        fields[0] = of.share;
        fields[1] = of.residual;
        fields[2] = of.slope;
        fields[3] = of.change;
      },
      [&](std::int64_t /*chunk*/, const double(&fields)[4]) {
        sum.add({fields[0], fields[1], fields[2], fields[3]});
      });
  return sum.value();
}

/// The least `change` of a group's chunks, times a sign, and the chunk.
[[nodiscard]] P2PLLM_AGENT Placed least_of_group(const simt::Thread& thread, const EquilibriumWork& work,
                                                 std::int64_t group, double sign) {
  const std::int64_t begin = work.chunks.firsts.load(group);
  Placed least{infinity, begin};
  for (std::int64_t chunk = begin + thread.lane(); chunk < work.chunks.firsts.load(group + 1);
       chunk += simt::warp_size)
    least = lesser(least, {sign * work.sums.load(chunk).change, chunk});
  return least_of_warp(thread, least);
}

/// A warp has a group at a time; the groups go round the warps.
P2PLLM_AGENT void solve_groups(const simt::Thread& thread, simt::NoStorage& /*storage*/,
                               const EquilibriumGroupArguments& arguments) {
  const EquilibriumWork& work = arguments.work;
  const bool writes = thread.lane() == 0;
  for (std::int64_t group = thread.number() / simt::warp_size; group < work.chunks.group_count();
       group += thread.numbers() / simt::warp_size) {
    switch (arguments.phase) {
      case GroupPhase::dominant: {
        const Placed least = least_of_group(thread, work, group, 1);
        if (writes) work.dominant.store(group, work.least.load(least.place));
        break;
      }
      case GroupPhase::start: {
        const double sum = sums_of_group(thread, work, group).share;
        const double best = -least_of_group(thread, work, group, -1).value;
        NewtonState state = newton_start(LaneElementary(), sum, best);
        if (work.chunks.nodes_of_group(group) < 2) state.has_ended = 1;
        if (writes) work.states.store(group, state);
        break;
      }
      case GroupPhase::next: {
        NewtonState state = work.states.load(group);
        if (state.has_ended != 0) break;
        newton_step(LaneElementary(), sums_of_group(thread, work, group), state);
        thread.warp_barrier();  // every lane has read the state
        if (!writes) break;
        work.states.store(group, state);
        if (state.has_ended == 0) arguments.going_on.atomic_add(0, 1);
        break;
      }
      case GroupPhase::radius: {
        const NewtonState state = work.states.load(group);
        NewtonRadius radius;
        if (state.has_converged != 0) {
          const NewtonSums sums = sums_of_group(thread, work, group);
          radius = newton_radius(LaneElementary(), {sums.share, sums.residual, sums.slope}, state.log_odds,
                                 state.log_sum, work.cost.load(work.dominant.load(group)) * work.by_cost);
        }
        if (writes) work.radii.store(group, radius);
        break;
      }
    }
  }
}

}  // namespace p2pllm::kernels
