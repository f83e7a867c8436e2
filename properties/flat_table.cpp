#include "optimized/contracts/flat_table.hpp"

#include <map>

#include "properties/generators/network.hpp"
#include "properties/property.hpp"

// The table of the fast ledger, against a map that is copied before each block.
namespace p2pllm::properties {
namespace {

using Table = optimized::FlatTable<Hash, std::int64_t>;

struct Both {
  Table table{optimized::random_table_seed()};
  std::map<Hash, std::int64_t> now, before;

  void change(const Hash& key, std::int64_t value) {
    const auto place = table.find(key);
    expect((place == Table::none) == !now.contains(key), "another answer to whether a key is there");
    if (place == Table::none) table.insert(key, value);
    else table.change(place) = value;
    now[key] = value;
  }
  void erase(const Hash& key) {
    const auto place = table.find(key);
    if (place == Table::none) return;
    table.erase(place);
    now.erase(key);
  }
  void expect_equal_now() {
    expect_equal(table.size(), now.size(), "objects");
    std::size_t held = 0;
    for (Table::Place place = 0; place < table.places(); ++place) {
      if (!table.holds(place)) continue;
      ++held;
      expect_equal(table[place], now.at(table.key(place)), "a value");
      expect(table.find(table.key(place)) == place, "a key is found at another place");
    }
    expect_equal(held, now.size(), "places that hold something");
  }
  /// The journal has what the block changed, each object once, as it was before.
  void expect_journal() {
    std::map<Hash, std::int64_t> undone = now;
    for (const auto& change : table.changes()) {
      const Hash key = table.key(change.place);
      if (change.was_there) expect_equal(change.before, before.at(key), "a value before the block");
    }
    for (const auto& change : table.changes())
      if (!change.was_there && table.holds(change.place)) undone.erase(table.key(change.place));
    for (const auto& change : table.changes())
      if (change.was_there) undone[table.key(change.place)] = change.before;
    expect(undone == before, "the journal does not lead back");
  }
};

PROPERTY("a flat table keeps or undoes what a block changed, and finds every key", "[LEDGER-3][LEDGER-6]", 400) {
  Both both;
  bool restores = false, erases = false;
  const auto keys = draw_integer(1, 60);
  for (auto blocks = draw_integer(1, 8); blocks > 0; --blocks) {
    for (auto left = draw_integer(0, 40); left > 0; --left) {
      Hash key{};
      key[static_cast<std::size_t>(draw_integer(0, 1)) * 31] = static_cast<std::uint8_t>(draw_integer(0, keys));
      if (draw_integer(0, 3) == 0) both.erase(key), erases = true;
      else both.change(key, draw_integer(0, 1000));
    }
    both.expect_equal_now();
    both.expect_journal();
    if (draw_integer(0, 1) == 0) {
      both.table.keep();
      both.before = both.now;
    } else {
      both.table.restore();
      both.now = both.before;
      restores = true;
    }
    expect(both.table.changes().empty(), "the journal is not forgotten");
    both.expect_equal_now();
  }
  reach("a block is undone", restores);
  reach("an object is erased", erases);
  reach("more than 32 objects", both.table.size() > 32);
}

}  // namespace
}  // namespace p2pllm::properties
