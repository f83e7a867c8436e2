#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "tests/support/layers_job.hpp"
#include "tests/support/step_attack.hpp"

// Disputes about a model in layers: whoever computed right wins, at every micro-step, on both ledgers.
namespace p2pllm::testing {
namespace {

/// Two units of a small model on layers [1, 3), after three positions that an earlier job ran.
struct SmallJob {
  SmallJob() {
    auto caches = empty_caches(world);
    remember_random(world, caches, 3, 11, 4);
    work = run_units(world, 2);
  }
  StepWorld world{random_model(three_layers(), 5, Weights::ordinary), {1, 3}, 3};
  LayersWork work;

 private:
  static ModelShape three_layers() {
    ModelShape shape = odd_shape();
    shape.layers = 3;
    return shape;
  }
};
SmallJob& small_job() {
  static SmallJob job;
  return job;
}

/// The final status, and the trace, of a dispute about a lie.
std::pair<SlaStatus, std::string> caught(const StepWorld& world, const LayersWork& work, std::int64_t step,
                                         std::int64_t micro) {
  const ComputedSteps lie = lie_from(world, work.steps, step, micro);
  LayersLedger ledger(world, work);
  ledger.deliver(lie);
  ledger.dispute(lie, work.steps);
  REQUIRE(ledger.job().sla.refined == step);
  REQUIRE(ledger.job().sla.right == micro);
  REQUIRE(ledger.send(ledger.provider, ledger.turn_of_provider(lie)) == Reason::none);
  ledger.end_block();
  return {ledger.status(), ledger.trace()};
}
/// The final status of a dispute of a client that lies about the same.
SlaStatus paid(const StepWorld& world, const LayersWork& work, std::int64_t step, std::int64_t micro) {
  LayersLedger ledger(world, work);
  ledger.deliver(work.steps);
  ledger.dispute(work.steps, lie_from(world, work.steps, step, micro));
  REQUIRE(ledger.send(ledger.provider, ledger.turn_of_provider(work.steps)) == Reason::none);
  ledger.end_block();
  return ledger.status();
}
bool replays(const std::string& trace) {
  auto replay = reference::Replay::start(trace, "t");
  REQUIRE(replay);
  while (!replay->is_done()) {
    const auto line = replay->next();
    REQUIRE(line);
    if (!line->differences.empty()) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("whoever goes wrong at a micro-step of a model in layers is caught there",
          "[SLA-13][SLA-15][STEP-6][LEDGER-8]") {
  auto& [world, work] = small_job();
  for (std::int64_t step = 1; step <= work.step_count(); ++step) {
    const std::int64_t count = std::ssize(work.records[static_cast<std::size_t>(step - 1)]);
    for (std::int64_t micro = 1; micro <= count; micro += step == 3 ? 1 : 7) {
      INFO("micro-step " << micro << " of step " << step);
      const auto [status, trace] = caught(world, work, step, micro);
      CHECK(status == SlaStatus::breached);
      if (micro % 5 == 1) CHECK(replays(trace));
      CHECK(paid(world, work, step, micro) == SlaStatus::settled);
    }
  }
}

TEST_CASE("a receipt for units that were ordered one by one is disputed on the rows that it names",
          "[SLA-9][SLA-13][SLA-15][SLA-17]") {
  auto& [world, work] = small_job();
  // Acceptance orders the first unit, on its row; the second was ordered on a row that no term names.
  const auto ledger_of_first = [&, &world = world, &work = work] {
    LayersLedger ledger(world, work);
    Propose proposal = ledger.terms();
    proposal.terms.first_units = 1;
    proposal.inputs = merkle_root(std::span(work.rows_in).first(1));
    ledger.accept(proposal);
    return ledger;
  };
  for (const std::int64_t step : {1, 2, 3, 4}) {
    const ComputedSteps lie = lie_from(world, work.steps, step, 2);
    LayersLedger caught = ledger_of_first();
    caught.dispute(lie, work.steps, caught.challenge_of_receipt(lie));
    CHECK(caught.job().sla.refined == step);
    REQUIRE(caught.send(caught.provider, caught.turn_of_provider(lie)) == Reason::none);
    CHECK(caught.status() == SlaStatus::breached);
    caught.end_block();
    LayersLedger paid = ledger_of_first();
    paid.dispute(work.steps, lie, paid.challenge_of_receipt(work.steps));
    REQUIRE(paid.send(paid.provider, paid.turn_of_provider(work.steps)) == Reason::none);
    CHECK(paid.status() == SlaStatus::settled);
    paid.end_block();
    CHECK(replays(paid.trace()));
  }
}

TEST_CASE("every micro-step of a token in a layer of the shipped model can be disputed", "[SLA-13][SLA-15][STEP-6]") {
  std::ifstream file(P2PLLM_SOURCE "/examples/models/king_james.model", std::ios::binary);
  const Bytes bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto model = read_model(bytes, "king_james.model");
  REQUIRE(model);
  StepWorld world(*std::move(model), {2, 4});
  const LayersWork work = run_units(world, 2);
  const std::int64_t count = std::ssize(work.records[2]);
  for (std::int64_t micro = 1; micro <= count; ++micro) {
    const auto [status, trace] = caught(world, work, 3, micro);
    REQUIRE(status == SlaStatus::breached);
    REQUIRE(replays(trace));
    REQUIRE(paid(world, work, 3, micro) == SlaStatus::settled);
  }
  CHECK(count == reference::micro_step_count(world.model.shape, 1));
}

TEST_CASE("a refinement of a model in layers fits the terms alone", "[SLA-15][STEP-1][STEP-4]") {
  auto& [world, work] = small_job();
  // A lie in the first layer of the second unit, which reads a row; and one in the layer after, which reads none.
  for (const std::int64_t step : {std::int64_t{3}, std::int64_t{4}}) {
    const ComputedSteps lie = lie_from(world, work.steps, step, 1);
    LayersLedger ledger(world, work);
    ledger.deliver(lie);
    REQUIRE(ledger.send(ledger.client, Challenge::of_shown(ledger.sla, 20)) == Reason::none);
    while (!reference::one_step_left(ledger.job().sla)) {
      REQUIRE(ledger.send(ledger.provider, ledger.turn_of_provider(lie)) == Reason::none);
      REQUIRE(ledger.send(ledger.client, parties::turn_of_client(ledger.job(), ledger.sla, work.steps)) ==
              Reason::none);
    }
    const Refine good = std::get<Refine>(ledger.turn_of_provider(lie));
    const auto refused = [&](const auto& change) {
      Refine changed = good;
      change(changed);
      return ledger.send(ledger.provider, changed) == Reason::wrong_opening;
    };
    CHECK(refused([](Refine& r) { r.manifest.back() ^= 1U; }));
    CHECK(refused([](Refine& r) { r.manifest.clear(); }));
    CHECK(refused([](Refine& r) { r.state.back() ^= 1U; }));
    // Attack: another row than the one that was ordered, or the row of another unit.
    CHECK(refused([](Refine& r) { r.row[3] ^= 1U; }));
    CHECK(refused([&](Refine& r) {
      r.row = work.row_hashes[0];
      r.row_proof = merkle_proof(work.rows_in, 0);
    }));
    if (step == 3) CHECK(refused([](Refine& r) { r.row = {}, r.row_proof.clear(); }));
    else
      CHECK(refused([&](Refine& r) {
        r.row = work.row_hashes[1];
        r.row_proof = merkle_proof(work.rows_in, 1);
      }));
    // Attack: as many micro-steps as the provider likes.
    auto micro = lie.micro_states[static_cast<std::size_t>(step - 1)];
    micro.insert(micro.begin() + 2, micro[1]);
    const auto longer = parties::micro_steps_of(world.id, step, micro);
    CHECK(refused([&](Refine& r) {
      r.root = merkle_root(longer.leaves);
      r.before = longer.states[longer.states.size() - 2];
      r.proof = merkle_proof(longer.leaves, longer.leaves.size() - 1);
    }));
    REQUIRE(ledger.send(ledger.provider, good) == Reason::none);
    CHECK(ledger.job().sla.micro_steps == std::ssize(work.records[static_cast<std::size_t>(step - 1)]));
    // Micro-state 0 is the ledger's.
    CHECK(ledger.job().left == micro_state_hash(work.records[static_cast<std::size_t>(step - 1)][0].before));
  }
}

TEST_CASE("a witness of another tile, position or layer is refused, and one that is withheld loses",
          "[SLA-11][STEP-6]") {
  auto& [world, work] = small_job();
  const auto& records = work.records[2];
  const std::int64_t layer = records[0].place.layer;
  const std::int64_t gate_tensor = reference::tensor_index(layer, reference::LayerTensor::gate),
                     up_tensor = reference::tensor_index(layer, reference::LayerTensor::up);
  int others = 0;
  for (std::int64_t micro = 1; micro <= std::ssize(records); ++micro) {
    const auto place = static_cast<std::size_t>(micro - 1);
    const ComputedSteps lie = lie_from(world, work.steps, 3, micro);
    LayersLedger ledger(world, work);
    ledger.deliver(lie);
    ledger.dispute(lie, work.steps);
    Judge judge = std::get<Judge>(ledger.turn_of_provider(lie));
    const auto refused = [&](const Bytes& state, const Bytes& witness) {
      return ledger.send(ledger.provider, Judge{ledger.sla, state, witness}) == Reason::wrong_witness;
    };
    CHECK(refused(judge.state, {}));
    // Of the next layer, of the position before, and of a neighbour. Two micro-steps that read the same have one
    // witness.
    for (const Bytes& witness :
         {work.records[3][place].witness, work.records[0][place].witness, records[place == 0 ? 5 : place - 1].witness})
      if (witness != judge.witness) CHECK(refused(judge.state, witness));
    CHECK(refused(records[place == 0 ? 5 : place - 1].before, judge.witness));
    const auto other = testing::lie(world, records[place], [&](reference::Ask& ask) {
      const bool is_gate = ask.tree == reference::TreeName{reference::TreeName::Kind::tensor, gate_tensor};
      if (is_gate) ask.tree.index = up_tensor;
      return is_gate;
    });
    others += other ? 1 : 0;
    if (other) CHECK(refused(judge.state, *other));
    Bytes changed = judge.witness;
    changed[changed.size() / 2] ^= 1U;
    CHECK(refused(judge.state, changed));
    if (micro % 2 == 1) {
      for (int block = 0; block < 3; ++block) ledger.end_block();
      REQUIRE(ledger.send(ledger.client, Forfeit{ledger.sla}) == Reason::none);
    } else {
      REQUIRE(ledger.send(ledger.provider, judge) == Reason::none);
    }
    CHECK(ledger.status() == SlaStatus::breached);
  }
  CHECK(others > 0);
}

TEST_CASE("the row of a demanded unit is published, and no other", "[SLA-6][STEP-1]") {
  auto& [world, work] = small_job();
  for (const std::int64_t unit : {std::int64_t{1}, std::int64_t{2}}) {
    LayersLedger ledger(world, work);
    ledger.deliver(work.steps);
    REQUIRE(ledger.send(ledger.client, Demand{ledger.sla, unit}) == Reason::none);
    const auto publish = [&](std::int64_t of, std::int64_t place) {
      return Publish{ledger.sla, work.steps.states.back(), work.rows[static_cast<std::size_t>(of - 1)],
                     merkle_proof(work.rows_out, static_cast<std::uint64_t>(place - 1))};
    };
    const auto refused = [&](const Publish& shown) {
      return ledger.send(ledger.provider, shown) == Reason::wrong_opening;
    };
    CHECK(refused(publish(3 - unit, 3 - unit)));
    CHECK(refused(publish(3 - unit, unit)));
    CHECK(refused(publish(unit, 3 - unit)));
    Publish changed = publish(unit, unit);
    changed.row[0] ^= 1U;
    CHECK(refused(changed));
    changed = publish(unit, unit);
    changed.output = work.steps.states[2];
    CHECK(refused(changed));
    CHECK(ledger.send(ledger.provider, publish(unit, unit)) == Reason::none);
  }
}

TEST_CASE("a provider that accepts terms which do not fit its model cannot refine", "[SLA-4][SLA-15]") {
  auto& [world, work] = small_job();
  // It delivers what it would deliver for good terms, and the client disputes for sport.
  const auto refined = [&](const auto& change) {
    LayersLedger ledger(world, work);
    Propose proposal = ledger.terms();
    change(proposal);
    ledger.deliver(work.steps, proposal);
    REQUIRE(ledger.send(ledger.client, Challenge::of_shown(ledger.sla, 20)) == Reason::none);
    while (!reference::one_step_left(ledger.job().sla)) {
      REQUIRE(ledger.send(ledger.provider, ledger.turn_of_provider(work.steps)) == Reason::none);
      REQUIRE(ledger.send(ledger.client, Side{ledger.sla, false}) == Reason::none);
    }
    return ledger.send(ledger.provider, ledger.turn_of_provider(work.steps));
  };
  CHECK(refined([](Propose&) {}) == Reason::none);
  CHECK(refined([](Propose& p) { p.first_position += 1; }) == Reason::wrong_opening);
  CHECK(refined([](Propose& p) { p.first_position = amount_max; }) == Reason::wrong_opening);
  CHECK(refined([](Propose& p) { p.inputs = merkle_root({}); }) == Reason::wrong_opening);
  CHECK(refined([](Propose& p) { p.terms.units = p.terms.first_units = 1, p.terms.steps_per_unit = 4; }) ==
        Reason::wrong_opening);
}

TEST_CASE("a step of a model in layers begins at one place of one model", "[SLA-15][STEP-1]") {
  auto& [world, work] = small_job();
  const auto& executor = *reference::find_executor("layers");
  const Bytes manifest = encode_manifest(world.header.manifest);
  const StepOfTerms first{world.id, {1, 3}, 3, 2, 1}, second{world.id, {1, 3}, 3, 2, 2};
  const Hash row = work.row_hashes[0];
  const auto& states = work.steps.states;
  const auto expected = [&](std::size_t step, std::int64_t position) {
    return StepStart{reference::micro_step_count(world.model.shape, position),
                     micro_state_hash(work.records[step][0].before)};
  };
  CHECK(executor.start(first, manifest, states[0], &row) == expected(0, 3));
  CHECK(executor.start(second, manifest, states[1], nullptr) == expected(1, 3));
  CHECK_FALSE(executor.start(first, manifest, states[0], nullptr));
  CHECK_FALSE(executor.start(second, manifest, states[1], &row));
  CHECK_FALSE(executor.start(second, manifest, states[0], nullptr));
  CHECK_FALSE(executor.start(first, manifest, states[2], &row));  // of the next position
  const auto fails = [&](const auto& change) {
    StepOfTerms step = first;
    change(step);
    return !executor.start(step, manifest, states[0], &row);
  };
  CHECK(fails([](StepOfTerms& s) { s.model[0] ^= 1U; }));
  CHECK(fails([](StepOfTerms& s) { s.layers = {0, 2}; }));
  CHECK(fails([](StepOfTerms& s) { s.steps_per_unit = 1; }));
  CHECK(fails([](StepOfTerms& s) { s.first_position = 2; }));
  // After the last layer, and after the last position: a state that says so is of no step of this model.
  StepState far = decode_step_state(states[0]).value();
  const auto starts = [&](const LayerRange& layers, std::int64_t position) {
    far.layer = layers.first, far.position = position;
    const StepOfTerms step{world.id, layers, position, layers.last - layers.first, 1};
    return executor.start(step, manifest, encode_step_state(far), &row).has_value();
  };
  const ModelShape& shape = world.model.shape;
  CHECK(starts({shape.layers - 1, shape.layers}, shape.context - 1));
  CHECK_FALSE(starts({shape.layers - 1, shape.layers + 1}, 0));
  CHECK_FALSE(starts({shape.layers - 1, shape.layers}, shape.context));
}

}  // namespace p2pllm::testing
