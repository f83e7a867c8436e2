#include <array>

#include "reference/contracts/channel.hpp"

namespace p2pllm::contracts {
namespace {

using enum ChannelStatus;

constexpr std::array<std::string_view, 5> statuses{"none", "opening", "open", "closing", "settled"};

constexpr std::array<Transition, 8> rows{{
    {"open", set_of(none), set_of(opening), "A", "terms in range; h <= fundBy <= h + the longest closing time",
     "A's deposit is locked"},
    {"fund", set_of(opening), set_of(open), "B", "h <= fundBy", "B's deposit is locked"},
    {"reclaim", set_of(opening), set_of(settled), "anyone", "h > fundBy", "A's deposit returns"},
    {"cooperative_close", set_of(open), set_of(settled), "anyone", "a final state, both signatures",
     "its balances are paid"},
    {"close", set_of(open), set_of(closing), "A or B", "a state with both signatures, or version 0",
     "it is posted; timeout = h + the closing time"},
    {"refute", set_of(closing), set_of(closing), "anyone", "a newer state, both signatures; h < timeout",
     "it is posted; the timeout stays"},
    {"punish", set_of(closing), set_of(settled), "A or B",
     "the other posted a version below v and signed that it posts none below v; h < timeout",
     "the sender gets both deposits"},
    {"settle", set_of(closing), set_of(settled), "anyone", "h >= timeout", "the balances posted last are paid"},
}};

constexpr Machine machine{"channel", statuses, set_of(settled), rows};

}  // namespace

const Machine& channel_machine() { return machine; }

const Transition& channel_row(ChannelOperation operation) { return rows[static_cast<std::size_t>(operation)]; }

}  // namespace p2pllm::contracts
