#pragma once

#include "tests/small_worlds/session_rules.hpp"

// What an honest provider does on the ledger in every world of sessions, and what its client can do there.
namespace p2pllm::small_worlds::session {

/// The receipts that a provider signed: bit 2^k + i tells whether it signed one for k units and the inputs i.
struct Receipts {
  std::array<Byte, 2> bits{};

  [[nodiscard]] bool has(I k, I i) const {
    const I bit = (I{1} << k) + i;
    return is_right(bits[static_cast<std::size_t>(bit / 8)], bit % 8 + 1);
  }
  void sign(I k, I i) {
    const I bit = (I{1} << k) + i;
    Byte& byte = bits[static_cast<std::size_t>(bit / 8)];
    byte = static_cast<Byte>(byte | 1U << static_cast<unsigned>(bit % 8));
  }
  /// Whether two of them are for the same units.
  [[nodiscard]] bool are_two(I units) const {
    for (I k = 1; k <= units; ++k) {
      I count = 0;
      for (I inputs = 0; inputs <= all_right(k); ++inputs) count += has(k, inputs) ? 1 : 0;
      if (count > 1) return true;
    }
    return false;
  }
};

/// @tparam Party  has the units and inputs of the last receipt, the units vouched for, whether the provider closes, and
///                the client's last word: how many units it pays, and 1
template <typename Party>
class ProviderLedger : public Ledger<Party> {
 public:
  using typename Ledger<Party>::At;
  using typename Ledger<Party>::From;
  using Ledger<Party>::Ledger;
  using Ledger<Party>::agreement, Ledger<Party>::terms, Ledger<Party>::take, Ledger<Party>::show;
  using Ledger<Party>::refine, Ledger<Party>::judge;

 protected:
  /// What the provider plans for the next block.
  [[nodiscard]] Plan planned(const From& here, const Party& s, I height) const {
    const Planned all = plan(Op::deliver, s.units, s.inputs, s.vouched);  // or to answer, if the client closes first
    const bool content = s.said != 0 && s.said - 1 >= std::max(s.vouched, s.units);
    if (here.is(St::active)) {
      if (s.units < agreement().first) return {};
      if (content) return {plan(Op::settle, s.said - 1)};
      return s.closing != 0 || height >= terms().deliver_by - agreement().left_out_max ? Plan{all} : Plan{};
    }
    const bool pending = demand_is_pending(here.sla);
    if (here.is(St::delivered) && here.sla.shown_by == client_turn && !pending && s.units > here.sla.shown &&
        height < here.sla.challenge_until)
      return {all};
    if (here.is(St::delivered) && content) return {plan(Op::settle, s.said - 1)};
    Planned then;
    if (here.is(St::delivered)) {
      if (pending) then = plan(Op::publish);
      else if (height >= here.sla.challenge_until) then = plan(Op::finalize);
    } else if (height > here.sla.deadline) {
      then = plan(Op::forfeit);
    } else if (here.sla.turn == provider_turn) {
      then = plan(!one_step_left(here.sla) ? Op::post_mid : is_refined(here.sla) ? Op::judge : Op::refine);
    }
    if (s.vouched > here.sla.owed) return {plan(Op::claim, s.vouched), then};
    return {then};
  }
  [[nodiscard]] std::optional<At> act(const From& here, const Planned& planned) const {
    const Op operation = operation_of(planned);
    SlaInputs in;
    in.units = planned.units;
    in.had = planned.had;
    switch (operation) {
      case Op::deliver: {
        const Op now = here.is(St::active) ? Op::deliver : Op::answer;
        return show(here, now, in, all_right(in.units), planned.bits);
      }
      case Op::refine: {
        if (here.sla.right == 0) return {};
        // All its micro-steps are right, and the last one ends in the state of the receipt.
        const bool right = is_right(here.at.states, here.sla.right);
        return refine(here, all_right(agreement().micro_steps - (right ? 0 : 1)));
      }
      case Op::judge: return judge(here);
      default: return take(here, operation, in);
    }
  }
  template <typename Visit>
  void turns(const From& here, const Visit& visit) const {
    SlaInputs in;
    for (in.unit = 1; in.unit <= agreement().units; ++in.unit)
      if (const auto next = take(here, Op::demand, in)) visit(Move{"the client demands", in.unit}, *next);
    if (const auto next = take(here, Op::acknowledge, in)) visit(Move{"the client acknowledges"}, *next);
    for (const bool agrees : {false, true}) {
      in.answer = agrees;
      if (const auto next = take(here, Op::side, in))
        visit(Move{agrees ? "the client agrees" : "the client disagrees"}, *next);
    }
  }
};

}  // namespace p2pllm::small_worlds::session
