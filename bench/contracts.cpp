#include <benchmark/benchmark.h>

#include "model/contracts/channel_message.hpp"
#include "parties/computation.hpp"
#include "reference/contracts/replay.hpp"

namespace {

using namespace p2pllm;
using namespace p2pllm::parties;
using namespace p2pllm::reference;
using benchmark::State;

constexpr std::size_t operations = 5000;
constexpr std::size_t people = 100, providers = 20;
const LayerRange layers{0, 4};
const Bytes prompt(64, 7);

/// A history, as a trace, of transfers, jobs paid and disputed, channels closed alone and by agreement, and failures,
/// in blocks of about a hundred.
class Workload {
 public:
  explicit Workload(bool is_ideal)
      : scheme_(is_ideal ? ideal_signatures() : ed25519()), writer_(head(is_ideal), false) {
    for (std::size_t p = 0; p < providers; ++p) send(p, Register{layers, 1000, 10, 1000});
    while (count_ < operations) round();
  }
  [[nodiscard]] const std::string& text() const { return writer_.text(); }

 private:
  TraceHead head(bool is_ideal) {
    TraceHead head{{"bench", 1, 4, {100, 1000, 1, 5, 30, 5, 20, 50, 2, 20, 1, 10, 4096, 1'000'000, 5, 2, 20}, {{}}, {}},
                   is_ideal,
                   {}};
    for (std::size_t k = 0; k < people; ++k) {
      keys_.push_back(scheme_.key_of_seed(sha256(bytes_of("bench " + std::to_string(k)))));
      head.genesis.balances[0][keys_[k].public_key] = 1'000'000;
    }
    head.genesis.proposers = {keys_[0].public_key};
    return head;
  }
  [[nodiscard]] AccountId id(std::size_t k) const { return keys_[k].public_key; }
  Hash send(std::size_t who, Operation operation) {
    if (count_ == operations) return {};
    ++count_;
    const Height height = writer_.ledger().height();
    const auto& account = writer_.ledger().shards()[0].accounts.at(id(who));
    Transaction made{writer_.ledger().chain(), 0, id(who), account.nonce, height + 5, 1, std::move(operation), {}};
    made.signature = scheme_.sign(keys_[who].secret_key, transaction_id(made));
    return writer_.execute(made).id;
  }
  void transfers(std::size_t number) {
    for (std::size_t k = 0; k < number; ++k, ++turn_)
      send((turn_ * 7) % people, Transfer{id((turn_ * 13 + 5) % people), 0, static_cast<Amount>(turn_ % 50)});
  }
  void round() {
    const Computation work = compute(sample_executor(), {}, layers, prompt, 8);
    const Hash output = state_hash(work.states[8]);
    std::vector<Hash> jobs;
    for (std::size_t p = 0; p < providers; ++p) {
      const Height h = writer_.ledger().height();
      jobs.push_back(
          send(providers + p, Propose{id(p), layers, {}, state_hash(prompt), 5, 4, 2, h + 2, h + 9, 4, 3, 20}));
      send(p, Accept{jobs[p]});
      send(p, Accept{jobs[p]});  // fails
    }
    transfers(40);
    writer_.end_blocks();
    for (std::size_t p = 0; p < providers; ++p) {
      send(p, Deliver{jobs[p], merkle_root(work.leaves), output, state_hash(work.states[7]),
                      merkle_proof(work.leaves, 7)});
      if (p % 5 == 0) send(providers + p, Challenge{jobs[p], 5});
      else if (p % 5 == 1) send(providers + p, Demand{jobs[p]}), send(p, Publish{jobs[p], work.states[8]});
      else send(providers + p, Acknowledge{jobs[p]});
    }
    for (std::size_t p = 0; p < providers; p += 5) dispute(p, jobs[p], work);
    transfers(20);
    channels();
    writer_.end_blocks(5);
    for (std::size_t p = 1; p < providers; p += 5) send(99, Finalize{jobs[p]});
    for (std::size_t p = 0; p < providers; ++p) send(p, Update{static_cast<Amount>(10 + p)});
    writer_.end_blocks();
  }
  void dispute(std::size_t p, const Hash& job, const Computation& work) {
    for (const std::size_t mid : {4U, 6U, 7U}) {
      send(p, PostMid{job, state_hash(work.states[mid - 1]), state_hash(work.states[mid]),
                      merkle_proof(work.leaves, mid - 1)});
      send(providers + p, Side{job, true});
    }
    send(p, Judge{job, work.states[7]});
  }
  void channels() {
    const Hash ledger = ledger_id(writer_.ledger().chain(), 0);
    for (std::size_t k = 0; k < 10; ++k) {
      const std::size_t a = 40 + k, b = 60 + k;
      const ChannelTerms terms{id(a), id(b), static_cast<std::int64_t>(turn_), 4,
                               60,    40,    writer_.ledger().height() + 2};
      send(a, ChannelOpen{terms});
      send(b, ChannelFund{terms});
      const ChannelPlace place{ledger, channel_id(ledger, terms)};
      const auto state = [&](std::int64_t version, Amount of_a) {
        const Hash message = channel_state_message(place, {version, of_a, 100 - of_a});
        return ChannelSignedBalances{version, of_a, 100 - of_a, scheme_.sign(keys_[a].secret_key, message),
                                     scheme_.sign(keys_[b].secret_key, message)};
      };
      send(a, ChannelClose{place.channel, state(1, 50)});
      send(b, ChannelRefute{place.channel, state(2, 30)});
      if (k % 2 == 0) send(b, ChannelCooperativeClose{place.channel, state(channel_version_final, 30)});
    }
  }

  const SignatureScheme& scheme_;
  std::vector<KeyPair> keys_;
  std::size_t count_ = 0, turn_ = 0;
  TraceWriter writer_;
};

const std::string& trace(bool is_ideal) {
  static const std::string texts[] = {Workload(false).text(), Workload(true).text()};
  return texts[is_ideal ? 1 : 0];
}

/// The events of a workload, read from its text; throws if a line differs.
struct History {
  TraceHead head;
  std::vector<TraceEvent> events;
  std::size_t failures = 0;

  explicit History(bool is_ideal) {
    Replay replay = Replay::start(trace(is_ideal), "bench").value();
    head = replay.head();
    while (!replay.is_done()) {
      const ReplayedLine line = replay.next().value();
      if (!line.differences.empty() || !replay.ledger().faults().empty()) throw std::runtime_error("a line differs");
      events.push_back(line.event);
      if (line.outcome && line.outcome->reason != Reason::none) ++failures;
    }
    if (10 * failures > 2 * events.size()) throw std::runtime_error("too much fails");
  }
};

const History& history_of(bool is_ideal) {
  static const History histories[] = {History(false), History(true)};
  return histories[is_ideal ? 1 : 0];
}

void run(State& state, bool is_ideal, const char* label) {
  const History& history = history_of(is_ideal);
  for (auto _ : state) {
    Ledger ledger(history.head.genesis, history.head.scheme(), sample_executor());
    for (const TraceEvent& event : history.events)
      if (const auto* transaction = std::get_if<Transaction>(&event))
        benchmark::DoNotOptimize(ledger.execute(*transaction));
      else
        for (std::int64_t k = std::get<EndBlocks>(event).count; k > 0; --k)
          benchmark::DoNotOptimize(ledger.end_block());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(operations * state.iterations()));
  state.SetLabel(label);
}
void ledger_5000_operations(State& state) { run(state, true, "against sha256_of_5000_operations"); }
void ledger_5000_operations_ed25519(State& state) { run(state, false, "against ed25519_of_5000_operations"); }

/// Work that no ledger can do without: a hash of each transaction's bytes, and a check of its signature.
void sha256_of_5000_operations(State& state) {
  std::vector<Bytes> encoded;
  for (const TraceEvent& event : history_of(true).events)
    if (const auto* transaction = std::get_if<Transaction>(&event)) encoded.push_back(encode(*transaction));
  for (auto _ : state)
    for (const Bytes& bytes : encoded) benchmark::DoNotOptimize(sha256(bytes));
}
void ed25519_of_5000_operations(State& state) {
  struct Signed {
    AccountId sender;
    Hash id;
    Signature signature;
  };
  std::vector<Signed> all;
  for (const TraceEvent& event : history_of(false).events)
    if (const auto* transaction = std::get_if<Transaction>(&event))
      all.push_back({transaction->sender, transaction_id(*transaction), transaction->signature});
  for (auto _ : state)
    for (const Signed& one : all)
      if (!ed25519().verify(one.sender, one.id, one.signature)) state.SkipWithError("a false signature");
}
void replay_5000_operations(State& state) {
  for (auto _ : state) {
    Replay replay = Replay::start(trace(true), "bench").value();
    while (!replay.is_done()) benchmark::DoNotOptimize(replay.next());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(operations * state.iterations()));
  state.SetLabel("against ledger_5000_operations");
}

BENCHMARK(ledger_5000_operations)->Unit(benchmark::kMillisecond);
BENCHMARK(ledger_5000_operations_ed25519)->Unit(benchmark::kMillisecond);
BENCHMARK(sha256_of_5000_operations)->Unit(benchmark::kMillisecond);
BENCHMARK(ed25519_of_5000_operations)->Unit(benchmark::kMillisecond);
BENCHMARK(replay_5000_operations)->Unit(benchmark::kMillisecond);

}  // namespace
