#include "fuzz/contracts_target.hpp"

// Input: any bytes; see fuzz/README.md.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2pllm::fuzz;
  run_contract_input({data, size}, Focus::disputes);
  return 0;
}
