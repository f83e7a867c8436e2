#include "optimized/contracts/dispute_rules.hpp"
#include "optimized/contracts/invariant_rules.hpp"
#include "proofs/agree_contracts.hpp"
#include "proofs/contracts_sla.hpp"

// The fast ledger's rules of SLAs and disputes equal the reference's for all values.
namespace p2pllm::proofs {
namespace {

using contracts::SlaStatus;
using optimized::Offence;
using reference::SlaOperation;

using Sla = contracts::Sla<SymInt>;
using Fast = FastStep<Sla>;

/// A fast step as the fast ledger makes it of its rules (optimized/contracts/sla_operations.cpp): what moves is from
/// the client, from the provider, to the client, to the provider, and the offence.
class FastSla {
 public:
  FastSla(const SlaWorld& world, const SymInt& height, const SymBool& permitted)
      : w(world), h(height), yes(permitted), sla(world.sla), zero(integer_like(height, 0)) {}

  [[nodiscard]] Fast of(SlaOperation operation) const {
    using enum SlaOperation;
    switch (operation) {
      case propose: return proposed();
      case accept: return accepted();
      case cancel: return to_client(optimized::reason_cancel(sla, yes), SlaStatus::cancelled, Offence::none);
      case expire: return to_client(optimized::reason_expire(sla, w.terms, h), SlaStatus::expired, Offence::none);
      case deliver:
        return shown(optimized::reason_deliver(sla, w.terms, h, yes, w.named, w.had, facts()),
                     contracts::provider_turn);
      case close:
        return shown(optimized::reason_close(sla, w.terms, h, yes, w.named, w.had, w.is_signed, w.fits),
                     contracts::client_turn);
      case answer:
        return shown(optimized::reason_answer(sla, w.terms, h, yes, w.named, w.had, facts()), contracts::provider_turn);
      case claim:
        return changed(optimized::reason_claim(sla, w.terms, w.named, w.is_vouched), [&](Sla& s) { s.owed = w.named; });
      case settle: return settled(optimized::reason_settle(sla, w.terms, w.named, yes, w.is_signed), w.named);
      case convict:
        return to_client(optimized::reason_convict(sla, w.agrees, w.is_signed), SlaStatus::breached, Offence::fraud);
      case demand:
        return changed(optimized::reason_demand(sla, h, yes, w.unit),
                       [&](Sla& s) { optimized::demand(s, w.terms, h, w.unit); });
      case publish:
        return changed(optimized::reason_publish(sla, h, yes, w.fits),
                       [&](Sla& s) { optimized::publish(s, w.terms, h); });
      case miss: return to_client(optimized::reason_miss(sla, h), SlaStatus::breached, Offence::non_delivery);
      case acknowledge: return settled(optimized::reason_acknowledge(sla, yes), sla.owed);
      case finalize: return settled(optimized::reason_finalize(sla, h), sla.owed);
      case timeout:
        return to_client(optimized::reason_timeout(sla, w.terms, h), SlaStatus::breached, Offence::non_delivery);
      case challenge: return challenged();
      case post_mid:
        return changed(optimized::reason_post_mid(sla, h, yes, w.fits),
                       [&](Sla& s) { optimized::post_mid(s, w.terms, h); });
      case side:
        return changed(optimized::reason_side(sla, h, yes), [&](Sla& s) { optimized::side(s, w.terms, h, w.agrees); });
      case judge: return decided(optimized::reason_judge(sla, h, yes, w.fits), w.agrees);
      case refine:
        return changed(optimized::reason_refine(sla, w.parameters, h, yes, w.micro_steps, w.fits),
                       [&](Sla& s) { optimized::refine(s, w.terms, h, w.micro_steps); });
      case forfeit: return decided(optimized::reason_forfeit(sla, h), optimized::has_turn(sla, contracts::client_turn));
    }
    throw std::logic_error("no such operation");
  }

 private:
  template <typename Change>
  [[nodiscard]] Fast changed(const SymInt& code, const Change& change) const {
    Sla next = sla;
    change(next);
    return {code, next, {zero, zero, zero, zero, zero}};
  }
  [[nodiscard]] Fast proposed() const {
    Sla next = reference::sla_empty(h);
    const SymInt payment = optimized::propose(next, w.terms);
    const SymInt is_none = select(optimized::is_one_of(sla.status, SlaStatus::none), zero, w.number(300));
    const SymInt code = select(is_none == zero, optimized::reason_propose(w.terms, w.parameters, h), is_none);
    return {code, next, {payment, zero, zero, zero, zero}};
  }
  [[nodiscard]] Fast accepted() const {
    Sla next = sla;
    const SymInt bond = optimized::accept(next, w.terms);
    return {optimized::reason_accept(sla, w.terms, h, yes, w.fits), next, {zero, bond, zero, zero, zero}};
  }
  [[nodiscard]] Fast challenged() const {
    Sla next = sla;
    optimized::challenge(next, w.terms, h, w.named, w.challenge_bond);
    return {
        optimized::reason_challenge(sla, w.terms, w.parameters, h, yes, w.named, w.challenge_bond, w.is_signed, w.fits),
        next,
        {w.challenge_bond, zero, zero, zero, zero}};
  }
  [[nodiscard]] Fast to_client(const SymInt& code, SlaStatus status, Offence offence) const {
    Sla next = sla;
    const SymInt all = optimized::end(next, status);
    return {code, next, {zero, zero, all, zero, w.number(static_cast<std::int64_t>(offence))}};
  }
  [[nodiscard]] Fast settled(const SymInt& code, const SymInt& units) const {
    Sla next = sla;
    const auto shares = optimized::settle(next, w.terms, units);
    return {code, next, {zero, zero, shares.of_client, shares.of_provider, zero}};
  }
  [[nodiscard]] optimized::ShownFacts<SymInt> facts() const { return {w.is_signed, w.is_vouched, w.fits}; }
  [[nodiscard]] Fast shown(const SymInt& code, std::int64_t party) const {
    return changed(code, [&](Sla& s) { optimized::show(s, w.terms, h, party, w.named, w.had); });
  }
  /// A dispute that the provider wins or loses.
  [[nodiscard]] Fast decided(const SymInt& code, const SymBool& wins) const {
    const Fast won = settled(code, sla.owed), lost = to_client(code, SlaStatus::breached, Offence::fraud);
    Fast either = lost;
    either.next.status = select(wins, won.next.status, lost.next.status);
    for (std::size_t k = 0; k < either.flow.size(); ++k) either.flow[k] = select(wins, won.flow[k], lost.flow[k]);
    return either;
  }

  const SlaWorld& w;
  SymInt h;
  SymBool yes;
  Sla sla;
  SymInt zero;
};

SymBool agrees(const SlaMove& move, const Fast& fast) {
  const auto& [from_client, from_provider, to_client, to_provider, offence] = move.step.flow;
  return same_step(move.step, {from_client, from_provider, to_client, to_provider, offence}, fast);
}

/// The fault: the fast half decides as of the next block, and takes the sender for another and forgeries for signed.
Obligation operation(const AgreeName& name, SlaOperation which) {
  return {name.clause, name.name, "the fast half's guards and effect of " + name.rule() + " are the reference's",
          "all SLAs, terms, parameters and heights", [which](Scope& scope) -> Goal {
            const SlaWorld world(scope);
            const SlaMove move = world.moves()[static_cast<std::size_t>(which)];
            const FastSla fast(world, world.height, world.permitted);
            SlaWorld other = world;
            other.is_signed = lnot(world.is_signed);
            other.is_vouched = lnot(world.is_vouched);
            const FastSla late(other, world.height + world.number(1), lnot(world.permitted));
            return {agrees(move, fast.of(which)), agrees(move, late.of(which))};
          }};
}

Goal terms_form(Scope& scope) {
  const SlaWorld world(scope);
  const SymInt zero = world.number(0);
  // The fast half looks at a product only where both factors are within their limits.
  const SymBool expected = code_of(reference::sla_terms_form(world.terms, world.parameters), zero) == zero;
  auto other = world.terms;
  other.turn = other.turn + world.number(1);
  return {iff(optimized::terms_fit(world.terms, world.parameters), expected),
          iff(optimized::terms_fit(other, world.parameters), expected)};
}

Goal soundness(Scope& scope) {
  const SlaWorld world(scope);
  auto shifted = world.sla;
  shifted.deadline = shifted.deadline + world.number(1);
  const auto sound = [&](const Sla& sla) {
    return optimized::is_sound(sla, world.terms, world.parameters, world.height);
  };
  const SymBool expected = world.invariants(world.sla, world.height);
  return {iff(sound(world.sla), expected), iff(sound(shifted), expected)};
}

Goal open_and_waiting(Scope& scope) {
  const SlaWorld world(scope);
  const SymBool open = reference::sla_is_open(world.sla), waits = reference::demand_is_pending(world.sla);
  const auto both = [&](const SymBool& fast_open) {
    return land(iff(fast_open, open), iff(optimized::awaits_output(world.sla), waits));
  };
  return {both(optimized::is_open(world.sla)), both(lor(optimized::is_open(world.sla), world.in(SlaStatus::proposed)))};
}

Goal ended(Scope& scope) {
  const SlaWorld world(scope);
  const auto moves = world.moves();
  SymBool some = world.truth(false);
  for (const auto which :
       {SlaOperation::expire, SlaOperation::timeout, SlaOperation::miss, SlaOperation::finalize, SlaOperation::forfeit})
    some = lor(some, moves[static_cast<std::size_t>(which)].enabled());
  return {iff(optimized::can_be_ended(world.sla, world.terms, world.height), some),
          iff(optimized::can_be_ended(world.sla, world.terms, world.height + world.number(1)), some)};
}

}  // namespace

std::vector<Obligation> agree_sla_obligations() {
  using enum SlaOperation;
  std::vector<Obligation> list{operation({"SLA-4", "agree-sla-propose"}, propose),
                               operation({"SLA-4", "agree-sla-accept"}, accept),
                               operation({"SLA-4", "agree-sla-cancel"}, cancel),
                               operation({"SLA-4", "agree-sla-expire"}, expire),
                               operation({"SLA-5", "agree-sla-deliver"}, deliver),
                               operation({"SLA-6", "agree-sla-demand"}, demand),
                               operation({"SLA-6", "agree-sla-publish"}, publish),
                               operation({"SLA-6", "agree-sla-miss"}, miss),
                               operation({"SLA-7", "agree-sla-acknowledge"}, acknowledge),
                               operation({"SLA-7", "agree-sla-finalize"}, finalize),
                               operation({"SLA-7", "agree-sla-timeout"}, timeout),
                               operation({"SLA-9", "agree-sla-challenge"}, challenge),
                               operation({"SLA-10", "agree-sla-post-mid"}, post_mid),
                               operation({"SLA-10", "agree-sla-side"}, side),
                               operation({"SLA-11", "agree-sla-judge"}, judge),
                               operation({"SLA-11", "agree-sla-forfeit"}, forfeit),
                               operation({"SLA-15", "agree-sla-refine"}, refine),
                               operation({"SLA-18", "agree-sla-close"}, close),
                               operation({"SLA-18", "agree-sla-answer"}, answer),
                               operation({"SLA-18", "agree-sla-claim"}, claim),
                               operation({"SLA-18", "agree-sla-settle"}, settle),
                               operation({"SLA-19", "agree-sla-convict"}, convict)};
  list.push_back({"SLA-2", "agree-sla-terms", "the fast half takes the terms that the reference takes",
                  "all terms and parameters", terms_form});
  list.push_back({"SLA-3", "agree-sla-sound", "the fast half's soundness of an SLA is the reference's invariants",
                  "all SLAs, terms, parameters and heights", soundness});
  list.push_back({"REG-7", "agree-sla-open", "the fast half's open and waiting SLAs are the reference's", "all SLAs",
                  open_and_waiting});
  list.push_back({"LEDGER-5", "agree-sla-ended", "the fast half's SLAs that anyone can end are the reference's",
                  "all SLAs, terms and heights", ended});
  return list;
}

}  // namespace p2pllm::proofs
