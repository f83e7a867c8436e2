#include <array>
#include <bit>
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

constexpr int operation_count = 22;
constexpr I challenge_bond_min = 2;
constexpr I deliver_within_max = 2;
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
  return {N(t.price),  N(t.units), N(t.steps_per_unit), N(t.accept_by),  N(t.deliver_by),
          N(t.window), N(t.turn),  N(t.bond),           N(t.first_units)};
}

using Numbers = std::array<I, 17>;
Numbers values_of(const Sla<I>& s) { return std::bit_cast<Numbers>(s); }
Sla<Both> in_lock_step(const Sla<I>& s) {
  return std::apply([](auto... value) { return Sla<Both>{Both(value)...}; }, values_of(s));
}
Sla<I> agreed(const Sla<Both>& s) {
  Numbers values;
  std::size_t k = 0;
  Sla<Both>::fields(s, [&](std::string_view, const Both& value) { values[k++] = value.value(); });
  return std::bit_cast<Sla<I>>(values);
}
SlaFlow<I> agreed(const SlaFlow<Both>& f) {
  return {f.from_client.value(), f.from_provider.value(), f.to_client.value(), f.to_provider.value(),
          f.offence.value()};
}

I least_bond(const SlaTerms<I>& terms) { return std::max(challenge_bond_min, terms.price); }

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
    for (int k = 0; k < operation_count; ++k) {
      const auto operation = static_cast<Op>(k);
      for (const SlaInputs& in : inputs_of(operation)) {
        const Reason reason = take(at, operation, in);
        if (reason == Reason::wrong_status) break;  // whatever else is asked
        if (reason != Reason::none) continue;
        possible.insert(operation);
        // What a party signed is not in the hands of strangers here; a claim or a conviction ends no delay.
        if (!in.sender && !is_asked(operation, Op::claim, Op::convict)) possible_to_strangers.insert(operation);
      }
    }
    examine_ends(at, possible, possible_to_strangers);
  }

  /// All that is tried of an operation: facts that its rule is given, and bonds, units or counts at their bounds.
  [[nodiscard]] std::vector<SlaInputs> inputs_of(Op operation) const {
    std::vector<SlaInputs> all{SlaInputs{}};
    const auto vary = [&all](const auto& values, auto member) {
      std::vector<SlaInputs> varied;
      for (const SlaInputs& in : all)
        for (const auto value : values) {
          varied.push_back(in);
          varied.back().*member = value;
        }
      all = varied;
    };
    std::vector<I> units;
    for (I unit = 0; unit <= terms_.units + 1; ++unit) units.push_back(unit);
    const bool shows = is_asked(operation, Op::deliver, Op::answer, Op::close);
    if (is_asked(operation, Op::side, Op::judge, Op::convict)) vary(std::array{false, true}, &SlaInputs::answer);
    if (shows) vary(units, &SlaInputs::had);
    if (shows || is_asked(operation, Op::challenge, Op::claim, Op::settle)) vary(units, &SlaInputs::units);
    if (operation == Op::challenge) {
      const I least = least_bond(terms_);
      vary(std::array{least - 1, least, least + 1}, &SlaInputs::bond);
    }
    if (operation == Op::refine)
      vary(std::array{I{0}, micro_step_counts[0], micro_step_counts[1], micro_steps_max + 1}, &SlaInputs::micro_steps);
    if (operation == Op::demand) vary(units, &SlaInputs::unit);
    // Each of these with one fact false after another.
    const std::size_t true_facts = all.size();
    const auto deny = [&](bool SlaInputs::*fact) {
      for (std::size_t k = 0; k < true_facts; ++k) {
        all.push_back(all[k]);
        all.back().*fact = false;
      }
    };
    deny(&SlaInputs::sender);
    if (row_of(operation).sender == "provider" || is_asked(operation, Op::close, Op::challenge)) deny(&SlaInputs::fits);
    if (shows || is_asked(operation, Op::challenge, Op::settle, Op::convict)) deny(&SlaInputs::is_signed);
    if (is_asked(operation, Op::deliver, Op::answer, Op::claim)) deny(&SlaInputs::is_vouched);
    return all;
  }

  Reason take(const Place& at, Op operation, const SlaInputs& in) {
    ++steps;
    const auto step =
        sla_step(operation, in_lock_step(at.sla), terms_of<Both>(terms_), parameters<Both>(), Both(at.height), in);
    const Reason reason = first_failure(step.guards);
    const Sla<I> next = agreed(step.next);
    const SlaFlow<I> flow = agreed(step.flow);
    ++refusals[{operation, reason}];
    if (reason != Reason::none) return reason;
    require(sla_value(at.sla) + flow.from_client + flow.from_provider ==
                sla_value(next) + flow.to_client + flow.to_provider,
            "value is made or lost", at);
    require(flow.to_client + flow.to_provider == 0 || is_final(next), "a payout does not end the SLA", at);
    require(flow.to_client == 0 || flow.to_provider == 0 || next.status == static_cast<I>(St::settled), "both are paid",
            at);
    if (at.sla.status != 0) require(ends_by(next) <= ends_by(at.sla), "the end is put off", at);
    transitions.insert({static_cast<I>(operation), at.sla.status, next.status});
    visit({next, at.height});
    return reason;
  }

  void examine_ends(const Place& at, const std::set<Op>& possible, const std::set<Op>& to_strangers) const {
    const I from = sla_closable_from(at.sla, terms_), end = ends_by(at.sla);
    if (is_final(at.sla)) return require(possible.empty(), "a final state is left", at);
    if (at.sla.status == 0) return;
    require(0 < from && from <= end, "an SLA that nobody can end", at);
    // From this height on, strangers can end it; they can never do anything else to it.
    require(to_strangers.size() == (at.height >= from ? 1U : 0U), "anyone can end it exactly when it is due", at);
    // These give way, or do only what the party that they could hurt has signed.
    const std::set<Op> at_any_time{Op::cancel, Op::acknowledge, Op::claim, Op::settle, Op::convict};
    for (const Op operation : possible)
      require(at.height < from || to_strangers.contains(operation) || at_any_time.contains(operation),
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
  // From what is shown at a last height on: a publication, and an answer to what the client showed.
  const auto last_publication = [&](I last) { return last + t.window - 1 + t.turn; };
  const I last_answer = t.deliver_by + t.window - 1;
  const auto pending = [&](I last) {  // by what is shown and demand
    I sum = 0;
    for (I shown = first; shown <= last; ++shown)
      for (I demand = shown; demand < shown + t.window; ++demand) sum += seen_from(demand);
    return sum;
  };
  // So many units are shown, of which the client has some; it owes what it was shown or has, or by a claim more.
  I delivered = 0;
  for (I units = t.first_units; units <= t.units; ++units)
    for (I had = 0; had <= t.units; ++had) {
      const I lacks = std::max(units - had, I{0});
      const I direct = events(t.deliver_by) + lacks * (pending(t.deliver_by) + events(last_publication(t.deliver_by)));
      // An answer shows more than the first units. What it does not show was demanded before it, if it was published.
      const I once_published = lacks > 0 ? units : units - 1;
      const I answered =
          events(last_answer) + lacks * pending(last_answer) + once_published * events(last_publication(last_answer));
      delivered += (t.units - std::max(units, had) + 1) * (units == t.first_units ? direct : answered);
      if (had <= units) delivered += (t.units - units + 1) * direct;  // by the client
    }
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
  const auto refined = [&](I last_refinement) {
    I sum = 0;
    for (const I count : micro_step_counts) sum += halved(count, last_refinement, [](I) { return I{0}; });
    return sum;
  };
  // Receipts for any units. What is owed is that much or more: as much as was shown, or by a claim.
  I disputed = 0;
  for (I units = 1; units <= t.units; ++units)
    for (I owed = units; owed <= t.units; ++owed) {
      const I last = owed < t.first_units    ? t.deliver_by
                     : owed == t.first_units ? last_publication(t.deliver_by) + t.window - 1
                                             : last_publication(last_answer) + t.window - 1;
      disputed += halved(sla_steps(t, units), last, refined);
    }
  const I ever = seen_from(first);
  constexpr I bonds = 2;
  return {seen_from(0), ever, ever, delivered, bonds * disputed, ever, ever, ever, seen_from(t.accept_by + 1)};
}

}  // namespace

TEST_CASE("every state of a small SLA keeps its promises", "[SLA-1][SLA-3][SLA-8][SLA-12]") {
  const std::vector<SlaTerms<I>> agreements{{3, 1, 1, 1, 2, 2, 1, 5, 1}, {3, 1, 2, 0, 2, 2, 2, 5, 1},
                                            {3, 1, 3, 2, 3, 3, 1, 0, 1}, {0, 2, 2, 1, 2, 2, 1, 5, 2},
                                            {3, 1, 5, 0, 1, 2, 1, 5, 1}, {1, 2, 1, 0, 1, 2, 1, 5, 1},
                                            {2, 3, 1, 0, 1, 2, 1, 5, 2}};
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
  CHECK(states == 129116);
  std::cout << "SLA: " << states << " states, " << steps << " steps\n";
  // A row leads from each of its statuses, and those that end a dispute lead to two.
  CHECK(transitions.size() == operation_count + 7);
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
  halved_too_often.challenge_bond = 3;
  halved_too_often.shown = halved_too_often.owed = 2;
  halved_too_often.left = halved_too_often.right = 1;
  halved_too_often.turn = provider_turn;
  halved_too_often.deadline = 3;
  const World world({3, 2, 1, 1, 2, 2, 1, 5, 1}, 9, {halved_too_often, 2});
}

}  // namespace p2pllm::small_worlds
