// Traps that must not compile over a solver's terms: the file is compiled once without them and once with each.
#include "proofs/symbolic.hpp"

p2pllm::proofs::SymReal less_of(const p2pllm::proofs::SymReal& a, const p2pllm::proofs::SymReal& b) {
#ifdef BRANCH_ON_A_COMPARISON
  if (a < b) return a;
  return b;
#else
  return select(a < b, a, b);
#endif
}

p2pllm::proofs::SymInt half_of(const p2pllm::proofs::SymInt& a) {
#ifdef DIVIDE_INTEGERS
  return a / a;
#else
  return a - a;
#endif
}
