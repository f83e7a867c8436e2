#include <algorithm>
#include <catch2/catch.hpp>

#include "optimized/contracts/state_row.hpp"

// The fast ledger writes what it hashes by itself; the writer of the encoding is the oracle.
namespace p2pllm::optimized {
namespace {

TEST_CASE("a row is the canonical encoding of its items, at every length of a number", "[COMMIT-1][LEDGER-7]") {
  constexpr std::uint64_t edges[] = {0,
                                     23,
                                     24,
                                     255,
                                     256,
                                     65'535,
                                     65'536,
                                     1U << 31U,
                                     0xffff'ffff,
                                     0x1'0000'0000,
                                     std::uint64_t{1} << 62U,
                                     ~std::uint64_t{0}};
  for (const std::uint64_t number : edges) {
    const StateRow row = StateRow(4, "kind").add(number).add(LayerRange{1, 300});
    CborWriter expected;
    const Bytes bytes = expected.array(4).text("kind").number(number).number(1).number(300).take();
    CHECK(std::ranges::equal(row.bytes(), bytes));
  }
  for (const std::uint64_t items : {1U, 23U, 24U, 37U, 255U, 256U}) {
    CborWriter expected;
    CHECK(std::ranges::equal(StateRow(items, "sla").bytes(), expected.array(items).text("sla").take()));
  }
  const std::string long_kind(24, 'k');
  const Hash hash{1, 2, 3};
  CborWriter expected;
  CHECK(std::ranges::equal(StateRow(2, long_kind).add(hash).bytes(),
                           expected.array(2).text(long_kind).bytes(hash).take()));
}

}  // namespace
}  // namespace p2pllm::optimized
