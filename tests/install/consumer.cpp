#include <iostream>

#include "checker/check.hpp"
#include "optimized/market/verify.hpp"
#include "reference/market/verify.hpp"

int main() {
  using namespace p2pllm;
  const auto network =
      read_network(R"({"format": "p2pllm-network/1", "model": {"name": "one", "layers": 1}, "nodes": []})", "text");
  const auto report = reference::verify(*network, posted_prices(*network), Rational(1, 2), Tolerance{});
  const auto columns = *optimized::columns_of(*network);
  const auto fast = optimized::verify(columns, columns.price, Rational(1, 2), Tolerance{})->answer;
  const Certificate certificate{network->sha256, "", Rational(1, 2), {}, EquilibriumClaim{report.verdict, {}, 128, {}}};
  std::cout << to_string(report.verdict)
            << (checker::check(certificate, *network, {}).accepted ? " accepted" : " rejected")
            << (fast.verdict == report.verdict ? " by both halves" : " by one half") << '\n';
}
