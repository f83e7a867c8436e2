#include <cstdint>
#include <set>

#include "fuzz/law.hpp"
#include "model/encoding/json.hpp"
#include "model/market/network.hpp"

// Input: a network, and prices for it if the byte 1E and more bytes follow.

namespace p2pllm::fuzz {
namespace {

/// Checks the rules of FORMAT-3 one by one.
void law_of_networks(const Network& network) {
  const auto in_model = [&](const LayerRange& range) {
    return 0 <= range.first && range.first < range.last && range.last <= network.layers;
  };
  const auto legs = [&](const std::vector<Rational>& values) {
    return values.size() == network.size() &&
           std::ranges::all_of(values, [](const Rational& value) { return value.sign() >= 0; });
  };
  law(network.layers >= 1 && network.layers <= 1'000'000, "FORMAT-3: 1 .. 1000000 layers");
  law(std::ranges::all_of(network.blocks, in_model), "FORMAT-3: blocks are ranges of the model");
  std::set<std::string> ids;
  for (const Node& node : network.nodes) {
    law(!node.id.empty() && ids.insert(node.id).second, "FORMAT-3: ids are distinct and not empty", node.id);
    law(in_model(node.layers), "FORMAT-3: 0 <= x < y <= layers", to_string(node.layers));
    law(node.cost.sign() > 0, "FORMAT-3: cost > 0", to_string(node.cost));
    law(node.price.sign() >= 0, "FORMAT-3: price >= 0", to_string(node.price));
  }
  law(!network.alpha || (network.alpha->sign() >= 0 && *network.alpha <= Rational(1)), "FORMAT-3: alpha in [0, 1]");
  law(network.price_scale.sign() > 0 && network.cost_scale.sign() > 0, "FORMAT-3: scales > 0");
  law(network.temperature.sign() > 0, "FORMAT-3: temperature > 0");
  law(network.units.cost == network.units.latency, "FORMAT-3: cost and latency have one unit");
  law(network.latency.empty() || network.latency.size() == network.size(), "FORMAT-3: a row a node");
  law(std::ranges::all_of(network.latency, legs), "FORMAT-3: latencies are square and >= 0");
  std::set<std::string> clients;
  for (const Client& client : network.clients) {
    law(clients.insert(client.id).second, "FORMAT-3: clients' ids are distinct", client.id);
    law(legs(client.to) && legs(client.from), "FORMAT-3: legs are one a node and >= 0");
  }
}

/// Writes a network as text, sharing nothing with the programs' own writers.
class Writer {
 public:
  std::string text(const Network& network) {
    out_ = R"({"format":"p2pllm-network/1","model":{"name":)" + quoted(network.model_name) + R"(,"layers":)" +
           std::to_string(network.layers) + R"(,"blocks":)" + list(network.blocks, range) + R"(},"units":{"cost":)" +
           quoted(network.units.cost) + R"(,"price":)" + quoted(network.units.price) + "}";
    if (network.alpha) out_ += R"(,"alpha":)" + ratio(*network.alpha);
    out_ += R"(,"scales":{"price":)" + ratio(network.price_scale) + R"(,"cost":)" + ratio(network.cost_scale) +
            R"(},"temperature":)" + ratio(network.temperature) + R"(,"nodes":)" + list(network.nodes, node);
    const auto row = [](const std::vector<Rational>& values) { return list(values, ratio); };
    if (!network.latency.empty()) out_ += R"(,"latency":{"kind":"matrix","values":)" + list(network.latency, row) + "}";
    const auto client = [&](const Client& c) {
      return R"({"id":)" + quoted(c.id) + R"(,"to":)" + row(c.to) + R"(,"from":)" + row(c.from) + "}";
    };
    return out_ + R"(,"clients":)" + list(network.clients, client) + "}";
  }

  static std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
      constexpr const char* hex = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(c);
      if (byte < ' ') result += std::string("\\u00") + hex[byte / 16] + hex[byte % 16];
      else result += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return result + '"';
  }
  static std::string ratio(const Rational& value) {
    return '"' + value.numerator().get_str() + '/' + value.denominator().get_str() + '"';
  }

 private:
  static std::string list(const auto& items, const auto& write) {
    std::string result;
    for (const auto& item : items) result += (result.empty() ? "[" : ",") + write(item);
    return (result.empty() ? "[" : result) + "]";
  }
  static std::string range(const LayerRange& range) {
    return "[" + std::to_string(range.first) + "," + std::to_string(range.last) + "]";
  }
  static std::string node(const Node& node) {
    return R"({"id":)" + quoted(node.id) + R"(,"layers":)" + range(node.layers) + R"(,"cost":)" + ratio(node.cost) +
           R"(,"price":)" + ratio(node.price) + "}";
  }

  std::string out_;
};

bool is_same(const Network& a, const Network& b) {
  const auto head = [](const Network& n) {
    return std::tie(n.model_name, n.layers, n.blocks, n.units.cost, n.units.latency, n.units.price, n.alpha,
                    n.price_scale, n.cost_scale, n.temperature, n.latency);
  };
  const auto same_node = [](const Node& x, const Node& y) {
    return std::tie(x.id, x.layers, x.cost, x.price) == std::tie(y.id, y.layers, y.cost, y.price);
  };
  const auto same_client = [](const Client& x, const Client& y) {
    return std::tie(x.id, x.to, x.from) == std::tie(y.id, y.to, y.from);
  };
  return head(a) == head(b) && std::ranges::equal(a.nodes, b.nodes, same_node) &&
         std::ranges::equal(a.clients, b.clients, same_client);
}

/// A decimal such as 1e-300 may be within the limit of digits when its ratio is not.
bool is_beyond_digits(const std::string& message) { return message.find("digits") != std::string::npos; }

void run_json(const std::string& text) {
  const auto document = parse_json(text, "fuzz");
  if (!document) return law_of_messages(document.error().message(), "fuzz");
  const std::string written = write_json(*document);
  const auto again = parse_json(written, "again");
  law(again.has_value(), "FORMAT-1: what is written reads back", again ? "" : again.error().message());
  law(write_json(*again) == written, "FORMAT-1: what is read back is the same", written);
}

void run_prices(const std::string& text, const Network& network) {
  const auto prices = read_prices(text, "fuzz", network);
  ++reached[prices ? "prices read" : "prices refused"];
  if (!prices) return law_of_messages(prices.error().message(), "fuzz");
  law(prices->values.size() == network.size(), "FORMAT-4: a price a node");
  for (const Rational& price : prices->values) law(price.sign() >= 0, "FORMAT-4: price >= 0", to_string(price));
  const auto again = read_prices(write_prices(network, prices->values), "again", network);
  if (!again && is_beyond_digits(again.error().message())) return;
  law(again.has_value(), "FORMAT-4: what is written reads back", again ? "" : again.error().message());
  law(again->values == prices->values, "FORMAT-4: what is read back is the same");
}

void run(const std::vector<std::string>& documents) {
  for (const std::string& document : documents) run_json(document);
  const auto network = read_network(documents[0], "fuzz");
  ++reached[network ? "network read" : "network refused"];
  if (!network) return law_of_messages(network.error().message(), "fuzz");
  law_of_networks(*network);
  auto again = read_network(Writer().text(*network), "again");
  if (again && has_planted_fault) again->cost_scale += 1;
  if (again || !is_beyond_digits(again.error().message())) {
    law(again.has_value(), "FORMAT-3: what is written reads back", again ? "" : again.error().message());
    law(is_same(*again, *network), "FORMAT-3: what is read back is the same network");
  }
  if (documents.size() > 1) run_prices(documents[1], *network);
}

}  // namespace
}  // namespace p2pllm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  p2pllm::fuzz::run(p2pllm::fuzz::documents_of({reinterpret_cast<const char*>(data), size}));
  return 0;
}
