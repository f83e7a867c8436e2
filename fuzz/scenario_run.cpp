#include <cstdint>
#include <string_view>

#include "fuzz/law.hpp"
#include "optimized/simulation/simulate.hpp"
#include "reference/simulation/simulate.hpp"
#include "tests/support/same_simulation.hpp"

// Input: a scenario.

namespace p2pllm::fuzz {
namespace {

constexpr std::int64_t peers_of_a_run_max = 24;
constexpr std::int64_t layers_of_a_run_max = 8;
constexpr std::int64_t steps_of_a_run_max = 24;

constexpr int requests_of_a_run_max = 60;
constexpr int joins_of_a_run_max = 20;

bool is_small(const Scenario& scenario) {
  const auto* generated = std::get_if<GeneratedNetwork>(&scenario.network);
  const Rational steps = scenario.steps;
  if (scenario.requests && scenario.requests->per_step * steps > Rational(requests_of_a_run_max)) return false;
  if (scenario.churn && scenario.churn->joins_per_step * steps > Rational(joins_of_a_run_max)) return false;
  return generated != nullptr && generated->peers() <= peers_of_a_run_max && scenario.steps <= steps_of_a_run_max &&
         generated->counts.size() <= layers_of_a_run_max && scenario.tolerance > Rational::power_of_two(-300);
}

void run(std::string_view text) {
  const auto scenario = read_scenario(text, "fuzz");
  if (!scenario) {
    law_of_messages(scenario.error().message(), "fuzz");
    ++reached["scenario refused"];
    return;
  }
  if (!is_small(*scenario)) {
    ++reached["scenario read"];
    return;
  }
  const auto seed = static_cast<std::uint64_t>(scenario->first_seed);
  const Network network = generated_network(*scenario, seed);
  if (const auto fits = check_scenario(*scenario, network, "fuzz"); !fits) {
    law_of_messages(fits.error().message(), "fuzz");
    ++reached["scenario refused for its network"];
    return;
  }
  const auto exact = reference::simulate(*scenario, network, seed);
  auto fast = optimized::simulate(*scenario, network, seed);
  ++reached[!exact ? "run undecided" : fast ? "run by both engines" : "run by the exact engine"];
  law(exact || !fast, "SIM-14: what the reference does not decide the fast engine leaves to it");
  if (!exact || !fast) return;
  if (scenario->requests) ++reached["requests served"];
  if (scenario->churn) ++reached["nodes come and go"];
  if (!exact->payments.empty()) ++reached["nodes are paid"];
  if (has_planted_fault && !fast->moves.empty()) fast->moves.pop_back();
  const std::string difference = testing::simulation_difference(*fast, *exact);
  law(difference.empty(), "SIM-14: both engines make one run", difference);
  for (const StepRecord& record : exact->records)
    law(!record.requests || record.requests->in_flight() >= 0, "SIM-16: no more is served than was offered");
  for (const StepRecord& record : exact->records)
    for (const RangeRecord& range : record.ranges)
      law(!range.prices || range.prices->least.upper.sign() >= 0, "SIM-6: no price falls below 0");
}

}  // namespace
}  // namespace p2pllm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  p2pllm::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
