#include "optimized/contracts/account_rules.hpp"
#include "optimized/contracts/rotation_rules.hpp"
#include "proofs/agree_contracts.hpp"
#include "reference/contracts/account_rules.hpp"
#include "reference/contracts/rotation.hpp"

// The fast ledger's rules of accounts and of the rotation equal the reference's for all values.
namespace p2pllm::proofs {
namespace {

using contracts::Validator;

Goal admission(Scope& scope) {
  const auto number = [&](const char* name) { return scope.integer(name); };
  const reference::AccountNumbers<SymInt> account{number("balance"), number("nonce")};
  const reference::Envelope<SymInt> envelope{number("used"), number("until"), number("fee")};
  contracts::Parameters<SymInt> p{number("a"), number("b"), number("min_fee"), number("c"), number("d"), number("e"),
                                  number("f"), number("g"), number("i"),       number("j"), number("k"), number("l"),
                                  number("m"), number("n"), number("o"),       number("q"), number("r")};
  const SymInt h = number("h"), one = integer_like(h, 1);
  const SymInt expected = code_of(reference::admission(account, envelope, h, p), h);
  const auto fast = [&](const SymInt& height, const SymInt& fee) {
    return optimized::reason_admission(account.balance, account.nonce, envelope.nonce, envelope.valid_until, fee,
                                       height, p.min_fee) == expected;
  };
  return {fast(h, envelope.fee), fast(h + one, envelope.fee + one)};
}

Goal charging(Scope& scope) {
  const reference::AccountNumbers<SymInt> account{scope.integer("balance"), scope.integer("nonce")};
  const SymInt fee = scope.integer("fee");
  const auto expected = reference::charged(account, fee);
  auto [balance, nonce] = account;
  optimized::charge(balance, nonce, fee);
  return {land(balance == expected.balance, nonce == expected.nonce),
          land(account.balance == expected.balance, nonce == expected.nonce)};
}

Goal transfers(Scope& scope) {
  const SymInt sender = scope.integer("balance"), amount = scope.integer("amount"), zero = integer_like(sender, 0);
  const SymBool crosses = scope.unknown("crosses");
  const auto step = reference::transfer<SymInt>({sender, zero, zero}, amount, crosses);
  const auto agrees = [&](const SymBool& fast_crosses) {
    SymInt left = sender;
    const auto [arrives, travels] = optimized::transfer(left, amount, fast_crosses);
    const SymBool effect =
        land(left == step.next.sender, land(arrives == step.next.receiver, travels == step.next.in_flight));
    const SymInt code = optimized::reason_transfer(sender, amount);
    return land(code_of(step.guards, zero) == code, implies(code == zero, effect));
  };
  return {agrees(crosses), agrees(lnot(crosses))};
}

/// Members who have been raised by their ticks, one of whom may have the turn.
std::vector<Validator<SymInt>> members_of(Scope& scope) {
  std::vector<Validator<SymInt>> members;
  SymBool some = scope.truth(false);
  for (const char* name : {"0", "1", "2", "3"}) {
    members.push_back({scope.integer(std::string("s") + name), scope.integer(std::string("p") + name)});
    scope.assume(integer_like(members.back().stake, 0) <= members.back().stake);
    some = lor(some, reference::is_eligible(members.back()));
  }
  scope.assume(some);
  return members;
}

/// The fast half's search: the greatest that is owed, the first of equals.
Goal turn(Scope& scope) {
  const auto members = members_of(scope);
  const auto expected = reference::take_turn<SymInt>(members);
  const SymInt zero = integer_like(members[0].stake, 0);
  const auto agrees = [&](const SymInt& least) {
    SymInt best_owed = least, best = zero, total = zero;
    for (std::size_t k = 0; k < members.size(); ++k) {
      const auto& [stake, owed] = members[k];
      const SymBool takes = optimized::is_owed_more(stake, owed, best_owed);
      best_owed = select(takes, owed, best_owed);
      best = select(takes, integer_like(zero, static_cast<std::int64_t>(k)), best);
      total = total + stake;
    }
    SymBool same = best == expected.place;
    for (std::size_t k = 0; k < members.size(); ++k) {
      const SymBool has_turn = best == integer_like(zero, static_cast<std::int64_t>(k));
      same = land(same, optimized::owed_after(members[k].priority, total, has_turn) == expected.after[k].priority);
    }
    return same;
  };
  return {agrees(zero), agrees(integer_like(zero, 1))};
}

Goal kept(Scope& scope) {
  const SymInt stake = scope.integer("s"), owed = scope.integer("p"), zero = integer_like(stake, 0);
  scope.assume(zero <= stake);
  const SymInt expected = reference::kept_priority<SymInt>({stake, owed});
  return {optimized::owed_still(stake, owed) == expected, owed == expected};
}

Goal share(Scope& scope) {
  const SymInt launch = scope.integer("launch_stake"), active = scope.integer("active");
  const SymInt expected = reference::launch_share(launch, active, 3);
  return {optimized::proposer_share(launch, active, 3) == expected,
          optimized::proposer_share(launch, active + integer_like(active, 1), 3) == expected};
}

}  // namespace

std::vector<Obligation> agree_ledger_obligations() {
  return {{"LEDGER-3", "agree-ledger-admission", "the fast half refuses what the reference refuses, for its reason",
           "all accounts, envelopes and heights", admission},
          {"LEDGER-3", "agree-ledger-charge", "the fast half takes nonce and fee as the reference does", "all accounts",
           charging},
          {"SHARD-3", "agree-ledger-transfer", "the fast half's transfer is the reference's",
           "all balances and amounts", transfers},
          {"POS-1", "agree-rotation-turn", "the fast half gives the turn to the reference's member, for its price",
           "four members", turn},
          {"POS-3", "agree-rotation-kept", "what a member keeps is the reference's", "all stakes and priorities", kept},
          {"POS-3", "agree-rotation-share", "the share of a genesis proposer is the reference's", "three proposers",
           share}};
}

}  // namespace p2pllm::proofs
