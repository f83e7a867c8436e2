#include <catch2/catch.hpp>
#include <map>

#include "model/numbers/parse.hpp"
#include "tests/vectors/vectors.hpp"

using namespace p2pllm;
using vectors::Case;

namespace {

/// The words of our own message for each rule that the vectors name.
const std::map<std::string, std::string> messages = {
    {"grammar", "a decimal such as 0.40 or a ratio"},
    {"finite", "a number must be finite"},
    {"denominator", "a denominator must not be 0"},
    {"exponent", "a decimal exponent must lie in -300 .. 300"},
    {"digits", "at most 1000 digits"},
    {"number", "a number is expected"},
    {"string", "a string is expected"},
    {"object", "an object"},
    {"array", "an array is expected"},
    {"format", "the format must be"},
    {"layers", "the number of layers must be"},
    {"range", "must not be empty or inverted"},
    {"two numbers", "[first, last), two numbers"},
    {"boundary", "a layer boundary must be"},
    {"empty id", "must not be empty"},
    {"unique id", "must be unique"},
    {"positive", "must be greater than 0"},
    {"not negative", "must be at least 0"},
    {"alpha", "alpha must lie in [0, 1]"},
    {"one unit", "must have one unit"},
    {"matrix", "must be \"matrix\""},
    {"one a node", "a node is expected"},
    {"unknown key", "unknown key"},
    {"missing key", "is required here"},
    {"distinct keys", "keys must be distinct"},
    {"one of two", "not both"},
    {"nesting", "at most 16 levels"},
    {"no such node", "no node of the network has this id"},
    {"every node", "a price is required for every node"},
    {"malformed JSON", "malformed JSON"},
};

void equal_error(const Case& c, const JsonCursor& rule, const std::string& message) {
  const auto known = messages.find(rule.string());
  c.require(c.where(rule), known != messages.end() && message.find(known->second) != std::string::npos, message);
}

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t k = 0; k + 1 < hex.size(); k += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(k, 2), nullptr, 16));
  return bytes;
}

/// The error of reading the case's text, or nothing.
std::optional<Fault> error_of(const Case& c) {
  const auto hex = c.optional("hex");
  const std::string content = hex ? bytes_of(hex->string()) : c.given("text").string();
  const auto error = [](const auto& read) { return read ? std::nullopt : std::optional(read.error()); };
  if (c.given("kind").string() == "network") return error(read_network(content, "file"));
  return error(read_prices(content, "file", c.network()));
}

}  // namespace

TEST_CASE("numbers are those of the vectors", "[number][FORMAT-2]") {
  vectors::replay("number", [](const Case& c) {
    const auto value = parse_rational(c.given("text").string());
    const JsonCursor& expect = c.expected();
    expect.require_object({"value", "error"});
    if (const auto stated = expect.optional_member("value"))
      c.require("/expect/value", value && to_string(*value) == stated->string(),
                value ? to_string(*value) : value.error().message());
    else equal_error(c, expect.member("error"), value ? to_string(*value) : value.error().message());
  });
}

TEST_CASE("files are read or refused as the vectors say", "[file][FORMAT-1][FORMAT-2][FORMAT-3][FORMAT-4][FORMAT-6]") {
  vectors::replay("file", [](const Case& c) {
    const JsonCursor& expect = c.expected();
    const auto error = error_of(c);
    const bool is_bad_input = error && error->kind == Fault::Kind::bad_input;
    c.equal(expect.member("exit"), static_cast<long long>(!error ? 0 : is_bad_input ? 2 : 3));
    if (!error) return expect.require_object({"exit"});
    expect.require_object({"exit", "place", "error"});
    const std::string message = error->message().substr(std::string("file: ").size());
    c.equal(expect.member("place"), message.substr(0, message.find(": ")));
    equal_error(c, expect.member("error"), message);
  });
}
