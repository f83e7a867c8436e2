#include <catch2/catch.hpp>

#include "tests/unit/sla_states.hpp"

// Each case takes one line: what is shown of a session, claimed, settled or convicted, and the reason or the next
// state.
using namespace p2pllm;
using namespace p2pllm::sla_states;

namespace {

using Inputs = SlaInputs;

/// Of the two units of the terms, acceptance orders one.
const SlaTerms<I> session = [] {
  SlaTerms<I> changed = terms;
  changed.first_units = 1;
  return changed;
}();

struct Units {
  I by, shown, owed, acknowledged;
};
Sla<I> showing(I until, const Units& units, I demand_by = 0, I demanded = 0) {
  Sla<I> sla = delivered(until, demand_by, demanded);
  sla.shown_by = units.by, sla.shown = units.shown, sla.owed = units.owed, sla.acknowledged = units.acknowledged;
  return sla;
}
Sla<I> in_dispute(I units, I owed, I deadline) {
  Sla<I> sla = disputed(0, 4 * units, provider_turn, deadline);
  sla.shown = units, sla.owed = owed;
  return sla;
}
Inputs named(I units, I had = 0) {
  Inputs in;
  in.units = units, in.had = had;
  return in;
}
Inputs unsigned_for(I units) {
  Inputs in = named(units);
  in.is_signed = false;
  return in;
}
Inputs without_voucher(I units, I had) {
  Inputs in = named(units, had);
  in.is_vouched = false;
  return in;
}
Inputs by_another(I units) {
  Inputs in = named(units);
  in.sender = false;
  return in;
}
Inputs forged(I units) {
  Inputs in = named(units);
  in.fits = false;
  return in;
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

std::vector<I> numbers_of(const auto& record) {
  std::vector<I> numbers;
  std::remove_cvref_t<decltype(record)>::fields(record, [&](std::string_view, I value) { numbers.push_back(value); });
  return numbers;
}
std::vector<I> numbers_of(const SlaFlow<I>& f) {
  return {f.from_client, f.from_provider, f.to_client, f.to_provider, f.offence};
}

void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    INFO(c.what);
    const auto result = sla_step(c.operation, c.before, session, parameters, c.height, c.inputs);
    CHECK(name_of(first_failure(result.guards)) == name_of(c.reason));
    if (c.reason != Reason::none) continue;
    CHECK(numbers_of(result.next) == numbers_of(c.after));
    CHECK(numbers_of(result.flow) == numbers_of(c.flow));
  }
}

constexpr Reason ok = Reason::none;
constexpr I provider = provider_turn, client = client_turn;

}  // namespace

TEST_CASE("a provider delivers units that were ordered, with a voucher for some", "[SLA-5]") {
  check({
      {"the first", active(), Op::deliver, 4, named(1), ok, showing(7, {provider, 1, 1, 0})},
      {"all, of which the client has one", active(), Op::deliver, 4, named(2, 1), ok, showing(7, {provider, 2, 2, 1})},
      {"one, though the client owes two", active(), Op::deliver, 4, named(1, 2), ok, showing(7, {provider, 1, 2, 2})},
      {"too many", active(), Op::deliver, 4, named(3), Reason::no_such_unit},
      {"more had than there are", active(), Op::deliver, 4, named(2, 3), Reason::no_such_unit},
      {"units not ordered", active(), Op::deliver, 4, unsigned_for(2), Reason::wrong_order},
      {"a voucher not given", active(), Op::deliver, 4, without_voucher(2, 1), Reason::wrong_voucher},
      {"a leaf that does not open", active(), Op::deliver, 4, forged(2), Reason::wrong_opening},
  });
  const auto fewer = sla_deliver<I>(active(), terms, 4, true, {1, 0}, {true, true, true});  // acceptance orders two
  CHECK(first_failure(fewer.guards) == Reason::no_such_unit);
  const auto negative = sla_deliver<I>(active(), session, 4, true, {1, -1}, {true, true, true});
  CHECK(first_failure(negative.guards) == Reason::no_such_unit);
}

TEST_CASE("a client closes with a receipt, and the provider answers with more", "[SLA-18]") {
  const auto closed = [](I until) { return showing(until, {client, 1, 1, 1}); };
  check({
      {"closed", active(), Op::close, 4, named(1, 1), ok, closed(7)},
      {"closed at deliverBy", active(), Op::close, 9, named(2, 0), ok, showing(12, {client, 2, 2, 0})},
      {"closed late", active(), Op::close, 10, named(1), Reason::too_late},
      {"closed by another", active(), Op::close, 4, by_another(1), Reason::not_permitted},
      {"too many", active(), Op::close, 4, named(3), Reason::no_such_unit},
      {"more had than shown", active(), Op::close, 4, named(1, 2), Reason::no_such_unit},
      {"a receipt not given", active(), Op::close, 4, unsigned_for(1), Reason::wrong_receipt},
      {"a leaf that does not open", active(), Op::close, 4, forged(1), Reason::wrong_opening},
      {"closed what was delivered", delivered(7), Op::close, 4, named(1), Reason::wrong_status},
      {"answered", closed(7), Op::answer, 6, named(2), ok, showing(9, {provider, 2, 2, 1})},
      {"answered with a voucher", closed(7), Op::answer, 5, named(2, 2), ok, showing(8, {provider, 2, 2, 2})},
      {"no window is shortened", closed(12), Op::answer, 6, named(2), ok, showing(12, {provider, 2, 2, 1})},
      {"answered with as many", closed(7), Op::answer, 6, named(1), Reason::not_more},
      {"with too many", closed(7), Op::answer, 6, named(3), Reason::no_such_unit},
      {"answered when the window is over", closed(7), Op::answer, 7, named(2), Reason::too_late},
      {"by another", closed(7), Op::answer, 6, by_another(2), Reason::not_permitted},
      {"units not ordered", closed(7), Op::answer, 6, unsigned_for(2), Reason::wrong_order},
      {"a voucher not given", closed(7), Op::answer, 6, without_voucher(2, 2), Reason::wrong_voucher},
      {"a leaf that does not open", closed(7), Op::answer, 6, forged(2), Reason::wrong_opening},
      {"answered itself", showing(7, {provider, 1, 1, 0}), Op::answer, 6, named(2), Reason::not_closed},
      {"answered while awaited", showing(7, {client, 1, 1, 0}, 8, 1), Op::answer, 6, named(2), Reason::demand_pending},
      {"answered what nobody closed", active(), Op::answer, 6, named(2), Reason::wrong_status},
      {"acknowledged by who closed", closed(7), Op::acknowledge, 5, {}, Reason::not_delivered},
      {"demanded what it has", closed(7), Op::demand, 5, {}, Reason::no_such_unit},
      {"settled at last", closed(7), Op::finalize, 7, {}, ok, empty(St::settled), {0, 0, 7, 47, 0}},
  });
}

TEST_CASE("a voucher raises what is owed, and the last word settles", "[SLA-18][SLA-8]") {
  const Sla<I> one = showing(7, {provider, 1, 1, 0}), two = showing(7, {provider, 1, 2, 0});
  check({
      {"claimed", one, Op::claim, 6, named(2), ok, two},
      {"claimed in a dispute", in_dispute(1, 1, 7), Op::claim, 6, named(2), ok, in_dispute(1, 2, 7)},
      {"claimed as many", one, Op::claim, 6, named(1), Reason::not_more},
      {"claimed too many", one, Op::claim, 6, named(3), Reason::no_such_unit},
      {"a voucher not given", one, Op::claim, 6, without_voucher(2, 0), Reason::wrong_voucher},
      {"claimed before a delivery", active(), Op::claim, 6, named(2), Reason::wrong_status},
      {"by a stranger", one, Op::claim, 6, by_another(2), ok, two},
      {"the last word", active(), Op::settle, 6, named(1), ok, empty(St::settled), {0, 0, 7, 47, 0}},
      {"for all", one, Op::settle, 6, named(2), ok, empty(St::settled), {0, 0, 0, 54, 0}},
      {"for nothing", one, Op::settle, 6, named(0), ok, empty(St::settled), {0, 0, 14, 40, 0}},
      {"for too many", active(), Op::settle, 6, named(3), Reason::no_such_unit},
      {"not said", active(), Op::settle, 6, unsigned_for(1), Reason::wrong_final},
      {"by the client", active(), Op::settle, 6, by_another(1), Reason::not_permitted},
      {"in a dispute", in_dispute(1, 1, 7), Op::settle, 6, named(1), Reason::wrong_status},
  });
  CHECK(first_failure(sla_settle<I>(active(), session, -1, true, true).guards) == Reason::no_such_unit);
}

TEST_CASE("any receipt is disputed, and what is owed grows with it", "[SLA-9]") {
  const Sla<I> one = showing(7, {provider, 1, 1, 0});
  check({
      {"before a delivery", active(), Op::challenge, 4, named(1), ok, in_dispute(1, 1, 6), {7, 0, 0, 0, 0}},
      {"another than is shown", one, Op::challenge, 4, named(2), ok, in_dispute(2, 2, 6), {7, 0, 0, 0, 0}},
      {"an earlier one",
       showing(7, {client, 2, 2, 2}),
       Op::challenge,
       4,
       named(1),
       ok,
       in_dispute(1, 2, 6),
       {7, 0, 0, 0, 0}},
      {"of too many", one, Op::challenge, 4, named(3), Reason::no_such_unit},
      {"not given", one, Op::challenge, 4, unsigned_for(2), Reason::wrong_receipt},
      {"that does not open", one, Op::challenge, 4, forged(2), Reason::wrong_opening},
  });
  const auto none = sla_challenge<I>(one, session, parameters, 4, true, 0, 7, true, true);
  CHECK(first_failure(none.guards) == Reason::no_such_unit);
  // A price above the least bond asks for as much; a lesser one for the least bond.
  SlaTerms<I> cheap = session;
  cheap.price = 2;
  const auto bond = [&](const SlaTerms<I>& of, I offered) {
    return first_failure(sla_challenge<I>(one, of, parameters, 4, true, 1, offered, true, true).guards);
  };
  CHECK(bond(session, 6) == Reason::bond_too_low);
  CHECK(bond(session, 7) == ok);
  CHECK(bond(cheap, 2) == Reason::bond_too_low);
  CHECK(bond(cheap, 3) == ok);
}

TEST_CASE("two receipts that differ convict", "[SLA-19]") {
  Inputs equal = {}, unsigned_ones = {};
  equal.answer = false, unsigned_ones.is_signed = false;
  const SlaFlow<I> all{0, 0, 54, 0, offence_fraud};
  check({
      {"before a delivery", active(), Op::convict, 4, {}, ok, empty(St::breached), all},
      {"after it", delivered(7), Op::convict, 4, by_another(1), ok, empty(St::breached), all},
      {"in a dispute", disputed(0, 8, 1, 7), Op::convict, 99, {}, ok, empty(St::breached), {0, 0, 61, 0, 2}},
      {"equal ones", delivered(7), Op::convict, 4, equal, Reason::no_offence},
      {"not given", delivered(7), Op::convict, 4, unsigned_ones, Reason::wrong_receipt},
      {"before acceptance", proposed(), Op::convict, 4, {}, Reason::wrong_status},
  });
}
