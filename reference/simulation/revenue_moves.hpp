#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "reference/simulation/certified_prices.hpp"
#include "reference/simulation/lineages.hpp"
#include "reference/simulation/move_rule.hpp"

namespace p2pllm::reference {

/// The prices of a market as they are when nodes move (SIM-8): frozen, enclosed, and equal where that is known.
struct FrozenPrices {
  const Network& network;
  const CertifiedPrices& prices;
  const Lineages& lineages;
  const std::vector<std::optional<Rational>>& exact;  ///< a price that is known as a rational number
  Rational alpha;
  long bits;
};

/// Nodes raise their revenue at frozen prices (MIG-7). Loads are sums of exponentials of prices that are no rational
/// numbers, so they are compared as far as enclosures part, after what both sides have in common is taken away
/// (SIM-21).
class RevenueMoves : public MoveRule {
 public:
  /// @param state    where the nodes are; changes with each move; must outlive the object, as all references here
  /// @param members  the nodes of each range, in file order
  RevenueMoves(const FrozenPrices& frozen, MigrationState& state, const std::vector<std::vector<std::size_t>>& members);

  [[nodiscard]] Result<std::size_t> destination(std::size_t node) const override;
  [[nodiscard]] Result<std::vector<std::size_t>> equal_targets(std::size_t node, std::size_t target) const override;
  [[nodiscard]] Result<bool> gives_more(const Wish& one, const Wish& other) const override;
  void move(std::size_t node, std::size_t to) override;

  /// An absent node serves a range. Its price is the one that the network states.
  void join(std::size_t node, std::size_t range);
  /// The range at which an absent node would have the greatest share, the lowest of several.
  [[nodiscard]] Result<std::size_t> best_target(std::size_t node) const;

 private:
  /// What an absent node, or one that serves a range, knows of the weight of a node.
  struct Weighed {
    std::optional<Rational> exact;  ///< w (PRICE-2), if it is known as a rational number
    Interval weight;                ///< w
    Interval term;                  ///< e^-w
    Interval price;
  };
  /// Names a weight: equal names are of equal weights.
  using WeightName = std::pair<Rational, std::uint64_t>;
  struct Named {
    WeightName name;
    std::size_t node;
  };

  [[nodiscard]] Weighed weigh(std::size_t node, std::size_t range) const;
  [[nodiscard]] std::vector<Named> rivals(std::size_t node, std::size_t range) const;
  [[nodiscard]] Interval rivals_load(std::size_t node, std::size_t range) const;
  [[nodiscard]] Uncertain is_less(std::size_t node, std::size_t a, std::size_t b) const;
  [[nodiscard]] Interval rise(const Wish& wish) const;
  [[nodiscard]] bool are_alike(const Wish& one, const Wish& other) const;
  [[nodiscard]] tl::unexpected<Fault> undecided(std::size_t node, std::size_t target) const;

  FrozenPrices frozen_;
  MigrationState& state_;
  Rational sensitivity_;
  std::vector<std::vector<std::size_t>> members_;
  std::vector<std::optional<Weighed>> weighed_;  ///< of the nodes that take part
  std::vector<Interval> loads_;
};

}  // namespace p2pllm::reference
