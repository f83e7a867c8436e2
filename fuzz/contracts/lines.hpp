#pragma once

#include <deque>
#include <stdexcept>

#include "fuzz/contracts/chain.hpp"
#include "fuzz/contracts/jobs.hpp"
#include "parties/channel_party.hpp"

// Payment channels off the ledger: honest parties, others that sign whatever they like, and a network that shows every
// message to everybody and delivers messages at will, as often as it likes and in any order.
namespace p2pllm::fuzz {

using namespace parties;

/// A state of a channel, and the known signatures of it.
struct SeenState {
  ChannelBalances balances;
  std::optional<Signature> by[2];
};

/// One channel; side 0 is A.
struct Line {
  std::int64_t shard = 0;
  Hash ledger{};  ///< the ledger's id, to which signatures off the ledger are bound
  ChannelTerms terms{};
  Hash id{};
  std::size_t party[2]{};
  std::optional<ChannelParty> engine[2];
  std::optional<ChannelPartyState> stored[2];
  std::vector<ChannelBalances> signed_by[2];  ///< every state, as persisted by the engine before it was sent
  bool wants_to_close[2]{};
  bool has_seen_end[2]{};  ///< the program was shown that the channel is settled
  int persist_fails[2]{};  ///< the next store: 0 works, 1 stores nothing, 2 stores and then the program dies
  std::vector<SeenState> seen;
  std::vector<ChannelRevocation> revoked[2];
  std::vector<std::pair<int, ChannelMessage>> mail;  ///< each message with the side to which it goes
};

/// @param ledger_id  the id to which signatures off the ledger are bound
[[nodiscard]] Line line_of(std::int64_t shard, const Hash& ledger_id, const ChannelTerms& terms, std::size_t a,
                           std::size_t b);
[[nodiscard]] Hash ledger_id_of(const Hash& chain, std::int64_t shard);

/// Starts the program of a side with its stored record, also after a crash.
void start(const Chain& chain, Line& line, int side);
/// The network sees a message, and mails it to the other side.
void send(Line& line, int from, const ChannelMessage& message);
/// Runs a side's program; if it dies in storing, it starts again. The network sees the messages that `act` returns.
template <typename Act>
void run_engine(const Chain& chain, Line& line, int side, const Act& act) {
  if (!line.engine[side]) return;
  try {
    for (const ChannelMessage& message : act(*line.engine[side])) send(line, side, message);
  } catch (const LawBroken&) {
    throw;
  } catch (const std::runtime_error&) {
    start(chain, line, side);
  }
}
/// Does the same for an operation on the ledger.
[[nodiscard]] std::optional<Duty> line_duty(const Chain& chain, Line& line, int side);

/// A state that the network has seen, made fit for posting: missing signatures of dishonest parties are added.
[[nodiscard]] ChannelSignedBalances completed(const Chain& chain, const Line& line, SeenState state);
/// A state that a dishonest party signs.
[[nodiscard]] ChannelOffer forged(const Chain& chain, const Line& line, int side, const ChannelBalances& balances);

/// Checks that channels ended by a transaction paid honest parties the amounts due to them (CHAN-9).
void check_lines(Chain& chain, const std::deque<Line>& lines, const Step& step, const Transaction& transaction);

}  // namespace p2pllm::fuzz
