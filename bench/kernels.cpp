// Nanoseconds per element of kernels/portable beside glibc and libmvec, in interleaved rounds: medians, and medians of
// the ratios of a round. Prints whether each figure is met, and exits with 0 in any case.
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "bench/figure.hpp"
#include "kernels/portable/interval.hpp"
#include "kernels/portable/omega.hpp"
#include "kernels/portable/target.hpp"

#if defined(__x86_64__)
extern "C" {
__m256d _ZGVdN4v_exp(__m256d x);  // libmvec's, for AVX2
__m512d _ZGVeN8v_exp(__m512d x);  // and for AVX-512
__m256d _ZGVdN4v_log(__m256d x);
__m512d _ZGVeN8v_log(__m512d x);
}
#endif

namespace p2pllm::bench {
namespace {

constexpr std::size_t elements = 4096;  // input and output stay in the first cache
constexpr int rounds = 101;
constexpr int repeats = 8;

using Batch = void (*)(const double* in, double* out, std::size_t count);

void glibc_exp(const double* in, double* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out[i] = std::exp(in[i]);
}
void glibc_log(const double* in, double* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out[i] = std::log(in[i]);
}
#if defined(__x86_64__)
template <__m256d function(__m256d)>
[[gnu::target("avx2")]] void mvec_avx2(const double* in, double* out, std::size_t count) {
  for (std::size_t i = 0; i < count; i += 4) _mm256_storeu_pd(out + i, function(_mm256_loadu_pd(in + i)));
}
template <__m512d function(__m512d)>
[[gnu::target("avx512f")]] void mvec_avx512(const double* in, double* out, std::size_t count) {
  for (std::size_t i = 0; i < count; i += 8) _mm512_storeu_pd(out + i, function(_mm512_loadu_pd(in + i)));
}
#endif

/// One measured function, and what each round took, in nanoseconds per element.
struct Entry {
  std::string name;
  std::function<void()> run;
  std::vector<double> times;
};

class Race {
 public:
  void enter(const std::string& name, std::function<void()> run) { entries_.push_back({name, std::move(run), {}}); }
  void run() {
    for (int round = -1; round < rounds; ++round)
      for (Entry& entry : entries_) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < repeats; ++i) entry.run();
        const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
        if (round >= 0) entry.times.push_back(taken.count() / repeats / elements);
      }
    for (const Entry& entry : entries_) std::printf("  %-32s %8.3f ns\n", entry.name.c_str(), median(entry.times));
  }
  /// Median over rounds of the time of `slower` by that of `faster`; 0 where one of them does not run here.
  [[nodiscard]] double ratio(const std::string& slower, const std::string& faster) const {
    const Entry* a = find(slower);
    const Entry* b = find(faster);
    if (!a || !b) return 0;
    std::vector<double> ratios;
    for (std::size_t i = 0; i < a->times.size(); ++i) ratios.push_back(a->times[i] / b->times[i]);
    return median(ratios);
  }

 private:
  [[nodiscard]] const Entry* find(const std::string& name) const {
    for (const Entry& entry : entries_)
      if (entry.name == name) return &entry;
    return nullptr;
  }
  std::vector<Entry> entries_;
};

/// @param least  the figure to reach; 0 where none is demanded
void report(const Race& race, const std::string& function, const std::string& slower, const std::string& faster,
            double least) {
  const double ratio = race.ratio(slower, faster);
  if (ratio == 0) std::printf("  %s by %s: skipped, not on this processor\n", slower.c_str(), faster.c_str());
  else if (least == 0) std::printf("  %s by %s: %.2f x\n", slower.c_str(), faster.c_str(), ratio);
  else figure(function + ", " + faster, slower, ratio, at_least(least));
}

struct Data {
  std::vector<double> x, y, out, out2;
  Data(double least, double greatest) : x(elements), y(elements), out(elements), out2(elements) {
    std::mt19937_64 random(14);
    for (double& value : x) value = std::uniform_real_distribution<double>(least, greatest)(random);
    for (std::size_t i = 0; i < elements; ++i) y[i] = x[i] + 0.5;
  }
};

bool has_target(const std::string& name) {
  for (const kernels::Target* target : kernels::targets())
    if (name == target->name) return true;
  return false;
}

void race_function(const char* name, Data& data, Batch glibc, kernels::Target::Batch kernels::Target::*own,
                   Batch mvec_avx2_function, Batch mvec_avx512_function, bool demanded) {
  std::printf("%s of %zu elements\n", name, elements);
  Race race;
  const auto enter = [&](const std::string& what, Batch batch) {
    race.enter(what, [&data, batch] { batch(data.x.data(), data.out.data(), elements); });
  };
  enter("glibc", glibc);
  for (const kernels::Target* target : kernels::targets()) enter(std::string("own ") + target->name, target->*own);
  if (mvec_avx2_function && has_target("AVX2")) enter("libmvec AVX2", mvec_avx2_function);
  if (mvec_avx512_function && has_target("AVX-512")) enter("libmvec AVX-512", mvec_avx512_function);
  race.run();
  report(race, name, "glibc", "own AVX2", demanded ? 2.5 : 0);
  report(race, name, "glibc", "own AVX-512", demanded ? 4 : 0);
  report(race, name, "libmvec AVX2", "own AVX2", demanded ? 1 / 1.5 : 0);
  report(race, name, "libmvec AVX-512", "own AVX-512", demanded ? 1 / 1.5 : 0);
}

void race_intervals(Data& data) {
  std::printf("intervals and omega, of %zu elements\n", elements);
  struct Operation {
    const char* name;
    kernels::Target::IntervalOperation kernels::Target::*member;
  };
  Race race;
  for (const kernels::Target* target : kernels::targets()) {
    const std::string suffix = std::string(" ") + target->name;
    const kernels::ConstColumns x{data.x.data(), data.y.data()};
    const kernels::Columns out{data.out.data(), data.out2.data()};
    for (const Operation& operation :
         {Operation{"+", &kernels::Target::add}, Operation{"*", &kernels::Target::multiply},
          Operation{"/", &kernels::Target::divide}})
      race.enter(operation.name + suffix, [=] { (target->*operation.member)(x, x, out, elements); });
    race.enter("exp" + suffix, [=] { target->exp_intervals(x, out, elements); });
    race.enter("omega" + suffix, [=, &data] { target->omega_batch(data.x.data(), data.out.data(), elements); });
    race.enter("omega enclosed" + suffix, [=] { target->omega_intervals(x, out, elements); });
  }
  race.run();
}

}  // namespace
}  // namespace p2pllm::bench

int main() {
  using namespace p2pllm;
  using namespace p2pllm::bench;
  Data exponents(-30, 30);
  Data positives(0.001, 1000);
#if defined(__x86_64__)
  race_function("exp", exponents, glibc_exp, &kernels::Target::exp_batch, mvec_avx2<_ZGVdN4v_exp>,
                mvec_avx512<_ZGVeN8v_exp>, true);
  race_function("log", positives, glibc_log, &kernels::Target::log_batch, mvec_avx2<_ZGVdN4v_log>,
                mvec_avx512<_ZGVeN8v_log>, false);
#else
  race_function("exp", exponents, glibc_exp, &kernels::Target::exp_batch, nullptr, nullptr, true);
  race_function("log", positives, glibc_log, &kernels::Target::log_batch, nullptr, nullptr, false);
#endif
  race_intervals(exponents);
}
