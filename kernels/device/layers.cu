#include "kernels/device/launches.hpp"

namespace p2pllm::kernels {

__global__ void __launch_bounds__(product_threads) multiply_rows(ProductArguments arguments) {
  __shared__ ProductStorage storage;
  product(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(row_threads) prepare_rows(PrepareArguments arguments) {
  __shared__ PrepareStorage storage;
  prepare(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(simt::warp_size) split_into_heads(SplitHeadsArguments arguments) {
  __shared__ NoStorage storage;
  split_heads(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(attend_threads) attend_heads(AttendArguments arguments) {
  __shared__ AttendStorage storage;
  attend(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(row_threads) gate_numbers(GateArguments arguments) {
  __shared__ NoStorage storage;
  gate(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(row_threads) add_rows(AddArguments arguments) {
  __shared__ NoStorage storage;
  add(simt::Thread{}, storage, arguments);
}

int launch_on(void* stream, const ProductArguments& arguments) {
  multiply_rows<<<static_cast<unsigned>(blocks_of(arguments)), threads_of(arguments), 0,
                  static_cast<cudaStream_t>(stream)>>>(arguments);
  return cudaGetLastError();
}
int launch_on(void* stream, const PrepareArguments& arguments) {
  prepare_rows<<<static_cast<unsigned>(blocks_of(arguments)), threads_of(arguments), 0,
                 static_cast<cudaStream_t>(stream)>>>(arguments);
  return cudaGetLastError();
}
int launch_on(void* stream, const SplitHeadsArguments& arguments) {
  split_into_heads<<<static_cast<unsigned>(blocks_of(arguments)), threads_of(arguments), 0,
                     static_cast<cudaStream_t>(stream)>>>(arguments);
  return cudaGetLastError();
}
int launch_on(void* stream, const AttendArguments& arguments) {
  attend_heads<<<static_cast<unsigned>(blocks_of(arguments)), threads_of(arguments), 0,
                 static_cast<cudaStream_t>(stream)>>>(arguments);
  return cudaGetLastError();
}
int launch_on(void* stream, const GateArguments& arguments) {
  gate_numbers<<<static_cast<unsigned>(blocks_of(arguments)), threads_of(arguments), 0,
                 static_cast<cudaStream_t>(stream)>>>(arguments);
  return cudaGetLastError();
}
int launch_on(void* stream, const AddArguments& arguments) {
  add_rows<<<static_cast<unsigned>(blocks_of(arguments)), threads_of(arguments), 0,
             static_cast<cudaStream_t>(stream)>>>(arguments);
  return cudaGetLastError();
}

}  // namespace p2pllm::kernels
