// Makes the traces of this folder, the same ones every time: keys come from names, signatures are deterministic.
//     contract_examples FOLDER
#include <cstdio>
#include <fstream>

#include "examples/contracts/scene.hpp"
#include "examples/contracts/sessions.hpp"
#include "model/contracts/channel_message.hpp"

namespace {

using namespace p2pllm;
using namespace p2pllm::examples;
using namespace p2pllm::parties;
using namespace p2pllm::reference;

/// Bob serves all layers, and alice asks him for so many steps; he accepts.
Hash agreed_job(Scene& scene, std::int64_t units) {
  scene.send("bob", Register{all_layers, 1000, 10, 200});
  scene.blocks();
  const Height h = scene.height();
  const Hash sla = scene.send("alice", Propose{Scene::account("bob"), all_layers, model, state_hash(prompt), 10, units,
                                               2, h + 3, h + 10, 6, 3, 20, units});
  scene.send("bob", Accept{sla});
  scene.blocks();
  return sla;
}

std::string job_paid() {
  Scene scene("a job done and paid");
  const Hash sla = agreed_job(scene, 2);
  const ComputedSteps work = compute(model, all_layers, prompt, 4);
  scene.send("bob", delivery(sla, scene.job(sla), work));
  scene.send("alice", Demand{sla, 2});
  scene.blocks();
  scene.send("bob", Publish{sla, work.states.back()});
  scene.send("alice", Acknowledge{sla});
  scene.send("bob", Unbond{});
  scene.blocks(30);
  scene.send("bob", Withdraw{});
  scene.blocks();
  return scene.text();
}

/// The sample model, but for one step that ends wrongly.
std::vector<Bytes> wrong_at_step_five(const StepOfTerms& step, const Bytes& state) {
  auto states = SampleExecutor::micro_states(step, state);
  if (step.step == 5) states.back().front() ^= 1U;
  return states;
}

std::string job_disputed() {
  Scene scene("a job disputed and judged wrong");
  const Hash sla = agreed_job(scene, 4);
  const ComputedSteps right = compute(model, all_layers, prompt, 8);
  const ComputedSteps wrong = compute(wrong_at_step_five, model, all_layers, prompt, 8);
  scene.send("bob", delivery(sla, scene.job(sla), wrong));
  scene.send("alice", Challenge::of_shown(sla, 10));
  scene.blocks();
  const auto job = [&] { return scene.job(sla); };
  while (true) {
    scene.send("bob", turn_of_provider(job(), sla, wrong));
    if (job().sla.turn == client_turn) scene.send("alice", turn_of_client(job(), sla, right));
    if (job().sla.status != static_cast<std::int64_t>(SlaStatus::disputed)) break;
    scene.blocks();
  }
  scene.send("bob", Unbond{});
  scene.blocks();
  return scene.text();
}

std::string job_withheld() {
  Scene scene("an output withheld");
  const Hash sla = agreed_job(scene, 2);
  scene.send("bob", delivery(sla, scene.job(sla), compute(model, all_layers, prompt, 4)));
  scene.send("alice", Demand{sla, 1});
  scene.send("carol", Finalize{sla});
  scene.blocks(3);
  scene.send("carol", Miss{sla});
  scene.blocks();
  scene.send("carol", Miss{sla});
  scene.send("bob", Unjail{});
  scene.blocks(5);
  scene.send("bob", Unjail{});
  scene.blocks();
  return scene.text();
}

/// A channel of alice and bob, open.
struct OpenChannel {
  Hash ledger{}, id{};

  [[nodiscard]] ChannelSignedBalances state(std::int64_t version, Amount a, Amount b) const {
    const Hash message = channel_state_message({ledger, id}, {version, a, b});
    return {version, a, b, ed25519().sign(Scene::key("alice").secret_key, message),
            ed25519().sign(Scene::key("bob").secret_key, message)};
  }
};

OpenChannel open_channel(Scene& scene, std::int64_t nonce) {
  const ChannelTerms terms{Scene::account("alice"), Scene::account("bob"), nonce, 4, 60, 40, scene.height() + 2};
  scene.send("alice", ChannelOpen{terms});
  scene.send("bob", ChannelFund{terms});
  scene.blocks();
  const Hash ledger = ledger_id(scene.ledger().chain(), 0);
  return {ledger, channel_id(ledger, terms)};
}

std::string channel_closed() {
  Scene scene("channels closed with old states");
  const OpenChannel punished = open_channel(scene, 0), refuted = open_channel(scene, 1);
  // Alice paid 30 and revoked what was before; then she closes with the deposits.
  const Signature revocation =
      ed25519().sign(Scene::key("alice").secret_key, channel_revocation_message({punished.ledger, punished.id}, 1));
  scene.send("carol", ChannelClose{punished.id, punished.state(0, 60, 40)});
  scene.send("alice", ChannelClose{punished.id, punished.state(0, 60, 40)});
  scene.blocks();
  scene.send("carol", ChannelPunish{punished.id, 1, revocation});
  scene.send("bob", ChannelPunish{punished.id, 1, revocation});
  // In the other channel she crashed before she revoked: the newer state only refutes.
  scene.send("alice", ChannelClose{refuted.id, refuted.state(1, 30, 70)});
  scene.blocks();
  scene.send("bob", ChannelRefute{refuted.id, refuted.state(2, 20, 80)});
  scene.send("alice", ChannelRefute{refuted.id, refuted.state(1, 30, 70)});
  scene.send("carol", ChannelSettle{refuted.id});
  scene.blocks(4);
  scene.send("carol", ChannelSettle{refuted.id});
  scene.blocks();
  return scene.text();
}

std::string equivocation() {
  Scene scene("a proposer who signs two blocks");
  scene.send("bob", Register{all_layers, 1000, 10, 200});
  scene.blocks(2);
  const Height h = scene.height();
  const auto proposal = [&](const char* header, std::int64_t round) {
    const Hash hash = sha256(bytes_of(header));
    const Hash message = proposal_id(scene.ledger().chain(), h, round, hash);
    return std::pair(hash, ed25519().sign(Scene::key("bob").secret_key, message));
  };
  const auto [one, one_signature] = proposal("one", 0);
  const auto [two, two_signature] = proposal("two", 0);
  const auto [next, next_signature] = proposal("two", 1);
  scene.send("bob", Unbond{});
  scene.blocks(3);
  const AccountId bob = Scene::account("bob");
  scene.send("carol", ReportEquivocation{bob, h, 0, one, one, one_signature, one_signature});
  scene.send("carol", ReportEquivocation{bob, h, 0, one, next, one_signature, next_signature});
  scene.send("carol", ReportEquivocation{bob, h, 0, one, two, one_signature, two_signature});
  scene.send("dave", ReportEquivocation{bob, h, 0, one, two, one_signature, two_signature});
  scene.blocks(30);
  scene.send("bob", Withdraw{});
  scene.blocks();
  return scene.text();
}

std::string two_shards() {
  Scene scene("two shards", 2);
  scene.send("alice", Transfer{Scene::account("carol"), 1, 40});
  scene.send("bob", Register{{0, 2}, 1000, 10, 200});
  scene.send("dave", Register{{0, 2}, 1000, 12, 150});
  scene.send("carol", Register{{2, 4}, 1000, 11, 100});
  scene.blocks(2);
  scene.send("carol", Transfer{Scene::account("alice"), 0, 15}, 1);
  scene.send("bob", Migrate{{2, 4}});
  scene.send("dave", Migrate{{2, 4}});
  scene.blocks();
  scene.skip_to(2);
  scene.blocks();
  scene.send("bob", Register{{0, 2}, 1000, 10, 200});  // his home, but he is registered in shard 1
  scene.blocks();
  return scene.text();
}

std::string refusals() {
  Scene scene("refusals");
  const Transaction good = scene.made("alice", Transfer{Scene::account("bob"), 0, 100});
  const Bytes bytes = encode(good);
  // Malformed.
  scene.send_bytes({});
  scene.send_bytes({bytes.begin(), bytes.end() - 1});
  Bytes changed = bytes;
  changed.push_back(0);
  scene.send_bytes(changed);
  changed = bytes;
  changed.insert(changed.begin() + 35, {0x18, 0x00});  // the shard's 0 in two bytes
  changed.erase(changed.begin() + 37);
  scene.send_bytes(changed);
  const auto bob = Scene::account("bob");
  const auto with = [&](auto change) {
    Transaction transaction = good;
    change(transaction);
    return Scene::signed_by("alice", transaction);
  };
  scene.send_bytes(encode(with([](Transaction& t) { t.chain[0] ^= 1U; })));
  scene.send_bytes(encode(with([](Transaction& t) { std::get<Transfer>(t.operation).amount = amount_max + 1; })));
  scene.send(with([](Transaction& t) { t.shard = 1; }));
  scene.send(with([](Transaction& t) { std::get<Transfer>(t.operation).to_shard = 1; }));
  scene.send(with([](Transaction& t) { t.operation = Register{{2, 2}, 1, 1, 100}; }));
  scene.send(Scene::signed_by("carol", good));
  // Refused.
  scene.send(with([](Transaction& t) { t.nonce = 1; }));
  scene.send(with([](Transaction& t) { t.valid_until = 0; }));
  scene.send(with([](Transaction& t) { t.fee = 0; }));
  scene.send(with([](Transaction& t) { t.fee = 1001; }));
  scene.send(good);
  scene.send(good);
  // Failed: these cost their fee.
  scene.send("alice", Transfer{bob, 0, 900});
  scene.send("alice", Accept{sha256(bytes_of("no SLA"))});
  scene.send("alice", Unbond{});
  scene.send("alice", Register{all_layers, 1, 1, 99});
  scene.send("bob", Register{all_layers, 1, 1, 2000});
  scene.blocks();
  return scene.text();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: contract_examples FOLDER\n", stderr);
    return 2;
  }
  constexpr std::pair<const char*, std::string (*)()> traces[] = {
      {"job_paid", job_paid},
      {"job_disputed", job_disputed},
      {"job_withheld", job_withheld},
      {"channel_closed", channel_closed},
      {"equivocation", equivocation},
      {"two_shards", two_shards},
      {"refusals", refusals},
      {"session_honest", session_honest},
      {"session_silent_client", session_silent_client},
      {"session_closed_and_answered", session_closed_and_answered},
      {"session_false_challenge", session_false_challenge},
      {"session_wrong_unit", session_wrong_unit},
      {"session_two_receipts", session_two_receipts},
      {"session_restored_backup", session_restored_backup},
  };
  for (const auto& [name, make] : traces) {
    std::ofstream file(std::string(argv[1]) + "/" + name + ".jsonl", std::ios::binary);
    if (!(file << make()).flush()) {
      std::fprintf(stderr, "%s: cannot be written\n", name);
      return 1;
    }
  }
}
