#include "model/simulation/run_state.hpp"

#include <algorithm>

#include "model/assert.hpp"

namespace p2pllm {
namespace {

constexpr std::size_t word_bytes = 8;
constexpr unsigned byte_bits = 8;

/// The bytes of an integer's absolute value, the greatest place first.
Bytes bytes_of(const mpz_class& value) {
  Bytes bytes((mpz_sizeinbase(value.get_mpz_t(), 2) + byte_bits - 1) / byte_bits);
  std::size_t count = 0;
  mpz_export(bytes.data(), &count, 1, 1, 1, 0, value.get_mpz_t());
  bytes.resize(count);
  return bytes;
}

}  // namespace

void StateWriter::put_word(std::uint64_t word) {
  for (std::size_t k = 0; k < word_bytes; ++k) bytes_.push_back(static_cast<std::uint8_t>(word >> byte_bits * k));
}

void StateWriter::put(const Rational& value) {
  for (const mpz_class& part : {value.numerator(), value.denominator()}) {
    const Bytes bytes = bytes_of(part);
    put(sgn(part) < 0);
    put(bytes.size());
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
}

void StateWriter::put(const Interval& value) {
  const auto lower = value.lower(), upper = value.upper();
  P2PLLM_ASSERT(lower.has_value() && upper.has_value());  // the radius of a run that goes on is within its tolerance
  put(value.bits());
  put(*lower);
  put(*upper);
}

std::uint64_t StateReader::next_word() {
  require(bytes_.size() - offset_ >= word_bytes);
  if (fails_) return 0;
  std::uint64_t word = 0;
  for (std::size_t k = 0; k < word_bytes; ++k) word |= std::uint64_t{bytes_[offset_++]} << byte_bits * k;
  return word;
}

std::size_t StateReader::next_count() {
  const std::uint64_t count = next_word();
  require(count <= bytes_.size() - offset_);
  return fails_ ? 0 : count;
}

void StateReader::get(Hash& value) {
  require(bytes_.size() - offset_ >= value.size());
  if (fails_) return;
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset_), value.size(), value.begin());
  offset_ += value.size();
}

mpz_class StateReader::next_integer() {
  bool is_negative = false;
  get(is_negative);
  const std::size_t count = next_count();
  mpz_class value;
  mpz_import(value.get_mpz_t(), count, 1, 1, 1, 0, bytes_.data() + offset_);
  offset_ += count;
  return is_negative ? mpz_class(-value) : value;
}

void StateReader::get(Rational& value) {
  const mpz_class numerator = next_integer(), denominator = next_integer();
  require(denominator > 0);
  value = fails_ ? Rational(0) : Rational(numerator, denominator);
}

void StateReader::get(Interval& value) {
  constexpr long bits_min = 2, bits_max = 8192;
  long bits = bits_min;
  Rational lower, upper;
  (*this)(bits, lower, upper);
  require(bits >= bits_min && bits <= bits_max && lower <= upper);
  if (!fails_) value = Interval(lower, upper, bits);
}

}  // namespace p2pllm
