#include "fuzz/contracts/chain.hpp"

#include <algorithm>
#include <random>
#include <type_traits>

#include "fuzz/law.hpp"
#include "parties/computation.hpp"
#include "reference/contracts/invariants.hpp"
#include "reference/contracts/reference_executor.hpp"

namespace p2pllm::fuzz {

namespace {

/// Whether plain values are the same, by their bytes, since they have no padding.
template <typename T>
bool is_same(const T& a, const T& b) {
  static_assert(std::has_unique_object_representations_v<T>);
  const auto view = [](const T& value) { return ByteView(reinterpret_cast<const std::uint8_t*>(&value), sizeof(T)); };
  return std::ranges::equal(view(a), view(b));
}
template <typename Key, typename T>
bool is_same(const std::map<Key, T>& a, const std::map<Key, T>& b) {
  return std::ranges::equal(
      a, b, [](const auto& x, const auto& y) { return x.first == y.first && is_same(x.second, y.second); });
}
template <typename T>
bool is_same(const std::vector<T>& a, const std::vector<T>& b) {
  return std::ranges::equal(a, b, [](const T& x, const T& y) { return is_same(x, y); });
}
bool is_same(const Shard& a, const Shard& b) {
  return is_same(a.accounts, b.accounts) && is_same(a.nodes, b.nodes) && a.away == b.away && is_same(a.slas, b.slas) &&
         is_same(a.channels, b.channels) && a.evidence == b.evidence && is_same(a.outgoing, b.outgoing) &&
         is_same(a.queued_moves, b.queued_moves) && a.burned == b.burned;
}
bool is_same(const Moment& a, const Moment& b) {
  return std::ranges::equal(a.shards, b.shards, [](const Shard& x, const Shard& y) { return is_same(x, y); }) &&
         is_same(a.in_flight, b.in_flight);
}

/// All value that exists, added up in another way than by the ledger.
Amount total(const Moment& moment) {
  Amount sum = 0;
  for (const Receipt& receipt : moment.in_flight) sum += receipt.amount;
  for (const Shard& shard : moment.shards) {
    sum += shard.burned;
    for (const auto& [id, account] : shard.accounts) sum += account.balance;
    for (const auto& [id, node] : shard.nodes) sum += node.registration.stake;
    for (const auto& [id, job] : shard.slas) sum += job.sla.escrow + job.sla.bond + job.sla.challenge_bond;
    for (const Receipt& receipt : shard.outgoing) sum += receipt.amount;
    for (const auto& [id, entry] : shard.channels) {
      const auto status = static_cast<ChannelStatus>(entry.channel.status);
      if (status == ChannelStatus::opening) sum += entry.channel.deposit_a;
      if (status == ChannelStatus::open || status == ChannelStatus::closing)
        sum += entry.channel.deposit_a + entry.channel.deposit_b;
    }
  }
  return sum;
}

}  // namespace

Chain::Chain(Genesis genesis, std::vector<Wallet> wallets)
    : ledger_(std::move(genesis), ideal_signatures(), sample_executor()), wallets_(std::move(wallets)) {}

Amount Chain::balance(std::int64_t s, std::size_t party) const {
  const auto found = shard(s).accounts.find(id_of(party));
  return found == shard(s).accounts.end() ? 0 : found->second.balance;
}

void Chain::sign(Transaction& transaction, std::size_t party) const {
  transaction.signature = ideal_signatures().sign(wallet(party).keys.secret_key, transaction_id(transaction));
}

Transaction Chain::transaction(std::size_t party, std::int64_t s, Operation operation) const {
  const auto found = shard(s).accounts.find(id_of(party));
  const std::uint64_t nonce = found == shard(s).accounts.end() ? 0 : found->second.nonce;
  Transaction result{ledger_.chain(),      s, id_of(party), nonce, height() + 1, parameters().min_fee,
                     std::move(operation), {}};
  sign(result, party);
  return result;
}

Moment Chain::now() const { return {ledger_.shards(), ledger_.in_flight(), ledger_.state_root(), ledger_.proposer()}; }

Outcome Chain::execute(const Bytes& encoded) {
  const auto decoded = decode_transaction(encoded);
  if (decoded) must(encode(*decoded) == encoded, "COMMIT-1: what is read is written as it was");
  const Moment before = now();
  const Outcome outcome = ledger_.execute(ByteView(encoded));
  open_.transactions.push_back(encoded);
  must(decoded.has_value() == (outcome.reason != Reason::malformed_encoding), "LEDGER-3: encodings alone are read");
  check(before, decoded ? std::optional(*decoded) : std::nullopt, outcome.reason);
  return outcome;
}

Outcome Chain::execute_unencoded(const Transaction& transaction) {
  const Moment before = now();
  const Outcome outcome = ledger_.execute(transaction);
  must(consequence_of(outcome.reason) == Consequence::malformed, "LEDGER-3: what has no encoding is malformed");
  check(before, transaction, outcome.reason);
  return outcome;
}

void Chain::check(const Moment& before, const std::optional<Transaction>& transaction, Reason reason) {
  const Moment after = now();
  if (has_planted_fault && reason == Reason::none && std::holds_alternative<Transfer>(transaction->operation))
    reason = Reason::not_covered;
  must(ledger_.faults().empty(), ledger_.faults().empty() ? "" : "LEDGER-5: " + ledger_.faults().front());
  must(total(after) == ledger_.supply(), "LEDGER-5: value is conserved");
  const Consequence consequence = consequence_of(reason);
  const std::string why(name_of(reason));
  if (consequence == Consequence::malformed || consequence == Consequence::refused) {
    must(is_same(before, after) && before.root == after.root, "LEDGER-3: nothing changes: " + why);
    ++classes_[(consequence == Consequence::malformed ? "malformed " : "refused ") + why];
    return;
  }
  must(before.root != after.root, "LEDGER-7: the root tells");
  Moment charged = before;
  Shard& own = charged.shards.at(static_cast<std::size_t>(transaction->shard));
  own.accounts[transaction->sender].balance -= transaction->fee;
  ++own.accounts[transaction->sender].nonce;
  own.accounts[before.proposer].balance += transaction->fee;
  must(before.proposer == after.proposer, "POS-4: a block has one proposer");
  check_steps(before);
  if (consequence == Consequence::failed) {
    must(is_same(charged, after), "LEDGER-3: a failure takes nonce and fee: " + why);
    ++classes_["failed " + why];
    return;
  }
  for (std::size_t s = 0; s < after.shards.size(); ++s)
    must(static_cast<std::int64_t>(s) == transaction->shard || is_same(before.shards[s], after.shards[s]),
         "SHARD-2: a transaction changes its own shard");
  const auto nonce = [&](const Moment& moment) {
    return moment.shards[static_cast<std::size_t>(transaction->shard)].accounts.at(transaction->sender).nonce;
  };
  must(nonce(after) == nonce(charged), "LEDGER-3: a nonce is used once");
  if (const auto* transfer = std::get_if<Transfer>(&transaction->operation)) {
    const bool crosses = transfer->to_shard != transaction->shard;
    const auto& sent = after.shards[static_cast<std::size_t>(transaction->shard)].outgoing;
    must(crosses || transfer->to == transaction->sender || gain(before, *transaction, transfer->to) == transfer->amount,
         "SHARD-3: within a shard value arrives at once");
    must(!crosses || (sent.back().id == transaction_id(*transaction) && sent.back().to == transfer->to &&
                      sent.back().to_shard == transfer->to_shard && sent.back().amount == transfer->amount),
         "SHARD-3: value for another shard sets out for it");
  }
  ++classes_["applied " + std::string(name_of(transaction->operation))];
  if (on_applied != nullptr) on_applied(listener, before, *transaction);
}

void Chain::check_steps(const Moment& before) const {
  for (std::size_t s = 0; s < before.shards.size(); ++s) {
    const auto found = violations_of_step(before.shards[s], ledger_.shards()[s]);
    must(found.empty(), found.empty() ? "" : "LEDGER-5: " + found.front());
  }
}

Amount Chain::gain(const Moment& before, const Transaction& transaction, const AccountId& who) const {
  const auto balance = [&](const std::vector<Shard>& shards) {
    const auto& accounts = shards[static_cast<std::size_t>(transaction.shard)].accounts;
    const auto found = accounts.find(who);
    return found == accounts.end() ? 0 : found->second.balance;
  };
  Amount gained = balance(ledger_.shards()) - balance(before.shards);
  if (who == transaction.sender) gained += transaction.fee;
  if (who == before.proposer) gained -= transaction.fee;
  return gained;
}

void Chain::skip_to(std::int64_t round) {
  if (!is_block_empty()) return;
  open_.round = round;
  ledger_.skip_to(round);
}

void Chain::end_block() {
  const auto queued = [this] {
    std::size_t count = 0;
    for (const Shard& each : ledger_.shards()) count += each.queued_moves.size();
    return count;
  };
  const auto places = [this] {
    std::vector<std::tuple<std::size_t, AccountId, LayerRange>> result;
    for (std::size_t s = 0; s < ledger_.shards().size(); ++s)
      for (const auto& [id, node] : ledger_.shards()[s].nodes) result.emplace_back(s, id, node.layers);
    return result;
  };
  const Height before = height();
  const bool migrates = queued() > 0, sends = !ledger_.in_flight().empty();
  const auto places_before = places();
  open_.state = ledger_.end_block().state;
  must(height() == before + 1, "LEDGER-6: blocks are numbered one by one");
  must(open_.state == ledger_.state_root(), "LEDGER-7: the header tells the state");
  must(ledger_.faults().empty(), ledger_.faults().empty() ? "" : "LEDGER-5: " + ledger_.faults().front());
  std::set<AccountId> registered;
  for (const auto& [s, id, layers] : places())
    must(registered.insert(id).second, "SHARD-4: a key has one registration");
  must(total(now()) == ledger_.supply(), "LEDGER-5: value is conserved by the end of a block");
  classes_["migrated"] += migrates && places() != places_before;
  classes_["stayed"] += migrates && places() == places_before;
  classes_["receipts delivered"] += sends;
  blocks_.push_back(std::exchange(open_, {}));
}

void check_shards_commute(const Chain& chain, std::int64_t shard_order) {
  const Genesis& genesis = chain.ledger().genesis();
  ReferenceExecutor other(genesis, ideal_signatures(), sample_executor());
  std::minstd_rand random(static_cast<unsigned>(shard_order + 1));
  for (const RecordedBlock& block : chain.blocks()) {
    std::vector<std::vector<Bytes>> queues(static_cast<std::size_t>(genesis.shards));
    for (const Bytes& encoded : block.transactions) {
      const auto decoded = decode_transaction(encoded);
      if (decoded && decoded->shard < genesis.shards)
        queues[static_cast<std::size_t>(decoded->shard)].push_back(encoded);
    }
    std::vector<std::size_t> order;
    for (std::size_t s = 0; s < queues.size(); ++s) order.insert(order.end(), queues[s].size(), s);
    if (shard_order >= 0) std::shuffle(order.begin(), order.end(), random);
    std::vector<std::size_t> at(queues.size());
    std::vector<Bytes> transactions;
    for (const std::size_t s : order) transactions.push_back(queues[s][at[s]++]);
    const Candidate made = other.candidate(block.round, transactions);
    other.apply();
    must(made.block.header.state == block.state, "SHARD-2: transactions of different shards commute");
  }
}

}  // namespace p2pllm::fuzz
