#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "model/encoding/json.hpp"
#include "model/market/network.hpp"

using p2pllm::Network;
using p2pllm::Rational;
using p2pllm::read_network;
using p2pllm::read_prices;
using std::string_literals::operator""s;

namespace {

/// A valid network of two nodes with every optional part, by the text of each part.
using Parts = std::map<std::string, std::string>;

const Parts& whole() {
  static const Parts parts = {
      {"format", R"("p2pllm-network/1")"},
      {"model", R"({"name":"m","layers":2,"blocks":[[0,1]]})"},
      {"units", R"({"cost":"s","latency":"s","price":"coin"})"},
      {"alpha", R"("1/4")"},
      {"scales", R"({"price":2,"cost":"0.5"})"},
      {"temperature", "3"},
      {"nodes",
       R"([{"id":"a","layers":[0,1],"cost":1,"price":0},{"id":"b","layers":[1,2],"cost":"1/3","price":0.40}])"},
      {"latency", R"({"kind":"matrix","values":[[0,1],[2,0]]})"},
      {"client", R"({"to":[1,2],"from":[3,4]})"},
  };
  return parts;
}

/// The document with one part replaced, or left out when its text is empty.
std::string document(const std::string& part = "", const std::string& text = "") {
  Parts parts = whole();
  if (!part.empty()) parts[part] = text;
  std::string body;
  for (const auto& [name, value] : parts)
    if (!value.empty()) body += (body.empty() ? "" : ",") + ('"' + name + "\":" + value);
  return "{" + body + "}";
}

std::string message_of(const std::string& bytes) {
  const auto network = read_network(bytes, "f");
  return network ? "accepted" : network.error().message();
}

std::string node(const std::string& fields) { return "[" + fields + "]"; }

struct Case {
  std::string part;
  std::string text;
  std::string message;
};

void check_all(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(c.part, c.text);
    CHECK(message_of(document(c.part, c.text)) == c.message);
  }
}

constexpr const char* root_keys = "format, model, units, alpha, scales, temperature, nodes, latency, client, clients";
constexpr const char* boundary = "a layer boundary must be an integer in 0 .. layers of the model";
constexpr const char* layer_count = "the number of layers must be an integer in 1 .. 1000000";

}  // namespace

TEST_CASE("a whole network is read, every number exact", "[FORMAT-3]") {
  const std::string bytes = document();
  const Network network = read_network(bytes, "f").value();
  CHECK(network.model_name == "m");
  CHECK(network.layers == 2);
  CHECK(network.blocks == std::vector<p2pllm::LayerRange>{{0, 1}});
  CHECK(network.units.cost == "s");
  CHECK(network.units.price == "coin");
  CHECK(*network.alpha == Rational(1, 4));
  CHECK(network.price_scale == Rational(2));
  CHECK(network.cost_scale == Rational(1, 2));
  CHECK(network.temperature == Rational(3));
  REQUIRE(network.size() == 2);
  CHECK(network.nodes[1].id == "b");
  CHECK(network.nodes[1].layers == p2pllm::LayerRange{1, 2});
  CHECK(network.nodes[1].cost == Rational(1, 3));
  CHECK(network.nodes[1].price == Rational(2, 5));
  CHECK(network.latency_between(0, 1) == Rational(1));
  CHECK(network.latency_between(1, 0) == Rational(2));
  REQUIRE(network.clients.size() == 1);
  CHECK(network.clients[0].id == "client");
  CHECK(network.clients[0].from[1] == Rational(4));
  CHECK(network.sha256.size() == 64);
}

TEST_CASE("absent parts have their defaults", "[FORMAT-3]") {
  const Network network =
      read_network(R"({"format":"p2pllm-network/1","model":{"name":"","layers":1},"nodes":[]})", "f").value();
  CHECK(network.size() == 0);
  CHECK_FALSE(network.alpha.has_value());
  CHECK(network.price_scale == Rational(1));
  CHECK(network.cost_scale == Rational(1));
  CHECK(network.temperature == Rational(1));
  CHECK(network.units.cost == "ms");
  CHECK(network.units.latency == "ms");
  CHECK(network.units.price == "price unit");
  CHECK(network.latency.empty());
  CHECK(network.clients.empty());
  const Network named = read_network(document("units", R"({"cost":"s"})"), "f").value();
  CHECK(named.units.latency == "s");
  const Network half = read_network(document("client", R"({"to":[1,2]})"), "f").value();
  CHECK(half.clients[0].from == std::vector<Rational>{0, 0});
}

TEST_CASE("the hash is SHA-256 of the bytes", "[FORMAT-5]") {
  // printf '%s' '{"format":...}' | sha256sum
  const std::string bytes = R"({"format":"p2pllm-network/1","model":{"name":"","layers":1},"nodes":[]})";
  CHECK(read_network(bytes, "f").value().sha256 == "bd77a3c21f5313b17cd52fc94f06e9dfae42d561ad017a021086570ae3821fb6");
}

TEST_CASE("the root: object, format, required and known keys", "[FORMAT-3]") {
  CHECK(message_of("[]") == "f: /: array of 0: an object is expected here");
  CHECK(message_of("null") == "f: /: null: an object is expected here");
  CHECK(message_of("\"p2pllm-network/1\"") == "f: /: \"p2pllm-network/1\": an object is expected here");
  CHECK(message_of("{}") == "f: /: object: the key \"format\" is required here");
  check_all({
      {"format", "", "f: /: object: the key \"format\" is required here"},
      {"format", "1", "f: /format: 1: a string is expected here"},
      {"format", "\"p2pllm-network/2\"", "f: /format: \"p2pllm-network/2\": the format must be \"p2pllm-network/1\""},
      {"format", "\"p2pllm-prices/1\"", "f: /format: \"p2pllm-prices/1\": the format must be \"p2pllm-network/1\""},
      {"model", "", "f: /: object: the key \"model\" is required here"},
      {"nodes", "", "f: /: object: the key \"nodes\" is required here"},
      {"extra", "0", "f: /extra: 0: unknown key; known here: "s + root_keys},
      {"Alpha", "0", "f: /Alpha: 0: unknown key; known here: "s + root_keys},
      {"", "", "accepted"},
  });
}

TEST_CASE("the model: name, layers, blocks", "[FORMAT-3]") {
  check_all({
      {"model", "7", "f: /model: 7: an object is expected here"},
      {"model", R"({"layers":2})", "f: /model: object: the key \"name\" is required here"},
      {"model", R"({"name":1,"layers":2})", "f: /model/name: 1: a string is expected here"},
      {"model", R"({"name":"m"})", "f: /model: object: the key \"layers\" is required here"},
      {"model", R"({"name":"m","layers":0})", "f: /model/layers: 0: "s + layer_count},
      {"model", R"({"name":"m","layers":-1})", "f: /model/layers: -1: "s + layer_count},
      {"model", R"({"name":"m","layers":1000001})", "f: /model/layers: 1000001: "s + layer_count},
      {"model", R"({"name":"m","layers":2.5})", "f: /model/layers: 2.5: "s + layer_count},
      {"model", R"({"name":"m","layers":"two"})",
       "f: /model/layers: \"two\": a number must be a decimal such as 0.40 or a ratio of integers such as 1/3"},
      {"model", R"({"name":"m","layers":true})", "f: /model/layers: true: a number is expected here"},
      {"model", R"({"name":"m","layers":2,"depth":1})",
       "f: /model/depth: 1: unknown key; known here: name, layers, blocks"},
      {"model", R"({"name":"m","layers":2,"blocks":{}})", "f: /model/blocks: object: an array is expected here"},
      {"model", R"({"name":"m","layers":2,"blocks":[[0,1],[1]]})",
       "f: /model/blocks/1: array of 1: a layer range is [first, last), two numbers"},
      {"model", R"({"name":"m","layers":2,"blocks":[[0,3]]})", "f: /model/blocks/0/1: 3: "s + boundary},
      {"model", R"({"name":"m","layers":2,"blocks":[[1,1]]})",
       "f: /model/blocks/0: array of 2: a layer range must not be empty or inverted: first < last, got [1,1)"},
      {"model", R"({"name":"m","layers":"4/2"})", "accepted"},
  });
}

TEST_CASE("units are names; latency and cost are added, so theirs are one", "[FORMAT-3]") {
  check_all({
      {"units", "[]", "f: /units: array of 0: an object is expected here"},
      {"units", R"({"cost":1})", "f: /units/cost: 1: a string is expected here"},
      {"units", R"({"price":null})", "f: /units/price: null: a string is expected here"},
      {"units", R"({"time":"s"})", "f: /units/time: \"s\": unknown key; known here: cost, latency, price"},
      {"units", R"({"cost":"ms","latency":"s"})",
       "f: /units/latency: \"s\": latency and cost are added and must have one unit"},
      {"units", R"({"latency":"s"})", "f: /units/latency: \"s\": latency and cost are added and must have one unit"},
      {"units", "{}", "accepted"},
  });
}

TEST_CASE("alpha, scales and temperature keep their ranges", "[FORMAT-3]") {
  check_all({
      {"alpha", "0", "accepted"},
      {"alpha", "1", "accepted"},
      {"alpha", "-0.1", "f: /alpha: -0.1: alpha must lie in [0, 1]"},
      {"alpha", "1.0000000000000000000000001", "f: /alpha: 1.0000000000000000000000001: alpha must lie in [0, 1]"},
      {"alpha", "\"3/2\"", "f: /alpha: \"3/2\": alpha must lie in [0, 1]"},
      {"alpha", "\"NaN\"", "f: /alpha: \"NaN\": a number must be finite"},
      {"alpha", "null", "f: /alpha: null: a number is expected here"},
      {"alpha", "[0.5]", "f: /alpha: array of 1: a number is expected here"},
      {"scales", "2", "f: /scales: 2: an object is expected here"},
      {"scales", R"({"price":0})", "f: /scales/price: 0: a scale must be greater than 0"},
      {"scales", R"({"cost":-1})", "f: /scales/cost: -1: a scale must be greater than 0"},
      {"scales", R"({"time":1})", "f: /scales/time: 1: unknown key; known here: price, cost"},
      {"scales", "{}", "accepted"},
      {"temperature", "0", "f: /temperature: 0: the temperature must be greater than 0"},
      {"temperature", "-1", "f: /temperature: -1: the temperature must be greater than 0"},
      {"temperature", "\"inf\"", "f: /temperature: \"inf\": a number must be finite"},
      {"temperature", "\"-Infinity\"", "f: /temperature: \"-Infinity\": a number must be finite"},
  });
}

TEST_CASE("nodes: id, layers, cost, price", "[FORMAT-3]") {
  const auto with = [](const std::string& id, const std::string& layers, const std::string& cost,
                       const std::string& price) {
    return R"([{"id":)" + id + R"(,"layers":)" + layers + R"(,"cost":)" + cost + R"(,"price":)" + price +
           R"(},{"id":"z","layers":[0,2],"cost":1,"price":1}])";
  };
  const std::string id = "\"a\"";
  check_all({
      {"nodes", "{}", "f: /nodes: object: an array is expected here"},
      {"nodes", node("1"), "f: /nodes/0: 1: an object is expected here"},
      {"nodes", node(R"({"layers":[0,1],"cost":1,"price":1})"), "f: /nodes/0: object: the key \"id\" is required here"},
      {"nodes", node(R"({"id":"a","cost":1,"price":1})"), "f: /nodes/0: object: the key \"layers\" is required here"},
      {"nodes", node(R"({"id":"a","layers":[0,1],"price":1})"),
       "f: /nodes/0: object: the key \"cost\" is required here"},
      {"nodes", node(R"({"id":"a","layers":[0,1],"cost":1})"),
       "f: /nodes/0: object: the key \"price\" is required here"},
      {"nodes", node(R"({"id":"a","layers":[0,1],"cost":1,"price":1,"speed":2})"),
       "f: /nodes/0/speed: 2: unknown key; known here: id, layers, cost, price"},
      {"nodes", with("7", "[0,1]", "1", "1"), "f: /nodes/0/id: 7: a string is expected here"},
      {"nodes", with("\"\"", "[0,1]", "1", "1"), "f: /nodes/0/id: \"\": a node's id must not be empty"},
      {"nodes", with("\"z\"", "[0,1]", "1", "1"),
       "f: /nodes/1/id: \"z\": a node's id must be unique; node 0 has it already"},
      {"nodes", with(id, "1", "1", "1"), "f: /nodes/0/layers: 1: an array is expected here"},
      {"nodes", with(id, "[]", "1", "1"),
       "f: /nodes/0/layers: array of 0: a layer range is [first, last), two numbers"},
      {"nodes", with(id, "[0,1,2]", "1", "1"),
       "f: /nodes/0/layers: array of 3: a layer range is [first, last), two numbers"},
      {"nodes", with(id, "[-1,1]", "1", "1"), "f: /nodes/0/layers/0: -1: "s + boundary},
      {"nodes", with(id, "[0,3]", "1", "1"), "f: /nodes/0/layers/1: 3: "s + boundary},
      {"nodes", with(id, "[0.5,1]", "1", "1"), "f: /nodes/0/layers/0: 0.5: "s + boundary},
      {"nodes", with(id, "[0,1e300]", "1", "1"), "f: /nodes/0/layers/1: 1e300: "s + boundary},
      {"nodes", with(id, "[0,null]", "1", "1"), "f: /nodes/0/layers/1: null: a number is expected here"},
      {"nodes", with(id, "[1,1]", "1", "1"),
       "f: /nodes/0/layers: array of 2: a layer range must not be empty or inverted: first < last, got [1,1)"},
      {"nodes", with(id, "[2,1]", "1", "1"),
       "f: /nodes/0/layers: array of 2: a layer range must not be empty or inverted: first < last, got [2,1)"},
      {"nodes", with(id, "[0,1]", "0", "1"), "f: /nodes/0/cost: 0: a cost must be greater than 0"},
      {"nodes", with(id, "[0,1]", "-5", "1"), "f: /nodes/0/cost: -5: a cost must be greater than 0"},
      {"nodes", with(id, "[0,1]", "\"1/0\"", "1"), "f: /nodes/0/cost: \"1/0\": a denominator must not be 0"},
      {"nodes", with(id, "[0,1]", "1e301", "1"), "f: /nodes/0/cost: 1e301: a decimal exponent must lie in -300 .. 300"},
      {"nodes", with(id, "[0,1]", "1e-5000", "1"),
       "f: /nodes/0/cost: 1e-5000: a decimal exponent must lie in -300 .. 300"},
      {"nodes", with(id, "[0,1]", std::string(1001, '9'), "1"),
       "f: /nodes/0/cost: " + std::string(40, '9') + "...: a number may have at most 1000 digits"},
      {"nodes", with(id, "[0,1]", "1", "-0.01"), "f: /nodes/0/price: -0.01: a price must be at least 0"},
      {"nodes", with(id, "[0,1]", "1", "\"cheap\""),
       "f: /nodes/0/price: \"cheap\": a number must be a decimal such as 0.40 or a ratio of integers such as 1/3"},
      {"nodes", with(id, "[0,1]", "1", "false"), "f: /nodes/0/price: false: a number is expected here"},
      {"nodes", with(id, "[0,1]", "1", "0"), "accepted"},
      {"nodes", with(id, "[0,1]", "1e-300", "1e300"), "accepted"},
      {"nodes", with("\"\\u001b[31m\"", "[0,1]", "0", "1"), "f: /nodes/0/cost: 0: a cost must be greater than 0"},
  });
}

TEST_CASE("latency: a square matrix in file order, nothing negative", "[FORMAT-3]") {
  const auto matrix = [](const std::string& values) { return R"({"kind":"matrix","values":)" + values + "}"; };
  check_all({
      {"latency", "[]", "f: /latency: array of 0: an object is expected here"},
      {"latency", R"({"values":[[0,1],[2,0]]})", "f: /latency: object: the key \"kind\" is required here"},
      {"latency", R"({"kind":"matrix"})", "f: /latency: object: the key \"values\" is required here"},
      {"latency", R"({"kind":"graph","values":[]})",
       "f: /latency/kind: \"graph\": the kind of latency must be \"matrix\""},
      {"latency", R"({"kind":1,"values":[]})", "f: /latency/kind: 1: a string is expected here"},
      {"latency", R"({"kind":"matrix","values":[],"unit":"s"})",
       "f: /latency/unit: \"s\": unknown key; known here: kind, values"},
      {"latency", matrix("7"), "f: /latency/values: 7: an array is expected here"},
      {"latency", matrix("[]"), "f: /latency/values: array of 0: one row a node is expected, 2 in all, got 0"},
      {"latency", matrix("[[0,1]]"), "f: /latency/values: array of 1: one row a node is expected, 2 in all, got 1"},
      {"latency", matrix("[[0,1],[2,0],[1,1]]"),
       "f: /latency/values: array of 3: one row a node is expected, 2 in all, got 3"},
      {"latency", matrix("[[0,1],[2]]"),
       "f: /latency/values/1: array of 1: one entry a node is expected, 2 in all, got 1"},
      {"latency", matrix("[[0,1],[2,0,3]]"),
       "f: /latency/values/1: array of 3: one entry a node is expected, 2 in all, got 3"},
      {"latency", matrix("[[0,1],5]"), "f: /latency/values/1: 5: an array is expected here"},
      {"latency", matrix("[[0,1],[-2,0]]"), "f: /latency/values/1/0: -2: a latency must be at least 0"},
      {"latency", matrix("[[0,\"x\"],[2,0]]"),
       "f: /latency/values/0/1: \"x\": a number must be a decimal such as 0.40 or a ratio of integers such as 1/3"},
      {"latency", matrix("[[99,1],[2,99]]"), "accepted"},
      {"latency", matrix("[[0,0],[0,0]]"), "accepted"},
  });
}

TEST_CASE("one client or several of distinct ids, a leg a node", "[FORMAT-3]") {
  const auto clients = [](const std::string& list) {
    Parts parts = whole();
    parts.erase("client");
    parts["clients"] = list;
    std::string body;
    for (const auto& [name, value] : parts) body += (body.empty() ? "" : ",") + ('"' + name + "\":" + value);
    return "{" + body + "}";
  };
  check_all({
      {"client", "[]", "f: /client: array of 0: an object is expected here"},
      {"client", R"({"to":[1]})", "f: /client/to: array of 1: one entry a node is expected, 2 in all, got 1"},
      {"client", R"({"from":[1,2,3]})", "f: /client/from: array of 3: one entry a node is expected, 2 in all, got 3"},
      {"client", R"({"to":[1,-2]})", "f: /client/to/1: -2: a latency must be at least 0"},
      {"client", R"({"to":7})", "f: /client/to: 7: an array is expected here"},
      {"client", R"({"id":"me","to":[1,2]})", "f: /client/id: \"me\": unknown key; known here: to, from"},
      {"client", "{}", "accepted"},
      {"clients", "[]", "f: /clients: array of 0: a network gives \"client\" or \"clients\", not both"},
  });
  CHECK(message_of(clients("[]")) == "accepted");
  CHECK(message_of(clients(R"([{"id":"x"},{"id":"y","to":[0,0],"from":[1,1]}])")) == "accepted");
  CHECK(message_of(clients("{}")) == "f: /clients: object: an array is expected here");
  CHECK(message_of(clients("[1]")) == "f: /clients/0: 1: an object is expected here");
  CHECK(message_of(clients(R"([{"to":[0,0]}])")) == "f: /clients/0: object: the key \"id\" is required here");
  CHECK(message_of(clients(R"([{"id":3}])")) == "f: /clients/0/id: 3: a string is expected here");
  CHECK(message_of(clients(R"([{"id":"x"},{"id":"x"}])")) == "f: /clients/1/id: \"x\": a client's id must be unique");
  CHECK(message_of(clients(R"([{"id":"x","from":[0]}])")) ==
        "f: /clients/0/from: array of 1: one entry a node is expected, 2 in all, got 1");
  CHECK(message_of(clients(R"([{"id":"x","via":[0]}])")) ==
        "f: /clients/0/via: array of 1: unknown key; known here: id, to, from");
}

TEST_CASE("prices: one for every node and for nothing else", "[FORMAT-4]") {
  const Network network = read_network(document(), "n").value();
  const auto message = [&network](const std::string& bytes) {
    const auto prices = read_prices(bytes, "p", network);
    return prices ? "accepted" : prices.error().message();
  };
  const auto of = [](const std::string& prices) { return R"({"format":"p2pllm-prices/1","prices":)" + prices + "}"; };
  const struct {
    std::string bytes;
    std::string message;
  } cases[] = {
      {of(R"({"a":1,"b":"2/3"})"), "accepted"},
      {of(R"({"b":0,"a":"1e-300"})"), "accepted"},
      {"[]", "p: /: array of 0: an object is expected here"},
      {"{}", "p: /: object: the key \"format\" is required here"},
      {R"({"format":"p2pllm-network/1","prices":{}})",
       "p: /format: \"p2pllm-network/1\": the format must be \"p2pllm-prices/1\""},
      {R"({"format":"p2pllm-prices/1"})", "p: /: object: the key \"prices\" is required here"},
      {R"({"format":"p2pllm-prices/1","prices":{},"x":1})", "p: /x: 1: unknown key; known here: format, prices"},
      {of("[1,2]"), "p: /prices: array of 2: an object of prices by node id is expected here"},
      {of(R"({"a":1})"), "p: /prices: object: a price is required for every node; none for \"b\""},
      {of("{}"), "p: /prices: object: a price is required for every node; none for \"a\""},
      {of(R"({"a":1,"b":2,"c":3})"), "p: /prices/c: 3: no node of the network has this id"},
      {of(R"({"a":1,"b":-2})"), "p: /prices/b: -2: a price must be at least 0"},
      {of(R"({"a":1,"b":"x"})"),
       "p: /prices/b: \"x\": a number must be a decimal such as 0.40 or a ratio of integers such as 1/3"},
      {of(R"({"a":1,"b":null})"), "p: /prices/b: null: a number is expected here"},
      {of(R"({"a":1,"a":2})"), "p: /prices/a: \"a\": an object's keys must be distinct"},
      {"{",
       "p: line 1, column 2: malformed JSON: syntax error while parsing object key - unexpected end of input; expected "
       "string literal"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.bytes);
    CHECK(message(c.bytes) == c.message);
  }
  const auto prices = read_prices(of(R"({"b":"2/3","a":1})"), "p", network).value();
  CHECK(prices.values == std::vector<Rational>{Rational(1), Rational(2, 3)});  // in file order
  CHECK(prices.sha256.size() == 64);
  CHECK(p2pllm::posted_prices(network).sha256.empty());
}

TEST_CASE("written prices read back exactly", "[FORMAT-4]") {
  const Network network = read_network(document(), "n").value();
  const std::vector<Rational> values{Rational(7, 3), Rational(0)};
  CHECK(read_prices(p2pllm::write_prices(network, values), "p", network).value().values == values);
}

TEST_CASE("groups are the nodes of one identical range, by range", "[PRICE-1]") {
  const auto range = [](const char* id, int first, int last) {
    return R"({"id":")"s + id + R"(","layers":[)" + std::to_string(first) + "," + std::to_string(last) +
           R"(],"cost":1,"price":1})";
  };
  const Network network =
      read_network(R"({"format":"p2pllm-network/1","model":{"name":"","layers":3},"nodes":[)" + range("a", 1, 3) + "," +
                       range("b", 0, 1) + "," + range("c", 1, 3) + "," + range("d", 0, 3) + "]}",
                   "f")
          .value();
  const auto groups = groups_of(network);
  REQUIRE(groups.size() == 3);
  CHECK(to_string(groups[0].range) == "[0,1)");
  CHECK(groups[1].nodes == std::vector<std::size_t>{3});
  CHECK(groups[2].nodes == std::vector<std::size_t>{0, 2});
}

TEST_CASE("every truncation of a network is an error of one line", "[FORMAT-1]") {
  const std::string bytes = document();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto network = read_network(bytes.substr(0, size), "f");
    REQUIRE_FALSE(network.has_value());
    REQUIRE(network.error().message().find('\n') == std::string::npos);
  }
}
