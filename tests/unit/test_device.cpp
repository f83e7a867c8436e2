#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include "kernels/device/device_columns.hpp"
#include "kernels/device/merkle_root.hpp"
#include "kernels/simt/simulated_device.hpp"
#include "model/crypto/merkle.hpp"
#include "optimized/market/route_scan.hpp"
#include "tests/support/sha256_faults.hpp"

namespace p2pllm::kernels {
namespace {

std::vector<std::uint8_t> prefix_of(std::string_view tag) {
  std::vector<std::uint8_t> prefix{static_cast<std::uint8_t>(tag.size())};
  prefix.insert(prefix.end(), tag.begin(), tag.end());
  return prefix;
}

/// The root of a text over chunks of 64 bytes, by a device.
DeviceResult<Sha256Digest> root_by(Device& device, const Bytes& text) {
  std::vector<std::uint32_t> words((text.size() + 3) / 4);
  std::memcpy(words.data(), text.data(), text.size());
  auto all = DeviceArray<std::uint32_t>::of(device, words);
  if (!all) return tl::unexpected(all.error());
  return merkle_root(device, all->constant(), static_cast<std::int64_t>(text.size()), 64,
                     prefix_of("p2pllm/1/leaf/test"), prefix_of("p2pllm/1/node"));
}
Hash root_of(const Bytes& text) {
  std::vector<MerkleLeaf> leaves;
  for (std::size_t from = 0; from < text.size(); from += 64)
    leaves.push_back(merkle_leaf("test", ByteView(text).subspan(from, std::min<std::size_t>(64, text.size() - from))));
  return merkle_root(leaves);
}

TEST_CASE("kernel: a root by a device is the model's at every number of leaves", "[COMMIT-5]") {
  for (const std::size_t bytes : {1, 63, 64, 65, 128, 129, 192, 64 * 127, 64 * 128, 64 * 129 + 1}) {
    const Bytes text = testing::sample_text(bytes);
    const auto device = simt::simulated_device(bytes);
    CHECK(root_by(*device, text).value() == root_of(text));
  }
}

TEST_CASE("kernel: least weights by a device are the CPU's, however many alphas", "[ROUTE-3]") {
  const std::vector<std::int64_t> ends{1, 3, 8200, 8201};
  std::vector<std::uint32_t> price(8201), time(8201);
  std::iota(price.begin(), price.end(), 7u);
  for (std::size_t k = 0; k < time.size(); ++k) time[k] = static_cast<std::uint32_t>((k * 2654435761u) % 10007);
  for (const std::size_t count : {0, 1, 8, 9}) {
    std::vector<DeviceColumns<float, std::uint32_t>::Weights> weights(count);
    std::vector<float> found(ends.size() * count), expected(ends.size());
    for (std::size_t k = 0; k < count; ++k) weights[k] = {static_cast<float>(k) / 9, 1 - static_cast<float>(k) / 9};
    const auto device = simt::simulated_device(count);
    auto columns = DeviceColumns<float, std::uint32_t>::of(*device, price, time, ends);
    REQUIRE(columns);
    REQUIRE(columns->least_weights(*device, weights, found));
    const std::vector<std::uint32_t> short_ends(ends.begin(), ends.end());
    for (std::size_t k = 0; k < count; ++k) {
      const optimized::ScanWeights<float> one{weights[k].price, weights[k].time};
      optimized::scan_blocks(price, time, 0, short_ends, {&one, 1}, expected, optimized::VectorUnit::portable);
      for (std::size_t block = 0; block < ends.size(); ++block) CHECK(found[block * count + k] == expected[block]);
    }
  }
}

TEST_CASE("kernel: a device's filter weighs the positions within its bound alone", "[ROUTE-3]") {
  constexpr std::int64_t width = 2000, units = 1000;
  const auto device = simt::simulated_device(3);
  std::vector<std::uint32_t> short_latencies(width, units);
  const auto short_labels =
      DeviceArray<std::uint32_t>::of(*device, std::vector<std::uint32_t>(width * min_plus_clients, 0)).value();
  const auto labels = DeviceArray<double>::of(*device, std::vector<double>(width * min_plus_clients, 0)).value();
  // The other latencies are never written, so that it is a fault to weigh them.
  auto latencies = DeviceArray<std::uint64_t>::of_size(*device, width).value();
  for (const auto& [at, above] : {std::pair{700, 0}, {5, 1}, {1999, 3}}) {
    short_latencies[static_cast<std::size_t>(at)] = static_cast<std::uint32_t>(7 + above);
    const std::uint64_t latency = 7 + static_cast<std::uint64_t>(above);
    REQUIRE(device->upload(latencies.span().data() + at, &latency, sizeof latency));
  }
  // A sum of 11 is beyond the second least and the margin, one of 10 is not.
  short_latencies[1200] = 11;
  auto least = DeviceArray<double>::of_size(*device, min_plus_clients).value(),
       second = DeviceArray<double>::of_size(*device, min_plus_clients).value();
  auto position = DeviceArray<std::int64_t>::of_size(*device, min_plus_clients).value();
  const auto columns = DeviceArray<std::uint32_t>::of(*device, short_latencies).value();
  REQUIRE(device->launch(FilteredMinPlusArguments{
      {latencies.constant(), labels.constant(), width, 1, least.span(), second.span(), position.span()},
      columns.constant(),
      short_labels.constant()}));
  std::vector<double> found(2 * min_plus_clients);
  std::vector<std::int64_t> found_positions(min_plus_clients);
  REQUIRE(least.read(std::span(found).first(min_plus_clients)));
  REQUIRE(second.read(std::span(found).last(min_plus_clients)));
  REQUIRE(position.read(found_positions));
  for (std::size_t c = 0; c < min_plus_clients; ++c) {
    CHECK(found[c] == 7);
    CHECK(found[c + min_plus_clients] == 8);
    CHECK(found_positions[c] == 700);
  }
}

TEST_CASE("kernel: a host's scale leaves weights below the cap, and no coarser one is needed", "[ROUTE-3]") {
  for (const double greatest : {0.0, 0x1p-1074, 0.37, 1.0, 1023.9, 0x1p53, 0x1p64, 0x1p800, 0x1p900}) {
    const double scale = filter_scale(greatest);
    int exponent = 0;
    CHECK(std::frexp(scale, &exponent) == 0.5);
    CHECK(scale * greatest < static_cast<double>(filter_cap));
    if (greatest > 0x1p-800 && greatest < 0x1p800) CHECK(scale * greatest * 4 >= static_cast<double>(filter_cap) / 2);
  }
}

TEST_CASE("kernel: a device without memory says so, and goes on") {
  const Bytes text = testing::sample_text(6400);
  const auto device = simt::simulated_device(1, {.bytes = 6400 + 100 * 32});
  const auto refused = root_by(*device, text);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == DeviceFault::Kind::out_of_memory);
  const Bytes shorter = testing::sample_text(640);
  CHECK(root_by(*device, shorter).value() == root_of(shorter));
}

TEST_CASE("kernel: a simulated device has the memory and the calls that it is given, and no more", "[ROUTE-3]") {
  const auto device = simt::simulated_device(1, {.bytes = 64});
  for (int turn = 0; turn < 3; ++turn) {  // what is given back is there again
    const auto whole = DeviceArray<std::uint8_t>::of_size(*device, 64);
    REQUIRE(whole);
    CHECK_FALSE(DeviceArray<std::uint8_t>::of_size(*device, 1));
  }
  CHECK_FALSE(DeviceArray<std::uint8_t>::of_size(*device, 65));
  CHECK_FALSE(simt::simulated_device(1, {.calls = 0})->finish());
  const auto once = simt::simulated_device(1, {.calls = 1});
  CHECK(once->finish());
  CHECK_FALSE(once->finish());
}

TEST_CASE("kernel: a device that is lost at any call gives a value, and nothing wrong") {
  const Bytes text = testing::sample_text(300);
  std::int64_t calls = 0;
  for (bool is_done = false; !is_done; ++calls) {
    REQUIRE(calls < 100);
    const auto device = simt::simulated_device(1, {.calls = calls});
    const auto root = root_by(*device, text);
    is_done = root.has_value();
    if (is_done) CHECK(*root == root_of(text));
    else CHECK(root.error().kind == DeviceFault::Kind::lost);
  }
  CHECK(calls > 10);
}

TEST_CASE("kernel: sizes that no launch takes are refused") {
  const auto device = simt::simulated_device(1);
  for (const std::int64_t size : {std::int64_t{-1}, std::int64_t{1} << 60, std::numeric_limits<std::int64_t>::max()}) {
    const auto array = DeviceArray<double>::of_size(*device, size);
    REQUIRE_FALSE(array);
    CHECK(array.error().kind == DeviceFault::Kind::too_large);
  }
  const simt::DeviceSpan<const std::uint32_t> nodes(nullptr, grid_blocks_max * 8 * scan_nodes_of_a_warp + 1);
  const auto done = device->launch(ScanArguments<float, std::uint32_t>{nodes, nodes, {}, {}, {}, {}});
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == DeviceFault::Kind::too_large);
  CHECK(DeviceArray<double>::of_size(*device, 0)->size() == 0);
  const auto text = DeviceArray<std::uint32_t>::of_size(*device, 4).value();
  for (const auto& [bytes, chunk] : {std::pair{0, 4}, {17, 4}, {16, 0}, {16, 6}, {16, 1 << 21}}) {
    const auto root = merkle_root(*device, text.constant(), bytes, chunk, prefix_of("l"), prefix_of("n"));
    REQUIRE_FALSE(root);
    CHECK(root.error().kind == DeviceFault::Kind::too_large);
  }
}

TEST_CASE("kernel: without a GPU the device is absent, in one sentence") {
  const auto device = open_device();
  if (device) {
    SUCCEED((*device)->name());
  } else {
    CHECK(device.error().kind == DeviceFault::Kind::absent);
    CHECK_FALSE(device.error().what.empty());
  }
}

}  // namespace
}  // namespace p2pllm::kernels
