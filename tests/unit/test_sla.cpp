#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "tests/unit/sla_states.hpp"

// Each case takes one line: a state, an operation at a height, and the reason or the next state.
using namespace p2pllm;
using namespace p2pllm::sla_states;

namespace {

using Inputs = SlaInputs;

std::string in_words(const Sla<I>& s) {
  std::string text(sla_machine().statuses[static_cast<std::size_t>(s.status)]);
  for (const I value : {s.escrow, s.bond, s.challenge_bond, s.challenge_until, s.demand_by, s.demanded, s.left, s.right,
                        s.turn, s.deadline, s.refined, s.micro_steps, s.shown_by, s.shown, s.owed, s.acknowledged})
    text += " " + std::to_string(value);
  return text;
}
std::string in_words(const SlaFlow<I>& f) {
  std::string text;
  for (const I value : {f.from_client, f.from_provider, f.to_client, f.to_provider, f.offence})
    text += (text.empty() ? "" : " ") + std::to_string(value);
  return text;
}

struct Case {
  const char* what;
  Sla<I> before;
  Op operation;
  I height;
  Inputs inputs;
  Reason reason;
  Sla<I> after = {};  // if it takes effect
  SlaFlow<I> flow = {};
};

void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    INFO(c.what);
    const auto result = step(c.before, c.operation, c.height, c.inputs);
    CHECK(name_of(first_failure(result.guards)) == name_of(c.reason));
    if (c.reason != Reason::none) continue;
    CHECK(in_words(result.next) == in_words(c.after));
    CHECK(in_words(result.flow) == in_words(c.flow));
  }
}

constexpr Reason ok = Reason::none;
const Inputs stranger{.sender = false}, forged{.fits = false}, no{.answer = false};

}  // namespace

TEST_CASE("a proposal is made, accepted, cancelled, or expires", "[SLA-4]") {
  check({
      {"made", empty(St::none), Op::propose, 1, {}, ok, proposed(), {14, 0, 0, 0, 0}},
      {"at acceptBy", empty(St::none), Op::propose, 5, {}, ok, proposed(), {14, 0, 0, 0, 0}},
      {"after acceptBy", empty(St::none), Op::propose, 6, {}, Reason::too_late},
      {"twice", proposed(), Op::propose, 1, {}, Reason::wrong_status},
      {"again after the end", empty(St::settled), Op::propose, 1, {}, Reason::wrong_status},
      {"accepted", proposed(), Op::accept, 2, {}, ok, active(), {0, 40, 0, 0, 0}},
      {"accepted at acceptBy", proposed(), Op::accept, 5, {}, ok, active(), {0, 40, 0, 0, 0}},
      {"accepted after acceptBy", proposed(), Op::accept, 6, {}, Reason::too_late},
      {"accepted by another", proposed(), Op::accept, 2, stranger, Reason::not_permitted},
      {"accepted without serving", proposed(), Op::accept, 2, forged, Reason::range_not_served},
      {"accepted twice", active(), Op::accept, 2, {}, Reason::wrong_status},
      {"cancelled", proposed(), Op::cancel, 2, {}, ok, empty(St::cancelled), {0, 0, 14, 0, 0}},
      {"cancelled late", proposed(), Op::cancel, 99, {}, ok, empty(St::cancelled), {0, 0, 14, 0, 0}},
      {"cancelled by another", proposed(), Op::cancel, 2, stranger, Reason::not_permitted},
      {"cancelled once accepted", active(), Op::cancel, 2, {}, Reason::wrong_status},
      {"expired before acceptBy", proposed(), Op::expire, 4, {}, Reason::too_early},
      {"expired at acceptBy", proposed(), Op::expire, 5, {}, Reason::too_early},
      {"expired after acceptBy", proposed(), Op::expire, 6, {}, ok, empty(St::expired), {0, 0, 14, 0, 0}},
      {"expired once accepted", active(), Op::expire, 6, {}, Reason::wrong_status},
  });
  auto far = terms;
  far.deliver_by = 22;
  CHECK(first_failure(sla_propose(empty(St::none), far, parameters, I{1}).guards) == Reason::too_early);
  CHECK(first_failure(sla_propose(empty(St::none), far, parameters, I{2}).guards) == Reason::none);
}

TEST_CASE("a delivery comes in time, or the SLA is breached", "[SLA-5][SLA-7]") {
  check({
      {"delivered", active(), Op::deliver, 4, {}, ok, delivered(7), {}},
      {"delivered at deliverBy", active(), Op::deliver, 9, {}, ok, delivered(12), {}},
      {"delivered after deliverBy", active(), Op::deliver, 10, {}, Reason::too_late},
      {"delivered by another", active(), Op::deliver, 4, stranger, Reason::not_permitted},
      {"delivered with another output", active(), Op::deliver, 4, forged, Reason::wrong_opening},
      {"delivered before acceptance", proposed(), Op::deliver, 4, {}, Reason::wrong_status},
      {"delivered twice", delivered(7), Op::deliver, 5, {}, Reason::wrong_status},
      {"timed out before deliverBy", active(), Op::timeout, 8, {}, Reason::too_early},
      {"timed out at deliverBy", active(), Op::timeout, 9, {}, Reason::too_early},
      {"timed out after deliverBy", active(), Op::timeout, 10, {}, ok, empty(St::breached), {0, 0, 54, 0, 1}},
      {"timed out though delivered", delivered(12), Op::timeout, 10, {}, Reason::wrong_status},
  });
}

TEST_CASE("an output is published when demanded, or the SLA is breached", "[SLA-6][SLA-8]") {
  check({
      {"demanded", delivered(7), Op::demand, 5, {}, ok, delivered(7, 7, 1), {}},
      {"the last unit demanded", delivered(7), Op::demand, 5, {.unit = 2}, ok, delivered(7, 7, 2), {}},
      {"no unit demanded", delivered(7), Op::demand, 5, {.unit = 0}, Reason::no_such_unit},
      {"a unit demanded after the last", delivered(7), Op::demand, 5, {.unit = 3}, Reason::no_such_unit},
      {"demanded in the last block", delivered(7), Op::demand, 6, {}, ok, delivered(7, 8, 1), {}},
      {"demanded when the window is over", delivered(7), Op::demand, 7, {}, Reason::too_late},
      {"demanded by another", delivered(7), Op::demand, 5, stranger, Reason::not_permitted},
      {"demanded twice", delivered(7, 7, 1), Op::demand, 5, {}, Reason::already_demanded},
      {"demanded again after publication", delivered(9, 0, 1), Op::demand, 6, {}, Reason::already_demanded},
      {"demanded before delivery", active(), Op::demand, 5, {}, Reason::wrong_status},
      {"demanded in a dispute", disputed(0, 8, 1, 9), Op::demand, 5, {}, Reason::wrong_status},
      {"published", delivered(7, 8, 1), Op::publish, 6, {}, ok, delivered(9, 0, 1), {}},
      {"published: no window is shortened", delivered(12, 8, 1), Op::publish, 6, {}, ok, delivered(12, 0, 1), {}},
      {"published in the last block", delivered(7, 8, 1), Op::publish, 8, {}, ok, delivered(11, 0, 1), {}},
      {"published late", delivered(7, 8, 1), Op::publish, 9, {}, Reason::too_late},
      {"published by another", delivered(7, 8, 1), Op::publish, 6, stranger, Reason::not_permitted},
      {"published: other bytes", delivered(7, 8, 1), Op::publish, 6, forged, Reason::wrong_opening},
      {"published undemanded", delivered(7), Op::publish, 5, {}, Reason::no_demand},
      {"published twice", delivered(9, 0, 1), Op::publish, 6, {}, Reason::no_demand},
      {"published before delivery", active(), Op::publish, 6, {}, Reason::wrong_status},
      {"missed in the last block", delivered(7, 8, 1), Op::miss, 8, {}, Reason::too_early},
      {"missed", delivered(7, 8, 1), Op::miss, 9, {}, ok, empty(St::breached), {0, 0, 54, 0, 1}},
      {"missed undemanded", delivered(7), Op::miss, 9, {}, Reason::no_demand},
      {"missed once published", delivered(9, 0, 1), Op::miss, 9, {}, Reason::no_demand},
      {"missed before delivery", active(), Op::miss, 9, {}, Reason::wrong_status},
  });
}

TEST_CASE("a delivery is acknowledged, settled or disputed", "[SLA-7][SLA-9]") {
  check({
      {"acknowledged", delivered(7), Op::acknowledge, 5, {}, ok, empty(St::settled), {0, 0, 0, 54, 0}},
      {"acknowledged by another", delivered(7), Op::acknowledge, 5, stranger, Reason::not_permitted},
      {"acknowledged before delivery", active(), Op::acknowledge, 5, {}, Reason::wrong_status},
      {"acknowledged while awaited",
       delivered(7, 7, 1),
       Op::acknowledge,
       6,
       {},
       ok,
       empty(St::settled),
       {0, 0, 0, 54, 0}},
      {"settled in the last block of the window", delivered(7), Op::finalize, 6, {}, Reason::too_early},
      {"settled after the window", delivered(7), Op::finalize, 7, {}, ok, empty(St::settled), {0, 0, 0, 54, 0}},
      {"settled while a demand is pending", delivered(7, 8, 1), Op::finalize, 8, {}, Reason::demand_pending},
      {"settled after publication", delivered(9, 0, 1), Op::finalize, 9, {}, ok, empty(St::settled), {0, 0, 0, 54, 0}},
      {"settled in a dispute", disputed(0, 8, 1, 9), Op::finalize, 99, {}, Reason::wrong_status},
      {"challenged", delivered(7), Op::challenge, 5, {}, ok, disputed(0, 8, 1, 7), {7, 0, 0, 0, 0}},
      {"challenged in the last block", delivered(7), Op::challenge, 6, {}, ok, disputed(0, 8, 1, 8), {7, 0, 0, 0, 0}},
      {"challenged after publication",
       delivered(9, 0, 1),
       Op::challenge,
       8,
       {},
       ok,
       disputed(0, 8, 1, 10),
       {7, 0, 0, 0, 0}},
      {"challenged when the window is over", delivered(7), Op::challenge, 7, {}, Reason::too_late},
      {"challenged for too little", delivered(7), Op::challenge, 5, {.bond = 6}, Reason::bond_too_low},
      {"challenged by another", delivered(7), Op::challenge, 5, stranger, Reason::not_permitted},
      {"challenged while awaited", delivered(7, 7, 1), Op::challenge, 5, {}, Reason::demand_pending},
      {"challenged before delivery", active(), Op::challenge, 9, {}, ok, disputed(0, 8, 1, 11), {7, 0, 0, 0, 0}},
      {"challenged after deliverBy", active(), Op::challenge, 10, {}, Reason::too_late},
      {"challenged before acceptance", proposed(), Op::challenge, 5, {}, Reason::wrong_status},
      {"challenged twice", disputed(0, 8, 1, 7), Op::challenge, 5, {}, Reason::wrong_status},
  });
}

TEST_CASE("a dispute halves the computation", "[SLA-10]") {
  check({
      {"posted", disputed(0, 8, 1, 7), Op::post_mid, 6, {}, ok, disputed(0, 8, 2, 8), {}},
      {"posted in the last block", disputed(0, 8, 1, 7), Op::post_mid, 7, {}, ok, disputed(0, 8, 2, 9), {}},
      {"posted late", disputed(0, 8, 1, 7), Op::post_mid, 8, {}, Reason::too_late},
      {"posted by another", disputed(0, 8, 1, 7), Op::post_mid, 6, stranger, Reason::not_permitted},
      {"posted out of turn", disputed(0, 8, 2, 7), Op::post_mid, 6, {}, Reason::not_on_turn},
      {"posted: nothing between", disputed(3, 4, 1, 7), Op::post_mid, 6, {}, Reason::not_adjacent},
      {"posted: two steps are halved", disputed(3, 5, 1, 7), Op::post_mid, 6, {}, ok, disputed(3, 5, 2, 8), {}},
      {"posted: another leaf", disputed(0, 8, 1, 7), Op::post_mid, 6, forged, Reason::wrong_opening},
      {"posted undisputed", delivered(7), Op::post_mid, 6, {}, Reason::wrong_status},
      {"agreed", disputed(0, 8, 2, 7), Op::side, 6, {}, ok, disputed(4, 8, 1, 8), {}},
      {"disagreed", disputed(0, 8, 2, 7), Op::side, 6, no, ok, disputed(0, 4, 1, 8), {}},
      {"agreed in the last block: odd", disputed(2, 5, 2, 7), Op::side, 7, {}, ok, disputed(3, 5, 1, 9), {}},
      {"disagreed: odd", disputed(2, 5, 2, 7), Op::side, 7, no, ok, disputed(2, 3, 1, 9), {}},
      {"sided late", disputed(0, 8, 2, 7), Op::side, 8, {}, Reason::too_late},
      {"sided by another", disputed(0, 8, 2, 7), Op::side, 6, stranger, Reason::not_permitted},
      {"sided out of turn", disputed(0, 8, 1, 7), Op::side, 6, {}, Reason::not_on_turn},
      {"sided undisputed", delivered(7), Op::side, 6, {}, Reason::wrong_status},
  });
}

TEST_CASE("the last step of a dispute is refined, and its micro-steps are halved", "[SLA-15][SLA-10]") {
  const auto refined = [](I micro_steps, I deadline) { return disputed(0, micro_steps, 1, deadline, 4, micro_steps); };
  const Inputs five{.micro_steps = 5}, most{.micro_steps = 16}, too_many{.micro_steps = 17}, none{.micro_steps = 0};
  check({
      {"refined", disputed(3, 4, 1, 7), Op::refine, 6, five, ok, refined(5, 8), {}},
      {"into one micro-step", disputed(3, 4, 1, 7), Op::refine, 6, {}, ok, refined(1, 8), {}},
      {"into N_MAX", disputed(3, 4, 1, 7), Op::refine, 6, most, ok, refined(16, 8), {}},
      {"into more than N_MAX", disputed(3, 4, 1, 7), Op::refine, 6, too_many, Reason::wrong_opening},
      {"into none", disputed(3, 4, 1, 7), Op::refine, 6, none, Reason::wrong_opening},
      {"in the last block", disputed(3, 4, 1, 7), Op::refine, 7, five, ok, refined(5, 9), {}},
      {"late", disputed(3, 4, 1, 7), Op::refine, 8, five, Reason::too_late},
      {"by another", disputed(3, 4, 1, 7), Op::refine, 6, stranger, Reason::not_permitted},
      {"out of turn", disputed(3, 5, 2, 7), Op::refine, 6, five, Reason::not_on_turn},
      {"several steps", disputed(3, 5, 1, 7), Op::refine, 6, five, Reason::not_adjacent},
      {"twice", micro_steps(2, 3, 1), Op::refine, 6, five, Reason::already_refined},
      {"what does not fit", disputed(3, 4, 1, 7), Op::refine, 6, forged, Reason::wrong_opening},
      {"undisputed", delivered(7), Op::refine, 6, five, Reason::wrong_status},
      {"posted", micro_steps(0, 5, 1), Op::post_mid, 6, {}, ok, disputed(0, 5, 2, 8, 4, 5), {}},
      {"agreed", micro_steps(0, 5, 2), Op::side, 6, {}, ok, disputed(2, 5, 1, 8, 4, 5), {}},
      {"disagreed", micro_steps(0, 5, 2), Op::side, 6, no, ok, disputed(0, 2, 1, 8, 4, 5), {}},
  });
}

TEST_CASE("a dispute is judged or forfeited", "[SLA-11][SLA-8]") {
  check({
      {"right", micro_steps(2, 3, 1), Op::judge, 6, {}, ok, empty(St::settled), {0, 0, 0, 61, 0}},
      {"wrong", micro_steps(2, 3, 1), Op::judge, 6, no, ok, empty(St::breached), {0, 0, 61, 0, 2}},
      {"in the last block", micro_steps(2, 3, 1), Op::judge, 7, {}, ok, empty(St::settled), {0, 0, 0, 61, 0}},
      {"late", micro_steps(2, 3, 1), Op::judge, 8, {}, Reason::too_late},
      {"by another", micro_steps(2, 3, 1), Op::judge, 6, stranger, Reason::not_permitted},
      {"out of turn", micro_steps(3, 5, 2), Op::judge, 6, {}, Reason::not_on_turn},
      {"a whole step", disputed(3, 4, 1, 7), Op::judge, 6, {}, Reason::not_refined},
      {"several micro-steps", micro_steps(3, 5, 1), Op::judge, 6, {}, Reason::not_adjacent},
      {"another state", micro_steps(2, 3, 1), Op::judge, 6, forged, Reason::wrong_witness},
      {"undisputed", delivered(7), Op::judge, 6, {}, Reason::wrong_status},
      {"forfeited in the last block", disputed(0, 8, 1, 7), Op::forfeit, 7, {}, Reason::too_early},
      {"the provider was on turn", disputed(0, 8, 1, 7), Op::forfeit, 8, {}, ok, empty(St::breached), {0, 0, 61, 0, 2}},
      {"the client was on turn", disputed(0, 8, 2, 7), Op::forfeit, 8, {}, ok, empty(St::settled), {0, 0, 0, 61, 0}},
      {"forfeited undisputed", delivered(7), Op::forfeit, 99, {}, Reason::wrong_status},
  });
}

TEST_CASE("terms are within the parameters", "[SLA-2]") {
  const auto form = [](auto&& change) {
    auto changed = terms;
    change(changed);
    return first_failure(sla_terms_form(changed, parameters)) == Reason::none;
  };
  CHECK(form([](auto&) {}));
  struct Limit {
    I SlaTerms<I>::*field;
    I low, high;
  };
  // With 4 steps per unit, 4 units make the maximum of 16 steps; with 2 units, 8 steps per unit do.
  const std::vector<Limit> limits{{&SlaTerms<I>::price, 0, 1000},       {&SlaTerms<I>::units, 2, 4},
                                  {&SlaTerms<I>::steps_per_unit, 1, 8}, {&SlaTerms<I>::accept_by, 0, 7},
                                  {&SlaTerms<I>::window, 2, 6},         {&SlaTerms<I>::turn, 1, 4},
                                  {&SlaTerms<I>::bond, 0, amount_max},  {&SlaTerms<I>::first_units, 1, 2}};
  for (const auto& [field, low, high] : limits) {
    CHECK(form([&](auto& t) { t.*field = low; }));
    CHECK(form([&](auto& t) { t.*field = high; }));
    CHECK_FALSE(form([&](auto& t) { t.*field = low - 1; }));
    CHECK_FALSE(form([&](auto& t) { t.*field = high + 1; }));
  }
  CHECK(form([](auto& t) { t.accept_by = t.deliver_by - t.turn; }));  // a turn is left for the delivery
  CHECK_FALSE(form([](auto& t) { t.accept_by = t.deliver_by - t.turn + 1; }));
  // A product that would overflow the machine's integers does not pass for a small number of steps.
  CHECK_FALSE(form([](auto& t) { t.units = t.steps_per_unit = I{1} << 32; }));
  CHECK_FALSE(form([](auto& t) { t.units = amount_max; }));
  const auto of = [&](I units, I steps_per_unit) {
    return form([&](auto& t) { t.units = units, t.steps_per_unit = steps_per_unit, t.first_units = 1; });
  };
  CHECK(of(16, 1));
  CHECK(of(1, 16));
  CHECK_FALSE(of(17, 1));
  CHECK_FALSE(of(1, 17));
  CHECK_FALSE(of(-2, -4));
  CHECK(sla_steps(terms) == 8);
  CHECK(sla_payment(terms) == 14);
}

TEST_CASE("the table is what the rules ask", "[SLA-1]") {
  std::map<std::string, int> uses;
  for (int k = 0; k < 22; ++k) {
    const auto& row = row_of(static_cast<Op>(k));
    ++uses[std::string(row.operation)];
    CHECK((row.from & sla_machine().final_statuses) == 0);
    for (int status = 0; status <= number(St::expired); ++status) {
      const auto result = step(empty(static_cast<St>(status)), static_cast<Op>(k), 3);
      CHECK((result.guards.front().reason == Reason::wrong_status));
      CHECK(result.guards.front().holds == ((row.from >> static_cast<unsigned>(status) & 1U) != 0));
    }
  }
  const std::vector<std::string> names{"propose",  "accept", "cancel",      "expire",   "deliver", "demand",
                                       "publish",  "miss",   "acknowledge", "finalize", "timeout", "challenge",
                                       "post_mid", "side",   "judge",       "forfeit",  "refine",  "close",
                                       "answer",   "claim",  "settle",      "convict"};
  for (std::size_t k = 0; k < names.size(); ++k) CHECK(sla_machine().transitions[k].operation == names[k]);
  CHECK(uses.size() == 22);
  CHECK(sla_machine().statuses.size() == 9);
  CHECK(sla_machine().final_statuses == status_set(St::settled, St::breached, St::cancelled, St::expired));
  CHECK(status_set(St::none, St::proposed, St::active, St::delivered, St::disputed) + sla_machine().final_statuses ==
        511);
}

TEST_CASE("an SLA binds its provider from acceptance to the end", "[SLA-8]") {
  CHECK_FALSE(sla_is_open(empty(St::none)));
  CHECK_FALSE(sla_is_open(proposed()));
  CHECK(sla_is_open(active()));
  CHECK(sla_is_open(delivered(7)));
  CHECK(sla_is_open(disputed(0, 8, 1, 7)));
  for (const St status : {St::settled, St::breached, St::cancelled, St::expired})
    CHECK_FALSE(sla_is_open(empty(status)));
}
