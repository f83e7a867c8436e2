#include "kernels/device/launch.cuh"

// Each kernel is its agent and the shared memory of its block.
namespace p2pllm::kernels {

__global__ void __launch_bounds__(scan_block_threads) scan_32_bits(ScanArguments<float, std::uint32_t> arguments) {
  __shared__ simt::NoStorage storage;
  scan(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(scan_block_threads) scan_64_bits(ScanArguments<double, std::uint64_t> arguments) {
  __shared__ simt::NoStorage storage;
  scan(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(min_plus_threads) min_plus_rows(MinPlusArguments arguments) {
  __shared__ MinPlusStorage storage;
  min_plus(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(quantize_threads) quantize_columns(QuantizeArguments arguments) {
  __shared__ simt::NoStorage storage;
  quantize(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(filter_threads) filtered_min_plus_rows(FilteredMinPlusArguments arguments) {
  __shared__ FilterStorage storage;
  filtered_min_plus(simt::Thread{}, storage, arguments);
}

__global__ void __launch_bounds__(simt::warp_size) ascend_small_groups(AscentArguments arguments) {
  __shared__ AscentStorage<simt::warp_size> storage;
  ascend(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(large_group_threads) ascend_large_groups(AscentArguments arguments) {
  __shared__ AscentStorage<large_group_threads> storage;
  ascend(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(score_threads) score_nodes(ScoreArguments arguments) {
  __shared__ simt::NoStorage storage;
  score(simt::Thread{}, storage, arguments);
}

template <>
int launch_on(void* stream, const ScoreArguments& arguments) {
  return launched(score_nodes, stream, arguments);
}
template <>
int launch_on(void* stream, const AscentArguments& arguments) {
  return launched(threads_of(arguments) == simt::warp_size ? ascend_small_groups : ascend_large_groups, stream,
                  arguments);
}
template <>
int launch_on(void* stream, const ScanArguments<float, std::uint32_t>& arguments) {
  return launched(scan_32_bits, stream, arguments);
}
template <>
int launch_on(void* stream, const ScanArguments<double, std::uint64_t>& arguments) {
  return launched(scan_64_bits, stream, arguments);
}
template <>
int launch_on(void* stream, const MinPlusArguments& arguments) {
  return launched(min_plus_rows, stream, arguments);
}
template <>
int launch_on(void* stream, const QuantizeArguments& arguments) {
  return launched(quantize_columns, stream, arguments);
}
template <>
int launch_on(void* stream, const FilteredMinPlusArguments& arguments) {
  return launched(filtered_min_plus_rows, stream, arguments);
}

}  // namespace p2pllm::kernels
