#pragma once

#include <optional>
#include <span>
#include <vector>

#include "model/contracts/ledger_state.hpp"
#include "optimized/contracts/flat_table.hpp"

namespace p2pllm::optimized {

using namespace contracts;  // the vocabulary of the ledger

/// The value of an entry that is only there or not.
struct Mark {
  static void fields(auto&, auto&&) {}
};
/// A receipt on its way to a shard, by its id.
struct Arrival {
  AccountId to{};
  Amount amount = 0;

  static void fields(auto& self, auto&& visit) { visit("to", self.to), visit("amount", self.amount); }
};

/// All state that transactions of one shard read and write, in flat tables, with the map of its root (LEDGER-7). What a
/// block changes is in the tables' journals until `keep` or `restore`.
class ShardState {
 public:
  ShardState(std::int64_t number, const TableSeed& seed);

  FlatTable<AccountId, Account> accounts;
  FlatTable<AccountId, RegisteredNode> nodes;
  FlatTable<AccountId, Mark> away;
  FlatTable<Hash, SlaRecord> slas;
  FlatTable<Hash, ChannelRecord> channels;
  FlatTable<Hash, Mark> evidence;
  FlatTable<Hash, Arrival> arriving;     ///< receipts in flight to this shard
  std::vector<Receipt> outgoing;         ///< of this block
  std::vector<QueuedMove> queued_moves;  ///< of this block, in transaction order
  Amount burned = 0;

  [[nodiscard]] std::int64_t number() const { return number_; }
  [[nodiscard]] Amount burned_before() const { return burned_before_; }

  /// Brings the map up to date with the tables; uses all processors where much has changed.
  /// @returns the root of the shard's map
  [[nodiscard]] Hash sync();
  void keep();
  void restore();

  /// How many objects the open block has changed, or made, or removed.
  [[nodiscard]] std::size_t changed_rows() const;
  /// Calls `visit(kind, table)` for each table, in the order of LEDGER-7.
  void for_each_table(auto&& visit) { visit_tables(*this, visit); }
  void for_each_table(auto&& visit) const { visit_tables(*this, visit); }

 private:
  /// Of an object's key, if it is new, and of its row (LEDGER-7).
  struct RowHashes {
    Hash key{}, leaf{};
  };
  void for_each_row(std::size_t from, std::size_t to, std::span<RowHashes> made, const auto& visit);
  void hash_rows();
  template <typename Table>
  void sync_table(Table& table, std::span<const RowHashes> made);
  static void visit_tables(auto& state, auto& visit) {
    visit("account", state.accounts), visit("node", state.nodes), visit("away", state.away), visit("sla", state.slas);
    visit("channel", state.channels), visit("evidence", state.evidence), visit("receipt", state.arriving);
  }
  template <typename Table>
  void unsync_table(std::string_view kind, Table& table);
  [[nodiscard]] Hash burned_leaf() const;

  std::int64_t number_;
  StateMap map_;
  std::vector<RowHashes> row_hashes_;  ///< of the open block's rows, while the map follows them
  StateMap::Entry burned_entry_ = 0;
  Amount burned_before_ = 0;
  bool is_synced_ = false;  ///< the map has this block's changes
};

/// The shard as plain values; `outgoing` and `queued_moves` are those of the open block.
[[nodiscard]] Shard shard_of(const ShardState& state);
/// Fills an empty shard from plain values.
void fill(ShardState& state, const Shard& from);

}  // namespace p2pllm::optimized
