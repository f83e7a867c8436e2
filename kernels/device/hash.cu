#include "kernels/device/launches.hpp"

namespace p2pllm::kernels {

__global__ void __launch_bounds__(merkle_threads) merkle_chunks(MerkleArguments arguments) {
  __shared__ MerkleStorage storage;
  merkle(simt::Thread{}, storage, arguments);
}

int launch_on(void* stream, const MerkleArguments& arguments) {
  merkle_chunks<<<static_cast<unsigned>(blocks_of(arguments)), threads_of(arguments), 0,
                  static_cast<cudaStream_t>(stream)>>>(arguments);
  return cudaGetLastError();
}

}  // namespace p2pllm::kernels
