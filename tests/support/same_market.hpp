#pragma once

#include <string>
#include <string_view>

#include "model/encoding/json.hpp"
#include "model/market/network.hpp"
#include "optimized/market/read_network.hpp"

namespace p2pllm::testing {

/// Compares a column with the values it must have, each as an exact rational.
inline bool has_values(const optimized::Column& column, const std::vector<Rational>& values) {
  if (column.size() != values.size()) return false;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (column.value(i) != values[i]) return false;
  return true;
}

/// What a network in columns states differently from the network; empty if nothing.
inline std::string difference(const optimized::MarketColumns& columns, const Network& network) {
  if (static_cast<const MarketTerms&>(columns) != network) return "the terms";
  if (columns.size() != network.size() || columns.ids.size() != network.size() || columns.last.size() != network.size())
    return "the number of nodes";
  std::vector<Rational> costs;
  std::vector<Rational> prices;
  for (std::size_t i = 0; i < network.size(); ++i) {
    const Node& node = network.nodes[i];
    if (columns.ids[i] != node.id) return "the id of node " + std::to_string(i);
    if (LayerRange{columns.first[i], columns.last[i]} != node.layers) return "the range of node " + std::to_string(i);
    costs.push_back(node.cost);
    prices.push_back(node.price);
  }
  if (!has_values(columns.cost, costs)) return "a cost";
  if (!has_values(columns.price, prices)) return "a price";
  std::vector<Rational> latency;
  for (const auto& row : network.latency) latency.insert(latency.end(), row.begin(), row.end());
  if (columns.latency.has_value() == latency.empty()) return "whether there is a latency";
  if (columns.latency && !has_values(*columns.latency, latency)) return "a latency";
  if (columns.clients.size() != network.clients.size()) return "the number of clients";
  for (std::size_t k = 0; k < network.clients.size(); ++k) {
    const optimized::LegColumns& legs = columns.clients[k];
    if (legs.id != network.clients[k].id) return "the id of client " + std::to_string(k);
    if (!has_values(legs.to, network.clients[k].to)) return "a leg to a node";
    if (!has_values(legs.from, network.clients[k].from)) return "a leg from a node";
  }
  return "";
}

/// Compares the exact reader that builds the whole document with itself, where it leaves arrays of more than
/// `items_built_max` items as text, and where it keeps nothing.
/// @returns what they disagree on; empty if nothing
inline std::string disagreement_item_by_item(std::string_view text, std::size_t items_built_max) {
  const auto whole = read_network(text, "f", {}, no_limit);
  const auto read = read_network(text, "f", {}, items_built_max);
  const auto checked = check_network(text, "f", {}, items_built_max);
  if (!whole) {
    const std::string message = whole.error().message();
    if (read || read.error().message() != message) return "reading item by item: " + message;
    if (checked || checked.error().message() != message) return "checking item by item: " + message;
    return "";
  }
  if (!read || *read != *whole) return "the network read item by item";
  return checked ? "" : "the network checked item by item: " + checked.error().message();
}

/// Where a text went.
struct Reading {
  bool is_accepted = false;
  bool is_plain = false;       ///< the one pass over the bytes took it
  bool is_in_columns = false;  ///< or columns hold what the exact reader gave
};

/// Reads a text by both readers.
/// @returns what they disagree on; empty if nothing
inline std::string disagreement(std::string_view text, Reading& reading) {
  const auto exact = read_network(std::string(text), "f");
  const auto plain = optimized::read_plain_columns(text);
  const auto read = optimized::read_columns(text, "f");
  const auto* columns = read ? std::get_if<optimized::MarketColumns>(&*read) : nullptr;
  reading = {exact.has_value(), plain.has_value(), columns != nullptr};
  if (!exact) {
    if (plain || read) return "a text is accepted that the exact reader refuses: " + exact.error().message();
    return read.error().message() == exact.error().message() ? "" : "the message: " + read.error().message();
  }
  if (!read) return "a text is refused that the exact reader accepts: " + read.error().message();
  const auto expected = optimized::columns_of(*exact);
  if (plain && (!expected || *plain != *expected)) return "the columns of the one pass are not those of the network";
  if (expected.has_value() != (columns != nullptr)) return "whether columns hold the network";
  if (columns == nullptr) return std::get<Network>(*read) == *exact ? "" : "the network of the exact reader";
  return *columns == *expected ? difference(*columns, *exact) : "the columns of the exact reader's network";
}

}  // namespace p2pllm::testing
