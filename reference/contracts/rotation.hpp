#pragma once

#include <map>

#include "model/contracts/operation.hpp"
#include "reference/contracts/rotation_rules.hpp"

namespace p2pllm::contracts {

/// Who may propose, with stake > 0 and priority, by ascending id. Never empty.
using Validators = std::map<AccountId, Validator<std::int64_t>>;

/// The proposer of round `round` >= 0 of the next block: of the turns to come, the one with that number (POS-4).
[[nodiscard]] AccountId proposer_of(const Validators& validators, std::int64_t round);

/// The set after a block of round `round`: that many turns were lost and one was taken, each paid by its owner (POS-4).
[[nodiscard]] Validators after_block(const Validators& validators, std::int64_t round);

/// The set after a block that changed stakes; the same set if `stakes` are the set's own (POS-3).
/// @param stakes  > 0 each and not empty: of Active nodes, or 1 of each genesis proposer if there are none
[[nodiscard]] Validators with_stakes(const Validators& validators, const std::map<AccountId, Amount>& stakes);

}  // namespace p2pllm::contracts
