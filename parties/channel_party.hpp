#pragma once

#include <functional>
#include <optional>
#include <variant>
#include <vector>

#include "model/contracts/channel_message.hpp"
#include "reference/contracts/channel_rules.hpp"

// The behaviour of an honest party of a payment channel, off the ledger and on it (CHAN-9).
namespace p2pllm::parties {

using namespace reference;  // the rules that a party follows

enum class ChannelSide { a, b };

/// The signed promise "I post no version below this".
struct ChannelRevocation {
  std::int64_t below = 0;
  Signature signature;

  bool operator==(const ChannelRevocation&) const = default;
};

/// One signature under balances: a proposal, or the agreement to a proposal.
struct ChannelOffer {
  ChannelBalances balances;
  Signature signature;

  bool operator==(const ChannelOffer&) const = default;
};

/// Asks B, which alone proposes the final version, to propose it.
struct ChannelFarewell {};

using ChannelMessage = std::variant<ChannelOffer, ChannelRevocation, ChannelFarewell>;

/// The data that a party must not lose.
struct ChannelPartyState {
  ChannelSignedBalances latest;            ///< the greatest version that it holds with both signatures
  std::optional<ChannelOffer> pending;     ///< its own proposal above `latest`, not yet agreed to
  std::int64_t signed_up_to = 0;           ///< the greatest version that it signed
  std::optional<ChannelRevocation> own;    ///< the last revocation that it signed
  std::optional<ChannelRevocation> other;  ///< the revocation of the greatest version held from the other party
  bool has_posted = false;                 ///< it signed an operation that posts `latest`, included or not

  bool operator==(const ChannelPartyState&) const = default;
};

/// An operation that the party wants on the ledger.
struct ChannelPost {
  ChannelOperation operation;
  ChannelSignedBalances state;   ///< in close, refute and cooperative_close
  ChannelRevocation revocation;  ///< in punish
};

/// Whether both parties signed the balances for this channel.
[[nodiscard]] bool both_signed(const SignatureScheme& scheme, const Hash& ledger, const ChannelTerms& terms,
                               const ChannelSignedBalances& state);

/// An honest party of one channel. Whatever the other party and the network do and whenever this party crashes, it can
/// have at least this amount paid to it: the least of its balances in `latest` and in the states above it that it
/// signed. The condition is that it acts between each closing and its timeout (CHAN-9).
class ChannelParty {
 public:
  /// @param persist  stores a record so that it survives a crash. It is called before any message or operation that
  ///                 depends on the record is returned. If it throws, no other party can know of any signature.
  using Persist = std::function<void(const ChannelPartyState&)>;

  /// @param record  the record that was persisted last; none for a new channel
  /// @param ledger  hash of the channel's chain and shard
  ChannelParty(const SignatureScheme& scheme, const Hash& ledger, const ChannelTerms& terms, ChannelSide side,
               SecretKey key, Persist persist, const std::optional<ChannelPartyState>& record = {});

  /// Proposes to pay `amount` >= 0 to the other party. Nothing if it may not sign, has a pending proposal, or cannot
  /// pay.
  [[nodiscard]] std::vector<ChannelMessage> pay(std::int64_t amount);
  /// B proposes the final state with the balances agreed last; A asks for it.
  [[nodiscard]] std::vector<ChannelMessage> end();
  /// The answers to a message. A message that is out of date, unacceptable or forged has no answer and changes nothing.
  [[nodiscard]] std::vector<ChannelMessage> receive(const ChannelMessage& message);
  /// All messages that the other party may have missed, to be sent after a crash of either party or a lost connection.
  [[nodiscard]] std::vector<ChannelMessage> resend() const;

  /// The operations to send for this state of the channel, in the block of this height. Only those that the rules
  /// allow.
  /// @param wants_to_close  whether to close an open channel
  [[nodiscard]] std::optional<ChannelPost> act(const Channel<std::int64_t>& channel, std::int64_t height,
                                               bool wants_to_close);

  [[nodiscard]] const ChannelPartyState& record() const { return record_; }

 private:
  [[nodiscard]] bool may_sign() const;
  [[nodiscard]] std::int64_t own_balance(const ChannelBalances& balances) const;
  [[nodiscard]] bool verifies(ChannelSide side, const Hash& message, const Signature& signature) const;
  [[nodiscard]] bool acceptable(const ChannelBalances& offered) const;
  [[nodiscard]] ChannelSignedBalances completed(const ChannelBalances& balances, const Signature& of_other) const;
  [[nodiscard]] std::vector<ChannelMessage> propose(const ChannelBalances& balances);
  [[nodiscard]] std::vector<ChannelMessage> receive_offer(const ChannelOffer& offer);
  void receive_revocation(const ChannelRevocation& revocation);
  [[nodiscard]] std::vector<ChannelMessage> hold(const ChannelOffer& offer, bool agrees);
  [[nodiscard]] std::optional<ChannelPost> post(ChannelOperation operation);
  void commit(const ChannelPartyState& record);

  const SignatureScheme* scheme_;
  ChannelTerms terms_;
  ChannelPlace place_;
  ChannelSide side_;
  SecretKey key_;
  Persist persist_;
  ChannelPartyState record_;
  bool is_open_ = false;  ///< as last observed on the ledger
};

}  // namespace p2pllm::parties
