#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/law.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::string current;

/// Names the input, and exits in the cases in which libFuzzer would stop.
void name_input(int /*signal*/) {
  std::fprintf(stderr, "in %s\n", current.c_str());
  std::_Exit(1);
}

void replay(const std::filesystem::path& path) {
  current = path.string();
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

/// Runs a fuzz target once on each given file, and on each file of each given folder.
int main(int argc, char** argv) {
  std::signal(SIGABRT, name_input);
  std::size_t files = 0;
  for (int k = 1; k < argc; ++k) {
    if (std::strcmp(argv[k], "--planted-fault") == 0) {
      p2pllm::fuzz::has_planted_fault = true;
      continue;
    }
    std::vector<std::filesystem::path> paths;
    if (std::filesystem::is_directory(argv[k]))
      for (const auto& entry : std::filesystem::directory_iterator(argv[k])) paths.push_back(entry.path());
    else paths.emplace_back(argv[k]);
    std::ranges::sort(paths);
    for (const auto& path : paths) replay(path);
    files += paths.size();
  }
  if (p2pllm::fuzz::complete_reached != nullptr) p2pllm::fuzz::complete_reached();
  std::printf("%zu inputs replayed:", files);
  for (const auto& [what, count] : p2pllm::fuzz::reached) std::printf(" %s %d;", what.c_str(), count);
  std::printf("\n");
  return files == 0 ? 2 : 0;
}
