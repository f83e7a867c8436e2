#pragma once

#include "reference/contracts/dispute_rules.hpp"
#include "tests/support/counting_executor.hpp"
#include "tests/unit/ledger_world.hpp"

// A job on a ledger, from its proposal to the end of a dispute about it.
namespace p2pllm::reference {

using namespace parties;

inline const Person client = person(1), provider = person(2), stranger = person(3), validator = person(4);
inline constexpr LayerRange layers{0, 4};
inline constexpr std::int64_t steps = 7;
inline constexpr Amount price = 30, bond = 400, stake = 1000, challenge_bond = 40;
inline const Bytes input{1, 2, 3, 4};
inline const Hash model = state_hash(Bytes{42});

/// A job of seven steps, and a provider that computes it correctly, or wrongly from one step on.
struct SlaWorld : LedgerWorld {
  Hash sla{};
  ComputedSteps truth = compute(model, layers, input, steps);
  ComputedSteps claimed = truth;

  explicit SlaWorld(const StepExecutor& step = sample_executor())
      : LedgerWorld(small_genesis({client, provider, stranger, validator}), ideal_signatures(), step) {
    REQUIRE(send(provider, Register{layers, 1000, 5, stake}).reason == Reason::none);
    propose();
    REQUIRE(send(provider, Accept{sla}).reason == Reason::none);
  }
  void propose() {
    const Height now = ledger.height();
    const Outcome outcome = send(client, Propose{provider.id(), layers, model, state_hash(input), price, steps, 1,
                                                 now + 2, now + 4, 2, 1, bond, steps});
    REQUIRE(outcome.reason == Reason::none);
    sla = outcome.id;
  }
  [[nodiscard]] const SlaRecord& job() const { return shard().slas.at(sla); }
  [[nodiscard]] SlaStatus status() const { return static_cast<SlaStatus>(job().sla.status); }
  [[nodiscard]] const Registration<std::int64_t>& node() const { return shard().nodes.at(provider.id()).registration; }
  [[nodiscard]] NodeStatus node_status() const { return static_cast<NodeStatus>(node().status); }

  /// From micro-step `micro` of step `first_wrong` on, each state that the provider claims has a wrong first byte.
  void go_wrong(std::int64_t first_wrong, std::size_t micro = 1) {
    claimed.leaves.clear();
    for (std::int64_t j = 1; j <= steps; ++j) {
      auto& within = claimed.micro_states[static_cast<std::size_t>(j - 1)];
      if (j > first_wrong) within.front().front() ^= 0xff;
      for (std::size_t k = j == first_wrong ? micro : 1; j >= first_wrong && k < within.size(); ++k)
        within[k].front() ^= 0xff;
      if (j >= first_wrong) claimed.states[static_cast<std::size_t>(j)].front() ^= 0xff;
      claimed.leaves.push_back(leaf(j));
    }
  }
  [[nodiscard]] Hash claimed_hash(std::int64_t j) const {
    return state_hash(claimed.states[static_cast<std::size_t>(j)]);
  }
  [[nodiscard]] MerkleLeaf leaf(std::int64_t j) const {
    return commitment_leaf({model, static_cast<std::uint64_t>(j), 0, 4, claimed_hash(j - 1), claimed_hash(j)});
  }
  [[nodiscard]] MerkleProof opening(std::int64_t j) const {
    return merkle_proof(claimed.leaves, static_cast<std::uint64_t>(j - 1));
  }
  [[nodiscard]] Deliver delivery() const { return parties::delivery(sla, job(), claimed); }
  /// Both parties play the dispute until one step, or one micro-step, is left. The client knows the truth.
  void halve() {
    while (!one_step_left(job().sla)) {
      REQUIRE(send(provider, turn_of_provider(job(), sla, claimed)).reason == Reason::none);
      REQUIRE(send(client, turn_of_client(job(), sla, truth)).reason == Reason::none);
    }
  }
  void challenge() {
    REQUIRE(send(client, Challenge::of_shown(sla, challenge_bond)).reason == Reason::none);
    halve();
  }
  [[nodiscard]] Refine refinement() const { return std::get<Refine>(turn_of_provider(job(), sla, claimed)); }
  /// Until one micro-step is left.
  void bisect() {
    challenge();
    REQUIRE(send(provider, refinement()).reason == Reason::none);
    halve();
  }
  [[nodiscard]] Judge witness() const { return std::get<Judge>(turn_of_provider(job(), sla, claimed)); }
};

/// Each micro-step of each step.
inline std::vector<std::pair<std::int64_t, std::int64_t>> all_micro_steps() {
  std::vector<std::pair<std::int64_t, std::int64_t>> all;
  const auto states = compute(model, layers, input, steps).micro_states;
  for (std::size_t j = 0; j < states.size(); ++j)
    for (std::size_t k = 1; k < states[j].size(); ++k) all.emplace_back(j + 1, k);
  return all;
}

/// A person's balance without the fees that it paid, one for each transaction. Those of block 1 went to the validator,
/// later ones to the provider, the only node, as long as it is Active.
inline Amount without_fees(const SlaWorld& world, const Person& who) {
  return world.balance(who) + static_cast<Amount>(world.account(who).nonce);
}

}  // namespace p2pllm::reference
