#include "model/numbers/parse.hpp"

#include <algorithm>
#include <string>

namespace p2pllm {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads a text from the left, one part of the grammar at a time.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view take_digits() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_digit);
    const std::string_view digits = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(digits.size());
    return digits;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

tl::unexpected<Fault> not_a_number() {
  return bad_input("a number must be a decimal such as 0.40 or a ratio of integers such as 1/3");
}

/// @param digits  at most number_digits_max decimal digits, at least one
mpz_class integer(std::string_view digits) { return mpz_class(std::string(digits), 10); }

mpz_class power_of_ten(long exponent) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(exponent));
  return power;
}

/// Decimals of so many digits, and as many behind the point, need no integers of many words.
constexpr std::size_t short_digits_max = 18;

/// @param digits  at most `short_digits_max`
long append_digits(long value, std::string_view digits) {
  for (const char digit : digits) value = 10 * value + (digit - '0');
  return value;
}

bool has_leading_zero(std::string_view digits) { return digits.size() > 1 && digits.front() == '0'; }

}  // namespace

Result<Rational> parse_rational(std::string_view text, int digits_max) {
  if (text == "NaN" || text == "nan" || text == "Infinity" || text == "-Infinity" || text == "inf" || text == "-inf")
    return bad_input("a number must be finite");
  Scanner scan(text);
  const bool negative = scan.take('-');
  const std::string_view whole = scan.take_digits();
  if (whole.empty() || has_leading_zero(whole)) return not_a_number();
  const auto too_long = [digits_max](std::size_t digits) { return digits > static_cast<std::size_t>(digits_max); };
  const auto too_many_digits = [digits_max] {
    return bad_input("a number may have at most " + std::to_string(digits_max) + " digits");
  };
  const auto signed_value = [negative](const Rational& magnitude) { return negative ? -magnitude : magnitude; };

  if (scan.take('/')) {
    const std::string_view below = scan.take_digits();
    if (below.empty() || !scan.at_end()) return not_a_number();
    if (too_long(whole.size() + below.size())) return too_many_digits();
    const mpz_class denominator = integer(below);
    if (denominator == 0) return bad_input("a denominator must not be 0");
    return signed_value(Rational(integer(whole), denominator));
  }

  std::string_view fraction;
  if (scan.take('.')) {
    fraction = scan.take_digits();
    if (fraction.empty()) return not_a_number();
  }
  long exponent = 0;
  if (scan.take('e') || scan.take('E')) {
    const bool below_one = scan.take('-');
    if (!below_one) static_cast<void>(scan.take('+'));
    std::string_view digits = scan.take_digits();
    if (digits.empty() || !scan.at_end()) return not_a_number();
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.size() > 3 || (!digits.empty() && std::stol(std::string(digits)) > number_exponent_max))
      return bad_input("a decimal exponent must lie in -300 .. 300");
    if (!digits.empty()) exponent = std::stol(std::string(digits)) * (below_one ? -1 : 1);
  }
  if (!scan.at_end()) return not_a_number();
  if (too_long(whole.size() + fraction.size())) return too_many_digits();
  exponent -= static_cast<long>(fraction.size());
  if (whole.size() + fraction.size() <= short_digits_max && exponent <= 0 &&
      exponent >= -static_cast<long>(short_digits_max)) {
    const long magnitude = append_digits(append_digits(0, whole), fraction);
    const long value = negative ? -magnitude : magnitude;
    if (exponent == 0) return Rational(value);
    long power = 1;
    for (long k = exponent; k < 0; ++k) power *= 10;
    return Rational(value, power);
  }
  const mpz_class mantissa = integer(std::string(whole) + std::string(fraction));
  if (exponent >= 0) return signed_value(Rational(mpz_class(mantissa * power_of_ten(exponent))));
  return signed_value(Rational(mantissa, power_of_ten(-exponent)));
}

}  // namespace p2pllm
