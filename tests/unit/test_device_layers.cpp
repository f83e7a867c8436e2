#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "kernels/simt/simulated_device.hpp"
#include "model/layers/model_file.hpp"
#include "optimized/layers/device_layers.hpp"
#include "reference/layers/reference_layers.hpp"
#include "tests/support/random_model.hpp"

namespace p2pllm::optimized {
namespace {

ExactModel shipped_model() {
  std::ifstream file(P2PLLM_SOURCE "/examples/models/king_james.model", std::ios::binary);
  const Bytes bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto model = read_model(bytes, "king_james.model");
  REQUIRE(model);
  return *std::move(model);
}

std::vector<std::int32_t> rows_of(const LayerEngine& engine, std::string_view text) {
  const auto width = static_cast<std::size_t>(engine.shape().width);
  std::vector<std::int32_t> rows(text.size() * width);
  for (std::size_t k = 0; k < text.size(); ++k)
    engine.embed(static_cast<std::uint8_t>(text[k]), std::span(rows).subspan(k * width, width));
  return rows;
}

/// The commitment to a text, and the logits after it.
struct Committed {
  CommitmentRecord record;
  std::vector<std::int32_t> logits;
  bool operator==(const Committed&) const = default;
};
Committed committed(const LayerEngine& engine, std::string_view text) {
  const auto run = engine.start({0, engine.shape().layers});
  run->begin_commitment(Hash{});
  std::vector<std::int32_t> rows = rows_of(engine, text);
  run->append(rows);
  Committed result;
  result.record = run->commitment();
  result.logits.resize(static_cast<std::size_t>(engine.shape().vocabulary));
  engine.logits(std::span(rows).last(static_cast<std::size_t>(engine.shape().width)), result.logits);
  return result;
}

TEST_CASE("kernel: the shipped model commits to the same states by every engine", "[LAYER-9][LAYER-10][STEP-1]") {
  const ExactModel model = shipped_model();
  const auto device = kernels::simt::simulated_device(5);
  const Committed by_kernels = committed(DeviceLayers(model, *device), "In");
  CHECK(by_kernels.record.states.size() > static_cast<std::size_t>(model.shape.layers));
  CHECK(by_kernels == committed(reference::ReferenceLayers(model), "In"));
  for (const kernels::MatrixTarget* target : kernels::matrix_targets())
    CHECK(by_kernels == committed(FastLayers(model, 1, *target), "In"));
}

TEST_CASE("kernel: layers on a device that fails throw its fault, at every call", "[LAYER-9]") {
  const ExactModel model = testing::random_model(testing::odd_shape(), 3, testing::Weights::ordinary);
  const std::vector<std::int32_t> given = rows_of(reference::ReferenceLayers(model), std::string_view("\1\2", 2));
  bool is_done = false;
  std::int64_t calls = 0;
  for (; !is_done; calls += 7) {
    REQUIRE(calls < 2000);
    const auto device = kernels::simt::simulated_device(1, {.calls = calls});
    try {
      const DeviceLayers engine(model, *device);
      std::vector<std::int32_t> rows = given;
      engine.start({0, model.shape.layers})->append(rows);
      is_done = true;
    } catch (const DeviceError& fault) {
      CHECK(fault.kind == kernels::DeviceFault::Kind::lost);
    }
  }
  CHECK(calls > 100);
  const auto small = kernels::simt::simulated_device(1, {.bytes = 5000});
  CHECK_THROWS_AS(DeviceLayers(model, *small), DeviceError);
}

}  // namespace
}  // namespace p2pllm::optimized
