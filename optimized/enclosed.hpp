#pragma once

#include "model/numbers/number.hpp"
#include "model/numbers/uncertain.hpp"

namespace p2pllm::optimized {

/// A closed interval [lower, upper] of machine numbers.
///
/// Law: a comparison that is decided is the comparison of every x in the first interval with every y in the second.
template <typename T>
struct Enclosed {
  T lower{};
  T upper{};

  [[nodiscard]] friend constexpr Uncertain operator<(const Enclosed& a, const Enclosed& b) {
    return a.upper < b.lower ? Uncertain::yes : b.upper <= a.lower ? Uncertain::no : Uncertain::undecided;
  }
  [[nodiscard]] friend constexpr Uncertain operator<=(const Enclosed& a, const Enclosed& b) { return lnot(b < a); }
  [[nodiscard]] friend constexpr Uncertain operator==(const Enclosed& a, const Enclosed& b) {
    return land(a <= b, b <= a);
  }
};

/// The chosen interval; the hull of both if the condition is undecided.
template <typename T>
[[nodiscard]] constexpr Enclosed<T> select(Uncertain condition, const Enclosed<T>& a, const Enclosed<T>& b) {
  if (decided(condition)) return certainly(condition) ? a : b;
  return {b.lower < a.lower ? b.lower : a.lower, a.upper < b.upper ? b.upper : a.upper};
}

}  // namespace p2pllm::optimized

namespace p2pllm {

template <typename T>
struct NumberTraits<optimized::Enclosed<T>> {
  using Truth = Uncertain;
};
static_assert(Ordered<optimized::Enclosed<double>>);

}  // namespace p2pllm
