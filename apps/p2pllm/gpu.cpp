#include "apps/p2pllm/gpu.hpp"

#include <fmt/core.h>

#include "apps/command_line.hpp"

namespace p2pllm::app {

GpuOpener open_gpu = kernels::open_device;

Gpu gpu_for(const std::string& engine) {
  if (engine != "cuda" && engine != "cuda-or-fast") return {};
  Gpu gpu{nullptr, engine == "cuda-or-fast"};
  try {
    gpu.device = optimized::value_of(open_gpu());
  } catch (const optimized::DeviceError& error) {
    fall_back(gpu, error);
  }
  return gpu;
}

void fall_back(Gpu& gpu, const optimized::DeviceError& error) {
  if (!gpu.may_fall_back) throw error;
  gpu.device = nullptr;
  print_error(fmt::format("{} ({}); the processor computes the same",
                          error.kind == kernels::DeviceFault::Kind::absent ? "no GPU can be used" : "the device failed",
                          error.what()));
}

int complain_of_device(const optimized::DeviceError& error) {
  const bool is_absent = error.kind == kernels::DeviceFault::Kind::absent;
  print_error(fmt::format("--engine cuda: {} ({}); --engine fast computes the same on the processor",
                          is_absent ? "no GPU can be used" : "the device failed", error.what()));
  return is_absent ? exit_component_missing : exit_undecided;
}

}  // namespace p2pllm::app
