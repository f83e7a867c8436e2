#pragma once

#include <compare>

namespace p2pllm {

/// The outcome of a comparison that the available precision may be unable to decide (PRICE-15).
///
/// Law: `yes` and `no` are proved; `undecided` proves nothing. There is no conversion to bool: a rule can branch only
/// through `select`, and a caller uses `certainly(...)`.
enum class Uncertain : signed char { no, undecided, yes };

[[nodiscard]] constexpr bool certainly(Uncertain value) { return value == Uncertain::yes; }
[[nodiscard]] constexpr bool certainly_not(Uncertain value) { return value == Uncertain::no; }
[[nodiscard]] constexpr bool decided(Uncertain value) { return value != Uncertain::undecided; }
[[nodiscard]] constexpr Uncertain to_uncertain(bool value) { return value ? Uncertain::yes : Uncertain::no; }
[[nodiscard]] constexpr Uncertain to_uncertain(Uncertain value) { return value; }

// Kleene's strong three-valued logic.
[[nodiscard]] constexpr Uncertain land(Uncertain a, Uncertain b) { return a < b ? a : b; }
[[nodiscard]] constexpr Uncertain lor(Uncertain a, Uncertain b) { return a < b ? b : a; }
[[nodiscard]] constexpr Uncertain lnot(Uncertain a) {
  return a == Uncertain::undecided ? a : to_uncertain(a == Uncertain::no);
}

}  // namespace p2pllm
