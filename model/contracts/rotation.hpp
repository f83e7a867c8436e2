#pragma once

#include <map>

#include "model/contracts/units.hpp"
#include "model/numbers/integer.hpp"

namespace p2pllm::contracts {

/// A member of the rotation of proposers (POS-1).
template <Integer N>
struct Validator {
  N stake;     ///< 0: the member waits, is owed nothing, and keeps its debt
  N priority;  ///< the turns owed to it, times the total of all stakes; a debt when below 0
};

/// The rotation, by ascending id; at least one stake is > 0. Totals are at most 2^57 plus the number of genesis
/// proposers (POS-3), so priorities stay below 5 totals (POS-2) and within the range of machine integers.
using Validators = std::map<AccountId, Validator<std::int64_t>>;

}  // namespace p2pllm::contracts
