#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "fuzz/law.hpp"

// What a libFuzzer program has beside its target: --planted-fault, as in the programs that replay, and a last line with
// the classes that its inputs reached.

namespace {

void tell_reached() {
  using namespace p2pllm::fuzz;
  if (complete_reached != nullptr) complete_reached();
  std::fprintf(stderr, "reached:");
  for (const auto& [what, count] : reached) std::fprintf(stderr, " %s %d;", what.c_str(), count);
  std::fprintf(stderr, "\n");
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  for (int k = 1; k < *argc; ++k)
    if (std::strcmp((*argv)[k], "--planted-fault") == 0) p2pllm::fuzz::has_planted_fault = true;
  std::atexit(tell_reached);
  return 0;
}
