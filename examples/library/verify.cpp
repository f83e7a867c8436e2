// Are the posted prices of a market an equilibrium? Usage: verify MARKET.json
#include <fstream>
#include <iostream>
#include <iterator>

#include "reference/market/verify.hpp"

int main(int argc, char** argv) {
  using namespace p2pllm;
  if (argc != 2) return 2;
  std::ifstream file(argv[1], std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  const Result<Network> network = read_network(bytes, argv[1]);
  if (!network) {
    std::cerr << network.error().message() << '\n';
    return 2;
  }
  const Rational alpha = network->alpha.value_or(Rational(1, 2));
  const EquilibriumReport report = reference::verify(*network, posted_prices(*network), alpha, Tolerance{});
  std::cout << to_string(report.verdict) << '\n';
  if (const auto& witness = report.witness)
    std::cout << network->nodes[witness->node].id << " gains at least " << to_string(witness->gain) << " by charging "
              << to_string(witness->price) << '\n';
  return report.verdict == Verdict::undecided ? 3 : report.verdict <= Verdict::epsilon_equilibrium ? 0 : 1;
}
