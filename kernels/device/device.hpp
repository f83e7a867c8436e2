#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>

#include "kernels/device/launches.hpp"

// A device that runs the kernels, without a type of CUDA: a GPU, or the simulated machine of kernels/simt. Copies and
// launches are queued in order and may run after the call has returned; `finish` and `read` wait for them.
namespace p2pllm::kernels {

/// Why a device did not do what it was asked to do.
struct DeviceFault {
  enum class Kind {
    absent,         ///< no driver, no device, or a build without CUDA
    out_of_memory,  ///< the device is as it was before the call
    too_large,      ///< a size that no kernel takes
    lost,           ///< nothing that was queued counts, and every later call gives this too
  };
  Kind kind = Kind::absent;
  std::string what;  ///< one sentence
};
template <class T>
using DeviceResult = tl::expected<T, DeviceFault>;

/// One thread of the host uses it at a time.
class Device {
 public:
  Device() = default;
  virtual ~Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  [[nodiscard]] virtual std::string name() const = 0;

  /// Queues a kernel, over as many blocks as its arguments ask for.
  [[nodiscard]] virtual DeviceResult<void> launch(const KernelArguments& arguments) = 0;

  /// Waits until all that was queued has run.
  [[nodiscard]] virtual DeviceResult<void> finish() = 0;

  /// @name Memory, for DeviceArray
  /// @{
  /// @param element  bytes of one element, a divisor of `bytes`; `bytes` > 0
  [[nodiscard]] virtual DeviceResult<void*> allocate(std::size_t bytes, std::size_t element) = 0;
  virtual void release(void* memory) = 0;
  /// Copies from the host, whose bytes must stay until `finish`.
  [[nodiscard]] virtual DeviceResult<void> upload(void* to, const void* from, std::size_t bytes) = 0;
  /// Copies to the host, and waits for it.
  [[nodiscard]] virtual DeviceResult<void> download(void* to, const void* from, std::size_t bytes) = 0;
  /// @}
};

/// The first GPU. A fault of the kind `absent` if there is none.
[[nodiscard]] DeviceResult<std::unique_ptr<Device>> open_device();

/// An array in the memory of a device, which must outlive it. An empty one has no memory.
template <class T>
class DeviceArray {
 public:
  static_assert(std::is_trivially_copyable_v<T>);

  /// Elements that nobody has written.
  [[nodiscard]] static DeviceResult<DeviceArray> of_size(Device& device, std::int64_t size) {
    constexpr std::int64_t bytes_max = std::int64_t{1} << 56;  // more than an address has
    if (size < 0 || size > bytes_max / static_cast<std::int64_t>(sizeof(T)))
      return tl::unexpected(
          DeviceFault{DeviceFault::Kind::too_large, "an array of " + std::to_string(size) + " elements"});
    if (size == 0) return DeviceArray();
    return device.allocate(static_cast<std::size_t>(size) * sizeof(T), sizeof(T)).map([&](void* memory) {
      return DeviceArray(device, static_cast<T*>(memory), size);
    });
  }
  /// A copy of the host's elements, which must stay until `finish`.
  [[nodiscard]] static DeviceResult<DeviceArray> of(Device& device, std::span<const T> elements) {
    return of_size(device, static_cast<std::int64_t>(elements.size()))
        .and_then([&](DeviceArray&& array) -> DeviceResult<DeviceArray> {
          if (const auto done = array.write(elements); !done) return tl::unexpected(done.error());
          return std::move(array);
        });
  }

  DeviceArray() = default;
  DeviceArray(DeviceArray&& other) noexcept
      : device_(std::exchange(other.device_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  DeviceArray& operator=(DeviceArray&& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~DeviceArray() {
    if (data_ != nullptr) device_->release(data_);
  }

  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] simt::DeviceSpan<T> span() { return {data_, size_}; }
  [[nodiscard]] simt::DeviceSpan<const T> constant() const { return {data_, size_}; }
  /// The first elements. @pre count <= size()
  [[nodiscard]] simt::DeviceSpan<T> first(std::int64_t count) { return {data_, count}; }

  /// Copies elements of the host to those from `first` on; they must stay until `finish`.
  [[nodiscard]] DeviceResult<void> write(std::span<const T> elements, std::int64_t first = 0) {
    return elements.empty() ? DeviceResult<void>()
                            : device_->upload(data_ + first, elements.data(), elements.size_bytes());
  }
  /// Waits for all that was queued, and copies elements from `first` on.
  [[nodiscard]] DeviceResult<void> read(std::span<T> elements, std::int64_t first = 0) const {
    return elements.empty() ? DeviceResult<void>()
                            : device_->download(elements.data(), data_ + first, elements.size_bytes());
  }

 private:
  DeviceArray(Device& device, T* data, std::int64_t size) : device_(&device), data_(data), size_(size) {}

  Device* device_ = nullptr;
  T* data_ = nullptr;
  std::int64_t size_ = 0;
};

}  // namespace p2pllm::kernels
