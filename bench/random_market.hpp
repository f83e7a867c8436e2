#pragma once

#include <cstdint>
#include <string>

#include "model/market/network.hpp"

namespace p2pllm::bench {

struct MarketShape {
  std::size_t nodes = 0;
  std::int64_t layers = 1;  ///< node i serves the single layer i mod layers
  bool latency = false;     ///< a full matrix
};

/// A network of random decimal costs in 1 .. 50 ms, prices in 0.50 .. 3.00 and latencies in 1 .. 150 ms, alpha 1/2.
/// The same on every machine for the same seed.
[[nodiscard]] Network random_market(const MarketShape& shape, std::uint64_t seed);

/// The text of its network file.
[[nodiscard]] std::string network_text(const Network& network);

}  // namespace p2pllm::bench
