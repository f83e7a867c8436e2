#include <bit>
#include <numeric>

#include "proofs/obligation.hpp"
#include "reference/contracts/parameter_rules.hpp"
#include "reference/contracts/rotation.hpp"

namespace p2pllm::proofs {
namespace {

using namespace reference;

/// A set of n nodes with any stakes and priorities, raised by a tick: the state at the beginning of a turn.
struct Set {
  /// @param least_stake  0 or 1
  Set(Scope& scope, std::size_t n, std::int64_t least_stake)
      : zero(integer_like(scope.integer("s0"), 0)), one(integer_like(zero, 1)) {
    for (std::size_t i = 0; i < n; ++i) {
      before.push_back({scope.integer("s" + std::to_string(i)), scope.integer("p" + std::to_string(i))});
      scope.assume(integer_like(zero, least_stake) <= before.back().stake);
    }
    total = sum_of(before, [](const auto& node) { return node.stake; });
    for (const auto& node : before) lineup.push_back(raised(node, one));
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
  [[nodiscard]] SymBool somebody_eligible() const {
    return lnot(of_each(lineup, [](const auto& node) { return lnot(is_eligible(node)); }));
  }
  /// No node owes more than one turn, and no node is owed more than four.
  [[nodiscard]] SymBool within_bounds(const Lineup<SymInt>& set) const {
    const SymInt most = number(credit_turns_max) * total;
    return of_each(set, [&](const auto& node) { return land(zero - total <= node.priority, node.priority <= most); });
  }
  /// Any k nodes together are owed at most k (H_n - H_k) Z (POS-2): `scale` makes the harmonic numbers whole.
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
  [[nodiscard]] SymBool least_debt(const Lineup<SymInt>& set) const {
    const std::size_t n = set.size();
    return of_each(set, [&](const auto& node) { return zero <= number(n) * node.priority + number(n - 1) * total; });
  }

  SymInt zero, one, total = zero;
  Lineup<SymInt> before, lineup;
};

/// A turn that the second node always takes, without checking whether it is owed anything.
Lineup<SymInt> turn_of_the_second(const Set& set) {
  Lineup<SymInt> after;
  for (std::size_t i = 0; i < set.lineup.size(); ++i)
    after.push_back({set.lineup[i].stake, priority_after_turn(set.lineup[i], set.total, set.number(i) == set.one)});
  return after;
}

Goal turn_is_paid(Scope& scope, std::size_t n) {
  const Set set(scope, n, 0);
  scope.assume(set.somebody_eligible());
  const Turn<SymInt> turn = take_turn(set.lineup);
  const SymInt most = set.number(credit_turns_max) * set.total;
  SymBool highest = set.zero == set.zero, first = highest, stated = highest;
  for (std::size_t i = 0; i < n; ++i) {
    const SymBool has_turn = turn.place == set.number(i);
    const auto& owner = set.lineup[i];
    const SymInt paid = owner.priority - select(has_turn, set.total, set.zero);
    stated = land(stated, turn.after[i].priority == select(most < paid, most, paid));
    highest = land(highest, implies(has_turn, land(set.zero < owner.stake, set.zero < owner.priority)));
    for (std::size_t j = 0; j < n; ++j) {
      const auto& other = set.lineup[j];
      const SymBool asked = land(has_turn, set.zero < other.stake);
      highest =
          land(highest, implies(asked, j < i ? other.priority < owner.priority : other.priority <= owner.priority));
      first = land(first, implies(asked, j <= i ? other.priority <= owner.priority : other.priority < owner.priority));
    }
  }
  const SymBool rest = land(stated, land(set.zero <= turn.place, turn.place < set.number(n)));
  return {land(highest, rest), land(first, rest)};  // the fault: the highest id at ties
}

/// For every history: priorities begin within their bounds, and a turn keeps them there.
Goal bounds_hold(Scope& scope, std::size_t n) {
  const Set set(scope, n, 0);
  scope.assume(set.within_bounds(set.before));
  scope.assume(set.somebody_eligible());
  return {set.within_bounds(take_turn(set.lineup).after), set.within_bounds(turn_of_the_second(set))};
}

/// If the sum is not below 0, some node is eligible at the first tick; the sum changes only by the credit that is cut.
Goal no_tick_is_idle(Scope& scope, std::size_t n) {
  const Set set(scope, n, 1);
  scope.assume(set.zero <= set.credit(set.before));
  const Lineup<SymInt> after = take_turn(set.lineup).after;
  const SymInt most = set.number(credit_turns_max) * set.total;
  const SymBool uncut = set.of_each(after, [&](const auto& node) { return node.priority < most; });
  const SymBool keeps = implies(uncut, set.credit(after) == set.credit(set.before));
  const SymBool somebody_before =
      lnot(set.of_each(set.before, [](const auto& node) { return lnot(is_eligible(node)); }));
  return {land(set.somebody_eligible(), keeps), land(somebody_before, keeps)};
}

Goal credit_bound(Scope& scope, std::size_t n) {
  const Set set(scope, n, 1);
  scope.assume(set.credit(set.before) == set.zero);
  scope.assume(set.harmonic(set.before));
  const Lineup<SymInt> after = take_turn(set.lineup).after;
  return {set.harmonic(after), set.harmonic(after, -1)};
}

Goal debt_bound(Scope& scope, std::size_t n) {
  const Set set(scope, n, 1);
  scope.assume(set.credit(set.before) == set.zero);
  scope.assume(set.least_debt(set.before));
  return {set.least_debt(take_turn(set.lineup).after), set.least_debt(turn_of_the_second(set))};
}

/// The bounds at the start and the end of a window bound the turns in between.
Goal window_bound(Scope& scope) {
  const Set from(scope, 4, 1);
  Set to = from;
  for (std::size_t i = 0; i < 4; ++i) to.before[i].priority = scope.integer("q" + std::to_string(i));
  for (const Set* set : {&from, static_cast<const Set*>(&to)}) {
    scope.assume(set->credit(set->before) == set->zero);
    scope.assume(land(set->harmonic(set->before), set->least_debt(set->before)));
  }
  // The priority fell by the turns times the total, minus what was due to the node; H_3 = 11/6.
  const SymInt surplus = from.before[0].priority - to.before[0].priority, six = from.number(6);
  const auto within = [&](std::size_t sixths) {
    const SymInt most = from.number(sixths) * from.total;
    return land(six * surplus <= most, from.zero <= six * surplus + most);
  };
  return {within(11), within(10)};
}

/// A node with the greatest credit that is kept is not passed by any node of less stake, whatever that node is owed. So
/// no number of small nodes keeps a larger one from its turn (POS-4).
Goal small_nodes_do_not_pass(Scope& scope) {
  const Set set(scope, 4, 0);
  const SymInt most = set.number(credit_turns_max) * set.total;
  const auto& large = set.before[2];
  scope.assume(land(large.priority == most, set.one <= large.stake));
  scope.assume(set.within_bounds(set.before));
  for (const std::size_t other : {0, 1, 3}) scope.assume(set.before[other].stake < large.stake);
  const SymInt place = take_turn(set.lineup).place;
  return {place == set.number(2), place == set.number(3)};
}

/// A node that waits without stake keeps its debt, and no credit.
Goal waiting_keeps_debts(Scope& scope) {
  const SymInt stake = scope.integer("s"), priority = scope.integer("p"), zero = integer_like(stake, 0);
  scope.assume(zero <= stake);
  const SymInt kept = kept_priority<SymInt>({stake, priority});
  const auto goal = [&](const SymInt& waiting) { return kept == select(zero < stake, priority, waiting); };
  return {goal(select(priority < zero, priority, zero)), goal(zero)};
}

/// Together with the Active stake, the genesis proposers hold the launch stake, exceeding it by no more than the
/// rounding.
Goal launch_is_held(Scope& scope) {
  const SymInt launch = scope.integer("launch"), active = scope.integer("active"), zero = integer_like(launch, 0);
  scope.assume(land(zero <= active, zero <= launch));
  const SymInt three = integer_like(zero, 3), held = three * launch_share(launch, active, 3);
  const SymBool fills = land(launch <= active + held, implies(launch <= active, held == zero));
  const auto goal = [&](const SymInt& most) {
    return land(fills, implies(active < launch, active + held < launch + most));
  };
  return {goal(three), goal(integer_like(zero, 1))};
}

std::string instance_of(std::size_t n) { return std::to_string(n) + " nodes, any stakes and priorities"; }

Obligation turn_of(std::size_t n) {
  return {"POS-1", "contracts-pos-1-turn-is-paid-" + std::to_string(n),
          "of those who are owed something the highest has the turn, of equals the lowest id, and pays it",
          instance_of(n), [n](Scope& scope) { return turn_is_paid(scope, n); }};
}

Obligation bounds_of(std::size_t n) {
  return {"POS-2", "contracts-pos-2-bounds-" + std::to_string(n),
          "nobody owes more than a turn and nobody is owed more than four, after a turn as before", instance_of(n),
          [n](Scope& scope) { return bounds_hold(scope, n); }};
}

Obligation tick_of(std::size_t n) {
  return {"POS-2", "contracts-pos-2-no-idle-tick-" + std::to_string(n),
          "where the sum is at least 0 somebody is eligible at the first tick, and the sum stays", instance_of(n),
          [n](Scope& scope) { return no_tick_is_idle(scope, n); }};
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

}  // namespace

std::vector<Obligation> contracts_rotation_obligations() {
  return {
      turn_of(2),
      turn_of(3),
      turn_of(4),
      bounds_of(2),
      bounds_of(3),
      bounds_of(4),
      tick_of(2),
      tick_of(3),
      tick_of(4),
      credit_of(2),
      credit_of(3),
      credit_of(4),
      debt_of(2),
      debt_of(3),
      debt_of(4),
      {"POS-2", "contracts-pos-2-window", "in a window a node's turns differ from its share by H_(n-1) at most",
       "4 nodes, any stakes", window_bound},
      {"POS-3", "contracts-pos-3-waiting", "without stake a node keeps what it owes, and nothing that it is owed",
       "any stake and priority", waiting_keeps_debts},
      {"POS-4", "contracts-pos-4-small-nodes-do-not-pass", "who is owed four turns is passed by no node of less stake",
       instance_of(4), small_nodes_do_not_pass},
      {"POS-3", "contracts-pos-3-launch-stake",
       "genesis proposers hold what the Active stake lacks of the launch stake, rounded up", "3 genesis proposers",
       launch_is_held},
  };
}

}  // namespace p2pllm::proofs
