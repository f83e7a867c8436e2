#include <array>

#include "reference/contracts/registration_machine.hpp"

namespace p2pllm::reference {
namespace {

constexpr std::array<std::string_view, 6> statuses{"none", "active", "jailed", "unbonding", "withdrawn", "tombstoned"};

using enum NodeStatus;
constexpr StatusSet staked = status_set(active, jailed, unbonding);

/// In the order of RegistrationOperation (REG-1).
constexpr std::array table{
    Transition{"register", status_set(none, withdrawn), status_set(active), "owner",
               "stake >= MIN_STAKE; h >= jailedUntil; the account covers the stake",
               "the stake moves from the account into the registration; version + 1"},
    Transition{"update", status_set(active), status_set(active), "owner", "h >= last update + K",
               "a new price; version + 1; open SLAs keep their terms"},
    Transition{"migrate", status_set(active), status_set(active), "owner",
               "same length; no open SLA if the shard changes; the share rises, by the loads at the block's end",
               "a new range; version + 1"},
    Transition{"top_up", status_set(active, jailed), status_set(active, jailed), "owner",
               "the account covers the amount", "stake + amount"},
    Transition{"unbond", status_set(active, jailed), status_set(unbonding), "owner", "", "releaseAt = h + U"},
    Transition{"rebond", status_set(unbonding), status_set(active, jailed), "owner",
               "h < releaseAt; stake >= MIN_STAKE", "Jailed if h < jailedUntil, else Active"},
    Transition{"withdraw", status_set(unbonding), status_set(withdrawn), "owner", "h >= releaseAt; no open SLA",
               "the stake returns to the account"},
    Transition{"unjail", status_set(jailed), status_set(active), "owner", "h >= jailedUntil; stake >= MIN_STAKE", ""},
    Transition{
        "slash", staked | status_set(tombstoned), status_set(jailed, unbonding, tombstoned), "inside an SLA's breach",
        "",
        "non-delivery: 1 % of the stake, Active -> Jailed, jailedUntil = max(old, h + J); fraud: Tombstoned, all "
        "stake; a tenth of the slash to the reporter, the rest burned"},
    Transition{
        "report_equivocation", staked, status_set(tombstoned), "anyone",
        "two signed proposals of one height g and round; stake > 0 in g's set; g <= h <= g + E; not punished yet",
        "as fraud"},
    Transition{"sla_opened", status_set(active), status_set(active), "inside accept", "", "open SLAs + 1"},
    Transition{"sla_closed", staked | status_set(tombstoned), staked | status_set(tombstoned),
               "inside an accepted SLA's end", "an SLA is open", "open SLAs - 1"},
};

constexpr Machine machine{"registration", statuses, status_set(tombstoned), table};

}  // namespace

const Machine& registration_machine() { return machine; }
const Transition& row_of(RegistrationOperation operation) { return table[static_cast<std::size_t>(operation)]; }

}  // namespace p2pllm::reference
