#include "proofs/obligation.hpp"
#include "proofs/symbolic.hpp"
#include "reference/contracts/deterrence_rules.hpp"

// Why false units of a provider do not pay (SLA-16). The induction over units, rounds and numbers of SLAs is on paper;
// what each of its steps needs is here.
namespace p2pllm::proofs {
namespace {

using namespace reference;

/// Numbers of a market: 0 < check <= 1, saving <= cost <= price, and none below 0.
struct Deal {
  explicit Deal(Scope& scope)
      : check(scope.positive("check")),
        price(scope.positive("price")),
        cost(scope.positive("cost")),
        saving(scope.positive("saving")),
        bond(scope.real("bond")),
        stake(scope.real("stake")) {
    const SymReal zero = zero_like(check);
    scope.assume(check <= one_like(check));
    scope.assume(land(saving <= cost, cost <= price));
    scope.assume(land(zero <= bond, zero <= stake));
  }
  SymReal check, price, cost, saving, bond, stake;
};

/// One SLA: a false unit is worth no more than an honest one, whatever was earned and whatever is left to earn. The
/// fault: the stake alone, without the bond that the rule gives.
Goal one_unit(Scope& scope) {
  const Deal deal(scope);
  const SymReal one = one_like(deal.check), zero = zero_like(deal.check);
  const SymReal earned = scope.real("earned"), spent = scope.real("spent"), later = scope.real("later");
  scope.assume(land(zero <= earned, land(zero <= spent, zero <= later)));
  const auto worth = [&](const SymReal& bond) {
    const SymReal unseen = earned - spent + deal.price - deal.cost + deal.saving + later;
    const SymReal seen = zero - spent - deal.cost + deal.saving - bond - deal.stake;
    return (one - deal.check) * unseen + deal.check * seen;
  };
  const SymReal honest = earned - spent + deal.price - deal.cost + later;
  const SymReal least = least_deterring_bond(deal.saving, deal.check, deal.stake, one, one - deal.check);
  return {implies(least <= deal.bond, worth(deal.bond) <= honest), worth(zero) <= honest};
}

/// The least bond makes a round of false units in all SLAs worth nothing, and a lesser bond would not, unless the stake
/// deters alone. The fault: the stake counted for each SLA.
Goal all_streams(Scope& scope) {
  const Deal deal(scope);
  const SymReal one = one_like(deal.check), zero = zero_like(deal.check);
  const SymReal streams = scope.positive("streams"), unseen = scope.real("unseen");
  scope.assume(land(one <= streams, land(zero <= unseen, unseen <= one)));
  const SymReal least = least_deterring_bond(deal.saving, deal.check, deal.stake, streams, unseen);
  const auto gain = [&](const SymReal& bond) {
    return gain_of_false_units(streams, deal.saving, deal.check, bond, deal.stake, unseen);
  };
  const SymReal counted = least_deterring_bond(deal.saving, deal.check, deal.stake * streams, streams, unseen);
  return {land(gain(least) <= zero, implies(land(zero < least, deal.bond < least), zero < gain(deal.bond))),
          gain(counted) <= zero};
}

/// Fewer false units gain no more than in proportion to those in all SLAs, if the chance to be seen grows by less and
/// less. The fault: for any chances.
Goal fewer_units(Scope& scope) {
  const Deal deal(scope);
  const SymReal one = one_like(deal.check);
  const SymReal units = scope.positive("units"), streams = scope.positive("streams");
  const SymReal unseen = scope.fraction("unseen"), all_unseen = scope.fraction("all_unseen");
  const auto gain = [&](const SymReal& count, const SymReal& none) {
    return gain_of_false_units(count, deal.saving, deal.check, deal.bond, deal.stake, none);
  };
  const SymBool concave = units * (one - all_unseen) <= streams * (one - unseen);
  const SymBool holds = streams * gain(units, unseen) <= units * gain(streams, all_unseen);
  scope.hint(implies(concave, deal.stake * (units * (one - all_unseen)) <= deal.stake * (streams * (one - unseen))));
  return {implies(concave, holds), holds};
}

/// The chance c = 1 - (1 - q)^k to be seen: c (1 + k q) >= k q goes on from k to k + 1, and then c / k does not rise.
/// The fault: without that bound.
Goal chance_is_concave(Scope& scope) {
  const SymReal check = scope.fraction("check"), count = scope.positive("count"), chance = scope.fraction("chance");
  const SymReal one = one_like(check), next = check + (one - check) * chance;
  const auto bounded = [&](const SymReal& c, const SymReal& k) { return k * check <= c * (one + k * check); };
  const SymBool falls = count * next <= (count + one) * chance;
  return {implies(bounded(chance, count), land(bounded(next, count + one), falls)), falls};
}

struct Name {
  const char* clause;
  const char* obligation;
};
Obligation obligation(const Name& name, const char* statement, Goal (*write)(Scope&)) {
  return {name.clause, name.obligation, statement, "all reals", write};
}

}  // namespace

std::vector<Obligation> contracts_deterrence_obligations() {
  return {
      obligation({"SLA-16", "sla-16-one-unit"}, "with the least bond a false unit is worth no more than an honest one",
                 one_unit),
      obligation({"SLA-16", "sla-16-all-streams"},
                 "the least bond deters a round of false units, and a lesser one does not", all_streams),
      obligation({"SLA-16", "sla-16-fewer-units"}, "what deters false units in all SLAs deters them in fewer",
                 fewer_units),
      obligation({"SLA-16", "sla-16-chance"}, "the chance to be seen grows by less and less", chance_is_concave),
  };
}

}  // namespace p2pllm::proofs
