#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "reference/contracts/registration_rules.hpp"
#include "tests/support/lock_step.hpp"

// One registration from its beginning through everything that can happen to it in a few blocks (REG): every input is
// tried in every state, breadth-first, with machine integers and rationals side by side. A ghost variable remembers one
// equivocation and the stake that still answers for it.
namespace p2pllm::small_worlds {
namespace {

using namespace reference;
using enum NodeStatus;
using Op = RegistrationOperation;

constexpr std::int64_t last_height = 5;
constexpr std::int64_t stake_most = 101, slas_most = 2;

template <Integer N>
Parameters<N> tiny() {
  const auto is = [](std::int64_t value) { return N(value); };
  return {is(100), is(101), is(1), is(1), is(2), is(2), is(1), is(2), is(2),
          is(2),   is(1),   is(1), is(1), is(0), is(1), is(2), is(2)};
}

struct World {
  Registration<std::int64_t> node{};
  std::int64_t height = 0;
  std::int64_t in_set = 0;                 ///< stake in the set of this block's proposers
  std::int64_t offence = -1, answers = 0;  ///< the equivocation's height, -1 before it; stake that still answers

  [[nodiscard]] auto key() const {
    // Each step checks that the version does not fall; the version is then reduced to whether it is 0.
    return std::tuple(node.status, node.stake, std::min<std::int64_t>(node.version, 1), node.updated_at,
                      node.release_at, node.jailed_until, node.open_slas, height, in_set, offence, answers);
  }
  auto operator<=>(const World& other) const { return key() <=> other.key(); }
};

/// An operation with its inputs.
struct Move {
  Op op{};
  std::int64_t amount = 0, infraction = 0;
  bool a = false, b = false, c = false;
};

template <Integer N>
RegistrationStep<N> taken(const Move& m, const Registration<N>& n, const N& h) {
  const auto p = tiny<N>();
  const N amount(m.amount), infraction(m.infraction);
  switch (m.op) {
    case Op::enroll: return registration_register<N>(n, p, h, amount);
    case Op::update: return registration_update<N>(n, p, h, m.a);
    case Op::migrate: return registration_migrate<N>(n, m.a, m.b, m.c);
    case Op::top_up: return registration_top_up<N>(n, amount, m.a);
    case Op::unbond: return registration_unbond<N>(n, p, h, m.a);
    case Op::rebond: return registration_rebond<N>(n, p, h, m.a);
    case Op::withdraw: return registration_withdraw<N>(n, h, m.a);
    case Op::unjail: return registration_unjail<N>(n, p, h, m.a);
    case Op::slash: return registration_slash<N>(n, p, h, m.a, amount, m.b);
    case Op::report: return registration_report<N>(n, p, h, infraction, m.a, m.b, amount, m.c);
    case Op::sla_opened: return registration_sla_opened<N>(n);
    default: return registration_sla_closed<N>(n);
  }
}

std::vector<Move> moves_of(const World& w) {
  std::vector<Move> moves;
  for (const std::int64_t stake : {99, 100}) moves.push_back({Op::enroll, stake});
  for (const bool a : {false, true}) {
    for (const Op op : {Op::update, Op::unbond, Op::rebond, Op::withdraw, Op::unjail}) moves.push_back({op, 0, 0, a});
    moves.push_back({Op::top_up, 1, 0, a});
    for (const bool b : {false, true}) {
      for (const bool c : {false, true}) {
        moves.push_back({Op::migrate, 0, 0, a, b, c});
        for (std::int64_t g = w.height - 2; g <= w.height + 1; ++g)
          for (const std::int64_t before : {0, 100}) moves.push_back({Op::report, before, g, a, b, c});
      }
      for (const std::int64_t before : {0, 1, 100, 101}) moves.push_back({Op::slash, before, 0, a, b});
    }
  }
  moves.push_back({Op::sla_opened});
  moves.push_back({Op::sla_closed});
  return moves;
}

std::array<std::int64_t, 7> numbers(const Registration<std::int64_t>& n) {
  return {n.status, n.stake, n.version, n.updated_at, n.release_at, n.jailed_until, n.open_slas};
}

using Both = testing::LockStep<std::int64_t, Rational>;

/// A step on which machine integers and rationals agree.
struct AgreedStep {
  Reason reason;
  Registration<std::int64_t> next;
  RegistrationFlow<std::int64_t> flow;
};
AgreedStep in_lock_step(const Move& m, const World& w) {
  const auto& n = w.node;
  const Registration<Both> node{n.status, n.stake, n.version, n.updated_at, n.release_at, n.jailed_until, n.open_slas};
  const auto& [guards, next, flow] = taken<Both>(m, node, w.height);
  return {first_failure(guards),
          {next.status.value(), next.stake.value(), next.version.value(), next.updated_at.value(),
           next.release_at.value(), next.jailed_until.value(), next.open_slas.value()},
          {flow.from_owner.value(), flow.to_owner.value(), flow.to_reporter.value(), flow.burned.value()}};
}

bool is(const World& w, NodeStatus status) { return w.node.status == static_cast<std::int64_t>(status); }

/// The invariant of REG-1, written by hand.
std::string fault_of(const World& w) {
  const auto& n = w.node;
  const bool holds_stake = is(w, active) || is(w, jailed) || is(w, unbonding);
  for (const std::int64_t number : numbers(n))
    if (number < 0) return "a negative number";
  if (is(w, active) && n.stake < 100) return "Active below the least stake";
  if (!holds_stake && n.stake != 0) return "stake where nobody can get it";
  if ((is(w, none) || is(w, withdrawn)) && n.open_slas != 0) return "an open SLA of nobody";
  if (is(w, unbonding) != (n.release_at != 0)) return "a release of what is not Unbonding";
  if (n.updated_at > w.height || n.release_at > w.height + 2 || n.jailed_until > w.height + 2)
    return "a time too far ahead";
  return "";
}

/// Evidence that is young enough takes all stake that still answers (invariant 7).
std::string escape_of(const World& w) {
  if (w.offence < 0 || w.answers <= 0 || w.height > w.offence + 1) return "";
  const auto step = taken<std::int64_t>({Op::report, 100, w.offence, true, true, true}, w.node, w.height);
  if (first_failure(step.guards) != Reason::none) return "young evidence is not heard";
  return step.flow.burned + step.flow.to_reporter >= w.answers ? "" : "stake escaped the evidence";
}

/// Once its SLAs have ended, the owner alone can take the stake out within U blocks.
std::string lock_of(World w) {
  if (w.node.stake == 0) return "";
  const std::int64_t due = w.node.stake;
  if (!is(w, unbonding)) {
    const auto unbonds = taken<std::int64_t>({Op::unbond, 0, 0, true}, w.node, w.height);
    if (first_failure(unbonds.guards) != Reason::none) return "the owner cannot unbond";
    w.node = unbonds.next;
  }
  w.node.open_slas = 0;
  const auto leaves = taken<std::int64_t>({Op::withdraw, 0, 0, true}, w.node, w.height + 2);
  return first_failure(leaves.guards) == Reason::none && leaves.flow.to_owner == due ? "" : "the stake is stuck";
}

class Exploration {
 public:
  void run() {
    visit({});
    while (!queue_.empty()) {
      const World w = queue_.front();
      queue_.pop_front();
      for (const auto& fault : {fault_of(w), escape_of(w), lock_of(w)})
        if (!fault.empty()) FAIL(fault << " at height " << w.height << ", status " << w.node.status);
      for (const Move& m : moves_of(w)) take(w, m);
      if (w.height < last_height) {
        World later = w;
        ++later.height;
        later.in_set = is(w, active) ? w.node.stake : 0;
        visit(later);
      }
      if (w.offence < 0 && w.in_set > 0) {  // it signs two proposals for this height, but nothing shows it yet
        World guilty = w;
        guilty.offence = w.height;
        guilty.answers = std::min(w.in_set, w.node.stake);
        visit(guilty);
      }
    }
  }

  std::set<World> seen;
  std::set<std::tuple<Op, std::int64_t, std::int64_t>> transitions;
  std::set<std::pair<Op, Reason>> refusals;

 private:
  void take(const World& w, const Move& m) {
    if (m.op == Op::top_up && w.node.stake >= stake_most) return;
    if (m.op == Op::sla_opened && w.node.open_slas >= slas_most) return;
    const auto step = in_lock_step(m, w);
    if (const Reason reason = step.reason; reason != Reason::none) {
      refusals.emplace(m.op, reason);
      return;
    }
    transitions.emplace(m.op, w.node.status, step.next.status);
    const std::int64_t out = step.flow.to_owner + step.flow.to_reporter + step.flow.burned;
    if (w.node.stake + step.flow.from_owner != step.next.stake + out) FAIL("value was made or lost");
    if (step.next.version < w.node.version) FAIL("the version fell");
    if (is(w, tombstoned) && (step.next.status != w.node.status || out != 0)) FAIL("Tombstoned was left");
    World next = w;
    next.node = step.next;
    next.answers = std::max<std::int64_t>(0, w.answers - step.flow.burned - step.flow.to_reporter);
    if (m.op == Op::slash) {  // happens together with the end of an SLA, in either order
      if (w.node.open_slas == 0) return;
      next.node = taken<std::int64_t>({Op::sla_closed}, step.next, w.height).next;
      const auto closed = taken<std::int64_t>({Op::sla_closed}, w.node, w.height).next;
      if (numbers(taken<std::int64_t>(m, closed, w.height).next) != numbers(next.node)) FAIL("the order matters");
    }
    visit(next);
  }
  void visit(World w) {
    w.node.version = std::min<std::int64_t>(w.node.version, 1);
    if (seen.insert(w).second) queue_.push_back(w);
  }

  std::deque<World> queue_;
};

}  // namespace

TEST_CASE("everything that can happen to a registration in five blocks", "[REG-1][REG-3][REG-4][REG-5][REG-6][REG-7]") {
  for (const auto& constraint : constraints(tiny<std::int64_t>())) REQUIRE(constraint.holds);
  Exploration exploration;
  exploration.run();
  // The states combine statuses, stakes of 100 less slashes, times within five blocks, at most two SLAs and at most one
  // offence; a program written from the table alone, in another language, counts as many.
  CHECK(exploration.seen.size() == 28525);

  // Each row of the table is taken from each of its statuses, and to each of its results.
  for (std::size_t k = 0; k < registration_machine().transitions.size(); ++k) {
    const Transition& row = registration_machine().transitions[k];
    StatusSet from = 0, to = 0;
    for (const auto& [op, before, after] : exploration.transitions)
      if (static_cast<std::size_t>(op) == k) from |= 1U << before, to |= 1U << after;
    INFO(row.operation);
    CHECK(from == row.from);
    CHECK(to == row.to);
  }

  // Every reason of a guard occurs.
  std::set<std::pair<Op, Reason>> expected;
  for (std::size_t k = 0; k < registration_machine().transitions.size(); ++k)
    for (const auto& guard : taken<std::int64_t>({static_cast<Op>(k)}, {}, 0).guards)
      expected.emplace(static_cast<Op>(k), guard.reason);
  CHECK(exploration.refusals == expected);
}

TEST_CASE("canary: stake that may be withdrawn after E blocks still answers", "[.][canary]") {
  World w;
  w.node = {3, 100, 1, 0, 1, 0, 0};  // released a block after the offence, as if U were E
  w.height = w.offence = 0;
  w.answers = 100;
  w.node = taken<std::int64_t>({Op::withdraw, 0, 0, true}, w.node, 1).next;
  w.height = 1;
  const std::string fault = escape_of(w);
  INFO(fault);
  CHECK(fault.empty());
}

}  // namespace p2pllm::small_worlds
