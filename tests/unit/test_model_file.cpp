#include <catch2/catch.hpp>

#include "model/layers/tiles.hpp"
#include "tests/support/random_model.hpp"

using namespace p2pllm;
using testing::Weights;

namespace {

Bytes file_of(const ExactModel& model) {
  Bytes file;
  for (const Bytes& part : write_model(model)) file.insert(file.end(), part.begin(), part.end());
  return file;
}

ExactModel small_model(std::uint64_t seed = 7) {
  ModelShape shape = testing::odd_shape();
  shape.layers = 1;
  shape.vocabulary = 256;
  return testing::random_model(shape, seed, Weights::ordinary);
}

std::string fault_of(const Bytes& file) {
  const auto read = read_model(file, "m");
  return read ? "none" : read.error().message();
}

/// The fault of a file that is whole in every other way: its roots are those of its own bytes.
std::string fault_of(const ExactModel& model) { return fault_of(file_of(model)); }

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a model is read as it was written, with or without a head", "[layers][MODEL-2][MODEL-3]") {
  for (const std::uint64_t seed : {7U, 8U}) {
    const ExactModel model = small_model(seed);
    const Bytes file = file_of(model);
    const auto read = read_model(file, "m");
    REQUIRE(read);
    CHECK(*read == model);
    const auto header = read_model_header(file, "m");
    REQUIRE(header);
    CHECK(header->file_bytes() == static_cast<std::int64_t>(file.size()));
    CHECK(header->id() == header_of(model).id());
    CHECK(header->tensors.size() == (seed % 2 == 1 ? 12U : 11U));
  }
}

TEST_CASE("tiles cover a matrix once, in order, within their limits", "[layers][MODEL-3]") {
  for (const auto& [rows, columns] :
       {std::pair(1L, 1L), std::pair(300L, 64L), std::pair(5L, 2500L), std::pair(33L, 576L), std::pair(17L, 1024L)}) {
    std::vector<int> seen(static_cast<std::size_t>(rows * padded_columns(columns)));
    std::int64_t bytes = 0;
    for (const Tile& tile : tiles_of(rows, columns)) {
      CHECK(tile.rows * tile.columns <= tile_weights);
      CHECK(tile.columns <= tile_columns_max);
      CHECK(tile.columns % block_columns == 0);
      CHECK(tile.has_exponents == (tile.first_column + tile.columns == padded_columns(columns)));
      bytes += tile.bytes();
      for (std::int64_t r = 0; r < tile.rows; ++r)
        for (std::int64_t c = 0; c < tile.columns; ++c)
          ++seen[static_cast<std::size_t>((tile.first_row + r) * padded_columns(columns) + tile.first_column + c)];
    }
    CHECK(std::all_of(seen.begin(), seen.end(), [](int count) { return count == 1; }));
    CHECK(bytes == tensor_bytes(rows, columns));
  }
  CHECK(tiles_of(100, 1024).front().rows == 16);
  CHECK(tiles_of(100, 1100).size() == 14);
}

TEST_CASE("another byte is another model or a fault", "[layers][MODEL-2][MODEL-3]") {
  const Bytes file = file_of(small_model());
  const Hash id = read_model_header(file, "m")->id();
  CHECK(fault_of(file) == "none");
  std::size_t step = 1;
  for (std::size_t at = 0; at < file.size(); at += step) {
    Bytes other = file;
    other[at] ^= 1U;
    const auto header = read_model_header(other, "m");
    CHECK((!header || header->id() != id || fault_of(other) != "none"));
    if (at == 4000) step = 97;
  }
  for (const std::size_t cut :
       {std::size_t{0}, std::size_t{14}, std::size_t{15}, std::size_t{17}, std::size_t{300}, file.size() - 1}) {
    const std::string fault = fault_of(Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(cut)));
    CHECK(has(fault, "m: "));
    CHECK(fault != "none");
  }
  Bytes longer = file;
  longer.push_back(0);
  CHECK(has(fault_of(longer), "a file with this header must have"));
}

TEST_CASE("what a model may not hold is refused by its tensor and offset", "[layers][MODEL-1][MODEL-3]") {
  const ExactModel good = small_model();
  const std::uint64_t begin = read_model_header(file_of(good), "m")->bytes;
  ExactModel model = good;
  model.embedding.weights[128 * 3 + 1] = -128;
  CHECK(fault_of(model) == "m: byte " + std::to_string(begin + 128 * 3 + 1) +
                               ", embedding: -128: a weight must be in -127 .. 127 (MODEL-3)");
  model = good;
  model.embedding.weights[127] = 1;
  CHECK(has(fault_of(model), "embedding: 1: a weight beyond the columns must be 0"));
  for (const int multiplier : {0, 32769}) {
    model = good;
    model.layers[0].down.multipliers[5] = static_cast<std::uint16_t>(multiplier);
    CHECK(has(fault_of(model), "layer 0 down: " + std::to_string(multiplier) + ": a multiplier must be in 1 .. 32768"));
  }
  for (const int exponent : {15, 46}) {
    model = good;
    model.layers[0].key.exponents[19] = static_cast<std::uint8_t>(exponent);
    CHECK(has(fault_of(model), "layer 0 key: " + std::to_string(exponent) + ": an exponent must be in 16 .. 45"));
  }
  model = good;
  model.norm.values[3] = -32768;
  CHECK(has(fault_of(model), "norm: -32768: a factor of a norm must be in -32767 .. 32767"));
  model = good;
  model.norm.exponent = 31;
  CHECK(has(fault_of(model), "the list of tensors: byte"));
}

TEST_CASE("the sizes of a model have limits", "[layers][MODEL-1]") {
  const ModelShape good = testing::odd_shape();
  CHECK(shape_fault(good).empty());
  const auto wrong = [&](std::int64_t ModelShape::*size, std::initializer_list<std::int64_t> values) {
    for (const std::int64_t value : values) {
      ModelShape shape = good;
      shape.*size = value;
      CHECK(has(shape_fault(shape), "(MODEL-1)"));
    }
  };
  wrong(&ModelShape::layers, {0, 1025});
  wrong(&ModelShape::width, {0, 32769});
  wrong(&ModelShape::hidden, {0, 32769});
  wrong(&ModelShape::heads, {0, 5, 3278});
  wrong(&ModelShape::kv_heads, {0, 4, 12});
  wrong(&ModelShape::head_width, {0, 9, 258});
  wrong(&ModelShape::vocabulary, {0, (1 << 20) + 1});
  wrong(&ModelShape::context, {0, (1 << 17) + 1});
  wrong(&ModelShape::fraction_bits, {11, 19});
}

TEST_CASE("weights that no exact model can state are refused by their place", "[layers][MODEL-4]") {
  FloatModel model;
  model.shape = testing::odd_shape();
  model.epsilon = 1e-5;
  model.rope_base = 10000;
  const auto matrix = [](std::int64_t rows, std::int64_t columns, double wrong) {
    return FloatMatrix{rows, columns, [wrong](std::int64_t row, std::span<double> values) {
                         std::fill(values.begin(), values.end(), 0.5);
                         if (row == 2) values[1] = wrong;
                       }};
  };
  for (const double wrong : {63.501, -64.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
    model.embedding = matrix(model.shape.vocabulary, model.shape.width, wrong);
    const auto converted = convert_model(model, "f", 12);
    REQUIRE_FALSE(converted);
    CHECK(has(converted.error().message(), "f: embedding, row 2, column 1: "));
  }
  model.embedding = matrix(3, 4, 0);
  model.norm = {32767.5};
  CHECK(has(convert_model(model, "f", 12).error().message(), "f: norm, row 0, column 0"));
  model.epsilon = 0.75;
  CHECK(has(convert_model(model, "f", 12).error().message(), "f: epsilon"));
  CHECK(has(convert_model(model, "f", 19).error().message(), "the fraction bits"));
}
