#include "kernels/device/device_prices.hpp"
#include "kernels/market/migration.cuh"
#include "tests/kernels/gpu_case.hpp"

// Cases of regrets, equilibria and scores of moves.
namespace p2pllm::kernels {
namespace {

/// Groups of one node to several chunks.
std::vector<std::size_t> drawn_groups(Case& at) {
  std::vector<std::size_t> begins{0};
  const std::int64_t most = at.one_of({3, 40, 1500});
  for (std::int64_t group = at.size(most > 1000 ? 2 : 9); group > 0; --group)
    begins.push_back(begins.back() + static_cast<std::size_t>(at.size(most)));
  return begins;
}
std::vector<double> drawn_integers(Case& at, std::size_t count, std::int64_t most) {
  std::vector<double> numbers(count);
  for (double& number : numbers) number = static_cast<double>(at.size(most) - 1);
  return numbers;
}

}  // namespace

void regret_case(Case& at) {
  const auto begins = drawn_groups(at);
  const std::size_t nodes = begins.back();
  const auto price = drawn_integers(at, nodes, at.one_of({2, 5000})), cost = drawn_integers(at, nodes, 5000);
  PriceFactors factors;
  factors.price_unit = 0.001;
  factors.by_price = 0.0005;
  factors.by_cost = at.one_of({0, 1}) == 0 ? 0 : at.one_of({0, 1}) == 0 ? 0.01 : 1;
  factors.sensitivity = 0.5;
  factors.epsilon_below = factors.epsilon_above = 0.25;
  factors.is_absolute = at.one_of({0, 1}) == 0;
  auto groups = value_of(DevicePrices::of(at.device(), begins, cost));
  std::vector<double> results[7];
  for (auto& each : results) each.resize(nodes);
  std::vector<std::uint8_t> states(nodes);
  const auto tallies = value_of(
      groups.regrets(at.device(), factors, price, at.one_of({0, 1, 2}) != 0,
                     {results[0], results[1], results[2], results[3], results[4], results[5], results[6], states}));
  for (const auto& each : results) at.keep_all(each);
  at.keep_all(states);
  at.keep_all(tallies);
}

void equilibrium_case(Case& at) {
  const auto begins = drawn_groups(at);
  const std::size_t nodes = begins.back();
  const auto cost = drawn_integers(at, nodes, at.one_of({1, 5000}));
  auto groups = value_of(DevicePrices::of(at.device(), begins, cost));
  std::vector<double> results[6];
  for (auto& each : results) each.resize(nodes);
  const std::vector<int> steps{
      value_of(groups.equilibria(at.device(), at.one_of({0, 1}) == 0 ? 0.001 : 0.3, 0.5,
                                 {results[0], results[1], results[2], results[3], results[4], results[5]}))};
  for (const auto& each : results) at.keep_all(each);
  at.keep_all(steps);
}

void score_case(Case& at) {
  const std::int64_t count = at.size(20), nodes = at.one_of({1, 255, 256, 257, 2000});
  std::vector<ScoredRange> ranges(static_cast<std::size_t>(count));
  for (ScoredRange& range : ranges) {
    range.load_lower = static_cast<double>(at.size(100));
    range.load_upper = range.load_lower * (1 + 0x1p-50);
    range.factor_lower = 1 - 0x1p-51;
    range.factor_upper = 1 + 0x1p-51;
    range.least = at.size(count) - 1;
    range.servers = at.size(3);
  }
  const auto all = value_of(DeviceArray<ScoredRange>::of(at.device(), ranges));
  const auto served_by = at.drawn<std::uint32_t>(nodes, 0, count - 1);
  const auto weight = at.drawn<double>(nodes, 0, 40);
  const auto may_gain = at.drawn<std::uint8_t>(nodes, 0, 1);
  auto scores = at.room<std::uint8_t>(nodes);
  at.launch(ScoreArguments{all.constant(), served_by.constant(), weight.constant(), may_gain.constant(), scores.span(),
                           0x1p-860});
  at.keep(scores);
}

}  // namespace p2pllm::kernels
