#pragma once

#include <variant>

#include "reference/contracts/replay.hpp"

// A history of a ledger for the benchmarks: transfers, jobs paid and disputed, channels closed alone and by agreement.
namespace p2pllm::bench {

inline constexpr std::size_t workload_operations = 5000;  ///< of each shard

/// A workload as its lines are read from its trace, in blocks of about a hundred operations of each shard.
struct WorkloadHistory {
  reference::TraceHead head;
  std::vector<reference::TraceEvent> events;
  std::string text;  ///< of the trace
};

/// @param is_ideal  signatures are the ideal ones, else Ed25519. Throws if a line differs from what it says.
/// @param shards  with as much work each; one transfer of ten goes from one to the next
[[nodiscard]] const WorkloadHistory& workload(bool is_ideal, std::int64_t shards = 1);

}  // namespace p2pllm::bench
