#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/encoding/json.hpp"
#include "reference/contracts/replay.hpp"

// The ledger as shown to people: its objects and their changes (LEDGER-9).
namespace p2pllm::app {

using contracts::AccountId;

/// Names of accounts, used only for display.
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
  std::string label;  ///< kind and id, for a line of text
  Json::Object fields;
};
/// By kind, shard and id.
using LedgerObjects = std::map<std::string, LedgerObject>;
/// Every object that the ledger holds; O(state).
[[nodiscard]] LedgerObjects objects_of(const reference::Ledger& ledger, const Names& names);

/// The keys of the objects that differ, appeared or disappeared.
[[nodiscard]] std::vector<std::string> changed(const LedgerObjects& before, const LedgerObjects& after);
/// The keys, in either ledger, of the objects that an event names: that of its sender and those of its fields.
[[nodiscard]] std::vector<std::string> named(const reference::TraceEvent& event, const LedgerObjects& before,
                                             const LedgerObjects& after);
/// "account alice: balance 10 -> 9, nonce 0 -> 1".
[[nodiscard]] std::string change_text(const LedgerObjects& before, const LedgerObjects& after, const std::string& key);
/// "account alice: balance 10, nonce 1": every field that is not 0.
[[nodiscard]] std::string object_text(const LedgerObject& object);
[[nodiscard]] Json object_json(const LedgerObject& object);

}  // namespace p2pllm::app
