#include "model/simulation/draws.hpp"

#include <algorithm>
#include <utility>

#include "model/numbers/interval.hpp"

namespace p2pllm {
namespace {

constexpr long draw_bits = 64;

mpz_class integer_of(std::uint64_t value) {
  mpz_class result;
  mpz_import(result.get_mpz_t(), 1, 1, sizeof value, 0, 0, &value);
  return result;
}

}  // namespace

Rational uniform_of(std::uint64_t bits) {
  return Rational(integer_of(bits) * 2 + 1) * Rational::power_of_two(-draw_bits - 1);
}

std::uint64_t index_below(std::uint64_t n, std::uint64_t bits) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(Wide{bits} * n >> draw_bits);
}

bool happens(const Rational& probability, std::uint64_t bits) { return uniform_of(bits) < probability; }

std::int64_t exponential_ticks(std::uint64_t bits, const Rational& mean) {
  // The logarithm of a rational number other than 1 is irrational, so some precision decides.
  constexpr long first_precision = 128;
  for (long precision = first_precision;; precision *= 2) {
    const Interval time = -log(Interval(uniform_of(bits), precision)) * Interval(mean, precision);
    const mpz_class least = -floor(-*time.lower());
    if (least == -floor(-*time.upper())) return least.get_si();
  }
}

std::vector<std::size_t> random_order(const Draws& draws, std::uint64_t step, std::span<const std::size_t> nodes) {
  std::vector<std::pair<std::uint64_t, std::size_t>> keyed;
  keyed.reserve(nodes.size());
  for (const std::size_t node : nodes)
    keyed.emplace_back(draws.bits(Stream::migration_order, step, static_cast<std::uint32_t>(node)), node);
  std::ranges::sort(keyed);
  std::vector<std::size_t> order(keyed.size());
  std::ranges::transform(keyed, order.begin(), [](const auto& one) { return one.second; });
  return order;
}

}  // namespace p2pllm
