#include "optimized/market/route_scan.hpp"

#include <limits>
#include <utility>

#include "model/assert.hpp"
#include "optimized/market/vector_target.hpp"

namespace p2pllm::optimized {
namespace {

template <typename Integer, typename F>
struct Scan {
  const Integer* price;
  const Integer* time;
  std::uint32_t begin;
  std::span<const std::uint32_t> ends;
  const ScanWeights<F>* weights;
  F* least;
};

template <typename F>
[[gnu::always_inline]] inline F lesser(F a, F b) {
  return a < b ? a : b;
}

/// Sets lane l to the lesser of the lanes l and l + step.
template <std::size_t step, typename Vector, std::size_t... lane>
[[gnu::always_inline]] inline void halve(Vector& v, std::index_sequence<lane...> /*lanes*/) {
  const Vector other = __builtin_shufflevector(v, v, ((lane + step) % sizeof...(lane))...);
  v = v < other ? v : other;
}

/// Sets lane 0 to the least of all lanes.
template <std::size_t lanes, typename Vector>
[[gnu::always_inline]] inline void halve_to_least(Vector& v) {
  constexpr auto all = std::make_index_sequence<lanes>();
  if constexpr (lanes > 8) halve<8>(v, all);
  if constexpr (lanes > 4) halve<4>(v, all);
  if constexpr (lanes > 2) halve<2>(v, all);
  halve<1>(v, all);
}

/// The least weights of one block; `alphas` of them are kept in registers.
template <std::size_t lanes, std::size_t alphas, typename Integer, typename F>
[[gnu::always_inline]] inline void scan_block(const Scan<Integer, F>& scan, std::size_t begin, std::size_t end,
                                              F* least) {
  typedef F Weights __attribute__((vector_size(lanes * sizeof(F))));
  typedef Integer Integers __attribute__((vector_size(lanes * sizeof(Integer)), aligned(sizeof(Integer)), may_alias));
  constexpr F infinity = std::numeric_limits<F>::infinity();
  Weights running[alphas];
  for (std::size_t a = 0; a < alphas; ++a) running[a] = Weights{} + infinity;
  const auto add = [&](std::size_t i) __attribute__((always_inline)) {
    const Weights price = __builtin_convertvector(*reinterpret_cast<const Integers*>(scan.price + i), Weights);
    const Weights time = __builtin_convertvector(*reinterpret_cast<const Integers*>(scan.time + i), Weights);
    for (std::size_t a = 0; a < alphas; ++a) {
      const Weights weight = price * scan.weights[a].price + time * scan.weights[a].time;
      running[a] = weight < running[a] ? weight : running[a];
    }
  };
  std::size_t i = begin;
  for (; i + lanes <= end; i += lanes) add(i);
  const bool has_vector = i > begin;
  if (has_vector && i < end) add(end - lanes);  // some nodes twice: the least stays the same
  for (std::size_t a = 0; a < alphas; ++a) {
    halve_to_least<lanes>(running[a]);
    F result = running[a][0];
    for (std::size_t k = has_vector ? end : begin; k < end; ++k)
      result = lesser(
          static_cast<F>(scan.price[k]) * scan.weights[a].price + static_cast<F>(scan.time[k]) * scan.weights[a].time,
          result);
    least[a] = result;
  }
}

template <std::size_t lanes, std::size_t alphas, typename Integer, typename F>
[[gnu::always_inline]] inline void scan_all(const Scan<Integer, F>& scan) {
  std::size_t begin = scan.begin;
  for (std::size_t block = 0; block < scan.ends.size(); ++block) {
    const std::size_t end = scan.ends[block];
    scan_block<lanes, alphas>(scan, begin, end, scan.least + block * alphas);
    begin = end;
  }
}

template <std::size_t alphas, typename Integer, typename F>
P2PLLM_AVX512 void scan_avx512(const Scan<Integer, F>& scan) {
  scan_all<64 / sizeof(F), alphas>(scan);
}
template <std::size_t alphas, typename Integer, typename F>
P2PLLM_AVX2 void scan_avx2(const Scan<Integer, F>& scan) {
  scan_all<32 / sizeof(F), alphas>(scan);
}
template <std::size_t alphas, typename Integer, typename F>
void scan_portable(const Scan<Integer, F>& scan) {
  scan_all<16 / sizeof(F), alphas>(scan);
}

template <std::size_t alphas, typename Integer, typename F>
void scan_on(const Scan<Integer, F>& scan, VectorUnit unit) {
  switch (unit) {
    case VectorUnit::avx512: return scan_avx512<alphas>(scan);
    case VectorUnit::avx2: return scan_avx2<alphas>(scan);
    case VectorUnit::portable: return scan_portable<alphas>(scan);
  }
}

template <typename Integer, typename F>
void scan(const Scan<Integer, F>& scan, std::size_t alphas, VectorUnit unit) {
  P2PLLM_ASSERT(alphas == 1 || alphas == scan_tile);
  if (alphas == 1) scan_on<1>(scan, unit);
  else scan_on<scan_tile>(scan, unit);
}

}  // namespace

bool is_supported([[maybe_unused]] VectorUnit unit) {
#if defined(__x86_64__)
  if (unit == VectorUnit::avx512)
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
           __builtin_cpu_supports("avx512vl") != 0;
  if (unit == VectorUnit::avx2) return __builtin_cpu_supports("avx2") != 0;
#endif
  return unit == VectorUnit::portable;
}

VectorUnit widest_vector_unit() {
  for (const VectorUnit unit : {VectorUnit::avx512, VectorUnit::avx2})
    if (is_supported(unit)) return unit;
  return VectorUnit::portable;
}

void scan_blocks(std::span<const std::uint32_t> price, std::span<const std::uint32_t> time, std::uint32_t begin,
                 std::span<const std::uint32_t> ends, std::span<const ScanWeights<float>> weights,
                 std::span<float> least, VectorUnit unit) {
  P2PLLM_ASSERT(least.size() == ends.size() * weights.size());
  scan(Scan<std::uint32_t, float>{price.data(), time.data(), begin, ends, weights.data(), least.data()}, weights.size(),
       unit);
}

void scan_blocks(std::span<const std::uint64_t> price, std::span<const std::uint64_t> time, std::uint32_t begin,
                 std::span<const std::uint32_t> ends, std::span<const ScanWeights<double>> weights,
                 std::span<double> least, VectorUnit unit) {
  P2PLLM_ASSERT(least.size() == ends.size() * weights.size());
  scan(Scan<std::uint64_t, double>{price.data(), time.data(), begin, ends, weights.data(), least.data()},
       weights.size(), unit);
}

}  // namespace p2pllm::optimized
