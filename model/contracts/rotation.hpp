#pragma once

#include <map>

#include "model/contracts/units.hpp"
#include "model/numbers/integer.hpp"

namespace p2pllm::contracts {

/// A member of the rotation of proposers (POS-1).
template <Integer N>
struct Validator {
  N stake;     ///< 0: it waits, is owed nothing, and keeps what it owes
  N priority;  ///< the turns that it is owed, times the total of all stakes; below 0 a debt
};

/// The rotation, by ascending id; somebody's stake is > 0. Totals are at most 2^57 and the number of genesis proposers
/// (POS-3): priorities stay below 5 totals (POS-2), and so within the machine's integers.
using Validators = std::map<AccountId, Validator<std::int64_t>>;

}  // namespace p2pllm::contracts
