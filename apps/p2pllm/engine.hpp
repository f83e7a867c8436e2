#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/p2pllm/gpu.hpp"
#include "apps/p2pllm/view/answer_json.hpp"
#include "model/market/network.hpp"
#include "model/numbers/filtered.hpp"
#include "model/progress.hpp"
#include "optimized/market/columns.hpp"

namespace p2pllm::app {

/// What a migration is about: the rule, and under the revenue rule the frozen prices and alpha (MIG-1, MIG-3).
struct MigrationQuestion {
  const Network& network;
  MigrationRule rule = MigrationRule::share;
  const Prices& prices;
  Rational alpha;  ///< used under the revenue rule alone
};

/// Whether an answer needs the labels of all nodes, which only a certificate contains. Without them the fast engine
/// leaves them out.
enum class Evidence { none, labels };

/// One of the implementations that answer the market verbs (--engine).
///
/// Law: all engines give equal decisions: chains, frontier points, verdicts, moves. Their enclosures are true, and of
/// the width asked for, but need not be equal.
class Engine {
 public:
  virtual ~Engine() = default;
  /// The name of the engine that gave the last answer: the fast one leaves to the reference what it cannot hold.
  [[nodiscard]] virtual const char* name() const = 0;
  /// The decisions since the last call, by the arithmetic that gave them; an engine without filters counts none.
  [[nodiscard]] virtual FilterCounts take_decisions() = 0;

  /// Brings the network into the engine's own form, which later questions about it use.
  virtual void prepare(const Network& network) = 0;

  [[nodiscard]] virtual Result<RouteAnswer> route(const Network& network, const Rational& alpha, const ClientLegs& legs,
                                                  Evidence evidence) = 0;
  [[nodiscard]] virtual Result<FrontierAnswer> pareto(const Network& network, const ClientLegs& legs,
                                                      std::size_t labels_max, Evidence evidence,
                                                      const Progress& progress) = 0;
  /// @param bits_max    the precision at which to give up as undecided
  /// @param listed_max  of each group the fast engine lists only about so many nodes, those of the greatest regret
  [[nodiscard]] virtual EquilibriumReport verify(const Network& network, const Prices& prices, const Rational& alpha,
                                                 const Tolerance& tolerance, long bits_max, std::size_t listed_max,
                                                 const Progress& progress) = 0;
  static constexpr std::size_t list_all = std::numeric_limits<std::size_t>::max();
  /// @param bits  the relative width of the enclosures is at most 2^-bits
  [[nodiscard]] virtual Result<std::vector<EquilibriumGroup>> solve(const Network& network, const Rational& alpha,
                                                                    long bits, const Progress& progress) = 0;
  [[nodiscard]] virtual Result<Migration> migrate(const MigrationQuestion& question, const Progress& progress) = 0;
  /// For every node that gains by moving from `allocation` alone, its best move.
  [[nodiscard]] virtual Result<std::vector<Move>> gaining_moves(const MigrationQuestion& question,
                                                                const Allocation& allocation) = 0;
  [[nodiscard]] virtual std::vector<RangeLoad> loads(const MigrationQuestion& question,
                                                     const Allocation& allocation) = 0;
  [[nodiscard]] virtual BalanceClaim balance_claim(const MigrationQuestion& question, const Allocation& allocation) = 0;
};

[[nodiscard]] std::unique_ptr<Engine> reference_engine();
/// @param threads  0: as many as there are processors; no answer depends on it
/// @param gpu  on which the loops over all nodes run, if it has a device; "cuda" is then the name of answers of which a
///             part was computed there
[[nodiscard]] std::unique_ptr<Engine> fast_engine(int threads, Gpu gpu = {});

/// A chain, in a network of its nodes alone (or of none, if no chain exists) and of the client it was found for.
struct ChainAlone {
  Network network;
  RouteAnswer answer;
};
/// The fast engine's answer about a network in columns, which may have more nodes than a Network should.
/// @param client  index of the client whose legs count
/// @param gpu     as in fast_engine
[[nodiscard]] ChainAlone fast_route(const optimized::MarketColumns& market, const Rational& alpha,
                                    const std::optional<std::size_t>& client, int threads, Gpu& gpu);

/// The engine of this name: "fast", "reference", "cuda" or "cuda-or-fast".
/// @throws DeviceError if "cuda" has no GPU
[[nodiscard]] std::unique_ptr<Engine> engine_named(const std::string& name, int threads);
/// Adds the member `engine` to an answer (FORMAT-7).
[[nodiscard]] Json with_engine(Json answer, const char* engine);

/// The allocation that the file states.
[[nodiscard]] Allocation posted_allocation(const Network& network);

}  // namespace p2pllm::app
