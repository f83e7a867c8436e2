#pragma once

#include <string>
#include <vector>

#include "proofs/obligation.hpp"
#include "reference/contracts/machine.hpp"

// How a rule of the fast ledger is compared with the reference's: by the reason of refusal and, where there is none, by
// every number of the object afterwards and every amount that moves.
namespace p2pllm::proofs {

/// The clause and the name of an obligation, such as "agree-sla-post-mid", of a rule.
struct AgreeName {
  std::string clause, name;
  /// The last part: "post-mid".
  [[nodiscard]] std::string rule() const { return name.substr(name.find('-', name.find('-') + 1) + 1); }
};

/// The code of the first guard that does not hold; 0 if all do.
[[nodiscard]] inline SymInt code_of(const std::vector<reference::Guard<SymInt>>& guards, const SymInt& like) {
  SymInt code = integer_like(like, 0);
  for (auto guard = guards.rbegin(); guard != guards.rend(); ++guard)
    code = select(guard->holds, code, integer_like(like, static_cast<std::int64_t>(guard->reason)));
  return code;
}

/// Whether two records have the same numbers.
template <typename Record>
[[nodiscard]] SymBool same_numbers(const Record& a, const Record& b) {
  std::vector<SymInt> of_a;
  Record::fields(a, [&of_a](std::string_view, const SymInt& number) { of_a.push_back(number); });
  SymBool same = of_a.front() == of_a.front();
  std::size_t k = 0;
  Record::fields(b, [&](std::string_view, const SymInt& number) { same = land(same, of_a[k++] == number); });
  return same;
}

/// The fast half's answer: the reason's code, the object afterwards, and what moves, in the reference's order.
template <typename State>
struct FastStep {
  SymInt code;
  State next;
  std::vector<SymInt> flow;
};

/// Whether the fast step is the reference's. @param flow  the reference's
template <typename Step, typename State>
[[nodiscard]] SymBool same_step(const Step& step, const std::vector<SymInt>& flow, const FastStep<State>& fast) {
  SymBool effect = same_numbers(step.next, fast.next);
  for (std::size_t k = 0; k < flow.size(); ++k) effect = land(effect, flow[k] == fast.flow[k]);
  const SymInt zero = integer_like(fast.code, 0);
  return land(code_of(step.guards, fast.code) == fast.code, implies(fast.code == zero, effect));
}

}  // namespace p2pllm::proofs
