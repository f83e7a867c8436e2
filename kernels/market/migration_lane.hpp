#pragma once

#include "kernels/market/migration_rules.hpp"
#include "kernels/portable/interval.hpp"

// Whether a node gains by moving to the least loaded range of its length (MIG-5), in interval arithmetic on doubles:
// what it leaves open is decided exactly by the host. The CPU's loop and the kernel of a device call this function.
namespace p2pllm::kernels {

/// What is known of a node.
enum class MigrationScore : std::uint8_t {
  bound,  ///< it may not move, or serves the least loaded range: no loads were compared
  stays,
  moves,
  open,
};

/// A range, as far as its nodes' scores need it.
struct ScoredRange {
  double load_lower = 0, load_upper = 0;
  double factor_lower = 1, factor_upper = 1;  ///< true weight / approximate weight of its nodes (MIG-8)
  std::int64_t least = 0;                     ///< the least loaded range of the same length
  std::int64_t servers = 0;
};

/// @param may_gain      false at price 0 under the revenue rule (MIG-3)
/// @param vanished_max  what a weight that is approximated by 0 may be
[[nodiscard]] P2PLLM_LANE MigrationScore score_of(double weight, bool may_gain, double vanished_max, std::int64_t range,
                                                  const ScoredRange& here, const ScoredRange& least) {
  if (!may_gain || here.servers == 1 || here.least == range) return MigrationScore::bound;  // MIG-3; MIG-4
  const DoubleInterval own = enclosed_load(DoubleInterval(weight), DoubleInterval(here.factor_lower, here.factor_upper),
                                           DoubleInterval(0, weight == 0 ? vanished_max : 0));
  const Uncertain moves = is_less_loaded(DoubleInterval(least.load_lower, least.load_upper),
                                         rivals_of(DoubleInterval(here.load_lower, here.load_upper), own));
  return !decided(moves) ? MigrationScore::open : certainly(moves) ? MigrationScore::moves : MigrationScore::stays;
}

}  // namespace p2pllm::kernels
