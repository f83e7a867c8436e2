#include <catch2/catch.hpp>
#include <limits>

#include "tests/unit/cbor_value.hpp"

using namespace p2pllm;
using namespace p2pllm::testing;

namespace {

Bytes hex(std::string_view text) {
  const auto bytes = from_hex(text);
  REQUIRE(bytes.has_value());
  return *bytes;
}

std::string read(std::string_view text) {
  const auto value = decode_value(hex(text));
  return value ? diagnostic(*value)
               : std::string(reason_of(value.error().fault)) + " at " + std::to_string(value.error().offset);
}

/// The outcome of a reader that expects one shape.
template <typename Read>
std::string outcome(std::string_view text, const Read& read) {
  const auto value = decode_cbor(hex(text), read);
  return value ? "accepted"
               : std::string(reason_of(value.error().fault)) + " at " + std::to_string(value.error().offset);
}

}  // namespace

TEST_CASE("the examples of RFC 8949, appendix A, that are values", "[COMMIT-1]") {
  const struct {
    const char* encoding;
    const char* value;
  } cases[] = {
      {"00", "0"},
      {"01", "1"},
      {"0a", "10"},
      {"17", "23"},
      {"1818", "24"},
      {"1819", "25"},
      {"1864", "100"},
      {"1903e8", "1000"},
      {"1a000f4240", "1000000"},
      {"1b000000e8d4a51000", "1000000000000"},
      {"1bffffffffffffffff", "18446744073709551615"},
      {"f4", "false"},
      {"f5", "true"},
      {"f6", "null"},
      {"40", "h''"},
      {"4401020304", "h'01020304'"},
      {"60", "\"\""},
      {"6161", "\"a\""},
      {"6449455446", "\"IETF\""},
      {"62225c", "\"\\\"\\\\\""},
      {"62c3bc", "\"\u00fc\""},
      {"63e6b0b4", "\"\u6c34\""},
      {"64f0908591", "\"\U00010151\""},
      {"80", "[]"},
      {"83010203", "[1, 2, 3]"},
      {"8301820203820405", "[1, [2, 3], [4, 5]]"},
      {"98190102030405060708090a0b0c0d0e0f101112131415161718181819",
       "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]"},
  };
  for (const auto& [encoding, value] : cases) {
    INFO(encoding);
    CHECK(read(encoding) == value);
    const auto decoded = decode_value(hex(encoding));
    CHECK((decoded && to_hex(encode_value(*decoded)) == encoding));
  }
}

TEST_CASE("the other examples of RFC 8949, appendix A, are outside the subset", "[COMMIT-1]") {
  for (const char* encoding : {"c249010000000000000000",
                               "3bffffffffffffffff",
                               "c349010000000000000000",
                               "20",
                               "29",
                               "3863",
                               "3903e7",
                               "f90000",
                               "f98000",
                               "f93c00",
                               "fb3ff199999999999a",
                               "f93e00",
                               "f97bff",
                               "fa47c35000",
                               "fa7f7fffff",
                               "fb7e37e43c8800759c",
                               "f90001",
                               "f90400",
                               "f9c400",
                               "fbc010666666666666",
                               "f97c00",
                               "f97e00",
                               "f9fc00",
                               "fa7f800000",
                               "fa7fc00000",
                               "faff800000",
                               "fb7ff0000000000000",
                               "fb7ff8000000000000",
                               "fbfff0000000000000",
                               "f7",
                               "f0",
                               "f8ff",
                               "c074323031332d30332d32315432303a30343a30305a",
                               "c11a514b67b0",
                               "c1fb41d452d9ec200000",
                               "d74401020304",
                               "d818456449455446",
                               "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
                               "a0",
                               "a201020304",
                               "a26161016162820203",
                               "a56161614161626142616361436164614461656145",
                               "5f42010243030405ff",
                               "7f657374726561646d696e67ff",
                               "9fff",
                               "9f018202039f0405ffff",
                               "9f01820203820405ff",
                               "bf61610161629f0203ffff",
                               "bf6346756ef563416d7421ff"}) {
    INFO(encoding);
    CHECK(read(encoding) == "cbor.not_in_subset at 0");
  }
  CHECK(read("826161a161626163") == "cbor.not_in_subset at 3");
  CHECK(read("83018202039f0405ff") == "cbor.not_in_subset at 5");
  CHECK(read("83019f0203ff820405") == "cbor.not_in_subset at 2");
  CHECK(read("826161bf61626163ff") == "cbor.not_in_subset at 3");
}

TEST_CASE("every number near a power of two has one encoding, and no longer one is read", "[COMMIT-1]") {
  for (unsigned bits = 0; bits <= 64; ++bits) {
    for (const int off : {-1, 0, 1}) {
      const std::uint64_t number = (bits < 64 ? std::uint64_t{1} << bits : 0) + static_cast<std::uint64_t>(off);
      const Bytes encoding = CborWriter().number(number).take();
      CHECK(decode_cbor(encoding, [](CborReader& r) { return r.next_number(); }) == number);
      for (unsigned length = 1; length <= 8; length *= 2) {
        Bytes longer{static_cast<std::uint8_t>(length == 1 ? 24 : length == 2 ? 25 : length == 4 ? 26 : 27)};
        for (unsigned k = length; k-- > 0;) longer.push_back(static_cast<std::uint8_t>(number >> (8 * k)));
        const bool holds = length == 8 || number >> (8 * length) == 0;
        if (!holds || longer.size() <= encoding.size()) continue;
        const auto read = decode_value(longer);
        CHECK((!read && read.error() == CborError{CborFault::not_shortest, 0}));
      }
    }
  }
}

TEST_CASE("a value cut short anywhere is refused, and so is one with a byte more", "[COMMIT-1]") {
  const std::string whole = "86190100f58243aabbcc64c3a96162f61b00000001000000008140";
  REQUIRE(read(whole) == "[256, true, [h'aabbcc', \"\u00e9ab\"], null, 4294967296, [h'']]");
  for (std::size_t length = 0; length < whole.size(); length += 2) {
    const auto value = decode_value(hex(whole.substr(0, length)));
    INFO(length / 2);
    CHECK((!value && (value.error().fault == CborFault::truncated || value.error().fault == CborFault::too_long)));
  }
  for (const char* more : {"00", "f6", "80", "ff"})
    CHECK(read(whole + more) == "cbor.trailing at " + std::to_string(whole.size() / 2));
}

TEST_CASE("all inputs of two bytes: accepted exactly if written again they are the same", "[COMMIT-1]") {
  int accepted = 0;
  for (unsigned pair = 0; pair < 0x10000; ++pair) {
    const Bytes bytes{static_cast<std::uint8_t>(pair >> 8), static_cast<std::uint8_t>(pair & 0xff)};
    const auto value = decode_value(bytes);
    if (!value) continue;
    ++accepted;
    CHECK(encode_value(*value) == bytes);
  }
  // Integers 24 .. 255; one byte; one character; an array with one of the 24 + 3 + 3 values of one byte.
  CHECK(accepted == 232 + 256 + 128 + 30);
}

TEST_CASE("a reader that expects a shape refuses another", "[COMMIT-1]") {
  const auto pair = [](CborReader& r) {
    r.next_array(2);
    const auto number = r.next_number(1000);
    const auto id = r.next_bytes_of<2>();
    return number + id[0];
  };
  CHECK(outcome("820a42beef", pair) == "accepted");
  CHECK(outcome("8200420000", pair) == "accepted");
  CHECK(outcome("821903e8420000", pair) == "accepted");
  CHECK(outcome("821903e9420000", pair) == "cbor.wrong_value at 1");
  CHECK(outcome("820a41be", pair) == "cbor.wrong_length at 2");
  CHECK(outcome("820a43beef00", pair) == "cbor.wrong_length at 2");
  CHECK(outcome("810a", pair) == "cbor.wrong_length at 0");
  CHECK(outcome("830a42beef00", pair) == "cbor.wrong_length at 0");
  CHECK(outcome("820a62beef", pair) == "cbor.wrong_type at 2");
  CHECK(outcome("82f642beef", pair) == "cbor.wrong_type at 1");
  CHECK(outcome("0a", pair) == "cbor.wrong_type at 0");
  CHECK(outcome("820a42beefff", pair) == "cbor.trailing at 5");
  CHECK(outcome("820a42be", pair) == "cbor.too_long at 2");
  CHECK(outcome("", pair) == "cbor.truncated at 0");
  CHECK(outcome("f5", [](CborReader& r) { return r.next_boolean(); }) == "accepted");
  CHECK(outcome("f6", [](CborReader& r) { return r.next_boolean(); }) == "cbor.wrong_type at 0");
  CHECK(outcome("f4", [](CborReader& r) { return r.next_null(), 0; }) == "cbor.wrong_type at 0");
  CHECK(outcome("40", [](CborReader& r) { return r.next_text().size(); }) == "cbor.wrong_type at 0");
  CHECK(outcome("60", [](CborReader& r) { return r.next_bytes().size(); }) == "cbor.wrong_type at 0");
}

TEST_CASE("a reader that stops early, reads on or refuses accepts nothing", "[COMMIT-1]") {
  CHECK(outcome("8101", [](CborReader&) { return 0; }) == "cbor.wrong_length at 0");
  CHECK(outcome("820102", [](CborReader& r) { return r.next_array(), r.next_number(); }) == "cbor.wrong_length at 2");
  CHECK(outcome("0102", [](CborReader& r) { return r.next_number() + r.next_number(); }) == "cbor.trailing at 1");
  CHECK(outcome("820102", [](CborReader& r) {
          r.next_array(2);
          if (r.next_number() < r.next_number()) r.refuse();
          return 0;
        }) == "cbor.wrong_value at 2");
  CborReader failed(ByteView{});
  CHECK(failed.next_number() == 0);
  CHECK((failed.failed() && failed.next_array() == 0 && failed.next_text().empty() && !failed.next_boolean()));
  CHECK(failed.finish() == CborError{CborFault::truncated, 0});
  CHECK(to_string(CborError{CborFault::not_shortest, 17}) ==
        "byte 17: a number or a length must have its shortest form");
}

TEST_CASE("only UTF-8 is text", "[COMMIT-1]") {
  for (const char* good :
       {"", "00", "7f", "c280", "dfbf", "e0a080", "ed9fbf", "ee8080", "efbfbf", "f0908080", "f48fbfbf"})
    CHECK(is_utf8(hex(good)));
  for (const char* bad :
       {"80",     "bf",   "c0af",     "c1bf",     "c2",       "c241",     "e080af",     "e09fbf", "eda080", "edbfbf",
        "e28261", "e282", "f08080af", "f08fbfbf", "f4908080", "f5808080", "f888808080", "fe",     "ff",     "41ff"})
    CHECK_FALSE(is_utf8(hex(bad)));
  CHECK_THROWS_AS(CborWriter().text("\xff"), std::invalid_argument);
}

TEST_CASE("hexadecimal text is two lower-case digits a byte", "[COMMIT-1]") {
  CHECK(to_hex(Bytes{0x00, 0x9a, 0xff}) == "009aff");
  CHECK(from_hex("009aff") == Bytes{0x00, 0x9a, 0xff});
  CHECK(from_hex("") == Bytes{});
  for (const char* bad : {"0", "0A", "0g", "g0", "0x", " 0", "000"}) CHECK_FALSE(from_hex(bad).has_value());
}
