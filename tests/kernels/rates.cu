#include <cuda_runtime.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "kernels/simt/tensor.hpp"
#include "tests/kernels/gpu_rates.hpp"

// The ceilings of arithmetic: every thread has sums that do not wait for one another, and touches no memory.
namespace p2pllm::kernels {
namespace {

constexpr int chains = 8, steps = 4096, threads = 256, rounds = 9;

/// Keeps a result: no compiler knows that it is never written.
template <class T>
__device__ void keep(T total, T* out) {
  if (total == T(123456789)) *out = total;
}

__global__ void add_words(std::int32_t* out) {
  const std::uint32_t a = threadIdx.x * 0x01030507, b = blockIdx.x * 0x0b0d1113 + 1;
  std::int32_t sums[chains] = {};
  for (int step = 0; step < steps; ++step) {
#pragma unroll
    for (std::int32_t& sum : sums) sum = simt::dot4(a, b, sum);
  }
  std::int32_t total = 0;
  for (const std::int32_t sum : sums) total ^= sum;
  keep(total, out);
}
__global__ void add_matrices(std::int32_t* out) {
  const std::uint32_t a = threadIdx.x * 0x01030507, b = blockIdx.x * 0x0b0d1113 + 1;
  simt::SumFragment sums[chains] = {};
  for (int step = 0; step < steps; ++step) {
#pragma unroll
    for (simt::SumFragment& sum : sums) sum = simt::multiplied(simt::Thread{}, {{a, b, a + b, a ^ b}}, {{a, b}}, sum);
  }
  std::int32_t total = 0;
  for (const simt::SumFragment& sum : sums) total ^= sum.sums[0] ^ sum.sums[1] ^ sum.sums[2] ^ sum.sums[3];
  keep(total, out);
}
__global__ void add_doubles(double* out) {
  const double a = 1 - 1e-9 * threadIdx.x, b = 1e-9 * blockIdx.x;
  double sums[chains];
  for (int k = 0; k < chains; ++k) sums[k] = k;
  for (int step = 0; step < steps; ++step) {
#pragma unroll
    for (double& sum : sums) sum = __fma_rn(sum, a, b);
  }
  double total = 0;
  for (const double sum : sums) total += sum;
  keep(total, out);
}

void expect_success(cudaError_t error) {
  if (error == cudaSuccess) return;
  std::fprintf(stderr, "p2pllm_gpu: the device failed: %s\n", cudaGetErrorString(error));
  std::exit(1);
}

/// Operations a second; the median of several launches. @param operations  of a thread in a step of a chain
template <class T>
double rate_of(const char* work, void (*kernel)(T*), double operations) {
  int multiprocessors = 0;
  expect_success(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, 0));
  const int blocks = 16 * multiprocessors;
  T* out = nullptr;
  cudaEvent_t begin, end;
  expect_success(cudaMalloc(&out, sizeof(T)));
  expect_success(cudaEventCreate(&begin));
  expect_success(cudaEventCreate(&end));
  std::vector<float> found;
  for (int round = 0; round <= rounds; ++round) {
    float milliseconds = 0;
    expect_success(cudaEventRecord(begin));
    kernel<<<blocks, threads>>>(out);
    expect_success(cudaEventRecord(end));
    expect_success(cudaEventSynchronize(end));
    expect_success(cudaEventElapsedTime(&milliseconds, begin, end));
    if (round > 0) found.push_back(milliseconds);  // the first loads the kernel
  }
  expect_success(cudaEventDestroy(begin));
  expect_success(cudaEventDestroy(end));
  expect_success(cudaFree(out));
  std::nth_element(found.begin(), found.begin() + rounds / 2, found.end());
  const double rate = operations * chains * steps * threads * blocks / (found[rounds / 2] / 1e3);
  std::printf("%-44s %8.1f T/s\n", work, rate / 1e12);
  return rate;
}

}  // namespace

Rates measured_rates() {
  constexpr double matrix = 2.0 * simt::fragment_rows * simt::fragment_columns * 4 * simt::fragment_words;
  return {rate_of("operations on bytes by dp4a", add_words, 8),
          rate_of("operations on bytes by the tensor cores", add_matrices, matrix / simt::warp_size),
          rate_of("operations on doubles", add_doubles, 1)};
}

}  // namespace p2pllm::kernels
