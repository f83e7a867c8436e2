#pragma once

#include <functional>
#include <optional>
#include <variant>
#include <vector>

#include "model/contracts/channel_message.hpp"
#include "reference/contracts/channel_rules.hpp"

// What an honest party of a payment channel does off the ledger and on it (CHAN-9).
namespace p2pllm::parties {

using namespace reference;  // the rules that a party obeys

enum class ChannelSide { a, b };

/// "I post no version below this", signed.
struct ChannelRevocation {
  std::int64_t below = 0;
  Signature signature;

  bool operator==(const ChannelRevocation&) const = default;
};

/// One signature under balances: a proposal, or the agreement to one.
struct ChannelOffer {
  ChannelBalances balances;
  Signature signature;

  bool operator==(const ChannelOffer&) const = default;
};

/// Asks B, who alone proposes the final version, to do it.
struct ChannelFarewell {};

using ChannelMessage = std::variant<ChannelOffer, ChannelRevocation, ChannelFarewell>;

/// All that a party must not forget.
struct ChannelPartyState {
  ChannelSignedBalances latest;            ///< the greatest version that it holds fully signed
  std::optional<ChannelOffer> pending;     ///< its own proposal above `latest`, not yet agreed to
  std::int64_t signed_up_to = 0;           ///< the greatest version that it signed
  std::optional<ChannelRevocation> own;    ///< the last revocation that it signed
  std::optional<ChannelRevocation> other;  ///< the farthest that it holds of the other party
  bool has_posted = false;                 ///< it signed an operation that posts `latest`, included or not

  bool operator==(const ChannelPartyState&) const = default;
};

/// An operation for the ledger.
struct ChannelPost {
  ChannelOperation operation;
  ChannelSignedBalances state;   ///< of close, refute, cooperative_close
  ChannelRevocation revocation;  ///< of punish
};

/// Whether both parties signed the balances for this channel.
[[nodiscard]] bool both_signed(const SignatureScheme& scheme, const Hash& ledger, const ChannelTerms& terms,
                               const ChannelSignedBalances& state);

/// An honest party of one channel. Whatever the other party and the network do and whenever this party crashes, it can
/// have paid to it at least the least of its balances in `latest` and in the states above that it signed, if it acts
/// between each closing and its timeout (CHAN-9).
class ChannelParty {
 public:
  /// @param persist  stores a record so that it survives a crash. It is called before any message or operation that
  ///   rests on the record is returned; if it throws, nothing was signed as far as anybody can know.
  using Persist = std::function<void(const ChannelPartyState&)>;

  /// @param record  the record that was persisted last; none for a new channel
  /// @param ledger  chain and shard of the channel
  ChannelParty(const SignatureScheme& scheme, const Hash& ledger, const ChannelTerms& terms, ChannelSide side,
               SecretKey key, Persist persist, const std::optional<ChannelPartyState>& record = {});

  /// Proposes to pay `amount` >= 0 to the other. Nothing if it may not sign, has a proposal pending, or cannot pay.
  [[nodiscard]] std::vector<ChannelMessage> pay(std::int64_t amount);
  /// Proposes the final state with the balances agreed last (B), or asks for it (A).
  [[nodiscard]] std::vector<ChannelMessage> end();
  /// The answers to a message. One that is out of date, unacceptable or forged has none and changes nothing.
  [[nodiscard]] std::vector<ChannelMessage> receive(const ChannelMessage& message);
  /// All that the other party may have missed: to be sent after a crash of either or a lost connection.
  [[nodiscard]] std::vector<ChannelMessage> resend() const;

  /// What to do on the ledger where the channel stands so, in the block of this height. Only what the rules allow.
  /// @param wants_to_close  whether to close a channel that is open
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
  bool is_open_ = false;  ///< as last seen on the ledger
};

}  // namespace p2pllm::parties
