#include "model/numbers/filtered.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <stdexcept>

#include "model/numbers/interval.hpp"

using namespace p2pllm;

namespace {

const auto less = [](const auto& a, const auto& b) { return a < b; };

struct Pair {
  Rational a, b;
};
auto enclosed(const Pair& pair, long bits) {
  return [pair, bits] { return std::tuple(Interval(pair.a, bits), Interval(pair.b, bits)); };
}
auto exactly(const Pair& pair) {
  return [pair] { return std::tuple(pair.a, pair.b); };
}
std::tuple<Interval, Interval> never() { throw std::logic_error("an arithmetic is asked after one that decided"); }

const Rational third(1, 3);
const Pair apart{1, 2};
const Pair near{third, third + Rational::power_of_two(-20)};  // distinguished by 64 bits, not by 8
const Pair equal{third, third};                               // distinguished by no enclosure

}  // namespace

TEST_CASE("a filter asks the arithmetics in turn until one decides, and counts which did", "[PRICE-15]") {
  Filtered filter(less);
  CHECK(filter(enclosed(apart, 8), never, never) == Uncertain::yes);
  CHECK(filter.counts() == FilterCounts{1, 0, 0, 0});
  CHECK(filter(enclosed(near, 8), enclosed(near, 64), never) == Uncertain::yes);
  CHECK(filter.counts() == FilterCounts{1, 1, 0, 0});
  CHECK(filter(enclosed(equal, 8), enclosed(equal, 64), exactly(equal)) == Uncertain::no);
  CHECK(filter.counts() == FilterCounts{1, 1, 1, 0});
  CHECK(filter(enclosed(equal, 8), enclosed(equal, 64), enclosed(equal, 512)) == Uncertain::undecided);
  CHECK(filter.counts() == FilterCounts{1, 1, 1, 1});
}

TEST_CASE("a filter says what its rule says of the exact values", "[PRICE-15]") {
  Filtered filter(less);
  std::mt19937 engine(42);
  for (int k = 0; k < 600; ++k) {
    const Rational a(static_cast<long>(engine() % 97), 7);
    const Rational step(static_cast<long>(engine() % 3) - 1);
    const Pair pair{a, a + step * Rational::power_of_two(-static_cast<long>(engine() % 80))};
    REQUIRE(filter(enclosed(pair, 8), enclosed(pair, 40), exactly(pair)) == to_uncertain(pair.a < pair.b));
  }
  CHECK(filter.counts().approximate > 0);
  CHECK(filter.counts().wider > 0);
  CHECK(filter.counts().exact > 0);
  CHECK(filter.counts().undecided == 0);
}
