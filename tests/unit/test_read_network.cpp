#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "model/encoding/text_hash.hpp"
#include "model/encoding/text_index.hpp"
#include "model/market/network.hpp"
#include "tests/support/same_market.hpp"

using p2pllm::check_network;
using p2pllm::read_network;
using p2pllm::testing::disagreement_item_by_item;

namespace {

std::string node(const std::string& id, const std::string& price = "0") {
  return R"({"id":")" + id + R"(","layers":[0,1],"cost":1,"price":)" + price + "}";
}

/// A network of these parts after "format" and "model".
std::string network(const std::string& parts) {
  return R"({"format":"p2pllm-network/1","model":{"name":"m","layers":2},)" + parts + "}";
}

std::string nodes(const std::vector<std::string>& items) {
  std::string list;
  for (const std::string& item : items) list += (list.empty() ? "" : " , ") + item;
  return "\"nodes\":[ " + list + "\n]";
}

/// `count` members with unknown keys, each value in its turn.
std::string members(int count, const std::string& value) {
  std::string text;
  for (int k = 0; k < count; ++k) text += (k == 0 ? "\"k" : ",\"k") + std::to_string(k) + "\":" + value;
  return text;
}

/// The message of a text, which must be the same however many items are built.
std::string message_of(const std::string& text) {
  CAPTURE(text);
  for (const std::size_t items : {2UL, 3UL, 5UL}) CHECK(disagreement_item_by_item(text, items).empty());
  const auto checked = check_network(text, "f");
  return checked ? "accepted" : checked.error().message();
}

}  // namespace

TEST_CASE("items that are read one by one have their places", "[FORMAT-3][FORMAT-6]") {
  CHECK(message_of(network(nodes({node("a"), node("b"), node("c")}))) == "accepted");
  CHECK(message_of(network(nodes({node("a"), node("b"), node("c", "-1")}))) ==
        "f: /nodes/2/price: -1: a price must be at least 0");
  CHECK(message_of(network(nodes({node("a"), node("b"), node("\\u0061")}))) ==
        "f: /nodes/2/id: \"a\": a node's id must be unique; node 0 has it already");
  CHECK(message_of(network(nodes({node("a"), node("b"), "null", node("d")}))) ==
        "f: /nodes/2: null: an object is expected here");
  CHECK(message_of(network(nodes({node("a"), node("b"), R"({"id":"c","layers":[0,1,true,{"x":[]}]})"}))) ==
        "f: /nodes/2/layers: array of 4: a layer range is [first, last), two numbers");
  CHECK(message_of(network(nodes({node("a"), R"([[],[0,"]"],{"}":1}])"}))) ==
        "f: /nodes/1: array of 3: an object is expected here");
  const std::string three = nodes({node("a"), node("b"), node("c")});
  CHECK(message_of(network(three + R"(,"latency":{"kind":"matrix","values":[[0,1,2],[3,0,4],[5,6]]})")) ==
        "f: /latency/values/2: array of 2: one entry a node is expected, 3 in all, got 2");
  CHECK(message_of(network(three + R"(,"latency":{"kind":"matrix","values":[[0,1,2],[3,0,4],[5,6,-0.5]]})")) ==
        "f: /latency/values/2/2: -0.5: a latency must be at least 0");
  CHECK(message_of(network(R"("latency":{"kind":"matrix","values":[[0,1,2],[3,0,4],[5,6,7]]},)" + three)) ==
        "accepted");
  CHECK(message_of(network(three + R"(,"clients":[{"id":"a"},{"id":"b","to":[1,2,3]},{"id":"a"}])")) ==
        "f: /clients/2/id: \"a\": a client's id must be unique");
  CHECK(message_of(network(three + R"(,"clients":[{"id":"a"},{"id":"b","to":[1,2]}])")) ==
        "f: /clients/1/to: array of 2: one entry a node is expected, 3 in all, got 2");
}

TEST_CASE("a fault of JSON comes before any of what it states", "[FORMAT-1][FORMAT-6]") {
  const std::string wrong = node("", "-1");
  CHECK(message_of(network(nodes({wrong, wrong, R"({"a":1,"b":[0,{"c":[1,2,3],"c":1}]})"}))) ==
        "f: /nodes/2/b/1/c: \"c\": an object's keys must be distinct");
  CHECK(message_of(network(nodes({wrong, "1e5000"}))) ==
        "f: /nodes/1: 1e5000: a decimal exponent must lie in -300 .. 300");
  CHECK(message_of(network(nodes({wrong, wrong, std::string(16, '[')}))) ==
        "f: /nodes/2/0/0/0/0/0/0/0/0/0/0/0/0/0/0: [: nesting may be at most 16 levels deep");
  CHECK(message_of(network(nodes({wrong, "[" + members(20, "0") + "]"}))).starts_with("f: line 1, column "));
  CHECK(message_of(network(nodes({wrong, "{" + members(20, "0") + ",\"k19\":1}"}))) ==
        "f: /nodes/1/k19: \"k19\": an object's keys must be distinct");
  CHECK(message_of(network(nodes({wrong, "{" + members(20, "0") + ",\"k3\":1}"}))) ==
        "f: /nodes/1/k19: \"k3\": an object's keys must be distinct");
  CHECK(message_of(network(nodes({wrong})) + std::string(1, '\0')).ends_with("a NUL byte: a document is text"));
}

TEST_CASE("an object of many members has the first unknown one, and its format", "[FORMAT-3]") {
  for (const int count : {11, 15, 16, 17, 40}) {
    CAPTURE(count);
    for (const std::string value : {"0", "{\"a\":[1,2,3,4]}", "[[1,2,3]]"}) {
      CHECK(message_of("{" + members(count, value) + ",\"format\":1}") == "f: /format: 1: a string is expected here");
      CHECK(message_of("{" + members(count, value) + R"(,"format":"p2pllm-network/1"})").starts_with("f: /k0: "));
      CHECK(message_of(network(nodes({node("a"), node("b"), "{" + members(count, value) + "}"})))
                .starts_with("f: /nodes/2/k0: "));
      CHECK(message_of(network(nodes({}) + ",\"units\":{\"cost\":\"s\"," + members(count, value) + "}"))
                .starts_with("f: /units/k0: "));
    }
  }
}

TEST_CASE("items that are read one by one say what JSON says", "[FORMAT-1][FORMAT-2]") {
  const auto shown = [](const std::string& item) { return message_of(network(nodes({node("a"), node("b"), item}))); };
  CHECK(shown(R"("\"\\\/\b\f\n\r\t\u20ac\u00e9\u0041\ud83d\ude00]")") ==
        "f: /nodes/2: \"\"\\\\/\\u0008\\u000c\\u000a\\u000d\\u0009\xE2\x82\xAC\xC3\xA9"
        "A\xF0\x9F\x98\x80]\": an object is expected here");
  CHECK(shown("\"\\ud800\\udc00\\uDBFF\\uDFFF\"") ==
        "f: /nodes/2: \"\xF0\x90\x80\x80\\U0010ffff\": an object is expected here");
  CHECK(shown("-0") == "f: /nodes/2: 0: an object is expected here");
  CHECK(shown("-0.0") == "f: /nodes/2: -0.0: an object is expected here");
  CHECK(shown("-12") == "f: /nodes/2: -12: an object is expected here");
  CHECK(shown("18446744073709551616") == "f: /nodes/2: 18446744073709551616: an object is expected here");
  CHECK(shown("1.50E+2 ") == "f: /nodes/2: 1.50E+2: an object is expected here");
  CHECK(shown("true") == "f: /nodes/2: true: an object is expected here");
  CHECK(shown("false ") == "f: /nodes/2: false: an object is expected here");
  CHECK(shown("null") == "f: /nodes/2: null: an object is expected here");
  CHECK(shown("[ ]") == "f: /nodes/2: array of 0: an object is expected here");
  CHECK(shown(R"({"id":"c" , "layers" : [0,1],"cost":1,"price":[{"a":[1,2,"}"]},-1 , true]})") ==
        "f: /nodes/2/price: array of 3: a number is expected here");
}

TEST_CASE("progress never runs backwards and stays within its total", "[FORMAT-3]") {
  std::vector<std::string> items;
  for (int k = 0; k < 9000; ++k) items.push_back(node("n" + std::to_string(k)));
  const std::string text = network(nodes(items));
  std::size_t last = 0;
  int calls = 0;
  const auto progress = [&](std::size_t done, std::size_t total) {
    CHECK(total == 2 * text.size());
    CHECK(done >= last);
    CHECK(done <= total);
    last = done;
    ++calls;
  };
  REQUIRE(read_network(text, "f", progress).has_value());
  CHECK(calls >= 4);
  CHECK(last > text.size());
}

TEST_CASE("hashes of texts have a secret key", "[FORMAT-3]") {
  const p2pllm::TextHash hash;
  CHECK(hash("a") == hash("a"));
  CHECK(hash("a") != hash("b"));
  // The same hash without a key, or with the key of another run, could be computed by whoever writes a file.
  CHECK(hash("a") != std::hash<std::string_view>()("a"));
  constexpr std::size_t siphash_of_empty_with_key_0 = 0x1e924b9d737700d7;
  CHECK(hash("") != siphash_of_empty_with_key_0);
}

TEST_CASE("a text index finds every text again", "[FORMAT-3]") {
  p2pllm::TextIndex index;
  for (int k = 0; k < 1000; ++k) CHECK_FALSE(index.add("text " + std::to_string(k * 7919)));
  CHECK_FALSE(index.add(""));
  CHECK(index.size() == 1001);
  for (int k = 0; k < 1000; ++k) CHECK(index.add("text " + std::to_string(k * 7919)) == static_cast<std::size_t>(k));
  CHECK(index.add("") == 1000);
  CHECK(index.size() == 1001);
}
