#include "fuzz/contracts_target.hpp"

#include <oneapi/tbb/global_control.h>

#include "fuzz/law.hpp"
#include "tests/support/test_hash.hpp"

namespace p2pllm::fuzz {
namespace {

Tally total;

void report() {
  for (const auto& [what, count] : total.classes()) reached[what] = count;
  reached["deepest chain of transitions"] = static_cast<int>(total.deepest);
}

}  // namespace

void run_contract_input(ByteView input, Focus focus, bool has_reference) {
  constexpr std::size_t size_max = 2048;  // longer programs are slow and reach nothing more
  if (input.size() > size_max) return;
  // One thread: the ledgers are small, and a finding must be found again.
  static const oneapi::tbb::global_control alone(oneapi::tbb::global_control::max_allowed_parallelism, 1);
  complete_reached = report;
  const bool is_exact = testing::is_for_sha256(input);
  testing::choose_hash(is_exact ? testing::HashChoice::sha256 : testing::HashChoice::fast);
  try {
    total.add(run_contract_program(input, {focus, has_reference, is_exact}));
  } catch (const LawBroken& broken) {
    law(false, broken.what());
  }
}

}  // namespace p2pllm::fuzz
