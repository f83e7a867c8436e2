#include <array>

#include "reference/contracts/registration.hpp"

namespace p2pllm::contracts {
namespace {

constexpr std::array<std::string_view, 6> statuses{"none", "active", "jailed", "unbonding", "withdrawn", "tombstoned"};

using enum NodeStatus;
constexpr StatusSet staked = set_of(active, jailed, unbonding);

/// In the order of RegistrationOperation (REG-1).
constexpr std::array table{
    Transition{"register", set_of(none, withdrawn), set_of(active), "owner",
               "stake >= MIN_STAKE; h >= jailedUntil; the account covers the stake",
               "the stake moves from the account into the registration; version + 1"},
    Transition{"update", set_of(active), set_of(active), "owner", "h >= last update + K",
               "a new price; version + 1; open SLAs keep their terms"},
    Transition{"migrate", set_of(active), set_of(active), "owner",
               "same length; no open SLA if the shard changes; the share rises, by the loads at the block's end",
               "a new range; version + 1"},
    Transition{"top_up", set_of(active, jailed), set_of(active, jailed), "owner", "the account covers the amount",
               "stake + amount"},
    Transition{"unbond", set_of(active, jailed), set_of(unbonding), "owner", "", "releaseAt = h + U"},
    Transition{"rebond", set_of(unbonding), set_of(active, jailed), "owner", "h < releaseAt; stake >= MIN_STAKE",
               "Jailed if h < jailedUntil, else Active"},
    Transition{"withdraw", set_of(unbonding), set_of(withdrawn), "owner", "h >= releaseAt; no open SLA",
               "the stake returns to the account"},
    Transition{"unjail", set_of(jailed), set_of(active), "owner", "h >= jailedUntil; stake >= MIN_STAKE", ""},
    Transition{
        "slash", staked | set_of(tombstoned), set_of(jailed, unbonding, tombstoned), "inside an SLA's breach", "",
        "non-delivery: 1 % of the stake, Active -> Jailed, jailedUntil = max(old, h + J); fraud: Tombstoned, all "
        "stake; a tenth of the slash to the reporter, the rest burned"},
    Transition{
        "report_equivocation", staked, set_of(tombstoned), "anyone",
        "two signed proposals of one height g and round; stake > 0 in g's set; g <= h <= g + E; not punished yet",
        "as fraud"},
    Transition{"sla_opened", set_of(active), set_of(active), "inside accept", "", "open SLAs + 1"},
    Transition{"sla_closed", staked | set_of(tombstoned), staked | set_of(tombstoned), "inside an accepted SLA's end",
               "an SLA is open", "open SLAs - 1"},
};

constexpr Machine machine{"registration", statuses, set_of(tombstoned), table};

}  // namespace

const Machine& registration_machine() { return machine; }
const Transition& row_of(RegistrationOperation operation) { return table[static_cast<std::size_t>(operation)]; }

}  // namespace p2pllm::contracts
