#include <catch2/catch.hpp>

#include "tests/unit/session_world.hpp"

// Sessions on both ledgers: what a signature is good for, who is paid, and who is slashed.
namespace p2pllm::reference {
namespace {

constexpr Amount all = 10'000;

TEST_CASE("a session costs three operations, or four if its client is silent", "[SLA-18][SLA-8]") {
  {
    SessionWorld world;
    CHECK(world.sent(provider, world.last_word(5)) == Reason::none);
    CHECK(world.status() == SlaStatus::settled);
    world.end_block();
  }
  SessionWorld world;
  CHECK(world.sent(provider, world.deliver(5, 4)) == Reason::none);
  world.end_block();
  CHECK(world.job().sla.owed == 5);
  CHECK(world.job().sla.acknowledged == 4);
  world.go_on_to(world.job().sla.challenge_until);
  const Amount before = world.balance(provider);
  CHECK(world.sent(provider, Finalize{world.sla}) == Reason::none);
  CHECK(world.balance(provider) >= before - 1 + 5 * price + bond);
  world.end_block();
  CHECK(world.ledger.faults().empty());
}

TEST_CASE("attack: a signature of another purpose, number, session, shard, chain or person fits nowhere",
          "[SLA-17][SLA-5][SLA-18][SLA-9]") {
  SessionWorld world;
  const Hash other_sla = world.open(2);
  const ShownUnits five = world.shown(5);
  std::vector<Signature> wrong{Signature{}};
  const Hash elsewhere = ledger_id(world.ledger.chain(), 1), other_chain = ledger_id(sha256(Bytes{7}), 0);
  for (const SessionPlace& at : {world.here(), SessionPlace{world.place, other_sla}, SessionPlace{elsewhere, world.sla},
                                 SessionPlace{other_chain, world.sla}})
    for (const std::int64_t units : {4, 5, 6})
      for (const Person* who : {&client, &provider, &stranger}) {
        wrong.push_back(world.by(*who, order_message(at, {units, world.no_rows()})));
        wrong.push_back(world.by(*who, order_message(at, {units, sha256(Bytes{1})})));
        wrong.push_back(world.by(*who, voucher_message(at, units)));
        wrong.push_back(world.by(*who, final_message(at, units)));
        wrong.push_back(world.by(*who, receipt_message(at, {units, five.inputs}, five.root, five.output)));
        wrong.push_back(world.by(*who, receipt_message(at, {units, sha256(Bytes{1})}, five.root, five.output)));
        wrong.push_back(world.by(*who, receipt_message(at, {units, five.inputs}, five.output, five.root)));
      }
  const Signature order = world.order(5), voucher = world.voucher(5), final = world.last_word(5).final,
                  receipt = world.close(5, 0).receipt;
  const auto refused = [&](Reason reason, const Signature& right, const Person& who, const auto& with) {
    std::size_t refusals = 0;
    for (const Signature& signature : wrong)
      if (signature != right) {
        CHECK(world.sent(who, with(signature)) == reason);
        ++refusals;
      }
    return refusals;
  };
  const auto signed_so = [](auto operation, auto member) {
    return [operation, member](const Signature& signature) {
      auto changed = operation;
      changed.*member = signature;
      return changed;
    };
  };
  const std::size_t each = wrong.size() - 1;  // all but the right one
  CHECK(refused(Reason::wrong_order, order, provider, signed_so(world.deliver(5, 5), &Deliver::order)) == each);
  CHECK(refused(Reason::wrong_voucher, voucher, provider, signed_so(world.deliver(5, 5), &Deliver::voucher)) == each);
  CHECK(refused(Reason::wrong_receipt, receipt, client, signed_so(world.close(5, 5), &Close::receipt)) == each);
  CHECK(refused(Reason::wrong_receipt, receipt, client, signed_so(world.challenge_of(5), &Challenge::receipt)) == each);
  CHECK(refused(Reason::wrong_final, final, provider, signed_so(world.last_word(5), &Settle::final)) == each);
  // Nothing is signed for the first units, and none may be.
  CHECK(refused(Reason::wrong_order, {}, provider, signed_so(world.deliver(2, 0), &Deliver::order)) == each);
  CHECK(refused(Reason::wrong_voucher, {}, provider, signed_so(world.deliver(5, 0), &Deliver::voucher)) == each);
  REQUIRE(world.sent(client, world.close(2, 2)) == Reason::none);
  CHECK(refused(Reason::wrong_voucher, voucher, stranger, signed_so(Claim{world.sla, 5, {}}, &Claim::voucher)) == each);
  CHECK(refused(Reason::wrong_order, order, provider, signed_so(world.answer(5, 5), &Answer::order)) == each);
  CHECK(refused(Reason::wrong_voucher, voucher, provider, signed_so(world.answer(5, 5), &Answer::voucher)) == each);
  CHECK(world.sent(provider, world.answer(5, 5)) == Reason::none);
  world.end_block();
  CHECK(world.ledger.faults().empty());
}

TEST_CASE("units are one below, at and above their bounds, and a refusal changes nothing", "[SLA-5][SLA-18][SLA-9]") {
  SessionWorld world;
  const auto all_units = [&](std::int64_t units) {  // of the session, however many it names
    ShownUnits changed = world.shown(std::clamp<std::int64_t>(units, 1, steps));
    changed.units = units;
    return changed;
  };
  for (const std::int64_t units : {std::int64_t{0}, std::int64_t{1}, steps + 1, amount_max}) {
    Deliver deliver = world.deliver(2, 0);
    static_cast<ShownUnits&>(deliver) = all_units(units);
    CHECK(world.sent(provider, deliver) == Reason::no_such_unit);
    Close close = world.close(2, 0);
    static_cast<ShownUnits&>(close) = all_units(units);
    CHECK(world.sent(client, close) == Reason::no_such_unit);
    if (units == 1) continue;
    Challenge challenge = world.challenge_of(2);
    static_cast<ShownUnits&>(challenge) = all_units(units);
    CHECK(world.sent(client, challenge) == Reason::no_such_unit);
  }
  CHECK(world.sent(provider, world.deliver(5, steps + 1)) == Reason::no_such_unit);
  CHECK(world.sent(client, world.close(5, 6)) == Reason::no_such_unit);
  CHECK(world.sent(provider, world.last_word(steps + 1)) == Reason::no_such_unit);
  CHECK(world.status() == SlaStatus::active);
  CHECK(world.sent(provider, world.deliver(steps, 2)) == Reason::none);
  CHECK(world.sent(client, Demand{world.sla, 2}) == Reason::no_such_unit);  // it acknowledged two
  CHECK(world.sent(stranger, Claim{world.sla, steps, world.voucher(steps)}) == Reason::not_more);
  CHECK(world.sent(stranger, Claim{world.sla, steps + 1, world.voucher(steps + 1)}) == Reason::no_such_unit);
  CHECK(world.sent(client, Demand{world.sla, steps + 1}) == Reason::no_such_unit);
  CHECK(world.sent(client, Demand{world.sla, 3}) == Reason::none);
  world.end_block();
}

TEST_CASE("the root of a delivery has as many leaves as its units have steps", "[SLA-5][COMMIT-6]") {
  SessionWorld world;
  for (const std::int64_t other : {4, 6}) {
    Deliver delivery = world.deliver(5, 0);
    const ShownUnits shown = world.shown(other);
    delivery.root = shown.root, delivery.proof = shown.proof;
    delivery.output = shown.output, delivery.before = shown.before;
    CHECK(world.sent(provider, delivery) == Reason::wrong_opening);
  }
  CHECK(world.sent(provider, world.deliver(5, 0)) == Reason::none);
}

TEST_CASE("attack: a client closes one unit short, or acknowledges what it closed", "[SLA-7][SLA-18]") {
  SessionWorld world;
  const Amount before = world.balance(client);
  REQUIRE(world.sent(client, world.close(4, 4)) == Reason::none);
  CHECK(world.sent(client, Acknowledge{world.sla}) == Reason::not_delivered);
  world.end_block();
  REQUIRE(world.sent(provider, world.answer(5, 4)) == Reason::none);
  CHECK(world.job().sla.owed == 5);
  CHECK(world.sent(provider, world.answer(6, 4)) == Reason::not_closed);
  REQUIRE(world.sent(client, Demand{world.sla, 5}) == Reason::none);
  CHECK(world.sent(provider, Publish{world.sla, world.claimed.states[4]}) == Reason::wrong_opening);
  REQUIRE(world.sent(provider, Publish{world.sla, world.claimed.states[5]}) == Reason::none);
  REQUIRE(world.sent(client, Acknowledge{world.sla}) == Reason::none);
  CHECK(world.balance(client) == before + (steps - 5) * price - 4);  // of its four fees
  world.end_block();
  CHECK(world.ledger.faults().empty());
}

TEST_CASE("attack: a wrong receipt, and a right one delivered before it", "[SLA-9][SLA-13][SLA-8]") {
  for (const bool is_delivered : {false, true}) {
    SessionWorld world;
    world.go_wrong(5);
    if (is_delivered) REQUIRE(world.sent(provider, world.deliver(4, 4)) == Reason::none);
    world.end_block();
    REQUIRE(world.sent(client, world.challenge_of(5)) == Reason::none);
    CHECK(world.job().sla.right == 5);
    while (true) {
      const bool is_last = is_refined(world.job().sla) && one_step_left(world.job().sla);
      REQUIRE(world.sent(provider, turn_of_provider(world.job(), world.sla, world.claimed)) == Reason::none);
      if (is_last) break;
      if (world.job().sla.turn == client_turn)
        REQUIRE(world.sent(client, turn_of_client(world.job(), world.sla, world.truth)) == Reason::none);
    }
    CHECK(world.status() == SlaStatus::breached);
    CHECK(world.node_status() == NodeStatus::tombstoned);
    CHECK(without_fees(world, client) >= all - price * steps + bond + stake / 10);
    world.end_block();
    CHECK(world.ledger.faults().empty());
  }
}

TEST_CASE("attack: a client disputes an early right receipt to shed its vouchers", "[SLA-18][SLA-9]") {
  SessionWorld world;
  REQUIRE(world.sent(client, world.challenge_of(3)) == Reason::none);
  REQUIRE(world.sent(stranger, Claim{world.sla, 5, world.voucher(5)}) == Reason::none);
  CHECK(world.job().sla.owed == 5);
  while (!(is_refined(world.job().sla) && one_step_left(world.job().sla))) {
    REQUIRE(world.sent(provider, turn_of_provider(world.job(), world.sla, world.claimed)) == Reason::none);
    if (world.job().sla.turn == client_turn)
      REQUIRE(world.sent(client, turn_of_client(world.job(), world.sla, world.truth)) == Reason::none);
  }
  const Amount before = world.balance(provider);
  REQUIRE(world.sent(provider, turn_of_provider(world.job(), world.sla, world.claimed)) == Reason::none);
  CHECK(world.status() == SlaStatus::settled);
  CHECK(world.balance(provider) >= before - 1 + 5 * price + bond + challenge_bond);
  world.end_block();
}

TEST_CASE("a challenge of what is shown names nothing else", "[SLA-9]") {
  SessionWorld world;
  REQUIRE(world.sent(provider, world.deliver(5, 0)) == Reason::none);
  const auto refused = [&](Reason reason, const auto& change) {
    Challenge changed = Challenge::of_shown(world.sla, challenge_bond);
    change(changed);
    CHECK(world.sent(client, changed) == reason);
  };
  refused(Reason::wrong_receipt, [&](Challenge& c) { c.receipt = world.close(5, 0).receipt; });
  refused(Reason::wrong_opening, [](Challenge& c) { c.inputs[0] = 1; });
  refused(Reason::wrong_opening, [](Challenge& c) { c.root[0] = 1; });
  refused(Reason::wrong_opening, [](Challenge& c) { c.output[0] = 1; });
  refused(Reason::wrong_opening, [](Challenge& c) { c.before[0] = 1; });
  refused(Reason::wrong_opening, [](Challenge& c) { c.proof.push_back({}); });
  refused(Reason::bond_too_low, [](Challenge& c) { c.bond = price - 1; });
  CHECK(world.sent(client, Challenge::of_shown(world.sla, price)) == Reason::none);
  CHECK(world.job().sla.right == 5);
  world.end_block();
}

TEST_CASE("two receipts that differ convict, and other inputs, equal ones or forged ones do not", "[SLA-19][REG-4]") {
  SessionWorld world;
  const ShownUnits right = world.shown(5);
  world.go_wrong(5);
  const ShownUnits wrong = world.shown(5);
  const auto receipt = [&](const ShownUnits& units) { return world.by(provider, world.receipt_text(units)); };
  Convict both{world.sla, 5, right.inputs, right.root, right.output, wrong.root, wrong.output, {}, {}};
  const auto refused = [&](Reason reason, const auto& change) {
    Convict changed = both;
    changed.first_receipt = receipt(right), changed.second_receipt = receipt(wrong);
    change(changed);
    CHECK(world.sent(stranger, changed) == reason);
  };
  refused(Reason::no_offence, [&](Convict& c) {
    c.second_root = c.first_root, c.second_output = c.first_output, c.second_receipt = c.first_receipt;
  });
  refused(Reason::wrong_receipt, [](Convict& c) { c.units = 4; });
  refused(Reason::wrong_receipt, [](Convict& c) { c.inputs[0] ^= 1U; });
  refused(Reason::wrong_receipt, [](Convict& c) { c.first_receipt = {}; });  // nothing is shown yet
  refused(Reason::wrong_receipt, [&](Convict& c) {                           // and nothing is no receipt
    c.units = 0, c.inputs = c.first_root = c.first_output = {}, c.first_receipt = {};
    c.second_receipt = world.by(provider, receipt_message(world.here(), {0, {}}, c.second_root, c.second_output));
  });
  refused(Reason::wrong_receipt, [](Convict& c) { c.second_receipt = {}; });
  refused(Reason::wrong_receipt, [](Convict& c) { std::swap(c.first_receipt, c.second_receipt); });
  refused(Reason::wrong_receipt, [&](Convict& c) { c.first_receipt = world.by(client, world.receipt_text(right)); });
  world.claimed = world.truth;
  REQUIRE(world.sent(provider, world.deliver(5, 0)) == Reason::none);
  // One of another root alone, or of another output alone, is as good.
  refused(Reason::wrong_receipt, [](Convict& c) { c.first_receipt = {}, c.units = 4; });
  refused(Reason::wrong_receipt, [](Convict& c) { c.first_receipt = {}, c.second_receipt = {}; });
  both.second_receipt = receipt(wrong);
  const Amount before = world.balance(client);
  REQUIRE(world.sent(stranger, both) == Reason::none);
  CHECK(world.status() == SlaStatus::breached);
  CHECK(world.balance(client) == before + price * steps + bond + stake / 10);
  CHECK(world.node_status() == NodeStatus::tombstoned);
  world.end_block();
  CHECK(world.ledger.faults().empty());
}

}  // namespace
}  // namespace p2pllm::reference
