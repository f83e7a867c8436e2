#include <catch2/catch.hpp>
#include <fstream>

#include "optimized/contracts/block_encoding.hpp"
#include "optimized/contracts/snapshot_encoding.hpp"
#include "tests/support/store_world.hpp"
#include "tests/support/temporary_folder.hpp"

namespace p2pllm::optimized {
namespace {

using namespace contracts;
using namespace testing;

struct StoreFile {
  TemporaryFolder folder;
  std::string path = folder.file("a.ledger");

  StoreFile() { REQUIRE(Store::create(path, path, store_chain(), "the head")); }

  [[nodiscard]] Store open() const {
    auto store = Store::open(path, "a.ledger", Store::Access::write);
    INFO((store ? "" : store.error().message()));
    REQUIRE(store);
    return *std::move(store);
  }
  [[nodiscard]] std::string refusal() const {
    const auto store = Store::open(path, "a.ledger", Store::Access::write);
    return store ? "taken" : store.error().message();
  }
  [[nodiscard]] DurableLedger recover(RecoveryOptions options = {},
                                      const SignatureScheme& signatures = ideal_signatures()) const {
    auto ledger = DurableLedger::recover(open(), signatures, make_reference(), std::move(options));
    INFO((ledger ? "" : ledger.error().message()));
    REQUIRE(ledger);
    return *std::move(ledger);
  }
  [[nodiscard]] std::string recovery_refusal(RecoveryOptions options = {}) const {
    const auto ledger = DurableLedger::recover(open(), ideal_signatures(), make_reference(), std::move(options));
    return ledger ? "taken" : ledger.error().message();
  }
  /// Adds the blocks of the chain up to this height.
  void extend(Height height, std::int64_t snapshot_operations = 100'000) const {
    DurableLedger ledger = recover({.snapshot_operations = snapshot_operations});
    for (Height next = ledger.store().summary().height + 1; next <= height; ++next) {
      REQUIRE(ledger.end_block(0, transactions_of(next)));
      REQUIRE(ledger.write_snapshot_if_due());
    }
  }
  /// Changes the file as another program would.
  void tamper(const std::string& sql) const {
    auto file = Sqlite::open(path, path, SqliteAccess::write, {});
    REQUIRE(file);
    const auto done = file->run(sql);
    INFO((done ? "" : done.error().message()));
    REQUIRE(done);
  }
};

TEST_CASE("a store is empty when made, and has its chain and head", "[STORE-1]") {
  const StoreFile file;
  const Store store = file.open();
  CHECK(store.summary().chain == store_chain());
  CHECK(store.summary().head == "the head");
  CHECK(store.summary().height == 0);
  CHECK(store.summary().snapshot == 0);
  CHECK(store.summary().parent == store_chain());
  CHECK(store.summary().link == store_chain());
}

TEST_CASE("what is no ledger, or one of another format, is refused by a line that names both", "[STORE-1]") {
  const StoreFile file;
  const auto again = Store::create(file.path, file.path, store_chain(), "the head");
  REQUIRE_FALSE(again);
  CHECK(again.error().message() == file.path + ": it exists already");
  file.tamper("PRAGMA user_version = 3");
  CHECK(file.refusal() == "a.ledger: format 3: this program reads and writes format 2");
  file.tamper("PRAGMA user_version = 0");
  CHECK(file.refusal() == "a.ledger: format 0: this program reads and writes format 2");
  file.tamper("PRAGMA user_version = 2; PRAGMA application_id = 17");
  CHECK(file.refusal() == "a.ledger: application id 0x00000011: it is no ledger, whose id is 0x7032704c");
  file.tamper("PRAGMA application_id = " + std::to_string(store_application_id) +
              "; CREATE INDEX more ON blocks (link)");
  CHECK(file.refusal() == "a.ledger: its tables: they are not those of format 2");
  file.tamper("DROP INDEX more; DELETE FROM ledger");
  CHECK(file.refusal() == "a.ledger: its chain is not named");
  file.tamper("INSERT INTO ledger VALUES (x'00', 'the head')");
  CHECK(file.refusal() == "a.ledger: its chain is not named");
  std::ofstream(file.path, std::ios::trunc) << "something else that is long enough to be a page of a file";
  CHECK(file.refusal() == "a.ledger: it is no ledger");
  const auto over_other = Store::create(file.path, file.path, store_chain(), "the head");
  REQUIRE_FALSE(over_other);
  CHECK(over_other.error().message() == file.path + ": it exists already");
  std::filesystem::remove(file.path);
  CHECK(file.refusal() == "a.ledger: it cannot be opened: No such file or directory");
}

TEST_CASE("a file of another chain is refused by a line that names both", "[STORE-1]") {
  const StoreFile file;
  Genesis other = store_genesis();
  other.name = "other";
  const auto ledger = DurableLedger::recover(file.open(), ideal_signatures(), make_reference(other));
  REQUIRE_FALSE(ledger);
  CHECK(ledger.error().message() ==
        "a.ledger: chain " + to_hex(store_chain()) + ": its genesis is of chain " + to_hex(chain_id(other)));
}

TEST_CASE("an interrupted creation is begun again", "[STORE-1]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.ledger");
  std::ofstream(path).flush();
  CHECK(Store::create(path, path, store_chain(), "the head"));
  CHECK(Store::open(path, "a.ledger", Store::Access::write));
}

TEST_CASE("blocks are there when the file is opened again, and the ledger goes on", "[STORE-4][STORE-5]") {
  const StoreFile file;
  const auto blocks = store_blocks(6);
  file.extend(3);
  file.extend(6);
  const DurableLedger ledger = file.recover();
  CHECK(ledger.store().summary().height == 6);
  CHECK(ledger.executor().root() == blocks[5].header.state);
  CHECK(ledger.store().summary().parent == hash_of(blocks[5].header));
  CHECK(ledger.operations() == 18);
}

TEST_CASE("a block that does not continue the last one is refused, and with it those beside it", "[STORE-2][STORE-4]") {
  const StoreFile file;
  const auto blocks = store_blocks(4);
  {
    Store store = file.open();
    CHECK_FALSE(store.append({&blocks[1], 1}));
  }
  {
    Store store = file.open();
    REQUIRE(store.append({blocks.data(), 2}));
    const std::vector<Block> twice{blocks[2], blocks[2]};
    CHECK_FALSE(store.append(twice));
    CHECK(store.summary().height == 2);
    CHECK_FALSE(store.append({&blocks[2], 1}));  // after a fault the file has to be opened again
  }
  CHECK(file.open().summary().height == 2);
}

TEST_CASE("a block of another parent is refused", "[STORE-2]") {
  const StoreFile file;
  std::vector<Block> blocks = store_blocks(2);
  blocks[1].header.parent[0] ^= 1;
  {
    Store store = file.open();
    const auto refused = store.append(blocks);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message() == "a.ledger: height 2: a block that continues the last one is required");
  }
  CHECK(file.open().summary().height == 0);
}

TEST_CASE("a link is the hash of the link before it and the block", "[STORE-2]") {
  const Bytes block = encode(store_blocks(1).front());
  const Hash chain = store_chain();
  Bytes linked(chain.begin(), chain.end());
  linked.insert(linked.end(), block.begin(), block.end());
  CHECK(store_link(chain, block) == hash_tagged("p2pllm/1/store", linked));
}

TEST_CASE("one process at a time has a file", "[STORE-4]") {
  const StoreFile file;
  {
    const Store store = file.open();
    CHECK(file.refusal() == "a.ledger: another process has it open");
    const auto reading = Store::open(file.path, "a.ledger", Store::Access::read);
    REQUIRE_FALSE(reading);
    CHECK(reading.error().message() == "a.ledger: another process has it open");
  }
  CHECK(file.refusal() == "taken");
}

TEST_CASE("a block has one encoding", "[STORE-2]") {
  const Block block = store_blocks(3).back();
  const Bytes bytes = encode(block);
  const auto decoded = decode_block(bytes);
  REQUIRE(decoded);
  CHECK(decoded->header == block.header);
  CHECK(decoded->transactions == block.transactions);
  CHECK(encode(*decoded) == bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode_block(ByteView(bytes).first(size)));
  Bytes longer = bytes;
  longer.push_back(0);
  CHECK_FALSE(decode_block(longer));
  Bytes other = bytes;
  other[2] = 'B';
  CHECK_FALSE(decode_block(other));
}

TEST_CASE("a block of which any byte was changed is refused by file and height", "[STORE-2][STORE-5]") {
  const StoreFile file;
  file.extend(3);
  const Bytes bytes = encode(store_blocks(2).back());
  const auto changed = [&](std::size_t place) {
    Bytes other = bytes;
    other[place] ^= 1;
    file.tamper("UPDATE blocks SET block = x'" + to_hex(other) + "' WHERE height = 2");
    return file.recovery_refusal();
  };
  for (std::size_t place = 0; place < bytes.size(); place += 7)
    CHECK(changed(place) == "a.ledger: height 2: the block or its link was changed");
  CHECK(changed(bytes.size() - 1) == "a.ledger: height 2: the block or its link was changed");  // of a signature
  file.tamper("UPDATE blocks SET block = x'" + to_hex(bytes) + "' WHERE height = 2");
  CHECK(file.recovery_refusal() == "taken");
  file.tamper("UPDATE blocks SET link = zeroblob(32) WHERE height = 1");
  CHECK(file.recovery_refusal() == "a.ledger: height 1: the block or its link was changed");
}

TEST_CASE("a missing block is refused by file and height", "[STORE-5]") {
  const StoreFile file;
  file.extend(3);
  file.tamper("DELETE FROM blocks WHERE height = 2");
  CHECK(file.refusal() == "taken");  // opening reads the last block alone
  CHECK(file.recovery_refusal() == "a.ledger: height 2: the block is missing");
  file.tamper("DELETE FROM blocks WHERE height = 1");
  CHECK(file.refusal() == "a.ledger: height 1: the block is missing");
}

}  // namespace
}  // namespace p2pllm::optimized
