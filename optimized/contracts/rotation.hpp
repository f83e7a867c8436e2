#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "model/contracts/ledger_state.hpp"
#include "optimized/contracts/state_map.hpp"

namespace p2pllm::optimized {

using namespace contracts;  // the vocabulary of the ledger

/// The rotation of proposers (POS), and the stakes kept for evidence (REG-5), with the map of their root (LEDGER-7).
class Rotation {
 public:
  struct Member {
    AccountId id{};
    std::int64_t stake = 0, owed = 0;
  };
  using Snapshots = std::vector<std::shared_ptr<const StakeSnapshot>>;
  /// By rising id, each id once.
  using Stakes = std::vector<std::pair<AccountId, Amount>>;
  /// What a block changes, to be restored.
  struct Content {
    std::vector<Member> members;  ///< by rising id
    Snapshots snapshots;          ///< by rising height
  };

  /// The proposer of this round of the next block (POS-4). O(members) a round.
  /// @pre there is a member with stake
  [[nodiscard]] const AccountId& proposer(std::int64_t round) const;
  /// Takes the turns of a block of this round: all but the last were lost (POS-4).
  void end_block(std::int64_t round);
  /// Changes the stakes; the members are exactly those named (POS-3). @param stakes  not all 0
  void set_stakes(const Stakes& stakes);
  /// Keeps the stakes from this height on, unless they are those kept last, and forgets what is too old for evidence.
  void take_snapshot(Height height, Height evidence_age_max);
  /// The stake of a node in the set from which the proposers of a height were drawn (REG-5).
  [[nodiscard]] Amount stake_at(const AccountId& node, Height height) const;

  [[nodiscard]] const Content& content() const { return content_; }
  void restore(const Content& content) { content_ = content; }

  /// Brings the map up to date. O(members), and hashes for what changed. @returns its root
  [[nodiscard]] Hash sync();

 private:
  struct SyncedMember {
    Member member;
    StateMap::Entry entry = 0;
  };
  struct SyncedSnapshot {
    Height height = 0;
    Hash hash{};
    StateMap::Entry entry = 0;
  };
  void sync_members();
  void sync_snapshots();

  Content content_;
  std::vector<SyncedMember> synced_members_;      ///< what the map has, in the order of `content_`
  std::vector<SyncedSnapshot> synced_snapshots_;  ///< likewise
  std::vector<SyncedMember> next_members_;        ///< the memory of the lists that follow these two
  std::vector<SyncedSnapshot> next_snapshots_;
  StateMap map_;
};

/// The rotation as plain values, and back.
[[nodiscard]] Validators validators_of(const Rotation::Content& content);
[[nodiscard]] Rotation::Content content_of(const Validators& validators, const std::deque<StakeSnapshot>& snapshots);

}  // namespace p2pllm::optimized
