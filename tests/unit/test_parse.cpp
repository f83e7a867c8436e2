#include <catch2/catch.hpp>
#include <string>

#include "model/numbers/parse.hpp"

using p2pllm::parse_rational;
using p2pllm::Rational;
using std::string_literals::operator""s;

namespace {

constexpr const char* not_a_number = "a number must be a decimal such as 0.40 or a ratio of integers such as 1/3";
constexpr const char* not_finite = "a number must be finite";
constexpr const char* exponent_limit = "a decimal exponent must lie in -300 .. 300";
constexpr const char* digits_limit = "a number may have at most 1000 digits";
constexpr const char* zero_denominator = "a denominator must not be 0";

std::string value_of(const std::string& text) {
  const auto value = parse_rational(text);
  return value ? to_string(*value) : "error: " + value.error().message();
}

std::string message_of(const std::string& text) {
  const auto value = parse_rational(text);
  return value ? "value: " + to_string(*value) : value.error().message();
}

std::string zeros(std::size_t count) { return std::string(count, '0'); }

}  // namespace

TEST_CASE("a number's text means exactly that rational", "[FORMAT-2]") {
  const struct {
    const char* text;
    const char* value;
  } cases[] = {
      {"0", "0"},
      {"-0", "0"},
      {"7", "7"},
      {"-7", "-7"},
      {"0.40", "2/5"},
      {"0.4", "2/5"},
      {"-0.4", "-2/5"},
      {"0.0", "0"},
      {"12.5", "25/2"},
      {"1e2", "100"},
      {"1E2", "100"},
      {"1e+2", "100"},
      {"1e-2", "1/100"},
      {"-2e-3", "-1/500"},
      {"1.5e1", "15"},
      {"1.25e-1", "1/8"},
      {"1e0", "1"},
      {"1e00", "1"},
      {"1e007", "10000000"},
      {"1e-000", "1"},
      {"1/3", "1/3"},
      {"-1/3", "-1/3"},
      {"2/6", "1/3"},
      {"6/2", "3"},
      {"0/5", "0"},
      {"-0/5", "0"},
      {"10/4", "5/2"},
      {"0e5", "0"},
      {"0.10", "1/10"},
      {"1/03", "1/3"},
      {"100000000000000000000000000000000000001", "100000000000000000000000000000000000001"},
      {"0.1000000000000000055511151231257827",
       "1000000000000000055511151231257827/10000000000000000000000000000000000"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(value_of(c.text) == c.value);
  }
}

TEST_CASE("short decimals and long ones mean the same, on both sides of a word", "[FORMAT-2]") {
  CHECK(value_of("999999999999999999") == "999999999999999999");
  CHECK(value_of("-999999999999999999") == "-999999999999999999");
  CHECK(value_of("9999999999999999999") == "9999999999999999999");
  CHECK(value_of("0.99999999999999999") == "99999999999999999/100000000000000000");
  CHECK(value_of("0.999999999999999999") == "999999999999999999/1000000000000000000");
  CHECK(value_of("9e-18") == "9/1000000000000000000");
  CHECK(value_of("9e-19") == "9/10000000000000000000");
  CHECK(value_of("9e-20") == "9/100000000000000000000");
  CHECK(value_of("1.5e1") == "15");
  CHECK(value_of("1.5e2") == "150");
  CHECK(value_of("-0.25e1") == "-5/2");
}

TEST_CASE("what the grammar does not produce is refused, with the rule and without the text", "[FORMAT-2]") {
  const std::string refused[] = {
      "",      " ",   "x",         "+1",   "--1",   "-",     ".5",      "5.",     "-.5",   "1.e5",  "1e",
      "1e+",   "1e-", "e5",        "01",   "00",    "-01",   "01.5",    "01/2",   "1 ",    " 1",    "1 /2",
      "1/ 2",  "1/",  "/2",        "1/-2", "1/+2",  "1/2/3", "1/2.0",   "1.0/2",  "1e2/3", "1/2e3", "0x10",
      "1_000", "1,5", "1e1.5",     "1ee5", "1e5e5", "0b1",   "1f",      "1L",     "true",  "null",  "\xd9\xa1",
      "1\n",   "\t1", "1"s + '\0', "\0"s,  "1-",    "1.2.3", "infinit", "nan(1)",
  };
  for (const std::string& text : refused) {
    CAPTURE(text);
    CHECK(message_of(text) == not_a_number);
  }
}

TEST_CASE("NaN and the infinities are refused by name", "[FORMAT-2]") {
  for (const char* text : {"NaN", "nan", "Infinity", "-Infinity", "inf", "-inf"}) {
    CAPTURE(text);
    CHECK(message_of(text) == not_finite);
  }
}

TEST_CASE("a denominator is not zero", "[FORMAT-2]") {
  for (const char* text : {"1/0", "0/0", "-1/0", "1/000"}) {
    CAPTURE(text);
    CHECK(message_of(text) == zero_denominator);
  }
}

TEST_CASE("the exponent lies in -300 .. 300, however it is written", "[FORMAT-2]") {
  CHECK(value_of("1e300") == "1" + zeros(300));
  CHECK(value_of("1e-300") == "1/1" + zeros(300));
  CHECK(value_of("1e+0000000300") == "1" + zeros(300));
  CHECK(value_of("0e300") == "0");
  for (const std::string& text : {"1e301"s, "1e-301"s, "0e301"s, "1e999"s, "1e1000"s, "1e-99999999999999999999"s,
                                  "1e" + std::string(5000, '9')}) {
    CAPTURE(text);
    CHECK(message_of(text) == exponent_limit);
  }
}

TEST_CASE("a mantissa has at most 1000 digits", "[FORMAT-2]") {
  const std::string thousand(1000, '7');
  CHECK(value_of(thousand) == thousand);
  CHECK(message_of(thousand + "7") == digits_limit);
  CHECK(value_of("0." + zeros(998) + "1") == "1/1" + zeros(999));
  CHECK(message_of("0." + zeros(999) + "1") == digits_limit);
  CHECK(value_of(std::string(500, '1') + "." + zeros(500)) == std::string(500, '1'));
  CHECK(message_of(std::string(500, '1') + "." + zeros(501)) == digits_limit);
  CHECK(message_of("-" + thousand + "7e1") == digits_limit);
}

TEST_CASE("numerator and denominator together have at most 1000 digits", "[FORMAT-2]") {
  const std::string half(500, '3');
  CHECK(value_of(half + "/" + half) == "1");
  CHECK(message_of(half + "/" + half + "3") == digits_limit);
  CHECK(message_of(std::string(1000, '3') + "/3") == digits_limit);
}

TEST_CASE("evidence may be longer, and says its own limit", "[FORMAT-2][FORMAT-5]") {
  const std::string long_number(p2pllm::evidence_digits_max, '9');
  CHECK(parse_rational(long_number, p2pllm::evidence_digits_max).has_value());
  const auto too_long = parse_rational(long_number + "9", p2pllm::evidence_digits_max);
  REQUIRE_FALSE(too_long.has_value());
  CHECK(too_long.error().message() == "a number may have at most 100000 digits");
}

TEST_CASE("an error of a number is bad input", "[FORMAT-6]") {
  CHECK(parse_rational("x").error().kind == p2pllm::Fault::Kind::bad_input);
}
