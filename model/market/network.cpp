#include "model/market/network.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "model/assert.hpp"
#include "model/crypto/sha256.hpp"
#include "model/encoding/escape.hpp"
#include "model/encoding/json.hpp"
#include "model/encoding/text_hash.hpp"
#include "model/encoding/text_index.hpp"

namespace p2pllm {
namespace {

Rational positive(const JsonCursor& place, const char* rule) {
  Rational value = place.rational();
  if (value.sign() <= 0) place.fail(rule);
  return value;
}

Rational not_negative(const JsonCursor& place, const char* rule) {
  Rational value = place.rational();
  if (value.sign() < 0) place.fail(rule);
  return value;
}

LayerRange read_range(const JsonCursor& place, std::int64_t layers) {
  if (place.size() != 2) place.fail("a layer range is [first, last), two numbers");
  constexpr const char* rule = "a layer boundary must be an integer in 0 .. layers of the model";
  const LayerRange range{place.item(0).integer(0, layers, rule), place.item(1).integer(0, layers, rule)};
  if (range.first >= range.last)
    place.fail("a layer range must not be empty or inverted: first < last, got " + to_string(range));
  return range;
}

void read_model(const JsonCursor& place, Network& network) {
  place.require_object({"name", "layers", "blocks"});
  network.model_name = place.member("name").string();
  network.layers =
      place.member("layers").integer(1, market_layers_max, "the number of layers must be an integer in 1 .. 1000000");
  if (const auto blocks = place.optional_member("blocks"))
    blocks->for_each_item(
        [&](const JsonCursor& block) { network.blocks.push_back(read_range(block, network.layers)); });
}

Units read_units(const JsonCursor& place) {
  place.require_object({"cost", "latency", "price"});
  Units units;
  if (const auto cost = place.optional_member("cost")) units.latency = units.cost = cost->string();
  if (const auto price = place.optional_member("price")) units.price = price->string();
  if (const auto latency = place.optional_member("latency")) {
    units.latency = latency->string();
    if (units.latency != units.cost) latency->fail("latency and cost are added and must have one unit");
  }
  return units;
}

/// For a file of another format, report the format rather than its unknown keys.
void expect_format(const JsonCursor& root, const std::string& format) {
  if (root.optional_member("format")) require_format(root, format);
}

/// Reads a network from its document, one part after the other in an order of its own: which fault of several is
/// reported does not depend on the order in the file.
class NetworkReader {
 public:
  /// @param keeps  whether nodes and numbers are kept, or only checked
  /// @param bytes  of the document, which was parsed before; reading counts as much again
  NetworkReader(bool keeps, std::size_t bytes, const Progress& progress)
      : keeps_(keeps), bytes_(bytes), progress_(progress) {}

  Network read(const JsonCursor& root) {
    expect_format(root, "p2pllm-network/1");
    root.require_object(
        {"format", "model", "units", "alpha", "scales", "temperature", "nodes", "latency", "client", "clients"});
    require_format(root, "p2pllm-network/1");
    read_model(root.member("model"), network_);
    if (const auto units = root.optional_member("units")) network_.units = read_units(*units);
    if (const auto alpha = root.optional_member("alpha")) {
      network_.alpha = alpha->rational();
      if (network_.alpha->sign() < 0 || *network_.alpha > Rational(1)) alpha->fail("alpha must lie in [0, 1]");
    }
    if (const auto scales = root.optional_member("scales")) read_scales(*scales);
    if (const auto temperature = root.optional_member("temperature"))
      network_.temperature = positive(*temperature, "the temperature must be greater than 0");
    read_nodes(root.member("nodes"));
    if (const auto latency = root.optional_member("latency")) read_latency(*latency);
    read_clients(root);
    return std::move(network_);
  }

 private:
  void read_scales(const JsonCursor& place) {
    place.require_object({"price", "cost"});
    if (const auto scale = place.optional_member("price"))
      network_.price_scale = positive(*scale, "a scale must be greater than 0");
    if (const auto scale = place.optional_member("cost"))
      network_.cost_scale = positive(*scale, "a scale must be greater than 0");
  }

  void read_nodes(const JsonCursor& place) {
    const std::size_t size = place.size();
    if (keeps_) network_.nodes.reserve(size);
    TextIndex seen;
    place.for_each_item([&](const JsonCursor& at) {
      report_part(nodes_++, size, 0);
      at.require_object({"id", "layers", "cost", "price"});
      const JsonCursor id = at.member("id");
      if (id.string().empty()) id.fail("a node's id must not be empty");
      if (const auto other = seen.add(id.string()))
        id.fail("a node's id must be unique; node " + std::to_string(*other) + " has it already");
      const LayerRange range = read_range(at.member("layers"), network_.layers);
      Rational cost = positive(at.member("cost"), "a cost must be greater than 0");
      Rational price = not_negative(at.member("price"), "a price must be at least 0");
      if (keeps_) network_.nodes.push_back({id.string(), range, std::move(cost), std::move(price)});
    });
  }

  /// @returns the legs; nothing if they are only checked
  std::vector<Rational> read_legs(const JsonCursor& place) const {
    if (place.size() != nodes_)
      place.fail("one entry a node is expected, " + std::to_string(nodes_) + " in all, got " +
                 std::to_string(place.size()));
    std::vector<Rational> legs;
    if (keeps_) legs.reserve(nodes_);
    place.for_each_item([&](const JsonCursor& at) {
      Rational leg = not_negative(at, "a latency must be at least 0");
      if (keeps_) legs.push_back(std::move(leg));
    });
    return legs;
  }

  void read_latency(const JsonCursor& place) {
    place.require_object({"kind", "values"});
    const JsonCursor kind = place.member("kind");
    if (kind.string() != "matrix") kind.fail("the kind of latency must be \"matrix\"");
    const JsonCursor values = place.member("values");
    if (values.size() != nodes_)
      values.fail("one row a node is expected, " + std::to_string(nodes_) + " in all, got " +
                  std::to_string(values.size()));
    if (keeps_) network_.latency.reserve(nodes_);
    std::size_t rows = 0;
    values.for_each_item([&](const JsonCursor& row) {
      report_part(rows++, nodes_, bytes_ / 2);
      auto legs = read_legs(row);
      if (keeps_) network_.latency.push_back(std::move(legs));
    });
  }

  Client read_client(const JsonCursor& place, bool named) const {
    if (named) place.require_object({"id", "to", "from"});
    else place.require_object({"to", "from"});
    Client client{named ? place.member("id").string() : "client", {}, {}};
    if (keeps_) client.to.resize(nodes_);
    if (keeps_) client.from.resize(nodes_);
    if (const auto to = place.optional_member("to")) client.to = read_legs(*to);
    if (const auto from = place.optional_member("from")) client.from = read_legs(*from);
    return client;
  }

  void read_clients(const JsonCursor& root) {
    const auto one = root.optional_member("client");
    const auto many = root.optional_member("clients");
    if (one && many) many->fail("a network gives \"client\" or \"clients\", not both");
    if (one) network_.clients.push_back(read_client(*one, false));
    if (!many) return;
    TextIndex seen;
    many->for_each_item([&](const JsonCursor& place) {
      Client client = read_client(place, true);
      if (seen.add(client.id)) place.member("id").fail("a client's id must be unique");
      if (keeps_) network_.clients.push_back(std::move(client));
    });
  }

  /// Reports the items done of a part that takes half the reading at most.
  void report_part(std::size_t done, std::size_t items, std::size_t before) const {
    constexpr std::size_t reported_every = 1UL << 12U;
    if (done % reported_every == 0)
      report(progress_,
             bytes_ + before +
                 static_cast<std::size_t>(static_cast<double>(bytes_) / 2 * static_cast<double>(done) /
                                          static_cast<double>(items)),
             2 * bytes_);
  }

  bool keeps_;
  std::size_t bytes_;
  const Progress& progress_;
  Network network_;
  std::size_t nodes_ = 0;
};

Result<Network> read_or_check(bool keeps, std::string_view bytes, const std::string& source, const Progress& progress,
                              std::size_t items_built_max) {
  P2PLLM_ASSERT(items_built_max >= 2);  // a layer range is read whole
  JsonLimits limits{.values_max = no_limit,
                    .items_built_max = items_built_max,
                    .members_built_max = items_built_max == no_limit ? no_limit : json_members_built_max};
  if (progress) limits.progress = [&](std::size_t done, std::size_t total) { progress(done, 2 * total); };
  return read_document(
      bytes, source, network_bytes_max,
      [&](const JsonCursor& root) { return NetworkReader(keeps, bytes.size(), progress).read(root); },
      TextForm::document, limits);
}

Prices prices_from(const JsonCursor& root, const Network& network) {
  expect_format(root, "p2pllm-prices/1");
  root.require_object({"format", "prices"});
  require_format(root, "p2pllm-prices/1");
  const JsonCursor place = root.member("prices");
  const Json::Object* members = place.value().as_object();
  if (members == nullptr) place.fail("an object of prices by node id is expected here");
  std::unordered_map<std::string, std::size_t, TextHash> index;
  for (std::size_t i = 0; i < network.size(); ++i) index.emplace(network.nodes[i].id, i);
  Prices prices{std::vector<Rational>(network.size()), ""};
  std::vector<bool> given(network.size());
  for (const auto& [id, value] : *members) {
    const JsonCursor at = place.child(id, value);
    const auto found = index.find(id);
    if (found == index.end()) at.fail("no node of the network has this id");
    prices.values[found->second] = not_negative(at, "a price must be at least 0");
    given[found->second] = true;
  }
  for (std::size_t i = 0; i < network.size(); ++i)
    if (!given[i])
      place.fail("a price is required for every node; none for \"" + printable(network.nodes[i].id) + "\"");
  return prices;
}

Json range_json(const LayerRange& range) { return Json::Array{Json::integer(range.first), Json::integer(range.last)}; }

Json numbers_json(const std::vector<Rational>& values) {
  Json::Array result;
  for (const Rational& value : values) result.emplace_back(to_string(value));
  return result;
}

}  // namespace

std::string to_string(const LayerRange& range) {
  return "[" + std::to_string(range.first) + "," + std::to_string(range.last) + ")";
}

std::vector<Group> groups_of(const Network& network) {
  std::map<LayerRange, std::vector<std::size_t>> by_range;
  for (std::size_t i = 0; i < network.size(); ++i) by_range[network.nodes[i].layers].push_back(i);
  std::vector<Group> groups;
  groups.reserve(by_range.size());
  for (auto& [range, nodes] : by_range) groups.push_back({range, std::move(nodes)});
  return groups;
}

Prices posted_prices(const Network& network) {
  Prices prices;
  for (const Node& node : network.nodes) prices.values.push_back(node.price);
  return prices;
}

Result<Network> read_network(std::string_view bytes, const std::string& source, const Progress& progress,
                             std::size_t items_built_max) {
  auto network = read_or_check(true, bytes, source, progress, items_built_max);
  if (network) network->sha256 = sha256_hex(bytes);
  return network;
}

Result<void> check_network(std::string_view bytes, const std::string& source, const Progress& progress,
                           std::size_t items_built_max) {
  const auto network = read_or_check(false, bytes, source, progress, items_built_max);
  if (!network) return tl::unexpected<Fault>(network.error());
  return {};
}

Result<Prices> read_prices(const std::string& bytes, const std::string& source, const Network& network) {
  return read_document(bytes, source, prices_bytes_max, [&bytes, &network](const JsonCursor& root) {
    Prices prices = prices_from(root, network);
    prices.sha256 = sha256_hex(bytes);
    return prices;
  });
}

std::string write_network(const Network& network) {
  Json::Object model{{"name", network.model_name}, {"layers", Json::integer(network.layers)}};
  if (!network.blocks.empty()) {
    Json::Array blocks;
    for (const LayerRange& block : network.blocks) blocks.push_back(range_json(block));
    model.emplace_back("blocks", std::move(blocks));
  }
  Json::Array nodes;
  for (const Node& node : network.nodes)
    nodes.push_back(Json::Object{{"id", node.id},
                                 {"layers", range_json(node.layers)},
                                 {"cost", to_string(node.cost)},
                                 {"price", to_string(node.price)}});
  Json::Object members{{"format", "p2pllm-network/1"}, {"model", std::move(model)}};
  if (network.units != Units{})
    members.emplace_back(
        "units",
        Json::Object{{"cost", network.units.cost}, {"latency", network.units.latency}, {"price", network.units.price}});
  if (network.alpha) members.emplace_back("alpha", to_string(*network.alpha));
  if (network.price_scale != Rational(1) || network.cost_scale != Rational(1))
    members.emplace_back(
        "scales", Json::Object{{"price", to_string(network.price_scale)}, {"cost", to_string(network.cost_scale)}});
  if (network.temperature != Rational(1)) members.emplace_back("temperature", to_string(network.temperature));
  members.emplace_back("nodes", std::move(nodes));
  if (!network.latency.empty()) {
    Json::Array rows;
    for (const auto& row : network.latency) rows.push_back(numbers_json(row));
    members.emplace_back("latency", Json::Object{{"kind", "matrix"}, {"values", std::move(rows)}});
  }
  if (network.clients.size() == 1 && network.clients.front().id == "client") {
    const Client& client = network.clients.front();
    members.emplace_back("client", Json::Object{{"to", numbers_json(client.to)}, {"from", numbers_json(client.from)}});
  } else if (!network.clients.empty()) {
    Json::Array clients;
    for (const Client& client : network.clients)
      clients.push_back(
          Json::Object{{"id", client.id}, {"to", numbers_json(client.to)}, {"from", numbers_json(client.from)}});
    members.emplace_back("clients", std::move(clients));
  }
  return write_json(Json(std::move(members)));
}

std::string write_prices(const Network& network, const std::vector<Rational>& prices) {
  Json::Object members;
  for (std::size_t i = 0; i < network.size(); ++i) members.emplace_back(network.nodes[i].id, to_string(prices[i]));
  return write_json(Json::Object{{"format", "p2pllm-prices/1"}, {"prices", std::move(members)}});
}

}  // namespace p2pllm
