#include "examples/contracts/sessions.hpp"

#include "examples/contracts/scene.hpp"

namespace p2pllm::examples {
namespace {

/// Of all units of these sessions, an acceptance orders one.
constexpr std::int64_t steps_per_unit = 2;

/// A session that alice and bob agreed on: what they sign off the ledger, and what bob computes.
struct Session {
  Scene& scene;
  Hash sla{};
  std::int64_t units = 1;
  ComputedSteps work = compute(model, all_layers, prompt, units* steps_per_unit);

  [[nodiscard]] SessionPlace place() const { return {ledger_id(scene.ledger().chain(), 0), sla}; }
  [[nodiscard]] const SlaRecord& job() const { return scene.job(sla); }
  static Signature by(const std::string& who, const Hash& message) {
    return ed25519().sign(Scene::key(who).secret_key, message);
  }
  [[nodiscard]] Signature voucher(std::int64_t had) const { return by("alice", voucher_message(place(), had)); }
  [[nodiscard]] ShownUnits shown(std::int64_t some, const ComputedSteps& by_whom) const {
    return shown_units(sla, {some, merkle_root({})}, steps_per_unit, by_whom);
  }
  [[nodiscard]] Signature receipt(const ShownUnits& shown) const {
    return by("bob", receipt_message(place(), {shown.units, shown.inputs}, shown.root, shown.output));
  }
  /// What bob delivers, with alice's order and her voucher.
  [[nodiscard]] ProvidedUnits provided(std::int64_t some, std::int64_t had) const {
    const Signature order = by("alice", order_message(place(), {some, merkle_root({})}));
    return {shown(some, work), some == 1 ? Signature{} : order, had, had == 0 ? Signature{} : voucher(had)};
  }
  /// Both play a dispute to its end. @param said  by bob
  void dispute(const ComputedSteps& said) const {
    const ComputedSteps right = compute(model, all_layers, prompt, units * steps_per_unit);
    while (job().sla.status == static_cast<std::int64_t>(SlaStatus::disputed)) {
      scene.send("bob", turn_of_provider(job(), sla, said));
      if (job().sla.turn == client_turn) scene.send("alice", turn_of_client(job(), sla, right));
      scene.blocks();
    }
  }
};

Session agreed(Scene& scene, std::int64_t units) {
  scene.send("bob", Register{all_layers, 1000, 10, 200});
  scene.blocks();
  const Height h = scene.height();
  const Hash sla = scene.send("alice", Propose{Scene::account("bob"),
                                               all_layers,
                                               model,
                                               state_hash(prompt),
                                               {1, units, steps_per_unit, h + 3, h + 30, 6, 3, 50, 1}});
  scene.send("bob", Accept{sla});
  scene.blocks();
  return {scene, sla, units};
}

/// The sample model, but for the third unit, which ends wrongly.
std::vector<Bytes> wrong_in_the_third_unit(const StepOfTerms& step, const Bytes& state) {
  auto states = SampleExecutor::micro_states(step, state);
  if (step.step == 5) states.back().front() ^= 1U;
  return states;
}

}  // namespace

/// A thousand units: propose, accept, settle.
std::string session_honest() {
  Scene scene("a session of a thousand units", 1, 2000);
  const Session session = agreed(scene, 1000);
  scene.blocks(20);  // orders, rows, receipts and vouchers are off the ledger
  scene.send("bob", Settle{session.sla, 1000, Session::by("alice", final_message(session.place(), 1000))});
  scene.blocks();
  return scene.text();
}

/// Alice has a thousand units, vouches for all but the last, and is not heard of again.
std::string session_silent_client() {
  Scene scene("a session whose client falls silent", 1, 2000);
  const Session session = agreed(scene, 1000);
  scene.blocks(20);
  scene.send("bob", Deliver{session.provided(1000, 999)});
  scene.blocks(6);
  scene.send("bob", Finalize{session.sla});
  scene.blocks();
  return scene.text();
}

std::string session_closed_and_answered() {
  Scene scene("a session closed one unit short");
  const Session session = agreed(scene, 8);
  const ShownUnits three = session.shown(3, session.work);
  scene.send("alice", Close{three, session.receipt(three), 3});
  scene.send("alice", Acknowledge{session.sla});  // she showed it herself
  scene.blocks();
  scene.send("bob", Answer{session.provided(4, 3)});
  scene.send("alice", Demand{session.sla, 4});  // she has three rows, and demands the other
  scene.blocks();
  scene.send("bob", Publish{session.sla, session.work.states[4 * steps_per_unit]});
  scene.send("alice", Acknowledge{session.sla});
  scene.blocks();
  return scene.text();
}

std::string session_false_challenge() {
  Scene scene("a right receipt disputed to shed a debt");
  const Session session = agreed(scene, 8);
  const ShownUnits one = session.shown(1, session.work);
  scene.send("alice", Challenge{one, session.receipt(one), 5});
  scene.blocks();
  scene.send("carol", Claim{session.sla, 5, session.voucher(5)});  // she watches for bob
  session.dispute(session.work);
  return scene.text();
}

std::string session_wrong_unit() {
  Scene scene("a unit that was not computed");
  const Session session = agreed(scene, 8);
  const ComputedSteps said = compute(wrong_in_the_third_unit, model, all_layers, prompt, 16);
  const ShownUnits four = session.shown(4, said);
  // Alice vouched for two units, checks the third late, and disputes what bob never delivered.
  scene.send("alice", Challenge{four, session.receipt(four), 5});
  scene.blocks();
  session.dispute(said);
  return scene.text();
}

std::string session_two_receipts() {
  Scene scene("two receipts for the same units");
  const Session session = agreed(scene, 8);
  const ShownUnits right = session.shown(3, session.work);
  const ShownUnits wrong = session.shown(3, compute(wrong_in_the_third_unit, model, all_layers, prompt, 16));
  Convict convict{session.sla,           3,          right.inputs, right.root,
                  right.output,          wrong.root, wrong.output, session.receipt(right),
                  session.receipt(wrong)};
  Convict equal = convict;
  equal.second_root = equal.first_root, equal.second_output = equal.first_output;
  equal.second_receipt = equal.first_receipt;
  scene.send("dave", equal);
  scene.send("dave", convict);
  scene.blocks();
  return scene.text();
}

/// Bob's records are lost but for what they were when two units were done; four are.
std::string session_restored_backup() {
  Scene scene("a provider that lost its records");
  const Session session = agreed(scene, 8);
  scene.send("bob", Deliver{session.provided(2, 1)});
  scene.blocks();
  scene.send("carol", Claim{session.sla, 3, session.voucher(3)});
  // A receipt is a function of session, order and rows: what bob signs again is what he signed before.
  const ShownUnits two = session.shown(2, session.work);
  scene.send("alice",
             Convict{session.sla, 2, two.inputs, two.root, two.output, two.root, two.output, {}, session.receipt(two)});
  scene.blocks(6);
  scene.send("bob", Finalize{session.sla});
  scene.blocks();
  return scene.text();
}

}  // namespace p2pllm::examples
