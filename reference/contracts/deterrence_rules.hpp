#pragma once

#include "model/numbers/number.hpp"

namespace p2pllm::reference {

/// What false units of one round gain at most, in expectation, over honest ones (SLA-16).
/// @param units     false units of the round, each of another SLA
/// @param saving    the cost that a false unit saves
/// @param check     probability that a unit is checked
/// @param bond      of each SLA
/// @param stake     of the provider, which is lost once
/// @param unseen    (1 - check)^units: the probability that none of them is checked
template <Number T>
[[nodiscard]] T gain_of_false_units(const T& units, const T& saving, const T& check, const T& bond, const T& stake,
                                    const T& unseen) {
  const T one = one_like(check);
  return units * ((one - check) * saving - check * bond) - stake * (one - unseen);
}

/// The least bond of an SLA with which false units never pay (SLA-16).
/// @param streams  the most SLAs that a provider has at a time
/// @param unseen   (1 - check)^streams
template <Number T>
[[nodiscard]] T least_deterring_bond(const T& saving, const T& check, const T& stake, const T& streams,
                                     const T& unseen) {
  const T one = one_like(check), zero = zero_like(check);
  const T bond = ((one - check) * saving - stake * (one - unseen) / streams) / check;
  return select(bond < zero, zero, bond);
}

}  // namespace p2pllm::reference
