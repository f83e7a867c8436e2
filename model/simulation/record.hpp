#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/crypto/sha256.hpp"
#include "model/layer_range.hpp"
#include "model/market/verdict.hpp"

namespace p2pllm {

/// Prices of the nodes that serve one range.
struct PriceSummary {
  Enclosure mean;
  Enclosure median;
  Enclosure least;
  Enclosure greatest;
};

/// One range at a recorded step (SIM-16).
struct RangeRecord {
  LayerRange range;
  std::size_t nodes = 0;
  std::optional<PriceSummary> prices;  ///< absent where nobody serves
  Enclosure load;                      ///< S_r, the sum of 1 / cost (MIG-1)
  Enclosure revenue;                   ///< of all nodes, in price units a request (PRICE-4)
};

/// The state after one step (SIM-16): ranges in ascending order, and the network as a whole.
struct StepRecord {
  std::int64_t step = 0;
  std::int64_t moves = 0;  ///< since the start
  std::vector<RangeRecord> ranges;
  Enclosure least_load;   ///< the least S_r over all ranges
  Enclosure throughput;   ///< the least quotient of 1 / cost and share: requests a time unit that no node refuses
  std::size_t sole = 0;   ///< ranges with one node
  Rational regret_bound;  ///< no node can gain a greater part of its best revenue (PRICE-9); 1 with a sole server
  std::vector<std::uint32_t> serves;  ///< for each node in file order, the place of its range in `ranges`
};

/// A move of a node between two ranges (SIM-8).
struct SimulatedMove {
  std::int64_t step = 0;
  std::size_t node = 0;  ///< index in file order
  LayerRange from;
  LayerRange to;
  friend bool operator==(const SimulatedMove&, const SimulatedMove&) = default;
};

/// The digest of a run (SIM-1): it grows with each record, by what is discrete in it.
class RunDigest {
 public:
  void add(const StepRecord& record);
  [[nodiscard]] const Hash& value() const { return value_; }

 private:
  Hash value_{};
};

/// One run of a scenario.
struct SimulationRun {
  std::vector<StepRecord> records;
  std::vector<SimulatedMove> moves;  ///< the first `moves_listed_max`
  Hash digest{};
  long bits = 0;    ///< the precision of the prices that was enough
  Rational radius;  ///< the greatest distance of a recorded price from the truth
};

inline constexpr std::size_t moves_listed_max = 1'000'000;

}  // namespace p2pllm
