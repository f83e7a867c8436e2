#include "kernels/device/launches.hpp"

namespace p2pllm::kernels {

__global__ void __launch_bounds__(product_threads) multiply_rows(ProductArguments arguments) {
  __shared__ ProductStorage storage;
  product(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(product_threads) split_vector(SplitArguments arguments) {
  __shared__ SplitStorage storage;
  split(simt::Thread{}, storage, arguments);
}

int launch_on(void* stream, const ProductArguments& arguments) {
  multiply_rows<<<static_cast<unsigned>(blocks_of(arguments)), threads_of(arguments), 0, static_cast<cudaStream_t>(stream)>>>(arguments);
  return cudaGetLastError();
}
int launch_on(void* stream, const SplitArguments& arguments) {
  split_vector<<<static_cast<unsigned>(blocks_of(arguments)), threads_of(arguments), 0, static_cast<cudaStream_t>(stream)>>>(arguments);
  return cudaGetLastError();
}

}  // namespace p2pllm::kernels
