// Whether the target of the given name has the bits that every target, compiler and machine must have: exit 0 if so, 1
// if not, 77 where this processor does not run it, so that a skip is reported as a skip.
#include <bit>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "kernels/portable/target.hpp"

using p2pllm::kernels::Target;

namespace {

/// Doubles of every kind, and as many in [-745, 745], where exp and omega are neither zero nor infinite. Made of random
/// bits and exact operations alone, since the distributions of <random> differ from one library to the next.
std::vector<double> arguments() {
  std::mt19937_64 random(41);
  std::vector<double> x;
  for (int i = 0; i < 100'000; ++i) {
    x.push_back(std::bit_cast<double>(random()));
    x.push_back(static_cast<double>(static_cast<std::int64_t>(random() >> 12) - (std::int64_t{1} << 51)) * 745 *
                0x1p-51);
  }
  return x;
}

/// FNV-1a of 64-bit words.
std::uint64_t checksum(const std::vector<double>& values) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const double value : values) hash = (hash ^ std::bit_cast<std::uint64_t>(value)) * 0x100000001b3;
  return hash;
}

struct Expected {
  const char* name;
  Target::Batch Target::*batch;
  std::uint64_t bits;
};
const Expected functions[] = {{"exp", &Target::exp_batch, 0xa1555c4494d0a4b4},
                              {"log", &Target::log_batch, 0xdbc7fbbd6f1e5055},
                              {"omega", &Target::omega_batch, 0x87bd35bda3115337}};

int check(const Target& target) {
  const std::vector<double> x = arguments();
  int failures = 0;
  for (const Expected& function : functions) {
    std::vector<double> results(x.size());
    (target.*function.batch)(x.data(), results.data(), x.size());
    const std::uint64_t bits = checksum(results);
    failures += bits != function.bits;
    std::printf("%s, %s: checksum %016llx, %s\n", target.name, function.name, static_cast<unsigned long long>(bits),
                bits == function.bits ? "as on every target" : "which is wrong");
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  for (const Target* target : p2pllm::kernels::targets())
    if (name == target->name) return check(*target);
  std::printf("%s: not on this processor\n", name.c_str());
  return 77;
}
