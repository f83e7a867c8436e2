#include "apps/p2pllm/engine.hpp"
#include "reference/market/migrate.hpp"
#include "reference/market/pareto.hpp"
#include "reference/market/route.hpp"
#include "reference/market/solve.hpp"
#include "reference/market/verify.hpp"

namespace p2pllm::app {
namespace {

reference::MigrationWeights weights_of(const MigrationQuestion& question) {
  return question.rule == MigrationRule::share
             ? reference::share_weights(question.network)
             : reference::revenue_weights(question.network, question.prices, question.alpha);
}

class ReferenceEngine final : public Engine {
 public:
  [[nodiscard]] const char* name() const override { return "reference"; }
  [[nodiscard]] FilterCounts take_decisions() override { return {}; }

  void prepare(const Network& network) override { (void)network; }  // its form is the network itself

  [[nodiscard]] Result<RouteAnswer> route(const Network& network, const Rational& alpha, const ClientLegs& legs,
                                          Evidence /*evidence*/) override {
    return reference::route(network, alpha, legs);
  }
  [[nodiscard]] Result<FrontierAnswer> pareto(const Network& network, const ClientLegs& legs, std::size_t labels_max,
                                              Evidence /*evidence*/, const Progress& progress) override {
    return reference::pareto(network, legs, labels_max, progress);
  }
  [[nodiscard]] EquilibriumReport verify(const Network& network, const Prices& prices, const Rational& alpha,
                                         const Tolerance& tolerance, long bits_max, std::size_t /*listed_max*/,
                                         const Progress& progress) override {
    return reference::verify(network, prices, alpha, tolerance, {Precision{}.first_bits, bits_max}, progress);
  }
  [[nodiscard]] Result<std::vector<EquilibriumGroup>> solve(const Network& network, const Rational& alpha, long bits,
                                                            const Progress& progress) override {
    return reference::solve(network, alpha, bits, progress);
  }
  [[nodiscard]] Result<Migration> migrate(const MigrationQuestion& question, const Progress& progress) override {
    return reference::migrate(question.network, weights_of(question), progress);
  }
  [[nodiscard]] Result<std::vector<Move>> gaining_moves(const MigrationQuestion& question,
                                                        const Allocation& allocation) override {
    return reference::gaining_moves(question.network, weights_of(question), allocation);
  }
  [[nodiscard]] std::vector<RangeLoad> loads(const MigrationQuestion& question, const Allocation& allocation) override {
    return reference::loads_of(question.network, weights_of(question), allocation);
  }
  [[nodiscard]] BalanceClaim balance_claim(const MigrationQuestion& question, const Allocation& allocation) override {
    return reference::balance_claim(question.network, weights_of(question), allocation);
  }
};

}  // namespace

std::unique_ptr<Engine> reference_engine() { return std::make_unique<ReferenceEngine>(); }

Allocation posted_allocation(const Network& network) { return reference::initial_allocation(network); }

}  // namespace p2pllm::app
