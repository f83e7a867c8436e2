#include "optimized/market/min_plus.hpp"

#include <limits>

#include "model/assert.hpp"
#include "optimized/market/vector_target.hpp"

namespace p2pllm::optimized {
namespace {

typedef double Weights __attribute__((vector_size(client_tile * sizeof(double)), aligned(sizeof(double)), may_alias));
typedef std::int64_t Positions
    __attribute__((vector_size(client_tile * sizeof(std::int64_t)), aligned(sizeof(std::int64_t)), may_alias));

/// A vector of eight lanes on every unit: on a narrower one the compiler takes several registers for it.
[[gnu::always_inline]] inline void least_two_of(std::span<const double> row, const double* labels, LeastTwo& result) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Weights least = Weights{} + infinity;
  Weights second = least;
  Positions position = Positions{} - 1;
  Positions here{};
  for (std::size_t j = 0; j < row.size(); ++j) {
    const Weights weight = row[j] + *reinterpret_cast<const Weights*>(labels + j * client_tile);
    const auto is_less = weight < least;
    const Weights greater = is_less ? least : weight;
    second = greater < second ? greater : second;
    position = is_less ? here : position;
    least = is_less ? weight : least;
    here += 1;
  }
  *reinterpret_cast<Weights*>(result.least.data()) = least;
  *reinterpret_cast<Weights*>(result.second.data()) = second;
  *reinterpret_cast<Positions*>(result.position.data()) = position;
}

P2PLLM_AVX512 void least_two_avx512(std::span<const double> row, const double* labels, LeastTwo& result) {
  least_two_of(row, labels, result);
}
P2PLLM_AVX2 void least_two_avx2(std::span<const double> row, const double* labels, LeastTwo& result) {
  least_two_of(row, labels, result);
}
void least_two_portable(std::span<const double> row, const double* labels, LeastTwo& result) {
  least_two_of(row, labels, result);
}

}  // namespace

LeastTwo least_two(std::span<const double> row, std::span<const double> labels, VectorUnit unit) {
  P2PLLM_ASSERT(labels.size() == row.size() * client_tile);
  LeastTwo result;
  switch (unit) {
    case VectorUnit::avx512: least_two_avx512(row, labels.data(), result); break;
    case VectorUnit::avx2: least_two_avx2(row, labels.data(), result); break;
    case VectorUnit::portable: least_two_portable(row, labels.data(), result); break;
  }
  return result;
}

}  // namespace p2pllm::optimized
