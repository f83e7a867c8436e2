#include "kernels/layers/product.cuh"

namespace p2pllm::kernels {

__global__ void __launch_bounds__(product_threads) multiply_rows(ProductArguments arguments) {
  __shared__ ProductStorage storage;
  product(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(product_threads) split_vector(SplitArguments arguments) {
  __shared__ SplitStorage storage;
  split(simt::Thread{}, storage, arguments);
}

}  // namespace p2pllm::kernels
