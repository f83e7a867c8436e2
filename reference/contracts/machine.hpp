#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "model/contracts/reason.hpp"
#include "model/numbers/integer.hpp"

// The common parts of all contract machines. A machine has a status and amounts. Its transitions are listed in one
// table, which the rules read, the dispatcher follows and the documentation prints.
namespace p2pllm::reference {

using namespace contracts;  // the vocabulary of the ledger

/// A set of statuses, in which bit s represents status s.
using StatusSet = std::uint32_t;
template <typename... Status>
[[nodiscard]] constexpr StatusSet status_set(Status... statuses) {
  return (StatusSet{0} | ... | (StatusSet{1} << static_cast<unsigned>(statuses)));
}

/// One row of a machine's table.
struct Transition {
  std::string_view operation;
  StatusSet from, to;
  std::string_view sender;  ///< the accounts that may send it: "client", "provider", "anyone", ..
  std::string_view guards;  ///< in words, for the documentation
  std::string_view effect;
};

struct Machine {
  std::string_view name;
  std::span<const std::string_view> statuses;  ///< names by number; 0 is "none": the object does not exist
  StatusSet final_statuses;                    ///< statuses that are never left
  std::span<const Transition> transitions;
};

/// One condition of a transition, and the reason of failure if it does not hold.
template <Integer N>
struct Guard {
  Reason reason;
  Truth<N> holds;
};

/// The conditions and effects of a transition of one object. `next` and `flow` have a meaning only if all guards hold:
/// a failure changes nothing.
/// @tparam State  the object's numbers
/// @tparam Flow   value that leaves or enters the object, by its source or destination
template <Integer N, typename State, typename Flow>
struct Step {
  std::vector<Guard<N>> guards;  ///< in the order of evaluation; the first is the table's
  State next;
  Flow flow;
};

/// Whether a status, held as an integer, is in a set.
template <Integer N>
[[nodiscard]] Truth<N> status_in(const N& status, StatusSet set) {
  Truth<N> result = status < status;
  for (StatusSet left = set; left != 0; left &= left - 1)
    result = lor(result, status == integer_like(status, std::countr_zero(left)));
  return result;
}

/// Whether a status, held as an integer, is one of these.
template <Integer N, typename... Status>
[[nodiscard]] Truth<N> status_is(const N& status, Status... statuses) {
  return status_in(status, status_set(statuses...));
}

/// The guard that the table implies: the row leads from this status.
template <Integer N>
[[nodiscard]] Guard<N> status_guard(const Transition& row, const N& status) {
  return {Reason::wrong_status, status_in(status, row.from)};
}

/// The reason of the first guard that does not hold; `none` if all do.
template <typename Guards>
[[nodiscard]] Reason first_failure(const Guards& guards) {
  for (const auto& guard : guards)
    if (!guard.holds) return guard.reason;
  return Reason::none;
}

/// Whether all guards hold.
template <Integer N>
[[nodiscard]] Truth<N> all_hold(const std::vector<Guard<N>>& guards) {
  Truth<N> result = guards.front().holds;
  for (const Guard<N>& guard : guards) result = land(result, guard.holds);
  return result;
}

}  // namespace p2pllm::reference
