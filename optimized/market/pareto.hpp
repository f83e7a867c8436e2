#pragma once

#include "model/market/frontier.hpp"
#include "model/progress.hpp"
#include "optimized/counted.hpp"
#include "optimized/market/route_latency.hpp"

namespace p2pllm::optimized {

inline constexpr std::size_t frontier_labels_max = 4'000'000;

/// The exact Pareto frontier of (price, time) over all chains (PARETO-3 .. PARETO-6), without the labels of the nodes;
/// or the reason why there is none.
///
/// Label setting backward. Without latency each boundary keeps one staircase, and each cell extends it by its own
/// undominated nodes alone; with latency each node keeps one, without the labels that the least price and time from the
/// client's side and known chains rule out.
/// @param client      whose legs count
/// @param labels_max  the greatest number of labels kept, over all boundaries or nodes
/// @returns the whole frontier; an error, never a part of it, if the limit is reached. With latency the limit counts
/// the
///   same labels as the reference does; without it fewer, so that a frontier may be found that the reference gives up.
/// Exact: the counts name the width of the integers in which labels were compared: 64 bits (approximate), 128 (wider),
/// any (exact).
[[nodiscard]] Result<Counted<FrontierAnswer>> pareto(const MarketColumns& columns, const ClientChoice& client,
                                                     std::size_t labels_max = frontier_labels_max,
                                                     const Progress& progress = {});

/// The same with the labels of all nodes that a certificate needs; all of them count towards the limit.
[[nodiscard]] Result<Counted<FrontierAnswer>> certified_pareto(const MarketColumns& columns, const ClientChoice& client,
                                                               std::size_t labels_max = frontier_labels_max,
                                                               const Progress& progress = {});

}  // namespace p2pllm::optimized
