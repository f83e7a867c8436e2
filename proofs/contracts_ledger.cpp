#include <limits>

#include "proofs/obligation.hpp"
#include "reference/contracts/account_rules.hpp"

namespace p2pllm::proofs {
namespace {

using namespace reference;

SymInt is(Scope& scope, std::int64_t value) { return integer_like(scope.integer("height"), value); }

SymInt natural(Scope& scope, const std::string& name) {
  const SymInt value = scope.integer(name);
  scope.assume(is(scope, 0) <= value);
  return value;
}

Parameters<SymInt> parameters(Scope& scope) {
  const auto number = [&scope](const char* name) { return scope.integer(name); };
  return {number("min_stake"),       number("launch_stake"),       number("min_fee"),
          number("update_cooldown"), number("unbonding"),          number("jail"),
          number("evidence_age"),    number("deliver_within_max"), number("window_min"),
          number("window_max"),      number("turn_min"),           number("turn_max"),
          number("steps_max"),       number("price_max"),          number("challenge_bond_min"),
          number("closing_min"),     number("closing_max")};
}

/// A sender, one of its transactions and a proposer, under the constraints of a genesis.
struct Charge {
  explicit Charge(Scope& scope)
      : account{natural(scope, "balance"), natural(scope, "nonce")},
        envelope{natural(scope, "tx_nonce"), natural(scope, "valid_until"), natural(scope, "fee")},
        p(parameters(scope)),
        height(natural(scope, "height")) {
    for (const auto& constraint : constraints(p)) scope.assume(constraint.holds);
  }
  AccountNumbers<SymInt> account;
  Envelope<SymInt> envelope;
  Parameters<SymInt> p;
  SymInt height;
  [[nodiscard]] SymBool admitted() const { return all_hold(admission(account, envelope, height, p)); }
  [[nodiscard]] AccountNumbers<SymInt> after() const { return charged(account, envelope.fee); }
};

Goal fee_is_covered(Scope& scope) {
  const Charge charge(scope);
  scope.assume(charge.admitted());
  const SymInt zero = is(scope, 0);
  return {zero <= charge.after().balance, zero < charge.after().balance};
}

Goal no_replay(Scope& scope) {
  const Charge charge(scope);
  scope.assume(charge.admitted());
  Charge again = charge;
  again.account = charge.after();
  again.height = scope.integer("later");
  // Its later balance and height are arbitrary; the nonce never falls.
  again.account.balance = scope.integer("later_balance");
  again.account.nonce = scope.integer("later_nonce");
  scope.assume(charge.after().nonce <= again.account.nonce);
  Charge forgetful = again;
  forgetful.account.nonce = charge.account.nonce;
  return {lnot(again.admitted()), lnot(forgetful.admitted())};
}

Goal one_nonce_is_next(Scope& scope) {
  const Charge charge(scope);
  Charge other = charge;
  other.envelope.nonce = scope.integer("other_nonce");
  scope.assume(charge.admitted());
  scope.assume(other.admitted());
  return {charge.envelope.nonce == other.envelope.nonce, charge.envelope.nonce < other.envelope.nonce};
}

Goal fees_are_costly(Scope& scope) {
  const Charge charge(scope);
  scope.assume(charge.admitted());
  return {charge.after().balance < charge.account.balance,
          charge.after().balance + is(scope, 1) < charge.account.balance};
}

Goal free_failures(Scope& scope) {
  // Without the constraint min_fee >= 1, an account can fill blocks at no cost.
  const Charge charge(scope);
  Parameters<SymInt> unconstrained = charge.p;
  unconstrained.min_fee = is(scope, 0);
  const SymBool admitted = all_hold(admission(charge.account, charge.envelope, charge.height, unconstrained));
  const SymBool unchanged = charge.after().balance == charge.account.balance;
  return {land(admitted, unchanged), land(charge.admitted(), unchanged)};
}

/// A transfer of an amount, to an account of the same shard or of another.
struct Sending {
  explicit Sending(Scope& scope, const std::string& name = "")
      : now{natural(scope, name + "sender"), natural(scope, name + "receiver"), natural(scope, name + "in_flight")},
        amount(natural(scope, name + "amount")),
        crosses(scope.unknown(name + "crosses")) {}
  TransferNumbers<SymInt> now;
  SymInt amount;
  SymBool crosses;
  [[nodiscard]] auto step() const { return transfer(now, amount, crosses); }
};

SymInt total(const TransferNumbers<SymInt>& numbers) { return numbers.sender + numbers.receiver + numbers.in_flight; }

Goal transfer_conserves(Scope& scope) {
  const Sending sending(scope);
  const auto step = sending.step();
  const SymInt faulty = total(step.next) - select(sending.crosses, is(scope, 0), sending.amount);
  return {total(step.next) == total(sending.now), faulty == total(sending.now)};
}

Goal transfer_stays_positive(Scope& scope) {
  const Sending sending(scope);
  const auto step = sending.step();
  const SymInt zero = is(scope, 0);
  const SymBool good = land(zero <= step.next.sender, land(zero <= step.next.receiver, zero <= step.next.in_flight));
  return {implies(all_hold(step.guards), good), good};
}

Goal receipt_arrives_whole(Scope& scope) {
  const Sending sending(scope);
  scope.assume(sending.crosses);
  const auto step = sending.step();
  scope.assume(all_hold(step.guards));
  const auto there = arrived(step.next, sending.amount);
  const auto twice = arrived(there, sending.amount);
  const auto conserved = [&](const TransferNumbers<SymInt>& numbers) {
    return land(total(numbers) == total(sending.now), numbers.in_flight == sending.now.in_flight);
  };
  return {conserved(there), conserved(twice)};
}

Goal shards_commute(Scope& scope) {
  // One transaction in shard A and one in shard B, of different accounts. Both may send to the other shard, so that
  // they share only the value in flight.
  const Sending a(scope, "a_"), b(scope, "b_");
  scope.assume(a.now.in_flight == b.now.in_flight);
  const auto run = [](const Sending& first, const Sending& second) {
    const auto one = first.step();
    const SymBool done = all_hold(one.guards);
    const SymInt sender = select(done, one.next.sender, first.now.sender);
    const SymInt flight = select(done, one.next.in_flight, first.now.in_flight);
    Sending next = second;
    next.now.in_flight = flight;
    const auto two = next.step();
    const SymBool also = all_hold(two.guards);
    return TransferNumbers<SymInt>{sender, select(also, two.next.sender, next.now.sender),
                                   select(also, two.next.in_flight, flight)};
  };
  const auto ab = run(a, b), ba = run(b, a);
  const SymBool same = land(ab.in_flight == ba.in_flight, land(ab.sender == ba.receiver, ab.receiver == ba.sender));
  Sending dependent = b;  // a fault: B's rule reads A's account
  dependent.now.sender = a.now.sender;
  const auto dependent_ab = run(a, dependent), dependent_ba = run(dependent, a);
  return {same, dependent_ab.sender == dependent_ba.sender};
}

Goal no_overflow(Scope& scope) {
  // Rules add a requested amount to an existing one before they know whether it is covered.
  const SymInt exists = natural(scope, "existing"), asked = natural(scope, "asked"), supply = natural(scope, "supply");
  const SymInt machine_max = is(scope, std::numeric_limits<std::int64_t>::max()), most = is(scope, amount_max);
  scope.assume(land(exists <= supply, asked <= most));
  const SymBool fits = exists + asked <= machine_max;
  return {implies(supply < most, fits), implies(supply <= most, fits)};
}

}  // namespace

std::vector<Obligation> contracts_ledger_obligations() {
  using enum Obligation::Kind;
  return {
      {"LEDGER-3", "contracts-ledger-3-fee-is-covered", "whoever is admitted can pay the fee", "all accounts and fees",
       fee_is_covered},
      {"LEDGER-3", "contracts-ledger-3-no-replay",
       "a transaction that was included is never admitted again, at any height and with any balance", "all accounts",
       no_replay},
      {"LEDGER-3", "contracts-ledger-3-one-nonce-is-next", "of two transactions admitted together the nonces are equal",
       "all accounts", one_nonce_is_next},
      {"LEDGER-3", "contracts-ledger-3-fees-are-costly", "every transaction included costs its sender something",
       "under the constraints of LEDGER-1", fees_are_costly},
      {"LEDGER-1", "contracts-ledger-1-without-a-fee", "without min_fee >= 1 a transaction can be included for nothing",
       "a constraint dropped", free_failures, exists},
      {"LEDGER-2", "contracts-ledger-2-no-overflow",
       "what exists and what may be asked for add up within machine integers, if the supply is below 2^62",
       "all amounts", no_overflow},
      {"SHARD-3", "contracts-shard-3-transfer-conserves", "a transfer conserves value, on its way or not",
       "all amounts", transfer_conserves},
      {"SHARD-3", "contracts-shard-3-transfer-covered", "no transfer makes a balance negative", "all amounts",
       transfer_stays_positive},
      {"SHARD-3", "contracts-shard-3-receipt-arrives-whole", "a receipt arrives whole, and twice it would make value",
       "all amounts", receipt_arrives_whole},
      {"SHARD-2", "contracts-shard-2-commute",
       "transactions of two shards give the same accounts and the same value in flight in either order",
       "two transfers, failing or not", shards_commute},
  };
}

}  // namespace p2pllm::proofs
