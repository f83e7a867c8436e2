// Runs every rule template of reference/contracts over unknowns (so that it branches on no comparison), and over
// machine integers in lock-step with rationals, which give the values of the unknowns' terms.
#include <catch2/catch.hpp>
#include <random>
#include <utility>
#include <vector>

#include "reference/contracts/account_rules.hpp"
#include "reference/contracts/channel_rules.hpp"
#include "reference/contracts/dispute_rules.hpp"
#include "reference/contracts/registration_rules.hpp"
#include "reference/contracts/rotation_rules.hpp"
#include "tests/support/lock_step.hpp"
#include "tests/unit/symbolic.hpp"

namespace p2pllm::reference {
namespace {

using symbolic::SymBool;
using symbolic::SymNumber;
using Both = testing::LockStep<std::int64_t, Rational>;

/// All numbers and truths that a rule yields.
template <Integer N>
struct Outcome {
  std::vector<N> numbers;
  std::vector<Truth<N>> truths = {};
};

Outcome<SymNumber> outcome(const SymNumber& number) { return {{number}}; }
Outcome<SymNumber> outcome(const SymBool& truth) { return {{}, {truth}}; }
Outcome<Both> outcome(const Both& number) { return {{number}}; }
Outcome<Both> outcome(const Both::Answer& truth) { return {{}, {truth}}; }
/// The outcome of a record of the ledger, which lists its fields.
template <Integer N, template <typename> typename Record>
requires requires(const Record<N>& record) {
  Record<N>::fields(record, [](const char*, const N&) {});
}
Outcome<N> outcome(const Record<N>& record) {
  Outcome<N> all;
  Record<N>::fields(record, [&](const char*, const N& number) { all.numbers.push_back(number); });
  return all;
}
template <Integer N>
Outcome<N> outcome(const SlaFlow<N>& flow) {
  return {{flow.from_client, flow.from_provider, flow.to_client, flow.to_provider, flow.offence}};
}
template <Integer N>
Outcome<N> outcome(const ChannelFlow<N>& flow) {
  return {{flow.from_a, flow.from_b, flow.to_a, flow.to_b}};
}
template <Integer N>
Outcome<N> outcome(const RegistrationFlow<N>& flow) {
  return {{flow.from_owner, flow.to_owner, flow.to_reporter, flow.burned}};
}
template <Integer N>
Outcome<N> outcome(const Validator<N>& node) {
  return {{node.stake, node.priority}};
}
template <Integer N>
Outcome<N> outcome(const AccountNumbers<N>& account) {
  return {{account.balance, account.nonce}};
}
template <Integer N>
Outcome<N> outcome(const TransferNumbers<N>& transfer) {
  return {{transfer.sender, transfer.receiver, transfer.in_flight}};
}
template <Integer N>
Outcome<N> outcome(const Guard<N>& guard) {
  return {{}, {guard.holds}};
}
template <Integer N>
Outcome<N> outcome(const std::vector<Guard<N>>& guards) {
  Outcome<N> all;
  for (const Guard<N>& guard : guards) all.truths.push_back(guard.holds);
  return all;
}
template <Integer N>
Outcome<N> outcome(const std::vector<Constraint<N>>& constraints) {
  Outcome<N> all;
  for (const Constraint<N>& constraint : constraints) all.truths.push_back(constraint.holds);
  return all;
}
template <Integer N, typename State, typename Flow>
Outcome<N> outcome(const Step<N, State, Flow>& step) {
  Outcome<N> all = outcome(step.next);
  for (const N& number : outcome(step.flow).numbers) all.numbers.push_back(number);
  all.truths = outcome(step.guards).truths;
  return all;
}

/// Arguments for every rule, made of a list of numbers in order.
template <Integer N>
class Arguments {
 public:
  static constexpr std::size_t count = 95;
  explicit Arguments(const std::vector<N>& numbers) : numbers_(numbers) { REQUIRE(used_ == numbers.size()); }

 private:
  const std::vector<N>& numbers_;
  std::size_t used_ = 0;
  N next() { return numbers_.at(used_++); }
  Truth<N> next_truth() {
    const N a = next();
    return a < next();
  }
  template <typename Record, std::size_t size>
  Record record() {
    return [this]<std::size_t... k>(std::index_sequence<k...>) { return Record{(static_cast<void>(k), next())...}; }
    (std::make_index_sequence<size>());
  }

 public:
  const N height = next(), amount = next(), other = next();
  const Parameters<N> p = record<Parameters<N>, 17>();
  const Sla<N> sla = record<Sla<N>, 17>();
  const SlaTerms<N> terms = record<SlaTerms<N>, 9>();
  const Channel<N> channel = record<Channel<N>, 11>();
  const ChannelTermNumbers<N> channel_terms = record<ChannelTermNumbers<N>, 4>();
  const ChannelBalanceNumbers<N> state = record<ChannelBalanceNumbers<N>, 3>();
  const Registration<N> node = record<Registration<N>, 7>();
  const Validator<N> validator = record<Validator<N>, 2>(), best = record<Validator<N>, 2>();
  const AccountNumbers<N> account = record<AccountNumbers<N>, 2>();
  const Envelope<N> envelope = record<Envelope<N>, 3>();
  const TransferNumbers<N> transfer = record<TransferNumbers<N>, 3>();
  const SlaShown<N> shown{next(), next()};
  const Truth<N> yes = next_truth(), also = next_truth(), besides = next_truth();
  const SlaShownFacts<N> facts{also, besides, yes};
  const ChannelSender<N> sender{next_truth(), next_truth()};
};

/// A point with few distinct numbers, so that statuses, ties and a divided negative number are common.
std::vector<std::int64_t> draw_point(std::mt19937& engine) {
  static constexpr std::int64_t values[] = {0, 1, 2, 3, 4, 5, 7, 100, -3};
  std::vector<std::int64_t> point;
  for (std::size_t k = 0; k < Arguments<Both>::count; ++k) point.push_back(values[engine() % std::size(values)]);
  return point;
}

/// Checks a rule, a generic function of the arguments, at random points; if it yields only a truth, both must occur.
template <typename Rule>
void check_rule(const char* name, const Rule& rule) {
  CAPTURE(name);
  std::vector<SymNumber> unknowns;
  for (std::size_t k = 0; k < Arguments<Both>::count; ++k) unknowns.push_back(symbolic::variable(k));
  const Outcome<SymNumber> terms = outcome(rule(Arguments<SymNumber>(unknowns)));
  std::mt19937 engine(42);
  constexpr int points = 120;
  int yes = 0;
  for (int k = 0; k < points; ++k) {
    const std::vector<std::int64_t> numbers = draw_point(engine);
    const std::vector<Rational> point(numbers.begin(), numbers.end());
    const Outcome<Both> exact = outcome(rule(Arguments<Both>(std::vector<Both>(numbers.begin(), numbers.end()))));
    REQUIRE(exact.numbers.size() == terms.numbers.size());
    REQUIRE(exact.truths.size() == terms.truths.size());
    for (std::size_t i = 0; i < terms.numbers.size(); ++i)
      REQUIRE(value_at(terms.numbers[i].term(), point) == Rational(exact.numbers[i].value()));
    for (std::size_t i = 0; i < terms.truths.size(); ++i)
      REQUIRE(holds_at(terms.truths[i].formula(), point) == bool(exact.truths[i]));
    if (!terms.truths.empty() && exact.truths.front()) ++yes;
  }
  if (!terms.numbers.empty() || terms.truths.size() != 1) return;
  CHECK(yes > 0);
  CHECK(yes < points);
}

}  // namespace

TEST_CASE("the rules of accounts branch on nothing and mean the same over unknowns and integers",
          "[LEDGER-3][SHARD-3]") {
  check_rule("constraints", [](const auto& u) { return constraints(u.p); });
  check_rule("admission", [](const auto& u) { return admission(u.account, u.envelope, u.height, u.p); });
  check_rule("charged", [](const auto& u) { return charged(u.account, u.amount); });
  check_rule("transfer", [](const auto& u) { return transfer(u.transfer, u.amount, u.yes); });
  check_rule("arrived", [](const auto& u) { return arrived(u.transfer, u.amount); });
}

TEST_CASE("the rules of channels branch on nothing and mean the same over unknowns and integers",
          "[CHAN-2][CHAN-4][CHAN-5][CHAN-6][CHAN-7][CHAN-8]") {
  check_rule("number_of", [](const auto& u) { return number_of(u.height, ChannelStatus::closing); });
  check_rule("no_channel", [](const auto& u) { return no_channel(u.height); });
  check_rule("value", [](const auto& u) { return value(u.channel); });
  check_rule("terms_in_range", [](const auto& u) { return terms_in_range(u.channel_terms, u.p, u.yes); });
  check_rule("balances_fit", [](const auto& u) { return balances_fit(u.channel, u.state); });
  check_rule("is_final", [](const auto& u) {
    auto state = u.state;
    state.version = select(u.yes, integer_like(u.height, channel_version_final), state.version);
    return is_final(state);
  });
  check_rule("channel_open",
             [](const auto& u) { return channel_open(u.channel, u.p, u.height, u.channel_terms, u.sender, u.yes); });
  check_rule("channel_fund", [](const auto& u) { return channel_fund(u.channel, u.height, u.sender); });
  check_rule("channel_reclaim", [](const auto& u) { return channel_reclaim(u.channel, u.height); });
  check_rule("with_posted", [](const auto& u) { return with_posted(u.channel, u.state, u.sender); });
  check_rule("channel_cooperative_close",
             [](const auto& u) { return channel_cooperative_close(u.channel, u.height, u.state, u.yes); });
  check_rule("channel_close",
             [](const auto& u) { return channel_close(u.channel, u.height, u.state, u.sender, u.yes); });
  check_rule("channel_refute",
             [](const auto& u) { return channel_refute(u.channel, u.height, u.state, u.sender, u.yes); });
  check_rule("channel_punish",
             [](const auto& u) { return channel_punish(u.channel, u.height, u.amount, u.sender, u.yes); });
  check_rule("channel_settle", [](const auto& u) { return channel_settle(u.channel, u.height); });
}

TEST_CASE("the rules of registrations branch on nothing and mean the same over unknowns and integers",
          "[REG-2][REG-3][REG-4][REG-5][REG-6][REG-7]") {
  check_rule("status_like", [](const auto& u) { return status_like(u.height, NodeStatus::jailed); });
  check_rule("no_registration_flow", [](const auto& u) { return no_registration_flow(u.height); });
  check_rule("registration_register",
             [](const auto& u) { return registration_register(u.node, u.p, u.height, u.amount); });
  check_rule("registration_update", [](const auto& u) { return registration_update(u.node, u.p, u.height, u.yes); });
  check_rule("registration_migrate",
             [](const auto& u) { return registration_migrate(u.node, u.yes, u.also, u.besides); });
  check_rule("registration_top_up", [](const auto& u) { return registration_top_up(u.node, u.amount, u.yes); });
  check_rule("registration_unbond", [](const auto& u) { return registration_unbond(u.node, u.p, u.height, u.yes); });
  check_rule("registration_rebond", [](const auto& u) { return registration_rebond(u.node, u.p, u.height, u.yes); });
  check_rule("registration_withdraw", [](const auto& u) { return registration_withdraw(u.node, u.height, u.yes); });
  check_rule("registration_unjail", [](const auto& u) { return registration_unjail(u.node, u.p, u.height, u.yes); });
  check_rule("slash_amount", [](const auto& u) { return slash_amount(u.amount, u.p, u.yes, u.other); });
  check_rule("registration_slash",
             [](const auto& u) { return registration_slash(u.node, u.p, u.height, u.yes, u.amount, u.also); });
  check_rule("registration_report", [](const auto& u) {
    return registration_report(u.node, u.p, u.height, u.amount, u.yes, u.also, u.other, u.besides);
  });
  check_rule("registration_sla_opened", [](const auto& u) { return registration_sla_opened(u.node); });
  check_rule("registration_sla_closed", [](const auto& u) { return registration_sla_closed(u.node); });
}

TEST_CASE("the rules of the rotation branch on nothing and mean the same over unknowns and integers",
          "[POS-1][POS-2][POS-3][POS-5]") {
  check_rule("raised", [](const auto& u) { return raised(u.validator, u.amount); });
  check_rule("is_eligible", [](const auto& u) { return is_eligible(u.validator); });
  check_rule("takes_turn_from", [](const auto& u) { return takes_turn_from(u.validator, u.best); });
  check_rule("priority_after_turn", [](const auto& u) { return priority_after_turn(u.validator, u.amount, u.yes); });
  check_rule("kept_priority", [](const auto& u) { return kept_priority(u.validator); });
  check_rule("launch_share", [](const auto& u) { return launch_share(u.amount, u.other, 3); });
}

TEST_CASE("the rules of SLAs branch on nothing and mean the same over unknowns and integers",
          "[SLA-2][SLA-4][SLA-5][SLA-6][SLA-7][SLA-8]") {
  check_rule("as_integer", [](const auto& u) { return as_integer(u.height, SlaStatus::disputed); });
  check_rule("sla_empty", [](const auto& u) { return sla_empty(u.height, SlaStatus::expired); });
  check_rule("no_sla_flow", [](const auto& u) { return no_sla_flow(u.height); });
  check_rule("settled_for", [](const auto& u) { return settled_for(u.sla, u.terms, u.amount); });
  check_rule("all_to_client", [](const auto& u) { return all_to_client(u.sla, offence_fraud); });
  check_rule("sla_status_guard", [](const auto& u) { return sla_status_guard(SlaOperation::deliver, u.sla); });
  check_rule("sla_terms_form", [](const auto& u) { return sla_terms_form(u.terms, u.p); });
  check_rule("sla_propose", [](const auto& u) { return sla_propose(u.sla, u.terms, u.p, u.height); });
  check_rule("sla_accept", [](const auto& u) { return sla_accept(u.sla, u.terms, u.height, u.yes, u.also); });
  check_rule("sla_cancel", [](const auto& u) { return sla_cancel(u.sla, u.yes); });
  check_rule("sla_expire", [](const auto& u) { return sla_expire(u.sla, u.terms, u.height); });
  check_rule("sla_deliver",
             [](const auto& u) { return sla_deliver(u.sla, u.terms, u.height, u.yes, u.shown, u.facts); });
  check_rule("demand_is_pending", [](const auto& u) { return demand_is_pending(u.sla); });
  check_rule("sla_demand", [](const auto& u) { return sla_demand(u.sla, u.terms, u.height, u.yes, u.amount); });
  check_rule("sla_publish", [](const auto& u) { return sla_publish(u.sla, u.terms, u.height, u.yes, u.also); });
  check_rule("sla_miss", [](const auto& u) { return sla_miss(u.sla, u.height); });
  check_rule("sla_acknowledge", [](const auto& u) { return sla_acknowledge(u.sla, u.terms, u.yes); });
  check_rule("sla_finalize", [](const auto& u) { return sla_finalize(u.sla, u.terms, u.height); });
  check_rule("sla_timeout", [](const auto& u) { return sla_timeout(u.sla, u.terms, u.height); });
}

TEST_CASE("the rules of sessions branch on nothing and mean the same over unknowns and integers",
          "[SLA-5][SLA-18][SLA-19]") {
  check_rule("sla_showing", [](const auto& u) { return sla_showing(u.sla, u.terms, u.height, u.shown, client_turn); });
  check_rule("sla_units_guard", [](const auto& u) { return sla_units_guard(u.terms, u.shown, u.amount); });
  check_rule("sla_close",
             [](const auto& u) { return sla_close(u.sla, u.terms, u.height, u.yes, u.shown, u.also, u.besides); });
  check_rule("sla_answer", [](const auto& u) { return sla_answer(u.sla, u.terms, u.height, u.yes, u.shown, u.facts); });
  check_rule("sla_claim", [](const auto& u) { return sla_claim(u.sla, u.terms, u.amount, u.yes); });
  check_rule("sla_settle", [](const auto& u) { return sla_settle(u.sla, u.terms, u.amount, u.yes, u.also); });
  check_rule("sla_convict", [](const auto& u) { return sla_convict(u.sla, u.yes, u.also); });
}

TEST_CASE("the rules of disputes branch on nothing and mean the same over unknowns and integers",
          "[SLA-8][SLA-9][SLA-10][SLA-11]") {
  check_rule("dispute_mid", [](const auto& u) { return dispute_mid(u.sla); });
  check_rule("one_step_left", [](const auto& u) { return one_step_left(u.sla); });
  check_rule("is_on_turn", [](const auto& u) { return is_on_turn(u.sla, client_turn); });
  check_rule("sla_challenge", [](const auto& u) {
    return sla_challenge(u.sla, u.terms, u.p, u.height, u.yes, u.other, u.amount, u.also, u.besides);
  });
  check_rule("is_refined", [](const auto& u) { return is_refined(u.sla); });
  check_rule("sla_refine",
             [](const auto& u) { return sla_refine(u.sla, u.terms, u.p, u.height, u.yes, u.amount, u.also); });
  check_rule("sla_post_mid", [](const auto& u) { return sla_post_mid(u.sla, u.terms, u.height, u.yes, u.also); });
  check_rule("sla_side", [](const auto& u) { return sla_side(u.sla, u.terms, u.height, u.yes, u.also); });
  check_rule("dispute_outcome", [](const auto& u) {
    return dispute_outcome(u.sla, u.terms, u.yes, {sla_status_guard(SlaOperation::judge, u.sla)});
  });
  check_rule("sla_judge", [](const auto& u) { return sla_judge(u.sla, u.terms, u.height, u.yes, u.also, u.besides); });
  check_rule("sla_forfeit", [](const auto& u) { return sla_forfeit(u.sla, u.terms, u.height); });
}

}  // namespace p2pllm::reference
