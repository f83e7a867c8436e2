#include "fuzz/contracts/world.hpp"
#include "fuzz/law.hpp"

// Input: any bytes; see fuzz/README.md.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2pllm::fuzz;
  constexpr std::size_t size_max = 2048;  // longer programs are slow and reach nothing more
  if (size > size_max) return 0;
  try {
    for (const auto& [what, count] : run_contract_program({data, size})) reached[what] += count;
  } catch (const LawBroken& broken) {
    law(false, broken.what());
  }
  return 0;
}
