#include "apps/p2pllm/diff/judge.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "model/assert.hpp"
#include "model/numbers/parse.hpp"

namespace p2pllm::app {
namespace {

const std::string* text_of(const Json& value) {
  if (const auto* number = value.as_number()) return &number->text;
  return value.as_string();
}

/// 10^exponent.
Rational power_of_ten(long exponent) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(std::abs(exponent)));
  return exponent < 0 ? Rational(mpz_class(1), power) : Rational(power);
}

/// The exponent of a numeral; nothing if there is none. Those of an answer may be beyond the limit of inputs.
std::optional<long> exponent_of(const std::string& numeral) {
  constexpr long exponent_max = 100'000;
  const std::size_t at = numeral.find_first_of("eE");
  if (at == std::string::npos) return std::nullopt;
  return std::clamp(std::strtol(numeral.c_str() + at + 1, nullptr, 10), -exponent_max, exponent_max);
}

std::optional<Rational> number_of(const Json& value) {
  const std::string* text = text_of(value);
  if (text == nullptr) return std::nullopt;
  const auto exponent = exponent_of(*text);
  const auto number =
      parse_rational(exponent ? text->substr(0, text->find_first_of("eE")) : *text, evidence_digits_max);
  if (!number) return std::nullopt;
  return exponent ? *number * power_of_ten(*exponent) : *number;
}

/// Whether the members of this name are exact numbers. Ids and names may look like numbers, but are text.
bool is_exact(const std::string& key) {
  constexpr std::array<std::string_view, 6> names{"weight", "price", "time", "alpha", "epsilon", "load"};
  return std::find(names.begin(), names.end(), key) != names.end();
}

bool is_enclosure(const Json& value) { return value.find("lower") != nullptr && value.find("upper") != nullptr; }

/// Half a unit of the last digit of a numeral: how far from it a value may be of which it is the rounding.
Rational half_unit(const std::string& numeral) {
  const std::string digits = numeral.substr(0, numeral.find_first_of("eE"));
  const std::size_t point = digits.find('.');
  const long fraction = point == std::string::npos ? 0 : static_cast<long>(digits.size() - point - 1);
  return power_of_ten(exponent_of(numeral).value_or(0) - fraction) / Rational(2);
}

/// Whether `numeral`, which parses as `value`, is a rounding of a number in [lower, upper].
bool rounds(const std::string& numeral, const Rational& value, const Rational& lower, const Rational& upper,
            const std::optional<long>& bits) {
  const Rational allowed = bits ? abs(value) * Rational::power_of_two(-*bits)
                                : (numeral.find('/') == std::string::npos ? half_unit(numeral) : Rational(0));
  return lower - allowed <= value && value <= upper + allowed;
}

constexpr std::string_view rounded_suffix = "_decimal";

/// A text whose end is left out if it is long; characters stay whole.
std::string cut(const std::string& text, std::size_t length_max) {
  if (text.size() <= length_max) return text;
  const auto continues = [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; };
  std::size_t end = length_max;
  while (end > 0 && continues(text[end])) --end;
  return text.substr(0, end) + "...";
}

/// The two ends of an enclosure, or the one number that it is.
std::string shown_enclosure(const std::string& lower, const std::string& upper) {
  constexpr std::size_t length_max = 40;
  return lower == upper ? cut(lower, length_max) : cut(lower, length_max) + " .. " + cut(upper, length_max);
}

}  // namespace

std::string shown_value(const Json& value) {
  constexpr std::size_t length_max = 60;
  return cut(write_json_line(value), length_max);  // JSON escapes what a terminal must not get
}

std::optional<Difference> Judge::compare(const Json& expected, const Json& given) {
  bits_.reset();
  if (const Json* bits = given.find("bits"))
    if (const auto value = number_of(*bits); value && value->is_integer() && abs(*value) < Rational(100'000))
      bits_ = value->numerator().get_si();
  return compare_at({"", ""}, expected, given);
}

Judge::Found Judge::compare_at(const Place& place, const Json& expected, const Json& given) {
  if (is_enclosure(expected)) return compare_enclosures(place, expected, given);
  if (expected.as_object() != nullptr) {
    if (place.key == "witness" && given.as_object() != nullptr) return ++decisions_, std::nullopt;
    return compare_objects(place, expected, given);
  }
  if (const auto* array = expected.as_array()) return compare_arrays(place, *array, given);
  return compare_leaves(place, expected, given);
}

Judge::Found Judge::compare_objects(const Place& place, const Json& expected, const Json& given) {
  if (given.as_object() == nullptr) {
    ++decisions_;
    return Difference{place.pointer, shown_value(given), "an object"};
  }
  for (const auto& [key, value] : *expected.as_object()) {
    const Json* other = given.find(key);
    if (other == nullptr || key == "engine" || key == "bits") continue;
    const Place inner{place.pointer + "/" + key, key};
    const bool is_rounded = key.ends_with(rounded_suffix);
    const Json* exact = is_rounded ? expected.find(key.substr(0, key.size() - rounded_suffix.size())) : nullptr;
    const auto difference = exact != nullptr && number_of(*exact)
                                ? compare_enclosures(inner, Json::Object{{"lower", *exact}, {"upper", *exact}}, *other)
                                : compare_at(inner, value, *other);
    if (difference) return difference;
  }
  return std::nullopt;
}

Judge::Found Judge::compare_arrays(const Place& place, const Json::Array& expected, const Json& given) {
  const Json::Array* other = given.as_array();
  if (other == nullptr || other->size() != expected.size()) {
    ++decisions_;
    return Difference{place.pointer, shown_value(given),
                      expected.size() < 4 ? shown_value(expected) : std::to_string(expected.size()) + " entries"};
  }
  for (std::size_t k = 0; k < expected.size(); ++k)
    if (auto difference = compare_at({place.pointer + "/" + std::to_string(k), place.key}, expected[k], (*other)[k]))
      return difference;
  return std::nullopt;
}

Judge::Found Judge::compare_enclosures(const Place& place, const Json& expected, const Json& given) {
  ++decisions_;
  const Json& lower_end = *expected.find("lower");
  const Json& upper_end = *expected.find("upper");
  const auto lower = number_of(lower_end);
  const auto upper = number_of(upper_end);
  P2PLLM_ASSERT(lower && upper);
  const Difference difference{place.pointer, shown_value(given),
                              shown_enclosure(*text_of(lower_end), *text_of(upper_end))};
  if (is_enclosure(given)) {
    const auto other_lower = number_of(*given.find("lower"));
    const auto other_upper = number_of(*given.find("upper"));
    const bool shares =
        other_lower && other_upper && *other_lower <= *other_upper && *other_lower <= upper && *lower <= *other_upper;
    return shares ? Found() : difference;
  }
  const auto value = number_of(given);
  return value && rounds(*text_of(given), *value, *lower, *upper, bits_) ? Found() : difference;
}

Judge::Found Judge::compare_leaves(const Place& place, const Json& expected, const Json& given) {
  ++decisions_;
  const Difference difference{place.pointer, shown_value(given), shown_value(expected)};
  const auto exact = is_exact(place.key) ? number_of(expected) : std::nullopt;
  if (exact) {
    const auto value = number_of(given);
    return value && *value == *exact ? Found() : difference;
  }
  const bool is_number = expected.as_number() != nullptr && given.as_number() != nullptr;
  const bool equal =
      is_number ? number_of(expected) == number_of(given) : write_json_line(expected) == write_json_line(given);
  return equal ? Found() : difference;
}

}  // namespace p2pllm::app
