#pragma once

#include "model/market/verdict.hpp"
#include "model/progress.hpp"
#include "model/result.hpp"
#include "optimized/market/columns.hpp"
#include "optimized/market/range_index.hpp"

namespace p2pllm::optimized {

class MarketLoops;

/// The equilibrium of every group in columns, group after group.
///
/// Law: each pair of ends encloses the exact value (PRICE-12). Where a group has no equilibrium, or doubles could not
/// enclose it, the ends are 0 and infinity.
struct SolvedPrices {
  GroupColumns groups;
  std::vector<bool> exists;                          ///< one per group: n >= 2 and a > 0
  std::vector<double> price_lower, price_upper;      ///< units.price
  std::vector<double> share_lower, share_upper;      ///< the lower end is 0 below the doubles
  std::vector<double> revenue_lower, revenue_upper;  ///< units.price per request
  std::vector<double> cost;  ///< integers of the cost column, rounded to nearest, in the order of `groups`
  int steps = 0;             ///< the most Newton steps that a group took
};

/// The unique price equilibrium of every group, as narrowly as doubles allow: about 2^-43 for costs of a few units of
/// the cost scale, wider as (1 - alpha) cost / (cost scale * temperature) grows.
///
/// A joint Newton iteration in ln P of every node and ln of the group's sum, with the node of the greatest share held
/// by its odds; one exponential per node and step. The enclosure follows from the residuals of the conditions. The same
/// bits for every number of threads.
/// @param alpha   in [0, 1]
/// @param buffer  an answer that is no longer needed, whose memory is used again
/// @param loops   who iterates; null: the processor
/// O(n) per step, 4 to 8 steps as a rule.
[[nodiscard]] SolvedPrices solve_in_doubles(const MarketColumns& market, const Rational& alpha,
                                            SolvedPrices buffer = {}, MarketLoops* loops = nullptr);

/// The same with enclosures of relative width at most 2^-bits of every price, share and revenue (for shares under
/// 2^-65536 the lower end is 0): those of doubles where they suffice, otherwise refined from there.
/// @param bits  in 2 .. 2048
/// @returns an error if the precision limit did not suffice
[[nodiscard]] Result<std::vector<EquilibriumGroup>> solve(const MarketColumns& market, const Rational& alpha, long bits,
                                                          const Progress& progress = {}, MarketLoops* loops = nullptr);

}  // namespace p2pllm::optimized
