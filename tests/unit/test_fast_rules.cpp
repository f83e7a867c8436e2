#include <catch2/catch.hpp>

#include "optimized/contracts/account_rules.hpp"
#include "optimized/contracts/channel_rules.hpp"
#include "optimized/contracts/invariant_rules.hpp"
#include "optimized/contracts/registration_rules.hpp"
#include "optimized/contracts/rotation_rules.hpp"
#include "reference/contracts/account_rules.hpp"
#include "reference/contracts/channel_rules.hpp"
#include "reference/contracts/registration_rules.hpp"
#include "reference/contracts/rotation_rules.hpp"
#include "reference/contracts/sla_invariants.hpp"
#include "tests/unit/ledger_world.hpp"

// Rules of the fast ledger beside the reference's on all small values, also those that no history leads to. The
// obligations `agree-*` prove the same for all values.
namespace p2pllm::optimized {
namespace {

using I = std::int64_t;
using List = std::vector<I>;

const Parameters<I> parameters = reference::small_parameters();

/// The numbers of an object, in the order of its fields.
template <typename Object>
List numbers_of(const Object& object) {
  List numbers;
  Object::fields(object, [&numbers](std::string_view, const I& number) { numbers.push_back(number); });
  return numbers;
}

/// The first choice of one value from each list of which `holds` says false; nothing if there is none.
template <typename Holds, typename... Lists>
List counterexample(const Holds& holds, const List& first, const Lists&... others) {
  for (const I value : first) {
    if constexpr (sizeof...(others) == 0) {
      if (!holds(value)) return {value};
    } else {
      List found = counterexample([&](auto... rest) { return holds(value, rest...); }, others...);
      if (found.empty()) continue;
      found.insert(found.begin(), value);
      return found;
    }
  }
  return {};
}
const List none{};

List from_to(I first, I last) {
  List all;
  for (I value = first; value <= last; ++value) all.push_back(value);
  return all;
}

const List truths{0, 1};

TEST_CASE("who may have a turn, who has it and what is owed after it are as in the reference",
          "[POS-1][POS-2][POS-3]") {
  CHECK(counterexample(
            [](I stake, I owed) {
              return may_have_turn(stake, owed) == reference::is_eligible<I>({stake, owed}) &&
                     owed_still(stake, owed) == reference::kept_priority<I>({stake, owed});
            },
            from_to(0, 3), from_to(-15, 15)) == none);
  CHECK(counterexample(
            [](I stake, I owed, I best) {
              return is_owed_more(stake, owed, best) == reference::takes_turn_from<I>({stake, owed}, {1, best});
            },
            from_to(0, 3), from_to(-3, 5), from_to(0, 5)) == none);
  CHECK(counterexample(
            [](I owed, I total, I has_turn) {
              return owed_after(owed, total, has_turn != 0) ==
                     reference::priority_after_turn<I>({1, owed}, total, has_turn != 0);
            },
            from_to(-15, 20), from_to(1, 4), truths) == none);
  CHECK_FALSE(may_have_turn<I>(0, 1));     // without stake nobody has a turn, whatever is owed
  CHECK(owed_after<I>(9, 2, false) == 8);  // and nobody is owed more than four totals
}

TEST_CASE("value that is sent arrives or travels, as in the reference, and never both", "[SHARD-3]") {
  CHECK(counterexample(
            [](I balance, I amount, I crosses) {
              const auto step = reference::transfer<I>({balance, 0, 0}, amount, crosses != 0);
              I left = balance;
              const auto [arrives, travels] = transfer(left, amount, crosses != 0);
              return left == step.next.sender && arrives == step.next.receiver && travels == step.next.in_flight &&
                     (reason_transfer(balance, amount) == 0) == step.guards.front().holds;
            },
            from_to(0, 4), from_to(0, 5), truths) == none);
}

TEST_CASE("a registration adds to the stake that is there, as in the reference", "[REG-2]") {
  CHECK(counterexample(
            [](I before, I stake, I version, I height) {
              const Registration<I> node{I(NodeStatus::withdrawn), before, version, 1, 0, 2, 0};
              Registration<I> next = node;
              enroll(next, height, stake);
              const auto step = reference::registration_register<I>(node, parameters, height, stake);
              return numbers_of(next) == numbers_of(step.next) &&
                     reason_register(node, parameters, height, stake) == I(reference::first_failure(step.guards));
            },
            from_to(0, 3), List{0, 99, 100}, from_to(0, 2), from_to(1, 3)) == none);
}

TEST_CASE("a slash takes and burns what the reference's does, and the longer term in jail stays", "[REG-4]") {
  CHECK(counterexample(
            [](I status, I stake, I stake_then, I jailed_until, I fraud, I has_reporter) {
              const I release_at = status == I(NodeStatus::unbonding) ? 9 : 0;
              const Registration<I> node{status, stake, 1, 1, release_at, jailed_until, 1};
              Registration<I> next = node;
              const auto [to_reporter, burned] =
                  slash<I>(next, parameters, 10, fraud != 0, stake_then, has_reporter != 0);
              const auto step =
                  reference::registration_slash<I>(node, parameters, 10, fraud != 0, stake_then, has_reporter != 0);
              return numbers_of(next) == numbers_of(step.next) && to_reporter == step.flow.to_reporter &&
                     burned == step.flow.burned;
            },
            List{I(NodeStatus::active), I(NodeStatus::jailed), I(NodeStatus::unbonding), I(NodeStatus::tombstoned)},
            List{0, 1, 2, 30, 1000}, List{0, 1, 2, 99, 100, 300, 4000}, List{0, 12, 13, 14, 20}, truths,
            truths) == none);
}

TEST_CASE("terms of a job are taken where the reference takes them", "[SLA-2]") {
  const auto agree = [](const SlaTerms<I>& terms) {
    return terms_fit(terms, parameters) == reference::all_hold(reference::sla_terms_form(terms, parameters));
  };
  CHECK(counterexample(
            [&](I units, I each) {
              return agree({1, units, each, 2, 5, 2, 1, 10, 1});
            },
            from_to(-2, 18), from_to(-2, 18)) == none);
  CHECK(counterexample(
            [&](I units, I each) {
              return agree({1, units, each, 2, 5, 2, 1, 10, 1});
            },
            List{-1, 1, I{1} << 32, amount_max}, List{-1, 1, I{1} << 32, amount_max}) == none);
  CHECK(counterexample(
            [&](I accept_by, I window, I turn) {
              return agree({1, 2, 2, accept_by, 5, window, turn, 10, 2});
            },
            from_to(-1, 6), from_to(1, 5), from_to(0, 4)) == none);
  CHECK(counterexample(
            [&](I price, I bond) {
              return agree({price, 2, 2, 2, 5, 2, 1, bond, 1});
            },
            List{-1, 0, 1000, 1001}, List{-1, 0, amount_max, amount_max + 1}) == none);
}

TEST_CASE("publishing shortens no window of a challenge, as in the reference", "[SLA-6][SLA-14]") {
  CHECK(counterexample(
            [](I window, I challenge_until, I demand_by, I height) {
              const SlaTerms<I> terms{1, 2, 2, 2, 5, window, 1, 10, 2};
              const Sla<I> sla{
                  I(SlaStatus::delivered), 2, 10, 0, challenge_until, demand_by, 1, 0, 0, 0, 0, 0, 0, 1, 2, 2, 0};
              Sla<I> next = sla;
              publish(next, terms, height);
              const auto step = reference::sla_publish<I>(sla, terms, height, true, true);
              return numbers_of(next) == numbers_of(step.next) &&
                     reason_publish<I>(sla, height, true, true) == I(reference::first_failure(step.guards));
            },
            from_to(2, 4), from_to(1, 9), from_to(0, 4), from_to(1, 4)) == none);
}

/// Whether the fast ledger finds an SLA sound where the reference does.
bool agree_on_soundness(const Sla<I>& sla, I height) {
  const SlaTerms<I> terms{3, 2, 2, 2, 5, 2, 1, 10, 1};
  const auto exact = reference::sla_invariants(sla, terms, parameters, height);
  return is_sound(sla, terms, parameters, height) ==
         std::ranges::all_of(exact, [](const auto& invariant) { return invariant.holds; });
}

TEST_CASE("an SLA is sound where the reference's invariants hold", "[SLA-3][LEDGER-5]") {
  CHECK(counterexample(
            [](I left, I right, I turn, I deadline) {
              return agree_on_soundness(
                  {I(SlaStatus::disputed), 6, 10, 5, 0, 0, 0, left, right, turn, deadline, 0, 0, 0, 2, 2, 0}, 4);
            },
            from_to(-1, 5), from_to(-1, 5), from_to(0, 3), from_to(0, 6)) == none);
  CHECK(counterexample(
            [](I challenge_until, I demand_by, I demanded, I left) {
              return agree_on_soundness({I(SlaStatus::delivered), 6, 10, 0, challenge_until, demand_by, demanded, left,
                                         0, 0, 0, 0, 0, 1, 2, 2, 0},
                                        4);
            },
            from_to(-1, 7), from_to(-1, 6), from_to(-1, 4), truths) == none);
  CHECK(
      counterexample(
          [](I status, I right, I refined, I micro_steps) {
            return agree_on_soundness({status, 6, 10, 5, 0, 0, 0, 0, right, 1, 5, refined, micro_steps, 0, 2, 2, 0}, 4);
          },
          List{I(SlaStatus::delivered), I(SlaStatus::disputed)}, from_to(0, 18), from_to(-1, 6),
          from_to(-1, 18)) == none);
  CHECK(counterexample(
            [](I status, I escrow, I bond, I challenge_bond, I deadline) {
              return agree_on_soundness(
                  {status, escrow, bond, challenge_bond, 0, 0, 0, 0, 0, 0, deadline, 0, 0, 0, 0, 0, 0}, 4);
            },
            from_to(-1, 9), List{0, 5, 6, 7}, List{0, 9, 10, 11}, List{0, 4, 5}, truths) == none);
  CHECK(counterexample(
            [](I by, I shown, I owed, I acknowledged) {
              return agree_on_soundness(
                  {I(SlaStatus::delivered), 6, 10, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, by, shown, owed, acknowledged}, 4);
            },
            from_to(-1, 3), from_to(-1, 3), from_to(-1, 3), from_to(-1, 3)) == none);
  CHECK(counterexample(
            [](I status, I by, I shown, I owed, I acknowledged) {
              return agree_on_soundness({status, 6, 10, status == 4 ? 5 : 0, 0, 0, 0, 0, status == 4 ? 1 : 0,
                                         status == 4 ? 1 : 0, status == 4 ? 5 : 0, 0, 0, by, shown, owed, acknowledged},
                                        4);
            },
            List{I(SlaStatus::active), I(SlaStatus::disputed)}, from_to(-1, 2), from_to(-1, 3), from_to(-1, 3),
            from_to(-1, 2)) == none);
  // At one step there is no middle on which the client could take a side.
  const SlaTerms<I> terms{3, 2, 2, 2, 5, 2, 1, 10, 1};
  CHECK_FALSE(has_its_interval<I>({I(SlaStatus::disputed), 6, 10, 5, 0, 0, 0, 1, 2, 2, 5, 0, 0, 0, 2, 2, 0}, terms,
                                  parameters, 4));
}

TEST_CASE("balances divide the deposits where they do in the reference, and are those of version 0", "[CHAN-4]") {
  CHECK(counterexample(
            [](I deposit_a, I deposit_b, I version, I balance_a, I balance_b) {
              const Channel<I> channel{
                  I(ChannelStatus::open), deposit_a, deposit_b, 4, 3, 0, 0, deposit_a, deposit_b, 9, 9};
              const ChannelBalanceNumbers<I> shown{version, balance_a, balance_b};
              return balances_divide(channel, shown) == reference::balances_fit(channel, shown);
            },
            from_to(0, 3), from_to(0, 3), List{0, 1, 2, channel_version_final}, from_to(-1, 7),
            from_to(-1, 7)) == none);
}

}  // namespace
}  // namespace p2pllm::optimized
