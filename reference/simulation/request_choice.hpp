#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "model/layer_range.hpp"
#include "model/numbers/interval.hpp"
#include "model/simulation/draws.hpp"
#include "model/simulation/scenario.hpp"

namespace p2pllm::reference {

/// A node as the requests of a step see it.
struct Offer {
  std::size_t node = 0;
  std::uint32_t history = 0;  ///< nodes of one history have exactly equal weights (SIM-11)
  Interval price;
  Interval weight;  ///< w (PRICE-2)
  Interval share;   ///< P (PRICE-3)
  Rational cost;
  std::optional<Rational> exact;  ///< the price, where it is known as a rational number
};

/// The nodes of a chain, in the order of layers.
struct ChosenChain {
  std::vector<std::size_t> nodes;
  std::vector<std::int64_t> prices;  ///< of these, in whole money units (SIM-15); empty without a ledger
};
/// There is no chain: the blocked boundary (ROUTE-5).
struct NoChain {
  std::int64_t boundary = 0;
};
/// Two nodes between which the enclosures do not decide; twice the same one if its price in money units is open.
struct UndecidedChoice {
  std::size_t one = 0;
  std::size_t other = 0;
};
using Choice = std::variant<ChosenChain, NoChain, UndecidedChoice>;

/// Chooses chains for the requests of one step (SIM-10), each choice only where enclosures part (SIM-11).
class RequestChoice {
 public:
  /// @param ranges  ascending; all must outlive the object
  /// @param offers  of each range, in file order
  RequestChoice(const Scenario& scenario, const Network& network, const std::vector<LayerRange>& ranges,
                std::vector<std::vector<Offer>> offers, const Draws& draws, long bits);

  /// The chain of a request. O(offers).
  [[nodiscard]] Choice choose(std::uint64_t request) const;

 private:
  struct Label;
  [[nodiscard]] Choice least_chain(std::optional<std::uint64_t> request) const;
  [[nodiscard]] Choice one_of_each_range(std::uint64_t request) const;
  [[nodiscard]] Interval uniform(std::uint64_t request, std::uint32_t entity) const;
  [[nodiscard]] Label label(const Offer& offer, std::optional<std::uint64_t> request) const;
  [[nodiscard]] Uncertain precedes(const Label& a, const Label& b) const;
  [[nodiscard]] std::int64_t blocked_boundary() const;
  [[nodiscard]] std::optional<std::int64_t> money(std::size_t node) const;

  const Scenario& scenario_;
  const Network& network_;
  const std::vector<LayerRange>& ranges_;
  std::vector<std::vector<Offer>> offers_;
  const Draws& draws_;
  long bits_;
  Rational sensitivity_;
  Rational alpha_;
  std::optional<Choice> least_;  ///< the same for all requests of the step, under `least` or without a chain
};

}  // namespace p2pllm::reference
