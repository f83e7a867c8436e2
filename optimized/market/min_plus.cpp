#include "optimized/market/min_plus.hpp"

#include <algorithm>
#include <limits>

#include "model/assert.hpp"
#include "optimized/market/vector_target.hpp"

namespace p2pllm::optimized {
namespace {

typedef double Weights __attribute__((vector_size(client_tile * sizeof(double)), aligned(sizeof(double)), may_alias));
typedef std::int64_t Positions
    __attribute__((vector_size(client_tile * sizeof(std::int64_t)), aligned(sizeof(std::int64_t)), may_alias));

struct Row {
  std::span<const std::uint64_t> latencies;
  double coefficient;
  const double* labels;
};

/// A vector of eight lanes on every unit: on a narrower one the compiler takes several registers for it.
[[gnu::always_inline]] inline void least_two_of(const Row& row, LeastTwo& result) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr std::size_t chunk = 64;  // latencies are converted many at a time
  std::array<double, chunk> weights;
  Weights least = Weights{} + infinity;
  Weights second = least;
  Positions position = Positions{} - 1;
  Positions here{};
  for (std::size_t begin = 0; begin < row.latencies.size(); begin += chunk) {
    const std::size_t count = std::min(chunk, row.latencies.size() - begin);
    for (std::size_t j = 0; j < count; ++j)
      weights[j] = row.coefficient * static_cast<double>(row.latencies[begin + j]);
    for (std::size_t j = 0; j < count; ++j) {
      const Weights weight = weights[j] + *reinterpret_cast<const Weights*>(row.labels + (begin + j) * client_tile);
      const auto is_less = weight < least;
      const Weights greater = is_less ? least : weight;
      second = greater < second ? greater : second;
      position = is_less ? here : position;
      least = is_less ? weight : least;
      here += 1;
    }
  }
  *reinterpret_cast<Weights*>(result.least.data()) = least;
  *reinterpret_cast<Weights*>(result.second.data()) = second;
  *reinterpret_cast<Positions*>(result.position.data()) = position;
}

P2PLLM_AVX512 void least_two_avx512(const Row& row, LeastTwo& result) { least_two_of(row, result); }
P2PLLM_AVX2 void least_two_avx2(const Row& row, LeastTwo& result) { least_two_of(row, result); }
void least_two_portable(const Row& row, LeastTwo& result) { least_two_of(row, result); }

}  // namespace

LeastTwo least_two(std::span<const std::uint64_t> row, double coefficient, std::span<const double> labels,
                   VectorUnit unit) {
  P2PLLM_ASSERT(labels.size() == row.size() * client_tile);
  LeastTwo result;
  const Row all{row, coefficient, labels.data()};
  switch (unit) {
    case VectorUnit::avx512: least_two_avx512(all, result); break;
    case VectorUnit::avx2: least_two_avx2(all, result); break;
    case VectorUnit::portable: least_two_portable(all, result); break;
  }
  return result;
}

}  // namespace p2pllm::optimized
