#include <catch2/catch.hpp>

#include "model/contracts/channel_message.hpp"
#include "model/contracts/session_message.hpp"
#include "model/contracts/trace.hpp"
#include "parties/computation.hpp"
#include "reference/contracts/execute.hpp"
#include "reference/contracts/replay.hpp"
#include "tests/vectors/fields.hpp"
#include "tests/vectors/vectors.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;
using vectors::Case;
using vectors::Fields;

namespace {

/// Accepts every signature.
class AllSigned final : public SignatureScheme {
 public:
  bool verify(const PublicKey&, ByteView, const Signature&) const override { return true; }
  Signature sign(const SecretKey&, ByteView) const override { return {}; }
  KeyPair key_of_seed(const KeySeed&) const override { return {}; }
};

/// The id that the ledger notes when it punishes an equivocation.
Hash noted_evidence(const AccountId& offender, Height height, std::int64_t round) {
  const Genesis genesis;
  const AllSigned scheme;
  LedgerState state;
  state.height = height;
  state.snapshots = {{height, {{offender, 100}}, {}}};
  const BlockContext context{genesis, state, {}, scheme, sample_executor()};
  Shard shard;
  contracts::RegisteredNode& node = shard.nodes[offender];
  node.registration.status = static_cast<std::int64_t>(NodeStatus::active);
  node.registration.stake = 100;
  Execution execution{shard, context, 0, {}, {}};
  const Reason reason =
      run_registration(execution, ReportEquivocation{offender, height, round, Hash{1}, Hash{2}, {}, {}});
  return reason == Reason::none && shard.evidence.size() == 1 ? *shard.evidence.begin() : Hash{};
}

/// The chain of a trace that begins with this genesis (LEDGER-8).
Hash chain_of(const JsonCursor& genesis) {
  const Json::Object head{{"format", "p2pllm-trace/3"},
                          {"genesis", genesis.value()},
                          {"signatures", "ed25519"},
                          {"link", std::string(2 * sizeof(Hash), '0')}};
  const std::string text = write_json_line(head) + "\n";
  const auto replay = Replay::start(text, "genesis");
  if (!replay) genesis.fail(replay.error().message());
  return replay->ledger().chain();
}

std::int64_t home_among(std::int64_t shards, const AccountId& key) {
  Genesis genesis;
  genesis.shards = shards;
  return home_of(genesis, key);
}

ChannelPlace channel_at(const Fields& f) { return {f.hash("chain"), f.hash("channel")}; }

Hash hash_of_message(const std::string& kind, const Fields& f) {
  if (kind == "genesis") return chain_of(f.place);
  if (kind == "ledger") return ledger_id(f.hash("chain"), f.number("shard"));
  if (kind == "channel")
    return channel_id(f.hash("chain"), {f.key("a"), f.key("b"), f.number("channel_nonce"), f.number("closing_time"),
                                        f.number("deposit_a"), f.number("deposit_b"), f.number("fund_by")});
  if (kind == "channel_state")
    return channel_state_message(channel_at(f), {f.number("version"), f.number("balance_a"), f.number("balance_b")});
  if (kind == "channel_revocation") return channel_revocation_message(channel_at(f), f.number("revoked_below"));
  const auto session = [&f] { return SessionPlace{f.hash("chain"), f.hash("sla")}; };
  if (kind == "order") return order_message(session(), {f.number("units"), f.hash("inputs")});
  if (kind == "voucher") return voucher_message(session(), f.number("units"));
  if (kind == "final") return final_message(session(), f.number("units"));
  if (kind == "receipt")
    return receipt_message(session(), {f.number("units"), f.hash("inputs")}, f.hash("root"), f.hash("output"));
  if (kind == "header")
    return hash_of(BlockHeader{f.number("height"), f.number("round"), f.hash("parent"), f.key("proposer"),
                               f.hash("transactions"), f.hash("state")});
  if (kind == "proposal") return proposal_id(f.hash("chain"), f.number("height"), f.number("round"), f.hash("header"));
  if (kind == "evidence") return noted_evidence(f.key("offender"), f.number("height"), f.number("round"));
  if (kind == "computation_state") return state_hash(vectors::bytes_at(f.place.member("state")));
  f.place.fail("there is no such kind of message");
}

/// Compares the rule that is broken, and where, by bytes that encode no transaction.
void refuse(const Case& c, const JsonCursor& hex) {
  const JsonCursor& expect = c.expected();
  expect.require_object({"error", "offset"});
  const auto decoded = decode_transaction(vectors::bytes_at(hex));
  c.equal(expect.member("error"), decoded ? "a transaction" : std::string(reason_of(decoded.error().fault).substr(5)));
  c.equal(expect.member("offset"), decoded ? -1LL : static_cast<long long>(decoded.error().offset));
}

}  // namespace

TEST_CASE("transactions are encoded, named and signed as the vectors say", "[transaction][LEDGER-3][LEDGER-4]") {
  vectors::replay("transaction", [](const Case& c) {
    if (const auto hex = c.optional("hex")) return refuse(c, *hex);
    const JsonCursor& expect = c.expected();
    expect.require_object({"hex", "id", "signed"});
    const JsonCursor given = c.given("transaction");
    const Transaction transaction = read_transaction(given, vectors::hash_at(c.given("chain")));
    const Hash id = transaction_id(transaction);
    c.equal(expect.member("hex"), to_hex(encode(transaction)));
    c.equal(expect.member("id"), to_hex(id));
    c.equal(expect.member("signed"), ed25519().verify(transaction.sender, id, transaction.signature));
    const auto decoded = decode_transaction(vectors::bytes_at(expect.member("hex")));
    const std::string read = decoded ? write_json_line(transaction_json(*decoded)) : to_string(decoded.error());
    c.require("/transaction", read == write_json_line(given.value()), read);
    c.require("/chain", decoded && decoded->chain == transaction.chain, "another chain");
  });
}

TEST_CASE("what is signed beside transactions has the hashes of the vectors",
          "[message][CHAN-2][CHAN-4][COMMIT-4][LEDGER-1][LEDGER-6][POS-4][REG-5][SHARD-1][SHARD-4]") {
  vectors::replay("message", [](const Case& c) {
    const JsonCursor& expect = c.expected();
    const std::string kind = c.given("kind").string();
    const Fields fields{c.given("fields")};
    if (kind == "home") {
      expect.require_object({"shard"});
      c.equal(expect.member("shard"), static_cast<long long>(home_among(fields.number("shards"), fields.key("key"))));
      return;
    }
    expect.require_object({"hash"});
    c.equal(expect.member("hash"), to_hex(hash_of_message(kind, fields)));
  });
}
