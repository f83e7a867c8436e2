#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/contracts/units.hpp"

// Stores that a user would take instead of a ledger: they keep balances and nonces, and check nothing else.
namespace p2pllm::bench {

struct PlainTransfer {
  contracts::AccountId from{}, to{};
  contracts::Amount amount = 0;
};

/// A store with the accounts in it; each call does the transfers as one batch.
struct Store {
  std::string name;
  std::function<void(std::span<const PlainTransfer>)> transfer;
};

/// @param folder  of its files; @param is_synced  a batch is on the disk when it is done
[[nodiscard]] Store sqlite_store(const std::filesystem::path& folder, std::span<const contracts::AccountId> accounts,
                                 bool is_synced);
/// Nothing where RocksDB is not installed.
[[nodiscard]] std::optional<Store> rocksdb_store(const std::filesystem::path& folder,
                                                 std::span<const contracts::AccountId> accounts, bool is_synced);

}  // namespace p2pllm::bench
