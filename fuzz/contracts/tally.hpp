#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/contracts/operation.hpp"
#include "model/contracts/reason.hpp"

namespace p2pllm::fuzz {

using namespace contracts;

/// Occurrences that no single outcome shows.
enum class Event {
  migrated,
  stayed,
  left_home,
  came_home,
  first_left,
  receipts_delivered,
  crashed_or_woke,
  replayed,
  equivocation_shown,
  judged_right,
  judged_wrong,
  forfeited_by_client,
  forfeited_by_provider,
  slashed_for_fraud,
  slashed_for_non_delivery,
  honest_dispute_ended,
  honest_channel_ended,
  honest_channel_ended_after_payments,
  session_closed,
  answered,
  claimed,
  settled_by_last_word,
  convicted,
  receipt_challenged,
  honest_session_ended,
  count
};

inline constexpr std::size_t operation_count = std::variant_size_v<Operation>;
inline constexpr std::size_t reason_count = 52;  ///< checked by `index_of`
inline constexpr std::size_t status_count = 21;  ///< of accounts 1, of registrations 6, of SLAs 9, of channels 5
inline constexpr std::size_t depth_count = 16;

/// The place of a reason in the order of their codes.
[[nodiscard]] std::size_t index_of(Reason reason);
/// The place of a status among those of all machines.
[[nodiscard]] constexpr std::size_t index_of(MachineKind machine, std::int64_t status) {
  constexpr std::size_t first[] = {0, 1, 7, 16};
  return first[static_cast<std::size_t>(machine)] + static_cast<std::size_t>(status);
}

/// The outcomes of an execution, by class: "applied transfer", "failed too_late", ..
using Classes = std::map<std::string, int>;

/// Counts of what an execution did; cheap, unlike a map of names.
struct Tally {
  std::array<std::uint32_t, operation_count> applied{};
  std::array<std::uint32_t, reason_count> reasons{};
  std::array<std::uint32_t, status_count> statuses{};  ///< that objects entered
  std::array<std::uint32_t, static_cast<std::size_t>(Event::count)> events{};
  std::uint32_t deepest = 0;  ///< the most changes of one object
  std::uint32_t played = 0;   ///< transactions that took effect before everybody leaves

  void note(Event event) { ++events[static_cast<std::size_t>(event)]; }
  void add(const Tally& other);
  /// By name; those that never occurred are left out.
  [[nodiscard]] Classes classes() const;
};

/// Tells the fuzzer that a transaction on an object in this status, after `depth` changes of it, had this outcome, so
/// that inputs which reach deep states are kept.
void reward(std::size_t status, unsigned depth, Reason reason);
/// The places of the counters that were rewarded since the last call, ascending; clears them.
[[nodiscard]] std::vector<std::uint32_t> take_rewards();

}  // namespace p2pllm::fuzz
