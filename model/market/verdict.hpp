#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/market/network.hpp"

namespace p2pllm {

/// The conclusion about a price profile, in ascending precedence over groups (PRICE-11).
enum class Verdict {
  equilibrium,          ///< exact Nash equilibrium
  epsilon_equilibrium,  ///< no node can gain more than epsilon
  undecided,            ///< neither was proved within the limits
  refuted,              ///< a node gains more than epsilon by charging another price
  no_equilibrium,       ///< none exists: a group has one node, or there is no price sensitivity
};
[[nodiscard]] const char* to_string(Verdict verdict);
[[nodiscard]] std::optional<Verdict> verdict_named(const std::string& name);

/// Rational bounds of a real: lower <= value <= upper.
struct Enclosure {
  Rational lower;
  Rational upper;
};

/// The allowed gain of a unilateral price change (PRICE-10).
struct Tolerance {
  Rational epsilon = Rational(1, 1000000);  ///< >= 0; < 1 when relative
  bool absolute = false;                    ///< relative: gain / best revenue; absolute: gain in units.price
};

/// "node earns at least `gain` more by charging `price`".
struct Witness {
  std::size_t node = 0;  ///< index in file order
  Rational price;        ///< > 0
  Rational gain;         ///< a lower bound in units.price; 0 when the gain is positive and below 2^-65536
};

struct NodeReport {
  std::size_t node = 0;
  Rational price;
  std::optional<Enclosure> share;          ///< absent if the limits did not allow an enclosure
  std::optional<Enclosure> best_response;  ///< absent also if the revenue is unbounded
  std::optional<Enclosure> regret;         ///< relative or absolute, as in the tolerance; absent likewise
  std::optional<Rational> trial;           ///< the price at which the regret bracket was taken
};

struct GroupReport {
  LayerRange range;
  Verdict verdict = Verdict::undecided;
  std::vector<NodeReport> nodes;
  std::optional<Witness> witness;  ///< when refuted
  std::size_t unlisted = 0;        ///< how many nodes of smaller regret are not in `nodes`
};

/// The answer of `verify` for one price profile.
struct EquilibriumReport {
  Verdict verdict = Verdict::equilibrium;
  Tolerance tolerance;
  std::vector<GroupReport> groups;
  std::optional<Witness> witness;  ///< when refuted: the clearest of the groups' witnesses
  long bits = 0;                   ///< the precision at which the last group was decided
};

/// One node of the unique equilibrium (PRICE-12).
struct EquilibriumNode {
  std::size_t node = 0;
  Enclosure price;
  Enclosure share;
  Enclosure revenue;
};

struct EquilibriumGroup {
  LayerRange range;
  bool exists = true;  ///< false: no_equilibrium, and no nodes follow
  std::vector<EquilibriumNode> nodes;
};

}  // namespace p2pllm
