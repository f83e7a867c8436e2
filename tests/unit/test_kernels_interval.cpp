#include <mpfi.h>

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/portable/interval.hpp"
#include "kernels/portable/target.hpp"
#include "tests/unit/kernel_points.hpp"

using p2pllm::Uncertain;
using p2pllm::kernels::DoubleInterval;
using p2pllm::kernels::Target;
namespace kernels = p2pllm::kernels;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double greatest = std::numeric_limits<double>::max();
constexpr double least_subnormal = std::numeric_limits<double>::denorm_min();

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }
bool same(const DoubleInterval& a, const DoubleInterval& b) {
  return bits(a.lower()) == bits(b.lower()) && bits(a.upper()) == bits(b.upper());
}

/// MPFI with the precision and the exponents of doubles: its directed rounding is IEEE's.
class MpfiOracle {
 public:
  MpfiOracle() {
    for (mpfi_ptr value : {x_, y_, result_}) mpfi_init2(value, 53);
  }
  ~MpfiOracle() {
    for (mpfi_ptr value : {x_, y_, result_}) mpfi_clear(value);
  }
  MpfiOracle(const MpfiOracle&) = delete;
  MpfiOracle& operator=(const MpfiOracle&) = delete;

  using Operation = int (*)(mpfi_ptr, mpfi_srcptr, mpfi_srcptr);
  /// The tightest enclosure by doubles.
  DoubleInterval operator()(const DoubleInterval& x, const DoubleInterval& y, Operation operation) {
    set(x_, x);
    set(y_, y);
    operation(result_, x_, y_);
    return ends();
  }
  /// At 53 bits and without a limit to exponents: whether the enclosure contains the function's values at both ends.
  bool contains(const DoubleInterval& enclosure, const DoubleInterval& x, int (*function)(mpfi_ptr, mpfi_srcptr)) {
    mpfi_set_prec(result_, 120);
    set(x_, x);
    function(result_, x_);
    const bool holds =
        mpfr_cmp_d(&result_->left, enclosure.lower()) >= 0 && mpfr_cmp_d(&result_->right, enclosure.upper()) <= 0;
    mpfi_set_prec(result_, 53);
    return holds;
  }

 private:
  static void set(mpfi_ptr value, const DoubleInterval& x) { mpfi_interv_d(value, x.lower(), x.upper()); }
  /// Directed rounding to a double knows subnormals and overflow; a second rounding in one direction changes nothing.
  DoubleInterval ends() {
    return {mpfr_get_d(&result_->left, MPFR_RNDD) + 0.0, mpfr_get_d(&result_->right, MPFR_RNDU) + 0.0};
  }
  mpfi_t x_, y_, result_;
};

/// Ends where rounding is hard: of every magnitude, with few bits, small integers, at the limits of the doubles.
double any_end(std::mt19937_64& random) {
  static constexpr double specials[] = {0.0,
                                        1.0,
                                        2.0,
                                        3.0,
                                        least_subnormal,
                                        3 * least_subnormal,
                                        0x1p-1022,
                                        0x1.8p-1022,
                                        greatest,
                                        0x1.ffffffffffffep+1023,
                                        0x1p-537,
                                        0x1.8p-538,
                                        0x1p511,
                                        0x1.8p512,
                                        0x1p-969,
                                        0x1p-900,
                                        0x1.0000000000001p+0,
                                        0x1.fffffffffffffp-1};
  const double sign = random() % 2 == 0 ? 1 : -1;
  switch (random() % 4) {
    case 0: return sign * specials[random() % std::size(specials)];
    case 1: return sign * uniform(random, 0, 4);
    case 2: return sign * std::ldexp(static_cast<double>(random() % 64), static_cast<int>(random() % 80) - 40);
    default: {
      const double end = any_double(random);
      return std::isfinite(end) ? end : 0.5;
    }
  }
}
DoubleInterval any_interval(std::mt19937_64& random) {
  const double a = any_end(random) + 0.0;
  const double b = random() % 3 == 0   ? a
                   : random() % 3 == 0 ? std::nextafter(a, infinity) + 0.0
                                       : any_end(random) + 0.0;
  const DoubleInterval interval(std::fmin(a, b), std::fmax(a, b));
  if (random() % 32 == 0) return {-infinity, interval.upper()};
  if (random() % 32 == 0) return {interval.lower(), infinity};
  return interval.upper() == infinity && interval.is_point() ? DoubleInterval(greatest, infinity) : interval;
}

struct Operation {
  const char* name;
  DoubleInterval (*ours)(const DoubleInterval& a, const DoubleInterval& b);
  MpfiOracle::Operation oracle;
  Target::IntervalOperation Target::*batch;
};
const Operation operations[] = {
    {"+", [](const DoubleInterval& a, const DoubleInterval& b) { return a + b; }, mpfi_add, &Target::add},
    {"-", [](const DoubleInterval& a, const DoubleInterval& b) { return a - b; }, mpfi_sub, &Target::subtract},
    {"*", [](const DoubleInterval& a, const DoubleInterval& b) { return a * b; }, mpfi_mul, &Target::multiply},
    {"/", [](const DoubleInterval& a, const DoubleInterval& b) { return a / b; }, mpfi_div, &Target::divide}};

std::vector<DoubleInterval> draw(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<DoubleInterval> drawn;
  while (drawn.size() < count) drawn.push_back(any_interval(random));
  return drawn;
}

struct Split {
  std::vector<double> lower, upper;
  explicit Split(const std::vector<DoubleInterval>& intervals) {
    for (const DoubleInterval& interval : intervals) {
      lower.push_back(interval.lower());
      upper.push_back(interval.upper());
    }
  }
  [[nodiscard]] kernels::ConstColumns columns() const { return {lower.data(), upper.data()}; }
  [[nodiscard]] DoubleInterval operator[](std::size_t i) const { return {lower[i], upper[i]}; }
};

}  // namespace

TEST_CASE("+ - * / of intervals are the tightest enclosures by doubles, as MPFI finds them", "[PRICE-15][kernels]") {
  const auto a = draw(250'000, 21);
  const auto b = draw(250'000, 22);
  MpfiOracle oracle;
  for (const Operation& operation : operations)
    for (std::size_t i = 0; i < a.size(); ++i) {
      const DoubleInterval ours = operation.ours(a[i], b[i]);
      const bool is_by_zero = operation.oracle == mpfi_div && b[i].contains(0);
      const DoubleInterval tightest =
          is_by_zero ? DoubleInterval(-infinity, infinity) : oracle(a[i], b[i], operation.oracle);
      if (!same(ours, tightest))
        FAIL(std::hexfloat << "[" << a[i].lower() << ", " << a[i].upper() << "] " << operation.name << " ["
                           << b[i].lower() << ", " << b[i].upper() << "] = [" << ours.lower() << ", " << ours.upper()
                           << "], not [" << tightest.lower() << ", " << tightest.upper() << "]");
    }
}

TEST_CASE("batches of + - * / have the bits of single intervals on every target", "[PRICE-15][kernels]") {
  const auto a = draw(200'003, 23);
  const auto b = draw(200'003, 24);
  const Split x(a);
  const Split y(b);
  for (const Target* target : kernels::targets())
    for (const Operation& operation : operations) {
      INFO(target->name << " " << operation.name);
      Split out = x;
      (target->*operation.batch)(out.columns(), y.columns(), {out.lower.data(), out.upper.data()}, a.size());
      for (std::size_t i = 0; i < a.size(); ++i)
        if (!same(out[i], operation.ours(a[i], b[i])))
          FAIL(std::hexfloat << "element " << i << ": " << a[i].lower() << ' ' << a[i].upper() << ' ' << b[i].lower()
                             << ' ' << b[i].upper());
    }
}

TEST_CASE("the batches that a caller sees treat every element", "[PRICE-15][kernels]") {
  const auto a = draw(1001, 25);
  const auto b = draw(1001, 26);
  const Split x(a);
  const Split y(b);
  Split out(a);
  const kernels::ConstIntervals p{x.lower, x.upper};
  const kernels::ConstIntervals q{y.lower, y.upper};
  const kernels::Intervals result{out.lower, out.upper};
  const auto all_are = [&](auto expected) {
    for (std::size_t i = 0; i < a.size(); ++i)
      if (!same(out[i], expected(a[i], b[i]))) return false;
    return true;
  };
  kernels::add(p, q, result);
  CHECK(all_are([](const auto& left, const auto& right) { return left + right; }));
  kernels::subtract(p, q, result);
  CHECK(all_are([](const auto& left, const auto& right) { return left - right; }));
  kernels::multiply(p, q, result);
  CHECK(all_are([](const auto& left, const auto& right) { return left * right; }));
  kernels::divide(p, q, result);
  CHECK(all_are([](const auto& left, const auto& right) { return left / right; }));
  kernels::exp(p, result);
  CHECK(all_are([](const auto& left, const auto&) { return exp(left); }));
  kernels::log(p, result);
  CHECK(all_are([](const auto& left, const auto&) { return log(left); }));
}

TEST_CASE("exp and log of intervals enclose, by MPFI, and batches have the same bits", "[PRICE-15][kernels]") {
  std::vector<DoubleInterval> x;
  for (const double lower : exp_arguments(40'000, 25)) x.emplace_back(lower, lower + (x.size() % 2 == 0 ? 0 : 0.25));
  for (const double lower : log_arguments(40'000, 26)) x.emplace_back(lower, lower * (x.size() % 2 == 0 ? 1 : 1.5));
  for (const DoubleInterval& interval : draw(40'000, 27)) x.push_back(interval);
  MpfiOracle oracle;
  const Split columns(x);
  for (const Target* target : kernels::targets()) {
    Split exps(x);
    Split logs(x);
    target->exp_intervals(columns.columns(), {exps.lower.data(), exps.upper.data()}, x.size());
    target->log_intervals(columns.columns(), {logs.lower.data(), logs.upper.data()}, x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const DoubleInterval e = exp(x[i]);
      const DoubleInterval l = log(x[i]);
      if (!same(exps[i], e) || !same(logs[i], l)) FAIL(target->name << " differs at " << x[i].lower());
      if (!oracle.contains(e, x[i], mpfi_exp)) FAIL("exp of [" << x[i].lower() << ", " << x[i].upper());
      if (x[i].lower() > 0 && !oracle.contains(l, x[i], mpfi_log)) FAIL("log of " << x[i].lower());
      if (x[i].lower() <= 0) REQUIRE(l.lower() == -infinity);
    }
  }
}

TEST_CASE("an exponential or a logarithm of a point is three doubles wide at most, and exact where it can be",
          "[PRICE-15][kernels]") {
  for (const double x : exp_arguments(1000, 28)) {
    const DoubleInterval e = exp(DoubleInterval(x));
    REQUIRE(moved(e.lower(), 2) >= e.upper());
  }
  for (const double x : log_arguments(1000, 29)) {
    const DoubleInterval l = log(DoubleInterval(x));
    REQUIRE(std::fabs(l.upper() - l.lower()) <= 0x1p-51 * std::fabs(l.upper()));
  }
  CHECK(same(exp(DoubleInterval(0)), DoubleInterval(1)));
  CHECK(same(exp(DoubleInterval(-infinity, infinity)), DoubleInterval(0, infinity)));
  CHECK(same(exp(DoubleInterval(-800)), DoubleInterval(0, least_subnormal)));
  CHECK(same(exp(DoubleInterval(800)), DoubleInterval(greatest, infinity)));
  CHECK(same(log(DoubleInterval(1)), DoubleInterval(0)));
  CHECK(same(log(DoubleInterval(0, 1)), DoubleInterval(-infinity, 0)));
  CHECK(same(log(DoubleInterval(-1, infinity)), DoubleInterval(-infinity, infinity)));
  CHECK(same(log(DoubleInterval(-1)), DoubleInterval(-infinity, infinity)));
}

TEST_CASE("comparisons of double intervals are decided only where they hold for every pair", "[PRICE-15][kernels]") {
  const double ends[] = {-infinity, -1, 0, 1, 2, infinity};
  for (const double al : ends)
    for (const double au : ends)
      for (const double bl : ends)
        for (const double bu : ends) {
          if (al > au || bl > bu || al == infinity || bl == infinity || au == -infinity || bu == -infinity) continue;
          const DoubleInterval a(al, au);
          const DoubleInterval b(bl, bu);
          CHECK((a < b) == (au < bl ? Uncertain::yes : al >= bu ? Uncertain::no : Uncertain::undecided));
          CHECK((a <= b) == (au <= bl ? Uncertain::yes : al > bu ? Uncertain::no : Uncertain::undecided));
          CHECK((a > b) == (b < a));
          CHECK((a >= b) == (b <= a));
          const bool are_apart = au < bl || bu < al;
          const bool are_one_point = al == au && bl == bu && al == bl;
          CHECK((a == b) == (are_apart ? Uncertain::no : are_one_point ? Uncertain::yes : Uncertain::undecided));
          const DoubleInterval both = hull(a, b);
          CHECK(same(select(Uncertain::yes, a, b), a));
          CHECK(same(select(Uncertain::no, a, b), b));
          CHECK(same(select(Uncertain::undecided, a, b), both));
          CHECK(both.lower() == std::fmin(al, bl));
          CHECK(both.upper() == std::fmax(au, bu));
          CHECK(same(-(-a), a));
          CHECK((-a).lower() == -au);
        }
}

TEST_CASE("integers as double intervals contain the integer, and are points up to 2^53", "[PRICE-15][kernels]") {
  const auto literal = [](std::int64_t value) { return p2pllm::literal_like(DoubleInterval(0), value); };
  constexpr std::int64_t two_53 = std::int64_t{1} << 53;
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-7}, two_53, -two_53})
    CHECK(same(literal(value), DoubleInterval(static_cast<double>(value))));
  CHECK(bits(literal(0).lower()) == bits(0.0));
  CHECK(same(literal(two_53 + 1), DoubleInterval(0x1.fffffffffffffp+52, 0x1.0000000000001p+53)));
  CHECK(literal(std::numeric_limits<std::int64_t>::max()).upper() > 0x1p63);
  CHECK(literal(std::numeric_limits<std::int64_t>::max()).lower() < 0x1p63);
  CHECK(literal(std::numeric_limits<std::int64_t>::min()).lower() < -0x1p63);
}
