#include <oneapi/tbb/global_control.h>

#include <map>

#include "optimized/contracts/engine.hpp"
#include "properties/generators/ledger_history.hpp"
#include "properties/generators/network.hpp"
#include "properties/property.hpp"
#include "reference/contracts/reference_executor.hpp"

// The fast ledger over histories of ten thousand operations, on 1 to 64 shards.
namespace p2pllm::properties {
namespace {

using namespace contracts;
using oneapi::tbb::global_control;
using optimized::Engine;

/// Where blocks end instead: after this many transactions.
Hash root_with_other_blocks(BlockExecutor& ledger, const std::vector<Bytes>& all, std::size_t in_block) {
  for (std::size_t at = 0; at < all.size(); at += in_block) {
    const auto part = std::span<const Bytes>(all).subspan(at, std::min(in_block, all.size() - at));
    (void)ledger.candidate(0, part);
    ledger.apply();
  }
  return ledger.root();
}

PROPERTY("over ten thousand operations the fast ledger is the reference, on all shards and numbers of threads",
         "[LEDGER-3][LEDGER-5][LEDGER-6][LEDGER-7][SHARD-2][SHARD-3][SHARD-4][POS-4][MIG-3]", 12) {
  const std::int64_t shards = draw_one_of<std::int64_t>({1, 2, 3, 5, 8, 16, 33, 64});
  LedgerHistory history(shards, static_cast<std::uint64_t>(draw_integer(0, 1'000'000)));
  history.run(10'000);
  std::map<Reason, int> reasons;
  std::map<std::string, int> applied;
  std::vector<Bytes> all;
  const global_control threads(global_control::max_allowed_parallelism,
                               static_cast<std::size_t>(draw_one_of<int>({1, 2, 4})));
  Engine engine(history.genesis(), ideal_signatures(), sample_executor());
  for (const LedgerHistory::Block& block : history.blocks()) {
    if (block.state == Hash{}) continue;  // the last one, which is open
    const Candidate made = engine.candidate(block.round, block.transactions);
    engine.apply();
    expect(made.outcomes == block.outcomes, "another outcome");
    expect(made.block.header.state == block.state, "another root");
    for (std::size_t k = 0; k < made.outcomes.size(); ++k) {
      ++reasons[made.outcomes[k].reason];
      if (made.outcomes[k].reason != Reason::none) continue;
      ++applied[std::string(name_of(decode_transaction(block.transactions[k]).value().operation))];
    }
    all.insert(all.end(), block.transactions.begin(), block.transactions.end());
  }
  expect(engine.faults().empty() && history.ledger().faults().empty(), "an invariant fails");
  reach("four tenths of the operations are applied", reasons[Reason::none] > 4000);
  reach("many shards", shards > 8);
  reach("at least 32 reasons", reasons.size() >= 32);
  for (const char* name : {"close", "answer", "claim", "settle", "convict", "judge"}) reach(name, applied[name] > 0);

  const auto in_block = static_cast<std::size_t>(draw_integer(100, 2000));
  Engine other(history.genesis(), ideal_signatures(), sample_executor());
  reference::ReferenceExecutor exact(history.genesis(), ideal_signatures(), sample_executor());
  expect(root_with_other_blocks(other, all, in_block) == root_with_other_blocks(exact, all, in_block),
         "another root where blocks end elsewhere");
}

}  // namespace
}  // namespace p2pllm::properties
