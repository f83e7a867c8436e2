#pragma once

#include <limits>
#include <map>

#include "model/market/verdict.hpp"
#include "model/numbers/interval.hpp"
#include "model/progress.hpp"
#include "optimized/counted.hpp"
#include "optimized/market/columns.hpp"
#include "optimized/market/range_index.hpp"

namespace p2pllm::optimized {

class MarketLoops;

/// Certified enclosures of every node, group after group (GroupColumns).
///
/// Law: each pair of ends encloses the exact value. An end of a best response or regret is infinite where revenue is
/// unbounded (PRICE-8); the trial price is then 0.
struct PriceColumns {
  std::vector<double> share_lower, share_upper;
  std::vector<double> response_lower, response_upper;  ///< best response, in units.price
  std::vector<double> regret_lower, regret_upper;      ///< relative or absolute, as in the tolerance
  std::vector<double> trial;  ///< the price at which the regret bracket was taken, an exact number

  [[nodiscard]] std::size_t size() const { return trial.size(); }
  void resize(std::size_t nodes);
};

struct GroupDecision {
  Verdict verdict = Verdict::undecided;
  std::optional<Witness> witness;  ///< when refuted
};

/// The answer of `verify` in columns.
struct VerifiedPrices {
  GroupColumns groups;
  std::vector<double> price, cost;  ///< integers of the columns, rounded to nearest, in the order of `groups`
  PriceColumns columns;
  std::vector<GroupDecision> decisions;       ///< one per group
  std::map<std::size_t, NodeReport> precise;  ///< by place in `columns`: what doubles could not hold or decide
  Verdict verdict = Verdict::equilibrium;
  Tolerance tolerance;
  std::optional<Witness> witness;  ///< when refuted: the clearest of the groups' witnesses
  long bits = 0;                   ///< the greatest precision that was needed
};

/// Whether a price profile is a (tolerance-)Nash equilibrium of every group (PRICE-9 .. PRICE-11).
///
/// Doubles with a proved relative error bracket every regret; a node that they leave open is decided at the precisions
/// of `ladder`, where exponents may have any size, so shares of e^-10000 are as good as others. The same bits for every
/// number of threads: chunks and the order of sums are fixed.
/// @param prices     one per node, in file order, in units.price
/// @param alpha      in [0, 1]
/// @param tolerance  epsilon >= 0; < 1 when relative
/// @param buffer     an answer that is no longer needed, whose memory is used again
/// @param loops      who brackets the regrets; null: the processor
/// @returns every verdict as the definition gives it; decisions are counted by node. Nothing if a demand weight needs
///          more than 127 bits
/// O(n): two exponentials and a logarithm per node in doubles, and O(n) exponentials for each further precision.
[[nodiscard]] std::optional<Counted<VerifiedPrices>> verify(const MarketColumns& market, const Column& prices,
                                                            const Rational& alpha, const Tolerance& tolerance,
                                                            const Precision& ladder = {}, VerifiedPrices buffer = {},
                                                            MarketLoops* loops = nullptr);

/// The same answer node by node, with every number exact.
/// @param listed_max  of a group with more nodes at least so many are listed, in file order: those without an enclosed
///                    regret, and then those of the greatest upper ends
[[nodiscard]] EquilibriumReport equilibrium_report(const VerifiedPrices& verified, const Column& prices,
                                                   std::size_t listed_max = std::numeric_limits<std::size_t>::max());

}  // namespace p2pllm::optimized
