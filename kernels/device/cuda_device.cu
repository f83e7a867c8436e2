#include <cuda_runtime.h>

#include "kernels/device/device.hpp"

// The first GPU, by the runtime of CUDA.
namespace p2pllm::kernels {
namespace {

DeviceResult<void> result_of(int status, const char* did) {
  if (status == cudaSuccess) return {};
  const auto error = static_cast<cudaError_t>(status);
  const auto kind = error == cudaErrorMemoryAllocation ? DeviceFault::Kind::out_of_memory : DeviceFault::Kind::lost;
  return tl::unexpected(DeviceFault{kind, std::string(did) + ": " + cudaGetErrorString(error)});
}

class CudaDevice final : public Device {
 public:
  CudaDevice(std::string name, cudaStream_t stream) : name_(std::move(name)), stream_(stream) {}
  ~CudaDevice() override { cudaStreamDestroy(stream_); }

  std::string name() const override { return name_; }
  DeviceResult<void> launch(const KernelArguments& arguments) override {
    return std::visit([this](const auto& each) { return queue(each); }, arguments);
  }

  DeviceResult<void> finish() override { return result_of(cudaStreamSynchronize(stream_), "waiting"); }
  DeviceResult<void*> allocate(std::size_t bytes, std::size_t /*element*/) override {
    void* memory = nullptr;
    const auto done = result_of(cudaMallocAsync(&memory, bytes, stream_), "allocating");
    if (!done) {
      cudaGetLastError();  // lack of memory is no lasting error
      return tl::unexpected(done.error());
    }
    return memory;
  }
  void release(void* memory) override { cudaFreeAsync(memory, stream_); }
  DeviceResult<void> upload(void* to, const void* from, std::size_t bytes) override {
    return result_of(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_), "copying to the device");
  }
  DeviceResult<void> download(void* to, const void* from, std::size_t bytes) override {
    const int status = cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_);
    return status == cudaSuccess ? finish() : result_of(status, "copying from the device");
  }

 private:
  template <class Arguments>
  DeviceResult<void> queue(const Arguments& arguments) {
    const std::int64_t blocks = blocks_of(arguments);
    if (blocks > grid_blocks_max)
      return tl::unexpected(DeviceFault{DeviceFault::Kind::too_large, std::to_string(blocks) + " blocks"});
    return blocks == 0 ? DeviceResult<void>() : result_of(launch_on(stream_, arguments), "launching");
  }

  std::string name_;
  cudaStream_t stream_;
};

DeviceFault absent(cudaError_t error) { return {DeviceFault::Kind::absent, cudaGetErrorString(error)}; }

}  // namespace

DeviceResult<std::unique_ptr<Device>> open_device() {
  int count = 0;
  if (const cudaError_t error = cudaGetDeviceCount(&count); error != cudaSuccess) return tl::unexpected(absent(error));
  if (count == 0) return tl::unexpected(absent(cudaErrorNoDevice));
  cudaDeviceProp properties;
  cudaStream_t stream;
  if (const cudaError_t error = cudaGetDeviceProperties(&properties, 0); error != cudaSuccess)
    return tl::unexpected(absent(error));
  if (const cudaError_t error = cudaStreamCreate(&stream); error != cudaSuccess) return tl::unexpected(absent(error));
  return std::make_unique<CudaDevice>(properties.name, stream);
}

}  // namespace p2pllm::kernels
