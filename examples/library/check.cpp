// Does a certificate prove its claim about a market? Usage: check CERTIFICATE.json MARKET.json
#include <fstream>
#include <iostream>
#include <iterator>

#include "checker/check.hpp"

namespace {

std::string bytes_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  using namespace p2pllm;
  if (argc != 3) return 2;
  const Result<Network> network = read_network(bytes_of(argv[2]), argv[2]);
  if (!network) {
    std::cerr << network.error().message() << '\n';
    return 2;
  }
  const Result<Certificate> certificate = read_certificate(bytes_of(argv[1]), argv[1], *network);
  if (!certificate) {
    std::cerr << certificate.error().message() << '\n';
    return 2;
  }
  const checker::Decision decision = checker::check(*certificate, *network, {});
  std::cout << (decision.accepted ? "accepted" : "rejected: " + decision.reason) << '\n';
  return decision.accepted ? 0 : 1;
}
