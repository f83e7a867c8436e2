#pragma once

#include <stdexcept>

#include "reference/contracts/sla_invariants.hpp"

namespace p2pllm::reference {

/// The inputs of the rules: whether the sender is entitled; whether bytes, openings or witness fit (at acceptance:
/// whether the range is served); whether the client agrees or the step is right.
struct SlaInputs {
  bool sender = true, fits = true, answer = true;
  std::int64_t bond = 7;
  std::int64_t unit = 1, micro_steps = 1;
  std::int64_t units = 0, had = 0;  ///< named by an operation; 0: all units of the terms
  bool is_signed = true, is_vouched = true;
};

template <Integer N>
SlaStep<N> sla_step(SlaOperation operation, const Sla<N>& sla, const SlaTerms<N>& terms, const Parameters<N>& p,
                    const N& height, const SlaInputs& in = {}) {
  using enum SlaOperation;
  const N named = in.units == 0 && operation != settle ? terms.units : integer_like(height, in.units);
  const SlaShown<N> shown{named, integer_like(height, in.had)};
  const SlaShownFacts<N> facts{in.is_signed, in.is_vouched, in.fits};
  switch (operation) {
    case propose: return sla_propose(sla, terms, p, height);
    case accept: return sla_accept(sla, terms, height, in.sender, in.fits);
    case cancel: return sla_cancel(sla, in.sender);
    case expire: return sla_expire(sla, terms, height);
    case deliver: return sla_deliver(sla, terms, height, in.sender, shown, facts);
    case demand: return sla_demand(sla, terms, height, in.sender, integer_like(height, in.unit));
    case publish: return sla_publish(sla, terms, height, in.sender, in.fits);
    case miss: return sla_miss(sla, height);
    case acknowledge: return sla_acknowledge(sla, terms, in.sender);
    case finalize: return sla_finalize(sla, terms, height);
    case timeout: return sla_timeout(sla, terms, height);
    case challenge:
      return sla_challenge(sla, terms, p, height, in.sender, named, integer_like(height, in.bond), in.is_signed,
                           in.fits);
    case post_mid: return sla_post_mid(sla, terms, height, in.sender, in.fits);
    case side: return sla_side(sla, terms, height, in.sender, in.answer);
    case judge: return sla_judge(sla, terms, height, in.sender, in.fits, in.answer);
    case forfeit: return sla_forfeit(sla, terms, height);
    case refine: return sla_refine(sla, terms, p, height, in.sender, integer_like(height, in.micro_steps), in.fits);
    case close: return sla_close(sla, terms, height, in.sender, shown, in.is_signed, in.fits);
    case answer: return sla_answer(sla, terms, height, in.sender, shown, facts);
    case claim: return sla_claim(sla, terms, named, in.is_vouched);
    case settle: return sla_settle(sla, terms, named, in.sender, in.is_signed);
    case convict: return sla_convict(sla, in.answer, in.is_signed);
  }
  throw std::logic_error("no such operation");
}

}  // namespace p2pllm::reference
