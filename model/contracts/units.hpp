#pragma once

#include <cstdint>

#include "model/crypto/signature.hpp"

namespace p2pllm::contracts {

using AccountId = PublicKey;  ///< an account is identified by its key
using Amount = std::int64_t;  ///< in the smallest unit, at most amount_max
using Height = std::int64_t;  ///< of a block

/// The greatest number in an encoding: an amount, a height or a count (LEDGER-2).
inline constexpr std::int64_t amount_max = std::int64_t{1} << 62;
/// The supply lies below it, so that the totals of the rotation fit with room to spare (POS-3).
inline constexpr Amount supply_max = Amount{1} << 57;
/// The greatest time, in blocks, that a parameter or a term may have.
inline constexpr Height height_max = Height{1} << 40;

}  // namespace p2pllm::contracts
