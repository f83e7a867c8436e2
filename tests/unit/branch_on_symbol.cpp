// Two tests compile this file: as it is, it must compile; with BRANCH_ON_A_COMPARISON it must not, because a
// rule over unknown numbers may branch through `select` alone.
#include "tests/unit/symbolic.hpp"

template <p2pllm::Number T>
T smaller(const T& a, const T& b) {
#ifdef BRANCH_ON_A_COMPARISON
  if (b < a) return b;
  return a;
#else
  return select(b < a, b, a);
#endif
}

template p2pllm::symbolic::SymNumber smaller(const p2pllm::symbolic::SymNumber&, const p2pllm::symbolic::SymNumber&);
