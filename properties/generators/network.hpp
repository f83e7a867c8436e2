#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "model/market/network.hpp"

/// Random inputs for the body of a PROPERTY, shrinkable. No rapidcheck header is needed to use them.
namespace p2pllm::properties {

/// Uniform in [least, most]; shrinks towards least.
[[nodiscard]] std::int64_t draw_integer(std::int64_t least, std::int64_t most);
[[nodiscard]] bool draw_coin();

template <typename T>
[[nodiscard]] T draw_one_of(std::initializer_list<T> values) {
  return values.begin()[draw_integer(0, static_cast<std::int64_t>(values.size()) - 1)];
}

/// A rational of any sign: small, integer, zero, of many digits, or of extreme magnitude.
[[nodiscard]] Rational draw_rational();
/// Greater than 0, within 1e-9 .. 1e9 or so.
[[nodiscard]] Rational draw_positive();
/// In [0, 1]: often 0, 1 or a simple fraction.
[[nodiscard]] Rational draw_alpha();
/// 0 < alpha < 1.
[[nodiscard]] Rational draw_inner_alpha();

/// The form of a random network.
struct NetworkShape {
  enum class Layout {
    any,         ///< one of the next three
    ranges,      ///< ranges of any length
    blocks,      ///< ranges between a few boundaries: groups and many chains
    layered,     ///< each node serves one layer
    long_chain,  ///< 50 layers or more, few alternatives
  };
  Layout layout = Layout::any;
  int nodes_min = 0;
  int nodes_max = 9;
  int layers_max = 5;
  bool legs = true;  ///< latency and clients may appear
  enum class Numbers {
    moderate,  ///< 1e-2 .. 1e4
    any,       ///< occasionally 1e-9 .. 1e9
    extreme,   ///< costs of 1e-9 beside 1e9 in most networks
  };
  Numbers numbers = Numbers::any;
};

/// A network of at most the given size, the empty one included.
[[nodiscard]] Network draw_network(const NetworkShape& shape);

/// `nodes` nodes on the layer ranges of `groups` groups, costs spread over [1, spread] in hundredths: no shrinking, for
/// large sizes.
[[nodiscard]] Network draw_large_market(std::size_t nodes, std::int64_t groups, std::int64_t spread);

/// The legs of the first client, or none.
[[nodiscard]] ClientLegs first_client(const Network& network);

/// Special traits of a network, for coverage.
struct Traits {
  bool empty = false;
  bool monopoly = false;     ///< a group of one
  bool equal_costs = false;  ///< a group of two or more of one cost
  bool price_zero = false;
  bool extreme_ratio = false;  ///< costs 1e18 apart: 1e-9 beside 1e9
  bool latency = false;        ///< a positive one between peers
  bool client_legs = false;    ///< a positive one
  bool long_chain = false;     ///< 50 layers or more
};
[[nodiscard]] Traits traits_of(const Network& network);

/// The network as a `p2pllm-network/1` file.
[[nodiscard]] std::string network_file(const Network& network);
/// The network read from that file: the same one, with the SHA-256 of the file's bytes.
[[nodiscard]] Network filed(const Network& network);

/// A random order of 0 .. size - 1.
[[nodiscard]] std::vector<std::size_t> draw_permutation(std::size_t size);
/// The network whose node k is node order[k] of `network`.
[[nodiscard]] Network permuted(const Network& network, const std::vector<std::size_t>& order);

}  // namespace p2pllm::properties
