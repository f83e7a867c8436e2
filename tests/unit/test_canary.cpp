#include <catch2/catch.hpp>

#include "model/numbers/rational.hpp"

// Hidden; run by the test "canary: the unit suite can fail", which passes only when this one fails.
TEST_CASE("canary: a third is a half", "[.canary]") { CHECK(to_string(p2pllm::Rational(1, 3)) == "1/2"); }
