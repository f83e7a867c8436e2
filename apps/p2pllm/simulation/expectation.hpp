#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/simulation/peers.hpp"
#include "model/simulation/scenario.hpp"

namespace p2pllm::app {

inline constexpr std::size_t reference_peers_max = 100'000;

/// What a run is expected to cost, from the time of its parts on one processor of 2020.
/// @param is_fast  whether the fast engine answers
/// @param runs     of different seeds
/// @param threads  that run them
/// @returns seconds, right to about a factor of 4
[[nodiscard]] double expected_seconds(const Scenario& scenario, const Peers& peers, bool is_fast, std::int64_t runs,
                                      int threads);

/// "about 9 days".
[[nodiscard]] std::string about(double seconds);

/// What a person should know before a run begins: that it takes long, that all requests will be refused at first, or
/// that they do not follow Eq. 3.
[[nodiscard]] std::vector<std::string> notes_on(const Scenario& scenario, const Peers& peers, double seconds);

}  // namespace p2pllm::app
