#include "optimized/market/device_market.hpp"

#include "kernels/device/device_columns.hpp"
#include "kernels/device/device_prices.hpp"
#include "optimized/market/migrate_weights.hpp"

namespace p2pllm::optimized {
namespace {

template <typename F, typename Bits>
void scan_on(kernels::Device& device, std::span<const Bits> price, std::span<const Bits> time,
             std::span<const std::uint32_t> ends, const ScanWeights<F>& weights, std::span<F> least) {
  using Columns = kernels::DeviceColumns<F, Bits>;
  const std::vector<std::int64_t> long_ends(ends.begin(), ends.end());
  const typename Columns::Weights one{weights.price, weights.time};
  auto columns = value_of(Columns::of(device, price, time, long_ends));
  expect_done(columns.least_weights(device, std::span(&one, 1), least));
}

template <typename T>
std::vector<T> read(const kernels::DeviceArray<T>& array) {
  std::vector<T> elements(static_cast<std::size_t>(array.size()));
  expect_done(array.read(elements));
  return elements;
}

}  // namespace

void DeviceMarket::scan(std::span<const std::uint32_t> price, std::span<const std::uint32_t> time,
                        std::span<const std::uint32_t> ends, const ScanWeights<float>& weights,
                        std::span<float> least) {
  scan_on(device_, price, time, ends, weights, least);
}
void DeviceMarket::scan(std::span<const std::uint64_t> price, std::span<const std::uint64_t> time,
                        std::span<const std::uint32_t> ends, const ScanWeights<double>& weights,
                        std::span<double> least) {
  scan_on(device_, price, time, ends, weights, least);
}

std::vector<LeastTwo> DeviceMarket::least_two(std::span<const std::uint64_t> rows, double coefficient,
                                              std::span<const double> labels) {
  const std::size_t width = labels.size() / client_tile, count = rows.size() / width;
  const auto results = static_cast<std::int64_t>(count * client_tile);
  const auto latencies = copied(device_, rows);
  const auto all_labels = copied(device_, labels);
  auto least = array_of<double>(device_, results), second = array_of<double>(device_, results);
  auto position = array_of<std::int64_t>(device_, results);
  expect_done(device_.launch(kernels::MinPlusArguments{latencies.constant(), all_labels.constant(),
                                                       static_cast<std::int64_t>(width), coefficient, least.span(),
                                                       second.span(), position.span()}));
  const auto all_least = read(least), all_second = read(second);
  const auto positions = read(position);
  std::vector<LeastTwo> result(count);
  for (std::size_t row = 0; row < count; ++row)
    for (std::size_t c = 0; c < client_tile; ++c) {
      result[row].least[c] = all_least[row * client_tile + c];
      result[row].second[c] = all_second[row * client_tile + c];
      result[row].position[c] = positions[row * client_tile + c];
    }
  return result;
}

std::vector<ChunkDecision> DeviceMarket::bound_regrets(const kernels::PriceFactors& factors, bool has_sensitivity,
                                                       VerifiedPrices& prices) {
  auto groups = value_of(kernels::DevicePrices::of(device_, prices.groups.begin, prices.cost));
  std::vector<std::uint8_t> states(prices.cost.size());
  PriceColumns& columns = prices.columns;
  const auto tallies =
      value_of(groups.regrets(device_, factors, prices.price, has_sensitivity,
                              {columns.share_lower, columns.share_upper, columns.response_lower, columns.response_upper,
                               columns.regret_lower, columns.regret_upper, columns.trial, states}));
  std::vector<ChunkDecision> decisions;
  decisions.reserve(tallies.size());
  const auto& begins = prices.groups.begin;
  for (std::size_t group = 0; group + 1 < begins.size(); ++group) {
    const bool has_equilibrium = has_sensitivity && begins[group + 1] - begins[group] >= 2;
    for (std::size_t begin = begins[group]; begin < begins[group + 1]; begin += chunk_nodes) {
      const kernels::RegretTally& tally = tallies[decisions.size()];
      ChunkDecision& decision = decisions.emplace_back();
      if (!has_equilibrium) continue;
      decision.within = static_cast<std::size_t>(tally.within);
      decision.exceeding = static_cast<std::size_t>(tally.exceeding);
      if (tally.exceeding > 0) {
        decision.worst = static_cast<std::size_t>(tally.worst);
        decision.worst_regret = tally.worst_regret;
        decision.worst_gain = tally.worst_gain;
      }
      const std::size_t end = std::min(begin + chunk_nodes, begins[group + 1]);
      if (decision.within + decision.exceeding == end - begin) continue;
      for (std::size_t k = begin; k < end; ++k)
        if (states[k] == kernels::regret_open) decision.open.push_back(k);
    }
  }
  return decisions;
}

void DeviceMarket::enclose_equilibria(double by_cost, double sensitivity, SolvedPrices& prices) {
  auto groups = value_of(kernels::DevicePrices::of(device_, prices.groups.begin, prices.cost));
  prices.steps = value_of(groups.equilibria(device_, by_cost, sensitivity,
                                            {prices.price_lower, prices.price_upper, prices.share_lower,
                                             prices.share_upper, prices.revenue_lower, prices.revenue_upper}));
}

std::vector<kernels::MigrationScore> DeviceMarket::scores(std::span<const kernels::ScoredRange> ranges,
                                                          std::span<const std::uint32_t> served_by,
                                                          std::span<const double> weight,
                                                          std::span<const std::uint8_t> may_gain) {
  const auto all_ranges = copied(device_, ranges);
  const auto served = copied(device_, served_by);
  const auto weights = copied(device_, weight);
  const auto may = copied(device_, may_gain);
  auto found = array_of<std::uint8_t>(device_, served.size());
  expect_done(device_.launch(kernels::ScoreArguments{all_ranges.constant(), served.constant(), weights.constant(),
                                                     may.constant(), found.span(), ApproximateWeights::vanished_max}));
  std::vector<kernels::MigrationScore> scores;
  for (const std::uint8_t score : read(found)) scores.push_back(static_cast<kernels::MigrationScore>(score));
  return scores;
}

}  // namespace p2pllm::optimized
