#pragma once

#include <string>

#include "model/simulation/record.hpp"

namespace p2pllm::testing {

inline bool contains(const Enclosure& outer, const Enclosure& inner) {
  return outer.lower <= inner.lower && inner.upper <= outer.upper;
}

/// Whether two enclosures have a number in common. Both contain the true one (SIM-14), which may be an end of the fast
/// engine's; so this asks for containment up to the width of the exact one, which is asked to be tiny.
inline bool meets(const Enclosure& fast, const Enclosure& exact) {
  return fast.lower <= exact.upper && exact.lower <= fast.upper &&
         exact.upper - exact.lower <= Rational::power_of_two(-60) * maximum(Rational(1), exact.upper);
}

/// What a record of the fast engine says that one of the exact engine does not (SIM-14); empty if nothing.
inline std::string simulation_difference(const StepRecord& fast, const StepRecord& exact) {
  const std::string at = " at step " + std::to_string(exact.step);
  if (!meets(fast.throughput, exact.throughput)) return "throughput" + at;
  if (!meets(fast.least_load, exact.least_load)) return "least load" + at;
  if (fast.regret_bound < exact.regret_bound - Rational::power_of_two(-60)) return "regret bound" + at;
  if (fast.joins != exact.joins || fast.leaves != exact.leaves) return "joins and leaves" + at;
  if (fast.requests.has_value() != exact.requests.has_value()) return "whether there are requests" + at;
  if (fast.requests && fast.requests->mean_sojourn != exact.requests->mean_sojourn) return "mean sojourn" + at;
  if (fast.requests && fast.requests->measured != exact.requests->measured) return "number of sojourns" + at;
  if (fast.requests && fast.requests->blocked != exact.requests->blocked) return "blocked boundary" + at;
  if (fast.ranges.size() != exact.ranges.size()) return "ranges" + at;
  for (std::size_t r = 0; r < exact.ranges.size(); ++r) {
    const RangeRecord& mine = fast.ranges[r];
    const RangeRecord& its = exact.ranges[r];
    if (!meets(mine.load, its.load)) return "load" + at;
    if (!meets(mine.revenue, its.revenue)) return "revenue" + at;
    if (mine.prices.has_value() != its.prices.has_value()) return "whether there are prices" + at;
    if (!mine.prices) continue;
    if (!meets(mine.prices->mean, its.prices->mean)) return "mean price" + at;
    if (!meets(mine.prices->median, its.prices->median)) return "median price" + at;
    if (!meets(mine.prices->least, its.prices->least)) return "least price" + at;
    if (!meets(mine.prices->greatest, its.prices->greatest)) return "greatest price" + at;
  }
  return "";
}

/// The first difference of two runs of one scenario and seed: digest, moves, and enclosures that must contain others.
inline std::string simulation_difference(const SimulationRun& fast, const SimulationRun& exact) {
  if (fast.digest != exact.digest) return "digest";
  if (fast.moves != exact.moves) return "moves";
  if (fast.payments != exact.payments) return "payments";
  if (fast.records.size() != exact.records.size()) return "number of records";
  for (std::size_t k = 0; k < exact.records.size(); ++k)
    if (std::string what = simulation_difference(fast.records[k], exact.records[k]); !what.empty()) return what;
  return "";
}

}  // namespace p2pllm::testing
