#include <oneapi/tbb/global_control.h>
#include <rapidcheck.h>

#include "fuzz/contracts/world.hpp"
#include "optimized/contracts/engine.hpp"
#include "properties/generators/network.hpp"
#include "properties/property.hpp"
#include "reference/contracts/reference_executor.hpp"
#include "tests/support/lock_step_ledger.hpp"

// The fast ledger beside the reference: programs of the command language, whose blocks both make and check.
namespace p2pllm::properties {
namespace {

using namespace contracts;
using optimized::Engine;

Bytes draw_program(int bytes_max) {
  const auto byte = rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint8_t>());
  return *rc::gen::resize(bytes_max, rc::gen::container<Bytes>(byte));
}

/// The transactions that a program sends, block by block, refused ones included.
struct History {
  explicit History(const Bytes& program) : world(program) {
    world.run();
    world.settle();
  }
  [[nodiscard]] const Genesis& genesis() { return world.chain().ledger().genesis(); }
  [[nodiscard]] std::vector<fuzz::RecordedBlock> blocks() { return world.chain().blocks(); }
  [[nodiscard]] Engine engine() { return {genesis(), ideal_signatures(), sample_executor()}; }
  [[nodiscard]] reference::ReferenceExecutor reference() { return {genesis(), ideal_signatures(), sample_executor()}; }

  fuzz::World world;
};

/// A block by the reference, refused if any member is changed, and made again after it was discarded.
void make_block(testing::LockStepLedger& both, std::int64_t round, const std::vector<Bytes>& transactions) {
  const Candidate made = both.candidate(round, transactions);
  both.discard();
  Block changed = made.block;
  const auto member = draw_integer(0, 5);
  if (member == 0) ++changed.header.height;
  if (member == 1) changed.header.parent[3] ^= 1U;
  if (member == 2) changed.header.proposer.bytes[3] ^= 1U;
  if (member == 3) changed.header.transactions[3] ^= 1U;
  if (member == 4) changed.header.state[3] ^= 1U;
  if (member == 5) changed.transactions.push_back(Bytes{1});
  expect(!both.validate(changed), "a block with a changed member is taken");
  expect(both.validate(made.block).has_value(), "the block is refused");
  both.apply();
}

PROPERTY("the fast ledger makes and checks the reference's blocks, with the same outcomes and roots",
         "[LEDGER-3][LEDGER-4][LEDGER-6][LEDGER-7][SHARD-2][SHARD-3][SHARD-4][MIG-3][POS-1][POS-3][POS-4][REG-2][REG-3]"
         "[REG-4][REG-5][REG-6][REG-7][SLA-2][SLA-4][SLA-5][SLA-6][SLA-7][SLA-8][SLA-9][SLA-10][SLA-11][CHAN-2][CHAN-4]"
         "[CHAN-5][CHAN-6][CHAN-7][CHAN-8]",
         1500) {
  History history(draw_program(900));
  Engine engine = history.engine();
  reference::ReferenceExecutor reference = history.reference();
  testing::LockStepLedger both(reference, engine);
  for (const fuzz::RecordedBlock& block : history.blocks()) {
    make_block(both, block.round, block.transactions);
    expect(both.root() == block.state, "another state than in the program");
  }
  expect(both.faults().empty(), "an invariant fails");
  reach("several shards", history.genesis().shards > 1);
  fuzz::Classes classes = history.world.chain().classes();
  for (const char* name : {"applied judge", "applied channel_punish", "applied report_equivocation", "migrated",
                           "receipts delivered", "slashed for fraud", "failed wrong_opening"})
    reach(name, classes[name] > 0);
}

PROPERTY("the fast ledger gives each transaction the reference's outcome, step by step", "[LEDGER-3][LEDGER-4]", 200) {
  History history(draw_program(600));
  Engine engine = history.engine();
  reference::Ledger ledger(history.genesis(), ideal_signatures(), sample_executor());
  bool discards = false;
  for (const fuzz::RecordedBlock& block : history.blocks()) {
    ledger.skip_to(block.round);
    const auto run = [&](bool compares) {
      engine.skip_to(block.round);
      for (const Bytes& encoded : block.transactions) {
        const Outcome outcome = engine.execute(ByteView(encoded));
        if (compares) expect(ledger.execute(ByteView(encoded)) == outcome, "another outcome");
      }
    };
    if (draw_integer(0, 3) == 0) {
      run(false);
      engine.discard();
      discards = true;
    }
    run(true);
    expect(ledger.end_block() == engine.end_block(), "another header");
    engine.apply();
  }
  reach("a block that was begun is discarded", discards);
}

PROPERTY("the fast ledger goes on from any state, its own or the reference's", "[LEDGER-7]", 150) {
  History history(draw_program(600));
  Engine engine = history.engine();
  reference::ReferenceExecutor reference = history.reference();
  const auto& blocks = history.blocks();
  const auto stop = draw_integer(0, static_cast<std::int64_t>(blocks.size()) - 1);
  for (std::int64_t k = 0; k < stop; ++k) {
    const fuzz::RecordedBlock& block = blocks[static_cast<std::size_t>(k)];
    (void)reference.candidate(block.round, block.transactions);
    reference.apply();
  }
  expect(!engine.import_state(reference.export_state()), "the reference's state is refused");
  expect(engine.root() == reference.root(), "another root after import");
  expect(!reference.import_state(engine.export_state()), "the fast ledger's state is refused");
  LedgerExport changed = engine.export_state();
  auto& accounts = changed.state.shards[0].accounts;
  if (!accounts.empty()) ++accounts.begin()->second.balance;
  expect(engine.import_state(changed).has_value() == !accounts.empty(), "value that nobody had is taken");
  testing::LockStepLedger both(reference, engine);
  for (auto k = static_cast<std::size_t>(stop); k < blocks.size(); ++k)
    make_block(both, blocks[k].round, blocks[k].transactions);
  reach("a state in the middle of a history", stop > 3);
}

PROPERTY("no answer of the fast ledger depends on the number of threads, nor on where blocks end",
         "[LEDGER-6][SHARD-2]", 60) {
  History history(draw_program(900));
  std::vector<Bytes> all;
  for (const fuzz::RecordedBlock& block : history.blocks())
    all.insert(all.end(), block.transactions.begin(), block.transactions.end());
  const std::size_t in_block = static_cast<std::size_t>(draw_integer(33, 400));
  std::vector<std::vector<Outcome>> outcomes;
  std::vector<Hash> roots;
  for (const int threads : {1, 2, 4}) {
    const oneapi::tbb::global_control control(oneapi::tbb::global_control::max_allowed_parallelism,
                                              static_cast<std::size_t>(threads));
    Engine engine = history.engine();
    std::vector<Outcome> those;
    for (std::size_t at = 0; at < all.size(); at += in_block) {
      const auto part = std::span<const Bytes>(all).subspan(at, std::min(in_block, all.size() - at));
      const Candidate made = engine.candidate(0, part);
      engine.apply();
      those.insert(those.end(), made.outcomes.begin(), made.outcomes.end());
    }
    outcomes.push_back(those);
    roots.push_back(engine.root());
  }
  expect(outcomes[0] == outcomes[1] && outcomes[0] == outcomes[2], "another outcome");
  expect(roots[0] == roots[1] && roots[0] == roots[2], "another root");
  reference::ReferenceExecutor reference = history.reference();
  for (std::size_t at = 0; at < all.size(); at += in_block) {
    (void)reference.candidate(0, std::span<const Bytes>(all).subspan(at, std::min(in_block, all.size() - at)));
    reference.apply();
  }
  expect(reference.root() == roots[0], "another root than the reference's");
  reach("a block of more than 32 transactions", all.size() > 32);
}

}  // namespace
}  // namespace p2pllm::properties
