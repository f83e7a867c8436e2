#include "kernels/hash/merkle.cuh"

namespace p2pllm::kernels {

__global__ void __launch_bounds__(merkle_threads) merkle_chunks(MerkleArguments arguments) {
  __shared__ MerkleStorage storage;
  merkle(simt::Thread{}, storage, arguments);
}

}  // namespace p2pllm::kernels
