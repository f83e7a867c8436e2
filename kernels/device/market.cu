#include "kernels/device/launches.hpp"

// Each kernel is its agent and the shared memory of its block.
namespace p2pllm::kernels {

__global__ void __launch_bounds__(scan_block_threads) scan_32_bits(ScanArguments<float, std::uint32_t> arguments) {
  __shared__ ScanStorage storage;
  scan(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(scan_block_threads) scan_64_bits(ScanArguments<double, std::uint64_t> arguments) {
  __shared__ ScanStorage storage;
  scan(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(min_plus_threads) min_plus_rows(MinPlusArguments arguments) {
  __shared__ MinPlusStorage storage;
  min_plus(simt::Thread{}, storage, arguments);
}

int launch_on(void* stream, const ScanArguments<float, std::uint32_t>& arguments) {
  scan_32_bits<<<static_cast<unsigned>(blocks_of(arguments)), threads_of(arguments), 0,
                 static_cast<cudaStream_t>(stream)>>>(arguments);
  return cudaGetLastError();
}
int launch_on(void* stream, const ScanArguments<double, std::uint64_t>& arguments) {
  scan_64_bits<<<static_cast<unsigned>(blocks_of(arguments)), threads_of(arguments), 0,
                 static_cast<cudaStream_t>(stream)>>>(arguments);
  return cudaGetLastError();
}
int launch_on(void* stream, const MinPlusArguments& arguments) {
  min_plus_rows<<<static_cast<unsigned>(blocks_of(arguments)), threads_of(arguments), 0,
                  static_cast<cudaStream_t>(stream)>>>(arguments);
  return cudaGetLastError();
}

}  // namespace p2pllm::kernels
