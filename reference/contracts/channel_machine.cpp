#include <array>

#include "reference/contracts/channel_machine.hpp"

namespace p2pllm::reference {
namespace {

using enum ChannelStatus;

constexpr std::array<std::string_view, 5> statuses{"none", "opening", "open", "closing", "settled"};

constexpr std::array<Transition, 8> rows{{
    {"open", status_set(none), status_set(opening), "A", "terms in range; h <= fundBy <= h + the longest closing time",
     "A's deposit is locked"},
    {"fund", status_set(opening), status_set(open), "B", "h <= fundBy", "B's deposit is locked"},
    {"reclaim", status_set(opening), status_set(settled), "anyone", "h > fundBy", "A's deposit returns"},
    {"cooperative_close", status_set(open), status_set(settled), "anyone", "a final state, both signatures",
     "its balances are paid"},
    {"close", status_set(open), status_set(closing), "A or B", "a state with both signatures, or version 0",
     "it is posted; timeout = h + the closing time"},
    {"refute", status_set(closing), status_set(closing), "anyone", "a newer state, both signatures; h < timeout",
     "it is posted; the timeout stays"},
    {"punish", status_set(closing), status_set(settled), "A or B",
     "the other posted a version that it revoked; h < timeout", "the sender gets both deposits"},
    {"settle", status_set(closing), status_set(settled), "anyone", "h >= timeout", "the balances posted last are paid"},
}};

constexpr Machine machine{"channel", statuses, status_set(settled), rows};

}  // namespace

const Machine& channel_machine() { return machine; }

const Transition& row_of(ChannelOperation operation) { return rows[static_cast<std::size_t>(operation)]; }

}  // namespace p2pllm::reference
