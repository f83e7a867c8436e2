// Whether the target of the given name multiplies as plain loops do: exit 0 if so, 1 if not, 77 where this processor
// does not run it, so that a skip is reported as a skip.
#include <cstdio>
#include <string>

#include "model/layers/tables.hpp"
#include "tests/support/matrix_faults.hpp"

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  for (const p2pllm::kernels::MatrixTarget* target : p2pllm::kernels::matrix_targets()) {
    if (name != target->name) continue;
    const auto faults = p2pllm::testing::matrix_faults(*target, p2pllm::layer_tables().exp2.data());
    for (const std::string& fault : faults) std::printf("%s: wrong for %s\n", name.c_str(), fault.c_str());
    return faults.empty() ? 0 : 1;
  }
  std::printf("%s: not on this processor\n", name.c_str());
  return 77;
}
