#include "fuzz/contracts/lines.hpp"

#include <algorithm>

namespace p2pllm::fuzz {

namespace {

using Party = ChannelParty;

void see(Line& line, int side, const ChannelBalances& balances, const Signature& signature) {
  for (SeenState& state : line.seen)
    if (state.balances == balances) {
      state.by[side] = signature;
      return;
    }
  SeenState fresh{balances, {}};
  fresh.by[side] = signature;
  line.seen.push_back(fresh);
}

ChannelSide side_of(int side) { return side == 0 ? ChannelSide::a : ChannelSide::b; }

/// Notes all states that the record shows to be signed by this side.
void note_signed(Line& line, int side, const ChannelPartyState& record) {
  if (record.latest.balances.version > 0) line.signed_by[side].push_back(record.latest.balances);
  if (record.pending) line.signed_by[side].push_back(record.pending->balances);
}

Amount of_side(int side, const ChannelBalances& balances) {
  return side == 0 ? balances.balance_a : balances.balance_b;
}

}  // namespace

void send(Line& line, int from, const ChannelMessage& message) {
  if (const auto* offer = std::get_if<ChannelOffer>(&message)) see(line, from, offer->balances, offer->signature);
  if (const auto* revocation = std::get_if<ChannelRevocation>(&message)) line.revoked[from].push_back(*revocation);
  line.mail.emplace_back(1 - from, message);
}

Hash ledger_id_of(const Hash& chain, std::int64_t shard) {
  CborWriter out;
  out.array(2).bytes(chain).number(static_cast<std::uint64_t>(shard));
  return hash_tagged("p2pllm/1/shard", out.view());
}

Line line_of(std::int64_t shard, const Hash& ledger_id, const ChannelTerms& terms, std::size_t a, std::size_t b) {
  Line line;
  line.shard = shard;
  line.terms = terms;
  line.ledger = ledger_id;
  line.id = channel_id(ledger_id, terms);
  line.party[0] = a;
  line.party[1] = b;
  return line;
}

void start(const Chain& chain, Line& line, int side) {
  const auto persist = [&line, side](const ChannelPartyState& record) {
    const int fails = std::exchange(line.persist_fails[side], 0);
    if (fails == 1) throw std::runtime_error("the disk is full");
    line.stored[side] = record;
    note_signed(line, side, record);
    if (fails == 2) throw std::runtime_error("the power fails");
  };
  line.has_seen_end[side] = false;
  line.engine[side].emplace(ideal_signatures(), line.ledger, line.terms, side_of(side),
                            chain.wallet(line.party[side]).keys.secret_key, persist, line.stored[side]);
}

std::optional<Duty> line_duty(const Chain& chain, Line& line, int side) {
  const ChannelRecord* entry = chain.channel(line.shard, line.id);
  if (entry == nullptr || !line.engine[side]) return std::nullopt;
  const Channel<std::int64_t>& channel = entry->channel;
  const Height h = chain.height();
  if (line.has_seen_end[side]) return std::nullopt;
  line.has_seen_end[side] = is_final(*entry);
  const bool is_opening = status_is(channel.status, ChannelStatus::opening);
  if (is_opening && side == 1 && h <= channel.fund_by) return Duty{ChannelFund{line.terms}};
  std::optional<ChannelPost> post;
  run_engine(chain, line, side, [&](Party& party) {
    post = party.act(channel, h, line.wants_to_close[side]);
    return std::vector<ChannelMessage>{};
  });
  if (!post) return std::nullopt;
  const Height last =
      status_is(channel.status, ChannelStatus::closing) && h < channel.timeout ? channel.timeout - 1 : height_max;
  const ChannelSignedBalances& shown = post->state;
  switch (post->operation) {
    case ChannelOperation::reclaim: return Duty{ChannelReclaim{line.id}, last};
    case ChannelOperation::settle: return Duty{ChannelSettle{line.id}, last};
    case ChannelOperation::cooperative_close: return Duty{ChannelCooperativeClose{line.id, shown}, last};
    case ChannelOperation::close: return Duty{ChannelClose{line.id, shown}, last};
    case ChannelOperation::refute: return Duty{ChannelRefute{line.id, shown}, last};
    case ChannelOperation::punish:
      return Duty{ChannelPunish{line.id, post->revocation.below, post->revocation.signature}, last};
    default: throw LawBroken("CHAN-9: an honest party never posts this");
  }
}

ChannelSignedBalances completed(const Chain& chain, const Line& line, SeenState state) {
  for (int side = 0; side < 2; ++side)
    if (!chain.wallet(line.party[side]).is_honest) state.by[side] = forged(chain, line, side, state.balances).signature;
  return {state.balances, state.by[0].value_or(Signature{}), state.by[1].value_or(Signature{})};
}

ChannelOffer forged(const Chain& chain, const Line& line, int side, const ChannelBalances& balances) {
  const ChannelPlace place{line.ledger, line.id};
  return {balances, ideal_signatures().sign(chain.wallet(line.party[side]).keys.secret_key,
                                            channel_state_message(place, balances))};
}

namespace {

/// The least that an honest party of an ended channel is due.
Amount sure_of(const Line& line, int side, const Channel<std::int64_t>& channel) {
  const bool was_opening = status_is(channel.status, ChannelStatus::opening);
  Amount sure = side == 0 ? channel.deposit_a : was_opening ? 0 : channel.deposit_b;
  if (was_opening) return sure;
  std::int64_t version = 0;
  if (line.stored[side]) {
    version = line.stored[side]->latest.balances.version;
    sure = of_side(side, line.stored[side]->latest.balances);
  }
  for (const ChannelBalances& later : line.signed_by[side])
    if (later.version > version) sure = std::min(sure, of_side(side, later));
  return sure;
}

void check_channel_end(Chain& chain, const Line& line, const Step& step, const Transaction& transaction,
                       const Channel<std::int64_t>& channel) {
  const bool was_opening = status_is(channel.status, ChannelStatus::opening);
  Amount paid = 0;
  for (int side = 0; side < 2; ++side) {
    const Amount gain = Chain::gain(step, transaction, chain.id_of(line.party[side]));
    paid += gain;
    if (!chain.wallet(line.party[side]).is_honest) continue;
    const Amount sure = sure_of(line, side, channel) + (chain.is_faulty(Focus::channels) ? 1 : 0);
    if (gain < sure)
      throw LawBroken("CHAN-9: an honest party gets at least " + std::to_string(sure) + ", not " +
                      std::to_string(gain));
    chain.tally().note(Event::honest_channel_ended);
    const bool has_paid = line.stored[side] && line.stored[side]->latest.balances.version > 0;
    if (has_paid && !chain.wallet(line.party[1 - side]).is_honest)
      chain.tally().note(Event::honest_channel_ended_after_payments);
  }
  must(paid == channel.deposit_a + (was_opening ? 0 : channel.deposit_b), "CHAN-8: all is paid out");
}

}  // namespace

void check_lines(Chain& chain, const std::deque<Line>& lines, const Step& step, const Transaction& transaction) {
  if (const auto* opening = std::get_if<ChannelOpen>(&transaction.operation)) {
    const Hash ledger_id = ledger_id_of(chain.ledger().chain(), transaction.shard);
    must(chain.channel(transaction.shard, line_of(transaction.shard, ledger_id, opening->terms, 0, 0).id) != nullptr,
         "CHAN-2: the parties know a channel's id from its terms, chain and shard");
  }
  for (const auto& changed : step.channels) {
    if (!changed.was_there || !status_is(changed.now->channel.status, ChannelStatus::settled)) continue;
    for (const Line& line : lines)
      if (line.shard == transaction.shard && line.id == changed.key)
        check_channel_end(chain, line, step, transaction, changed.before.channel);
  }
}

}  // namespace p2pllm::fuzz
