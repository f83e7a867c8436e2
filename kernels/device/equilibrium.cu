#include "kernels/device/launch.cuh"

namespace p2pllm::kernels {

__global__ void __launch_bounds__(simt::warp_size) solve_chunks_small(EquilibriumChunkArguments arguments) {
  __shared__ EquilibriumStorage<simt::warp_size> storage;
  solve_chunks(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(large_group_threads) solve_chunks_large(EquilibriumChunkArguments arguments) {
  __shared__ EquilibriumStorage<large_group_threads> storage;
  solve_chunks(simt::Thread{}, storage, arguments);
}
__global__ void __launch_bounds__(group_threads) solve_groups_all(EquilibriumGroupArguments arguments) {
  __shared__ simt::NoStorage storage;
  solve_groups(simt::Thread{}, storage, arguments);
}

template <>
int launch_on(void* stream, const EquilibriumChunkArguments& arguments) {
  return launched(threads_of(arguments) == simt::warp_size ? solve_chunks_small : solve_chunks_large, stream,
                  arguments);
}
template <>
int launch_on(void* stream, const EquilibriumGroupArguments& arguments) {
  return launched(solve_groups_all, stream, arguments);
}

}  // namespace p2pllm::kernels
