#include "optimized/contracts/transaction_form.hpp"

#include <cstring>

#include "model/assert.hpp"
#include "optimized/contracts/channel_rules.hpp"
#include "optimized/contracts/sla_rules.hpp"

namespace p2pllm::optimized {
namespace {

bool is_amount(std::int64_t value) { return value >= 0 && value <= amount_max; }

/// Whether the numbers of an operation are within the limits of the encoding (LEDGER-2).
template <typename Op>
bool has_amounts(const Op& op) {
  bool all = true;
  Op::fields(op, [&all](std::string_view, const auto& value) {
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (std::is_same_v<Value, std::int64_t>) all &= is_amount(value);
    if constexpr (std::is_same_v<Value, LayerRange>) all &= is_amount(value.first) && is_amount(value.last);
  });
  return all;
}

bool are_layers(const LayerRange& layers, const Genesis& genesis) {
  return layers.first < layers.last && layers.last <= genesis.layers;
}

/// Whether what an operation says can ever be right; an operation that is not named here always can.
template <typename Op>
Reason reason_terms(const Op& op, const Genesis& genesis) {
  const auto& p = genesis.parameters;
  bool fit = true;
  if constexpr (std::is_same_v<Op, Transfer>) {
    if (op.to_shard >= genesis.shards) return Reason::wrong_shard;
  } else if constexpr (std::is_same_v<Op, Register>) {
    fit = are_layers(op.layers, genesis) && op.cost_us >= 1;
  } else if constexpr (std::is_same_v<Op, Migrate>) {
    fit = are_layers(op.layers, genesis);
  } else if constexpr (std::is_same_v<Op, Propose>) {
    fit = are_layers(op.layers, genesis) && terms_fit(op.terms, p);
  } else if constexpr (std::is_same_v<Op, ChannelOpen>) {
    fit = terms_fit(numbers_of(op.terms), p, op.terms.a != op.terms.b);
  }
  return fit ? Reason::none : Reason::terms_out_of_range;
}

}  // namespace

Reason reason_form(const Transaction& transaction, const Hash& chain, const Genesis& genesis) {
  if (transaction.chain != chain) return Reason::wrong_chain;
  if (transaction.shard < 0 || transaction.shard >= genesis.shards) return Reason::wrong_shard;
  if (transaction.nonce > static_cast<std::uint64_t>(amount_max) || !is_amount(transaction.fee) ||
      !is_amount(transaction.valid_until))
    return Reason::amount_out_of_range;
  return std::visit(
      [&genesis](const auto& op) { return has_amounts(op) ? reason_terms(op, genesis) : Reason::amount_out_of_range; },
      transaction.operation);
}

namespace {

constexpr std::size_t signature_bytes = 66;  // its head and its 64 bytes
constexpr std::string_view id_tag = "p2pllm/1/transaction";

}  // namespace

Hash id_of_encoded(ByteView encoded) {
  P2PLLM_ASSERT(encoded.size() > 1 + signature_bytes && encoded.front() == 0x88);
  thread_local Bytes text;
  text.assign(encoded.begin(), encoded.end() - signature_bytes);
  text.front() = 0x87;
  return hash_tagged(id_tag, text);
}

void add_id(HashBatch& batch, ByteView encoded) {
  P2PLLM_ASSERT(encoded.size() > 1 + signature_bytes && encoded.front() == 0x88);
  const std::span<std::uint8_t> text = batch.add(id_tag, encoded.size() - signature_bytes);
  std::memcpy(text.data(), encoded.data(), text.size());
  text.front() = 0x87;
}

}  // namespace p2pllm::optimized
