#pragma once

#include "kernels/market/migration_lane.hpp"
#include "kernels/simt/memory.hpp"

// The score of every node in a migration. Deterministic from run to run and from device to device.
namespace p2pllm::kernels {

inline constexpr int score_threads = 256;

struct ScoreArguments {
  simt::DeviceSpan<const ScoredRange> ranges;
  /// @name Of each node
  /// @{
  simt::DeviceSpan<const std::uint32_t> served_by;  ///< an index of ranges
  simt::DeviceSpan<const double> weight;
  simt::DeviceSpan<const std::uint8_t> may_gain;
  simt::DeviceSpan<std::uint8_t> scores;  ///< MigrationScore
  /// @}
  double vanished_max = 0;
};

/// A thread has a node at a time; the nodes go round the threads.
P2PLLM_AGENT void score(const simt::Thread& thread, simt::NoStorage& /*storage*/, const ScoreArguments& arguments) {
  for (std::int64_t node = thread.number(); node < arguments.scores.size(); node += thread.numbers()) {
    const std::int64_t range = arguments.served_by.load(node);
    const ScoredRange here = arguments.ranges.load(range);
    const MigrationScore found = score_of(arguments.weight.load(node), arguments.may_gain.load(node) != 0,
                                          arguments.vanished_max, range, here, arguments.ranges.load(here.least));
    arguments.scores.store(node, static_cast<std::uint8_t>(found));
  }
}

}  // namespace p2pllm::kernels
