#pragma once

#include <map>
#include <string>

#include "optimized/layers/judge.hpp"
#include "tests/support/step_attack.hpp"

// Both judges of micro-steps are asked the same.
namespace p2pllm::testing {

/// What a judge is given.
struct Case {
  Hash model{};
  Computation computation;
  StepPlace place;
  Bytes before;
  Hash after{};
  Bytes witness;
};

[[nodiscard]] inline Case case_of(const StepWorld& world, const reference::MicroRecord& record) {
  return {world.id, world.computation, record.place, record.before, record.after_hash, record.witness};
}

/// Asks both judges, and counts the answers and the cases in which they differ.
class TwoJudges {
 public:
  Judgement ask(const std::string& kind, const Case& c) {
    const Judgement exact = reference::judge(c.model, c.computation, c.place, c.before, c.after, c.witness);
    const Judgement fast = optimized::judge(c.model, c.computation, c.place, c.before, c.after, c.witness);
    ++answers_[kind + " " + name_of(exact)];
    if (fast != exact) ++differences_[kind + ": " + name_of(exact) + ", the fast one " + name_of(fast)];
    return exact;
  }
  [[nodiscard]] int answers(const std::string& kind, Judgement judgement) const {
    const auto found = answers_.find(kind + " " + name_of(judgement));
    return found == answers_.end() ? 0 : found->second;
  }
  /// Each kind of case in which the judges differ, with their number.
  [[nodiscard]] const std::map<std::string, int>& differences() const { return differences_; }

 private:
  [[nodiscard]] static std::string name_of(Judgement judgement) {
    return judgement == Judgement::right ? "right" : judgement == Judgement::wrong ? "wrong" : "unfit";
  }
  std::map<std::string, int> answers_, differences_;
};

}  // namespace p2pllm::testing
