#include <algorithm>
#include <array>

#include "kernels/portable/exp.hpp"
#include "optimized/market/clones.hpp"
#include "optimized/market/regret_bounds.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::size_t lanes = kernels::demand_lanes;
using Scratch = std::array<double, chunk_nodes>;

struct Sums {
  double plain;
  double weighted;
};

P2PLLM_CLONES
void weigh(std::size_t count, const double* price, const double* cost, double by_price, double by_cost,
           double* weight) {
  for (std::size_t k = 0; k < count; ++k) weight[k] = kernels::demand_weight(price[k], cost[k], by_price, by_cost);
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
  result.lightest = least - weight.begin();
  negated_excess(count, weight.data(), *least, own.data());
  kernels::exp(own, own);
  double& of_lightest = own[static_cast<std::size_t>(result.lightest)];
  of_lightest = 0;
  const Sums sums = sum_lanes(count, own.data(), weight.data());
  of_lightest = 1;
  result.others = sums.plain;
  result.others_by_weight = sums.weighted;
  return result;
}

GroupSum combine(std::span<const ChunkSum> chunks, std::span<const std::size_t> offsets) {
  const auto by_weight = [](const ChunkSum& a, const ChunkSum& b) { return a.least_weight < b.least_weight; };
  const auto first = static_cast<std::size_t>(std::ranges::min_element(chunks, by_weight) - chunks.begin());
  const double least = chunks[first].least_weight;
  kernels::GroupAddition sum;
  for (std::size_t c = 0; c < chunks.size(); ++c)
    sum.add(chunks[c], kernels::exp(least - chunks[c].least_weight), c == first);
  return sum.value(least, static_cast<std::int64_t>(offsets[first]) + chunks[first].lightest);
}

}  // namespace p2pllm::optimized
