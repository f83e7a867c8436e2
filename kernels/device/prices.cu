#include "kernels/device/launch.cuh"

namespace p2pllm::kernels {

template <int Threads>
__global__ void __launch_bounds__(Threads) sum_demand_of_chunks(DemandSumArguments arguments) {
  __shared__ DemandSumStorage<Threads> storage;
  sum_demand(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(group_threads) total_demand_of_groups(DemandTotalArguments arguments) {
  __shared__ simt::NoStorage storage;
  total_demand(simt::Thread{}, storage, arguments);
}
template <int Threads>
__global__ void __launch_bounds__(Threads) bracket_regrets_of_chunks(RegretArguments arguments) {
  __shared__ RegretStorage<Threads> storage;
  bracket_regrets(simt::Thread{}, storage, arguments);
}
template <int Threads>
__global__ void __launch_bounds__(Threads) solve_chunks_of_nodes(EquilibriumChunkArguments arguments) {
  __shared__ EquilibriumStorage<Threads> storage;
  solve_chunks(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(group_threads) solve_all_groups(EquilibriumGroupArguments arguments) {
  __shared__ simt::NoStorage storage;
  solve_groups(simt::Thread{}, storage, arguments);
}

template <>
int launch_on(void* stream, const DemandSumArguments& arguments) {
  return launched(threads_of(arguments) == simt::warp_size ? sum_demand_of_chunks<simt::warp_size>
                                                           : sum_demand_of_chunks<large_group_threads>,
                  stream, arguments);
}
template <>
int launch_on(void* stream, const DemandTotalArguments& arguments) {
  return launched(total_demand_of_groups, stream, arguments);
}
template <>
int launch_on(void* stream, const RegretArguments& arguments) {
  return launched(threads_of(arguments) == simt::warp_size ? bracket_regrets_of_chunks<simt::warp_size>
                                                           : bracket_regrets_of_chunks<large_group_threads>,
                  stream, arguments);
}
template <>
int launch_on(void* stream, const EquilibriumChunkArguments& arguments) {
  return launched(threads_of(arguments) == simt::warp_size ? solve_chunks_of_nodes<simt::warp_size>
                                                           : solve_chunks_of_nodes<large_group_threads>,
                  stream, arguments);
}
template <>
int launch_on(void* stream, const EquilibriumGroupArguments& arguments) {
  return launched(solve_all_groups, stream, arguments);
}

}  // namespace p2pllm::kernels
