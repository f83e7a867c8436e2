#include <algorithm>

#include "fuzz/contracts/world.hpp"

// Commands of the bytes on payment channels.
namespace p2pllm::fuzz {

void World::open_channel() {
  if (!lines_.empty() && program_.rarely(16)) {
    const Line& known = lines_.back();
    return attempt(known.party[0], known.shard, ChannelOpen{known.terms});
  }
  const auto a = static_cast<std::size_t>(program_.choose(4));
  std::size_t b = static_cast<std::size_t>(program_.choose(4));
  const bool is_odd = a >= honest_count && program_.rarely(8);
  if (b == a && !is_odd) b = (a + 1) % 4;
  const auto& p = chain_.parameters();
  ChannelTerms terms{chain_.id_of(a), chain_.id_of(b), program_.choose(2)};
  terms.closing_time = program_.between(p.closing_min, p.closing_max + (is_odd ? 1 : 0));
  terms.deposit_a = program_.choose(60);
  terms.deposit_b = program_.choose(60);
  terms.fund_by = chain_.height() + program_.between(is_odd ? -1 : 0, p.closing_max + (is_odd ? 1 : 0));
  const std::int64_t s = some_shard();
  if (is_odd && program_.rarely(2)) terms.deposit_b = amount_max;
  const Line line = line_of(s, ledger_id_of(chain_.ledger().chain(), s), terms, a, b);
  if (std::ranges::none_of(lines_, [&](const Line& other) { return other.id == line.id; }) && a != b) {
    lines_.push_back(line);
    for (const int side : {0, 1})
      if (line.party[side] >= honest_count || !is_down_[line.party[side]]) start(chain_, lines_.back(), side);
  }
  attempt(is_odd && program_.rarely(4) ? some_villain() : a, s, ChannelOpen{terms});
  if (b >= honest_count && !program_.rarely(4)) attempt(program_.rarely(8) ? some_villain() : b, s, ChannelFund{terms});
}

/// Sends messages off the ledger.
void World::talk() {
  if (lines_.empty()) return open_channel();
  Line& line = lines_[lines_.size() - 1 - static_cast<std::size_t>(program_.choose(3)) % lines_.size()];
  const int side = static_cast<int>(program_.choose(2));
  const bool is_villain = line.party[side] >= honest_count;
  const auto deliver = [&](std::size_t k, bool keeps) {
    const auto [to, message] = line.mail[k];
    if (!keeps) line.mail.erase(line.mail.begin() + static_cast<std::ptrdiff_t>(k));
    run_engine(chain_, line, to, [&received = message](ChannelParty& engine) { return engine.receive(received); });
  };
  const std::int64_t what = program_.choose(12);
  switch (what) {
    case 0:
    case 1:
    case 2:
    case 3:  // a payment, mostly to its end
      run_engine(chain_, line, side, [&](ChannelParty& engine) { return engine.pay(program_.choose(16)); });
      for (auto left = program_.choose(8); left > 0 && !line.mail.empty(); --left) deliver(0, false);
      return;
    case 4:
    case 5:
      if (!line.mail.empty())
        deliver(static_cast<std::size_t>(program_.choose(8)) % line.mail.size(), program_.rarely(2));
      return;
    case 6: return run_engine(chain_, line, side, [](ChannelParty& engine) { return engine.end(); });
    case 7: return run_engine(chain_, line, side, [](ChannelParty& engine) { return engine.resend(); });
    case 8: line.persist_fails[side] = static_cast<int>(program_.between(1, 2)); return;
    case 9:
      if (!is_villain) line.wants_to_close[side] = true;
      return;
    default: break;
  }
  if (!is_villain) return;
  const SeenState state = some_state(line);
  if (what == 10) line.mail.emplace_back(1 - side, forged(chain_, line, side, state.balances));
  else
    line.mail.emplace_back(
        1 - side, ChannelRevocation{state.balances.version,
                                    ideal_signatures().sign(
                                        chain_.wallet(line.party[side]).keys.secret_key,
                                        channel_revocation_message({line.ledger, line.id}, state.balances.version))});
}

/// A state that the network has seen, or an invented one.
SeenState World::some_state(const Line& line) {
  if (!line.seen.empty() && !program_.rarely(4))
    return line.seen[line.seen.size() - 1 - static_cast<std::size_t>(program_.choose(8)) % line.seen.size()];
  const Amount deposits = line.terms.deposit_a + line.terms.deposit_b;
  if (line.terms.deposit_b > deposits || deposits > 1000) return {{0, line.terms.deposit_a, line.terms.deposit_b}, {}};
  constexpr std::int64_t versions[] = {0, 1, 2, 3, channel_version_final};
  SeenState state;
  state.balances.version = versions[program_.choose(5)];
  state.balances.balance_a = state.balances.version == 0 ? line.terms.deposit_a : program_.choose(deposits + 1);
  state.balances.balance_b = deposits - state.balances.balance_a;
  if (program_.rarely(16)) ++state.balances.balance_b;
  return state;
}

/// Attempts an operation of a villain, with whatever was signed.
void World::use_channel() {
  if (lines_.empty() || program_.rarely(32)) return attempt(some_villain(), some_shard(), ChannelSettle{Hash{}});
  Line& line = lines_[lines_.size() - 1 - static_cast<std::size_t>(program_.choose(3)) % lines_.size()];
  const int side = static_cast<int>(program_.choose(2));
  const bool is_natural = line.party[side] >= honest_count && !program_.rarely(16);
  const std::size_t sender = is_natural ? line.party[side] : some_villain();
  const std::int64_t s = program_.rarely(32) ? some_shard() : line.shard;
  const auto state = [&] { return completed(chain_, line, some_state(line)); };
  static const std::vector<std::int64_t> fitting[] = {
      {0}, {0, 0, 0, 1}, {2, 3, 3}, {2, 4, 4, 4, 5, 6, 6, 6}, {2, 3, 5, 6}};
  const ChannelRecord* entry = chain_.channel(line.shard, line.id);
  const auto& list = fitting[entry == nullptr ? 0 : entry->channel.status];
  switch (program_.rarely(4) ? program_.choose(7) : list[static_cast<std::size_t>(program_.choose(std::ssize(list)))]) {
    case 0: return attempt(sender, s, ChannelFund{line.terms});
    case 1: return attempt(sender, s, ChannelReclaim{line.id});
    case 2: return attempt(sender, s, ChannelCooperativeClose{line.id, state()});
    case 3: return attempt(sender, s, ChannelClose{line.id, state()});
    case 4: return attempt(sender, s, ChannelRefute{line.id, state()});
    case 5: return attempt(sender, s, ChannelSettle{line.id});
    default: break;
  }
  const auto& revoked = line.revoked[1 - side];
  ChannelRevocation shown{program_.choose(3), {}};
  if (!revoked.empty())
    shown = revoked[revoked.size() - 1 - static_cast<std::size_t>(program_.choose(4)) % revoked.size()];
  attempt(sender, s, ChannelPunish{line.id, shown.below, shown.signature});
}

}  // namespace p2pllm::fuzz
