#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/market/network.hpp"

namespace p2pllm::app {

/// What the random networks of `diff` look like.
enum class RandomShape {
  mixed,       ///< each of the others in turn, and small networks of few values, in which ties are frequent
  near_tie,    ///< two chains whose weights are equal or differ by a fraction of a continued fraction's convergents
  ulp,         ///< costs and prices that are neighbouring doubles
  ratio,       ///< costs and prices from 1e-9 to 1e9
  tiny_share,  ///< groups in which shares are below 1e-300
  groups,      ///< one group of 2 to 100,000 nodes; each size as probable as its reciprocal
};
[[nodiscard]] std::optional<RandomShape> random_shape_named(const std::string& name);

/// The network that this seed has at this number, the same on every machine. It has an alpha and at most one client,
/// and its SHA-256 is that of `write_network`.
[[nodiscard]] Network random_network(RandomShape shape, std::uint64_t seed, std::uint64_t number);

}  // namespace p2pllm::app
