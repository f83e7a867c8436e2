#include "reference/simulation/simulate.hpp"

#include <algorithm>
#include <numeric>

#include "reference/market/migration_rules.hpp"
#include "reference/simulation/certified_prices.hpp"
#include "reference/simulation/migration_schedule.hpp"

namespace p2pllm::reference {
namespace {

Enclosure enclosure(const Interval& value) { return {*value.lower(), *value.upper()}; }

/// One run at one precision.
class Run {
 public:
  Run(const Scenario& scenario, const Network& network, std::uint64_t seed, long bits)
      : scenario_(scenario),
        network_(network),
        draws_(seed),
        weights_(scenario.migration ? weights_of(*scenario.migration, network) : share_weights(network)),
        state_(network, weights_, initial_allocation(network)),
        prices_(scenario, network, state_.ranges().size(), bits),
        members_(state_.ranges().size()) {
    for (std::size_t node = 0; node < network.size(); ++node) members_[state_.served_by(node)].push_back(node);
    run_.bits = bits;
  }

  /// Prices, then moves, then the record (SIM-3).
  /// @returns whether the prices stayed within the tolerance
  [[nodiscard]] Result<bool> run(const Progress& progress) {
    auto recorded = scenario_.record.begin();
    for (std::int64_t step = 0;; ++step) {
      if (step > 0) {
        if (step % scenario_.prices.every == 0) update_prices(step);
        if (const auto moved = migrate(step); !moved) return tl::unexpected<Fault>(moved.error());
      }
      for (std::size_t range = 0; range < members_.size(); ++range)
        if (!prices_.is_within(range, scenario_.tolerance)) return false;
      if (recorded != scenario_.record.end() && *recorded == step) {
        record(step);
        ++recorded;
      }
      if (step == scenario_.steps) return true;
      report(progress, static_cast<std::size_t>(step), static_cast<std::size_t>(scenario_.steps));
    }
  }

  [[nodiscard]] SimulationRun take() {
    run_.digest = digest_.value();
    return std::move(run_);
  }

 private:
  /// SIM-6: all nodes that move do so from the prices before the step.
  void update_prices(std::int64_t step) {
    const auto turn = static_cast<std::size_t>(step / scenario_.prices.every - 1) % members_.size();
    for (std::size_t range = 0; range < members_.size(); ++range) {
      if (scenario_.prices.update == PriceUpdates::one_layer && range != turn) continue;
      std::vector<bool> updates(members_[range].size(), true);
      if (scenario_.prices.update == PriceUpdates::probability)
        for (std::size_t k = 0; k < updates.size(); ++k)
          updates[k] =
              happens(scenario_.prices.probability, draws_.bits(Stream::price_updates, static_cast<std::uint64_t>(step),
                                                                static_cast<std::uint32_t>(members_[range][k])));
      prices_.step(range, members_[range], updates);
    }
  }

  Result<void> migrate(std::int64_t step) {
    for (; scripted_ < scenario_.script.size() && scenario_.script[scripted_].step == step; ++scripted_) {
      const ScriptedMove& move = scenario_.script[scripted_];
      const std::size_t from = place_of(move.from);
      if (members_[from].empty()) continue;
      const std::size_t node = members_[from].front();
      state_.move(node, place_of(move.to));
      note({step, node, move.from, move.to});
    }
    if (!scenario_.migration || step % scenario_.migration->period != 0) return {};
    auto moves = MigrationRound(*scenario_.migration, draws_, state_, next_, network_.size()).run(step);
    if (!moves) return tl::unexpected<Fault>(moves.error());
    for (const SimulatedMove& move : *moves) note(move);
    return {};
  }

  [[nodiscard]] std::size_t place_of(const LayerRange& range) const {
    return static_cast<std::size_t>(std::ranges::lower_bound(state_.ranges(), range) - state_.ranges().begin());
  }

  /// What follows from a move that `state_` has made.
  void note(const SimulatedMove& move) {
    const std::size_t from = place_of(move.from);
    const std::size_t to = place_of(move.to);
    prices_.move(from, to);
    members_[from].erase(std::ranges::lower_bound(members_[from], move.node));
    members_[to].insert(std::ranges::lower_bound(members_[to], move.node), move.node);
    ++moves_;
    if (run_.moves.size() < moves_listed_max) run_.moves.push_back(move);
  }

  void record(std::int64_t step) {
    StepRecord record{.step = step,
                      .moves = moves_,
                      .ranges = {},
                      .least_load = {},
                      .throughput = {},
                      .sole = 0,
                      .regret_bound = 0,
                      .serves = {}};
    std::optional<Interval> throughput;
    std::optional<Rational> least;
    for (std::size_t range = 0; range < members_.size(); ++range) {
      RangeRecord& entry = record.ranges.emplace_back();
      entry.range = state_.ranges()[range];
      entry.nodes = members_[range].size();
      const Rational load = load_of(range);
      entry.load = {load, load};
      least = least ? minimum(*least, load) : load;
      if (members_[range].empty()) continue;
      entry.prices = prices_.summary(range, members_[range]);
      record.sole += entry.nodes == 1 ? 1 : 0;
      Interval revenue(Rational(0), run_.bits);
      const auto states = prices_.states(range, members_[range]);
      for (std::size_t k = 0; k < states.size(); ++k) {
        revenue += states[k].revenue;
        record.regret_bound = maximum(record.regret_bound, *states[k].gain.upper());
        // A share that may be 0 is less than 2^-2^60: the node carries more than the ratio of any two numbers of a
        // file.
        if (!certainly(Interval(Rational(0), run_.bits) < states[k].share)) continue;
        const Interval capacity(serving_capacity(network_.nodes[members_[range][k]].cost), run_.bits);
        const Interval carried = capacity / states[k].share;
        throughput = throughput ? minimum(*throughput, carried) : carried;
      }
      entry.revenue = enclosure(revenue);
      run_.radius = maximum(run_.radius, *prices_.radius(range));
    }
    record.least_load = {*least, *least};
    record.throughput = enclosure(*throughput);
    for (std::size_t node = 0; node < network_.size(); ++node)
      record.serves.push_back(static_cast<std::uint32_t>(state_.served_by(node)));
    digest_.add(record);
    run_.records.push_back(std::move(record));
  }

  /// S_r of the share rule (MIG-1), whatever the rule of migration is.
  [[nodiscard]] Rational load_of(std::size_t range) const {
    std::vector<Rational> costs;
    for (const std::size_t node : members_[range]) costs.push_back(network_.nodes[node].cost);
    return capacity(costs);
  }

  const Scenario& scenario_;
  const Network& network_;
  Draws draws_;
  MigrationWeights weights_;
  MigrationState state_;
  CertifiedPrices prices_;
  std::vector<std::vector<std::size_t>> members_;  ///< the nodes of each range, in file order
  std::size_t next_ = 0;
  std::size_t scripted_ = 0;
  std::int64_t moves_ = 0;
  RunDigest digest_;
  SimulationRun run_;
};

}  // namespace

Result<SimulationRun> simulate(const Scenario& scenario, const Network& network, std::uint64_t seed,
                               const Progress& progress, long first_bits) {
  for (long bits = first_bits; bits <= simulation_bits_max; bits *= 2) {
    Run run(scenario, network, seed, bits);
    const auto within = run.run(progress);
    if (!within) return tl::unexpected<Fault>(within.error());
    if (*within) return run.take();
  }
  return limit_reached("undecided at " + std::to_string(simulation_bits_max) +
                       " bits: the prices are not known to the scenario's tolerance");
}

}  // namespace p2pllm::reference
