#include <bit>
#include <numeric>

#include "proofs/obligation.hpp"
#include "reference/contracts/rotation.hpp"

namespace p2pllm::proofs {
namespace {

using namespace contracts;

/// A set of n nodes with any stakes and priorities, and a turn of it.
struct Set {
  Set(Scope& scope, std::size_t n) : zero(integer_like(scope.integer("s0"), 0)), one(integer_like(zero, 1)) {
    for (std::size_t i = 0; i < n; ++i) {
      before.push_back({scope.integer("s" + std::to_string(i)), scope.integer("p" + std::to_string(i))});
      scope.assume(one <= before.back().stake);
    }
    total = sum_of(before, [](const auto& node) { return node.stake; });
  }
  [[nodiscard]] SymInt number(std::size_t value) const { return integer_like(zero, static_cast<std::int64_t>(value)); }
  template <typename Value>
  [[nodiscard]] SymInt sum_of(const Lineup<SymInt>& set, const Value& value) const {
    SymInt sum = zero;
    for (const auto& node : set) sum = sum + value(node);
    return sum;
  }
  [[nodiscard]] SymInt credit(const Lineup<SymInt>& set) const {
    return sum_of(set, [](const auto& node) { return node.priority; });
  }
  template <typename Statement>
  [[nodiscard]] SymBool of_each(const Lineup<SymInt>& set, const Statement& statement) const {
    SymBool all = zero == zero;
    for (const auto& node : set) all = land(all, statement(node));
    return all;
  }

  /// Any k nodes together are owed at most k (H_n - H_k) S (POS-2): `scale` makes the harmonic numbers whole.
  /// @param slack  added to scale * k (H_n - H_k)
  [[nodiscard]] SymBool harmonic(const Lineup<SymInt>& set, int slack = 0) const {
    const auto n = set.size();
    std::size_t scale = 1;
    for (std::size_t j = 2; j <= n; ++j) scale = std::lcm(scale, j);
    SymBool all = zero == zero;
    for (unsigned members = 1; members + 1 < 1U << n; ++members) {
      const auto k = static_cast<std::size_t>(std::popcount(members));
      SymInt sum = zero;
      for (std::size_t i = 0; i < n; ++i)
        if ((members >> i & 1U) != 0) sum = sum + set[i].priority;
      std::size_t most = 0;
      for (std::size_t j = k + 1; j <= n; ++j) most += k * scale / j;
      const SymInt limit = integer_like(zero, static_cast<std::int64_t>(most) + (k == 1 ? slack : 0));
      all = land(all, number(scale) * sum <= limit * total);
    }
    return all;
  }
  /// No debt exceeds (1 - 1/n) S.
  [[nodiscard]] SymBool least(const Lineup<SymInt>& set) const {
    const std::size_t n = set.size();
    return of_each(set, [&](const auto& node) { return zero <= number(n) * node.priority + number(n - 1) * total; });
  }
  /// No debt exceeds a turn.
  [[nodiscard]] SymBool at_most_a_turn(const Lineup<SymInt>& set) const {
    return of_each(set, [&](const auto& node) { return zero <= node.priority + total; });
  }

  SymInt zero, one, total = zero;
  Lineup<SymInt> before;
};

/// A turn in which the second node always takes it: the order of priorities is ignored.
Lineup<SymInt> turn_of_the_second(const Set& set) {
  Lineup<SymInt> after;
  for (std::size_t i = 0; i < set.before.size(); ++i)
    after.push_back({set.before[i].stake, priority_after_turn(set.before[i], set.total, set.number(i) == set.one)});
  return after;
}

Goal turn_is_paid(Scope& scope, std::size_t n) {
  const Set set(scope, n);
  const Turn<SymInt> turn = take_turn(set.before);
  SymBool highest = set.zero == set.zero, first = highest, stated = highest;
  const SymInt none = set.zero;
  for (std::size_t i = 0; i < n; ++i) {
    const SymBool has_turn = turn.place == set.number(i);
    const SymInt raised = set.before[i].priority + set.before[i].stake;
    stated = land(stated, turn.after[i].priority == raised - select(has_turn, set.total, none));
    for (std::size_t j = 0; j < n; ++j) {
      const SymInt other = set.before[j].priority + set.before[j].stake;
      highest = land(highest, implies(has_turn, j < i ? other < raised : other <= raised));
      first = land(first, implies(has_turn, j <= i ? other <= raised : other < raised));  // the highest id at ties
    }
  }
  const SymBool in_range = land(set.zero <= turn.place, turn.place < set.number(n));
  const SymBool kept = set.credit(turn.after) == set.credit(set.before);
  const SymBool rest = land(land(stated, in_range), kept);
  return {land(highest, rest), land(first, rest)};
}

Goal credit_bound(Scope& scope, std::size_t n) {
  const Set set(scope, n);
  scope.assume(set.credit(set.before) == set.zero);
  scope.assume(set.harmonic(set.before));
  return {set.harmonic(take_turn(set.before).after), set.harmonic(take_turn(set.before).after, -1)};
}

Goal debt_bound(Scope& scope, std::size_t n) {
  const Set set(scope, n);
  scope.assume(set.credit(set.before) == set.zero);
  scope.assume(set.least(set.before));
  return {set.least(take_turn(set.before).after), set.least(turn_of_the_second(set))};
}

Goal debt_is_below_a_turn(Scope& scope, std::size_t n) {
  const Set set(scope, n);
  scope.assume(set.zero <= set.credit(set.before));
  scope.assume(set.at_most_a_turn(set.before));
  return {set.at_most_a_turn(take_turn(set.before).after), set.at_most_a_turn(turn_of_the_second(set))};
}

/// The bounds of the start and the end of a window, on what lies between.
Goal window_bound(Scope& scope) {
  const Set from(scope, 4);
  Set to = from;
  for (std::size_t i = 0; i < 4; ++i) to.before[i].priority = scope.integer("q" + std::to_string(i));
  for (const Set* set : {&from, static_cast<const Set*>(&to)}) {
    scope.assume(set->credit(set->before) == set->zero);
    scope.assume(land(set->harmonic(set->before), set->least(set->before)));
  }
  // Turns times the total less what is due is what the priority fell by; H_3 = 11/6.
  const SymInt surplus = from.before[0].priority - to.before[0].priority, six = from.number(6);
  const auto within = [&](std::size_t sixths) {
    const SymInt most = from.number(sixths) * from.total;
    return land(six * surplus <= most, from.zero <= six * surplus + most);
  };
  return {within(11), within(10)};
}

Goal entry_is_the_greatest_debt(Scope& scope) {
  const Set set(scope, 3);
  scope.assume(set.at_most_a_turn(set.before));
  const auto gap_grows = [&](const SymInt& entry) {  // of the first node to the second, by leaving and coming back
    return set.before[1].priority - set.before[0].priority <= set.before[1].priority - entry;
  };
  return {gap_grows(entry_priority(set.total)), gap_grows(set.zero)};
}

/// Why the centre is never lowered: if it were, all but one could leave in debt and come back with less of it.
Goal lowering_pays_a_coalition(Scope& scope) {
  const Set set(scope, 4);
  scope.assume(set.credit(set.before) == set.zero);
  scope.assume(land(set.harmonic(set.before), set.least(set.before)));
  const SymInt honest = set.before[3].priority;
  const SymInt gaps_before = set.number(3) * honest - (set.credit(set.before) - honest);
  const auto gaps_after = [&](const SymInt& shift) {
    return set.number(3) * (honest - shift - entry_priority(set.total));
  };
  return {gaps_after(honest) < gaps_before, gaps_after(set.zero) < gaps_before};
}

std::string instance_of(std::size_t n) { return std::to_string(n) + " nodes, any stakes and priorities"; }

Obligation turn_of(std::size_t n) {
  return {"POS-1", "contracts-pos-1-turn-is-paid-" + std::to_string(n),
          "one node has the turn: the highest, of equals the lowest id; the sum stays", instance_of(n),
          [n](Scope& scope) { return turn_is_paid(scope, n); }};
}

Obligation credit_of(std::size_t n) {
  return {"POS-2", "contracts-pos-2-credit-" + std::to_string(n),
          "any k of n nodes are owed k (H_n - H_k) turns at most, after a turn as before", instance_of(n),
          [n](Scope& scope) { return credit_bound(scope, n); }};
}

Obligation debt_of(std::size_t n) {
  return {"POS-2", "contracts-pos-2-debt-" + std::to_string(n),
          "no node owes more than 1 - 1/n turns, after a turn as before", instance_of(n),
          [n](Scope& scope) { return debt_bound(scope, n); }};
}

Obligation turn_owed_of(std::size_t n) {
  return {"POS-3", "contracts-pos-3-debt-" + std::to_string(n),
          "where the sum is at least 0 no node owes more than a turn", instance_of(n),
          [n](Scope& scope) { return debt_is_below_a_turn(scope, n); }};
}

}  // namespace

std::vector<Obligation> contracts_rotation_obligations() {
  return {
      turn_of(2),
      turn_of(3),
      turn_of(4),
      credit_of(2),
      credit_of(3),
      credit_of(4),
      debt_of(2),
      debt_of(3),
      debt_of(4),
      turn_owed_of(2),
      turn_owed_of(3),
      turn_owed_of(4),
      {"POS-2", "contracts-pos-2-window", "in a window a node's turns differ from its share by H_(n-1) at most",
       "4 nodes, any stakes", window_bound},
      {"POS-5", "contracts-pos-5-entry", "who leaves and comes back is no nearer to its turn",
       "3 nodes, any stakes and priorities", entry_is_the_greatest_debt},
      {"POS-5", "contracts-pos-5-lowering-pays",
       "if the centre were lowered, a coalition could leave in debt and come back with less", "4 nodes",
       lowering_pays_a_coalition, Obligation::Kind::exists},
  };
}

}  // namespace p2pllm::proofs
