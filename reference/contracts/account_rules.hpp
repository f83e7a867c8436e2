#pragma once

#include "reference/contracts/machine.hpp"
#include "reference/contracts/parameter_rules.hpp"

// The effect of any transaction on accounts, whatever its operation (LEDGER-3), and transfers (SHARD-3).
namespace p2pllm::reference {

template <Integer N>
struct AccountNumbers {
  N balance;
  N nonce;  ///< the nonce of the next transaction
};

/// The part that all transactions have.
template <Integer N>
struct Envelope {
  N nonce, valid_until, fee;
};

/// Whether a well-formed transaction may be included now (LEDGER-3 b).
template <Integer N>
[[nodiscard]] std::vector<Guard<N>> admission(const AccountNumbers<N>& account, const Envelope<N>& envelope,
                                              const N& height, const Parameters<N>& p) {
  return {{Reason::nonce_used, account.nonce <= envelope.nonce},
          {Reason::nonce_ahead, envelope.nonce <= account.nonce},
          {Reason::past_valid_until, height <= envelope.valid_until},
          {Reason::fee_too_low, p.min_fee <= envelope.fee},
          {Reason::fee_not_covered, envelope.fee <= account.balance}};
}

/// The sender's account after nonce and fee are taken: the only change that a failed transaction makes to it.
template <Integer N>
[[nodiscard]] AccountNumbers<N> charged(const AccountNumbers<N>& account, const N& fee) {
  return {account.balance - fee, account.nonce + integer_like(fee, 1)};
}

/// The places of value that is sent: the sender's and the receiver's balances, and the value on its way.
template <Integer N>
struct TransferNumbers {
  N sender, receiver, in_flight;
};

/// Sends value at once, or by a receipt if the receiver is in another shard (SHARD-3). The two accounts differ.
template <Integer N>
[[nodiscard]] Step<N, TransferNumbers<N>, N> transfer(const TransferNumbers<N>& now, const N& amount,
                                                      const Truth<N>& crosses) {
  const N zero = integer_like(amount, 0);
  return {{{Reason::not_covered, amount <= now.sender}},
          {now.sender - amount, now.receiver + select(crosses, zero, amount),
           now.in_flight + select(crosses, amount, zero)},
          zero};
}

/// A receipt arrives in full and ceases to exist.
template <Integer N>
[[nodiscard]] TransferNumbers<N> arrived(const TransferNumbers<N>& now, const N& amount) {
  return {now.sender, now.receiver + amount, now.in_flight - amount};
}

}  // namespace p2pllm::reference
