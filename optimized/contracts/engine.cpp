#include "optimized/contracts/engine.hpp"

#include <algorithm>
#include <set>

#include "model/assert.hpp"
#include "model/encoding/bytes.hpp"
#include "optimized/contracts/account_rules.hpp"
#include "optimized/contracts/block_end.hpp"
#include "optimized/contracts/block_invariants.hpp"
#include "optimized/contracts/for_all.hpp"
#include "optimized/contracts/hash_batch.hpp"
#include "optimized/contracts/operation_context.hpp"
#include "optimized/contracts/state_row.hpp"
#include "optimized/contracts/transaction_form.hpp"

namespace p2pllm::optimized {
namespace {

/// Fewer transactions are decoded, and fewer rows hashed, sooner than other threads wake.
constexpr std::size_t parallel_from = 32;

bool is_included(Reason reason) {
  const Consequence consequence = consequence_of(reason);
  return consequence == Consequence::applied || consequence == Consequence::failed;
}

Fault block_fault(std::string place, std::string value, std::string rule) {
  return {.clause = "LEDGER-6", .place = std::move(place), .value = std::move(value), .rule = std::move(rule)};
}

/// The first member in which a header differs from the one that was computed for its block.
std::optional<Fault> header_fault(const BlockHeader& stated, const BlockHeader& computed) {
  const auto as_text = []<typename Value>(const Value& value) {
    if constexpr (std::is_integral_v<Value>) return std::to_string(value);
    else if constexpr (std::is_same_v<Value, AccountId>) return to_hex(value.bytes);
    else return to_hex(value);
  };
  std::vector<std::string> expected;
  BlockHeader::fields(computed, [&](std::string_view, const auto& value) { expected.push_back(as_text(value)); });
  std::optional<Fault> fault;
  BlockHeader::fields(stated, [&, k = std::size_t{0}](std::string_view name, const auto& value) mutable {
    const std::string text = as_text(value), &required = expected[k++];
    if (!fault && text != required) fault = block_fault(std::string(name), text, required + " is required");
  });
  return fault;
}

}  // namespace

Engine::Engine(Genesis genesis, const SignatureScheme& signatures, const StepExecutor& executor)
    : Engine(std::move(genesis), signatures, executor, nullptr) {
  rotation_.set_stakes(rotation_stakes(*genesis_, shards_));
  rotation_.take_snapshot(height_, genesis_->parameters.evidence_age_max);
  begin();
}

Engine::Engine(Genesis genesis, const SignatureScheme& signatures, const StepExecutor& executor,
               const LedgerExport* from)
    : genesis_(std::make_shared<const Genesis>(std::move(genesis))),
      signatures_(&signatures),
      executor_(&executor),
      chain_(chain_id(*genesis_)) {
  for (const auto& shard : genesis_->balances)
    for (const auto& [id, amount] : shard) supply_ += amount;
  const TableSeed seed = random_table_seed();
  for (std::int64_t s = 0; s < genesis_->shards; ++s) {
    ledger_ids_.push_back(ledger_id(chain_, s));
    shards_.emplace_back(s, seed);
  }
  if (from != nullptr) {
    load(*from);
    return;
  }
  parent_ = chain_;
  for (ShardState& shard : shards_)
    for (const auto& [id, amount] : genesis_->balances[static_cast<std::size_t>(shard.number())])
      shard.accounts.insert(id, {amount, 0});
}

/// Everything is in the journals afterwards, as if one block had made it.
void Engine::load(const LedgerExport& from) {
  for (std::size_t s = 0; s < shards_.size(); ++s) fill(shards_[s], from.state.shards[s]);
  in_flight_ = from.state.in_flight;
  for (const Receipt& receipt : in_flight_) receive(shards_, receipt);
  rotation_.restore(content_of(from.state.validators, from.state.snapshots));
  height_ = from.state.height;
  parent_ = from.parent;
}

/// Opens the first block on a state that is in the journals.
void Engine::begin() {
  BlockHeader none;
  sync(none);
  root_ = none.state;
  for (ShardState& shard : shards_) shard.keep();
  skip_to(0);
}

void Engine::skip_to(std::int64_t round) {
  P2PLLM_ASSERT(included_.empty() && round >= 0 && !is_pending_);
  round_ = round;
  proposer_ = rotation_.proposer(round);
}

Reason Engine::reason_alone(const Transaction& transaction, ByteView encoded) const {
  const Reason reason = reason_form(transaction, chain_, *genesis_);
  return reason == Reason::none && encoded.size() > transaction_bytes_max ? Reason::malformed_encoding : reason;
}

Engine::Verdict Engine::check(const Transaction& transaction, ByteView encoded) const {
  const Reason reason = reason_alone(transaction, encoded);
  return reason == Reason::none ? check(transaction, id_of_encoded(encoded)) : Verdict{reason, {}};
}

/// Ids are hashed together, and so are signatures that are hashes. Any others are verified one by one, also part by
/// part where there are parts enough for all processors, while a part is in the cache.
std::vector<Engine::Verdict> Engine::check_all(std::span<const DecodedTransaction> transactions) const {
  constexpr std::size_t many = 4096;
  std::vector<Verdict> verdicts(transactions.size());
  const bool are_hashes = !signatures_->hash_tag().empty(), are_many = transactions.size() >= many;
  const auto verify = [&](std::size_t k) {
    if (verdicts[k].reason == Reason::none) verdicts[k] = check(transactions[k].transaction, verdicts[k].id);
  };
  hash_in_parts(transactions.size(), [&](std::size_t from, std::size_t to, HashBatch& batch) {
    for (std::size_t k = from; k < to; ++k) {
      const auto& [transaction, encoded] = transactions[k];
      verdicts[k].reason = encoded.empty() ? Reason::malformed_encoding : reason_alone(transaction, encoded);
      if (verdicts[k].reason == Reason::none) add_id(batch, encoded);
    }
    auto id = batch.hash().begin();
    for (std::size_t k = from; k < to; ++k)
      if (verdicts[k].reason == Reason::none) verdicts[k].id = *id++;
    const std::size_t size = to - from;
    if (are_hashes) check_hashes(transactions.subspan(from, size), std::span(verdicts).subspan(from, size), batch);
    for (std::size_t k = from; are_many && !are_hashes && k < to; ++k) verify(k);
  });
  if (!are_hashes && !are_many) for_all(transactions.size(), 2, verify);
  return verdicts;
}

/// A signature of such a scheme is the hash and 32 zero bytes.
void Engine::check_hashes(std::span<const DecodedTransaction> transactions, std::span<Verdict> verdicts,
                          HashBatch& batch) const {
  batch.clear();
  for (std::size_t k = 0; k < verdicts.size(); ++k) {
    if (verdicts[k].reason != Reason::none) continue;
    const AccountId& sender = transactions[k].transaction.sender;
    const std::span<std::uint8_t> text = batch.add(signatures_->hash_tag(), sender.bytes.size() + sizeof(Hash));
    std::ranges::copy(verdicts[k].id, std::ranges::copy(sender.bytes, text.begin()).out);
  }
  auto hash = batch.hash().begin();
  for (std::size_t k = 0; k < verdicts.size(); ++k) {
    if (verdicts[k].reason != Reason::none) continue;
    Signature expected;
    std::ranges::copy(*hash++, expected.bytes.begin());
    if (transactions[k].transaction.signature != expected) verdicts[k] = {Reason::wrong_signature, {}};
  }
}

/// The strict verifier decides (COMMIT-3); what is parallel is only that many signatures are verified at once.
Engine::Verdict Engine::check(const Transaction& transaction, const Hash& id) const {
  if (!signatures_->verify(transaction.sender, id, transaction.signature)) return {Reason::wrong_signature, {}};
  return {Reason::none, id};
}

Outcome Engine::run(const Transaction& transaction, const Verdict& verdict) {
  if (!faults_.empty()) return {Reason::halted, {}};
  if (verdict.reason != Reason::none) return {verdict.reason, verdict.id};
  const auto s = static_cast<std::size_t>(transaction.shard);
  ShardState& shard = shards_[s];
  const auto place = shard.accounts.find(transaction.sender);
  const Account account = place == shard.accounts.none ? Account{} : shard.accounts[place];
  const Numbers refused = reason_admission<Numbers>(account.balance, static_cast<Numbers>(account.nonce),
                                                    static_cast<Numbers>(transaction.nonce), transaction.valid_until,
                                                    transaction.fee, height_, genesis_->parameters.min_fee);
  if (refused != 0) return {as_reason(refused), verdict.id};
  Account& charged = shard.accounts.change(place);
  auto nonce = static_cast<Numbers>(charged.nonce);
  charge(charged.balance, nonce, transaction.fee);
  charged.nonce = static_cast<std::uint64_t>(nonce);
  const BlockFacts facts{*genesis_, rotation_, *signatures_, *executor_, chain_, height_};
  OperationContext context(shard, facts, ledger_ids_[s], transaction.sender, verdict.id);
  context.pay(proposer_, transaction.fee);
  return {optimized::run(context, transaction.operation), verdict.id};
}

void Engine::include(const Outcome& outcome) {
  if (is_included(outcome.reason)) included_.push_back(outcome.id);
}

Outcome Engine::execute(const Transaction& transaction) {
  P2PLLM_ASSERT(!is_pending_);
  // What has no encoding is malformed; its form says why, before the encoding is needed.
  const Reason form = reason_form(transaction, chain_, *genesis_);
  const Outcome outcome =
      run(transaction, form == Reason::none ? check(transaction, encode(transaction)) : Verdict{form, {}});
  include(outcome);
  return outcome;
}

Outcome Engine::execute(ByteView encoded) {
  P2PLLM_ASSERT(!is_pending_);
  const auto decoded = decode_transaction(encoded);
  if (!decoded) return {faults_.empty() ? Reason::malformed_encoding : Reason::halted, {}};
  const Outcome outcome = run(*decoded, check(*decoded, encoded));
  include(outcome);
  return outcome;
}

std::vector<Outcome> Engine::execute(std::span<const Bytes> transactions) {
  P2PLLM_ASSERT(!is_pending_);
  if (transactions.size() < parallel_from) {
    std::vector<Outcome> outcomes;
    for (const Bytes& encoded : transactions) outcomes.push_back(execute(ByteView(encoded)));
    return outcomes;
  }
  std::vector<DecodedTransaction> decoded(transactions.size());
  for_all(transactions.size(), parallel_from, [&](std::size_t k) {
    if (auto read = decode_transaction(transactions[k])) decoded[k] = {*std::move(read), transactions[k]};
  });
  return execute(decoded);
}

/// Shards share nothing while transactions run (SHARD-2), so each runs its own in their order.
std::vector<Outcome> Engine::execute(std::span<const DecodedTransaction> transactions) {
  P2PLLM_ASSERT(!is_pending_);
  const std::vector<Verdict> verdicts = check_all(transactions);
  std::vector<std::vector<std::uint32_t>> queues(shards_.size());
  for (std::size_t k = 0; k < transactions.size(); ++k) {
    const bool is_formed = verdicts[k].reason == Reason::none;
    const std::int64_t shard = is_formed ? transactions[k].transaction.shard : 0;
    queues[static_cast<std::size_t>(shard)].push_back(static_cast<std::uint32_t>(k));
  }
  std::vector<Outcome> outcomes(transactions.size());
  const auto has_work = std::ranges::count_if(queues, [](const auto& queue) { return !queue.empty(); });
  for_all(queues.size(), has_work > 1 ? 2 : queues.size() + 1, [&](std::size_t s) {
    for (const std::uint32_t k : queues[s]) outcomes[k] = run(transactions[k].transaction, verdicts[k]);
  });
  for (const Outcome& outcome : outcomes) include(outcome);
  return outcomes;
}

BlockHeader Engine::end_block() {
  P2PLLM_ASSERT(!is_pending_);
  is_pending_ = true;
  before_.height = height_;
  before_.parent = parent_;
  before_.in_flight = in_flight_;
  before_.rotation = rotation_.content();
  before_.faults = faults_;
  BlockHeader header{height_, round_, parent_, proposer_, {}, {}};
  migrate_queued(*genesis_, shards_);
  deliver_receipts(shards_, in_flight_);
  const bool have_stakes_changed = change_stakes(shards_);
  rotation_.end_block(round_);
  if (have_stakes_changed) rotation_.set_stakes(rotation_stakes(*genesis_, shards_));
  ++height_;
  round_ = 0;
  rotation_.take_snapshot(height_, genesis_->parameters.evidence_age_max);
  if (faults_.empty()) faults_ = violations_of_block(*genesis_, height_, shards_, 0);
  sync(header);
  next_root_ = header.state;
  included_.clear();
  parent_ = hash_of(header);
  return header;
}

/// The roots of a block's header: of what it includes (LEDGER-6), and of the state after it (LEDGER-7). The parts of
/// the state have a map each; no root depends on another.
void Engine::sync(BlockHeader& header) {
  roots_.resize(1 + shards_.size());
  std::size_t rows = included_.size();
  for (const ShardState& shard : shards_) rows += shard.changed_rows();
  const std::size_t count = 1 + roots_.size();
  for_all(count, rows < parallel_from ? count + 1 : 2, [&](std::size_t k) {
    if (k == 0) header.transactions = root_of_transactions(included_);
    else roots_[k - 1] = k == 1 ? rotation_.sync() : shards_[k - 2].sync();
  });
  CborWriter out;
  out.array(3 + roots_.size()).bytes(chain_).number(static_cast<std::uint64_t>(height_)).number(0);
  for (const Hash& root : roots_) out.bytes(root);
  header.state = hash_tagged("p2pllm/1/state", out.view());
}

void Engine::apply() {
  P2PLLM_ASSERT(is_pending_);
  for (ShardState& shard : shards_) shard.keep();
  root_ = next_root_;
  is_pending_ = false;
  skip_to(0);
}

void Engine::discard() {
  for (ShardState& shard : shards_) shard.restore();
  included_.clear();
  if (is_pending_) {
    height_ = before_.height;
    parent_ = before_.parent;
    in_flight_ = std::move(before_.in_flight);
    rotation_.restore(before_.rotation);
    faults_ = std::move(before_.faults);
    is_pending_ = false;
  }
  skip_to(0);
}

Candidate Engine::candidate(std::int64_t round, std::span<const Bytes> transactions) {
  P2PLLM_ASSERT(!is_pending_ && included_.empty());
  skip_to(round);
  Candidate made{{}, execute(transactions)};
  for (std::size_t k = 0; k < transactions.size(); ++k)
    if (is_included(made.outcomes[k].reason)) made.block.transactions.push_back(transactions[k]);
  made.block.header = end_block();
  return made;
}

tl::expected<std::vector<Outcome>, Fault> Engine::validate(const Block& block) {
  P2PLLM_ASSERT(!is_pending_ && included_.empty());
  if (block.header.round < 0 || block.header.round > block_round_max)
    return tl::unexpected<Fault>(block_fault("round", std::to_string(block.header.round), "0 to 1000 is required"));
  skip_to(block.header.round);
  std::vector<Outcome> outcomes = execute(block.transactions);
  const BlockHeader computed = end_block();
  const auto refused = std::ranges::find_if_not(outcomes, is_included, &Outcome::reason);
  std::optional<Fault> fault;
  if (refused != outcomes.end())
    fault = block_fault("transactions/" + std::to_string(refused - outcomes.begin()),
                        std::string(name_of(refused->reason)), std::string(to_string(refused->reason)));
  else fault = header_fault(block.header, computed);
  if (!fault) return outcomes;
  discard();
  return tl::unexpected<Fault>(*std::move(fault));
}

LedgerExport Engine::export_state() const {
  P2PLLM_ASSERT(!is_pending_ && included_.empty());
  LedgerExport made;
  made.parent = parent_;
  made.state.chain = chain_;
  made.state.height = height_;
  for (const ShardState& shard : shards_) made.state.shards.push_back(shard_of(shard));
  made.state.in_flight = in_flight_;
  made.state.validators = validators_of(rotation_.content());
  for (const auto& snapshot : rotation_.content().snapshots) made.state.snapshots.push_back(*snapshot);
  return made;
}

std::optional<Fault> Engine::import_state(const LedgerExport& from) {
  P2PLLM_ASSERT(!is_pending_ && included_.empty());
  const auto fault = [](const char* place, std::string rule) {
    return std::optional(Fault{.clause = "LEDGER-7", .place = place, .value = {}, .rule = std::move(rule)});
  };
  const LedgerState& state = from.state;
  if (state.chain != chain_) return fault("chain", "the chain of this genesis is required");
  if (std::ssize(state.shards) != genesis_->shards) return fault("shards", "one a shard is required");
  if (state.height < 1 || state.round != 0) return fault("height", "the state between two blocks is required");
  if (state.validators.empty() || state.snapshots.empty()) return fault("validators", "a proposer is required");
  if (std::ranges::any_of(state.shards, [](const Shard& s) { return !s.outgoing.empty() || !s.queued_moves.empty(); }))
    return fault("shards", "the state between two blocks is required");
  std::set<Hash> receipts;
  for (const Receipt& receipt : state.in_flight)
    if (receipt.to_shard < 0 || receipt.to_shard >= genesis_->shards || !receipts.insert(receipt.id).second)
      return fault("in_flight", "each receipt once, for a shard of the chain, is required");
  if (const auto range = range_fault(state, genesis_->layers)) return fault("shards", *range);
  Engine next(*genesis_, *signatures_, *executor_, &from);
  const auto broken = violations_of_block(*genesis_, next.height_, next.shards_, supply_);
  if (!broken.empty()) return fault("shards", broken.front());
  next.begin();
  *this = std::move(next);
  return std::nullopt;
}

}  // namespace p2pllm::optimized
