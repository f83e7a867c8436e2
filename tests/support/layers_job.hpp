#pragma once

#include "optimized/contracts/engine.hpp"
#include "optimized/layers/layers_executor.hpp"
#include "parties/computation.hpp"
#include "reference/contracts/dispute_rules.hpp"
#include "reference/contracts/replay.hpp"
#include "tests/support/step_world.hpp"
#include "tests/unit/ledger_world.hpp"

// Jobs of a model in layers, on both ledgers (SLA-15).
namespace p2pllm::testing {

using parties::ComputedSteps;
using namespace contracts;
using reference::Person, reference::one_step_left;

/// All that the provider of some positions knows.
struct LayersWork {
  ComputedSteps steps;
  std::vector<std::vector<reference::MicroRecord>> records;  ///< of step j at j - 1
  std::vector<MerkleLeaf> rows_in, rows_out;                 ///< of the units
  std::vector<Hash> row_hashes;
  std::vector<Bytes> rows;  ///< that left

  [[nodiscard]] std::int64_t step_count() const { return std::ssize(records); }
};

[[nodiscard]] inline MerkleLeaf step_leaf(const StepWorld& world, std::int64_t step, const Bytes& before,
                                          const Bytes& after) {
  const LayerRange& layers = world.computation.layers;
  return contracts::commitment_leaf({world.id, static_cast<std::uint64_t>(step),
                                     static_cast<std::uint64_t>(layers.first), static_cast<std::uint64_t>(layers.last),
                                     contracts::state_hash(before), contracts::state_hash(after)});
}

/// Runs the world's next positions, each with the row of a token.
[[nodiscard]] inline LayersWork run_units(StepWorld& world, std::int64_t units) {
  LayersWork work;
  work.steps.model = world.id;
  work.steps.states.push_back(encode_step_state(world.run.state()));
  const LayerRange& layers = world.computation.layers;
  for (std::int64_t unit = 1; unit <= units; ++unit) {
    const std::vector<std::int32_t> row = world.row_of(3 * unit);
    work.row_hashes.push_back(row_hash(bytes_of_numbers(row)));
    work.rows_in.push_back(row_leaf(unit, work.row_hashes.back()));
    for (std::int64_t l = layers.first; l < layers.last; ++l) {
      work.records.push_back(world.run.run(l == layers.first ? std::span(row) : std::span<const std::int32_t>()));
      auto& micro = work.steps.micro_states.emplace_back();
      for (const auto& record : work.records.back()) micro.push_back(record.before);
      micro.push_back(work.records.back().back().after);
      work.steps.leaves.push_back(step_leaf(world, work.step_count(), work.steps.states.back(), micro.back()));
      work.steps.states.push_back(micro.back());
    }
    work.rows.push_back(world.run.openings().numbers(p2pllm::Register::result));
    work.rows_out.push_back(row_leaf(unit, row_hash(work.rows.back())));
  }
  return work;
}

/// What a provider claims whose states are each one bit wrong from a micro-step of a step on.
[[nodiscard]] inline ComputedSteps lie_from(const StepWorld& world, const ComputedSteps& truth, std::int64_t step,
                                            std::int64_t micro) {
  ComputedSteps lie = truth;
  lie.leaves.clear();
  for (std::int64_t j = 1; j <= std::ssize(truth.leaves); ++j) {
    const auto place = static_cast<std::size_t>(j);
    auto& within = lie.micro_states[place - 1];
    for (std::size_t k = j == step ? static_cast<std::size_t>(micro) : 0; j >= step && k < within.size(); ++k)
      within[k].back() ^= 1U;
    if (j >= step) lie.states[place] = within.back();
    lie.leaves.push_back(step_leaf(world, j, lie.states[place - 1], lie.states[place]));
  }
  return lie;
}

/// One job on both ledgers, each with its own judge, which a trace records.
class LayersLedger {
 public:
  LayersLedger(const StepWorld& world, const LayersWork& work)
      : world_(&world),
        work_(&work),
        writer_(head_of(world.id)),
        steps_(writer_.head().executor(optimized::find_executor)),
        engine_(writer_.head().genesis, ideal_signatures(), *steps_) {}

  Reason send(const Person& who, const Operation& operation) { return execute(who, operation).reason; }
  void accept(const Propose& proposal) {
    require(send(provider, contracts::Register{{0, 8}, 1000, 5, 1000}));
    const Outcome proposed = execute(client, proposal);
    require(proposed.reason);
    sla = proposed.id;
    require(send(provider, Accept{sla}));
  }
  /// To be accepted and delivered. @param claimed  by the provider
  void deliver(const ComputedSteps& claimed) { deliver(claimed, terms()); }
  void deliver(const ComputedSteps& claimed, const Propose& proposal) {
    accept(proposal);
    require(send(provider, parties::delivery(sla, job(), claimed)));
  }
  /// What the provider shows of all units, on all rows that entered.
  [[nodiscard]] ShownUnits shown(const ComputedSteps& claimed) const {
    const OrderedUnits all{std::ssize(work_->rows_in), merkle_root(work_->rows_in)};
    return parties::shown_units(sla, all, job().terms.steps_per_unit, claimed);
  }
  [[nodiscard]] SessionPlace place() const { return {ledger_id(writer_.ledger().chain(), 0), sla}; }
  /// A challenge of a receipt for all units, which the provider signed and nobody showed.
  [[nodiscard]] Challenge challenge_of_receipt(const ComputedSteps& claimed) const {
    const ShownUnits units = shown(claimed);
    const Hash message = receipt_message(place(), {units.units, units.inputs}, units.root, units.output);
    return {units, ideal_signatures().sign(provider.keys.secret_key, message), 20};
  }
  /// The proposal of the job.
  [[nodiscard]] Propose terms() const {
    const LayerRange& layers = world_->computation.layers;
    Propose proposal{
        provider.id(),
        layers,
        world_->id,
        contracts::state_hash(work_->steps.states[0]),
        {3, std::ssize(work_->rows_in), layers.last - layers.first, 2, 5, 2, 1, 400, std::ssize(work_->rows_in)}};
    proposal.first_position = world_->computation.first_position;
    proposal.inputs = merkle_root(work_->rows_in);
    return proposal;
  }
  /// What the provider does on its turn, with the openings that the ledger asks for.
  [[nodiscard]] Operation turn_of_provider(const ComputedSteps& claimed) const {
    Operation turn = parties::turn_of_provider(job(), sla, claimed);
    const std::int64_t width = world_->computation.layers.last - world_->computation.layers.first;
    if (auto* refine = std::get_if<Refine>(&turn)) {
      refine->manifest = encode_manifest(world_->header.manifest);
      const std::int64_t before = job().sla.right - 1;
      if (before % width == 0) {
        refine->row = work_->row_hashes.at(static_cast<std::size_t>(before / width));
        refine->row_proof = merkle_proof(work_->rows_in, static_cast<std::uint64_t>(before / width));
      }
    }
    if (auto* judge = std::get_if<Judge>(&turn))
      judge->witness = work_->records.at(static_cast<std::size_t>(job().sla.refined - 1))
                           .at(static_cast<std::size_t>(job().sla.left))
                           .witness;
    return turn;
  }
  /// Plays the dispute until a micro-step is to be judged. @param truth  by which the client takes sides
  void dispute(const ComputedSteps& claimed, const ComputedSteps& truth) {
    dispute(claimed, truth, Challenge::of_shown(sla, 20));
  }
  void dispute(const ComputedSteps& claimed, const ComputedSteps& truth, const Challenge& challenge) {
    require(send(client, challenge));
    while (true) {
      if (job().sla.turn == client_turn) {
        require(send(client, parties::turn_of_client(job(), sla, truth)));
      } else {
        if (is_at_last()) return;
        require(send(provider, turn_of_provider(claimed)));
      }
    }
  }
  [[nodiscard]] bool is_at_last() const { return reference::is_refined(job().sla) && one_step_left(job().sla); }
  [[nodiscard]] const SlaRecord& job() const { return writer_.ledger().shards()[0].slas.at(sla); }
  [[nodiscard]] SlaStatus status() const { return static_cast<SlaStatus>(job().sla.status); }
  void end_block() {
    writer_.end_blocks();
    (void)engine_.end_block();
    engine_.apply();
    require(engine_.root() == writer_.ledger().state_root() ? Reason::none : Reason::halted);
  }
  [[nodiscard]] const std::string& trace() const { return writer_.text(); }

  const Person client = reference::person(1), provider = reference::person(2);
  Hash sla{};

 private:
  [[nodiscard]] static reference::TraceHead head_of(const Hash& model) {
    reference::TraceHead head;
    head.is_ideal = true;
    head.genesis = reference::small_genesis({reference::person(1), reference::person(2), reference::person(4)});
    head.genesis.parameters.steps_max = 1 << 20;
    head.executors[model] = "layers";
    return head;
  }
  static void require(Reason reason) {
    if (reason != Reason::none) throw std::runtime_error("refused: " + std::string(name_of(reason)));
  }
  Outcome execute(const Person& who, const Operation& operation) {
    const auto& ledger = writer_.ledger();
    const auto& accounts = ledger.shards()[0].accounts;
    const auto account = accounts.find(who.id());
    Transaction made{ledger.chain(), 0, who.id(), account->second.nonce, ledger.height() + 10, 1, operation, {}};
    made.signature = ideal_signatures().sign(who.keys.secret_key, transaction_id(made));
    const Outcome outcome = writer_.execute(made);
    if (engine_.execute(made) != outcome) throw std::runtime_error("the fast ledger has another outcome");
    return outcome;
  }

  const StepWorld* world_;
  const LayersWork* work_;
  reference::TraceWriter writer_;
  std::unique_ptr<const StepExecutor> steps_;
  optimized::Engine engine_;
};

}  // namespace p2pllm::testing
