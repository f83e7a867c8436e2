#pragma once

#include "model/contracts/units.hpp"
#include "model/crypto/sha256.hpp"
#include "model/numbers/integer.hpp"

namespace p2pllm::contracts {

enum class ChannelStatus { none, opening, open, closing, settled };

/// Final states, and only they, have this version. It is even, so B proposes a final state (CHAN-5).
inline constexpr std::int64_t channel_version_final = amount_max;
/// The value of "least version posted" for a party that posted none.
inline constexpr std::int64_t channel_nothing_posted = channel_version_final + 1;

/// The terms of a channel, fixed for ever. Its id is a hash of these and the ledger, and of nothing else (CHAN-2).
struct ChannelTerms {
  AccountId a{}, b{};
  std::int64_t nonce = 0;  ///< chosen by A: distinguishes channels with the same terms
  Height closing_time = 1;
  Amount deposit_a = 0, deposit_b = 0;
  Height fund_by = 0;  ///< the last height at which B can fund
  bool operator==(const ChannelTerms&) const = default;

  static void fields(auto& self, auto&& visit) {
    visit("a", self.a), visit("b", self.b), visit("channel_nonce", self.nonce);
    visit("closing_time", self.closing_time), visit("deposit_a", self.deposit_a);
    visit("deposit_b", self.deposit_b), visit("fund_by", self.fund_by);
  }
};

/// The numbers in the terms that the rules read.
template <Integer N>
struct ChannelTermNumbers {
  N deposit_a, deposit_b;
  N closing_time;  ///< delta
  N fund_by;
};
[[nodiscard]] inline ChannelTermNumbers<std::int64_t> numbers_of(const ChannelTerms& terms) {
  return {terms.deposit_a, terms.deposit_b, terms.closing_time, terms.fund_by};
}

/// Balances that replace those of all lower versions (CHAN-4): version in [0, channel_version_final], balances in [0,
/// 2^62].
template <Integer N>
struct ChannelBalanceNumbers {
  N version, balance_a, balance_b;
  bool operator==(const ChannelBalanceNumbers&) const = default;

  static void fields(auto& self, auto&& visit) {
    visit("version", self.version), visit("balance_a", self.balance_a), visit("balance_b", self.balance_b);
  }
};
using ChannelBalances = ChannelBalanceNumbers<std::int64_t>;

/// Balances with the signatures of both parties; version 0 needs no signatures.
struct ChannelSignedBalances {
  ChannelBalances balances{};
  Signature signature_a{}, signature_b{};
  bool operator==(const ChannelSignedBalances&) const = default;

  static void fields(auto& self, auto&& visit) {
    ChannelBalances::fields(self.balances, visit);
    visit("signature_a", self.signature_a), visit("signature_b", self.signature_b);
  }
};

/// The numbers of a channel on the ledger (CHAN-3). Before it exists, all are 0 except `least_posted_*`.
template <Integer N>
struct Channel {
  N status;  ///< a ChannelStatus
  N deposit_a, deposit_b;
  N fund_by, closing_time;
  N timeout;                         ///< closing: the first height at which it can be settled
  N version, balance_a, balance_b;   ///< closing: posted last, and to be paid; before: version 0
  N least_posted_a, least_posted_b;  ///< the least version A or B posted itself; else channel_nothing_posted

  static void fields(auto& self, auto&& visit) {
    visit("status", self.status), visit("deposit_a", self.deposit_a), visit("deposit_b", self.deposit_b);
    visit("fund_by", self.fund_by), visit("closing_time", self.closing_time), visit("timeout", self.timeout);
    visit("version", self.version), visit("balance_a", self.balance_a), visit("balance_b", self.balance_b);
    visit("least_posted_a", self.least_posted_a), visit("least_posted_b", self.least_posted_b);
  }
};

/// A channel on the ledger and its parties.
struct ChannelRecord {
  AccountId a{}, b{};
  Channel<std::int64_t> channel{};

  static void fields(auto& self, auto&& visit) {
    visit("a", self.a), visit("b", self.b);
    Channel<std::int64_t>::fields(self.channel, visit);
  }
};

}  // namespace p2pllm::contracts
