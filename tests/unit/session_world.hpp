#pragma once

#include "model/contracts/session_message.hpp"
#include "optimized/contracts/engine.hpp"
#include "tests/unit/sla_world.hpp"

// A session of the sample model on both ledgers, which must agree on every outcome and every state.
namespace p2pllm::reference {

struct SessionWorld : SlaWorld {
  optimized::Engine engine;
  Hash place{};  ///< the ledger's id, to which signatures are bound

  SessionWorld() : engine(ledger.genesis(), scheme, sample_executor()), place(ledger_id(ledger.chain(), 0)) {
    sync();
    sla = open(2);
  }
  /// A session of all units, of which acceptance orders the first, accepted.
  Hash open(std::int64_t first_units) {
    const Height now = ledger.height();
    const Outcome outcome = run(client, Propose{provider.id(),
                                                layers,
                                                model,
                                                state_hash(input),
                                                {price, steps, 1, now + 2, now + 6, 3, 1, bond, first_units}});
    REQUIRE(outcome.reason == Reason::none);
    REQUIRE(sent(provider, Accept{outcome.id}) == Reason::none);
    return outcome.id;
  }

  /// The reason of both ledgers.
  Reason sent(const Person& who, const Operation& operation) { return run(who, operation).reason; }
  Outcome run(const Person& who, const Operation& operation) {
    const Transaction made = sign(unsigned_transaction(who, operation), who);
    const Outcome outcome = ledger.execute(made);
    if (is_in_step_) CHECK(engine.execute(made) == outcome);
    return outcome;
  }
  void end_block() {
    ledger.end_block();
    (void)engine.end_block();
    engine.apply();
    CHECK(engine.root() == ledger.state_root());
  }
  void go_on_to(Height height) {
    while (ledger.height() < height) end_block();
  }

  [[nodiscard]] SessionPlace here() const { return {place, sla}; }
  [[nodiscard]] Signature by(const Person& who, const Hash& message) const {
    return scheme.sign(who.keys.secret_key, message);
  }
  [[nodiscard]] Hash no_rows() const { return merkle_root({}); }
  [[nodiscard]] ShownUnits shown(std::int64_t units) const {
    return parties::shown_units(sla, {units, no_rows()}, 1, claimed);
  }
  [[nodiscard]] Hash receipt_text(const ShownUnits& units) const {
    return receipt_message(here(), {units.units, units.inputs}, units.root, units.output);
  }
  [[nodiscard]] Signature order(std::int64_t units) const {
    return by(client, order_message(here(), {units, no_rows()}));
  }
  [[nodiscard]] Signature voucher(std::int64_t units) const { return by(client, voucher_message(here(), units)); }
  [[nodiscard]] Deliver deliver(std::int64_t units, std::int64_t had) const {
    return {{shown(units), units == job().terms.first_units ? Signature{} : order(units), had,
             had == 0 ? Signature{} : voucher(had)}};
  }
  [[nodiscard]] Answer answer(std::int64_t units, std::int64_t had) const {
    return {static_cast<const ProvidedUnits&>(deliver(units, had))};
  }
  [[nodiscard]] Close close(std::int64_t units, std::int64_t had) const {
    const ShownUnits showing = shown(units);
    return {showing, by(provider, receipt_text(showing)), had};
  }
  [[nodiscard]] Challenge challenge_of(std::int64_t units) const {
    const ShownUnits showing = shown(units);
    return {showing, by(provider, receipt_text(showing)), challenge_bond};
  }
  [[nodiscard]] Settle last_word(std::int64_t units) const {
    return {sla, units, by(client, final_message(here(), units))};
  }

 private:
  /// Brings the engine to the state of the ledger between two blocks.
  void sync() {
    ledger.end_block();
    REQUIRE_FALSE(engine.import_state(ledger.export_state()));
    is_in_step_ = true;
  }
  bool is_in_step_ = false;
};

}  // namespace p2pllm::reference
