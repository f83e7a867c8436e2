#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "apps/p2pllm/simulation/outcome.hpp"
#include "apps/p2pllm/simulation/statistics.hpp"
#include "apps/p2pllm/view/chart_svg.hpp"

namespace p2pllm::app {

/// At most so many targets have a panel or a line; tables and other outputs have all of a record.
inline constexpr std::size_t figure_targets_max = 12;

/// A number that each run has.
using RunQuantity = std::function<double(const Outcome&)>;

/// The statistics of a quantity (SIM-18), of the runs in which it is finite; nothing if there are none.
[[nodiscard]] std::optional<Summary> summary_of(const std::vector<Outcome>& outcomes, const RunQuantity& quantity);

/// What pictures of a simulation draw over the recorded steps (SIM-20): the median price and the number of nodes of
/// each target, and what the network carries.
///
/// Of one run a line is the middle of the enclosures, and its band the enclosures themselves. The radius of its prices
/// is told in words where no band is wider than a pixel.
[[nodiscard]] std::vector<Chart> figures_of(const EngineRun& run);

/// The same of several seeds (SIM-18): the line is the median over the runs, the band reaches from the 5 % to the 95 %
/// quantile.
/// @param outcomes  at least one, all of the same scenario
[[nodiscard]] std::vector<Chart> figures_of(const std::vector<Outcome>& outcomes);

}  // namespace p2pllm::app
