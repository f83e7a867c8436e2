#include "optimized/simulation/simulate.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "optimized/market/outward.hpp"
#include "optimized/simulation/ascent_loops.hpp"
#include "optimized/simulation/placement.hpp"
#include "optimized/simulation/record_bounds.hpp"
#include "optimized/simulation/request_service.hpp"

namespace p2pllm::optimized {
namespace {

using kernels::DoubleInterval;

constexpr long double_bits = 53;
constexpr std::int64_t serial_peer_steps = 1 << 16;  ///< below it, waking another thread costs more than it gains

/// The double nearest to a number.
double nearest(const Rational& value) {
  const double below = rounded_down(value);
  const double above = rounded_up(value);
  const Rational to_below = value - Rational::from_canonical(mpq_class(below));
  const Rational to_above = Rational::from_canonical(mpq_class(above)) - value;
  return to_below <= to_above ? below : above;
}

DoubleInterval enclosed(const Rational& value) { return {rounded_down(value), rounded_up(value)}; }

/// One run.
class Run {
 public:
  Run(const Scenario& scenario, const Peers& peers, std::uint64_t seed, MigrationKeys keys, AscentLoops* loops)
      : loops_(loops),
        scenario_(scenario),
        draws_(seed),
        placement_(scenario, peers, std::move(keys), seed),
        groups_(placement_.ranges().size()) {
    const Network& market = peers.market();
    const Rational alpha = scenario.alpha ? *scenario.alpha : *market.alpha;
    const Rational sensitivity = alpha / (market.price_scale * market.temperature);
    const Rational by_cost = (Rational(1) - alpha) / (market.cost_scale * market.temperature);
    sensitivity_ = enclosed(sensitivity);
    constants_ = {nearest(sensitivity), nearest(scenario.prices.eta), MonopolyRule::hold, 0};
    if (scenario.monopoly) {
      constants_.monopoly = scenario.monopoly->rule;
      constants_.cap = nearest(scenario.monopoly->cap);
    }
    capacities_.reserve(peers.size());
    churn_ = churn_events(scenario, peers.size(), seed);
    for (const ChurnEvent& event : churn_)
      if (event.joins) placement_.leave(static_cast<std::uint32_t>(event.node));
    std::vector<std::size_t> counts(groups_.size() + 1);
    for (const std::uint32_t range : placement_.serves()) ++counts[range];
    for (std::size_t range = 0; range < groups_.size(); ++range) groups_[range].reserve(counts[range]);
    for (std::uint32_t node = 0; node < peers.size(); ++node) {
      const Rational price = peers.price(node), cost = peers.cost(node);
      const double rounded = nearest(price);
      rounding_ = std::max(rounding_, rounded_up(abs(price - Rational::from_canonical(mpq_class(rounded)))));
      const GroupPrices::Member member{node, rounded, nearest(by_cost * cost)};
      if (placement_.is_absent(node)) joiners_.emplace(node, member);
      else groups_[placement_.serves()[node]].append(member);
      capacities_.push_back(enclosed(Rational(1) / cost));
    }
    for (GroupPrices& group : groups_) group.widen(rounding_);
    run_.bits = double_bits;
    if (is_by_revenue()) twins_.emplace(peers, alpha);
    if (!scenario.requests) return;
    service_.emplace(scenario, peers, draws_, groups_.size());
    choice_.emplace(scenario.requests->mode, placement_.ranges(), peers);
    if (scenario.requests->mode != RequestMode::least) return;
    histories_.emplace(peers, alpha != Rational(1));
    for (std::uint32_t node = 0; node < peers.size(); ++node)
      if (!placement_.is_absent(node)) histories_->begin(node, placement_.serves()[node], 0);
  }

  /// Requests, then prices, then moves, then the record (SIM-3).
  /// @returns whether the prices stayed within the tolerance and every choice was decided
  [[nodiscard]] bool run(const Progress& progress, const RunKeeping& keeping) {
    if (step_ == 0 && !end_step()) return false;
    while (step_ < scenario_.steps) {
      run_.is_stopped = keeping.stops(step_, [this] { return state(); });
      if (run_.is_stopped) return true;
      if (!come_and_go(step_ + 1)) return false;
      const std::int64_t event = next_event();
      const std::int64_t next = keeping.keep ? std::min({event, step_ + steps_between_states(), keeping.stop_after})
                                             : std::min(event, std::max(keeping.stop_after, step_ + 1));
      if (service_ && !serve(next)) return false;
      ascend(step_, next);
      step_ = next;
      if (next == event) {
        if (!migrate(next)) return false;
        if (!end_step()) return false;
      }
      report(progress, static_cast<std::size_t>(next), static_cast<std::size_t>(scenario_.steps));
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
    state(step_, placement_, changed_, joins_, leaves_, scripted_, recorded_, moves_, digest_, run_);
    state.require(step_ >= 0 && step_ <= scenario_.steps && changed_ <= churn_.size());
    state.require(scripted_ <= scenario_.script.size() && recorded_ <= scenario_.record.size());
    for (GroupPrices& group : groups_) {
      state(group);
      state.require(
          std::ranges::all_of(group.nodes(), [this](std::uint32_t node) { return node < capacities_.size(); }));
    }
    if (service_) state(*service_);
    if (histories_) state(*histories_);
    if (twins_) state(*twins_);
  }

  /// So many that the time between two questions whether a state is wanted is short.
  [[nodiscard]] std::int64_t steps_between_states() const {
    constexpr std::int64_t peer_steps = 1 << 23;
    return 1 + peer_steps / static_cast<std::int64_t>(capacities_.size());
  }

  /// What remains to be done when nodes have moved. @returns as `run`
  [[nodiscard]] bool end_step() {
    const double tolerance = rounded_down(scenario_.tolerance);
    for (const GroupPrices& group : groups_)
      if (!(group.radius() <= tolerance)) return false;
    if (recorded_ == scenario_.record.size() || scenario_.record[recorded_] != step_) return true;
    ++recorded_;
    return record(step_);
  }

  /// The first step after this one at which nodes may move or a record is taken, or the last.
  [[nodiscard]] std::int64_t next_event() const {
    const std::int64_t step = step_;
    if (service_) return step + 1;
    std::int64_t next = scenario_.steps;
    if (changed_ < churn_.size()) next = std::min(next, churn_[changed_].step - 1);
    if (recorded_ < scenario_.record.size()) next = std::min(next, scenario_.record[recorded_]);
    if (scripted_ < scenario_.script.size()) next = std::min(next, scenario_.script[scripted_].step);
    if (scenario_.migration) {
      const std::int64_t period = scenario_.migration->period;
      next = std::min(next, (step / period + 1) * period);
    }
    return next;
  }

  /// Those whose time has come leave, then others join (SIM-19).
  /// @returns whether it is decided where these serve
  [[nodiscard]] bool come_and_go(std::int64_t step) {
    std::optional<RevenueLoads> loads;
    for (; changed_ < churn_.size() && churn_[changed_].step == step; ++changed_) {
      const auto node = static_cast<std::uint32_t>(churn_[changed_].node);
      if (!churn_[changed_].joins) {
        groups_[placement_.serves()[node]].take(node);
        placement_.leave(node);
        ++leaves_;
        continue;
      }
      const bool is_drawn = scenario_.churn->target == JoinTarget::random;
      if (twins_ && !is_drawn && !loads) loads.emplace(revenue_loads());
      const auto to = placement_.join(node, step, loads ? &*loads : nullptr);
      if (!to) return false;
      groups_[*to].insert(joiners_.at(node));
      groups_[*to].widen(rounding_);
      if (loads) loads->join(joiners_.at(node), rounding_, *to);
      if (histories_) histories_->begin(node, *to, (step - 1) / scenario_.prices.every);
      ++joins_;
    }
    return true;
  }

  [[nodiscard]] bool is_by_revenue() const {
    return scenario_.migration && scenario_.migration->rule == WeightRule::revenue;
  }
  [[nodiscard]] RevenueLoads revenue_loads() const {
    return {groups_, sensitivity_, *twins_, placement_.ranges(), capacities_.size()};
  }

  /// The requests of a step choose by the prices before it (SIM-10).
  [[nodiscard]] bool serve(std::int64_t step) {
    if (service_->expects(step)) choice_->begin_step(groups_, sensitivity_, histories_ ? &*histories_ : nullptr);
    if (!service_->advance(step, *choice_)) return false;
    if (scenario_.ledger)
      for (const auto& [node, amount] : service_->take_earnings()) run_.payments.push_back({step, node, amount});
    return true;
  }

  /// All steps of prices after `from` and up to `to`, group by group.
  void ascend(std::int64_t from, std::int64_t to) {
    if (twins_) return ascend_with_twins(from, to);
    if (loops_ != nullptr && !histories_ && scenario_.prices.update == PriceUpdates::all)
      return ascend_by_loops(from, to);
    const auto one = [&](std::size_t range) {
      GroupPrices& group = groups_[range];
      const std::int64_t every = scenario_.prices.every;
      for (std::int64_t update = from / every + 1; update * every <= to; ++update)
        ascend_once(range, group, update, static_cast<std::uint64_t>(update * every));
    };
    const auto peers = static_cast<std::int64_t>(capacities_.size());
    if (histories_ || peers * (to - from) < serial_peer_steps)
      for (std::size_t range = 0; range < groups_.size(); ++range) one(range);
    else tbb::parallel_for(std::size_t{0}, groups_.size(), one);
  }

  /// The same by somebody else, but for sole servers, whose rule is another one (SIM-7).
  void ascend_by_loops(std::int64_t from, std::int64_t to) {
    const std::int64_t updates = to / scenario_.prices.every - from / scenario_.prices.every;
    std::vector<GroupPrices*> several;
    for (GroupPrices& group : groups_)
      if (group.size() >= 2) several.push_back(&group);
    if (updates > 0 && !several.empty()) loops_->ascend(several, constants_, updates);
    for (GroupPrices& group : groups_)
      for (std::int64_t update = 0; update < updates && group.size() == 1; ++update) group.step(constants_);
  }

  /// The same update by update, because twins may serve different ranges.
  void ascend_with_twins(std::int64_t from, std::int64_t to) {
    const std::int64_t every = scenario_.prices.every;
    for (std::int64_t update = from / every + 1; update * every <= to; ++update) {
      twins_->begin_update();
      for (std::size_t range = 0; range < groups_.size(); ++range)
        ascend_once(range, groups_[range], update, static_cast<std::uint64_t>(update * every));
    }
  }
  /// @param moves  of the nodes of a group; empty if all move
  void ascend_group(GroupPrices& group, std::span<const double> moves) {
    const bool is_held = group.size() == 1 && constants_.monopoly == MonopolyRule::hold;
    if (twins_ && !is_held) twins_->step(group.nodes(), moves);
    if (moves.empty()) group.step(constants_);
    else group.step(constants_, moves);
  }

  void ascend_once(std::size_t range, GroupPrices& group, std::int64_t update, std::uint64_t step) {
    switch (scenario_.prices.update) {
      case PriceUpdates::all: ascend_group(group, {}); return;
      case PriceUpdates::one_layer:
        if (static_cast<std::size_t>(update - 1) % groups_.size() == range) ascend_group(group, {});
        return;
      case PriceUpdates::probability:
      case PriceUpdates::served: ascend_some(group, step); return;
    }
  }

  /// One step of those nodes of a group that move their prices.
  void ascend_some(GroupPrices& group, std::uint64_t step) {
    std::vector<double> moves;
    for (const std::uint32_t node : group.nodes()) {
      const bool is_updated =
          scenario_.prices.update == PriceUpdates::served
              ? service_->take_has_served(node)
              : happens(scenario_.prices.probability, draws_.bits(Stream::price_updates, step, node));
      moves.push_back(is_updated ? 1 : 0);
      if (is_updated && histories_)
        histories_->separate(node, static_cast<std::int64_t>(step), Histories::moves_its_price);
    }
    ascend_group(group, moves);
  }

  /// @returns whether it is decided who moves where
  [[nodiscard]] bool migrate(std::int64_t step) {
    for (; scripted_ < scenario_.script.size() && scenario_.script[scripted_].step == step; ++scripted_) {
      const std::uint32_t from = place_of(scenario_.script[scripted_].from);
      if (groups_[from].size() == 0) continue;
      const Placement::Step move{groups_[from].nodes().front(), from, place_of(scenario_.script[scripted_].to)};
      placement_.move(move.node, move.to);
      note(step, move);
    }
    if (!scenario_.migration || step % scenario_.migration->period != 0) return true;
    std::optional<RevenueLoads> loads;
    if (twins_) loads.emplace(revenue_loads());
    if (!placement_.round(step, loads ? &*loads : nullptr)) return false;
    for (const Placement::Step& move : placement_.moves()) note(step, move);
    return true;
  }

  [[nodiscard]] std::uint32_t place_of(const LayerRange& range) const {
    const auto& ranges = placement_.ranges();
    return static_cast<std::uint32_t>(std::ranges::lower_bound(ranges, range) - ranges.begin());
  }

  /// A node carries its price and its group's radius along (SIM-9).
  void note(std::int64_t step, const Placement::Step& move) {
    groups_[move.to].insert(groups_[move.from].take(move.node));
    groups_[move.to].widen(groups_[move.from].radius());
    if (histories_) histories_->separate(move.node, step, move.to);
    ++moves_;
    if (run_.moves.size() < moves_listed_max)
      run_.moves.push_back({step, move.node, placement_.ranges()[move.from], placement_.ranges()[move.to]});
  }

  /// @returns whether everything in the record is enclosed
  [[nodiscard]] bool record(std::int64_t step) {
    StepRecord& record = run_.records.emplace_back();
    record.step = step;
    record.moves = moves_;
    record.joins = joins_;
    record.leaves = leaves_;
    std::vector<std::optional<GroupBounds>> bounds(groups_.size());
    const auto one = [&](std::size_t range) {
      bounds[range] = group_bounds(groups_[range], sensitivity_, capacities_);
    };
    if (static_cast<std::int64_t>(capacities_.size()) < serial_peer_steps)
      for (std::size_t range = 0; range < groups_.size(); ++range) one(range);
    else tbb::parallel_for(std::size_t{0}, groups_.size(), one);
    double throughput_lower = std::numeric_limits<double>::infinity(), throughput_upper = throughput_lower;
    double regret = 0, radius = 0;
    for (std::size_t range = 0; range < groups_.size(); ++range) {
      if (!bounds[range]) return false;
      GroupBounds& of = *bounds[range];
      of.record.range = placement_.ranges()[range];
      record.least_load = range == 0 ? of.record.load
                                     : Enclosure{minimum(record.least_load.lower, of.record.load.lower),
                                                 minimum(record.least_load.upper, of.record.load.upper)};
      throughput_lower = std::min(throughput_lower, of.throughput.lower());
      throughput_upper = std::min(throughput_upper, of.throughput.upper());
      regret = std::max(regret, of.regret_bound);
      radius = std::max(radius, groups_[range].radius());
      record.sole += of.record.nodes == 1 ? 1 : 0;
      record.ranges.push_back(std::move(of.record));
    }
    if (std::isfinite(throughput_upper)) record.throughput = enclosure_of({throughput_lower, throughput_upper});
    record.regret_bound = Rational::from_canonical(mpq_class(regret));
    record.serves = placement_.serves();
    run_.radius = maximum(run_.radius, Rational::from_canonical(mpq_class(radius)));
    if (service_) record.requests = service_->record();
    digest_.add(record);
    return true;
  }

  AscentLoops* loops_;
  const Scenario& scenario_;
  Draws draws_;
  Placement placement_;
  std::vector<GroupPrices> groups_;
  std::vector<DoubleInterval> capacities_;  ///< 1 / cost of each node
  DoubleInterval sensitivity_;
  AscentConstants constants_;
  std::optional<RequestService> service_;
  std::optional<RequestChoice> choice_;
  std::optional<Histories> histories_;  ///< where a tie must be told from a near tie
  std::optional<Twins> twins_;          ///< the same of moves by revenue
  std::vector<ChurnEvent> churn_;
  std::size_t changed_ = 0;  ///< how many of these have happened
  std::map<std::uint32_t, GroupPrices::Member> joiners_;
  double rounding_ = 0;  ///< of the first prices
  std::int64_t joins_ = 0;
  std::int64_t leaves_ = 0;
  std::int64_t step_ = 0;
  std::size_t scripted_ = 0;
  std::size_t recorded_ = 0;
  std::int64_t moves_ = 0;
  RunDigest digest_;
  SimulationRun run_;
};

/// The keys by which nodes move or join (SIM-8), if they do either by weights that do not change.
std::optional<MigrationKeys> keys_of(const Scenario& scenario, const Peers& peers) {
  if (scenario.migration) return plan_keys(scenario.migration->rule, peers);
  if (scenario.churn && scenario.churn->target == JoinTarget::best) return plan_keys(WeightRule::share, peers);
  return MigrationKeys();
}

}  // namespace

std::optional<SimulationRun> simulate(const Scenario& scenario, const Peers& peers, std::uint64_t seed,
                                      const Progress& progress, const RunKeeping& keeping, AscentLoops* loops) {
  const auto keys = keys_of(scenario, peers);
  if (!keys) return std::nullopt;
  std::optional<Run> run(std::in_place, scenario, peers, seed, *keys, loops);
  if (keeping.from != nullptr && !run->resume(*keeping.from)) run.emplace(scenario, peers, seed, *keys, loops);
  if (!run->run(progress, keeping)) return std::nullopt;
  return run->take();
}

}  // namespace p2pllm::optimized
