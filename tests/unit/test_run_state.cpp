#include <catch2/catch.hpp>

#include "model/crypto/sha256.hpp"
#include "model/simulation/run_state.hpp"
#include "optimized/simulation/simulate.hpp"
#include "reference/simulation/simulate.hpp"

using namespace p2pllm;

namespace {

/// Seven nodes in three layers whose costs are drawn, for nine steps, with members replaced.
Scenario scenario(const std::string& more) {
  const std::string text =
      R"({"format": "p2pllm-scenario/1", "name": "kept", "alpha": "1/2", "steps": 9, "monopoly": "ascend",
          "network": {"generate": {"layers": 3, "counts": [4, 2, 1], "cost": {"uniform": [1, 9], "decimals": 1}, "price": "1.0003"}},
          "step_ticks": 100, "record": [0, 4, 7, 9], "tolerance": "1e-6", )" +
      more + "}";
  return read_scenario(text, "s.json").value();
}

using Engine = std::function<SimulationRun(const Scenario&, const RunKeeping&, const Progress&)>;

SimulationRun exact_run(const Scenario& of, const RunKeeping& keeping, const Progress& progress = {}) {
  return reference::simulate(of, generated_network(of, 5), 5, progress, reference::simulation_bits_min, keeping)
      .value();
}
SimulationRun fast_run(const Scenario& of, const RunKeeping& keeping, const Progress& progress = {}) {
  return optimized::simulate(of, generated_network(of, 5), 5, progress, keeping).value();
}

/// A run that goes on from a state after a step, and makes no step before it again.
SimulationRun rest_of(const Engine& engine, const Scenario& of, const Bytes& state, std::int64_t step) {
  bool is_later = true;
  const SimulationRun run = engine(of, {.from = &state, .is_due = {}, .keep = {}}, [&](std::size_t done, std::size_t) {
    is_later = is_later && done > static_cast<std::size_t>(step);
  });
  CHECK(is_later);
  return run;
}

/// Everything that a run says.
std::string all_of(SimulationRun run) {
  StateWriter writer;
  writer(run, run.bits, run.digest);
  const Bytes bytes = writer.take();
  return sha256_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// The state after a step, where the run stops.
Bytes state_after(const Engine& engine, const Scenario& of, std::int64_t step, const Bytes* from = nullptr) {
  Bytes state;
  RunKeeping keeping{.from = from, .stop_after = step, .is_due = {}, .keep = [&](std::int64_t at, Bytes bytes) {
                       CHECK(at == step);
                       state = std::move(bytes);
                       return true;
                     }};
  CHECK(engine(of, keeping, {}).is_stopped);
  return state;
}

const std::vector<std::string>& kinds() {
  static const std::string sweep =
      R"("prices": {"eta": 1}, "migration": {"period": 2, "schedule": "sweep_random", "tie": "random"})";
  static const std::string requests = R"("requests": {"poisson_per_step": 4, "cost_ticks": 20, "mode": )";
  static const std::string churn = R"("churn": {"joins_per_step": 1, "mean_lifetime": 5})";
  static const std::vector<std::string> all{
      sweep,
      R"("prices": {"eta": "1/4", "update": {"probability": "1/3"}}, "migration": {"period": 1, "schedule": "next"})",
      R"("prices": {"eta": 1, "update": "one_layer", "every": 2}, "script": [{"step": 2, "from": [1, 2], "to": [0, 1]},
          {"step": 5, "from": [1, 2], "to": [0, 1]}])",
      sweep + ", " + requests + R"("least"})",
      sweep + ", " + churn + ", " + requests +
          R"("boltzmann", "warm_up": 2, "service": "exponential"}, "ledger": {"unit": 1000, "deposit": 5000})",
      R"("prices": {"eta": 1, "update": "served"}, )" + churn + ", " + requests + R"("gumbel"})",
      R"("prices": {"eta": 1, "every": 3}, )" + churn + ", " + requests +
          R"("least"}, "ledger": {"unit": 1000, "deposit": 5000})"};
  return all;
}

}  // namespace

TEST_CASE("a run that is stopped after any step and goes on is the run that was not stopped", "[simulation][SIM-17]") {
  for (const Engine& engine : {Engine(exact_run), Engine(fast_run)})
    for (const std::string& kind : kinds()) {
      CAPTURE(kind);
      const Scenario of = scenario(kind);
      const std::string whole = all_of(engine(of, {}, {}));
      Bytes before;
      for (std::int64_t step = 0; step < of.steps; ++step) {
        CAPTURE(step);
        const Bytes state = state_after(engine, of, step);
        CHECK(all_of(rest_of(engine, of, state, step)) == whole);
        // In as many parts as there are steps.
        const Bytes again = state_after(engine, of, step, before.empty() ? nullptr : &before);
        CHECK((again == state));
        before = again;
      }
    }
}

TEST_CASE("states that are taken on the way change nothing", "[simulation][SIM-17]") {
  for (const Engine& engine : {Engine(exact_run), Engine(fast_run)}) {
    const Scenario of = scenario(kinds().front());
    const std::string whole = all_of(engine(of, {}, {}));
    std::vector<std::int64_t> steps;
    const auto keep = [&](std::int64_t step, const Bytes& state) {
      steps.push_back(step);
      CHECK(all_of(rest_of(engine, of, state, step)) == whole);
      return true;
    };
    CHECK(all_of(engine(of, {.is_due = [] { return true; }, .keep = keep}, {})) == whole);
    CHECK(steps.size() > 3);
    const SimulationRun stopped =
        engine(of, {.is_due = [] { return true; }, .keep = [](std::int64_t, const Bytes&) { return false; }}, {});
    CHECK(stopped.is_stopped);
    CHECK(stopped.records.size() == 1);
  }
}

TEST_CASE("a run goes on at the precision of its state", "[simulation][SIM-17]") {
  Scenario of = scenario(kinds().front());
  of.tolerance = Rational::power_of_two(-200);
  const SimulationRun whole = exact_run(of, {});
  CHECK(whole.bits == 256);
  const Bytes state = state_after(exact_run, of, 3);
  int asked = 0;
  const RunKeeping keeping{
      .from = &state, .is_due = [&] { return ++asked == 0; }, .keep = [](std::int64_t, const Bytes&) { return true; }};
  CHECK(all_of(exact_run(of, keeping)) == all_of(whole));
  CHECK(asked == 6);  // after the steps 3 to 8
}

TEST_CASE("a state that is none of the run is not used", "[simulation][SIM-17]") {
  for (const Engine& engine : {Engine(exact_run), Engine(fast_run)})
    for (const std::string& kind : {kinds()[0], kinds()[4]}) {
      const Scenario of = scenario(kind);
      const std::string whole = all_of(engine(of, {}, {}));
      const Bytes state = state_after(engine, of, 4);
      std::vector<Bytes> others{{}, {1}, Bytes(400, 0xff)};
      for (std::size_t end = 0; end < state.size(); end += 1 + state.size() / 50)
        others.emplace_back(state.begin(), state.begin() + static_cast<std::ptrdiff_t>(end));
      others.push_back(state_after(engine, scenario(kinds()[kind == kinds()[0] ? 4 : 0]), 4));
      others.push_back(state);
      others.back().push_back(0);
      for (const Bytes& other : others)
        CHECK(all_of(engine(of, {.from = &other, .is_due = {}, .keep = {}}, {})) == whole);
    }
}
