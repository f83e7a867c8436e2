#include "model/contracts/session_message.hpp"
#include "properties/generators/ledger_history.hpp"

// What the parties of long histories do in sessions of many units.
namespace p2pllm::properties {

using namespace contracts;
using namespace parties;

/// Mostly the right signature.
Signature LedgerHistory::signed_by(const AccountId& who, const Hash& message) {
  const auto fault = below(24);
  if (fault == 0) return {};
  return ideal_signatures().sign(keys_[fault == 1 ? someone() : who_is(who)].secret_key, message);
}

SessionPlace LedgerHistory::place_of(const Session& session) const {
  return {ledger_id(ledger_.chain(), at_), session.id};
}

ShownUnits LedgerHistory::shown(const Session& session, std::int64_t units) const {
  return shown_units(session.id, {units, session.job.inputs}, steps_per_unit, session.made);
}

Signature LedgerHistory::receipt_of(const Session& session, const ShownUnits& shown) {
  const OrderedUnits ordered{shown.units, shown.inputs};
  return signed_by(session.job.provider, receipt_message(place_of(session), ordered, shown.root, shown.output));
}

/// A number of units from the least one on, or sometimes one less.
std::int64_t LedgerHistory::some_units(const SlaRecord& job, std::int64_t least) {
  const std::int64_t units = least + below(std::max<std::int64_t>(1, job.terms.units - least + 1));
  return std::clamp<std::int64_t>(below(12) == 0 ? units - 1 : units, 1, job.terms.units);
}

/// What the provider shows, with an order for more units than the first ones, and often a voucher.
ProvidedUnits LedgerHistory::provided(const Session& session, std::int64_t units) {
  const SlaRecord& job = session.job;
  ProvidedUnits op{shown(session, units), {}, below(2) == 0 ? 0 : below(job.terms.units + 1), {}};
  if (units != job.terms.first_units || below(24) == 0)
    op.order = signed_by(job.client, order_message(place_of(session), {units, job.inputs}));
  if (op.acknowledged > 0) op.voucher = signed_by(job.client, voucher_message(place_of(session), op.acknowledged));
  return op;
}

Challenge LedgerHistory::challenge_of(const Session& session) {
  const ShownUnits disputed = shown(session, some_units(session.job, 1));
  const Amount least = std::max(genesis().parameters.challenge_bond_min, session.job.terms.price);
  return {disputed, receipt_of(session, disputed), least + below(9) - (below(12) == 0 ? 1 : 0)};
}

/// Two receipts for one order, of which one is of another computation, or what the ledger shows.
void LedgerHistory::convict(const Session& session) {
  const SlaRecord& job = session.job;
  const bool shows = job.sla.shown > 0 && below(2) == 0;
  const ShownUnits one = shown(session, shows ? job.sla.shown : some_units(job, job.terms.first_units));
  Hash other = one.root;
  if (below(8) != 0) other[0] ^= 1U;
  Convict op{session.id, one.units, one.inputs, other, one.output, one.root, one.output, {}, {}};
  op.first_receipt = signed_by(
      job.provider, receipt_message(place_of(session), {op.units, op.inputs}, op.first_root, op.first_output));
  if (!shows) op.second_receipt = receipt_of(session, one);
  send(someone(), op);
}

/// The session is Active: mostly its end begins.
void LedgerHistory::in_session(const Session& session) {
  const SlaRecord& job = session.job;
  const std::size_t provider = below(12) == 0 ? someone() : who_is(job.provider);
  const std::int64_t units = some_units(job, job.terms.first_units);
  switch (below(12)) {
    case 0:
    case 1: return send(someone(), Timeout{{session.id}});
    case 2:
    case 3:
    case 4: {
      Close op{{shown(session, units)}, {}, below(units + 1)};
      op.receipt = receipt_of(session, op);
      return send(who_is(job.client), op);
    }
    case 5: return send(who_is(job.client), challenge_of(session));
    case 6: {
      const std::int64_t paid = below(job.terms.units + 1);
      return send(provider, Settle{session.id, paid, signed_by(job.client, final_message(place_of(session), paid))});
    }
    case 7: return convict(session);
    default: return send(provider, Deliver{{provided(session, units)}});
  }
}

/// Something is shown, or in dispute.
void LedgerHistory::after_showing(const Session& session) {
  const SlaRecord& job = session.job;
  const std::size_t provider = below(12) == 0 ? someone() : who_is(job.provider);
  switch (below(8)) {
    case 0: return convict(session);
    case 1: {
      const std::int64_t paid = below(job.terms.units + 1);
      return send(provider, Settle{session.id, paid, signed_by(job.client, final_message(place_of(session), paid))});
    }
    case 2:
    case 3: {
      const std::int64_t units = job.sla.owed + below(3);
      return send(someone(),
                  Claim{session.id, units, signed_by(job.client, voucher_message(place_of(session), units))});
    }
    case 4: return send(who_is(job.client), challenge_of(session));
    default: return send(provider, Answer{{provided(session, some_units(job, job.sla.shown + 1))}});
  }
}

}  // namespace p2pllm::properties
