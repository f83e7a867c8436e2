#include "model/encoding/escape.hpp"
#include "model/encoding/json.hpp"
#include "properties/generators/network.hpp"
#include "properties/property.hpp"
#include "tests/unit/text_oracle.hpp"

namespace p2pllm::properties {
namespace {

using testing::is_plain_utf8;
using testing::told;
using testing::utf8;
using testing::without_entities;

/// Characters of all planes, pieces of escapes and entities, and bytes that form no characters.
std::string draw_text() {
  std::string text;
  for (auto left = draw_integer(0, 30); left > 0; --left) switch (draw_integer(0, 4)) {
      case 0: text += static_cast<char>(draw_integer(0, 255)); break;
      case 1: text += utf8(static_cast<char32_t>(draw_integer(0, 0x10FFFF))); break;
      case 2: text += utf8(static_cast<char32_t>(draw_integer(0, 0x3FFF))); break;
      case 3:
        text += draw_one_of<const char*>(
            {"\\", "\\u", "\\x", "\\U", "202e", "41", "&", "&lt;", ";", "<", "]]>", "\"", "\u202e", "\n", "\u200b"});
        break;
      default: text += static_cast<char>(draw_integer(' ', '~'));
    }
  return text;
}

PROPERTY("text of any bytes is one line of a terminal, from which it can be told", "[FORMAT-8]", 20000) {
  const std::string text = draw_text(), shown = for_terminal(text);
  expect(is_plain_utf8(shown), "no control and no broken character is shown: " + shown);
  expect(told(shown) == text, "the text can be told: " + shown);
  reach("a byte that is no character", shown.find("\\x") != std::string::npos);
  reach("a hidden character beyond the first plane", shown.find("\\U000") != std::string::npos);
  reach("nothing to escape", !text.empty() && shown == text);
}

PROPERTY("text of any bytes is well-formed in a picture", "[FORMAT-8]", 20000) {
  const std::string text = draw_text();
  const auto shown = without_entities(for_xml(text));
  expect(shown.has_value(), "the entities are XML's");
  expect(*shown == for_terminal(text), "it says what a terminal shows");
  reach("an entity", shown != for_xml(text));
  note("nothing to escape", text == for_xml(text));
}

PROPERTY("JSON that is written hides nothing and is read back", "[FORMAT-8][FORMAT-7]", 20000) {
  const std::string text = draw_text(), written = write_json_line(Json(text));
  const auto again = parse_json(written, "f");
  expect(again.has_value(), "it is JSON: " + written);
  expect(is_plain_utf8(written), "no control and no broken character is written: " + written);
  const bool is_utf8 = for_terminal(text).find("\\x") == std::string::npos;
  if (is_utf8) expect(*again->as_string() == text, "it is the same string: " + written);
  reach("a string that is not UTF-8", !is_utf8);
  reach("a pair of surrogates", is_utf8 && written.find("\\udb") != std::string::npos);
}

PROPERTY("a value in an error line is one line of bounded length", "[FORMAT-6]", 20000) {
  const std::string text = draw_text(), shown = printable(text, 20);
  expect(is_plain_utf8(shown), "no control and no broken character is shown: " + shown);
  expect(shown.size() <= 20 * 10 + 3, "it is short: " + shown);
  const std::string whole = for_terminal(text);
  const bool is_cut = shown != whole;
  if (is_cut) {
    expect(shown.ends_with("..."), "what is cut says so");
    expect(whole.starts_with(shown.substr(0, shown.size() - 3)), "the beginning is shown");
  }
  reach("a value cut", is_cut);
  reach("a value in full", !is_cut);
}

}  // namespace
}  // namespace p2pllm::properties
