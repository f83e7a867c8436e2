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

/// The requests of a run up to a recorded step (SIM-16). A sojourn is the time from the arrival of a served request to
/// its end, in ticks; those of requests that arrived in the warm-up count for none of the sojourns here.
struct RequestRecord {
  std::int64_t offered = 0;
  std::int64_t served = 0;
  std::int64_t refused = 0;             ///< because there was no chain (ROUTE-5)
  std::optional<std::int64_t> blocked;  ///< the blocked boundary of the last that was refused
  std::vector<std::int64_t> demand;     ///< for each node in file order, the requests that chose it
  std::vector<std::int64_t> earned;  ///< for each node, money units for requests that it ended; empty without a ledger
  std::int64_t measured = 0;         ///< how many sojourns count
  Rational mean_sojourn = 0;         ///< exact; 0 if none counts
  std::int64_t median_sojourn = 0;   ///< the value of the rank ceil(n / 2)
  std::int64_t p95_sojourn = 0;      ///< of the rank ceil(95 n / 100)
  std::int64_t greatest_sojourn = 0;
  [[nodiscard]] std::int64_t in_flight() const { return offered - served - refused; }
};

/// What a record says of the sojourns of requests (SIM-16).
/// @param sojourns  in ticks, in any order
void set_sojourns(RequestRecord& record, std::vector<std::int64_t> sojourns);

/// The state after one step (SIM-16): ranges in ascending order, and the network as a whole.
struct StepRecord {
  std::int64_t step = 0;
  std::int64_t moves = 0;   ///< since the start
  std::int64_t joins = 0;   ///< nodes that have joined since the start
  std::int64_t leaves = 0;  ///< nodes that have left
  std::vector<RangeRecord> ranges;
  Enclosure least_load;   ///< the least S_r over all ranges
  Enclosure throughput;   ///< the least quotient of 1 / cost and share: requests a time unit that no node refuses
  std::size_t sole = 0;   ///< ranges with one node
  Rational regret_bound;  ///< no node can gain a greater part of its best revenue (PRICE-9); 1 with a sole server
  /// For each node in file order, the place of its range in `ranges`, or their number if it is absent.
  std::vector<std::uint32_t> serves;
  std::optional<RequestRecord> requests;  ///< absent if the scenario has none
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
  /// What a run has to remember of it (SIM-17).
  template <typename State>
  void keep(State& state) {
    state(value_);
  }

 private:
  Hash value_{};
};

/// What a node earned in one step (SIM-15).
struct SimulatedPayment {
  std::int64_t step = 0;
  std::size_t node = 0;  ///< index in file order
  std::int64_t amount = 0;
  friend bool operator==(const SimulatedPayment&, const SimulatedPayment&) = default;
};

/// One run of a scenario.
struct SimulationRun {
  std::vector<StepRecord> records;
  std::vector<SimulatedMove> moves;        ///< the first `moves_listed_max`
  std::vector<SimulatedPayment> payments;  ///< by step and node
  Hash digest{};
  long bits = 0;            ///< the precision of the prices that was enough
  bool is_stopped = false;  ///< before its last step (SIM-17): what is here is of the steps so far, without a digest
  Rational radius;          ///< the greatest distance of a recorded price from the truth
};

inline constexpr std::size_t moves_listed_max = 1'000'000;

}  // namespace p2pllm
