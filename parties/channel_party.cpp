#include "parties/channel_party.hpp"

#include <array>
#include <utility>

namespace p2pllm::parties {
namespace {

ChannelSide other_of(ChannelSide side) { return side == ChannelSide::a ? ChannelSide::b : ChannelSide::a; }

/// The party that proposes a version: A the odd ones, B the even ones.
ChannelSide proposer_of(std::int64_t version) { return version % 2 != 0 ? ChannelSide::a : ChannelSide::b; }

bool is_final_version(std::int64_t version) { return version == channel_version_final; }

bool fits(const ChannelTerms& terms, const ChannelBalances& balances) {
  const std::int64_t deposits = terms.deposit_a + terms.deposit_b;
  return balances.balance_a >= 0 && balances.balance_a <= deposits &&
         balances.balance_b == deposits - balances.balance_a;
}

}  // namespace

bool both_signed(const SignatureScheme& scheme, const Hash& ledger, const ChannelTerms& terms,
                 const ChannelSignedBalances& state) {
  const Hash message = channel_state_message({ledger, channel_id(ledger, terms)}, state.balances);
  return scheme.verify(terms.a, message, state.signature_a) && scheme.verify(terms.b, message, state.signature_b);
}

ChannelParty::ChannelParty(const SignatureScheme& scheme, const Hash& ledger, const ChannelTerms& terms,
                           ChannelSide side, SecretKey key, Persist persist,
                           const std::optional<ChannelPartyState>& record)
    : scheme_(&scheme),
      terms_(terms),
      place_{ledger, channel_id(ledger, terms)},
      side_(side),
      key_(key),
      persist_(std::move(persist)) {
  record_.latest.balances = {0, terms_.deposit_a, terms_.deposit_b};
  if (record) record_ = *record;
}

bool ChannelParty::may_sign() const {
  return is_open_ && !record_.has_posted && !is_final_version(record_.signed_up_to);
}

std::int64_t ChannelParty::own_balance(const ChannelBalances& balances) const {
  return side_ == ChannelSide::a ? balances.balance_a : balances.balance_b;
}

bool ChannelParty::verifies(ChannelSide side, const Hash& message, const Signature& signature) const {
  return scheme_->verify(side == ChannelSide::a ? terms_.a : terms_.b, message, signature);
}

void ChannelParty::commit(const ChannelPartyState& record) {
  persist_(record);
  record_ = record;
}

std::vector<ChannelMessage> ChannelParty::propose(const ChannelBalances& balances) {
  ChannelPartyState next = record_;
  next.pending = ChannelOffer{balances, scheme_->sign(key_, channel_state_message(place_, balances))};
  next.signed_up_to = balances.version;
  commit(next);
  return {*next.pending};
}

std::vector<ChannelMessage> ChannelParty::pay(std::int64_t amount) {
  ChannelBalances balances = record_.latest.balances;
  if (!may_sign() || record_.pending || amount < 0 || amount > own_balance(balances)) return {};
  balances.version = record_.signed_up_to + (proposer_of(record_.signed_up_to + 1) == side_ ? 1 : 2);
  if (balances.version >= channel_version_final) return {};
  balances.balance_a += side_ == ChannelSide::a ? -amount : amount;
  balances.balance_b += side_ == ChannelSide::b ? -amount : amount;
  return propose(balances);
}

std::vector<ChannelMessage> ChannelParty::end() {
  if (!may_sign() || record_.pending) return {};
  if (proposer_of(channel_version_final) != side_) return {ChannelFarewell{}};
  ChannelBalances balances = record_.latest.balances;
  balances.version = channel_version_final;
  return propose(balances);
}

/// A proposal of the other party is accepted if it is above every version that this party signed, so that it signs at
/// most one state per version; if it is no higher than the other needs, so that versions do not run out; and if it
/// takes nothing from this party.
bool ChannelParty::acceptable(const ChannelBalances& offered) const {
  const bool is_next = offered.version > record_.signed_up_to && offered.version <= record_.signed_up_to + 2;
  return may_sign() && proposer_of(offered.version) != side_ && (is_next || is_final_version(offered.version)) &&
         fits(terms_, offered) && own_balance(offered) >= own_balance(record_.latest.balances);
}

ChannelSignedBalances ChannelParty::completed(const ChannelBalances& balances, const Signature& of_other) const {
  const Signature own = scheme_->sign(key_, channel_state_message(place_, balances));
  return side_ == ChannelSide::a ? ChannelSignedBalances{balances, own, of_other}
                                 : ChannelSignedBalances{balances, of_other, own};
}

/// The offer makes a state fully signed: it becomes the latest one, and no version below it will be posted. A party
/// that has posted revokes nothing any more, because its operation may yet be included or may already be on the ledger.
std::vector<ChannelMessage> ChannelParty::hold(const ChannelOffer& offer, bool agrees) {
  const std::int64_t version = offer.balances.version;
  ChannelPartyState next = record_;
  next.latest = completed(offer.balances, offer.signature);
  next.signed_up_to = std::max(next.signed_up_to, version);
  next.pending.reset();
  if (!next.has_posted)
    next.own = ChannelRevocation{version, scheme_->sign(key_, channel_revocation_message(place_, version))};
  commit(next);
  std::vector<ChannelMessage> answers;
  const ChannelSignedBalances& latest = record_.latest;
  if (agrees)
    answers.push_back(ChannelOffer{latest.balances, side_ == ChannelSide::a ? latest.signature_a : latest.signature_b});
  if (!record_.has_posted) answers.push_back(*record_.own);
  return answers;
}

std::vector<ChannelMessage> ChannelParty::receive_offer(const ChannelOffer& offer) {
  const bool agreed = record_.pending && record_.pending->balances == offer.balances;
  if (!agreed && !acceptable(offer.balances)) return {};
  if (!verifies(other_of(side_), channel_state_message(place_, offer.balances), offer.signature)) return {};
  return hold(offer, !agreed);
}

void ChannelParty::receive_revocation(const ChannelRevocation& revocation) {
  if (revocation.below <= (record_.other ? record_.other->below : 0) || revocation.below > amount_max) return;
  if (!verifies(other_of(side_), channel_revocation_message(place_, revocation.below), revocation.signature)) return;
  ChannelPartyState next = record_;
  next.other = revocation;
  commit(next);
}

std::vector<ChannelMessage> ChannelParty::receive(const ChannelMessage& message) {
  if (const auto* offer = std::get_if<ChannelOffer>(&message)) return receive_offer(*offer);
  if (const auto* revocation = std::get_if<ChannelRevocation>(&message)) receive_revocation(*revocation);
  else if (proposer_of(channel_version_final) == side_) return end();
  return {};
}

std::vector<ChannelMessage> ChannelParty::resend() const {
  std::vector<ChannelMessage> messages;
  const ChannelSignedBalances& latest = record_.latest;
  if (latest.balances.version > 0)
    messages.push_back(
        ChannelOffer{latest.balances, side_ == ChannelSide::a ? latest.signature_a : latest.signature_b});
  if (record_.own) messages.push_back(*record_.own);
  if (record_.pending) messages.push_back(*record_.pending);
  return messages;
}

std::optional<ChannelPost> ChannelParty::post(ChannelOperation operation) {
  const bool shows_a_state = operation == ChannelOperation::close || operation == ChannelOperation::refute ||
                             operation == ChannelOperation::cooperative_close;
  if (shows_a_state && !record_.has_posted) {
    ChannelPartyState next = record_;
    next.has_posted = true;
    commit(next);
  }
  return ChannelPost{operation, record_.latest, record_.other.value_or(ChannelRevocation{})};
}

std::optional<ChannelPost> ChannelParty::act(const Channel<std::int64_t>& channel, std::int64_t height,
                                             bool wants_to_close) {
  is_open_ = channel.status == static_cast<std::int64_t>(ChannelStatus::open);
  const ChannelSender<std::int64_t> sender{side_ == ChannelSide::a, side_ == ChannelSide::b};
  const ChannelBalances& latest = record_.latest.balances;
  const std::int64_t below = record_.other ? record_.other->below : 0;
  const bool is_signed = latest.version > 0;
  const auto allowed = [](const auto& step) { return first_failure(step.guards) == Reason::none; };
  // Rules are not evaluated where the table leads nowhere.
  const auto may_begin = [&channel](ChannelOperation operation) {
    return (row_of(operation).from >> static_cast<unsigned>(channel.status) & 1U) != 0;
  };
  // First what ends the channel in this party's favour, then what ends it for certain, then what only corrects it.
  if (may_begin(ChannelOperation::punish) && allowed(channel_punish(channel, height, below, sender, below > 0)))
    return post(ChannelOperation::punish);
  if (wants_to_close && allowed(channel_cooperative_close(channel, height, latest, is_signed)))
    return post(ChannelOperation::cooperative_close);
  if (may_begin(ChannelOperation::refute) && allowed(channel_refute(channel, height, latest, sender, is_signed)))
    return post(ChannelOperation::refute);
  if (wants_to_close && allowed(channel_close(channel, height, latest, sender, is_signed)))
    return post(ChannelOperation::close);
  if (may_begin(ChannelOperation::settle) && allowed(channel_settle(channel, height)))
    return post(ChannelOperation::settle);
  if (may_begin(ChannelOperation::reclaim) && allowed(channel_reclaim(channel, height)))
    return post(ChannelOperation::reclaim);
  return std::nullopt;
}

}  // namespace p2pllm::parties
