#pragma once

#include <optional>

#include "model/contracts/commitment.hpp"
#include "model/contracts/session_message.hpp"
#include "model/layers/micro_state.hpp"
#include "optimized/contracts/dispute_rules.hpp"
#include "optimized/contracts/operation_context.hpp"

namespace p2pllm::optimized {

/// What the fast ledger knows of one SLA in one transaction: who the sender is, what was signed and what opens.
class SlaFacts {
 public:
  SlaFacts(OperationContext& context, std::uint32_t place)
      : context_(context), slas_(context.shard.slas), place_(place) {}

 protected:
  [[nodiscard]] const SlaRecord& record() const { return slas_[place_]; }
  [[nodiscard]] const Sla<Numbers>& now() const { return record().sla; }
  [[nodiscard]] Height height() const { return context_.height(); }
  [[nodiscard]] bool is_client() const { return context_.sender == record().client; }
  [[nodiscard]] bool is_provider() const { return context_.sender == record().provider; }

  [[nodiscard]] SessionPlace message_place() const { return {context_.ledger_id, slas_.key(place_)}; }
  [[nodiscard]] bool signed_by(const AccountId& party, const Hash& message, const Signature& signature) const {
    return context_.block.signatures.verify(party, message, signature);
  }
  [[nodiscard]] bool has_receipt(const ShownUnits& op, const Signature& receipt) const {
    const Hash message = receipt_message(message_place(), {op.units, op.inputs}, op.root, op.output);
    return signed_by(record().provider, message, receipt);
  }
  /// Whether the last step of what is shown opens and ends in its output (SLA-5).
  [[nodiscard]] bool opens_last(const ShownUnits& op) const {
    const Numbers last = op.units * record().terms.steps_per_unit;
    return opens({op.root, last}, last, op.before, op.output, op.proof);
  }
  /// Whether nothing but the SLA is named.
  [[nodiscard]] static bool is_blank(const ShownUnits& op) {
    const Hash none{};
    return op.root == none && op.output == none && op.before == none && op.inputs == none && op.proof.empty();
  }
  [[nodiscard]] Numbers steps_shown() const { return now().shown * record().terms.steps_per_unit; }

  [[nodiscard]] const StepExecutor& judge() const { return context_.block.executor; }
  [[nodiscard]] StepOfTerms step_number(Numbers number) const {
    const SlaRecord& job = record();
    return {job.model, job.layers, job.first_position, job.terms.steps_per_unit, number};
  }
  /// What is shown of the row that enters the disputed step: the row, or null for a step that reads none. Nothing if
  /// that or the state before the step does not fit (SLA-15).
  [[nodiscard]] std::optional<const Hash*> row_that_enters(const Refine& op) const {
    static const Hash no_rows = merkle_root({});
    const SlaRecord& job = record();
    if (job.left != job.right_before || job.left != state_hash(op.state)) return std::nullopt;
    const Numbers before = now().right - 1, unit = before / job.terms.steps_per_unit;
    if (job.shown_inputs == no_rows || before != unit * job.terms.steps_per_unit)
      return op.row == Hash{} && op.row_proof.empty() ? std::optional<const Hash*>(nullptr) : std::nullopt;
    const MerklePlace place{static_cast<std::uint64_t>(unit), static_cast<std::uint64_t>(now().shown)};
    return merkle_verify(job.shown_inputs, row_leaf(unit + 1, op.row), place, op.row_proof) ? std::optional(&op.row)
                                                                                            : std::nullopt;
  }

  /// The list of all steps shown, or of a step's micro-steps.
  struct Listed {
    Hash root{};
    Numbers count = 1;
  };
  /// Whether a step's leaf, with the states before and after it, is in a list (COMMIT-6).
  [[nodiscard]] bool opens(const Listed& list, Numbers step, const Hash& before, const Hash& after,
                           const MerkleProof& proof) const {
    if (step < 1) return false;
    const SlaRecord& job = record();
    const MerkleLeaf leaf =
        commitment_leaf({job.model, static_cast<std::uint64_t>(step), static_cast<std::uint64_t>(job.layers.first),
                         static_cast<std::uint64_t>(job.layers.last), before, after});
    return merkle_verify(list.root, leaf, place_in(list, step), proof);
  }
  [[nodiscard]] static MerklePlace place_in(const Listed& list, Numbers number) {
    return {static_cast<std::uint64_t>(number - 1), static_cast<std::uint64_t>(list.count)};
  }
  /// Whether the leaf of a micro-step, with the states before and after it, is in a list (COMMIT-6, STEP-5).
  [[nodiscard]] bool micro_opens(const Listed& list, Numbers micro, const Hash& before, const Hash& after,
                                 const MerkleProof& proof) const {
    if (micro < 1) return false;
    const Numbers step = is_of_micro_steps(now()) ? now().refined : now().right;
    return merkle_verify(list.root, micro_step_leaf(record().model, step, micro, before, after), place_in(list, micro),
                         proof);
  }

  OperationContext& context_;
  FlatTable<Hash, SlaRecord>& slas_;
  std::uint32_t place_;
};

}  // namespace p2pllm::optimized
