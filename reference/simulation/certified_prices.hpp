#pragma once

#include <optional>
#include <span>
#include <vector>

#include "model/market/network.hpp"
#include "model/market/verdict.hpp"
#include "model/numbers/interval.hpp"
#include "model/simulation/record.hpp"
#include "model/simulation/scenario.hpp"

namespace p2pllm::reference {

/// The prices of a market while they ascend, each as a midpoint and a radius that is certified (SIM-13).
///
/// Law: the price that exact real arithmetic gives differs from the midpoint by at most the radius, which is one number
/// for all nodes that serve a range. Rounding is never estimated: the step is evaluated in intervals around the
/// midpoints, and their width joins the radius.
class CertifiedPrices {
 public:
  /// @param scenario  must outlive the prices
  /// @param ranges    how many there are
  /// @param bits      precision of the midpoints, >= 64
  CertifiedPrices(const Scenario& scenario, const Network& network, std::size_t ranges, long bits);

  /// One step of ascent of the nodes that serve a range (SIM-6).
  /// @param nodes    all that serve it, in file order
  /// @param updates  for each of them, whether its price moves
  void step(std::size_t range, std::span<const std::size_t> nodes, const std::vector<bool>& updates);
  /// A node carries its price, and with it the radius of its range, to another range (SIM-9).
  void move(std::size_t from, std::size_t to);

  /// A node begins to serve a range at the price that the network states.
  void join(std::size_t range) { radius_[range] = maximum(radius_[range], first_rounding_); }

  /// The true prices of a range may differ from the midpoints by at least this much, >= 0.
  void widen(std::size_t range, const Rational& radius);

  /// An upper bound of the distance of the prices of a range from the truth; none if it exceeds 2^65536.
  [[nodiscard]] std::optional<Rational> radius(std::size_t range) const { return radius_[range].upper(); }
  /// Whether the radius of a range is at most this.
  [[nodiscard]] bool is_within(std::size_t range, const Rational& tolerance) const;

  /// The prices of the nodes that serve a range, at least one. @pre the radius is bounded
  [[nodiscard]] PriceSummary summary(std::size_t range, std::span<const std::size_t> nodes) const;
  /// Quantities of one node that its record needs, as enclosures of their true values.
  struct NodeState {
    Interval revenue;  ///< p P, in price units a request
    Interval share;    ///< P
    Interval gain;     ///< an upper bound of its relative regret is its upper end (PRICE-9)
    Interval price;
    Interval weight;  ///< w (PRICE-2)
  };
  [[nodiscard]] std::vector<NodeState> states(std::size_t range, std::span<const std::size_t> nodes) const;

  struct PriceAndWeight {
    Interval price;
    Interval weight;  ///< w (PRICE-2)
  };
  /// What encloses the price and the weight of a node that serves a range.
  [[nodiscard]] PriceAndWeight enclosed(std::size_t range, std::size_t node) const;

  /// What a run has to remember of them (SIM-17).
  template <typename State>
  void keep(State& state) {
    for (Interval& midpoint : midpoints_) {
      state(midpoint);
      state.require(midpoint.bits() == bits_);
    }
    for (Interval& radius : radius_) {
      state(radius);
      state.require(radius.bits() == radius_bits);
    }
  }

 private:
  static constexpr long radius_bits = 64;

  /// Shares at the midpoints; P and 1 - P, neither by subtraction.
  struct Shares {
    Interval own;
    Interval rest;
  };
  [[nodiscard]] std::vector<Shares> shares(std::span<const std::size_t> nodes) const;
  [[nodiscard]] Interval growth(std::size_t node, const Shares& shares, const Interval& radius) const;
  [[nodiscard]] Interval spread(const Interval& radius, long bits) const;
  /// Sets a node's price to the midpoint of an enclosure.
  /// @returns the distance from the midpoint within which the enclosure lies
  Interval set(std::size_t node, const Interval& price);
  [[nodiscard]] Interval next_alone(std::size_t node) const;

  const Scenario& scenario_;
  long bits_;
  Interval sensitivity_;
  Interval eta_;
  std::vector<Interval> midpoints_;     ///< points
  std::vector<Interval> cost_weights_;  ///< d_i
  std::vector<Interval> radius_;        ///< per range; the upper end counts
  Interval first_rounding_;             ///< of all prices that the network states
};

}  // namespace p2pllm::reference
