#include <mpfr.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "reference/layers/layer_vectors.hpp"
#include "reference/layers/reference_layers.hpp"
#include "reference/layers/sampling.hpp"
#include "tests/support/big_integer.hpp"
#include "tests/support/random_model.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;
using testing::BigInteger;
using testing::Weights;

namespace {

static_assert(ConcreteInteger<std::int64_t> && ConcreteInteger<BigInteger>);

/// round(2^30 * function(argument)) by MPFR.
template <typename Function>
std::int64_t rounded_by_mpfr(const Function& function) {
  mpfr_t value;
  mpfr_init2(value, 200);
  function(value);
  mpfr_mul_2si(value, value, 30, MPFR_RNDN);
  const std::int64_t result = mpfr_get_si(value, MPFR_RNDN);
  mpfr_clear(value);
  return result;
}

/// Runs the tokens 0, 1, 2, .. and returns what leaves the last layer, a row a position.
std::vector<std::int32_t> rows_of(const LayerEngine& engine, std::int64_t positions) {
  const auto width = static_cast<std::size_t>(engine.shape().width);
  std::vector<std::int32_t> rows(static_cast<std::size_t>(positions) * width);
  const auto run = engine.start({0, engine.shape().layers});
  for (std::int64_t p = 0; p < positions; ++p) {
    const std::span<std::int32_t> row = std::span(rows).subspan(static_cast<std::size_t>(p) * width, width);
    engine.embed(p % engine.shape().vocabulary, row);
    run->append(row);
  }
  return rows;
}

/// The same on integers without bounds.
std::vector<std::int32_t> rows_without_bounds(const ExactModel& model, std::int64_t positions) {
  std::vector<LayerCache<BigInteger>> caches(model.layers.size());
  for (auto& cache : caches) {
    cache.keys.resize(static_cast<std::size_t>(model.shape.kv_heads));
    cache.values.resize(static_cast<std::size_t>(model.shape.kv_heads));
  }
  std::vector<std::int32_t> rows;
  for (std::int64_t p = 0; p < positions; ++p) {
    std::vector<BigInteger> row = embedded<BigInteger>(model, p % model.shape.vocabulary);
    for (std::size_t l = 0; l < caches.size(); ++l) run_layer(model, model.layers[l], p, caches[l], row);
    for (const BigInteger& number : row) rows.push_back(static_cast<std::int32_t>(to_machine(number)));
  }
  return rows;
}

std::size_t count_saturated(const std::vector<std::int32_t>& rows) {
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [](std::int32_t number) { return std::abs(number) == row_most; }));
}

}  // namespace

TEST_CASE("the tables are correctly rounded", "[layers][LAYER-2]") {
  const LayerTables& tables = layer_tables();
  for (std::size_t i = 0; i < tables.exp2.size(); ++i)
    CHECK(tables.exp2[i] == rounded_by_mpfr([i](mpfr_ptr value) {
            mpfr_set_si_2exp(value, -static_cast<long>(i), -8, MPFR_RNDN);
            mpfr_exp2(value, value, MPFR_RNDN);
          }));
  for (std::size_t i = 0; i < tables.sine.size(); ++i)
    CHECK(tables.sine[i] == rounded_by_mpfr([i](mpfr_ptr value) {
            mpfr_const_pi(value, MPFR_RNDN);
            mpfr_mul_ui(value, value, i, MPFR_RNDN);
            mpfr_div_2ui(value, value, 11, MPFR_RNDN);
            mpfr_sin(value, value, MPFR_RNDN);
          }));
  CHECK(to_hex(hash_of(tables)) == "d7a46e609a10d41f37a38a123c5a22fd8e083e7ce51ecd24ad73c5681b8b2894");
}

TEST_CASE("the power never increases, and is near to what it stands for, at every argument", "[layers][LAYER-7]") {
  std::int64_t before = unit30;
  bool falls = true;
  bool near = true;
  CHECK(power_of_half(std::int64_t{0}) == unit30);
  for (std::int64_t d = 0; d <= 31 * 65536; ++d) {
    const std::int64_t power = power_of_half(d);
    falls = falls && power <= before;
    near = near && (d >= 65536 || std::abs(static_cast<double>(power) -
                                           std::ldexp(std::exp2(-static_cast<double>(d) / 65536), 30)) < 1024);
    before = power;
  }
  CHECK(falls);
  CHECK(near);
  CHECK(before == 0);
}

TEST_CASE("sine and cosine are near to what they stand for", "[layers][LAYER-6]") {
  bool near = true;
  for (std::uint32_t k = 0; k < 1000003; ++k) {
    const std::uint32_t angle = k * 4295U + 7;
    const double exact = std::ldexp(std::sin(std::ldexp(static_cast<double>(angle), -31) * 3.14159265358979323846), 30);
    near =
        near && std::abs(static_cast<double>(sine<std::int64_t>(angle)) - exact) < std::ldexp(1, 30) * std::exp2(-21.6);
  }
  CHECK(near);
}

TEST_CASE("a root is the greatest integer whose square is not above", "[layers][LAYER-8]") {
  for (const std::int64_t root :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{2}, unit30, unit30 + 1, 2 * unit30 - 1})
    for (const std::int64_t more : {std::int64_t{0}, root, 2 * root}) CHECK(square_root(root * root + more) == root);
}

TEST_CASE("machine integers compute what integers without bounds do", "[layers][LAYER-1][LAYER-9]") {
  for (const Weights weights : {Weights::ordinary, Weights::extreme, Weights::tiny})
    for (const std::int64_t bits : {12, 18}) {
      ModelShape shape = testing::odd_shape();
      shape.fraction_bits = bits;
      const ExactModel model = testing::random_model(shape, 3 + static_cast<std::uint64_t>(bits), weights);
      const std::vector<std::int32_t> rows = rows_of(ReferenceLayers(model), 9);
      CHECK(rows == rows_without_bounds(model, 9));
      if (weights == Weights::extreme) CHECK(count_saturated(rows) > 100);
      if (weights == Weights::ordinary) CHECK(count_saturated(rows) == 0);
    }
}

TEST_CASE("rows do not depend on how positions are divided into calls, nor layers into ranges", "[layers][LAYER-9]") {
  const ExactModel model = testing::random_model(testing::odd_shape(), 5, Weights::ordinary);
  const ReferenceLayers engine(model);
  const std::vector<std::int32_t> expected = rows_of(engine, 8);
  const auto width = static_cast<std::size_t>(model.shape.width);
  for (const std::size_t first : {std::size_t{8}, std::size_t{1}, std::size_t{5}}) {
    std::vector<std::int32_t> rows(8 * width);
    for (std::size_t p = 0; p < 8; ++p)
      engine.embed(static_cast<std::int64_t>(p), std::span(rows).subspan(p * width, width));
    const auto lower = engine.start({0, 1});
    const auto upper = engine.start({1, 2});
    for (const auto& part : {std::span(rows).first(first * width), std::span(rows).subspan(first * width)}) {
      lower->append(part);
      upper->append(part);
    }
    CHECK(rows == expected);
    CHECK(lower->positions() == 8);
  }
}

TEST_CASE("tokens are drawn in proportion to their weights", "[layers][SAMPLE-1][SAMPLE-2]") {
  const std::vector<std::int32_t> logits{4096, 0, 4096, -4096};
  const auto greedy = sampling_of(0, 1, 12);
  REQUIRE(greedy);
  CHECK(next_token(logits, *greedy, 3) == 0);
  std::vector<double> seen(logits.size());
  constexpr int draws = 20000;
  for (int k = 0; k < draws; ++k) {
    const auto sampling = sampling_of(1, static_cast<std::uint64_t>(k), 12);
    REQUIRE(sampling);
    seen[static_cast<std::size_t>(next_token(logits, *sampling, 17))] += 1.0 / draws;
  }
  const double total = 2 * std::exp(1) + 1 + std::exp(-1);
  for (std::size_t t = 0; t < logits.size(); ++t)
    CHECK(std::abs(seen[t] - std::exp(logits[t] / 4096.0) / total) < 0.015);  // four standard deviations
  CHECK_FALSE(sampling_of(Rational(1, 257), 1, 12));
  CHECK_FALSE(sampling_of(257, 1, 12));
  CHECK(sampling_of(Rational(1, 256), 1, 12));
}

TEST_CASE("a token whose weights end at the drawn number is passed over", "[layers][SAMPLE-2]") {
  // One token has the weight 2^30 and each other one 1, so every number above is where some token's weights end. This
  // seed draws such a number: 2^30 + 3119, as SHA-256 says in another language.
  std::vector<std::int32_t> logits(1 << 14, -84600);
  logits[0] = 0;
  REQUIRE(power_of_half(std::int64_t{84600} * 1512775 >> 16) == 1);
  const auto sampling = sampling_of(1, 53640, 12);
  REQUIRE(sampling);
  REQUIRE(sampling->inverse == 1512775);
  CHECK(next_token(logits, *sampling, 0) == 3120);
}
