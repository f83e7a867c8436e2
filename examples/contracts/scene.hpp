#pragma once

#include "parties/computation.hpp"
#include "reference/contracts/replay.hpp"

// The people, the model and the ledger of the example traces.
namespace p2pllm::examples {

using namespace p2pllm::parties;
using namespace p2pllm::reference;

/// People with accounts on a small ledger, who send transactions that a trace records.
class Scene {
 public:
  explicit Scene(const std::string& name, std::int64_t shards = 1, Amount each = 1000)
      : writer_(head_of(name, shards, each)) {}

  static KeyPair key(const std::string& name) { return ed25519().key_of_seed(sha256(bytes_of("p2pllm " + name))); }
  static AccountId account(const std::string& name) { return key(name).public_key; }
  [[nodiscard]] Height height() const { return writer_.ledger().height(); }
  [[nodiscard]] const Ledger& ledger() const { return writer_.ledger(); }
  [[nodiscard]] const std::string& text() const { return writer_.text(); }
  [[nodiscard]] const SlaRecord& job(const Hash& sla) const { return ledger().shards()[0].slas.at(sla); }
  void blocks(std::int64_t count = 1) { writer_.end_blocks(count); }
  void skip_to(std::int64_t round) { writer_.skip_to(round); }

  [[nodiscard]] Transaction made(const std::string& who, Operation operation, std::int64_t shard = 0) const {
    Transaction transaction{ledger().chain(), shard, account(who), 0, height() + 10, 1, std::move(operation), {}};
    const auto& accounts = ledger().shards()[static_cast<std::size_t>(shard)].accounts;
    if (const auto found = accounts.find(transaction.sender); found != accounts.end())
      transaction.nonce = found->second.nonce;
    return signed_by(who, transaction);
  }
  static Transaction signed_by(const std::string& who, Transaction transaction) {
    transaction.signature = ed25519().sign(key(who).secret_key, transaction_id(transaction));
    return transaction;
  }
  Hash send(const std::string& who, Operation operation, std::int64_t shard = 0) {
    return writer_.execute(made(who, std::move(operation), shard)).id;
  }
  void send(const Transaction& transaction) { writer_.execute(transaction); }
  void send_bytes(const Bytes& bytes) { writer_.execute(bytes); }

 private:
  static TraceHead head_of(const std::string& name, std::int64_t shards, Amount each) {
    TraceHead head;
    head.genesis = {name, shards, 4, {}, {}, {account("proposer")}};
    head.genesis.parameters = {100, 1000, 1, 5, 30, 5, 20, 50, 2, 20, 1, 10, 4096, 1'000'000, 5, 2, 20};
    head.genesis.balances.resize(static_cast<std::size_t>(shards));
    for (const char* person : {"alice", "bob", "carol", "dave", "proposer"}) {
      head.names[account(person)] = person;
      if (std::string(person) != "proposer") head.genesis.balances[0][account(person)] = each;
    }
    return head;
  }

  TraceWriter writer_;
};

inline const Hash model = sha256(bytes_of("a model of four layers"));
inline constexpr LayerRange all_layers{0, 4};
inline const Bytes prompt{1, 2, 3, 5, 8};

}  // namespace p2pllm::examples
