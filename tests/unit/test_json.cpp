#include <catch2/catch.hpp>
#include <string>

#include "model/encoding/json.hpp"
#include "tests/unit/text_oracle.hpp"

using p2pllm::Json;
using p2pllm::JsonCursor;
using p2pllm::parse_json;
using std::string_literals::operator""s;

namespace {

std::string error_of(const std::string& text) {
  const auto document = parse_json(text, "f");
  return document ? "accepted: " + write_json(*document) : document.error().message();
}

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
}

/// The text of a number as the reader keeps it.
std::string kept(const std::string& number) {
  const auto document = parse_json("[" + number + "]", "f");
  REQUIRE(document.has_value());
  return document->as_array()->front().as_number()->text;
}

}  // namespace

TEST_CASE("malformed text is reported by line and column", "[FORMAT-1][FORMAT-6]") {
  const struct {
    std::string text;
    const char* beginning;
  } cases[] = {
      {"", "f: line 1, column 1: malformed JSON: "},
      {"   ", "f: line 1, column 4: malformed JSON: "},
      {"{", "f: line 1, column 2: malformed JSON: "},
      {"[1,]", "f: line 1, column 4: malformed JSON: "},
      {"[1 2]", "f: line 1, column 4: malformed JSON: "},
      {"{\"a\" 1}", "f: line 1, column 6: malformed JSON: "},
      {"{\n  \"a\": tru }", "f: line 2, column 11: malformed JSON: "},
      {"[1]\n[2]", "f: line 2, column 1: malformed JSON: "},
      {"{\"a\":1}x", "f: line 1, column 8: malformed JSON: "},
      {"{a:1}", "f: line 1, column 2: malformed JSON: "},
      {"['a']", "f: line 1, column 2: malformed JSON: "},
      {"[NaN]", "f: line 1, column 2: malformed JSON: "},
      {"[Infinity]", "f: line 1, column 2: malformed JSON: "},
      {"[01]", "f: line 1, column 3: malformed JSON: "},
      {"[1.]", "f: line 1, column 4: malformed JSON: "},
      {"[.5]", "f: line 1, column 2: malformed JSON: "},
      {"[+1]", "f: line 1, column 2: malformed JSON: "},
      {"[-]", "f: line 1, column 3: malformed JSON: "},
      {"[1e]", "f: line 1, column 4: malformed JSON: "},
      {"// comment\n1", "f: line 1, column 1: malformed JSON: "},
      {"[\"a\nb\"]", "f: line 2, column 0: malformed JSON: "},
      {"[\"unfinished", "f: line 1, column 13: malformed JSON: "},
      {"[\"\\x\"]", "f: line 1, column 4: malformed JSON: "},
      {"[\"\\u12\"]", "f: line 1, column 7: malformed JSON: "},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const std::string message = error_of(c.text);
    CAPTURE(message);
    CHECK(starts_with(message, c.beginning));
    CHECK(message.find('\n') == std::string::npos);
  }
}

TEST_CASE("a lone surrogate and invalid UTF-8 are malformed", "[FORMAT-1][FORMAT-6]") {
  const std::string refused[] = {
      "[\"\\ud800\"]",
      "[\"\\udc00\"]",
      "[\"\\ud800\\u0041\"]",
      "[\"\\ud800x\"]",
      "[\"\xff\"]",
      "[\"\xc3\"]",
      "[\"\xc0\x80\"]",
      "[\"\xed\xa0\x80\"]",
      "[\"\xf5\x80\x80\x80\"]",
      "[\"\xe2\x82\"]",
      "\xff\xfe[\x00"s,
      "\x1f\x8b\x08\x00\x00"s,
      "\x7f"s
      "ELF",
  };
  for (const std::string& text : refused) {
    CAPTURE(text);
    const std::string message = error_of(text);
    CAPTURE(message);
    CHECK(message.find("malformed JSON") != std::string::npos);
    CHECK(p2pllm::testing::is_plain_utf8(message));
  }
  const auto paired = parse_json(R"(["\ud83d\ude00", "é", "\u0000"])", "f");
  REQUIRE(paired.has_value());
  CHECK(*(*paired->as_array())[0].as_string() == "\xf0\x9f\x98\x80");
  CHECK(*(*paired->as_array())[2].as_string() == "\0"s);
}

TEST_CASE("a NUL byte is called so, wherever it stands", "[FORMAT-1][FORMAT-6]") {
  const struct {
    std::string text;
    const char* place;
  } cases[] = {{"\0"s, "line 1, column 1"},         {"[1,\0 2]"s, "line 1, column 4"},
               {"[1\0]"s, "line 1, column 3"},      {"{\n\"a\"\0:1}"s, "line 2, column 4"},
               {"[tr\0ue]"s, "line 1, column 4"},   {"[\"a\0b\"]"s, "line 1, column 4"},
               {"[1]\n\n \0"s, "line 3, column 2"}, {"[1]\0[2]"s, "line 1, column 4"},
               {"{\0\"\0a\0"s, "line 1, column 2"}};
  for (const auto& [text, place] : cases)
    CHECK(error_of(text) == "f: "s + place + ": malformed JSON: a NUL byte: a document is text");
  CHECK(error_of("[1,]\0"s).find("NUL") == std::string::npos);  // an error before the NUL byte comes first
  CHECK(error_of("[1,").find("unexpected end of input") != std::string::npos);
}

TEST_CASE("a byte order mark is skipped, white space surrounds, nothing else follows", "[FORMAT-1]") {
  CHECK(parse_json("\xef\xbb\xbf[1]", "f").has_value());
  CHECK(parse_json(" \t\r\n[1]\r\n ", "f").has_value());
  CHECK_FALSE(parse_json("\xef\xbb[1]", "f").has_value());
  CHECK_FALSE(parse_json("[1]\f", "f").has_value());
}

TEST_CASE("an object's keys are distinct, at every depth", "[FORMAT-1]") {
  CHECK(error_of(R"({"a":1,"b":2,"a":3})") == R"(f: /b: "a": an object's keys must be distinct)");
  CHECK(error_of(R"({"x":[{"a":1,"a":1}]})") == R"(f: /x/0/a: "a": an object's keys must be distinct)");
  CHECK(error_of(R"({"a":1,"\u0061":2})") == R"(f: /a: "a": an object's keys must be distinct)");
  CHECK(error_of(R"({"":1,"":2})") == R"(f: /: "": an object's keys must be distinct)");
  CHECK(parse_json(R"([{"a":1},{"a":1},{"b":{"a":1},"a":2}])", "f").has_value());
}

TEST_CASE("containers nest 16 deep and not 17", "[FORMAT-1]") {
  CHECK(parse_json(nested(16), "f").has_value());
  const std::string zeros = "/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0";
  CHECK(error_of(nested(17)) == "f: " + zeros + ": [: nesting may be at most 16 levels deep");
  CHECK(error_of(nested(100000)) == "f: " + zeros + ": [: nesting may be at most 16 levels deep");
  CHECK(error_of(std::string(1000000, '[')) == "f: " + zeros + ": [: nesting may be at most 16 levels deep");
  std::string objects;
  for (int i = 0; i < 16; ++i) objects += "{\"a\":";
  CHECK(parse_json(objects + "1" + std::string(16, '}'), "f").has_value());
  const std::string message = error_of(objects + "{\"a\":1}" + std::string(16, '}'));
  CHECK(message == "f: /a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a: {: nesting may be at most 16 levels deep");
}

TEST_CASE("a number keeps its text: no double rounds it", "[FORMAT-1][FORMAT-2]") {
  for (const char* text : {"0.40", "1e2", "1E+2", "0.1000000000000000055511151231257827", "1e-5000",
                           "123456789012345678901234567890", "1.7976931348623157e309", "4.9e-324", "-0.0", "1e300"}) {
    CAPTURE(text);
    CHECK(kept(text) == text);
  }
  CHECK(kept("-0") == "0");
  CHECK(kept("18446744073709551615") == "18446744073709551615");
  CHECK(kept("18446744073709551616") == "18446744073709551616");
  CHECK(kept("-9223372036854775808") == "-9223372036854775808");
  CHECK(kept("-9223372036854775809") == "-9223372036854775809");
  const std::string digits(400, '7');
  CHECK(kept(digits) == digits);
  CHECK(kept("-" + digits) == "-" + digits);
}

TEST_CASE("a number beyond every machine format is refused by our limits, not by the library's", "[FORMAT-2]") {
  CHECK(error_of("[0, 1e5000]") == "f: /1: 1e5000: a decimal exponent must lie in -300 .. 300");
  CHECK(error_of("{\"a\":-1e99999999999}") == "f: /a: -1e99999999999: a decimal exponent must lie in -300 .. 300");
  const std::string digits(6000, '9');
  CHECK(error_of("[" + digits + "]") ==
        "f: /0: " + std::string(40, '9') + "...: a number may have at most 1000 digits");
}

TEST_CASE("every truncation of a valid document is an error, and no crash", "[FORMAT-1]") {
  const std::string text =
      R"({"format": "p2pllm-network/1", "model": {"name": "m\u00e9\ud83d\ude00", "layers": 2, "blocks": [[0, 1], [1, 2]]},)"
      "\n"
      R"( "alpha": 0.5e-1, "t": true, "f": false, "n": null, "x": -12.75E+2, "nodes": [{"id": "a\\\"b", "cost": "1/3"}]})";
  REQUIRE(parse_json(text, "f").has_value());
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    const auto document = parse_json(text.substr(0, size), "f");
    REQUIRE_FALSE(document.has_value());
    REQUIRE(document.error().message().find("malformed JSON") != std::string::npos);
  }
}

TEST_CASE("any byte in any place of a document is read or refused, and no crash", "[FORMAT-1]") {
  const std::string text = R"({"a":[1,-2.5e3,"x\n",true,null],"b":{}})";
  for (std::size_t place = 0; place < text.size(); ++place)
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[place] = static_cast<char>(byte);
      const auto document = parse_json(changed, "f");
      if (!document) {
        REQUIRE(starts_with(document.error().message(), "f: "));
        REQUIRE(document.error().message().find('\n') == std::string::npos);
      }
    }
}

TEST_CASE("a written document reads back the same", "[FORMAT-7]") {
  const Json document = Json::Object{{"text", "a\"b\\c\n\xc3\xa9"},
                                     {"number", Json::Number{"1.50"}},
                                     {"list", Json::Array{Json::integer(-3), Json(), true, Json(Json::Array{})}},
                                     {"", Json::Object{}}};
  const std::string text = write_json(document);
  const auto again = parse_json(text, "f");
  REQUIRE(again.has_value());
  CHECK(write_json(*again) == text);
  CHECK(again->find("number")->as_number()->text == "1.50");
  CHECK(*again->find("text")->as_string() == "a\"b\\c\n\xc3\xa9");
  CHECK(again->find("absent") == nullptr);
  CHECK(Json("text").find("text") == nullptr);
}

TEST_CASE("a key with a slash or a tilde is escaped in its pointer", "[FORMAT-6]") {
  CHECK(error_of(R"({"a/b~c":1,"a/b~c":1})") == R"(f: /a~1b~0c: "a/b~c": an object's keys must be distinct)");
}

TEST_CASE("a document over its size limit is refused before it is parsed", "[FORMAT-1]") {
  const auto read = [](const JsonCursor& root) { return root.size(); };
  CHECK(p2pllm::read_document("[1,2]", "f", 5, read).value() == 2);
  const auto refused = p2pllm::read_document("[1,2] ", "f", 5, read);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message() == "f: /: 6 bytes: at most 5 are allowed");
}

TEST_CASE("a cursor names the place of what it refuses", "[FORMAT-6]") {
  const auto message = [](const std::string& text, const auto& read) {
    const auto result = p2pllm::read_document(text, "f", 1000, [&read](const JsonCursor& root) {
      read(root);
      return 0;
    });
    return result ? "accepted"s : result.error().message();
  };
  const auto rational_at_a1 = [](const JsonCursor& root) {
    const JsonCursor list = root.member("a");
    static_cast<void>(list.item(1).rational());
  };
  CHECK(message(R"({"a":[1,"2/3"]})", rational_at_a1) == "accepted");
  CHECK(message(R"({"a":[1,true]})", rational_at_a1) == "f: /a/1: true: a number is expected here");
  CHECK(message(R"({"a":[1,null]})", rational_at_a1) == "f: /a/1: null: a number is expected here");
  CHECK(message(R"({"a":[1,{"b":1}]})", rational_at_a1) == "f: /a/1: object: a number is expected here");
  CHECK(message(R"({"a":[1,[1,2]]})", rational_at_a1) == "f: /a/1: array of 2: a number is expected here");
  CHECK(message(R"({})", rational_at_a1) == "f: /: object: the key \"a\" is required here");
  CHECK(message(R"([])", [](const JsonCursor& root) { root.require_object({"a"}); }) ==
        "f: /: array of 0: an object is expected here");
  CHECK(message(R"({"z":0})", [](const JsonCursor& root) {
          root.require_object({"a", "b"});
        }) == "f: /z: 0: unknown key; known here: a, b");
  CHECK(message(R"("x")", [](const JsonCursor& root) { static_cast<void>(root.items()); }) ==
        "f: /: \"x\": an array is expected here");
  CHECK(message(R"(1.5)", [](const JsonCursor& root) { static_cast<void>(root.string()); }) ==
        "f: /: 1.5: a string is expected here");
  const auto small_integer = [](const JsonCursor& root) { static_cast<void>(root.integer(0, 9, "must be a digit")); };
  for (const char* good : {"0", "9", "\"9\"", "3.0", "\"6/2\"", "9e0"})
    CHECK(message(good, small_integer) == "accepted");
  for (const char* bad : {"10", "-1", "1.5", "1e300"})
    CHECK(message(bad, small_integer) == "f: /: "s + bad + ": must be a digit");
}
