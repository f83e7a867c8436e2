#include <catch2/catch.hpp>
#include <string>

#include "model/encoding/escape.hpp"
#include "model/encoding/json.hpp"
#include "tests/unit/text_oracle.hpp"

using namespace p2pllm;
using testing::is_plain_utf8;
using testing::told;
using testing::utf8;
using testing::without_entities;
using std::string_literals::operator""s;

TEST_CASE("every code point is fit for a terminal and can be told", "[FORMAT-8]") {
  std::size_t raw = 0;
  for (char32_t code = 0; code <= 0x10FFFF; ++code) {
    const std::string text = "a" + utf8(code) + "b";
    const std::string shown = for_terminal(text);
    if (!is_plain_utf8(shown) || told(shown) != text) FAIL("U+" << std::hex << static_cast<unsigned>(code) << shown);
    raw += shown == text ? 1 : 0;
  }
  CHECK(raw > 140'000);  // the letters of all scripts are among them
}

TEST_CASE("every code point leaves a picture well-formed", "[FORMAT-8]") {
  for (char32_t code = 0; code <= 0x10FFFF; ++code) {
    const std::string text = "a" + utf8(code) + "b";
    const auto shown = without_entities(for_xml(text));
    if (!shown || shown != for_terminal(text)) FAIL("U+" << std::hex << static_cast<unsigned>(code));
    if (!is_plain_utf8(*shown) || shown->find("\xef\xbf\xbe") != std::string::npos)
      FAIL("U+" << std::hex << static_cast<unsigned>(code));
  }
}

TEST_CASE("every code point is the same string to a reader of JSON, and hidden characters are escaped", "[FORMAT-8]") {
  for (char32_t code = 0; code <= 0x10FFFF; ++code) {
    const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (is_surrogate) continue;  // no Json holds one: the writer puts U+FFFD in its place
    const std::string text = "a" + utf8(code) + "b";
    const std::string written = write_json_line(Json(text));
    const auto again = parse_json(written, "f");
    const bool is_raw = written.find(text) != std::string::npos;
    const bool is_quoted = code == '"' || code == '\\';
    if (!again || *again->as_string() != text || !is_plain_utf8(written) ||
        (!is_quoted && is_raw != (for_terminal(text) == text)))
      FAIL("U+" << std::hex << static_cast<unsigned>(code) << " " << written);
  }
}

TEST_CASE("hidden characters are shown by their number, backslashes twice, bytes that are not UTF-8", "[FORMAT-8]") {
  const struct {
    std::string text, shown;
  } cases[] = {{"ann", "ann"},
               {"a b", "a b"},
               {"a\\u202eb", "a\\\\u202eb"},
               {"a\u202eb", "a\\u202eb"},
               {"\n\x1b[2J\x7f", "\\u000a\\u001b[2J\\u007f"},
               {"\0"s, "\\u0000"},
               {"\u0085\u2028\u2029", "\\u0085\\u2028\\u2029"},
               {"\u00a0\u3000\u200b\ufeff\u00ad", "\\u00a0\\u3000\\u200b\\ufeff\\u00ad"},
               {"\u2066\u2069\u061c", "\\u2066\\u2069\\u061c"},
               {"\u3164\u115f\ufe0f\u2800", "\\u3164\\u115f\\ufe0f\\u2800"},
               {"\ue000\ufdd0\ufffe", "\\ue000\\ufdd0\\ufffe"},
               {"\U000e0041\U000e0100\U000f0000\U0010ffff", "\\U000e0041\\U000e0100\\U000f0000\\U0010ffff"},
               {"\u00e9\u0416\u4eac\u05d0\U0001f600", "\u00e9\u0416\u4eac\u05d0\U0001f600"},
               {"\xff\xc3", "\\xff\\xc3"},
               {"\xc0\x80", "\\xc0\\x80"},
               {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
               {"\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf"},
               {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
               {"\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"},
               {"\xe2\x82", "\\xe2\\x82"},
               {"\xc3\xa9\xa9", "\u00e9\\xa9"}};
  for (const auto& [text, shown] : cases) CHECK(for_terminal(text) == shown);
}

TEST_CASE("no two texts are shown alike", "[FORMAT-8]") {
  CHECK(for_terminal("\\x41") != for_terminal("A"));
  CHECK(for_terminal("\\u202e") != for_terminal("\u202e"));
  CHECK(for_terminal("\\xe2\\x80\\xae") != for_terminal("\u202e"));
  CHECK(for_terminal("\xe2\x80") != for_terminal("\\xe2\\x80"));
}

TEST_CASE("the text of a picture has XML's entities", "[FORMAT-8]") {
  CHECK(for_xml("a < b > c & \"d\" 'e'") == "a &lt; b &gt; c &amp; &quot;d&quot; 'e'");
  CHECK(for_xml("&lt;\x1b\\") == "&amp;lt;\\u001b\\\\");
}

TEST_CASE("hidden characters beyond the first plane are pairs of surrogates in JSON", "[FORMAT-8][FORMAT-7]") {
  CHECK(write_json_line(Json("\U000e0041\u202e\u00e9\x7f\\")) == R"("\udb40\udc41\u202eé\u007f\\")");
  CHECK(write_json(Json(Json::Object{{"a\u200b", Json("\xff")}})) == "{\n  \"a\\u200b\": \"\xef\xbf\xbd\"\n}\n");
}

TEST_CASE("a value in an error line is of one line and of at most 40 characters", "[FORMAT-6]") {
  CHECK(printable("plain") == "plain");
  CHECK(printable("a\n\x1b[31m\x7f\xc3\xa9") == "a\\u000a\\u001b[31m\\u007f\xc3\xa9");
  CHECK(printable(std::string(40, 'x')) == std::string(40, 'x'));
  CHECK(printable(std::string(41, 'x')) == std::string(40, 'x') + "...");
  std::string umlauts, zeros;
  for (int k = 0; k < 40; ++k) {
    umlauts += "\u00e4";
    zeros += "\\u0000";
  }
  CHECK(printable(umlauts) == umlauts);
  CHECK(printable(umlauts + "\u00e4") == umlauts + "...");
  CHECK(printable(std::string(41, '\0')) == zeros + "...");
  CHECK(printable("abc", 2) == "ab...");
}
