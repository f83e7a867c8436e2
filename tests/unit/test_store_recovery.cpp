#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "model/contracts/channel_message.hpp"
#include "optimized/contracts/block_encoding.hpp"
#include "optimized/contracts/snapshot_encoding.hpp"
#include "reference/contracts/replay.hpp"
#include "tests/support/store_world.hpp"
#include "tests/support/temporary_folder.hpp"

namespace p2pllm::optimized {
namespace {

using namespace contracts;
using namespace testing;

std::string path_of(const TemporaryFolder& folder) {
  std::string path = folder.file("a.ledger");
  REQUIRE(Store::create(path, path, store_chain(), "the head"));
  return path;
}

Result<DurableLedger> recover(const std::string& path, RecoveryOptions options = {},
                              const SignatureScheme& signatures = ideal_signatures()) {
  auto store = Store::open(path, "a.ledger", Store::Access::write);
  if (!store) return tl::unexpected<Fault>(store.error());
  return DurableLedger::recover(*std::move(store), signatures, make_reference(), std::move(options));
}

void extend(const std::string& path, Height height, std::int64_t snapshot_operations) {
  auto ledger = recover(path, {.snapshot_operations = snapshot_operations});
  REQUIRE(ledger);
  for (Height next = ledger->store().summary().height + 1; next <= height; ++next) {
    REQUIRE(ledger->end_block(0, transactions_of(next)));
    REQUIRE(ledger->write_snapshot_if_due());
  }
}

void tamper(const std::string& path, const std::string& sql) {
  auto file = Sqlite::open(path, path, SqliteAccess::write, {});
  REQUIRE(file);
  REQUIRE(file->run(sql));
}

TEST_CASE("recovery begins at the last snapshot, which is written after so many operations", "[STORE-3][STORE-5]") {
  const TemporaryFolder folder;
  const std::string path = path_of(folder);
  extend(path, 8, 9);  // a block has two transactions, and counts as one more
  const auto ledger = recover(path, {.snapshot_operations = 9});
  REQUIRE(ledger);
  CHECK(ledger->store().summary().snapshot == 6);
  CHECK(ledger->executor().root() == store_blocks(8).back().header.state);
  CHECK(ledger->operations() == 6);
}

TEST_CASE("a snapshot replaces the one before it", "[STORE-3]") {
  const TemporaryFolder folder;
  const std::string path = path_of(folder);
  extend(path, 8, 9);
  auto file = Sqlite::open(path, path, SqliteAccess::write, {});
  REQUIRE(file);
  CHECK(file->number("SELECT count(*) FROM snapshots") == 1);
}

TEST_CASE("a signature under a durable block is not verified again, and with verify_all it is", "[STORE-5]") {
  const TemporaryFolder folder;
  const std::string path = path_of(folder);
  extend(path, 8, 9);
  const CountingSignatures signatures;
  REQUIRE(recover(path, {}, signatures));
  CHECK(signatures.verified == 0);
  REQUIRE(recover(path, {.from = RecoverFrom::nothing}, signatures));
  CHECK(signatures.verified == 16);
}

TEST_CASE("after recovery every signature is verified", "[STORE-5]") {
  const TemporaryFolder folder;
  const std::string path = path_of(folder);
  extend(path, 1, 1000);
  const CountingSignatures signatures;
  auto ledger = recover(path, {}, signatures);
  REQUIRE(ledger);
  const auto made =
      ledger->end_block(0, transactions_of(1));  // again: each is refused, after its signature was verified
  REQUIRE(made);
  CHECK(made->block.transactions.empty());
  CHECK(made->outcomes[0].reason == Reason::nonce_used);
  CHECK(signatures.verified == 2);
}

/// A channel of alice and bob, and a closing that carries signatures which are none of its state: the one by which
/// alice signed this very transaction's opening, and nothing.
std::vector<Bytes> closing_with_wrong_signatures() {
  const ChannelTerms terms{alice.id(), bob.id(), 1, 3, 100, 100, 5};
  std::vector<Bytes> transactions{signed_transaction(alice, 0, ChannelOpen{{terms}}),
                                  signed_transaction(bob, 0, ChannelFund{{terms}})};
  const auto opening = decode_transaction(transactions[0]);
  const Hash channel = channel_id(ledger_id(store_chain(), 0), terms);
  transactions.push_back(
      signed_transaction(alice, 1, ChannelClose{{channel, {{3, 150, 50}, opening->signature, Signature{}}}}));
  return transactions;
}

TEST_CASE("a signature that decides an outcome is verified again", "[STORE-5]") {
  const TemporaryFolder folder;
  const std::string path = path_of(folder);
  Hash root{};
  {
    auto ledger = recover(path);
    REQUIRE(ledger);
    const auto made = ledger->end_block(0, closing_with_wrong_signatures());
    REQUIRE(made);
    REQUIRE(made->outcomes.size() == 3);
    CHECK(made->outcomes[1].reason == Reason::none);
    CHECK(made->outcomes[2].reason == Reason::wrong_state_signature);
    CHECK(made->block.transactions.size() == 3);
    root = ledger->executor().root();
  }
  const CountingSignatures signatures;
  const auto ledger = recover(path, {}, signatures);
  INFO((ledger ? "" : ledger.error().message()));
  REQUIRE(ledger);
  CHECK(ledger->executor().root() == root);
  CHECK(signatures.verified > 0);
}

TEST_CASE("a signature is trusted for its sender, its transaction and its bytes alone", "[STORE-5]") {
  TrustingSignatures trusting(ideal_signatures());
  Transaction transaction = *decode_transaction(transactions_of(1)[0]);
  const Hash id = transaction_id(transaction);
  transaction.signature.bytes[5] ^= 1;  // wrong, so that only trust accepts it
  const std::vector<Bytes> block{encode(transaction), Bytes{1, 2, 3}, Bytes(200, 0x88)};
  CHECK_FALSE(trusting.verify(alice.id(), id, transaction.signature));
  trusting.trust(block);
  CHECK(trusting.verify(alice.id(), id, transaction.signature));
  CHECK_FALSE(trusting.verify(bob.id(), id, transaction.signature));
  CHECK_FALSE(trusting.verify(alice.id(), store_chain(), transaction.signature));
  CHECK_FALSE(trusting.verify(alice.id(), ByteView(id).first(31), transaction.signature));
  Signature other = transaction.signature;
  other.bytes[63] ^= 1;
  CHECK_FALSE(trusting.verify(alice.id(), id, other));
  trusting.trust(transactions_of(2));
  CHECK_FALSE(trusting.verify(alice.id(), id, transaction.signature));
  trusting.trust(block);
  trusting.trust_none();
  CHECK_FALSE(trusting.verify(alice.id(), id, transaction.signature));
}

/// A ledger of which an invariant fails in the block of height 2.
class HaltingExecutor : public reference::ReferenceExecutor {
 public:
  using ReferenceExecutor::ReferenceExecutor;
  [[nodiscard]] const std::vector<std::string>& faults() const override {
    return export_state().state.height > 2 ? broken_ : none_;
  }

 private:
  std::vector<std::string> broken_{"value is conserved"}, none_;
};

TEST_CASE("a ledger that an invariant halted stays so, and has no block after it", "[STORE-5]") {
  const TemporaryFolder folder;
  const std::string path = path_of(folder);
  const auto halting = [&path] {
    auto store = Store::open(path, "a.ledger", Store::Access::write);
    REQUIRE(store);
    const auto make = [](const SignatureScheme& signatures) {
      return std::make_unique<HaltingExecutor>(store_genesis(), signatures, sample_executor());
    };
    return DurableLedger::recover(*std::move(store), ideal_signatures(), make, {.snapshot_operations = 1});
  };
  {
    auto ledger = halting();
    REQUIRE(ledger);
    for (const Height height : {1, 2}) {
      REQUIRE(ledger->end_block(0, transactions_of(height)));
      REQUIRE(ledger->write_snapshot_if_due());
    }
    CHECK(ledger->executor().faults().size() == 1);
    CHECK(ledger->store().summary().snapshot == 1);  // none of a broken state
  }
  {
    const auto again = halting();
    REQUIRE(again);
    CHECK(again->executor().faults().size() == 1);
    CHECK(again->store().summary().height == 2);
  }
  extend(path, 3, 1000);
  const auto longer = halting();
  REQUIRE_FALSE(longer);
  CHECK(longer.error().message() == "a.ledger: height 2: the ledger halts: value is conserved");
}

TEST_CASE("verify_all finds a wrong signature in blocks whose links were computed anew", "[STORE-5]") {
  const TemporaryFolder folder;
  const std::string path = path_of(folder);
  std::vector<Block> blocks = store_blocks(2);
  blocks[1].transactions[0].back() ^= 1;
  {
    auto store = Store::open(path, "a.ledger", Store::Access::write);
    REQUIRE(store);
    REQUIRE(store->append(blocks));
  }
  CHECK(recover(path));
  const auto checked = recover(path, {.from = RecoverFrom::nothing});
  REQUIRE_FALSE(checked);
  CHECK(checked.error().message() ==
        "a.ledger: height 2: the block: transactions/0: wrong_signature: the sender must have signed it");
}

TEST_CASE("a snapshot that was changed is refused by file and height", "[STORE-3][STORE-5]") {
  const TemporaryFolder folder;
  const std::string path = path_of(folder);
  extend(path, 4, 9);
  Bytes bytes;
  {
    auto store = Store::open(path, "a.ledger", Store::Access::write);
    REQUIRE(store);
    REQUIRE(store->summary().snapshot == 3);
    bytes = *store->snapshot_bytes();
  }
  const auto refusal = [&](const Bytes& snapshot) {
    tamper(path, "UPDATE snapshots SET snapshot = x'" + to_hex(snapshot) + "'");
    const auto ledger = recover(path);
    return ledger ? "taken" : ledger.error().message();
  };
  for (std::size_t place = 0; place < bytes.size(); place += 3) {
    Bytes other = bytes;
    other[place] ^= 1;
    CHECK(refusal(other).starts_with("a.ledger: height 3: the snapshot: "));
  }
  auto state = *decode_snapshot(bytes);
  ++state.state.shards[0].accounts.begin()->second.nonce;
  CHECK(refusal(encode(state)).starts_with("a.ledger: height 3: the snapshot: its root is not the block's"));
  state = *decode_snapshot(bytes);
  ++state.state.height;
  CHECK(refusal(encode(state)) == "a.ledger: height 3: the snapshot: it is the state at another height");
  state = *decode_snapshot(bytes);
  state.parent[0] ^= 1;
  CHECK(refusal(encode(state)) == "a.ledger: height 3: the snapshot: it is the state after another block");
  const auto checked = recover(path, {.from = RecoverFrom::nothing});
  REQUIRE_FALSE(checked);
  CHECK(checked.error().message() == "a.ledger: height 3: the snapshot: it is not the state after the block");
  CHECK(refusal(bytes) == "taken");
  tamper(path, "DELETE FROM blocks WHERE height > 2");
  const auto store = Store::open(path, "a.ledger", Store::Access::write);
  REQUIRE_FALSE(store);
  CHECK(store.error().message() == "a.ledger: height 3: the snapshot is of a block that is missing");
}

/// The bytes with the first occurrence of some replaced by others of the same length.
Bytes replaced(Bytes bytes, const Bytes& by, const Bytes& with) {
  const auto found = std::ranges::search(bytes, by);
  REQUIRE_FALSE(found.empty());
  std::ranges::copy(with, found.begin());
  return bytes;
}

TEST_CASE("keys rise in a snapshot, and there is no debt of nothing", "[STORE-3]") {
  const reference::Ledger ledger(store_genesis(), ideal_signatures(), sample_executor());
  LedgerExport state = ledger.export_state();
  state.state.validators.begin()->second.priority = 0;
  state.state.shards[0].accounts = {{AccountId{{1}}, {5, 0}}, {AccountId{{2}}, {5, 0}}};
  const Bytes bytes = encode(state);
  REQUIRE(decode_snapshot(bytes));
  const auto account = [](std::uint8_t first) {
    Bytes key{0x58, 0x20, first};
    key.resize(34);
    key.insert(key.end(), {5, 0});
    return key;
  };
  Bytes pair = account(1), swapped = account(2), same = account(1);
  for (const std::uint8_t byte : account(2)) pair.push_back(byte);
  for (const std::uint8_t byte : account(1)) swapped.push_back(byte), same.push_back(byte);
  CHECK_FALSE(decode_snapshot(replaced(bytes, pair, swapped)));
  CHECK_FALSE(decode_snapshot(replaced(bytes, pair, same)));
  const std::uint8_t no = 0xf4, yes = 0xf5;
  CHECK_FALSE(decode_snapshot(replaced(bytes, {no, 0}, {yes, 0})));
}

TEST_CASE("the state after every block of the examples has one encoding", "[STORE-3]") {
  int states = 0;
  for (const auto& entry : std::filesystem::directory_iterator(P2PLLM_SOURCE "/examples/contracts")) {
    if (entry.path().extension() != ".jsonl") continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const std::string trace = text.str();
    auto replay = reference::Replay::start(trace, entry.path().filename());
    REQUIRE(replay);
    while (!replay->is_done()) {
      const auto line = replay->next();
      REQUIRE(line);
      if (!std::holds_alternative<reference::EndBlocks>(line->event)) continue;
      const LedgerExport state = replay->ledger().export_state();
      const Bytes bytes = encode(state);
      const auto decoded = decode_snapshot(bytes);
      REQUIRE(decoded);
      CHECK(reference::state_root(decoded->state) == replay->ledger().state_root());
      CHECK(decoded->parent == state.parent);
      CHECK(encode(*decoded) == bytes);
      Bytes longer = bytes;
      longer.push_back(0);
      CHECK_FALSE(decode_snapshot(longer));
      CHECK_FALSE(decode_snapshot(ByteView(bytes).first(bytes.size() - 1)));
      ++states;
    }
  }
  CHECK(states > 30);
}

}  // namespace
}  // namespace p2pllm::optimized
