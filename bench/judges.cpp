// The judges of micro-steps at the sizes of Llama-3-70B, on the same witnesses in turn.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "bench/figure.hpp"
#include "bench/interleaved.hpp"
#include "model/assert.hpp"
#include "optimized/layers/judge.hpp"
#include "reference/layers/judge.hpp"
#include "tests/support/large_step.hpp"

namespace p2pllm::bench {
namespace {

constexpr int rounds = 15;
constexpr double asked_seconds = 1e-4;

std::string kind_of(const ModelShape& shape, const StepPlace& place) {
  const reference::MicroOp op = reference::micro_op(shape, place.position, place.micro);
  switch (op.phase.kind) {
    case reference::MicroKind::greatest: return "greatest";
    case reference::MicroKind::squares: return "squares";
    case reference::MicroKind::scale: return "scale";
    case reference::MicroKind::product: return "product";
    case reference::MicroKind::keep: return "keep";
    case reference::MicroKind::gate: return "gate";
    case reference::MicroKind::leave: return "leave";
    case reference::MicroKind::attend: break;
  }
  return reference::attend_part(shape, place.position, op.index).adds ? "attend, second pass" : "attend, first pass";
}

void compare_judges() {
  const testing::LargeModel model(64);
  const Hash id = model.header.id();
  const auto judging = [&](auto judge, const reference::MicroRecord& r) {
    return [&id, judge, &r] {
      P2PLLM_ASSERT(judge(id, testing::LargeModel::computation(), r.place, r.before, r.after_hash, r.witness) ==
                    Judgement::right);
    };
  };
  std::map<std::string, Comparison> slowest;  // of a kind, by either judge
  for (const reference::MicroRecord& record : testing::large_records(model)) {
    const Comparison taken = interleave(rounds, judging(reference::judge, record), judging(optimized::judge, record));
    Comparison& most = slowest[kind_of(model.header.manifest.shape, record.place)];
    most = {std::max(most.first, taken.first), std::max(most.second, taken.second)};
  }
  double most = 0;
  for (const auto& [kind, taken] : slowest) {
    fmt::print("  {:<24} reference {:>8.4f} ms, fast {:>8.4f} ms, {:.1f} times as fast\n", kind, 1e3 * taken.first,
               1e3 * taken.second, taken.first / taken.second);
    most = std::max(most, taken.second);
  }
  figure("judge of one micro-step of Llama-3-70B, the slowest kind", "0.1 ms", most / asked_seconds, at_most(1));
}

}  // namespace
}  // namespace p2pllm::bench

int main() {
  p2pllm::bench::print_machine();
  p2pllm::bench::compare_judges();
}
