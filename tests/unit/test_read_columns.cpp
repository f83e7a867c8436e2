#include <sys/mman.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "optimized/market/read_network.hpp"
#include "tests/support/same_market.hpp"

using p2pllm::Network;
using p2pllm::Rational;
using p2pllm::optimized::MarketColumns;
using p2pllm::optimized::read_columns;
using p2pllm::optimized::read_plain_columns;
using p2pllm::testing::disagreement;
using p2pllm::testing::Reading;

namespace {

constexpr const char* whole = R"({
  "format": "p2pllm-network\/1", "alpha": "1/4", "temperature": 3e0,
  "client": {"to": [1, 2], "from": ["1/3", 0.5]},
  "latency": {"kind": "matrix", "values": [[0, 1.50], [2, 0]]},
  "nodes": [{"price": 3, "cost": 1, "layers": [0, 1], "id": "a"},
            {"id": "b\u0000\u00e9", "layers": ["1.0", 20e-1], "cost": "1/3", "price": 0.40}],
  "scales": {"cost": 0.5, "price": 2}, "units": {"latency": "s", "price": "coin", "cost": "s"},
  "model": {"blocks": [[0, 2]], "layers": 2, "name": "m"}})";

std::string replaced(const std::string& before, const std::string& after) {
  std::string text = whole;
  const auto at = text.find(before);
  REQUIRE(at != std::string::npos);
  REQUIRE(text.find(before, at + 1) == std::string::npos);
  return text.replace(at, before.size(), after);
}

/// How both readers take a text; a failure if they disagree.
Reading reading_of(const std::string& text) {
  Reading reading;
  CAPTURE(text);
  CHECK(disagreement(text, reading).empty());
  return reading;
}

enum class Way { plain, columns, exact, refused };

Way way_of(const std::string& text) {
  const Reading reading = reading_of(text);
  if (!reading.is_accepted) return Way::refused;
  return reading.is_plain ? Way::plain : reading.is_in_columns ? Way::columns : Way::exact;
}

struct Change {
  const char* before;
  const char* after;
  Way way;
};

void check_all(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    CAPTURE(change.before, change.after);
    CHECK(way_of(replaced(change.before, change.after)) == change.way);
  }
}

}  // namespace

TEST_CASE("the one pass reads every part of a network, members in any order", "[FORMAT-3]") {
  REQUIRE(way_of(whole) == Way::plain);
  const auto columns = read_plain_columns(whole).value();
  CHECK(columns.model_name == "m");
  CHECK(columns.blocks == std::vector<p2pllm::LayerRange>{{0, 2}});
  CHECK(columns.ids[1] == std::string_view("b\0\xC3\xA9", 4));
  CHECK(columns.first == std::vector<std::uint32_t>{0, 1});
  CHECK(columns.last == std::vector<std::uint32_t>{1, 2});
  CHECK(columns.cost.value(1) == Rational(1, 3));
  CHECK(columns.price.value(1) == Rational(2, 5));
  CHECK(columns.latency->value(1) == Rational(3, 2));
  CHECK(columns.clients.at(0).from.value(0) == Rational(1, 3));
  CHECK(columns.sha256.size() == 64);
}

TEST_CASE("the answer says which reader gave it", "[FORMAT-3]") {
  CHECK(std::holds_alternative<MarketColumns>(read_columns(whole, "f").value()));
  CHECK(std::holds_alternative<Network>(read_columns(replaced("\"cost\": 1,", "\"cost\": 1e-300,"), "f").value()));
  CHECK(read_columns(replaced("[0, 1]", "[1, 1]"), "f").error().message() ==
        "f: /nodes/0/layers: array of 2: a layer range must not be empty or inverted: first < last, got [1,1)");
}

TEST_CASE("numbers are read in every spelling, and none through a double", "[FORMAT-2]") {
  check_all({
      {"0.40", "0.4000000000000000000", Way::plain},
      {"0.40", "0.00000000000000000000000000001234567890123456789", Way::exact},
      {"0.40", "0.00000000000000000012", Way::exact},
      {"0.40", "0.000000000000000012", Way::plain},
      {"0.40", "0.123456789012345678", Way::plain},
      {"0.40", "0.40000000000000000001", Way::exact},
      {"0.40", "9007199254740993", Way::plain},
      {"0.40", "9999999999999999999", Way::plain},
      {"0.40", "18446744073709551615", Way::columns},
      {"0.40", "18446744073709551616", Way::exact},
      {"0.40", "4E+0", Way::plain},
      {"0.40", "4e007", Way::plain},
      {"0.40", "4e300", Way::exact},
      {"0.40", "4e301", Way::refused},
      {"0.40", "0e300", Way::plain},
      {"0.40", "0e301", Way::refused},
      {"0.40", "0e-301", Way::refused},
      {"0.40", "-0", Way::columns},
      {"0.40", "-1", Way::refused},
      {"0.40", "04", Way::refused},
      {"0.40", "4.", Way::refused},
      {"0.40", ".4", Way::refused},
      {"0.40", "4e", Way::refused},
      {"0.40", "4e+", Way::refused},
      {"0.40", "+4", Way::refused},
      {"0.40", "1/3", Way::refused},
      {"0.40", "\"1/3\"", Way::plain},
      {"0.40", "\"1/03\"", Way::plain},
      {"0.40", "\"1\\/3\"", Way::plain},
      {"0.40", "\"01/3\"", Way::refused},
      {"0.40", "\"1/0\"", Way::refused},
      {"0.40", "\"1/\"", Way::refused},
      {"0.40", "\"1/3e1\"", Way::refused},
      {"0.40", "\"1.5/3\"", Way::refused},
      {"0.40", "\"1e2/3\"", Way::refused},
      {"0.40", "\" 1\"", Way::refused},
      {"0.40", "\"1 \"", Way::refused},
      {"0.40", "\"\"", Way::refused},
      {"0.40", "\"NaN\"", Way::refused},
      {"0.40", "NaN", Way::refused},
      {"0.40", "1e5000", Way::refused},
      {"0.40", "null", Way::refused},
  });
}

TEST_CASE("numbers of a thousand digits have the exact reader's answer", "[FORMAT-2]") {
  const auto with = [](const std::string& price) { return replaced("0.40", price); };
  CHECK(way_of(with("1." + std::string(999, '0'))) == Way::columns);
  CHECK(way_of(with("1." + std::string(1000, '0'))) == Way::refused);
  CHECK(way_of(with("0." + std::string(998, '0') + "1")) == Way::exact);
  CHECK(way_of(with("0." + std::string(999, '0') + "1")) == Way::refused);
  CHECK(way_of(with("0." + std::string(999, '0'))) == Way::columns);
  CHECK(way_of(with("0." + std::string(1000, '0'))) == Way::refused);
  CHECK(way_of(with(std::string(1000, '7'))) == Way::exact);
  CHECK(way_of(with(std::string(1001, '7'))) == Way::refused);
  CHECK(way_of(with("\"1/" + std::string(999, '0') + "\"")) == Way::refused);
  CHECK(way_of(with("\"1/" + std::string(998, '0') + "7\"")) == Way::columns);
  CHECK(way_of(with("\"1/" + std::string(999, '0') + "7\"")) == Way::refused);
  CHECK(way_of(with("1e" + std::string(2000, '0') + "2")) == Way::plain);
}

TEST_CASE("layers are integers of the model in any form", "[FORMAT-2][FORMAT-3]") {
  check_all({
      {"20e-1", "2.000", Way::plain},
      {"20e-1", "0.2e1", Way::plain},
      {"20e-1", "\"4/2\"", Way::columns},
      {"20e-1", "3", Way::refused},
      {"20e-1", "2.5", Way::refused},
      {"20e-1", "1", Way::refused},
      {"20e-1", "4294967298", Way::refused},
      {"20e-1", "2e19", Way::refused},
      {"20e-1", "2e300", Way::refused},
      {"[0, 1],", "[0e5, 1],", Way::plain},
      {"[0, 1],", "[0, 1, 1],", Way::refused},
      {"[0, 1],", "[1],", Way::refused},
      {"[0, 1],", "[],", Way::refused},
      {"\"layers\": 2", "\"layers\": 1", Way::refused},
      {"\"layers\": 2", "\"layers\": 1000000", Way::plain},
      {"\"layers\": 2", "\"layers\": 1000001", Way::refused},
      {"\"layers\": 2", "\"layers\": 0", Way::refused},
      {"[0, 2]]", "[0, 3]]", Way::refused},
      {"[0, 2]]", "[2, 2]]", Way::refused},
      {"[[0, 2]]", "[]", Way::plain},
  });
}

TEST_CASE("terms in their ranges", "[FORMAT-3]") {
  check_all({
      {"\"1/4\"", "1", Way::plain},
      {"\"1/4\"", "1.0000000000000000000000001", Way::refused},
      {"\"1/4\"", "-0.0", Way::plain},
      {"\"1/4\"", "-1", Way::refused},
      {"\"1/4\"", "01", Way::refused},
      {"3e0", "0", Way::refused},
      {"3e0", "-3", Way::refused},
      {"\"price\": 2}", "\"price\": 0}", Way::refused},
      {"\"cost\": 0.5", "\"cost\": -1", Way::refused},
      {"\"latency\": \"s\"", "\"latency\": \"ms\"", Way::refused},
      {"\"latency\": \"s\", ", "", Way::plain},
      {", \"cost\": \"s\"", "", Way::refused},
      {"network\\/1", "network/2", Way::refused},
      {"\"cost\": 1,", "\"cost\": 0,", Way::refused},
      {"\"cost\": 1,", "\"cost\": 0e9,", Way::refused},
      {"\"id\": \"a\"", "\"id\": \"\"", Way::refused},
      {"\"id\": \"a\"", "\"id\": \"b\\u0000\xC3\xA9\"", Way::refused},
  });
}

TEST_CASE("keys: required, known, distinct; one with escapes is for the exact reader", "[FORMAT-1][FORMAT-3]") {
  check_all({
      {"\"alpha\"", "\"alpha\" ", Way::plain},
      {"\"alpha\"", "\"alph\\u0061\"", Way::columns},
      {"\"alpha\"", "\"alphas\"", Way::refused},
      {"\"alpha\"", "\"alph\"", Way::refused},
      {"\"alpha\": \"1/4\",", "", Way::plain},
      {"\"alpha\": \"1/4\",", "\"alpha\": 0, \"alpha\": 0,", Way::refused},
      {"\"alpha\": \"1/4\",", "\"clients\": [],", Way::refused},
      {"\"format\": \"p2pllm-network\\/1\",", "", Way::refused},
      {", \"name\": \"m\"", "", Way::refused},
      {"\"layers\": 2, ", "", Way::refused},
      {"\"price\": 3,", "", Way::refused},
      {"\"price\": 3,", "\"price\": 3, \"price\": 3,", Way::refused},
      {"\"id\": \"a\"", "\"id\": \"a\", \"id\": \"c\"", Way::refused},
      {"\"name\": \"m\"", "\"name\": \"m\", \"name\": \"m\"", Way::refused},
      {"\"kind\": \"matrix\", ", "", Way::refused},
      {"\"matrix\"", "\"list\"", Way::refused},
      {"\"nodes\": [", "\"node\": [", Way::refused},
  });
}

TEST_CASE("latency rows and legs have one entry per node", "[FORMAT-3]") {
  check_all({
      {"[2, 0]]", "[2, 0], [0, 0]]", Way::refused},
      {", [2, 0]]", "]", Way::refused},
      {"[2, 0]]", "[2]]", Way::refused},
      {"[2, 0]]", "[2, 0, 0]]", Way::refused},
      {"[[0, 1.50], [2, 0]]", "[[0], [0]]", Way::refused},
      {"[[0, 1.50], [2, 0]]", "[[], []]", Way::refused},
      {"[[0, 1.50], [2, 0]]", "[]", Way::refused},
      {"[[0, 1.50], [2, 0]]", "[[0, 1, 2], [3, 4, 5], [6, 7, 8]]", Way::refused},
      {"\"to\": [1, 2]", "\"to\": [1]", Way::refused},
      {"\"to\": [1, 2]", "\"to\": [1, 2, 3]", Way::refused},
      {"\"to\": [1, 2], ", "", Way::plain},
      {", \"from\": [\"1/3\", 0.5]", "", Way::plain},
      {"\"to\": [1, 2], ", "\"id\": \"c\", ", Way::refused},
      {"\"client\": {", "\"clients\": [{}], \"temperatur\": {", Way::refused},
  });
  const std::string nodes = R"("format":"p2pllm-network/1","model":{"name":"","layers":1},"nodes":)";
  const auto with = [&nodes](const std::string& more, const std::string& list = "[]") {
    return way_of("{" + nodes + list + more + "}");
  };
  CHECK(with("") == Way::plain);
  CHECK(with(R"(,"latency":{"kind":"matrix","values":[]})") == Way::plain);
  CHECK(with(R"(,"latency":{"kind":"matrix","values":[[]]})") == Way::refused);
  CHECK(with(R"(,"clients":[])") == Way::plain);
  CHECK(with(R"(,"clients":[{"id":"a"},{"id":"b","to":[]}])") == Way::plain);
  CHECK(with(R"(,"clients":[{"id":"a"},{"id":"a"}])") == Way::refused);
  CHECK(with(R"(,"clients":[{"to":[]}])") == Way::refused);
  const std::string one = R"([{"id":"a","layers":[0,1],"cost":1,"price":0}])";
  CHECK(with(R"(,"latency":{"kind":"matrix","values":[[5]]})", one) == Way::plain);
  CHECK(with(R"(,"clients":[{"id":"a","to":[2]},{"id":"b","from":[3]}])", one) == Way::plain);
}

TEST_CASE("text that is not JSON anywhere is refused", "[FORMAT-1]") {
  const auto named = [](const std::string& name) { return way_of(replaced("\"name\": \"m\"", "\"name\": " + name)); };
  CHECK(named(R"("\"\\\/\b\f\n\r\t\u20ac")") == Way::plain);
  CHECK(named("\"\xE2\x82\xAC\xF0\x9F\x98\x80\x7F\"") == Way::plain);
  CHECK(named(R"("\ud83d\ude00")") == Way::columns);
  for (const char* bad : {R"("\ud83d")", R"("\udc00")", R"("\x")", R"("\u12g4")", R"("\u12")", "\"\xC0\x80\"",
                          "\"\xED\xA0\x80\"", "\"\xFF\"", "\"\n\"", "\"", "\"\\\"", "'m'", "\"m\" \"m\""})
    CHECK(named(bad) == Way::refused);
  CHECK(named(std::string("\"\0\"", 3)) == Way::refused);
  CHECK(way_of("\xEF\xBB\xBF" + std::string(whole)) == Way::plain);
  CHECK(way_of("\xEF\xBB" + std::string(whole)) == Way::refused);
  CHECK(way_of(whole + std::string(" \t\r\n")) == Way::plain);
  for (const std::string& rest : {std::string("{}"), std::string("x"), std::string(1, '\0'), std::string("\v")})
    CHECK(way_of(whole + rest) == Way::refused);
  CHECK(way_of(replaced("[1, 2]", "[1, 2,]")) == Way::refused);
  CHECK(way_of(replaced("[1, 2]", "[1 2]")) == Way::refused);
  CHECK(way_of(replaced("[1, 2]", "[,1, 2]")) == Way::refused);
  CHECK(way_of(replaced("[1, 2]", "{1, 2}")) == Way::refused);
  CHECK(way_of(replaced("\"alpha\": ", "\"alpha\" ")) == Way::refused);
  CHECK(way_of("") == Way::refused);
  CHECK(way_of("[]") == Way::refused);
}

TEST_CASE("the one pass tells how far it is", "[FORMAT-3]") {
  std::string nodes;
  for (int k = 0; k < 100000; ++k)
    nodes += (k == 0 ? "" : ",") + (R"({"id":"n)" + std::to_string(k)) + R"(","layers":[0,1],"cost":1,"price":0})";
  const std::string text = R"({"format":"p2pllm-network/1","model":{"name":"m","layers":1},"nodes":[)" + nodes + "]}";
  std::vector<std::size_t> done;
  const auto progress = [&](std::size_t bytes, std::size_t total) {
    CHECK(total == text.size());
    done.push_back(bytes);
  };
  REQUIRE(read_plain_columns(text, progress).value().size() == 100000);
  REQUIRE(done.size() == 4);
  CHECK(std::is_sorted(done.begin(), done.end()));
  CHECK(done.back() > text.size() / 2);
  CHECK(done.back() < text.size());
}

TEST_CASE("a file of one byte too many is refused unread", "[FORMAT-1]") {
  const std::size_t size = p2pllm::network_bytes_max + 1;
  void* const pages = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  REQUIRE(pages != MAP_FAILED);
  const std::string_view bytes(static_cast<const char*>(pages), size);  // whoever reads them is killed
  CHECK(read_columns(bytes, "f").error().message() == "f: /: 4294901761 bytes: at most 4294901760 are allowed");
  munmap(pages, size);
}

TEST_CASE("a file cut off at any byte has the exact reader's line", "[FORMAT-1][FORMAT-6]") {
  const std::string text = whole;
  for (std::size_t size = 0; size < text.size(); ++size) CHECK(way_of(text.substr(0, size)) == Way::refused);
}
