#include "kernels/device/device_prices.hpp"

#include <algorithm>
#include <optional>

namespace p2pllm::kernels {
namespace {

/// Allocates and launches one thing after another until the first fault.
class Sequence {
 public:
  explicit Sequence(Device& device) : device_(device) {}

  template <class T>
  DeviceArray<T> room(std::int64_t size) {
    return kept(fault_ ? tl::unexpected(*fault_) : DeviceArray<T>::of_size(device_, size));
  }
  template <class T>
  DeviceArray<T> copy(std::span<const T> elements) {
    return kept(fault_ ? tl::unexpected(*fault_) : DeviceArray<T>::of(device_, elements));
  }
  void launch(const KernelArguments& arguments) {
    if (!fault_) note(device_.launch(arguments));
  }
  template <class T>
  void write(DeviceArray<T>& array, std::span<const T> elements) {
    if (!fault_) note(array.write(elements));
  }
  template <class T>
  void read(const DeviceArray<T>& array, std::span<T> elements) {
    if (!fault_) note(array.read(elements));
  }
  template <class T>
  [[nodiscard]] DeviceResult<T> result(T&& value) {
    if (fault_) return tl::unexpected(*fault_);
    return std::forward<T>(value);
  }
  [[nodiscard]] bool has_failed() const { return fault_.has_value(); }

 private:
  void note(const DeviceResult<void>& done) {
    if (!done) fault_ = done.error();
  }
  template <class T>
  DeviceArray<T> kept(DeviceResult<DeviceArray<T>>&& array) {
    if (array) return *std::move(array);
    fault_ = array.error();
    return {};
  }

  Device& device_;
  std::optional<DeviceFault> fault_;
};

}  // namespace

DeviceResult<DevicePrices> DevicePrices::of(Device& device, std::span<const std::size_t> begins,
                                            std::span<const double> cost) {
  DevicePrices prices;
  for (std::size_t group = 0; group + 1 < begins.size(); ++group) {
    prices.host_firsts_.push_back(static_cast<std::int64_t>(prices.host_groups_.size()));
    const auto begin = static_cast<std::int64_t>(begins[group]), end = static_cast<std::int64_t>(begins[group + 1]);
    for (std::int64_t chunk = 0; chunk < chunks_of_group(end - begin); ++chunk) {
      prices.host_begins_.push_back(chunk_begin(begin, chunk));
      prices.host_groups_.push_back(static_cast<std::int64_t>(group));
    }
  }
  prices.host_begins_.push_back(static_cast<std::int64_t>(cost.size()));
  prices.host_firsts_.push_back(static_cast<std::int64_t>(prices.host_groups_.size()));
  Sequence on(device);
  prices.begins_ = on.copy<std::int64_t>(prices.host_begins_);
  prices.groups_ = on.copy<std::int64_t>(prices.host_groups_);
  prices.firsts_ = on.copy<std::int64_t>(prices.host_firsts_);
  prices.cost_ = on.copy<double>(cost);
  return on.result(std::move(prices));
}

ChunkTable DevicePrices::table() const { return {begins_.constant(), groups_.constant(), firsts_.constant()}; }

DeviceResult<std::vector<RegretTally>> DevicePrices::regrets(Device& device, const PriceFactors& factors,
                                                             std::span<const double> price, bool has_sensitivity,
                                                             const RegretColumns& columns) {
  Sequence on(device);
  const std::int64_t nodes = cost_.size(), chunks = groups_.size();
  const auto prices = on.copy<double>(price);
  auto own = on.room<double>(nodes);
  auto sums = on.room<ChunkSum>(chunks);
  auto totals = on.room<GroupSum>(firsts_.size() - 1);
  auto tallies = on.room<RegretTally>(chunks);
  auto states = on.room<std::uint8_t>(nodes);
  DeviceArray<double> results[7];
  for (auto& each : results) each = on.room<double>(nodes);
  if (on.has_failed()) return on.result(std::vector<RegretTally>());
  const DemandColumns demand{table(), prices.constant(), cost_.constant(), factors};
  on.launch(DemandSumArguments{demand, own.span(), sums.span()});
  on.launch(DemandTotalArguments{table(), sums.constant(), totals.span()});
  on.launch(RegretArguments{demand, own.constant(), sums.constant(), totals.constant(), results[0].span(),
                            results[1].span(), results[2].span(), results[3].span(), results[4].span(),
                            results[5].span(), results[6].span(), states.span(), tallies.span(), has_sensitivity});
  const std::span<double> to[] = {columns.share_lower,    columns.share_upper,  columns.response_lower,
                                  columns.response_upper, columns.regret_lower, columns.regret_upper,
                                  columns.trial};
  for (std::size_t k = 0; k < std::size(to); ++k) on.read(results[k], to[k]);
  on.read(states, columns.states);
  std::vector<RegretTally> found(static_cast<std::size_t>(chunks));
  on.read(tallies, std::span(found));
  return on.result(std::move(found));
}

DeviceResult<int> DevicePrices::equilibria(Device& device, double by_cost, double sensitivity,
                                           const EquilibriumColumns& columns) {
  Sequence on(device);
  const std::int64_t nodes = cost_.size(), chunks = groups_.size(), groups = firsts_.size() - 1;
  DeviceArray<double> scratch[4], results[6];
  for (auto& each : scratch) each = on.room<double>(nodes);
  for (auto& each : results) each = on.room<double>(nodes);
  auto sums = on.room<NewtonSums>(chunks);
  auto least = on.room<std::int64_t>(chunks), dominant = on.room<std::int64_t>(groups);
  auto states = on.room<NewtonState>(groups);
  auto radii = on.room<NewtonRadius>(groups);
  const std::int64_t zero = 0;
  auto going_on = on.copy<std::int64_t>({&zero, 1});
  if (on.has_failed()) return on.result(0);
  const EquilibriumWork work{table(),           cost_.constant(),  by_cost,           sensitivity, scratch[0].span(),
                             scratch[1].span(), scratch[2].span(), scratch[3].span(), sums.span(), least.span(),
                             dominant.span(),   states.span(),     radii.span()};
  const auto of_chunks = [&](ChunkPhase phase) {
    on.launch(EquilibriumChunkArguments{work, phase, results[0].span(), results[1].span(), results[2].span(),
                                        results[3].span(), results[4].span(), results[5].span()});
  };
  const auto of_groups = [&](GroupPhase phase) { on.launch(EquilibriumGroupArguments{work, phase, going_on.span()}); };
  of_chunks(ChunkPhase::least);
  of_groups(GroupPhase::dominant);
  of_chunks(ChunkPhase::utilities);
  of_groups(GroupPhase::start);
  std::int64_t left = groups;
  while (left > 0 && !on.has_failed()) {
    on.write(going_on, std::span(&zero, 1));
    of_chunks(ChunkPhase::step);
    of_groups(GroupPhase::next);
    on.read(going_on, std::span(&left, 1));
  }
  of_chunks(ChunkPhase::bound);
  of_groups(GroupPhase::radius);
  of_chunks(ChunkPhase::ends);
  const std::span<double> to[] = {columns.price_lower, columns.price_upper,   columns.share_lower,
                                  columns.share_upper, columns.revenue_lower, columns.revenue_upper};
  for (std::size_t k = 0; k < std::size(to); ++k) on.read(results[k], to[k]);
  std::vector<NewtonState> found(static_cast<std::size_t>(groups));
  on.read(states, std::span(found));
  int steps = 0;
  for (const NewtonState& state : found) steps = std::max<int>(steps, state.steps);
  return on.result(std::move(steps));
}

}  // namespace p2pllm::kernels
