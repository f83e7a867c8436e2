#include <algorithm>
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
#ifdef __AFL_COMPILER
  // AFL++'s driver would take the word for a file. libFuzzer ignores it, and hands it on to the programs that it
  // starts.
  char** const end = std::remove_if(*argv + 1, *argv + *argc,
                                    [](const char* word) { return std::strcmp(word, "--planted-fault") == 0; });
  *argc = static_cast<int>(end - *argv);
  *end = nullptr;
#endif
  std::atexit(tell_reached);
  return 0;
}
