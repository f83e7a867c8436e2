#include <catch2/catch.hpp>

#include "optimized/market/readable_witness.hpp"

namespace p2pllm {
namespace {

using optimized::readable_witness;

/// Seven equal nodes at 2.33 with a = 1/2: each gains 2.9147e-7 by charging about 2.33286, a relative 8.7565e-7.
const Witness exact_witness{3, Rational(23328574343, 10000000000), Rational(29146, 100000000000)};
const optimized::WitnessGround ground{Rational(1, 2),
                                      Rational(87564, 100000000000),
                                      {Rational(23328574342, 10000000000), Rational(23328574344, 10000000000)}};

TEST_CASE("a witness is stated at a price of few digits that loses almost nothing", "[PRICE-11]") {
  const Witness shown = readable_witness(exact_witness, ground, {Rational(1, 2000000), false});
  CHECK(shown.node == 3);
  CHECK(shown.price == Rational(233286, 100000));
  CHECK(shown.gain <= exact_witness.gain);
  CHECK(shown.gain >= exact_witness.gain * Rational(99999, 100000));
}

TEST_CASE("a witness keeps its digits where epsilon leaves no room", "[PRICE-11]") {
  // The gain lost by rounding, about 1e-13 of the revenue, is more than what is left above this epsilon.
  const Witness shown = readable_witness(exact_witness, ground, {ground.regret - Rational(1, 1000000000000000), false});
  CHECK(shown.price != Rational(233286, 100000));
  const Witness none = readable_witness(exact_witness, ground, {ground.regret, false});
  CHECK(none.price == exact_witness.price);
  CHECK(none.gain == exact_witness.gain);
}

TEST_CASE("an absolute epsilon is compared with the gain that is stated", "[PRICE-11]") {
  CHECK(readable_witness(exact_witness, ground, {exact_witness.gain - Rational(1, 10000000000000), true}).gain >
        exact_witness.gain - Rational(1, 10000000000000));
  CHECK(readable_witness(exact_witness, ground, {exact_witness.gain, true}).gain == exact_witness.gain);
}

TEST_CASE("a best response that is enclosed widely shortens no price", "[PRICE-11]") {
  const optimized::WitnessGround wide{Rational(1, 2), Rational(87564, 100000000000), {Rational(2), Rational(3)}};
  CHECK(readable_witness(exact_witness, wide, {Rational(1, 2000000), false}).price == exact_witness.price);
}

}  // namespace
}  // namespace p2pllm
