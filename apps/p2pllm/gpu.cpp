#include "apps/p2pllm/gpu.hpp"

#include <fmt/core.h>

#include "apps/command_line.hpp"

namespace p2pllm::app {
namespace {

std::string why(const optimized::DeviceError& error) {
  const bool is_absent = error.kind == kernels::DeviceFault::Kind::absent;
  return fmt::format("{} ({})", is_absent ? "no GPU can be used" : "the device failed", error.what());
}

}  // namespace

GpuOpener open_gpu = kernels::open_device;

Gpu gpu_for(const std::string& engine) {
  if (engine != "cuda" && engine != "cuda-or-fast") return {};
  Gpu gpu{nullptr, engine == "cuda-or-fast"};
  auto opened = open_gpu();
  if (opened) gpu.device = std::move(*opened);
  else fall_back(gpu, optimized::DeviceError(opened.error()));
  return gpu;
}

void fall_back(Gpu& gpu, const optimized::DeviceError& error) {
  if (!gpu.may_fall_back) throw error;
  gpu.device = nullptr;
  print_error(fmt::format("{}; the processor computes the same", why(error)));
}

int unless_device_fails(const std::function<int()>& run) {
  try {
    return run();
  } catch (const optimized::DeviceError& error) {
    print_error(fmt::format("--engine cuda: {}; --engine fast computes the same on the processor", why(error)));
    return error.kind == kernels::DeviceFault::Kind::absent ? exit_component_missing : exit_undecided;
  }
}

}  // namespace p2pllm::app
