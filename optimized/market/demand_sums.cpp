#include <algorithm>
#include <array>

#include "optimized/market/clones.hpp"
#include "optimized/market/compensated_sum.hpp"
#include "optimized/market/error_bounds.hpp"
#include "optimized/market/regret_bounds.hpp"

namespace p2pllm::optimized {
namespace {

using Scratch = std::array<double, chunk_nodes>;

struct Sums {
  double plain;
  double weighted;
};

P2PLLM_CLONES
void weigh(std::size_t count, const double* price, const double* cost, double by_price, double by_cost,
           double* weight) {
  for (std::size_t k = 0; k < count; ++k) weight[k] = price[k] * by_price + cost[k] * by_cost;
}
P2PLLM_CLONES
void negated_excess(std::size_t count, const double* weight, double least, double* out) {
  for (std::size_t k = 0; k < count; ++k) out[k] = least - weight[k];
}

/// The sum of terms, and of terms times weights, in 16 lanes and then by halves. @param count  at most chunk_nodes
P2PLLM_CLONES
Sums sum_lanes(std::size_t count, const double* term, const double* weight) {
  double plain[lanes] = {};
  double weighted[lanes] = {};
  std::size_t k = 0;
  for (; k + lanes <= count; k += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      plain[lane] += term[k + lane];
      weighted[lane] += term[k + lane] * weight[k + lane];
    }
  for (std::size_t lane = 0; k < count; ++k, ++lane) {
    plain[lane] += term[k];
    weighted[lane] += term[k] * weight[k];
  }
  for (std::size_t half = lanes / 2; half > 0; half /= 2)
    for (std::size_t lane = 0; lane < half; ++lane) {
      plain[lane] += plain[lane + half];
      weighted[lane] += weighted[lane + half];
    }
  return {plain[0], weighted[0]};
}

}  // namespace

ChunkSum sum_chunk(const PriceFactors& factors, const ChunkInput& input, std::span<double> own) {
  const std::size_t count = input.price.size();
  Scratch weight;
  weigh(count, input.price.data(), input.cost.data(), factors.by_price, factors.by_cost, weight.data());
  const auto least = std::min_element(weight.begin(), weight.begin() + static_cast<std::ptrdiff_t>(count));
  ChunkSum result;
  result.least_weight = *least;
  result.lightest = static_cast<std::size_t>(least - weight.begin());
  negated_excess(count, weight.data(), *least, own.data());
  kernels::exp(own, own);
  own[result.lightest] = 0;
  const Sums sums = sum_lanes(count, own.data(), weight.data());
  own[result.lightest] = 1;
  result.others = sums.plain;
  result.others_by_weight = sums.weighted;
  result.is_in_range = *least <= weight_max;
  return result;
}

GroupSum combine(std::span<const ChunkSum> chunks, std::span<const std::size_t> offsets) {
  const auto by_weight = [](const ChunkSum& a, const ChunkSum& b) { return a.least_weight < b.least_weight; };
  const auto first = static_cast<std::size_t>(std::ranges::min_element(chunks, by_weight) - chunks.begin());
  GroupSum group;
  group.least_weight = chunks[first].least_weight;
  group.lightest = offsets[first] + chunks[first].lightest;
  group.is_in_range = chunks[first].is_in_range;
  CompensatedSum others, others_by_weight;
  for (std::size_t c = 0; c < chunks.size(); ++c) {
    const ChunkSum& chunk = chunks[c];
    const double factor = factor_of(chunk.least_weight, group.least_weight);
    others.add(factor * chunk.others);
    others_by_weight.add(factor * chunk.others_by_weight);
    if (c == first) continue;
    others.add(factor);
    others_by_weight.add(factor * chunk.least_weight);
  }
  group.others = others.value();
  group.total = 1 + group.others;
  // Each term is off by weight_error times its weight: on average by that times the average weight.
  group.others_error =
      group.others > 0 ? 1.01 * (weight_error * (others_by_weight.value() / group.others) + sum_error) : 0;
  const double total_by_weight = group.least_weight + others_by_weight.value();
  group.total_error = 1.01 * (weight_error * (total_by_weight / group.total) + sum_error);
  return group;
}

}  // namespace p2pllm::optimized
