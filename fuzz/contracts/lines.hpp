#pragma once

#include <deque>

#include "fuzz/contracts/chain.hpp"
#include "fuzz/contracts/jobs.hpp"
#include "parties/channel_party.hpp"

// Payment channels off the ledger: honest parties, those who sign whatever they like, and a network that shows every
// message to everybody, delivers what it likes, as often and in the order it likes.
namespace p2pllm::fuzz {

using namespace parties;

/// A state of a channel and who is known to have signed it.
struct SeenState {
  ChannelBalances balances;
  std::optional<Signature> by[2];
};

/// One channel, side 0 is A.
struct Line {
  std::int64_t shard = 0;
  Hash ledger{};  ///< what signatures off the ledger are bound to
  ChannelTerms terms{};
  Hash id{};
  std::size_t party[2]{};
  std::optional<ChannelParty> engine[2];
  std::optional<ChannelPartyState> stored[2];
  std::vector<ChannelBalances> signed_by[2];  ///< every state, as persisted by the engine before it was sent
  bool wants_to_close[2]{};
  int persist_fails[2]{};  ///< the next store: 0 good, 1 nothing is stored, 2 stored and then the program dies
  std::vector<SeenState> seen;
  std::vector<ChannelRevocation> revoked[2];
  std::vector<std::pair<int, ChannelMessage>> mail;  ///< to which side
};

/// @param ledger_id  what signatures off the ledger are bound to
[[nodiscard]] Line line_of(std::int64_t shard, const Hash& ledger_id, const ChannelTerms& terms, std::size_t a,
                           std::size_t b);
[[nodiscard]] Hash ledger_id_of(const Hash& chain, std::int64_t shard);

/// The program of a side starts with what was stored: after a crash too.
void start(const Chain& chain, Line& line, int side);
/// Lets a side's program run; where it dies of its storage, it starts again. What it says is seen and put in the mail.
void run_engine(const Chain& chain, Line& line, int side,
                const std::function<std::vector<ChannelMessage>(ChannelParty&)>& act);
/// The same, for an operation on the ledger.
[[nodiscard]] std::optional<Duty> line_duty(const Chain& chain, Line& line, int side);

/// What the network has seen, as a state that can be posted: missing signatures of dishonest parties are added.
[[nodiscard]] ChannelSignedBalances completed(const Chain& chain, const Line& line, SeenState state);
/// A state that a dishonest party signs.
[[nodiscard]] ChannelOffer forged(const Chain& chain, const Line& line, int side, const ChannelBalances& balances);

/// Checks that channels which ended by a transaction paid honest parties what they are sure of (CHAN-9).
void check_lines(Chain& chain, const std::deque<Line>& lines, const Moment& before, const Transaction& transaction);

}  // namespace p2pllm::fuzz
