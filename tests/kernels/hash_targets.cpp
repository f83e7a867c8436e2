// Whether the target of the given name hashes as SHA-256 does: exit 0 if so, 1 if not, 77 where this processor does not
// run it, so that a skip is reported as a skip.
#include <cstdio>
#include <string>

#include "tests/support/sha256_faults.hpp"

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  for (const p2pllm::kernels::Sha256Target* target : p2pllm::kernels::sha256_targets()) {
    if (name != target->name) continue;
    const auto faults = p2pllm::testing::sha256_faults(*target);
    for (const std::string& fault : faults) std::printf("%s: wrong for %s\n", name.c_str(), fault.c_str());
    return faults.empty() ? 0 : 1;
  }
  std::printf("%s: not on this processor\n", name.c_str());
  return 77;
}
