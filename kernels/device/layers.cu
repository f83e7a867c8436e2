#include "kernels/device/launch.cuh"

namespace p2pllm::kernels {

__global__ void __launch_bounds__(product_threads) multiply_rows(ProductArguments arguments) {
  __shared__ ProductStorage storage;
  product(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(prefill_threads) multiply_many_rows(PrefillArguments arguments) {
  __shared__ PrefillStorage storage;
  prefill(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(row_threads) prepare_rows(PrepareArguments arguments) {
  __shared__ PrepareStorage storage;
  prepare(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(simt::warp_size) split_into_heads(SplitHeadsArguments arguments) {
  __shared__ simt::NoStorage storage;
  split_heads(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(attend_threads) attend_heads(AttendArguments arguments) {
  __shared__ AttendStorage storage;
  attend(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(row_threads) gate_numbers(GateArguments arguments) {
  __shared__ simt::NoStorage storage;
  gate(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(row_threads) add_rows(AddArguments arguments) {
  __shared__ simt::NoStorage storage;
  add(simt::Thread{}, storage, arguments);
}

template <>
int launch_on(void* stream, const ProductArguments& arguments) {
  return launched(multiply_rows, stream, arguments);
}
template <>
int launch_on(void* stream, const PrefillArguments& arguments) {
  return launched(multiply_many_rows, stream, arguments);
}
template <>
int launch_on(void* stream, const PrepareArguments& arguments) {
  return launched(prepare_rows, stream, arguments);
}
template <>
int launch_on(void* stream, const SplitHeadsArguments& arguments) {
  return launched(split_into_heads, stream, arguments);
}
template <>
int launch_on(void* stream, const AttendArguments& arguments) {
  return launched(attend_heads, stream, arguments);
}
template <>
int launch_on(void* stream, const GateArguments& arguments) {
  return launched(gate_numbers, stream, arguments);
}
template <>
int launch_on(void* stream, const AddArguments& arguments) {
  return launched(add_rows, stream, arguments);
}

}  // namespace p2pllm::kernels
