#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

#include "model/layers/float_files.hpp"
#include "model/layers/float_formats.hpp"
#include "model/layers/gguf.hpp"
#include "model/layers/llama2c.hpp"
#include "model/layers/safetensors.hpp"
#include "tests/support/weight_files.hpp"

using namespace p2pllm;
using namespace p2pllm::testing;

namespace {

FloatModel small_model(bool has_head = false) { return random_float_model(small_float_shape(), 5, has_head); }

/// A file of llama2.c, with nothing in the tables of the rotation.
Bytes write_llama2c(const FloatModel& model) {
  const ModelShape& s = model.shape;
  Bytes out;
  for (const std::int64_t size :
       {s.width, s.hidden, s.layers, s.heads, s.kv_heads, model.head ? -s.vocabulary : s.vocabulary, s.context})
    append(out, static_cast<std::uint64_t>(size), 4);
  const auto matrix = [&](const FloatMatrix& m) { append(out, float32_bytes(values_in(m))); };
  matrix(model.embedding);
  for (const FloatLayer& layer : model.layers) append(out, float32_bytes(layer.attention_norm));
  for (const auto part : {&FloatLayer::query, &FloatLayer::key, &FloatLayer::value, &FloatLayer::output})
    for (const FloatLayer& layer : model.layers) matrix(layer.*part);
  for (const FloatLayer& layer : model.layers) append(out, float32_bytes(layer.feed_norm));
  for (const auto part : {&FloatLayer::gate, &FloatLayer::down, &FloatLayer::up})
    for (const FloatLayer& layer : model.layers) matrix(layer.*part);
  append(out, float32_bytes(model.norm));
  out.resize(out.size() + static_cast<std::size_t>(4 * s.context * s.head_width), 0x7f);
  if (model.head) matrix(*model.head);
  return out;
}

/// The value of a binary format by its definition.
double value_of(std::uint64_t bits, int exponent_bits, int fraction_bits) {
  const std::uint64_t end = (1U << exponent_bits) - 1, raw = bits >> fraction_bits & end;
  const auto fraction = static_cast<double>(bits & ((1U << fraction_bits) - 1));
  const int bias = (1 << (exponent_bits - 1)) - 1;
  double value = std::ldexp(fraction + (raw == 0 ? 0 : std::ldexp(1, fraction_bits)),
                            static_cast<int>(std::max<std::uint64_t>(raw, 1)) - bias - fraction_bits);
  if (raw == end) value = fraction == 0 ? INFINITY : NAN;
  return bits >> (exponent_bits + fraction_bits) != 0 ? -value : value;
}

/// Equal as bits, but any NaN is a NaN.
bool is_same(double a, double b) {
  return std::isnan(b) ? std::isnan(a) : std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

}  // namespace

TEST_CASE("floats of 16 and 32 bits are exact as doubles", "[layers][MODEL-4]") {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    REQUIRE(is_same(float16_of(half), value_of(bits, 5, 10)));
    REQUIRE(is_same(bfloat16_of(half), value_of(bits, 8, 7)));
  }
  for (const std::uint32_t bits : {0x00000001U, 0x007fffffU, 0x00800000U, 0x80000000U, 0x80000001U, 0x3f800001U,
                                   0x7f7fffffU, 0x7f800000U, 0xff800000U, 0x7f800001U, 0x3727c5acU, 0x00400000U})
    CHECK(is_same(float32_of(bits), value_of(bits, 8, 23)));
}

TEST_CASE("values that share a scale are exact as doubles", "[layers][MODEL-4]") {
  std::mt19937_64 random(3);
  for (const auto& [type, bytes] : {std::pair(8U, 34U), std::pair(2U, 18U), std::pair(3U, 20U)}) {
    Bytes data;
    for (int k = 0; k < 64 * 3; ++k) {
      Bytes block(bytes);
      for (std::uint8_t& byte : block) byte = static_cast<std::uint8_t>(random());
      for (const std::size_t high : {1U, 3U})  // no scale and no offset is infinite
        if (high == 1 || type == 3) block[high] = static_cast<std::uint8_t>(block[high] & (k % 2 == 0 ? 0xfbU : 0x83U));
      append(data, block);
    }
    GgufWriter writer;
    writer.tensor("t", {64, 96}, type, data);
    const Bytes file = writer.file();
    const GgufFile read(file, "m");
    const auto values = values_in(matrix_of(read.tensors().at("t").tensor));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const ByteView block = ByteView(data).subspan(i / 32 * bytes, bytes);
      const auto in_units = [&](std::size_t at) {  // of 2^-24, in which each half is an integer
        return static_cast<std::int64_t>(std::ldexp(value_of(little_endian(block, at, 2), 5, 10), 24));
      };
      const std::size_t place = i % 32;
      std::int64_t q = static_cast<std::int8_t>(block[2 + place % (bytes - 2)]);
      if (type != 8) q = (block[bytes - 16 + place % 16] >> (place < 16 ? 0 : 4) & 15) - (type == 2 ? 8 : 0);
      const std::int64_t exact = in_units(0) * q + (type == 3 ? in_units(2) : 0);
      REQUIRE(values[i] == std::ldexp(static_cast<double>(exact), -24));
    }
  }
}

TEST_CASE("a model is read from each kind of file as it was written", "[layers][MODEL-4]") {
  for (const bool has_head : {false, true}) {
    const FloatModel model = small_model(has_head);
    const Bytes gguf = write_gguf(model), safetensors = write_safetensors(model), llama2c = write_llama2c(model);
    FloatModel nameless = model;
    nameless.name = nameless.licence = "";
    nameless.shape.head_width = nameless.shape.width / nameless.shape.heads;
    const auto a = read_float_model(gguf, "m"), b = read_float_model(safetensors, "m");
    REQUIRE(a);
    REQUIRE(b);
    CHECK(same_weights(*a, model));
    CHECK(same_weights(*b, model));
    CHECK(b->tokenizer == byte_tokenizer());
    CHECK(is_llama2c(llama2c) == false);  // 6 heads do not divide a width of 32
  }
  ModelShape shape = small_float_shape();
  shape.heads = 8;
  shape.kv_heads = 4;
  for (const bool has_head : {false, true}) {
    FloatModel model = random_float_model(shape, 6, has_head);
    const Bytes file = write_llama2c(model);
    const auto read = read_float_model(file, "m");
    REQUIRE(read);
    model.name = model.licence = "";
    CHECK(same_weights(*read, model));
  }
}

TEST_CASE("a GGUF file may be of version 2, aligned otherwise, and hold keys of no use", "[layers][MODEL-4]") {
  const FloatModel model = small_model();
  GgufWriter writer;
  writer.version = 2;
  writer.alignment = 8;
  writer.number("general.alignment", 8).numbers("some.list", {1, -2, 3}).reals("some.reals", {0.5});
  writer.number("llama.expert_count", 0).text("llama.rope.scaling.type", "none");
  writer.number("llama.rope.dimension_count", 4).number("llama.vocab_size", 256, GgufType::uint64);
  write_keys(writer, model);
  write_byte_tokens(writer, model.shape.vocabulary);
  write_tensors(writer, model);
  const Bytes file = writer.file();
  const auto read = read_gguf(file, "m");
  REQUIRE(read);
  CHECK(same_weights(*read, model));
  const GgufFile parts(file, "m");
  CHECK(parts.integers("some.list") == std::vector<std::int64_t>{1, -2, 3});
  CHECK(parts.reals("some.reals") == std::vector<double>{0.5});
}

TEST_CASE("heads that rotate halves become heads that rotate neighbours", "[layers][LAYER-6]") {
  const FloatMatrix halves = matrix_with(8, 1, {0, 1, 2, 3, 10, 11, 12, 13});
  CHECK(values_in(neighbours_of_halves(halves, 4)) == std::vector<double>{0, 2, 1, 3, 10, 12, 11, 13});
  CHECK(values_in(neighbours_of_halves(halves, 8)) == std::vector<double>{0, 10, 1, 11, 2, 12, 3, 13});
  CHECK(values_in(neighbours_of_halves(halves, 2)) == values_in(halves));
}

TEST_CASE("a file that is cut is refused", "[layers][FORMAT-6]") {
  const FloatModel model = small_model();
  for (const Bytes& file : {write_gguf(model), write_safetensors(model)}) {
    constexpr std::size_t ends = 3000;
    for (std::size_t size = 0; size < file.size(); size += size < ends || size + ends > file.size() ? 1 : 1009) {
      const Bytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
      const auto read = read_float_model(cut, "m");
      REQUIRE_FALSE(read);
      REQUIRE(read.error().message().starts_with("m: "));
    }
  }
}

TEST_CASE("the tensors of a file may hold values that are not finite", "[layers][MODEL-4]") {
  FloatModel model = small_model();
  model.norm[3] = INFINITY;
  const Bytes file = write_gguf(model);
  const auto read = read_gguf(file, "m");
  REQUIRE(read);
  CHECK(read->norm[3] == INFINITY);
}
