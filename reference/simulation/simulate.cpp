#include "reference/simulation/simulate.hpp"

#include <algorithm>
#include <memory>

#include "model/simulation/histories.hpp"
#include "reference/simulation/certified_prices.hpp"
#include "reference/simulation/market_record.hpp"
#include "reference/simulation/migration_schedule.hpp"
#include "reference/simulation/request_service.hpp"
#include "reference/simulation/revenue_moves.hpp"

namespace p2pllm::reference {
namespace {

const Rational& alpha_of(const Scenario& scenario, const Network& network) {
  return scenario.alpha ? *scenario.alpha : *network.alpha;
}

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
        members_(state_.ranges().size()),
        exact_(network.size()) {
    begin_churn(churn_events(scenario, network.size(), seed));
    run_.bits = bits;
    for (std::size_t node = 0; node < network.size(); ++node) exact_[node] = network.nodes[node].price;
    if (is_by_revenue()) lineages_.emplace(network, alpha_of(scenario, network) != Rational(1));
    if (!scenario.requests) return;
    service_.emplace(scenario, network, draws_);
    if (scenario.requests->mode != RequestMode::least) return;
    histories_.emplace(network, alpha_of(scenario, network) != Rational(1));
    for (const std::size_t node : present_)
      histories_->begin(node, static_cast<std::uint32_t>(state_.served_by(node)), 0);
  }

  /// Requests, then prices, then moves, then the record (SIM-3).
  /// @returns whether the prices stayed within the tolerance and every choice was decided
  [[nodiscard]] bool run(const Progress& progress, const RunKeeping& keeping) {
    if (step_ == 0 && !end_step()) return false;
    while (step_ < scenario_.steps) {
      run_.is_stopped = keeping.stops(step_, [this] { return state(); });
      if (run_.is_stopped) return true;
      ++step_;
      if (!come_and_go(step_)) return false;
      if (service_ && !serve(step_)) return false;
      if (step_ % scenario_.prices.every == 0) update_prices(step_);
      if (!migrate(step_)) return false;
      if (!end_step()) return false;
      report(progress, static_cast<std::size_t>(step_), static_cast<std::size_t>(scenario_.steps));
    }
    return true;
  }

  /// Goes on from a state instead of the start (SIM-17).
  /// @returns whether the state is one of such a run; if not, this is of no further use
  [[nodiscard]] bool resume(const Bytes& from) {
    StateReader reader(from);
    keep(reader);
    return reader.is_whole();
  }
  /// The precision of a state.
  [[nodiscard]] static std::optional<long> bits_of(const Bytes& from) {
    StateReader reader(from);
    long bits = 0;
    reader(bits);
    const bool is_possible = bits >= simulation_bits_min && bits <= simulation_bits_max;
    return is_possible ? std::optional(bits) : std::nullopt;
  }

  /// Why the run was not decided at its precision, if it was a choice (SIM-11).
  [[nodiscard]] const std::string& undecided() const { return undecided_; }

  [[nodiscard]] SimulationRun take() {
    run_.digest = digest_.value();
    return std::move(run_);
  }

 private:
  [[nodiscard]] Bytes state() {
    StateWriter writer;
    keep(writer);
    return writer.take();
  }
  /// What the run has to remember after a step; all else follows from the scenario and the seed.
  template <typename State>
  void keep(State& state) {
    std::vector<std::size_t> serves;
    for (std::size_t node = 0; node < network_.size(); ++node) serves.push_back(state_.served_by(node));
    state(run_.bits, step_, serves, prices_, exact_, next_, changed_, joins_, leaves_, scripted_, recorded_, moves_);
    state(digest_, run_);
    state.require(step_ >= 0 && step_ <= scenario_.steps && exact_.size() == network_.size());
    state.require(changed_ <= churn_.size() && scripted_ <= scenario_.script.size());
    state.require(recorded_ <= scenario_.record.size() && serves.size() == network_.size());
    state.require(std::ranges::all_of(serves, [this](std::size_t range) { return range <= members_.size(); }));
    if (service_) state(*service_);
    if (histories_) state(*histories_);
    if (lineages_) state(*lineages_);
    if (State::reads && state.holds()) put_all(serves);
  }

  /// All nodes are where a state says.
  void put_all(const std::vector<std::size_t>& serves) {
    for (std::vector<std::size_t>& members : members_) members.clear();
    present_.clear();
    for (std::size_t node = 0; node < serves.size(); ++node) {
      const std::size_t from = state_.served_by(node), to = serves[node];
      if (from != to && to == members_.size()) state_.leave(node);
      else if (from == members_.size() && to != from) state_.join(node, to);
      else if (from != to) state_.move(node, to);
      if (to == members_.size()) continue;
      members_[to].push_back(node);
      present_.push_back(node);
    }
  }

  /// What remains to be done when nodes have moved. @returns as `run`
  [[nodiscard]] bool end_step() {
    for (std::size_t range = 0; range < members_.size(); ++range)
      if (!prices_.is_within(range, scenario_.tolerance)) return false;
    if (recorded_ == scenario_.record.size() || scenario_.record[recorded_] != step_) return true;
    ++recorded_;
    return record(step_);
  }

  /// All nodes that do not join later are present (SIM-19).
  void begin_churn(std::vector<ChurnEvent> events) {
    churn_ = std::move(events);
    std::vector<bool> is_absent(network_.size(), false);
    for (const ChurnEvent& event : churn_)
      if (event.joins) is_absent[event.node] = true;
    for (std::size_t node = 0; node < network_.size(); ++node) {
      if (is_absent[node]) {
        state_.leave(node);
        continue;
      }
      members_[state_.served_by(node)].push_back(node);
      present_.push_back(node);
    }
  }

  /// Those whose time has come leave, then others join (SIM-19).
  /// @returns whether it is decided where these serve
  [[nodiscard]] bool come_and_go(std::int64_t step) {
    std::optional<RevenueMoves> market;
    for (; changed_ < churn_.size() && churn_[changed_].step == step; ++changed_) {
      const std::size_t node = churn_[changed_].node;
      if (!churn_[changed_].joins) {
        std::erase(members_[state_.served_by(node)], node);
        std::erase(present_, node);
        state_.leave(node);
        ++leaves_;
        continue;
      }
      const bool is_drawn = scenario_.churn->target == JoinTarget::random;
      if (is_by_revenue() && !is_drawn && !market) market.emplace(frozen_prices(), state_, members_);
      const auto to = join_target(node, step, market ? &*market : nullptr);
      if (!to) return leave_undecided(step, to.error());
      state_.join(node, *to);
      prices_.join(*to);
      if (market) market->join(node, *to);
      members_[*to].insert(std::ranges::lower_bound(members_[*to], node), node);
      present_.insert(std::ranges::lower_bound(present_, node), node);
      // Each update gave those that were there another history, so it needs no number.
      if (histories_) histories_->begin(node, static_cast<std::uint32_t>(*to), 0);
      ++joins_;
    }
    return true;
  }

  [[nodiscard]] bool is_by_revenue() const {
    return scenario_.migration && scenario_.migration->rule == WeightRule::revenue;
  }
  [[nodiscard]] FrozenPrices frozen_prices() const {
    return {network_, prices_, *lineages_, exact_, alpha_of(scenario_, network_), run_.bits};
  }
  /// Begins again at more bits, because a comparison is not decided.
  [[nodiscard]] bool leave_undecided(std::int64_t step, const Fault& fault) {
    undecided_ = "step " + std::to_string(step) + ": " + fault.message();
    return false;
  }

  /// @param market  by which a node joins under the revenue rule
  [[nodiscard]] Result<std::size_t> join_target(std::size_t node, std::int64_t step, const RevenueMoves* market) const {
    if (scenario_.churn->target == JoinTarget::best)
      return market != nullptr ? market->best_target(node) : state_.best_target(node, 0);
    constexpr std::uint32_t which_target = 1;
    const auto bits =
        draws_.bits(Stream::joins, static_cast<std::uint64_t>(step), static_cast<std::uint32_t>(node), which_target);
    return static_cast<std::size_t>(index_below(state_.ranges().size(), bits));
  }

  /// The requests of a step choose by the prices before it (SIM-10).
  /// @returns whether every choice was decided
  [[nodiscard]] bool serve(std::int64_t step) {
    std::optional<RequestChoice> choice;
    const auto undecided = service_->advance(step, [&](std::uint64_t request) {
      if (!choice) choice.emplace(scenario_, network_, state_.ranges(), offers(), draws_, run_.bits);
      return choice->choose(request);
    });
    for (const auto& [node, amount] : service_->earnings()) run_.payments.push_back({step, node, amount});
    if (!undecided) return true;
    const auto& [one, other] = undecided->nodes;
    undecided_ = "step " + std::to_string(step) + ", request " + std::to_string(undecided->request) + ": node " +
                 network_.nodes[one].id;
    undecided_ += one == other ? "'s price in money units, unless it exceeds " + std::to_string(money_price_max)
                               : " or node " + network_.nodes[other].id;
    return false;
  }

  [[nodiscard]] std::vector<std::vector<Offer>> offers() const {
    std::vector<std::vector<Offer>> all(members_.size());
    for (std::size_t range = 0; range < members_.size(); ++range) {
      const std::vector<std::size_t>& nodes = members_[range];
      if (nodes.empty()) continue;
      const auto states = prices_.states(range, nodes);
      for (std::size_t k = 0; k < nodes.size(); ++k) {
        const Node& node = network_.nodes[nodes[k]];
        all[range].push_back({nodes[k], histories_ ? histories_->of(nodes[k]) : 0, states[k].price, states[k].weight,
                              states[k].share, node.cost, exact_[nodes[k]]});
      }
    }
    return all;
  }

  /// SIM-6: all nodes that move do so from the prices before the step.
  void update_prices(std::int64_t step) {
    const auto turn = static_cast<std::size_t>(step / scenario_.prices.every - 1) % members_.size();
    for (std::size_t range = 0; range < members_.size(); ++range) {
      if (scenario_.prices.update == PriceUpdates::one_layer && range != turn) continue;
      std::vector<bool> updates(members_[range].size(), true);
      for (std::size_t k = 0; k < updates.size(); ++k) {
        const std::size_t node = members_[range][k];
        updates[k] = is_updated(node, step);
        if (!updates[k]) continue;
        exact_[node] = members_[range].size() == 1 ? next_alone(range, node) : std::nullopt;
        if (histories_) histories_->separate(node, step, Histories::moves_its_price);
      }
      if (lineages_) trace(members_[range], updates);
      prices_.step(range, members_[range], updates);
    }
  }

  /// A step changes of what prices are made (SIM-21), unless it leaves a price as it is.
  void trace(const std::vector<std::size_t>& nodes, const std::vector<bool>& updates) {
    const bool is_alone = nodes.size() == 1 && updates[0];
    if (is_alone && exact_[nodes[0]]) lineages_->state(nodes[0], *exact_[nodes[0]]);
    else if (!is_alone || scenario_.monopoly->rule != MonopolyRule::hold) lineages_->step(nodes, updates);
  }

  /// The next price of a node without rivals (SIM-7), if its price is known as a rational number.
  [[nodiscard]] std::optional<Rational> next_alone(std::size_t range, std::size_t node) const {
    const std::optional<Rational>& price = exact_[node];
    if (!price && scenario_.monopoly->rule == MonopolyRule::cap) return cap_of(prices_.enclosed(range, node).price);
    if (!price || scenario_.monopoly->rule == MonopolyRule::hold) return price;
    const Rational risen = *price + scenario_.prices.eta;
    if (scenario_.monopoly->rule == MonopolyRule::ascend) return risen;
    return maximum(*price, minimum(risen, scenario_.monopoly->cap));
  }

  /// The cap, if an enclosed price is certain to rise to it.
  [[nodiscard]] std::optional<Rational> cap_of(const Interval& price) const {
    const Rational& cap = scenario_.monopoly->cap;
    const Uncertain is_reached =
        land(price <= Interval(cap, run_.bits), Interval(cap - scenario_.prices.eta, run_.bits) <= price);
    return certainly(is_reached) ? std::optional(cap) : std::nullopt;
  }

  /// Whether a node whose turn it is moves its price (SIM-6).
  [[nodiscard]] bool is_updated(std::size_t node, std::int64_t step) {
    switch (scenario_.prices.update) {
      case PriceUpdates::all:
      case PriceUpdates::one_layer: return true;
      case PriceUpdates::probability:
        return happens(
            scenario_.prices.probability,
            draws_.bits(Stream::price_updates, static_cast<std::uint64_t>(step), static_cast<std::uint32_t>(node)));
      case PriceUpdates::served: return service_->take_has_served(node);
    }
    return true;
  }

  /// @returns whether it is decided who moves where
  [[nodiscard]] bool migrate(std::int64_t step) {
    for (; scripted_ < scenario_.script.size() && scenario_.script[scripted_].step == step; ++scripted_) {
      const ScriptedMove& move = scenario_.script[scripted_];
      const std::size_t from = place_of(move.from);
      if (members_[from].empty()) continue;
      const std::size_t node = members_[from].front();
      state_.move(node, place_of(move.to));
      note({step, node, move.from, move.to});
    }
    if (!scenario_.migration || step % scenario_.migration->period != 0) return true;
    std::unique_ptr<MoveRule> rule;
    if (is_by_revenue()) rule = std::make_unique<RevenueMoves>(frozen_prices(), state_, members_);
    else rule = std::make_unique<ShareMoves>(state_);
    const auto moves = MigrationRound(*scenario_.migration, draws_, state_, *rule, next_, present_).run(step);
    if (!moves) return leave_undecided(step, moves.error());
    for (const SimulatedMove& move : *moves) note(move);
    return true;
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
    if (histories_) histories_->separate(move.node, move.step, static_cast<std::uint32_t>(to));
    ++moves_;
    if (run_.moves.size() < moves_listed_max) run_.moves.push_back(move);
  }

  /// @returns whether everything in the record is enclosed
  [[nodiscard]] bool record(std::int64_t step) {
    auto record = market_record(network_, state_, prices_, members_, run_.bits);
    if (!record) return false;
    record->step = step;
    record->moves = moves_;
    record->joins = joins_;
    record->leaves = leaves_;
    for (std::size_t range = 0; range < members_.size(); ++range)
      if (!members_[range].empty()) run_.radius = maximum(run_.radius, *prices_.radius(range));
    if (service_) record->requests = service_->record();
    digest_.add(*record);
    run_.records.push_back(*std::move(record));
    return true;
  }

  const Scenario& scenario_;
  const Network& network_;
  Draws draws_;
  MigrationWeights weights_;
  MigrationState state_;
  CertifiedPrices prices_;
  std::vector<std::vector<std::size_t>> members_;  ///< the nodes of each range, in file order
  std::vector<std::optional<Rational>> exact_;     ///< the price of a node that has had no rival since the start
  std::optional<Histories> histories_;             ///< where a tie must be told from a near tie
  std::optional<Lineages> lineages_;               ///< the same of moves by revenue
  std::optional<RequestService> service_;
  std::string undecided_;
  std::vector<std::size_t> present_;  ///< the nodes that take part, in file order
  std::vector<ChurnEvent> churn_;
  std::size_t changed_ = 0;  ///< how many of these have happened
  std::int64_t joins_ = 0;
  std::int64_t leaves_ = 0;
  std::size_t next_ = 0;
  std::int64_t step_ = 0;
  std::size_t scripted_ = 0;
  std::size_t recorded_ = 0;
  std::int64_t moves_ = 0;
  RunDigest digest_;
  SimulationRun run_;
};

}  // namespace

Result<SimulationRun> simulate(const Scenario& scenario, const Network& network, std::uint64_t seed,
                               const Progress& progress, long first_bits, const RunKeeping& keeping) {
  std::string reason;
  const Bytes* from = keeping.from;
  const auto kept_bits = from == nullptr ? std::nullopt : Run::bits_of(*from);
  for (long bits = kept_bits.value_or(first_bits); bits <= simulation_bits_max; bits *= 2) {
    std::optional<Run> run(std::in_place, scenario, network, seed, bits);
    if (from != nullptr && !run->resume(*from)) run.emplace(scenario, network, seed, bits = first_bits);
    from = nullptr;
    if (run->run(progress, keeping)) return run->take();
    reason = run->undecided().empty() ? "the prices are not known to the scenario's tolerance" : run->undecided();
  }
  return limit_reached("undecided at " + std::to_string(simulation_bits_max) + " bits: " + reason);
}

}  // namespace p2pllm::reference
