#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/encoding/json.hpp"
#include "model/layer_range.hpp"
#include "model/market/network.hpp"
#include "model/numbers/rational.hpp"
#include "model/result.hpp"
#include "model/simulation/scenario_override.hpp"

namespace p2pllm {

inline constexpr std::size_t scenario_bytes_max = 16UL << 20U;
inline constexpr std::int64_t steps_max = 10'000'000;
inline constexpr std::int64_t peer_steps_max = 1'000'000'000'000;
inline constexpr std::int64_t peers_max = 10'000'000;
inline constexpr std::int64_t seeds_max = 1'000'000;
inline constexpr std::int64_t requests_max = 100'000'000;         ///< expected in one run
inline constexpr std::int64_t ticks_max = 1'000'000'000'000'000;  ///< of a step, and of one service
inline constexpr std::int64_t money_max = 1'000'000'000'000;      ///< of a price unit and of a deposit, in money units
/// The greatest price of a request in money units: all payments of a run stay below 2^62.
inline constexpr std::int64_t money_price_max = 40'000'000'000;
inline constexpr std::int64_t step_ticks_default = 1'000'000;
/// The greatest product of learning rate and sensitivity at which no price can become negative (SIM-6).
inline constexpr int rate_max = 4;

/// A quantity of each peer: drawn uniformly from (least, most) (SIM-5), or the same for all if both ends are equal.
struct DrawnNumber {
  Rational least;
  Rational most;
  std::optional<int> decimals;  ///< rounded half up to so many decimals
};

/// A network that is made from counts: peers of one layer each, layer by layer.
struct GeneratedNetwork {
  std::vector<std::int64_t> counts;  ///< peers at the start, one per layer
  DrawnNumber cost;                  ///< > 0
  DrawnNumber price;                 ///< >= 0
  [[nodiscard]] std::int64_t peers() const;
};
/// A network file, by its path as the scenario states it.
struct NetworkFile {
  std::string path;
};

/// Which nodes change their prices in a step (SIM-6).
enum class PriceUpdates { all, probability, one_layer, served };
struct PriceRule {
  Rational eta;  ///< the learning rate, > 0
  PriceUpdates update = PriceUpdates::all;
  Rational probability = 1;  ///< of each node, if drawn
  std::int64_t every = 1;    ///< steps between two updates
};

/// What a node without a rival does with its price (SIM-7).
enum class MonopolyRule { hold, cap, ascend };
struct Monopoly {
  MonopolyRule rule = MonopolyRule::hold;
  Rational cap;  ///< the price at which the ascent ends, under `cap`
};

/// Which nodes are asked whether they gain, at a step of migration (SIM-8).
enum class MigrationSchedule { sweep, sweep_random, next, one_random, best, first, gainer_random, probability };
/// What a weight is made of: 1 / cost, 1 for every node, or e^-w by prices (SIM-8).
enum class WeightRule { share, count, revenue };
enum class TieRule { lowest, random };
struct MigrationPlan {
  std::int64_t period = 1;
  MigrationSchedule schedule = MigrationSchedule::sweep;
  Rational probability = 1;
  WeightRule rule = WeightRule::share;
  TieRule tie = TieRule::lowest;
};
/// A move that the scenario states: the first node in file order that serves `from` then serves `to`.
struct ScriptedMove {
  std::int64_t step = 0;
  LayerRange from;
  LayerRange to;
};

/// How a request chooses the nodes of its chain (SIM-10).
enum class RequestMode { least, gumbel, boltzmann };
/// How long a node serves a request: always the same time, or a time with this mean (SIM-10).
enum class ServiceTime { constant, exponential };
struct RequestPlan {
  RequestMode mode = RequestMode::least;
  Rational per_step;            ///< expected arrivals in a step, > 0
  std::int64_t cost_ticks = 1;  ///< ticks that a cost of 1 takes (SIM-2)
  ServiceTime service = ServiceTime::constant;
  std::int64_t warm_up = 0;  ///< requests of the first steps that count for no sojourn
};

/// How nodes are paid for requests (SIM-15).
struct PaymentPlan {
  std::int64_t unit = 1'000'000;         ///< money units in one price unit
  std::int64_t deposit = 1'000'000'000;  ///< of a client's contract with a node, in money units
};

/// Where a node that joins begins to serve (SIM-19).
enum class JoinTarget { best, random };
struct Churn {
  Rational joins_per_step = 0;            ///< expected
  std::optional<Rational> mean_lifetime;  ///< in steps, > 0; nobody leaves without it
  JoinTarget target = JoinTarget::best;
};
/// A node comes or goes at the beginning of a step.
struct ChurnEvent {
  std::int64_t step = 0;
  bool joins = false;  ///< else it leaves
  std::size_t node = 0;
  friend auto operator<=>(const ChurnEvent&, const ChurnEvent&) = default;
};

/// A simulation as its file states it (SIM-1), with every rule of the format checked. Numbers are exact.
struct Scenario {
  std::string name;
  std::string description;
  std::variant<GeneratedNetwork, NetworkFile> network;
  std::optional<Rational> alpha;  ///< in [0, 1]; absent only where a network file may state it
  // Of a generated network; a network file states its own.
  Rational price_scale = 1;
  Rational cost_scale = 1;
  Rational temperature = 1;

  std::int64_t steps = 0;
  PriceRule prices;
  std::optional<Monopoly> monopoly;  ///< absent only where no group can have one node
  std::optional<MigrationPlan> migration;
  std::vector<ScriptedMove> script;  ///< by step, in the order stated
  std::optional<RequestPlan> requests;
  std::optional<PaymentPlan> ledger;  ///< only with requests
  std::optional<Churn> churn;
  std::int64_t step_ticks = step_ticks_default;  ///< (SIM-2)
  std::vector<std::int64_t> record;              ///< ascending, distinct, from 0 to steps
  Rational tolerance;                            ///< the greatest radius of a price, > 0
  std::int64_t first_seed = 1;
  std::int64_t last_seed = 1;
  std::string sha256;  ///< of the file's bytes and of what replaced its members
};

/// Reads `p2pllm-scenario/1` (SIM-1).
/// @param source     its name for messages
/// @param overrides  each names another pointer
/// @returns the scenario; or one line `source: pointer: value: rule`
[[nodiscard]] Result<Scenario> read_scenario(std::string_view bytes, const std::string& source,
                                             const std::vector<ScenarioOverride>& overrides = {});

/// The value of the range at a uniform number in (0, 1) (SIM-5).
[[nodiscard]] Rational value_at(const DrawnNumber& range, const Rational& uniform);

/// The network of the run of a seed (SIM-5), with the costs and prices that the seed draws. Nodes that join later
/// follow those of the start; until then their layers have no meaning.
/// @pre the scenario's network is generated
[[nodiscard]] Network generated_network(const Scenario& scenario, std::uint64_t seed);

/// Who joins and who leaves in the run of a seed (SIM-19), by rising step, those who leave first.
/// @param nodes  of the network, those that join included
[[nodiscard]] std::vector<ChurnEvent> churn_events(const Scenario& scenario, std::size_t nodes, std::uint64_t seed);

/// How many ticks a service of a constant time takes (SIM-2).
/// @param ticks  the node's cost times `cost_ticks`, in (0, ticks_max]
[[nodiscard]] std::int64_t service_ticks(const Rational& ticks);

}  // namespace p2pllm
