#include "bench/ledger_workload.hpp"

#include "model/contracts/channel_message.hpp"
#include "parties/computation.hpp"

namespace p2pllm::bench {
namespace {

using namespace parties;
using namespace reference;

constexpr std::size_t operations = workload_operations;
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
                   {},
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

WorkloadHistory history_of(bool is_ideal) {
  WorkloadHistory history{{}, {}, Workload(is_ideal).text()};
  std::size_t failures = 0;
  Replay replay = Replay::start(history.text, "bench").value();
  history.head = replay.head();
  while (!replay.is_done()) {
    const ReplayedLine line = replay.next().value();
    if (!line.differences.empty() || !replay.ledger().faults().empty()) throw std::runtime_error("a line differs");
    history.events.push_back(line.event);
    if (line.outcome && line.outcome->reason != Reason::none) ++failures;
  }
  if (10 * failures > 2 * history.events.size()) throw std::runtime_error("too much fails");
  return history;
}

}  // namespace

const WorkloadHistory& workload(bool is_ideal) {
  static const WorkloadHistory histories[] = {history_of(false), history_of(true)};
  return histories[is_ideal ? 1 : 0];
}

}  // namespace p2pllm::bench
