#pragma once

#include "kernels/market/block_sums.cuh"
#include "kernels/market/regret_lane.hpp"
#include "kernels/portable/omega_lane.hpp"

// Brackets of the regrets of all nodes at a price profile (PRICE-9 .. PRICE-11, PRICE-15), in three kernels: sums of
// chunks, sums of groups, brackets of nodes. The numbers are those of the CPU's loops: each function of a node is the
// same source, and each sum has the same order. Deterministic from run to run and from device to device.
namespace p2pllm::kernels {

/// The integers of prices and costs, in the order of the groups.
struct DemandColumns {
  ChunkTable chunks;
  simt::DeviceSpan<const double> price, cost;
  PriceFactors factors;
};

struct DemandSumArguments {
  DemandColumns columns;
  simt::DeviceSpan<double> own;     ///< e^-(w - least w of the chunk) of each node
  simt::DeviceSpan<ChunkSum> sums;  ///< of each chunk
};
/// @tparam Threads  of a block: 32 for small groups, more for large ones
template <int Threads>
struct DemandSumStorage {
  PlacedCells<Threads> least;
  simt::SharedArray<double, 2 * demand_lanes> sums;
};

[[nodiscard]] P2PLLM_AGENT double weight_at(const DemandColumns& columns, std::int64_t k) {
  return demand_weight(columns.price.load(k), columns.cost.load(k), columns.factors.by_price, columns.factors.by_cost);
}

/// A block has a chunk at a time; the chunks go round the blocks.
template <int Threads>
P2PLLM_AGENT void sum_demand(const simt::Thread& thread, DemandSumStorage<Threads>& storage,
                             const DemandSumArguments& arguments) {
  const DemandColumns& columns = arguments.columns;
  for (std::int64_t chunk = thread.block(); chunk < columns.chunks.size(); chunk += thread.blocks()) {
    const std::int64_t begin = columns.chunks.begins.load(chunk), end = columns.chunks.begins.load(chunk + 1);
    Placed least{infinity, begin};
    for (std::int64_t k = begin + thread.index(); k < end; k += Threads)
      least = lesser(least, {weight_at(columns, k), k});
    least = least_of_block(thread, storage.least, least);
    for (std::int64_t k = begin + thread.index(); k < end; k += Threads)
      arguments.own.store(k, k == least.place ? 1.0 : exp_lane(least.value - weight_at(columns, k)));
    double sums[2];
    add_in_lanes<demand_lanes, 2>(
        thread, storage.sums, begin, end,
        [&](std::int64_t k, double(&terms)[2]) {
          const double own = k == least.place ? 0.0 : arguments.own.load(k);
          terms[0] = own;
          terms[1] = own * weight_at(columns, k);
        },
        sums);
    if (thread.index() == 0) arguments.sums.store(chunk, {least.value, least.place - begin, sums[0], sums[1]});
  }
}

struct DemandTotalArguments {
  ChunkTable chunks;
  simt::DeviceSpan<const ChunkSum> sums;
  simt::DeviceSpan<GroupSum> totals;  ///< of each group
};

/// A warp has a group at a time; the groups go round the warps.
P2PLLM_AGENT void total_demand(const simt::Thread& thread, simt::NoStorage& /*storage*/,
                               const DemandTotalArguments& arguments) {
  const ChunkTable& chunks = arguments.chunks;
  for (std::int64_t group = thread.number() / simt::warp_size; group < chunks.group_count();
       group += thread.numbers() / simt::warp_size) {
    const std::int64_t begin = chunks.firsts.load(group), end = chunks.firsts.load(group + 1);
    Placed least{infinity, begin};
    for (std::int64_t chunk = begin + thread.lane(); chunk < end; chunk += simt::warp_size)
      least = lesser(least, {arguments.sums.load(chunk).least_weight, chunk});
    least = least_of_warp(thread, least);
    GroupAddition sum;
    in_order<4>(
        thread, begin, end,
        [&](std::int64_t chunk, double(&fields)[4]) {
          const ChunkSum of = arguments.sums.load(chunk);
          fields[0] = of.least_weight;
          fields[1] = of.others;
          fields[2] = of.others_by_weight;
          fields[3] = exp_lane(least.value - of.least_weight);
        },
        [&](std::int64_t chunk, const double(&fields)[4]) {
          sum.add({fields[0], 0, fields[1], fields[2]}, fields[3], chunk == least.place);
        });
    if (thread.lane() == 0)
      arguments.totals.store(
          group, sum.value(least.value,
                           chunks.begins.load(least.place) + arguments.sums.load(least.place).lightest));
  }
}

/// What is known of a node's regret.
inline constexpr std::uint8_t regret_within = 0, regret_exceeds = 1, regret_open = 2;

/// What the nodes of a chunk have together.
struct RegretTally {
  std::int64_t within, exceeding;
  std::int64_t worst;   ///< place of the node of greatest regret among those that exceed; -1 if there is none
  double worst_regret;  ///< its lower bound, else -1
  double worst_gain;    ///< a lower bound of R(trial) - R(p), else -1
};
/// The worse of two tallies' nodes, and the sums. Commutative, and associative.
[[nodiscard]] P2PLLM_AGENT RegretTally joined(const RegretTally& a, const RegretTally& b) {
  const bool is_b = b.worst_regret != a.worst_regret ? b.worst_regret > a.worst_regret
                    : b.worst_gain != a.worst_gain   ? b.worst_gain > a.worst_gain
                                                     : b.worst < a.worst;
  const RegretTally& worse = is_b ? b : a;
  return {a.within + b.within, a.exceeding + b.exceeding, worse.worst, worse.worst_regret, worse.worst_gain};
}

struct RegretArguments {
  DemandColumns columns;
  simt::DeviceSpan<const double> own;
  simt::DeviceSpan<const ChunkSum> sums;
  simt::DeviceSpan<const GroupSum> totals;
  simt::DeviceSpan<double> share_lower, share_upper, response_lower, response_upper, regret_lower, regret_upper, trial;
  simt::DeviceSpan<std::uint8_t> states;  ///< of each node
  simt::DeviceSpan<RegretTally> tallies;  ///< of each chunk; of a group without an equilibrium, zeros
  bool has_sensitivity = false;           ///< a > 0
};
template <int Threads>
struct RegretStorage {
  simt::SharedArray<RegretTally, Threads> tallies;
};

P2PLLM_AGENT void bracket_share(const RegretArguments& arguments, const GroupSum& group, double factor,
                                std::int64_t k) {
  const bool is_in_range = arguments.columns.factors.is_usable && group.is_in_range();
  const ShareEnds ends =
      share_ends_alone(arguments.own.load(k) * factor, weight_at(arguments.columns, k), group, is_in_range);
  arguments.share_lower.store(k, ends.lower);
  arguments.share_upper.store(k, ends.upper);
  arguments.response_lower.store(k, 0);
  arguments.regret_lower.store(k, 0);
  arguments.trial.store(k, 0);
  arguments.response_upper.store(k, infinity);
  arguments.regret_upper.store(k, infinity);
  arguments.states.store(k, regret_open);
}

/// @param factor  from the chunk's exponentials to the group's
[[nodiscard]] P2PLLM_AGENT RegretTally bracket_regret(const RegretArguments& arguments, const GroupSum& group,
                                                      double factor, std::int64_t k) {
  const PriceFactors& factors = arguments.columns.factors;
  const double price = arguments.columns.price.load(k), cost_weight = arguments.columns.cost.load(k) * factors.by_cost;
  const double scaled = price * factors.by_price, weight = weight_at(arguments.columns, k);
  const double own = arguments.own.load(k) * factor;
  const double rivals = k == group.lightest ? group.others : group.total - own;
  const double mass = bounded_mass(own, exp_lane(mass_exponent(scaled)), rivals);
  double odds = approximate_odds(mass);
  odds = improved_odds(odds, log_lane(mass / odds));
  if (mass > approximate_mass_max)
    odds = omega_lane(great_odds_argument(group.least_weight, cost_weight, log_lane(rivals)));
  const Trial first = trial_of(odds, price, own, rivals, weight, factors, 1.0 / factors.sensitivity);
  const bool is_valid = first.is_valid && factors.is_usable && group.is_in_range();
  const RefinedTrial trial =
      refined_trial(first.price, exp_lane(first.exponent), own, rivals, factors.sensitivity);
  const double total_error = greatest_of(group.total_error, group.others_error);
  const ShareEnds share =
      share_ends(own, 1.0 / group.total, regret_errors(weight, 0, 0, total_error).own, is_valid);
  const RegretErrors errors = regret_errors(weight, scaled, factors.sensitivity * trial.price, total_error);
  const ResponseEnds response =
      response_ends(trial.price, trial.rise, own, rivals, factors.sensitivity, errors.z, is_valid);
  const RegretEnds regret =
      factors.is_absolute
          ? regret_ends<true>(price, trial.price, trial.rise, own, rivals, group.total, response.deviation, factors,
                              errors)
          : regret_ends<false>(price, trial.price, trial.rise, own, rivals, group.total, response.deviation, factors,
                               errors);
  arguments.share_lower.store(k, share.lower);
  arguments.share_upper.store(k, share.upper);
  arguments.response_lower.store(k, response.lower);
  arguments.response_upper.store(k, response.upper);
  arguments.regret_lower.store(k, regret.least);
  arguments.regret_upper.store(k, regret.most);
  arguments.trial.store(k, trial.price);
  const bool is_within = is_valid && regret.most <= factors.epsilon_below, exceeds = regret.excess > 0.0;
  arguments.states.store(k, exceeds ? regret_exceeds : is_within ? regret_within : regret_open);
  if (!exceeds) return {is_within ? 1 : 0, 0, -1, -1, -1};
  return {is_within ? 1 : 0, 1, k, regret.least, regret.gain};
}

/// A block has a chunk at a time; the chunks go round the blocks.
template <int Threads>
P2PLLM_AGENT void bracket_regrets(const simt::Thread& thread, RegretStorage<Threads>& storage,
                                  const RegretArguments& arguments) {
  const ChunkTable& chunks = arguments.columns.chunks;
  const int self = thread.index();
  for (std::int64_t chunk = thread.block(); chunk < chunks.size(); chunk += thread.blocks()) {
    const std::int64_t begin = chunks.begins.load(chunk), end = chunks.begins.load(chunk + 1);
    const std::int64_t group = chunks.groups.load(chunk);
    const GroupSum total = arguments.totals.load(group);
    const double factor = exp_lane(total.least_weight - arguments.sums.load(chunk).least_weight);
    const bool has_equilibrium = arguments.has_sensitivity && chunks.nodes_of_group(group) >= 2;
    RegretTally tally{0, 0, -1, -1, -1};
    for (std::int64_t k = begin + self; k < end; k += Threads)
      if (has_equilibrium) tally = joined(tally, bracket_regret(arguments, total, factor, k));
      else bracket_share(arguments, total, factor, k);
    storage.tallies.store(self, tally);
    for (int width = Threads / 2; width > 0; width /= 2) {
      thread.barrier();
      if (self < width) storage.tallies.store(self, tally = joined(tally, storage.tallies.load(self + width)));
    }
    if (self == 0) arguments.tallies.store(chunk, tally);
    thread.barrier();  // before the next chunk's tallies
  }
}

}  // namespace p2pllm::kernels
