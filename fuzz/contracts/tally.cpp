#include "fuzz/contracts/tally.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "model/assert.hpp"

namespace p2pllm::fuzz {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Event::count)> event_names = {
    "migrated",
    "stayed",
    "a registration left its home",
    "a registration came home",
    "the first registration of a shard left it",
    "receipts delivered",
    "an honest party crashed or woke",
    "a replay",
    "an equivocation shown",
    "judged right",
    "judged wrong",
    "forfeited by the client",
    "forfeited by the provider",
    "slashed for fraud",
    "slashed for non-delivery",
    "an honest party's dispute ended",
    "an honest party's channel ended",
    "an honest party's channel ended after payments",
    "a session closed",
    "a close answered",
    "a voucher claimed",
    "settled by the last word",
    "convicted by two receipts",
    "a receipt challenged from Active",
    "an honest party's session of more units ended"};

constexpr std::array<std::string_view, status_count> status_names = {"account",
                                                                     "no registration",
                                                                     "registration active",
                                                                     "registration jailed",
                                                                     "registration unbonding",
                                                                     "registration withdrawn",
                                                                     "registration tombstoned",
                                                                     "no SLA",
                                                                     "SLA proposed",
                                                                     "SLA active",
                                                                     "SLA delivered",
                                                                     "SLA disputed",
                                                                     "SLA settled",
                                                                     "SLA breached",
                                                                     "SLA cancelled",
                                                                     "SLA expired",
                                                                     "no channel",
                                                                     "channel opening",
                                                                     "channel open",
                                                                     "channel closing",
                                                                     "channel settled"};

template <std::size_t... k>
constexpr std::array<std::string_view, operation_count> operation_names_of(std::index_sequence<k...>) {
  return {std::variant_alternative_t<k, Operation>::name...};
}
constexpr auto operation_names = operation_names_of(std::make_index_sequence<operation_count>());

constexpr unsigned malformed_first = 100, refused_first = 200, failed_first = 300;
constexpr std::size_t refused_index = 7, failed_index = 13;  // after none and 6 malformed, then 6 refused

Reason reason_at(std::size_t index) {
  const auto code = static_cast<unsigned>(index);
  if (index == 0) return Reason::none;
  if (index < refused_index) return static_cast<Reason>(malformed_first + code - 1);
  if (index < failed_index) return static_cast<Reason>(refused_first + code - refused_index);
  return static_cast<Reason>(failed_first + code - failed_index);
}

// libFuzzer reads the counters of this section after each input, as it reads those of the code, and clears them.
__attribute__((section("__libfuzzer_extra_counters"), used))
std::uint8_t counters[status_count * depth_count * reason_count];

}  // namespace

std::size_t index_of(Reason reason) {
  const auto code = static_cast<unsigned>(reason);
  const std::size_t index = code < malformed_first ? code
                            : code < refused_first ? 1 + code - malformed_first
                            : code < failed_first  ? refused_index + code - refused_first
                                                   : failed_index + code - failed_first;
  P2PLLM_ASSERT(index < reason_count);
  return index;
}

void Tally::add(const Tally& other) {
  const auto add_all = [](auto& to, const auto& from) {
    for (std::size_t k = 0; k < to.size(); ++k) to[k] += from[k];
  };
  add_all(applied, other.applied), add_all(reasons, other.reasons);
  add_all(statuses, other.statuses), add_all(events, other.events);
  deepest = std::max(deepest, other.deepest);
  played += other.played;
}

Classes Tally::classes() const {
  Classes result;
  const auto put = [&result](const std::string& name, std::uint32_t count) {
    if (count > 0) result[name] = static_cast<int>(count);
  };
  for (std::size_t k = 0; k < applied.size(); ++k) put("applied " + std::string(operation_names[k]), applied[k]);
  for (std::size_t k = 1; k < reasons.size(); ++k) {
    const Reason reason = reason_at(k);
    const Consequence consequence = consequence_of(reason);
    const char* what = consequence == Consequence::malformed ? "malformed "
                       : consequence == Consequence::refused ? "refused "
                                                             : "failed ";
    put(what + std::string(name_of(reason)), reasons[k]);
  }
  for (std::size_t k = 1; k < statuses.size(); ++k) put("status " + std::string(status_names[k]), statuses[k]);
  for (std::size_t k = 0; k < events.size(); ++k) put(std::string(event_names[k]), events[k]);
  return result;
}

void reward(std::size_t status, unsigned depth, Reason reason) {
  const std::size_t place =
      (status * depth_count + std::min<std::size_t>(depth, depth_count - 1)) * reason_count + index_of(reason);
  if (counters[place] < 255) ++counters[place];
}

std::vector<std::uint32_t> take_rewards() {
  std::vector<std::uint32_t> places;
  for (std::uint32_t place = 0; place < std::size(counters); ++place)
    if (std::exchange(counters[place], std::uint8_t{0}) > 0) places.push_back(place);
  return places;
}

}  // namespace p2pllm::fuzz
