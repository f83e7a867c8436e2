#include "apps/p2pllm/simulation/contract_trace.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "model/assert.hpp"
#include "model/contracts/channel_message.hpp"
#include "reference/contracts/replay.hpp"

namespace p2pllm::app {
namespace {

using namespace contracts;
using reference::TraceHead;
using reference::TraceWriter;

constexpr Amount client_balance_max = Amount{1} << 56U;  // all balances together are below 2^57 (LEDGER-1)
constexpr Amount node_balance = 1'000'000;               // for fees
constexpr Amount fee = 1;
constexpr Height validity = 10;  // blocks
constexpr std::size_t name_bytes_max = 32;

KeyPair key_of(const std::string& name) { return ed25519().key_of_seed(sha256(bytes_of("p2pllm simulate " + name))); }

/// A name that a trace allows: no space, printable, not too long.
bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= name_bytes_max &&
         std::ranges::all_of(text, [](char letter) { return letter > ' ' && letter <= '~'; });
}

/// The clients of a run, as one account, and their contracts with nodes.
class Clients {
 public:
  Clients(const Scenario& scenario, const Network& network, std::int64_t seed, const std::vector<std::size_t>& earners,
          Amount balance)
      : deposit_(scenario.ledger->deposit),
        client_(key_of("clients")),
        writer_(head(scenario, network, seed, earners, balance)) {
    for (const std::size_t node : earners) nodes_[node].key = key_of(node_name(network, node));
  }

  /// A node earned an amount: it is added to what their channel says, or to that of a new one.
  void pay(std::size_t node, Amount amount) {
    Contract& contract = nodes_[node];
    if (contract.terms && contract.terms->deposit_a - contract.earned < amount) close(contract);
    if (!contract.terms) open(contract, std::max(deposit_, amount));
    contract.earned += amount;
    trace_.paid += amount;
  }
  void end_block() { writer_.end_blocks(); }
  [[nodiscard]] std::size_t bytes() const { return writer_.text().size(); }

  [[nodiscard]] ContractTrace finish() {
    for (auto& [node, contract] : nodes_)
      if (contract.terms) close(contract);
    end_block();
    trace_.text = writer_.text();
    return std::move(trace_);
  }

 private:
  struct Contract {
    KeyPair key;
    std::optional<ChannelTerms> terms;  ///< of the open channel
    Amount earned = 0;                  ///< in it
    std::int64_t next_nonce = 0;
  };

  static std::string node_name(const Network& network, std::size_t node) { return "node " + network.nodes[node].id; }

  TraceHead head(const Scenario& scenario, const Network& network, std::int64_t seed,
                 const std::vector<std::size_t>& earners, Amount balance) const {
    TraceHead head;
    const AccountId proposer = key_of("proposer").public_key;
    head.genesis = {scenario.name + ", seed " + std::to_string(seed), 1, network.layers, {}, {}, {proposer}};
    head.genesis.parameters = {100, 1000, fee, 5, 30, 5, 20, 50, 2, 20, 1, 10, 4096, 1'000'000, 5, 2, 20};
    head.genesis.balances.resize(1);
    head.genesis.balances[0][client_.public_key] = balance;
    head.names = {{client_.public_key, "clients"}, {proposer, "proposer"}};
    for (const std::size_t node : earners) {
      const AccountId id = key_of(node_name(network, node)).public_key;
      head.genesis.balances[0][id] = node_balance;
      const std::string& name = network.nodes[node].id;
      head.names[id] = is_name(name) && name != "clients" && name != "proposer" ? name : "node-" + std::to_string(node);
    }
    return head;
  }

  void open(Contract& contract, Amount deposit) {
    const Height now = writer_.ledger().height();
    contract.terms =
        ChannelTerms{client_.public_key, contract.key.public_key, contract.next_nonce++, 2, deposit, 0, now + validity};
    contract.earned = 0;
    ++trace_.channels;
    send(client_, ChannelOpen{{*contract.terms}});
    send(contract.key, ChannelFund{{*contract.terms}});
  }

  /// Both sign the last balances as final ones (CHAN-5).
  void close(Contract& contract) {
    const Hash ledger = ledger_id(writer_.ledger().chain(), 0);
    const Hash id = channel_id(ledger, *contract.terms);
    const ChannelBalances balances{channel_version_final, contract.terms->deposit_a - contract.earned, contract.earned};
    const Hash message = channel_state_message({ledger, id}, balances);
    send(client_, ChannelCooperativeClose{{id,
                                           {balances, ed25519().sign(client_.secret_key, message),
                                            ed25519().sign(contract.key.secret_key, message)}}});
    contract.terms.reset();
  }

  void send(const KeyPair& key, Operation operation) {
    const reference::Ledger& ledger = writer_.ledger();
    const auto& accounts = ledger.shards()[0].accounts;
    Transaction transaction{ledger.chain(),       0, key.public_key, 0, ledger.height() + validity, fee,
                            std::move(operation), {}};
    if (const auto found = accounts.find(key.public_key); found != accounts.end())
      transaction.nonce = found->second.nonce;
    transaction.signature = ed25519().sign(key.secret_key, transaction_id(transaction));
    const Outcome outcome = writer_.execute(transaction);
    P2PLLM_ASSERT(outcome.reason == Reason::none);  // nobody else moves money, and blocks end soon enough
  }

  Amount deposit_;
  KeyPair client_;
  TraceWriter writer_;
  std::map<std::size_t, Contract> nodes_;
  ContractTrace trace_;
};

}  // namespace

Result<ContractTrace> contract_trace(const Scenario& scenario, const Network& network, const SimulationRun& run,
                                     std::int64_t seed) {
  std::vector<std::size_t> earners;
  for (const SimulatedPayment& payment : run.payments)
    if (payment.amount > 0) earners.push_back(payment.node);
  std::ranges::sort(earners);
  earners.erase(std::unique(earners.begin(), earners.end()), earners.end());
  // What is paid, what the open channels hold beside it, and the fees: two for a channel.
  mpz_class need = 2 * fee * static_cast<std::int64_t>(earners.size() + run.payments.size());
  Amount most = scenario.ledger->deposit;
  for (const SimulatedPayment& payment : run.payments) {
    need += payment.amount;
    most = std::max(most, payment.amount);
  }
  need += mpz_class(most) * earners.size();
  if (need > client_balance_max)
    return limit_reached(
        "the clients of this run would need " + need.get_str() +
        " money units, and a ledger holds less than 2^57; a smaller /ledger/unit or deposit needs less");
  Clients clients(scenario, network, seed, earners, need.get_si());
  std::int64_t step = 0;
  for (const SimulatedPayment& payment : run.payments) {
    if (payment.amount == 0) continue;
    if (step != 0 && payment.step != step) clients.end_block();
    step = payment.step;
    clients.pay(payment.node, payment.amount);
    if (clients.bytes() > reference::trace_bytes_max / 2)
      return limit_reached("the contracts of this run do not fit a trace; a greater /ledger/deposit needs fewer");
  }
  return clients.finish();
}

}  // namespace p2pllm::app
