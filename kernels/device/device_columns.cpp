#include "kernels/device/device_columns.hpp"

#include <algorithm>

namespace p2pllm::kernels {

template <class F, class Bits>
DeviceResult<DeviceColumns<F, Bits>> DeviceColumns<F, Bits>::of(Device& device, std::span<const Bits> price,
                                                                std::span<const Bits> time,
                                                                std::span<const std::int64_t> ends) {
  auto prices = DeviceArray<Bits>::of(device, price);
  if (!prices) return tl::unexpected(prices.error());
  auto times = DeviceArray<Bits>::of(device, time);
  if (!times) return tl::unexpected(times.error());
  auto all_ends = DeviceArray<std::int64_t>::of(device, ends);
  if (!all_ends) return tl::unexpected(all_ends.error());
  auto least = DeviceArray<Bits>::of_size(device, all_ends->size() * scan_weights);
  if (!least) return tl::unexpected(least.error());

  DeviceColumns result;
  result.price_ = std::move(*prices);
  result.time_ = std::move(*times);
  result.ends_ = std::move(*all_ends);
  result.least_ = std::move(*least);
  result.infinite_.assign(ends.size() * scan_weights, __builtin_bit_cast(Bits, static_cast<F>(__builtin_huge_val())));
  return result;
}

template <class F, class Bits>
DeviceResult<void> DeviceColumns<F, Bits>::least_weights(Device& device, std::span<const Weights> weights,
                                                         std::span<F> least) {
  std::vector<Bits> found(infinite_.size());
  for (std::size_t first = 0; first < weights.size(); first += scan_weights) {
    const auto some = weights.subspan(first, std::min<std::size_t>(scan_weights, weights.size() - first));
    if (auto done = least_.write(infinite_); !done) return done;
    ScanArguments<F, Bits> arguments{price_.constant(), time_.constant(), ends_.constant(), least_.span(), {}, {}};
    for (std::size_t k = 0; k < some.size(); ++k) {
      arguments.price_weight[k] = some[k].price;
      arguments.time_weight[k] = some[k].time;
    }
    if (auto done = device.launch(arguments); !done) return done;
    if (auto done = least_.read(found); !done) return done;
    for (std::size_t block = 0; block < found.size() / scan_weights; ++block)
      for (std::size_t k = 0; k < some.size(); ++k)
        least[block * weights.size() + first + k] = __builtin_bit_cast(F, found[block * scan_weights + k]);
  }
  return {};
}

template class DeviceColumns<float, std::uint32_t>;
template class DeviceColumns<double, std::uint64_t>;

}  // namespace p2pllm::kernels
