// What the C++ compiler makes of the scalar arithmetic: for each line "function a b", words in hexadecimal, the result.
#include <cstdio>
#include <cstring>

#include "tests/ptx/scalar.cuh"

namespace p2pllm::kernels {
namespace {

Word result_of(const char* function, [[maybe_unused]] Word a, [[maybe_unused]] Word b) {
#define P2PLLM_CASE(name, expression) \
  if (std::strcmp(function, #name) == 0) return expression;
  P2PLLM_SCALARS(P2PLLM_CASE)
  return 0;
}

}  // namespace
}  // namespace p2pllm::kernels

int main() {
  char function[64];
  unsigned long long a = 0, b = 0;
  while (std::scanf("%63s %llx %llx", function, &a, &b) == 3)
    std::printf("%016llx\n", static_cast<unsigned long long>(p2pllm::kernels::result_of(function, a, b)));
  return 0;
}
