#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/layer_range.hpp"
#include "model/numbers/rational.hpp"
#include "model/progress.hpp"
#include "model/result.hpp"

namespace p2pllm {

/// The greatest number of layers of a market's model (FORMAT-3). A ledger has a limit of its own (LEDGER-1).
inline constexpr std::int64_t market_layers_max = 1'000'000;

struct Node {
  std::string id;
  LayerRange layers;
  Rational cost;   ///< > 0, in units.cost
  Rational price;  ///< >= 0, in units.price

  friend bool operator==(const Node&, const Node&) = default;
};

/// A client's legs to and from every node, in file order; all zero if the file names no client.
struct Client {
  std::string id;
  std::vector<Rational> to;
  std::vector<Rational> from;

  friend bool operator==(const Client&, const Client&) = default;
};

struct Units {
  std::string cost = "ms";
  std::string latency = "ms";
  std::string price = "price unit";
  friend bool operator==(const Units&, const Units&) = default;
};

/// The part of a network that does not grow with its nodes (FORMAT-3).
struct MarketTerms {
  std::string model_name;
  std::int64_t layers = 0;
  std::vector<LayerRange> blocks;  ///< ranges to which nodes may migrate, besides those served
  Units units;
  std::optional<Rational> alpha;  ///< in [0, 1]
  Rational price_scale = 1;       ///< > 0
  Rational cost_scale = 1;        ///< > 0
  Rational temperature = 1;       ///< > 0
  std::string sha256;             ///< of the file's bytes, lower-case hex

  friend bool operator==(const MarketTerms&, const MarketTerms&) = default;
};

/// A network as its file states it (FORMAT-3). Every number is exact, and every rule of the format has been checked.
struct Network : MarketTerms {
  std::vector<Node> nodes;
  std::vector<std::vector<Rational>> latency;  ///< empty, or square in file order; the diagonal is ignored
  std::vector<Client> clients;                 ///< empty: one client, all legs 0

  [[nodiscard]] std::size_t size() const { return nodes.size(); }
  /// One-way latency from node i to node j; 0 when the file gives none.
  [[nodiscard]] Rational latency_between(std::size_t i, std::size_t j) const {
    return latency.empty() ? Rational(0) : latency[i][j];
  }

  friend bool operator==(const Network&, const Network&) = default;
};

/// The legs of one client of a network; all zero if `client` is null.
struct ClientLegs {
  const Client* client = nullptr;
  [[nodiscard]] Rational to(std::size_t node) const { return client == nullptr ? Rational(0) : client->to[node]; }
  [[nodiscard]] Rational from(std::size_t node) const { return client == nullptr ? Rational(0) : client->from[node]; }
};

/// Nodes that serve the identical range compete with each other (PRICE-1).
struct Group {
  LayerRange range;
  std::vector<std::size_t> nodes;  ///< indices in file order
};

/// The groups of a network, by range.
[[nodiscard]] std::vector<Group> groups_of(const Network& network);

/// A price for every node, in file order.
struct Prices {
  std::vector<Rational> values;
  std::string sha256;  ///< of the prices file's bytes; empty if the prices are the network's own
};

[[nodiscard]] Prices posted_prices(const Network& network);

inline constexpr std::size_t network_bytes_max = (1UL << 32U) - (1UL << 16U);
inline constexpr std::size_t prices_bytes_max = 64UL << 20U;

/// A network's arrays of more items are never built as JSON values: their items are read one by one.
inline constexpr std::size_t network_items_built_max = 64;

/// Reads `p2pllm-network/1` (FORMAT-3).
///
/// The bytes are parsed once for the faults of JSON, and the arrays' items once more for what they state; beside the
/// network, this takes about 40 bytes of memory a node.
/// @param bytes            the whole file
/// @param source           its name for messages
/// @param progress         called with the part done of all
/// @param items_built_max  an array of more items is read item by item; the answer does not depend on it
/// @returns the network, or one line `source: place: value: rule`.
[[nodiscard]] Result<Network> read_network(std::string_view bytes, const std::string& source,
                                           const Progress& progress = {},
                                           std::size_t items_built_max = network_items_built_max);

/// Whether `read_network` reads a network, and its fault otherwise: the same work without memory for the network.
[[nodiscard]] Result<void> check_network(std::string_view bytes, const std::string& source,
                                         const Progress& progress = {},
                                         std::size_t items_built_max = network_items_built_max);

/// Reads `p2pllm-prices/1` (FORMAT-4): a price for every node of `network`, and nothing else.
[[nodiscard]] Result<Prices> read_prices(const std::string& bytes, const std::string& source, const Network& network);

/// The text of a network file (FORMAT-3), from which `read_network` reads an equal network.
///
/// Numbers are exact ratios, and members of their default value are left out. A lone client with the id "client" is
/// written without it.
[[nodiscard]] std::string write_network(const Network& network);

/// The text of a prices file.
[[nodiscard]] std::string write_prices(const Network& network, const std::vector<Rational>& prices);

}  // namespace p2pllm
