#include "apps/p2pllm/simulation/expectation.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>

namespace p2pllm::app {
namespace {

// Seconds on one processor, as measured by bench/.
constexpr double fast_peer_step = 2e-9;
constexpr double fast_peer_step_of_small_groups = 12e-9;
constexpr double fast_request_at_a_node = 2e-7;
constexpr double fast_drawn_key = 5e-8;
constexpr double exact_peer_step = 8e-6;
constexpr double exact_request_at_a_node = 1e-5;
constexpr double exact_drawn_key = 6e-6;
constexpr double worth_a_word = 3600;
constexpr std::size_t small_group = 64;

}  // namespace

double expected_seconds(const Scenario& scenario, const Peers& peers, bool is_fast, std::int64_t runs, int threads) {
  std::set<LayerRange> ranges;
  for (std::size_t node = 0; node < peers.size(); ++node) ranges.insert(peers.layers(node));
  const auto count = static_cast<double>(peers.size());
  const auto steps = static_cast<double>(scenario.steps);
  const bool is_small = peers.size() < small_group * ranges.size();
  double one = count * steps *
               (!is_fast   ? exact_peer_step
                : is_small ? fast_peer_step_of_small_groups
                           : fast_peer_step);
  if (scenario.requests) {
    const double requests = scenario.requests->per_step.raw().get_d() * steps;
    one += requests * static_cast<double>(ranges.size()) * (is_fast ? fast_request_at_a_node : exact_request_at_a_node);
    if (scenario.requests->mode == RequestMode::gumbel)
      one += requests * count * (is_fast ? fast_drawn_key : exact_drawn_key);
  }
  const double at_once = static_cast<double>(std::min<std::int64_t>(runs, std::max(threads, 1)));
  return one * static_cast<double>(runs) / at_once;
}

std::string about(double seconds) {
  constexpr double minute = 60, hour = 3600, day = 86400;
  if (seconds < minute) return "less than a minute";
  if (seconds < 2 * hour) return fmt::format("about {:.0f} minutes", seconds / minute);
  if (seconds < 2 * day) return fmt::format("about {:.0f} hours", seconds / hour);
  return fmt::format("about {:.0f} days", seconds / day);
}

std::vector<std::string> notes_on(const Scenario& scenario, const Peers& peers, double seconds) {
  std::vector<std::string> notes;
  if (seconds > worth_a_word)
    notes.push_back("this takes " + about(seconds) + "; --sqlite keeps what is done, whatever stops it");
  if (!scenario.requests) return notes;
  std::set<LayerRange> served;
  for (std::size_t node = 0; node < peers.size(); ++node) served.insert(peers.layers(node));
  std::set<std::int64_t> reached{0};
  for (const LayerRange& range : served)  // by rising first layer
    if (reached.contains(range.first)) reached.insert(range.last);
  if (!reached.contains(peers.market().layers))
    notes.push_back("no chain leads beyond boundary " + std::to_string(*reached.rbegin()) +
                    " at the start: every request is refused until one does");
  std::int64_t boundary = 0;
  bool is_one_sequence = true;
  for (const LayerRange& range : served) {
    is_one_sequence = is_one_sequence && range.first == boundary;
    boundary = range.last;
  }
  if (scenario.requests->mode == RequestMode::gumbel && !is_one_sequence)
    notes.emplace_back("chains lead through different sequences of ranges, so demand under gumbel is not Eq. 3's");
  return notes;
}

}  // namespace p2pllm::app
