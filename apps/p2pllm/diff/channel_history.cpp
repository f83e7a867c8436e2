#include "apps/p2pllm/diff/channel_history.hpp"

#include <map>
#include <set>

#include "fuzz/contracts/trace_text.hpp"
#include "fuzz/contracts/world.hpp"
#include "model/contracts/channel_message.hpp"

namespace p2pllm::app {
namespace {

using namespace contracts;
using Names = std::map<AccountId, std::string>;

Json integer(std::int64_t value) { return Json::integer(value); }

std::string name_in(const Names& names, const AccountId& id) {
  const auto found = names.find(id);
  return found == names.end() ? to_hex(id.bytes) : found->second;
}

/// Writes the request of one operation on the ledger as it was before.
class RequestWriter {
 public:
  RequestWriter(const reference::Ledger& ledger, const Names& names, const Transaction& transaction)
      : ledger_(ledger), names_(names), shard_(transaction.shard) {
    add("height", integer(ledger.height()));
    add("proposer", name_in(names, ledger.proposer()));
    add("sender", name_in(names, transaction.sender));
    add("fee", integer(transaction.fee));
    add("operation", std::string(name_of(transaction.operation)));
    touched_ = {transaction.sender, ledger.proposer()};
    sender_ = transaction.sender;
  }

  void operator()(const WithChannelTerms& op) {
    find(channel_id(ledger_id(ledger_.chain(), shard_), op.terms));
    ChannelTerms::fields(op.terms, [this](std::string_view name, const auto& value) {
      if constexpr (std::is_same_v<std::decay_t<decltype(value)>, AccountId>) add(name, name_in(names_, value));
      else add(name, integer(value));
    });
    touched_.insert({op.terms.a, op.terms.b});
  }
  void operator()(const OnChannel& op) { find(op.channel); }
  void operator()(const WithChannelState& op) {
    find(op.channel);
    const ChannelBalances& balances = op.state.balances;
    ChannelBalances::fields(balances, [this](std::string_view name, std::int64_t value) { add(name, integer(value)); });
    const Hash message = channel_state_message(place_, balances);
    add("signed_by_a", record_ != nullptr && ideal_signatures().verify(record_->a, message, op.state.signature_a));
    add("signed_by_b", record_ != nullptr && ideal_signatures().verify(record_->b, message, op.state.signature_b));
  }
  void operator()(const ChannelPunish& op) {
    find(op.channel);
    add("revoked_below", integer(op.revoked_below));
    const bool is_signed =
        record_ != nullptr &&
        ideal_signatures().verify(sender_ == record_->a ? record_->b : record_->a,
                                  channel_revocation_message(place_, op.revoked_below), op.revocation);
    add("revocation_signed_by_other", is_signed);
  }

  [[nodiscard]] std::string line() { return write_json_line(std::move(line_)); }
  [[nodiscard]] const std::set<AccountId>& touched() const { return touched_; }

 private:
  void add(std::string_view name, Json value) { line_.emplace_back(std::string(name), std::move(value)); }
  void find(const Hash& id) {
    place_ = {ledger_id(ledger_.chain(), shard_), id};
    add("channel", to_hex(id));
    const auto& channels = ledger_.shards()[static_cast<std::size_t>(shard_)].channels;
    const auto found = channels.find(id);
    if (found == channels.end()) return;
    record_ = &found->second;
    touched_.insert({record_->a, record_->b});
  }

  const reference::Ledger& ledger_;
  const Names& names_;
  std::int64_t shard_;
  AccountId sender_{};
  ChannelPlace place_{};
  const ChannelRecord* record_ = nullptr;
  std::set<AccountId> touched_;
  Json::Object line_;
};

Json balances_of(const reference::Ledger& ledger, const Names& names, const std::set<AccountId>& ids) {
  Json::Object balances;
  for (const AccountId& id : ids) {
    const auto& accounts = ledger.shards().front().accounts;
    const auto found = accounts.find(id);
    balances.emplace_back(name_in(names, id), integer(found == accounts.end() ? 0 : found->second.balance));
  }
  return balances;
}

void run(reference::Ledger& ledger, const Names& names, const fuzz::RecordedBlock& block, ChannelHistory& history) {
  ledger.skip_to(block.round);
  for (const Bytes& encoded : block.transactions) {
    const auto transaction = decode_transaction(encoded);
    if (!transaction || machine_of(transaction->operation) != MachineKind::channel || transaction->shard != 0) {
      (void)ledger.execute(ByteView(encoded));
      continue;
    }
    RequestWriter writer(ledger, names, *transaction);
    std::visit(
        [&writer]<typename Op>(const Op& op) {
          if constexpr (Op::machine == MachineKind::channel) writer(op);
        },
        transaction->operation);
    const Reason reason = ledger.execute(ByteView(encoded)).reason;
    const Consequence consequence = consequence_of(reason);
    if (consequence != Consequence::applied && consequence != Consequence::failed) continue;
    history.requests.push_back({writer.line(), std::string(name_of(transaction->operation)),
                                Json::Object{{"reason", std::string(name_of(reason))},
                                             {"balances", balances_of(ledger, names, writer.touched())}}});
  }
}

}  // namespace

ChannelHistory channel_history(ByteView program) {
  fuzz::World world(program, {.focus = fuzz::Focus::channels});
  try {
    world.run();
  } catch (const fuzz::LawBroken&) {
    // What happened before is compared all the same.
  }
  const fuzz::Chain& chain = world.chain();
  const Genesis& genesis = chain.ledger().genesis();
  ChannelHistory history{{}, {}, world.frames(), fuzz::trace_of(chain)};
  const Names names = fuzz::names_of(chain);
  reference::Ledger ledger(genesis, ideal_signatures(), sample_executor());
  Json::Object accounts;
  for (const auto& [id, amount] : genesis.balances.front()) accounts.emplace_back(name_in(names, id), integer(amount));
  history.head = write_json_line(Json::Object{{"format", "p2pllm-candidate/1"},
                                              {"closing_min", integer(genesis.parameters.closing_min)},
                                              {"closing_max", integer(genesis.parameters.closing_max)},
                                              {"accounts", std::move(accounts)}});
  for (const fuzz::RecordedBlock& block : chain.blocks()) {
    run(ledger, names, block, history);
    (void)ledger.end_block();
  }
  run(ledger, names, chain.open_block(), history);
  return history;
}

std::string text_of(const ChannelHistory& history) {
  std::string text = history.head + "\n";
  for (const ChannelRequest& request : history.requests) text += request.line + "\n";
  return text;
}

}  // namespace p2pllm::app
