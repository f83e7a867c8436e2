#pragma once

#include <random>
#include <vector>

#include "tests/kernels/expect_device.hpp"

namespace p2pllm::kernels {

/// One case: the same numbers for every device, from the seed.
class Case {
 public:
  Case(Device& device, std::uint64_t seed) : device_(device), random_(seed) {}

  std::int64_t size(std::int64_t most) {
    return 1 + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most));
  }
  std::int64_t one_of(std::initializer_list<std::int64_t> sizes) { return *(sizes.begin() + random_() % sizes.size()); }
  /// Numbers from least to most, half of the time at its ends alone.
  template <class T>
  DeviceArray<T> drawn(std::int64_t count, std::int64_t least, std::int64_t most) {
    const bool is_extreme = random_() % 2 == 0;
    std::vector<T> numbers(static_cast<std::size_t>(count));
    for (T& number : numbers) {
      const auto place = static_cast<std::int64_t>(random_() % (static_cast<std::uint64_t>(most - least) + 1));
      number = static_cast<T>(is_extreme ? (place % 2 == 0 ? least : most) : least + place);
    }
    auto array = value_of(DeviceArray<T>::of(device_, numbers));
    expect_done(device_.finish());
    return array;
  }
  template <class T>
  DeviceArray<T> room(std::int64_t count) {
    return value_of(DeviceArray<T>::of_size(device_, count));
  }
  template <class T>
  void keep(const DeviceArray<T>& array) {
    std::vector<T> numbers(static_cast<std::size_t>(array.size()));
    expect_done(array.read(numbers));
    keep_all(numbers);
  }
  template <class T>
  void keep_all(const std::vector<T>& numbers) {
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(numbers.data());
    bytes_.insert(bytes_.end(), bytes, bytes + numbers.size() * sizeof(T));
  }
  template <class Arguments>
  void launch(const Arguments& arguments) {
    expect_done(device_.launch(arguments));
  }
  Device& device() { return device_; }
  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  Device& device_;
  std::mt19937_64 random_;
  std::vector<std::uint8_t> bytes_;
};

/// @name Cases of prices (gpu_prices.cpp)
/// @{
void regret_case(Case& at);
void equilibrium_case(Case& at);
void score_case(Case& at);
/// @}

}  // namespace p2pllm::kernels
