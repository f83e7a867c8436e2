#pragma once

#include "model/contracts/parameters.hpp"
#include "model/contracts/units.hpp"
#include "optimized/contracts/ruling.hpp"

// The rules of the fast ledger for accounts (LEDGER-3, SHARD-3).
namespace p2pllm::optimized {

/// Why a well-formed transaction cannot be included now; 0 if it can (LEDGER-3).
/// @param balance, nonce  of the sender's account, both 0 if there is none
/// @param used_nonce, valid_until, fee  of the transaction
template <Integer N>
[[nodiscard]] N reason_admission(const N& balance, const N& nonce, const N& used_nonce, const N& valid_until,
                                 const N& fee, const N& height, const N& min_fee) {
  return FirstReason<N>(height)
      .require(lnot(used_nonce < nonce), Reason::nonce_used)
      .require(lnot(nonce < used_nonce), Reason::nonce_ahead)
      .require(lnot(valid_until < height), Reason::past_valid_until)
      .require(lnot(fee < min_fee), Reason::fee_too_low)
      .require(lnot(balance < fee), Reason::fee_not_covered)
      .code();
}

/// Takes nonce and fee from the sender, whatever becomes of the operation (LEDGER-3).
template <Integer N>
void charge(N& balance, N& nonce, const N& fee) {
  balance = balance - fee;
  nonce = nonce + integer_like(nonce, 1);
}

/// Why a transfer fails (SHARD-3).
/// @param balance  the sender's, after the fee
template <Integer N>
[[nodiscard]] N reason_transfer(const N& balance, const N& amount) {
  return FirstReason<N>(balance).require(lnot(balance < amount), Reason::not_covered).code();
}

/// The value that arrives at once, and that a receipt carries to another shard (SHARD-3).
template <Integer N>
struct TransferParts {
  N arrives, travels;
};
template <Integer N>
[[nodiscard]] TransferParts<N> transfer(N& balance, const N& amount, const Truth<N>& crosses) {
  balance = balance - amount;
  const N travels = select(crosses, amount, integer_like(amount, 0));
  return {amount - travels, travels};
}

}  // namespace p2pllm::optimized
