#pragma once

#include "proofs/exp_axioms.hpp"
#include "reference/market/demand_rules.hpp"
#include "reference/market/equilibrium_rules.hpp"
#include "reference/market/regret_rules.hpp"

namespace p2pllm::proofs {

/// One node of a group of at least two whose clients are price-sensitive: a > 0, at any price, against any others.
struct PricedNode {
  explicit PricedNode(Scope& scope)
      : a(scope.positive("a")),
        price(scope.non_negative("p")),
        cost_weight(scope.non_negative("d")),
        own(scope.positive("E")),
        others(scope.positive("B")) {}

  Fraction a, price, cost_weight;
  Fraction own;     ///< e^-(a p + d)
  Fraction others;  ///< the sum of the others' e^-w

  [[nodiscard]] Fraction share() const { return reference::demand_share(own, others); }
  [[nodiscard]] Fraction rest() const { return reference::rest_share(own, others); }
  [[nodiscard]] Fraction revenue() const { return reference::revenue(price, share()); }
  [[nodiscard]] Fraction stationarity() const { return reference::stationarity(price, rest(), a); }
  [[nodiscard]] Fraction gradient() const { return reference::revenue_gradient(a, price, share()); }

  /// The share as a function of the node's own price.
  template <Number T>
  [[nodiscard]] T share_at(const T& own_price) const {
    const T weight =
        reference::demand_weight(constant_like(own_price, a), own_price, constant_like(own_price, cost_weight));
    return reference::demand_share(exp_of(zero_like(weight) - weight, own), constant_like(own_price, others));
  }

  /// The same node at another price: e^-(a p + d) times e^-a(other - p).
  [[nodiscard]] PricedNode at(const Fraction& other_price, const Exponential& change) const {
    PricedNode node = *this;
    node.price = other_price;
    node.own = own * change.value;
    return node;
  }
  /// e^-a(other - p).
  [[nodiscard]] Exponential change_to(Scope& scope, const Fraction& other_price) const {
    return exponential(scope, "D", a * (price - other_price));
  }
};

inline void append(std::vector<Obligation>& list, std::vector<Obligation> more) {
  for (Obligation& obligation : more) list.push_back(std::move(obligation));
}

[[nodiscard]] std::vector<Obligation> regret_obligations();            ///< PRICE-7 .. 11
[[nodiscard]] std::vector<Obligation> ascent_obligations();            ///< PRICE-5 and 14: steps, stability, potential
[[nodiscard]] std::vector<Obligation> ascent_converges_obligations();  ///< PRICE-16
[[nodiscard]] std::vector<Obligation> ascent_rises_obligations();      ///< SIM-12 and 13

}  // namespace p2pllm::proofs
