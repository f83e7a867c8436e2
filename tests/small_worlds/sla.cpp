#include <array>
#include <catch2/catch.hpp>
#include <deque>
#include <iostream>
#include <map>
#include <set>

#include "tests/support/lock_step.hpp"
#include "tests/unit/sla_step.hpp"

// Every state of one SLA that parties can reach in a small world, with machine integers and rationals in lock-step.
namespace p2pllm::small_worlds {
namespace {

using namespace reference;
using I = std::int64_t;
using Both = testing::LockStep<I, Rational>;
using Op = SlaOperation;
using St = SlaStatus;

constexpr int operation_count = 17;
constexpr I challenge_bond_min = 2;
constexpr I deliver_within_max = 2;
constexpr std::array<I, 2> offered_bonds{challenge_bond_min, challenge_bond_min + 1};
constexpr I micro_steps_max = 8;
constexpr std::array<I, 2> micro_step_counts{1, 3};  ///< of a step that is refined

template <typename N>
Parameters<N> parameters() {
  const auto is = [](I value) { return N(value); };
  return {is(100),
          is(200),
          is(1),
          is(1),
          is(9),
          is(1),
          is(8),
          is(deliver_within_max),
          is(2),
          is(6),
          is(1),
          is(4),
          is(micro_steps_max),
          is(10),
          is(challenge_bond_min),
          is(1),
          is(5)};
}
template <typename N>
SlaTerms<N> terms_of(const SlaTerms<I>& t) {
  return {N(t.price),      N(t.units),  N(t.steps_per_unit), N(t.accept_by),
          N(t.deliver_by), N(t.window), N(t.turn),           N(t.bond)};
}

using Numbers = std::array<I, 13>;
Numbers values_of(const Sla<I>& s) {
  return {s.status, s.escrow, s.bond, s.challenge_bond, s.challenge_until, s.demand_by,  s.demanded,
          s.left,   s.right,  s.turn, s.deadline,       s.refined,         s.micro_steps};
}
Sla<Both> in_lock_step(const Sla<I>& s) {
  return {s.status, s.escrow, s.bond, s.challenge_bond, s.challenge_until, s.demand_by,  s.demanded,
          s.left,   s.right,  s.turn, s.deadline,       s.refined,         s.micro_steps};
}
Sla<I> agreed(const Sla<Both>& s) {
  return {s.status.value(),          s.escrow.value(),    s.bond.value(),     s.challenge_bond.value(),
          s.challenge_until.value(), s.demand_by.value(), s.demanded.value(), s.left.value(),
          s.right.value(),           s.turn.value(),      s.deadline.value(), s.refined.value(),
          s.micro_steps.value()};
}
SlaFlow<I> agreed(const SlaFlow<Both>& f) {
  return {f.from_client.value(), f.from_provider.value(), f.to_client.value(), f.to_provider.value(),
          f.offence.value()};
}

struct Place {
  Sla<I> sla;
  I height;
};

/// All places of one agreement, visited breadth-first, and the checks made in each.
class World {
 public:
  World(const SlaTerms<I>& terms, I height_max, const Place& first = {sla_empty(I{0}), 0})
      : terms_(terms), height_max_(height_max) {
    visit(first);
    while (!waiting_.empty()) {
      const Place place = waiting_.front();
      waiting_.pop_front();
      examine(place);
      if (place.height < height_max_) visit({place.sla, place.height + 1});
    }
  }
  [[nodiscard]] std::array<I, 9> counts() const {
    std::array<I, 9> all{};
    for (const auto& [numbers, height] : seen_) ++all[static_cast<std::size_t>(numbers[0])];
    return all;
  }

  std::set<std::array<I, 3>> transitions;       ///< operation, from, to
  std::map<std::pair<Op, Reason>, I> refusals;  ///< by operation
  I steps = 0;

 private:
  void visit(const Place& place) {
    if (seen_.insert({values_of(place.sla), place.height}).second) waiting_.push_back(place);
  }
  void require(bool holds, const char* what, const Place& at) const {
    if (holds) return;
    std::string text;
    for (const I value : values_of(at.sla)) text += std::to_string(value) + " ";
    FAIL(what << " in " << text << "at " << at.height);
  }

  void examine(const Place& at) {
    for (const auto& invariant : sla_invariants(at.sla, terms_, parameters<I>(), at.height))
      require(invariant.holds, invariant.name.data(), at);
    std::set<Op> possible, possible_to_strangers;
    for (int k = 0; k < operation_count; ++k)
      for (unsigned bits = 0; bits < 8; ++bits)
        for (const I number : numbers_of(static_cast<Op>(k))) {
          const auto operation = static_cast<Op>(k);
          if (((bits & 4U) != 0 && !is_asked(operation, Op::side, Op::judge)) ||
              ((bits & 2U) != 0 && row_of(operation).sender != "provider"))
            continue;  // facts that the rule is not given
          const SlaInputs in{(bits & 1U) != 0, (bits & 2U) != 0, (bits & 4U) != 0, number, number, number};
          if (!take(at, operation, in)) continue;
          possible.insert(operation);
          if (!in.sender) possible_to_strangers.insert(operation);
        }
    examine_ends(at, possible, possible_to_strangers);
  }

  /// The bonds, units or counts of micro-steps that are tried.
  [[nodiscard]] std::vector<I> numbers_of(Op operation) const {
    if (operation == Op::challenge) return {challenge_bond_min - 1, offered_bonds[0], offered_bonds[1]};
    if (operation == Op::refine) return {0, micro_step_counts[0], micro_step_counts[1], micro_steps_max + 1};
    if (operation != Op::demand) return {0};
    std::vector<I> units;
    for (I unit = 0; unit <= terms_.units + 1; ++unit) units.push_back(unit);
    return units;
  }

  /// True if the operation takes effect.
  bool take(const Place& at, Op operation, const SlaInputs& in) {
    ++steps;
    const auto step =
        sla_step(operation, in_lock_step(at.sla), terms_of<Both>(terms_), parameters<Both>(), Both(at.height), in);
    const Reason reason = first_failure(step.guards);
    const Sla<I> next = agreed(step.next);
    const SlaFlow<I> flow = agreed(step.flow);
    ++refusals[{operation, reason}];
    if (reason != Reason::none) return false;
    require(sla_value(at.sla) + flow.from_client + flow.from_provider ==
                sla_value(next) + flow.to_client + flow.to_provider,
            "value is made or lost", at);
    require(flow.to_client + flow.to_provider == 0 || is_final(next), "a payout does not end the SLA", at);
    require(flow.to_client == 0 || flow.to_provider == 0, "both are paid", at);
    if (at.sla.status != 0) require(ends_by(next) <= ends_by(at.sla), "the end is put off", at);
    transitions.insert({static_cast<I>(operation), at.sla.status, next.status});
    visit({next, at.height});
    return true;
  }

  void examine_ends(const Place& at, const std::set<Op>& possible, const std::set<Op>& to_strangers) const {
    const I from = sla_closable_from(at.sla, terms_), end = ends_by(at.sla);
    if (is_final(at.sla)) return require(possible.empty(), "a final state is left", at);
    if (at.sla.status == 0) return;
    require(0 < from && from <= end, "an SLA that nobody can end", at);
    // From this height on, strangers can end it; they can never do anything else to it.
    require(to_strangers.size() == (at.height >= from ? 1U : 0U), "anyone can end it exactly when it is due", at);
    const std::set<Op> of_the_client{Op::cancel, Op::acknowledge};
    for (const Op operation : possible)
      require(at.height < from || to_strangers.contains(operation) || of_the_client.contains(operation),
              "an SLA that is due still moves", at);
    require(!(possible.contains(Op::challenge) && possible.contains(Op::finalize)), "two ends at once", at);
  }

  static bool is_asked(Op operation, auto... among) { return ((operation == among) || ...); }
  [[nodiscard]] I ends_by(const Sla<I>& sla) const { return sla_ends_by(sla, terms_, parameters<I>()); }
  static bool is_final(const Sla<I>& sla) { return status_in(sla.status, sla_machine().final_statuses); }

  SlaTerms<I> terms_;
  I height_max_;
  std::set<std::pair<Numbers, I>> seen_;
  std::deque<Place> waiting_;
};

/// The intervals that halving can leave, each with the number of halvings.
void intervals(I left, I right, std::size_t depth, std::vector<std::pair<I, std::size_t>>& all) {
  all.emplace_back(right - left, depth);
  if (right - left == 1) return;
  intervals(left, (left + right) / 2, depth + 1, all);
  intervals((left + right) / 2, right, depth + 1, all);
}

/// The number of states of each status, counted on paper. A state is identified by the height of the event that set its
/// deadline, which can lie anywhere from the first proposal to a last height, and by the height at which the state is
/// seen.
std::array<I, 9> counted(const SlaTerms<I>& t, I height_max) {
  const I first = std::max(I{0}, t.deliver_by - deliver_within_max);
  const auto seen_from = [&](I event) { return height_max - event + 1; };
  const auto events = [&](I last) {
    I sum = 0;
    for (I event = first; event <= last; ++event) sum += seen_from(event);
    return sum;
  };
  const I last_publication = t.deliver_by + t.window - 1 + t.turn;
  const I last_challenge = last_publication + t.window - 1;
  I demanded = events(last_publication);                          // published
  for (I delivery = first; delivery <= t.deliver_by; ++delivery)  // pending: by delivery and demand
    for (I demand = delivery; demand < delivery + t.window; ++demand) demanded += seen_from(demand);
  const I delivered = events(t.deliver_by) + t.units * demanded;
  // The intervals of so many steps, of which the first is there from a last height on; and what follows a single step.
  const auto halved = [&](I steps, I last, const auto& single) {
    std::vector<std::pair<I, std::size_t>> all;
    intervals(0, steps, 0, all);
    I sum = 0;
    for (const auto& [width, depth] : all) {
      const I then = last + 2 * static_cast<I>(depth) * t.turn;
      sum += events(then) + (width > 1 ? events(then + t.turn) : single(then + t.turn));
    }
    return sum;
  };
  const I disputed = halved(sla_steps(t), last_challenge, [&](I last_refinement) {
    I sum = 0;
    for (const I count : micro_step_counts) sum += halved(count, last_refinement, [](I) { return I{0}; });
    return sum;
  });
  const I ever = seen_from(first);
  const auto bonds = static_cast<I>(offered_bonds.size());
  return {seen_from(0), ever, ever, delivered, bonds * disputed, ever, ever, ever, seen_from(t.accept_by + 1)};
}

}  // namespace

TEST_CASE("every state of a small SLA keeps its promises", "[SLA-1][SLA-3][SLA-8][SLA-12]") {
  const std::vector<SlaTerms<I>> agreements{{3, 1, 1, 1, 2, 2, 1, 5},
                                            {3, 1, 2, 0, 2, 2, 2, 5},
                                            {3, 1, 3, 2, 3, 3, 1, 0},
                                            {0, 2, 2, 1, 2, 2, 1, 5},
                                            {3, 1, 5, 0, 1, 2, 1, 5}};
  std::set<std::array<I, 3>> transitions;
  std::map<std::pair<Op, Reason>, I> refusals;
  I states = 0, steps = 0;
  for (const auto& terms : agreements) {
    REQUIRE(first_failure(sla_terms_form(terms, parameters<I>())) == Reason::none);
    Sla<I> proposed = sla_empty(I{0}, St::proposed);
    const I height_max = sla_ends_by(proposed, terms, parameters<I>()) + 1;
    World world(terms, height_max);
    const auto counts = world.counts();
    CHECK(counts == counted(terms, height_max));
    for (const I count : counts) states += count;
    steps += world.steps;
    transitions.insert(world.transitions.begin(), world.transitions.end());
    for (const auto& [key, count] : world.refusals) refusals[key] += count;
  }
  CHECK(states == 63795);
  std::cout << "SLA: " << states << " states, " << steps << " steps\n";
  // Each row leads from one status, and only those that end a dispute lead to two.
  CHECK(transitions.size() == operation_count + 2);
  for (const auto& [operation, from, to] : transitions) {
    const auto& row = row_of(static_cast<Op>(operation));
    CHECK(status_in(from, row.from));
    CHECK(status_in(to, row.to));
  }
  // Each guard of each operation is the reason of a refusal somewhere.
  for (int k = 0; k < operation_count; ++k) {
    const auto step = sla_step(static_cast<Op>(k), sla_empty(I{0}), agreements[0], parameters<I>(), I{0});
    for (const auto& guard : step.guards) {
      INFO(row_of(static_cast<Op>(k)).operation << " " << name_of(guard.reason));
      CHECK(refusals[{static_cast<Op>(k), guard.reason}] > 0);
    }
  }
}

TEST_CASE("canary: a dispute may be over one step twice", "[.][canary]") {
  Sla<I> halved_too_often = sla_empty(I{0}, St::disputed);
  halved_too_often.escrow = 6;
  halved_too_often.bond = 5;
  halved_too_often.challenge_bond = challenge_bond_min;
  halved_too_often.left = halved_too_often.right = 1;
  halved_too_often.turn = provider_turn;
  halved_too_often.deadline = 3;
  const World world({3, 2, 1, 1, 2, 2, 1, 5}, 9, {halved_too_often, 2});
}

}  // namespace p2pllm::small_worlds
