#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/encoding/json.hpp"
#include "reference/contracts/replay.hpp"

// A ledger for people: its objects and how they changed (LEDGER-9).
namespace p2pllm::app {

using contracts::AccountId;

/// Names of accounts, for people alone.
using Names = std::map<AccountId, std::string>;
/// The name of an account, or the beginning of its key.
[[nodiscard]] std::string name_of_account(const AccountId& id, const Names& names);
/// The first 8 hexadecimal digits.
[[nodiscard]] std::string short_id(ByteView bytes);

/// One account, registration, SLA, channel, .. with all its fields.
struct LedgerObject {
  /// "account", "registration", "away", "sla", "channel", "evidence", "receipt", "migration" or "burned"
  std::string kind;
  std::int64_t shard = 0;
  std::string id;     ///< in full
  std::string label;  ///< kind and id for a line of text
  Json::Object fields;
};
/// By kind, shard and id.
using LedgerObjects = std::map<std::string, LedgerObject>;
/// Everything the ledger holds; O(state).
[[nodiscard]] LedgerObjects objects_of(const reference::Ledger& ledger, const Names& names);

/// Keys of the objects that differ, appeared or went.
[[nodiscard]] std::vector<std::string> changed(const LedgerObjects& before, const LedgerObjects& after);
/// Keys, in either, of the objects that an event names: its sender's, those of its fields.
[[nodiscard]] std::vector<std::string> named(const reference::TraceEvent& event, const LedgerObjects& before,
                                             const LedgerObjects& after);
/// "account alice: balance 10 -> 9, nonce 0 -> 1".
[[nodiscard]] std::string change_text(const LedgerObjects& before, const LedgerObjects& after, const std::string& key);
/// "account alice: balance 10, nonce 1": all that is not 0.
[[nodiscard]] std::string object_text(const LedgerObject& object);
[[nodiscard]] Json object_json(const LedgerObject& object);

}  // namespace p2pllm::app
