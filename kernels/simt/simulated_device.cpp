#include "kernels/simt/simulated_device.hpp"

#include <map>
#include <stdexcept>

#include "kernels/simt/machine.hpp"

namespace p2pllm::kernels::simt {
namespace {

class SimulatedDevice final : public Device {
 public:
  SimulatedDevice(std::uint64_t seed, const DeviceLimits& limits) : seed_(seed), limits_(limits) {}

  std::string name() const override { return "simulated machine"; }
  DeviceResult<void> launch(const KernelArguments& arguments) override {
    return std::visit([this](const auto& each) { return simulate(each); }, arguments);
  }

  DeviceResult<void> finish() override { return called(); }
  DeviceResult<void*> allocate(std::size_t bytes, std::size_t element) override {
    if (const auto here = called(); !here) return tl::unexpected(here.error());
    if (bytes > limits_.bytes - used_)
      return tl::unexpected(DeviceFault{DeviceFault::Kind::out_of_memory, "no " + std::to_string(bytes) + " bytes"});
    auto region = std::make_unique<Region>(bytes, element);
    void* const memory = region->bytes();
    used_ += bytes;
    regions_[memory] = {std::move(region), bytes};
    return memory;
  }
  void release(void* memory) override {
    used_ -= regions_.at(memory).bytes;
    regions_.erase(memory);
  }
  DeviceResult<void> upload(void* to, const void* from, std::size_t bytes) override {
    if (auto here = called(); !here) return here;
    std::memcpy(to, from, bytes);
    const auto owner = std::prev(regions_.upper_bound(to));  // the last that begins at or before it
    owner->second.region->set_written(to, bytes);
    return {};
  }
  DeviceResult<void> download(void* to, const void* from, std::size_t bytes) override {
    if (auto here = called(); !here) return here;
    std::memcpy(to, from, bytes);
    return {};
  }

 private:
  struct Owned {
    std::unique_ptr<Region> region;
    std::size_t bytes = 0;
  };

  DeviceResult<void> called() {
    if (calls_ >= limits_.calls) return tl::unexpected(DeviceFault{DeviceFault::Kind::lost, "the device is lost"});
    ++calls_;
    return {};
  }
  /// @name The agent of each kernel.
  /// @{
  template <class F, class Bits>
  DeviceResult<void> simulate(const ScanArguments<F, Bits>& arguments) {
    return run_on(scan<F, Bits>, arguments);
  }
  DeviceResult<void> simulate(const MinPlusArguments& arguments) { return run_on(min_plus, arguments); }
  DeviceResult<void> simulate(const QuantizeArguments& arguments) { return run_on(quantize, arguments); }
  DeviceResult<void> simulate(const FilteredMinPlusArguments& arguments) {
    return run_on(filtered_min_plus, arguments);
  }
  DeviceResult<void> simulate(const AscentArguments& arguments) {
    return by_size(ascend<warp_size>, ascend<large_group_threads>, arguments);
  }
  DeviceResult<void> simulate(const DemandSumArguments& arguments) {
    return by_size(sum_demand<warp_size>, sum_demand<large_group_threads>, arguments);
  }
  DeviceResult<void> simulate(const DemandTotalArguments& arguments) { return run_on(total_demand, arguments); }
  DeviceResult<void> simulate(const RegretArguments& arguments) {
    return by_size(bracket_regrets<warp_size>, bracket_regrets<large_group_threads>, arguments);
  }
  DeviceResult<void> simulate(const EquilibriumChunkArguments& arguments) {
    return by_size(solve_chunks<warp_size>, solve_chunks<large_group_threads>, arguments);
  }
  DeviceResult<void> simulate(const EquilibriumGroupArguments& arguments) { return run_on(solve_groups, arguments); }
  DeviceResult<void> simulate(const ScoreArguments& arguments) { return run_on(score, arguments); }
  DeviceResult<void> simulate(const MerkleArguments& arguments) { return run_on(merkle, arguments); }
  DeviceResult<void> simulate(const PrepareArguments& arguments) { return run_on(prepare, arguments); }
  DeviceResult<void> simulate(const SplitHeadsArguments& arguments) { return run_on(split_heads, arguments); }
  DeviceResult<void> simulate(const AttendArguments& arguments) { return run_on(attend, arguments); }
  DeviceResult<void> simulate(const GateArguments& arguments) { return run_on(gate, arguments); }
  DeviceResult<void> simulate(const AddArguments& arguments) { return run_on(add, arguments); }
  DeviceResult<void> simulate(const ProductArguments& arguments) { return run_on(product, arguments); }
  DeviceResult<void> simulate(const PrefillArguments& arguments) { return run_on(prefill, arguments); }
  /// @}

  /// A kernel that has an agent for small parts, of a warp each, and one for large parts.
  template <class Small, class Large, class Arguments>
  DeviceResult<void> by_size(Small small, Large large, const Arguments& arguments) {
    return threads_of(arguments) == warp_size ? run_on(small, arguments) : run_on(large, arguments);
  }
  template <class Storage, class Arguments>
  DeviceResult<void> run_on(void (*agent)(const Thread&, Storage&, const Arguments&), const Arguments& arguments) {
    if (auto here = called(); !here) return here;
    const std::int64_t blocks = blocks_of(arguments);
    if (blocks > grid_blocks_max)
      return tl::unexpected(DeviceFault{DeviceFault::Kind::too_large, std::to_string(blocks) + " blocks"});
    const auto fault = run({blocks, threads_of(arguments)}, {seed_++}, agent, arguments);
    if (fault) throw std::logic_error(fault->message());
    return {};
  }

  std::uint64_t seed_;
  const DeviceLimits limits_;
  std::int64_t calls_ = 0;
  std::size_t used_ = 0;
  std::map<void*, Owned> regions_;
};

}  // namespace

std::unique_ptr<Device> simulated_device(std::uint64_t seed, const DeviceLimits& limits) {
  return std::make_unique<SimulatedDevice>(seed, limits);
}

}  // namespace p2pllm::kernels::simt
