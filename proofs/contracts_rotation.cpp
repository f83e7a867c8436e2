#include "proofs/obligation.hpp"
#include "reference/contracts/parameters.hpp"
#include "reference/contracts/rotation.hpp"

namespace p2pllm::proofs {
namespace {

using namespace contracts;

/// A set of n nodes with any stakes and priorities, raised by a tick: what a turn begins with.
struct Set {
  /// @param least_stake  0 or 1
  Set(Scope& scope, std::size_t n, std::int64_t least_stake)
      : zero(integer_like(scope.integer("s0"), 0)), one(integer_like(zero, 1)) {
    for (std::size_t i = 0; i < n; ++i) {
      before.push_back({scope.integer("s" + std::to_string(i)), scope.integer("p" + std::to_string(i))});
      scope.assume(integer_like(zero, least_stake) <= before.back().stake);
    }
    begin();
  }
  /// Of these stakes: due times are then linear in the priorities.
  Set(Scope& scope, const std::vector<std::int64_t>& stakes)
      : zero(integer_like(scope.integer("p0"), 0)), one(integer_like(zero, 1)) {
    for (std::size_t i = 0; i < stakes.size(); ++i)
      before.push_back({integer_like(zero, stakes[i]), scope.integer("p" + std::to_string(i))});
    begin();
  }
  void begin() {
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
  /// Nobody is owed more than a turn, and nobody owes more.
  [[nodiscard]] SymBool within_a_turn(const Lineup<SymInt>& set) const {
    return of_each(set, [&](const auto& node) { return land(zero - total <= node.priority, node.priority <= total); });
  }

  SymInt zero, one, total = zero;
  Lineup<SymInt> before, lineup;
};

/// A turn in which the second node always takes it: whether it is owed anything is not asked.
Lineup<SymInt> turn_of_the_second(const Set& set) {
  Lineup<SymInt> after;
  for (std::size_t i = 0; i < set.lineup.size(); ++i)
    after.push_back({set.lineup[i].stake, priority_after_turn(set.lineup[i], set.total, set.number(i) == set.one)});
  return after;
}

Goal turn_is_paid(Scope& scope, const Set& set) {
  const std::size_t n = set.lineup.size();
  scope.assume(set.somebody_eligible());
  const Turn<SymInt> turn = take_turn(set.lineup);
  SymBool due = set.zero == set.zero, first = due, stated = due;
  for (std::size_t i = 0; i < n; ++i) {
    const SymBool has_turn = turn.place == set.number(i);
    const auto& owner = set.lineup[i];
    stated = land(stated,
                  turn.after[i].priority == least(set.total, owner.priority - select(has_turn, set.total, set.zero)));
    due = land(due, implies(has_turn, is_eligible(owner)));
    for (std::size_t j = 0; j < n; ++j) {
      const auto& other = set.lineup[j];
      const SymBool is_earlier = is_due_before(owner, other, set.total),
                    not_later = lnot(is_due_before(other, owner, set.total));
      const SymBool asked = land(has_turn, is_eligible(other));
      if (i != j) due = land(due, implies(asked, j < i ? is_earlier : not_later));
      if (i != j) first = land(first, implies(asked, j < i ? not_later : is_earlier));  // the highest id at ties
    }
  }
  const SymBool in_range = land(set.zero <= turn.place, turn.place < set.number(n));
  return {land(land(due, stated), in_range), land(land(first, stated), in_range)};
}

/// Who is not due later than a second, who is not due later than a third, is not due later than the third.
Goal due_times_are_ordered(Scope& scope) {
  const SymInt total = scope.integer("S"), one = integer_like(total, 1);
  const auto node = [&](const std::string& name) {
    scope.assume(one <= scope.integer("s_" + name));
    return Validator<SymInt>{scope.integer("s_" + name), total - scope.integer("left_" + name)};
  };
  const auto a = node("a"), b = node("b"), c = node("c");
  const auto earlier = [&](const auto& first, const auto& second) { return is_due_before(first, second, total); };
  scope.assume(land(lnot(earlier(b, a)), lnot(earlier(c, b))));
  const SymInt left_a = scope.integer("left_a"), left_b = scope.integer("left_b"), left_c = scope.integer("left_c");
  scope.hint(left_a * b.stake * c.stake <= left_b * a.stake * c.stake);
  scope.hint(left_b * c.stake * a.stake <= left_c * b.stake * a.stake);
  scope.hint(b.stake * (left_a * c.stake) <= b.stake * (left_c * a.stake));
  return {lnot(earlier(c, a)), earlier(a, c)};
}

/// For every history: priorities begin within a turn, and a turn keeps them there.
Goal bounds_hold(Scope& scope, std::size_t n) {
  const Set set(scope, n, 0);
  scope.assume(set.within_a_turn(set.before));
  scope.assume(set.somebody_eligible());
  return {set.within_a_turn(take_turn(set.lineup).after), set.within_a_turn(turn_of_the_second(set))};
}

/// Where the sum is not below 0 somebody is eligible at the first tick; the sum stays but for what is cut.
Goal no_tick_is_idle(Scope& scope, std::size_t n) {
  const Set set(scope, n, 1);
  scope.assume(set.zero <= set.credit(set.before));
  const Lineup<SymInt> after = take_turn(set.lineup).after;
  const SymBool uncut = set.of_each(after, [&](const auto& node) { return node.priority < set.total; });
  const SymBool keeps = implies(uncut, set.credit(after) == set.credit(set.before));
  const SymBool somebody_before =
      lnot(set.of_each(set.before, [](const auto& node) { return lnot(is_eligible(node)); }));
  return {land(set.somebody_eligible(), keeps), land(somebody_before, keeps)};
}

/// The turns that fall due within the next `later` ticks, by quotients that are asserted to be such.
SymInt due_within(Scope& scope, const Set& set, const Lineup<SymInt>& lineup, const SymInt& later, const char* name) {
  SymInt sum = set.zero;
  for (std::size_t i = 0; i < lineup.size(); ++i) {
    const SymInt owed = lineup[i].priority + later * lineup[i].stake;
    const SymInt turns = scope.integer(name + std::to_string(i));
    scope.assume(land(turns * set.total <= owed, owed < (turns + set.one) * set.total));
    sum = sum + greatest(set.zero, turns);
  }
  return sum;
}

/// No deadline is missed: if in every time no more turns fall due than there are, it is so after a turn.
Goal deadlines_are_met(Scope& scope, const Set& set) {
  const SymInt later = scope.integer("t");
  scope.assume(set.zero <= later);
  scope.assume(set.somebody_eligible());
  scope.assume(set.of_each(set.lineup, [&](const auto& node) { return node.priority < set.total + node.stake; }));
  scope.assume(due_within(scope, set, set.lineup, later, "q") <= later + set.one);
  const Turn<SymInt> turn = take_turn(set.lineup);
  Lineup<SymInt> after = turn.after;
  const SymInt left = due_within(scope, set, after, later, "r");
  const SymInt faulty = due_within(scope, set, turn_of_the_second(set), later, "f");
  return {left <= later, faulty <= later};
}

/// Together with the Active stake the genesis proposers hold the launch stake, and no more than rounding above it.
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

using Stakes = std::vector<std::int64_t>;

std::string joined(const Stakes& stakes, const char* separator) {
  std::string text;
  for (const std::int64_t stake : stakes) text += (text.empty() ? "" : separator) + std::to_string(stake);
  return text;
}
std::string instance_of(const Stakes& stakes) { return "stakes " + joined(stakes, ", ") + "; any priorities"; }

Obligation turn_of(const Stakes& stakes) {
  return {"POS-1", "contracts-pos-1-turn-is-paid-" + joined(stakes, "-"),
          "one eligible node has the turn: the first due, of equals the lowest id", instance_of(stakes),
          [stakes](Scope& scope) { return turn_is_paid(scope, Set(scope, stakes)); }};
}

Obligation bounds_of(std::size_t n) {
  return {"POS-2", "contracts-pos-2-within-a-turn-" + std::to_string(n),
          "nobody is owed more than a turn and nobody owes more, after a turn as before", instance_of(n),
          [n](Scope& scope) { return bounds_hold(scope, n); }};
}

Obligation tick_of(std::size_t n) {
  return {"POS-2", "contracts-pos-2-no-idle-tick-" + std::to_string(n),
          "where the sum is at least 0 somebody is eligible at the first tick, and the sum stays", instance_of(n),
          [n](Scope& scope) { return no_tick_is_idle(scope, n); }};
}

Obligation deadlines_of(const Stakes& stakes) {
  return {"POS-2", "contracts-pos-2-deadlines-" + joined(stakes, "-"),
          "if no more turns fall due within any time than there are in it, it is so after a turn", instance_of(stakes),
          [stakes](Scope& scope) { return deadlines_are_met(scope, Set(scope, stakes)); }};
}

}  // namespace

std::vector<Obligation> contracts_rotation_obligations() {
  return {
      {"POS-1", "contracts-pos-1-turn-is-paid",
       "one eligible node has the turn: the first due, of equals the lowest id", instance_of(2),
       [](Scope& scope) { return turn_is_paid(scope, Set(scope, 2, 0)); }},
      turn_of({1, 1, 1}),
      turn_of({1, 2, 3}),
      turn_of({0, 7, 1, 2}),
      {"POS-1", "contracts-pos-1-due-times", "due times are ordered, so that comparing with the best so far is enough",
       instance_of(3), due_times_are_ordered},
      bounds_of(2),
      bounds_of(3),
      bounds_of(4),
      tick_of(2),
      tick_of(3),
      tick_of(4),
      deadlines_of({1, 2}),
      deadlines_of({1, 1, 1}),
      deadlines_of({1, 2, 3}),
      deadlines_of({1, 1, 5}),
      {"POS-3", "contracts-pos-3-launch-stake",
       "genesis proposers hold what the Active stake lacks of the launch stake, rounded up", "3 genesis proposers",
       launch_is_held},
  };
}

}  // namespace p2pllm::proofs
