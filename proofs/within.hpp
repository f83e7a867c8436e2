#pragma once

#include "proofs/obligation.hpp"

namespace p2pllm::proofs {

/// An unknown integer from `least` to below `end`.
/// @{
[[nodiscard]] inline SymInt within(Scope& scope, const std::string& name, const SymInt& least, const SymInt& end) {
  const SymInt value = scope.integer(name);
  scope.assume(land(least <= value, value < end));
  return value;
}
[[nodiscard]] inline SymInt within(Scope& scope, const std::string& name, std::int64_t least, std::int64_t end) {
  const SymInt like = scope.integer(name);
  return within(scope, name, integer_like(like, least), integer_like(like, end));
}
/// @}

}  // namespace p2pllm::proofs
