#include "reference/contracts/reference_executor.hpp"

#include "model/assert.hpp"
#include "model/encoding/bytes.hpp"
#include "reference/contracts/invariants.hpp"

namespace p2pllm::reference {
namespace {

Fault block_fault(std::string place, std::string value, std::string rule) {
  return {.clause = "LEDGER-6", .place = std::move(place), .value = std::move(value), .rule = std::move(rule)};
}

bool is_included(const Outcome& outcome) {
  const Consequence consequence = consequence_of(outcome.reason);
  return consequence == Consequence::applied || consequence == Consequence::failed;
}

/// The header of a block whose transactions are all included, as a ledger that has it to check computes it.
BlockHeader header_after(Ledger ledger, const Block& block) {
  ledger.skip_to(block.header.round);
  for (const Bytes& encoded : block.transactions) (void)ledger.execute(ByteView(encoded));
  return ledger.end_block();
}

/// The first member in which a header differs from the header computed for its block.
std::optional<Fault> header_fault(const BlockHeader& stated, const BlockHeader& computed) {
  std::optional<Fault> fault;
  const auto differ = [&fault](const char* member, const std::string& value, const std::string& expected) {
    if (!fault && value != expected) fault = block_fault(member, value, expected + " is required");
  };
  differ("height", std::to_string(stated.height), std::to_string(computed.height));
  differ("parent", to_hex(stated.parent), to_hex(computed.parent));
  differ("proposer", to_hex(stated.proposer.bytes), to_hex(computed.proposer.bytes));
  differ("transactions", to_hex(stated.transactions), to_hex(computed.transactions));
  differ("state", to_hex(stated.state), to_hex(computed.state));
  return fault;
}

}  // namespace

Candidate ReferenceExecutor::candidate(std::int64_t round, std::span<const Bytes> transactions) {
  P2PLLM_ASSERT(!pending_ && round >= 0);
  Candidate made;
  pending_ = ledger_;
  pending_->skip_to(round);
  for (const Bytes& encoded : transactions) {
    made.outcomes.push_back(pending_->execute(ByteView(encoded)));
    if (is_included(made.outcomes.back())) made.block.transactions.push_back(encoded);
  }
  made.block.header = pending_->end_block();
  P2PLLM_VERIFY(header_after(ledger_, made.block) == made.block.header);
  return made;
}

tl::expected<std::vector<Outcome>, Fault> ReferenceExecutor::validate(const Block& block) {
  P2PLLM_ASSERT(!pending_);
  if (block.header.round < 0 || block.header.round > block_round_max) {
    return tl::unexpected<Fault>(block_fault("round", std::to_string(block.header.round), "0 to 1000 is required"));
  }
  const Candidate made = candidate(block.header.round, block.transactions);
  std::optional<Fault> fault;
  for (std::size_t k = 0; k < made.outcomes.size() && !fault; ++k)
    if (!is_included(made.outcomes[k]))
      fault = block_fault("transactions/" + std::to_string(k), std::string(name_of(made.outcomes[k].reason)),
                          std::string(to_string(made.outcomes[k].reason)));
  if (!fault) fault = header_fault(block.header, made.block.header);
  if (!fault) return made.outcomes;
  pending_.reset();
  return tl::unexpected<Fault>(*std::move(fault));
}

void ReferenceExecutor::apply() {
  P2PLLM_ASSERT(pending_);
  ledger_ = *std::move(pending_);
  pending_.reset();
}

void ReferenceExecutor::discard() {
  P2PLLM_ASSERT(pending_);
  pending_.reset();
}

std::optional<Fault> ReferenceExecutor::import_state(const LedgerExport& from) {
  P2PLLM_ASSERT(!pending_);
  const auto fault = [](const char* place, std::string rule) {
    return std::optional(Fault{.clause = "LEDGER-7", .place = place, .value = {}, .rule = std::move(rule)});
  };
  const LedgerState& state = from.state;
  if (state.chain != ledger_.chain()) return fault("chain", "the chain of this genesis is required");
  if (std::ssize(state.shards) != ledger_.genesis().shards) return fault("shards", "one a shard is required");
  if (state.height < 1 || state.round != 0) return fault("height", "the state between two blocks is required");
  if (state.validators.empty() || state.snapshots.empty()) return fault("validators", "a proposer is required");
  for (const Shard& shard : state.shards)
    if (!shard.outgoing.empty() || !shard.queued_moves.empty())
      return fault("shards", "the state between two blocks is required");
  for (const Receipt& receipt : state.in_flight)
    if (receipt.to_shard < 0 || receipt.to_shard >= ledger_.genesis().shards)
      return fault("in_flight", "each receipt once, for a shard of the chain, is required");
  if (const auto range = range_fault(state, ledger_.genesis().layers)) return fault("shards", *range);
  const auto broken = violations({ledger_.genesis(), state.height, state.shards, state.in_flight, ledger_.supply()});
  if (!broken.empty()) return fault("shards", broken.front());
  ledger_.import_state(from);
  return std::nullopt;
}

}  // namespace p2pllm::reference
