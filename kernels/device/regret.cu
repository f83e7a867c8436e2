#include "kernels/device/launch.cuh"

namespace p2pllm::kernels {

__global__ void __launch_bounds__(simt::warp_size) sum_demand_small(DemandSumArguments arguments) {
  __shared__ DemandSumStorage<simt::warp_size> storage;
  sum_demand(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(large_group_threads) sum_demand_large(DemandSumArguments arguments) {
  __shared__ DemandSumStorage<large_group_threads> storage;
  sum_demand(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(group_threads) total_demand_groups(DemandTotalArguments arguments) {
  __shared__ simt::NoStorage storage;
  total_demand(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(simt::warp_size) bracket_regrets_small(RegretArguments arguments) {
  __shared__ RegretStorage<simt::warp_size> storage;
  bracket_regrets(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(large_group_threads) bracket_regrets_large(RegretArguments arguments) {
  __shared__ RegretStorage<large_group_threads> storage;
  bracket_regrets(simt::Thread{}, storage, arguments);
}

template <>
int launch_on(void* stream, const DemandSumArguments& arguments) {
  return launched(threads_of(arguments) == simt::warp_size ? sum_demand_small : sum_demand_large, stream,
                  arguments);
}
template <>
int launch_on(void* stream, const DemandTotalArguments& arguments) {
  return launched(total_demand_groups, stream, arguments);
}
template <>
int launch_on(void* stream, const RegretArguments& arguments) {
  return launched(threads_of(arguments) == simt::warp_size ? bracket_regrets_small : bracket_regrets_large, stream,
                  arguments);
}

}  // namespace p2pllm::kernels
