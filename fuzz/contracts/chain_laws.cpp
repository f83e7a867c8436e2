#include <algorithm>
#include <set>
#include <tuple>

#include "fuzz/contracts/chain.hpp"
#include "optimized/contracts/block_invariants.hpp"
#include "reference/contracts/channel_machine.hpp"
#include "reference/contracts/invariants.hpp"
#include "reference/contracts/registration_machine.hpp"
#include "reference/contracts/sla_machine.hpp"

// The laws of single steps. They hold for the whole state if they held before, since nothing else changed.
namespace p2pllm::fuzz {
namespace {

using reference::status_in;

Amount value_of(const Account& account) { return account.balance; }
Amount value_of(const RegisteredNode& node) { return node.registration.stake; }
Amount value_of(const SlaRecord& record) { return record.sla.escrow + record.sla.bond + record.sla.challenge_bond; }
Amount value_of(const ChannelRecord& record) {
  const auto& channel = record.channel;
  const auto status = static_cast<ChannelStatus>(channel.status);
  if (status == ChannelStatus::opening) return channel.deposit_a;
  const bool is_funded = status == ChannelStatus::open || status == ChannelStatus::closing;
  return is_funded ? channel.deposit_a + channel.deposit_b : 0;
}

Amount gained_by(const auto& changed) {
  Amount sum = 0;
  for (const auto& item : changed)
    sum += (item.now == nullptr ? 0 : value_of(*item.now)) - (item.was_there ? value_of(item.before) : 0);
  return sum;
}

bool has_same_terms(const SlaRecord& a, const SlaRecord& b) {
  const auto all = [](const SlaRecord& r) {
    return std::tie(r.client, r.provider, r.layers, r.model, r.input, r.terms);
  };
  return all(a) == all(b);
}
bool has_same_terms(const ChannelRecord& a, const ChannelRecord& b) {
  const auto all = [](const ChannelRecord& r) {
    const auto& c = r.channel;
    return std::tuple(r.a, r.b, c.deposit_a, c.deposit_b, c.fund_by, c.closing_time);
  };
  return all(a) == all(b);
}

bool is_never_negative(const Step& step) {
  const auto all = [](const auto& changed) {
    return std::ranges::all_of(changed,
                               [](const auto& item) { return item.now == nullptr || value_of(*item.now) >= 0; });
  };
  const bool parts = std::ranges::all_of(step.slas, [](const auto& item) {
    return item.now->sla.escrow >= 0 && item.now->sla.bond >= 0 && item.now->sla.challenge_bond >= 0;
  });
  return parts && all(step.accounts) && all(step.nodes) && all(step.channels);
}

/// Whether two tables of one kind hold the same objects.
bool is_same_table(const auto& objects, const auto& table) {
  return objects.size() == table.size() && std::ranges::all_of(objects, [&](const auto& entry) {
           const auto place = table.find(entry.first);
           return place != table.none && is_same(entry.second, table[place]);
         });
}
bool is_same_set(const auto& keys, const auto& table) {
  return keys.size() == table.size() &&
         std::ranges::all_of(keys, [&](const auto& key) { return table.find(key) != table.none; });
}

}  // namespace

void Chain::check(const Transaction* transaction, Reason reason) {
  const Consequence consequence = consequence_of(reason);
  const bool is_included = consequence == Consequence::applied || consequence == Consequence::failed;
  ++tally_.reasons[index_of(reason)];
  if (is_included) follow(static_cast<std::size_t>(transaction->shard));
  const std::size_t own = step_.size();
  const Amount gained = step_.gained;
  for (std::size_t s = 0; s < shadows_.size(); ++s)
    if (!is_included || static_cast<std::int64_t>(s) != transaction->shard) follow(s);
  if (!is_included) {
    must(step_.size() == 0 && step_.gained == 0, "LEDGER-3: what is malformed or refused changes nothing");
    return;
  }
  must(step_.size() == own && step_.gained == gained, "SHARD-2: a transaction changes its own shard");
  must(ledger_.proposer() == step_.proposer, "POS-4: a block has one proposer");
  check_conserved(step_.gained, "LEDGER-5: value is conserved");
  const bool is_failed = consequence == Consequence::failed;
  check_fee(*transaction, is_failed);
  if (is_failed) return;
  check_transitions();
  check_transfer(*transaction);
  note_statuses();
  ++tally_.applied[transaction->operation.index()];
  if (on_applied != nullptr) on_applied(listener, step_, *transaction);
}

void Chain::check_conserved(Amount gained, const char* law) const {
  const Amount sum =
      gained + gained_by(step_.accounts) + gained_by(step_.nodes) + gained_by(step_.slas) + gained_by(step_.channels);
  if (sum != 0) throw LawBroken(law);
  if (!is_never_negative(step_)) throw LawBroken("LEDGER-5: no amount is below 0");
}

/// A nonce is used once; a failure takes the nonce, moves the fee to the proposer, and nothing else.
/// @param is_all  whether that is all that may change
void Chain::check_fee(const Transaction& transaction, bool is_all) const {
  const char* law = "LEDGER-3: a failure takes nonce and fee";
  bool is_charged = false;
  for (const auto& account : step_.accounts) {
    if (account.now == nullptr) throw LawBroken("LEDGER-7: an account stays");
    const bool is_sender = is_same(account.key, transaction.sender), is_proposer = is_same(account.key, step_.proposer);
    const auto used = account.now->nonce - (account.was_there ? account.before.nonce : 0);
    if (used != (is_sender ? 1U : 0U)) throw LawBroken("LEDGER-3: a nonce is used once");
    is_charged |= is_sender;
    const Amount fee = (is_proposer ? transaction.fee : 0) - (is_sender ? transaction.fee : 0);
    if (is_all && account.now->balance - account.before.balance != fee) throw LawBroken(law);
  }
  if (!is_charged) throw LawBroken("LEDGER-3: a nonce is used once");
  if (is_all && step_.size() != step_.accounts.size()) throw LawBroken(law);
}

void Chain::check_transfer(const Transaction& transaction) const {
  const auto* transfer = std::get_if<Transfer>(&transaction.operation);
  if (transfer == nullptr) return;
  if (transfer->to_shard == transaction.shard) {
    must(transfer->to == transaction.sender || gain(step_, transaction, transfer->to) == transfer->amount,
         "SHARD-3: within a shard value arrives at once");
    return;
  }
  const auto& sent = shard(transaction.shard).outgoing;
  must(!sent.empty() && sent.back().id == transaction_id(transaction) && sent.back().to == transfer->to &&
           sent.back().to_shard == transfer->to_shard && sent.back().amount == transfer->amount,
       "SHARD-3: value for another shard sets out for it");
}

/// Terms never change, versions never fall, what has ended stays so, and offences are remembered.
void Chain::check_transitions() const {
  const auto require = [](bool holds, const char* law) {
    if (!holds) throw LawBroken(law);
  };
  for (const auto& [id, was_there, before, now, depth] : step_.slas) {
    require(now != nullptr && (!was_there || has_same_terms(before, *now)), "LEDGER-5: terms_immutable: SLA");
    require(!was_there || !status_in(before.sla.status, reference::sla_machine().final_statuses),
            "LEDGER-5: final_absorbs: SLA");
  }
  for (const auto& [id, was_there, before, now, depth] : step_.channels) {
    require(now != nullptr && (!was_there || has_same_terms(before, *now)), "LEDGER-5: terms_immutable: channel");
    if (!was_there) continue;
    const bool final = status_in(before.channel.status, reference::channel_machine().final_statuses);
    require(!final, "LEDGER-5: final_absorbs: channel");
    require(now->channel.version >= before.channel.version, "LEDGER-5: versions_rise: channel");
  }
  for (const auto& [id, was_there, before, now, depth] : step_.nodes) {
    require(now != nullptr, "REG-2: a registration stays");
    if (!was_there) continue;
    const auto &was = before.registration, &is = now->registration;
    require(is.version >= was.version, "LEDGER-5: versions_rise: node");
    require(!status_in(was.status, reference::registration_machine().final_statuses) || is.status == was.status,
            "LEDGER-5: final_absorbs: node");
  }
  for (const auto& item : step_.evidence) require(item.now != nullptr, "LEDGER-5: evidence_kept");
}

/// The end of a block delivers receipts and moves registrations; value is conserved over all shards.
void Chain::check_block_end() {
  for (std::size_t s = 0; s < shadows_.size(); ++s) follow(s);
  Amount in_flight = 0;
  for (const Receipt& receipt : ledger_.in_flight()) in_flight += receipt.amount;
  step_.gained += in_flight - std::exchange(in_flight_, in_flight);
  if (!ledger_.faults().empty()) throw LawBroken("LEDGER-5: " + ledger_.faults().front());
  check_conserved(step_.gained, "LEDGER-5: value is conserved by the end of a block");
  if (!step_.slas.empty() || !step_.channels.empty() || !step_.evidence.empty())
    throw LawBroken("LEDGER-6: the end of a block changes registrations and accounts alone");
  for (const auto& node : step_.nodes) {
    const auto places = std::ranges::count_if(
        ledger_.shards(), [&](const ShardState& each) { return each.nodes.find(node.key) != each.nodes.none; });
    if (places != 1) throw LawBroken("SHARD-4: a key has one registration");
  }
  check_notes_are_seen();
}

/// If the shard to which a registration moved still said that it is elsewhere, the fast ledger would halt (LEDGER-5).
void Chain::check_notes_are_seen() {
  for (const auto& node : step_.nodes)
    for (const ShardState& each : ledger_.shards()) {
      if (node.was_there || node.now == nullptr || each.nodes.find(node.key) == each.nodes.none) continue;
      auto& away = opened(each.number()).away;
      const auto note = away.insert(node.key);
      auto& shards = const_cast<std::vector<ShardState>&>(ledger_.shards());
      const auto found = optimized::violations_of_block(ledger_.genesis(), height(), shards, 0);
      away.erase(note);
      must(found.size() == 1 && found.front().starts_with("registered_once: "),
           "LEDGER-5: a registration that its own shard calls elsewhere is seen");
    }
}

/// All invariants of the reference, on the whole state.
void Chain::check_whole_state() {
  std::vector<Shard> shards;
  for (const ShardState& each : ledger_.shards()) shards.push_back(optimized::shard_of(each));
  const auto found =
      reference::violations({ledger_.genesis(), height(), shards, ledger_.in_flight(), ledger_.supply()});
  must(found.empty(), found.empty() ? "" : "LEDGER-5: " + found.front());
}

/// Every balance and every object of both ledgers.
void Chain::compare_states() const {
  for (std::size_t s = 0; s < shadows_.size(); ++s) {
    const Shard& one = reference_->shards()[s];
    const ShardState& other = ledger_.shards()[s];
    if (!is_same_table(one.accounts, other.accounts)) throw LawBroken("LEDGER-7: both ledgers have one balance each");
    const bool same = is_same_table(one.nodes, other.nodes) && is_same_table(one.slas, other.slas) &&
                      is_same_table(one.channels, other.channels) && is_same_set(one.away, other.away) &&
                      is_same_set(one.evidence, other.evidence) && one.burned == other.burned;
    if (!same) throw LawBroken("LEDGER-7: both ledgers have one state");
  }
}

}  // namespace p2pllm::fuzz
