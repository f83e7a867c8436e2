#pragma once

#include <map>

#include "model/market/certificate.hpp"
#include "properties/generators/network.hpp"
#include "properties/price_oracle.hpp"
#include "properties/property.hpp"

// Helpers that the properties of prices share.
namespace p2pllm::properties {

/// A network of a few groups of a few nodes.
inline Network draw_market(NetworkShape::Numbers numbers) {
  return draw_network(
      {.layout = NetworkShape::Layout::layered, .nodes_max = 8, .layers_max = 3, .legs = false, .numbers = numbers});
}

/// One group of `least` to `most` nodes.
inline Network draw_group(int least, int most, NetworkShape::Numbers numbers) {
  return draw_network({.layout = NetworkShape::Layout::layered,
                       .nodes_min = least,
                       .nodes_max = most,
                       .layers_max = 1,
                       .legs = false,
                       .numbers = numbers});
}

inline Tolerance draw_tolerance() {
  return {draw_one_of<Rational>({0, Rational(1, 1'000'000), Rational(1, 1000), Rational(1, 10), Rational(999, 1000)}),
          draw_coin()};
}

/// Returns an enclosure, which must exist.
inline const Enclosure& known(const std::optional<Enclosure>& enclosure, const char* name) {
  expect(enclosure.has_value(), std::string(name) + " is not enclosed");
  return *enclosure;
}

inline bool overlap(const Enclosure& a, const Enclosure& b) { return a.lower <= b.upper && b.lower <= a.upper; }

/// Whether a value known up to a relative error lies in an enclosure.
inline bool holds(const Enclosure& enclosure, long double value, long double relative_error) {
  const long double margin = std::abs(value) * relative_error;
  return real(enclosure.lower) <= value + margin && value - margin <= real(enclosure.upper);
}

/// The same for a value known by its logarithm up to an absolute error, however small the value.
inline bool holds_log(const Enclosure& enclosure, long double logarithm, long double error) {
  return real_log(enclosure.lower) <= logarithm + error && logarithm - error <= real_log(enclosure.upper);
}

/// Whether all nodes of a group have the same cost weight.
inline bool is_symmetric(const Network& network, const std::vector<std::size_t>& nodes, const Rational& alpha) {
  return alpha == Rational(1) || std::all_of(nodes.begin(), nodes.end(), [&](std::size_t i) {
           return network.nodes[i].cost == network.nodes[nodes.front()].cost;
         });
}

/// The evidence of a verdict, as `p2pllm verify --certificate` writes it.
inline Certificate certificate_of(const EquilibriumReport& report, const Network& network, const Rational& alpha,
                                  const Prices& prices) {
  return {network.sha256, prices.sha256, alpha, {}, equilibrium_claim(report)};
}

}  // namespace p2pllm::properties
