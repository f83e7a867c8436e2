#include "kernels/device/launch.cuh"

namespace p2pllm::kernels {

__global__ void __launch_bounds__(merkle_threads) merkle_chunks(MerkleArguments arguments) {
  __shared__ simt::NoStorage storage;
  merkle(simt::Thread{}, storage, arguments);
}

template <>
int launch_on(void* stream, const MerkleArguments& arguments) {
  return launched(merkle_chunks, stream, arguments);
}

}  // namespace p2pllm::kernels
