#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/json.hpp"
#include "reference/contracts/replay.hpp"

// A ledger for people: its objects and what a line of a trace did, in words (LEDGER-9).
namespace p2pllm::app {

using Names = std::map<AccountId, std::string>;

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
[[nodiscard]] LedgerObjects objects_of(const contracts::Ledger& ledger, const Names& names);

/// Keys of the objects that differ, appeared or went.
[[nodiscard]] std::vector<std::string> changed(const LedgerObjects& before, const LedgerObjects& after);
/// Keys, in either, of the objects that an event names: its sender's, those of its fields.
[[nodiscard]] std::vector<std::string> named(const contracts::TraceEvent& event, const LedgerObjects& before,
                                             const LedgerObjects& after);
/// "account alice: balance 10 -> 9, nonce 0 -> 1".
[[nodiscard]] std::string change_text(const LedgerObjects& before, const LedgerObjects& after, const std::string& key);
/// "account alice: balance 10, nonce 1": all that is not 0.
[[nodiscard]] std::string object_text(const LedgerObject& object);
[[nodiscard]] Json object_json(const LedgerObject& object);

/// What a line asks and, in a word, what came of it: "alice pays 5 to bob: failed, not_covered".
[[nodiscard]] std::string request_and_outcome(const contracts::ReplayedLine& line, const Names& names);

/// "alice challenges SLA 3f2a91c4 with a bond of 5".
[[nodiscard]] std::string sentence_of(const contracts::TraceEvent& event, const Names& names);
/// "block 12: alice challenges SLA 3f2a91c4 with a bond of 5: failed, too_late: the deadline must not have passed".
[[nodiscard]] std::string explained(const contracts::ReplayedLine& line, Height height, const Names& names);

}  // namespace p2pllm::app
