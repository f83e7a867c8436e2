#include <limits>

#include "optimized/contracts/account_rules.hpp"
#include "optimized/contracts/invariant_rules.hpp"
#include "optimized/contracts/registration_rules.hpp"
#include "optimized/contracts/rotation_rules.hpp"
#include "proofs/agree_contracts.hpp"
#include "proofs/fitting.hpp"

// Machine integers hold whatever the fast ledger's rules compute: over all values within the bounds of a ledger, every
// sum, difference and product lies in [-2^63, 2^63).
namespace p2pllm::proofs {
namespace {

using namespace contracts;
using N = FittingInt;

constexpr std::int64_t height_bound = std::int64_t{1} << 41;  ///< no chain is as high
constexpr std::int64_t deadline_bound = 2 * height_bound;     ///< a height and a parameter of time

/// Unknown numbers of at least 0, each with its upper bound.
class Bounded {
 public:
  /// @param dropped  the number whose upper bound is not assumed
  Bounded(Scope& scope, std::string dropped)
      : scope_(scope), dropped_(std::move(dropped)), uppers_(scope.truth(true)) {}

  [[nodiscard]] N number(const std::string& name, std::int64_t most) {
    const SymInt value = scope_.integer(name);
    scope_.assume(integer_like(value, 0) <= value);
    if (name != dropped_) uppers_ = land(uppers_, value <= integer_like(value, most));
    return N(value);
  }
  [[nodiscard]] const SymBool& uppers() const { return uppers_; }
  /// What the encoding can hold (LEDGER-2).
  [[nodiscard]] N encoded(const std::string& name) { return number(name, amount_max); }
  /// A part of the supply.
  [[nodiscard]] N value(const std::string& name) { return number(name, supply_max); }
  [[nodiscard]] N height(const std::string& name) { return number(name, height_bound); }
  [[nodiscard]] N deadline(const std::string& name) { return number(name, deadline_bound); }
  [[nodiscard]] N time(const std::string& name) { return number(name, height_max); }
  [[nodiscard]] SymBool fact(const std::string& name) const { return scope_.unknown(name); }

  /// The constraints of LEDGER-1 as bounds; `update_cooldown`, `min_fee` and others have that of the encoding alone.
  [[nodiscard]] Parameters<N> parameters() {
    return {.min_stake = value("min_stake"),
            .launch_stake = value("launch_stake"),
            .min_fee = encoded("min_fee"),
            .update_cooldown = encoded("update_cooldown"),
            .unbonding = time("unbonding"),
            .jail = time("jail"),
            .evidence_age_max = time("evidence_age_max"),
            .deliver_within_max = time("deliver_within_max"),
            .window_min = time("window_min"),
            .window_max = time("window_max"),
            .turn_min = time("turn_min"),
            .turn_max = time("turn_max"),
            .steps_max = number("steps_max", 1 << 20),
            .price_max = number("price_max", std::int64_t{1} << 40),
            .challenge_bond_min = encoded("challenge_bond_min"),
            .closing_min = time("closing_min"),
            .closing_max = time("closing_max")};
  }
  /// Terms that fit, of an SLA that exists.
  [[nodiscard]] SlaTerms<N> terms() {
    return {number("price", std::int64_t{1} << 40),
            number("units", 1 << 20),
            number("steps_per_unit", 1 << 20),
            deadline("accept_by"),
            deadline("deliver_by"),
            time("window"),
            time("turn"),
            encoded("bond"),
            number("first", 1 << 20)};
  }
  [[nodiscard]] SlaTerms<N> any_terms() {
    return {encoded("any_price"),     encoded("any_units"),      encoded("any_steps_per_unit"),
            encoded("any_accept_by"), encoded("any_deliver_by"), encoded("any_window"),
            encoded("any_turn"),      encoded("any_bond"),       encoded("any_first")};
  }
  [[nodiscard]] Sla<N> sla() {
    return {number("status", 8),
            value("escrow"),
            value("held_bond"),
            value("challenge_bond"),
            deadline("challenge_until"),
            deadline("demand_by"),
            number("demanded", 1 << 20),
            number("left", 1 << 20),
            number("right", 1 << 20),
            number("on_turn", 2),
            deadline("deadline"),
            number("refined", 1 << 20),
            number("n2", 1 << 20),
            number("shown_by", 2),
            number("shown", 1 << 20),
            number("owed", 1 << 20),
            number("acknowledged", 1 << 20)};
  }
  [[nodiscard]] Registration<N> node() {
    return {number("status", 5),    value("stake"),           height("version"),  height("updated_at"),
            deadline("release_at"), deadline("jailed_until"), height("open_slas")};
  }
  /// B's deposit may only be asked for yet, so both together are bounded by the encoding alone (CHAN-2).
  [[nodiscard]] Channel<N> channel() {
    const N deposit_a = encoded("deposit_a"), deposit_b = encoded("deposit_b");
    const SymInt both = deposit_a.value() + deposit_b.value();
    if (dropped_ != "deposits") uppers_ = land(uppers_, both <= integer_like(both, amount_max));
    return {number("status", 4),
            deposit_a,
            deposit_b,
            deadline("fund_by"),
            time("closing_time"),
            deadline("timeout"),
            encoded("version"),
            encoded("balance_a"),
            encoded("balance_b"),
            number("least_a", channel_nothing_posted),
            number("least_b", channel_nothing_posted)};
  }
  [[nodiscard]] ChannelBalanceNumbers<N> shown() {
    return {encoded("shown_version"), encoded("shown_a"), encoded("shown_b")};
  }

 private:
  Scope& scope_;
  std::string dropped_;
  SymBool uppers_;
};

/// Runs rules within bounds and, for the fault, without one of them.
std::function<Goal(Scope&)> within_bounds(const std::function<void(Bounded&)>& run, const std::string& needed) {
  return [run, needed](Scope& scope) -> Goal {
    const auto fit_without = [&](const std::string& dropped) {
      Results noted;
      Bounded bounded(scope, dropped);
      run(bounded);
      return implies(bounded.uppers(), noted.fit(scope));
    };
    return {fit_without(""), fit_without(needed)};
  };
}

void run_sla(Bounded& b) {
  const auto p = b.parameters();
  const auto terms = b.terms();
  const N h = b.height("h"), unit = b.encoded("unit");
  const SymBool fact = b.fact("fact");
  const auto change = [&b](const auto& effect) {
    Sla<N> next = b.sla();
    effect(next);
  };
  (void)optimized::terms_fit(b.any_terms(), p);
  (void)optimized::reason_propose(b.any_terms(), p, h);
  change([&](Sla<N>& sla) { (void)optimized::propose(sla, terms); });
  change([&](Sla<N>& sla) { optimized::show(sla, terms, h, provider_turn, unit, unit); });
  change([&](Sla<N>& sla) { (void)optimized::settle(sla, terms, b.number("settled", 1 << 20)); });
  change([&](Sla<N>& sla) { optimized::demand(sla, terms, h, unit); });
  change([&](Sla<N>& sla) { optimized::publish(sla, terms, h); });
  change([&](Sla<N>& sla) { (void)optimized::end(sla, SlaStatus::settled); });
  change([&](Sla<N>& sla) { optimized::challenge(sla, terms, h, b.number("disputed", 1 << 20), h); });
  change([&](Sla<N>& sla) { optimized::post_mid(sla, terms, h); });
  change([&](Sla<N>& sla) { optimized::side(sla, terms, h, fact); });
  change([&](Sla<N>& sla) { optimized::refine(sla, terms, h, unit); });
  (void)optimized::reason_post_mid(b.sla(), h, fact, fact);
  (void)optimized::reason_judge(b.sla(), h, fact, fact);
  (void)optimized::reason_demand(b.sla(), h, fact, unit);
  (void)optimized::reason_refine(b.sla(), p, h, fact, unit, fact);
  (void)optimized::reason_challenge(b.sla(), terms, p, h, fact, unit, unit, fact, fact);
  (void)optimized::is_sound(b.sla(), terms, p, h);
  (void)optimized::can_be_ended(b.sla(), terms, h);
}

void run_registration(Bounded& b) {
  const auto p = b.parameters();
  const N h = b.height("h"), stake = b.value("stake_in");
  const N then = b.number("stake_then", 2 * supply_max);  // of a genesis proposer: its share is rounded up (POS-3)
  const SymBool fact = b.fact("fact"), reporter = b.fact("reporter");
  const auto change = [&b](const auto& effect) {
    Registration<N> next = b.node();
    effect(next);
  };
  (void)optimized::reason_update(b.node(), p, h);
  (void)optimized::reason_report(b.node(), p, h, b.encoded("g"), fact, fact, then);
  change([&](Registration<N>& node) { optimized::enroll(node, h, stake); });
  change([&](Registration<N>& node) { optimized::update(node, h); });
  change([&](Registration<N>& node) { optimized::unbond(node, p, h); });
  change([&](Registration<N>& node) { (void)optimized::slash(node, p, h, fact, then, reporter); });
  change([](Registration<N>& node) { optimized::open_sla_of(node); });
  change([](Registration<N>& node) { optimized::close_sla_of(node); });
}

void run_channel(Bounded& b) {
  const auto p = b.parameters();
  const N h = b.height("h");
  const ChannelTermNumbers<N> terms{b.encoded("terms_a"), b.encoded("terms_b"), b.encoded("closing"),
                                    b.encoded("fund_by_terms")};
  (void)optimized::terms_fit(terms, p, b.fact("differ"));
  (void)optimized::reason_open(terms, p, h, b.fact("is_a"));
  (void)optimized::balances_divide(b.channel(), b.shown());
  (void)optimized::value_of(b.channel());
  Channel<N> closing = b.channel();
  optimized::close(closing, h);
}

void run_ledger(Bounded& b) {
  N balance = b.value("balance"), nonce = b.encoded("nonce");
  const N fee = b.encoded("fee");
  optimized::charge(balance, nonce, fee);
  N left = b.value("left");
  (void)optimized::transfer(left, b.encoded("amount"), b.fact("crosses"));
}

/// Stakes add up to at most twice 2^57, and priorities stay within five totals (POS-2, POS-3).
void run_rotation(Bounded& b) {
  const N total = b.number("total", 2 * supply_max), owed = b.number("owed", 10 * supply_max);
  const N zero = integer_like(total, 0);
  (void)optimized::owed_after(owed, total, b.fact("has_turn"));
  (void)optimized::owed_after(N(zero.value() - total.value()), total, b.fact("has_turn"));
  (void)optimized::proposer_share(b.value("launch_stake"), b.value("active"), 1 << 20);
}

/// @param needed  the bound without which a result does not fit
Obligation fits(const AgreeName& name, const std::function<void(Bounded&)>& run, const std::string& needed) {
  return {name.clause, name.name, "machine integers hold all that the fast half's rules of " + name.rule() + " compute",
          "all values within the bounds of LEDGER-1 and LEDGER-2", within_bounds(run, needed)};
}

}  // namespace

std::vector<Obligation> agree_fits_obligations() {
  return {fits({"LEDGER-2", "agree-fits-accounts"}, run_ledger, "nonce"),
          fits({"LEDGER-2", "agree-fits-registrations"}, run_registration, "update_cooldown"),
          fits({"SLA-2", "agree-fits-slas"}, run_sla, "units"),
          fits({"CHAN-2", "agree-fits-channels"}, run_channel, "deposits"),
          fits({"POS-2", "agree-fits-rotation"}, run_rotation, "total")};
}

}  // namespace p2pllm::proofs
