#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <numeric>
#include <optional>

#include "apps/p2pllm/engine.hpp"
#include "optimized/market/columns.hpp"
#include "optimized/market/device_market.hpp"
#include "optimized/market/migrate.hpp"
#include "optimized/market/pareto.hpp"
#include "optimized/market/route.hpp"
#include "optimized/market/solve.hpp"
#include "optimized/market/verify.hpp"

namespace p2pllm::app {
namespace {

/// Calls use(loops) with the loops of the device, or null where there is none or where it fails.
template <typename Use>
auto with_loops(Gpu& gpu, const Use& use) {
  if (gpu.device) {
    try {
      optimized::DeviceMarket loops(*gpu.device);
      return use(&loops);
    } catch (const optimized::DeviceError& error) {
      fall_back(gpu, error);
    }
  }
  return use(static_cast<optimized::DeviceMarket*>(nullptr));
}

/// The fast half, and the reference for a network that columns cannot hold exactly.
class FastEngine final : public Engine {
 private:
  template <typename Work>
  auto run(const Work& work) {
    return arena_.execute(work);
  }
  /// The same of work whose loops may run on the device.
  template <typename Work>
  auto run_loops(const Work& work) {
    auto answer = with_loops(gpu_, [&](optimized::MarketLoops* loops) { return run([&] { return work(loops); }); });
    used_device_ = gpu_.device != nullptr;
    return answer;
  }

 public:
  FastEngine(int threads, Gpu gpu)
      : gpu_(std::move(gpu)),
        arena_(threads == 0 ? tbb::task_arena::automatic : threads),
        reference_(reference_engine()) {}

  [[nodiscard]] const char* name() const override {
    return !is_fast_ ? reference_->name() : used_device_ ? "cuda" : "fast";
  }
  [[nodiscard]] FilterCounts take_decisions() override { return std::exchange(decisions_, {}); }
  void prepare(const Network& network) override { (void)columns(network); }

  [[nodiscard]] Result<RouteAnswer> route(const Network& network, const Rational& alpha, const ClientLegs& legs,
                                          Evidence evidence) override {
    const auto* market = columns(network);
    if (market == nullptr) return reference_->route(network, alpha, legs, evidence);
    const auto client = client_index(network, legs);
    if (evidence == Evidence::labels)
      return counted(run_loops([&](auto* loops) { return optimized::certified_route(*market, alpha, client, loops); }));
    auto chain = counted(run_loops([&](auto* loops) { return optimized::route(*market, alpha, client, loops); }));
    if (auto* none = std::get_if<Unreachable>(&chain)) return RouteAnswer(std::move(*none));
    return RouteAnswer(OptimalRoute{std::get<Chain>(std::move(chain)), {}});
  }
  [[nodiscard]] Result<FrontierAnswer> pareto(const Network& network, const ClientLegs& legs, std::size_t labels_max,
                                              Evidence evidence, const Progress& progress) override {
    const auto* market = columns(network);
    used_device_ = false;
    if (market == nullptr) return reference_->pareto(network, legs, labels_max, evidence, progress);
    const auto client = client_index(network, legs);
    return counted(run([&] {
      return evidence == Evidence::labels ? optimized::certified_pareto(*market, client, labels_max, progress)
                                          : optimized::pareto(*market, client, labels_max, progress);
    }));
  }
  [[nodiscard]] EquilibriumReport verify(const Network& network, const Prices& prices, const Rational& alpha,
                                         const Tolerance& tolerance, long bits_max, std::size_t listed_max,
                                         const Progress& progress) override {
    const auto* market = columns(network);
    const auto column = optimized::Column::from(prices.values);
    const Precision ladder{Precision{}.first_bits, bits_max};
    if (market != nullptr && column)
      if (auto verified = run_loops(
              [&](auto* loops) { return optimized::verify(*market, *column, alpha, tolerance, ladder, {}, loops); }))
        return optimized::equilibrium_report(counted(*std::move(verified)), *column, listed_max);
    is_fast_ = false;
    return reference_->verify(network, prices, alpha, tolerance, bits_max, listed_max, progress);
  }
  [[nodiscard]] Result<std::vector<EquilibriumGroup>> solve(const Network& network, const Rational& alpha, long bits,
                                                            const Progress& progress) override {
    const auto* market = columns(network);
    if (market == nullptr) return reference_->solve(network, alpha, bits, progress);
    return run_loops([&](auto* loops) { return optimized::solve(*market, alpha, bits, progress, loops); });
  }

  [[nodiscard]] Result<Migration> migrate(const MigrationQuestion& question, const Progress& progress) override {
    const auto keys = keys_of(question);
    if (!keys) return reference_->migrate(question, progress);
    return counted(run([&] { return optimized::migrate(*market_, *keys, progress); }));
  }
  [[nodiscard]] Result<std::vector<Move>> gaining_moves(const MigrationQuestion& question,
                                                        const Allocation& allocation) override {
    const auto keys = keys_of(question);
    if (!keys) return reference_->gaining_moves(question, allocation);
    return counted(
        run_loops([&](auto* loops) { return optimized::gaining_moves(*market_, *keys, allocation, loops); }));
  }
  [[nodiscard]] std::vector<RangeLoad> loads(const MigrationQuestion& question, const Allocation& allocation) override {
    const auto keys = keys_of(question);
    if (!keys) return reference_->loads(question, allocation);
    return run([&] { return optimized::loads_of(*market_, *keys, allocation); });
  }
  [[nodiscard]] BalanceClaim balance_claim(const MigrationQuestion& question, const Allocation& allocation) override {
    const auto keys = keys_of(question);
    if (!keys) return reference_->balance_claim(question, allocation);
    return run([&] { return optimized::balance_claim(*market_, *keys, allocation); });
  }

 private:
  /// The network in columns, kept until another network is asked about; null if columns cannot hold it.
  const optimized::MarketColumns* columns(const Network& network) {
    if (!market_of_ || *market_of_ != network.sha256 || network.sha256.empty()) {
      market_ = optimized::columns_of(network);
      market_of_ = network.sha256;
    }
    is_fast_ = market_.has_value();
    return is_fast_ ? &*market_ : nullptr;
  }

  std::optional<optimized::MigrationKeys> keys_of(const MigrationQuestion& question) {
    const auto* market = columns(question.network);
    std::optional<optimized::MigrationKeys> keys;
    if (market != nullptr && question.rule == MigrationRule::share) keys = optimized::share_keys(*market);
    if (market != nullptr && question.rule == MigrationRule::revenue)
      if (const auto prices = optimized::Column::from(question.prices.values))
        keys = optimized::revenue_keys(*market, *prices, question.alpha);
    is_fast_ = keys.has_value();
    return keys;
  }

  static std::optional<std::size_t> client_index(const Network& network, const ClientLegs& legs) {
    if (legs.client == nullptr) return std::nullopt;
    return static_cast<std::size_t>(legs.client - network.clients.data());
  }

  template <typename Answer>
  Answer counted(optimized::Counted<Answer> result) {
    decisions_ += result.decisions;
    return std::move(result.answer);
  }
  template <typename Answer>
  Result<Answer> counted(Result<optimized::Counted<Answer>> result) {
    return std::move(result).map([this](optimized::Counted<Answer> answer) { return counted(std::move(answer)); });
  }

  Gpu gpu_;
  tbb::task_arena arena_;
  std::unique_ptr<Engine> reference_;
  std::optional<optimized::MarketColumns> market_;
  std::optional<std::string> market_of_;  ///< SHA-256 of the network in `market_`
  bool is_fast_ = true;
  bool used_device_ = false;  ///< whether loops of the last question ran there
  FilterCounts decisions_;
};

/// The nodes of a chain in its order, with the latency between them and one client's legs.
Network network_of_chain(const optimized::MarketColumns& market, const Chain* chain,
                         const std::optional<std::size_t>& client) {
  Network network{market, {}, {}, {}};
  if (client) network.clients.push_back({market.clients[*client].id, {}, {}});
  if (chain == nullptr) return network;
  for (const std::size_t i : chain->nodes) {
    network.nodes.push_back(
        {std::string(market.ids[i]), {market.first[i], market.last[i]}, market.cost.value(i), market.price.value(i)});
    if (market.latency) {
      auto& row = network.latency.emplace_back();
      for (const std::size_t j : chain->nodes) row.push_back(market.latency->value(i * market.size() + j));
    }
    if (client) {
      network.clients.front().to.push_back(market.clients[*client].to.value(i));
      network.clients.front().from.push_back(market.clients[*client].from.value(i));
    }
  }
  return network;
}

}  // namespace

std::unique_ptr<Engine> fast_engine(int threads, Gpu gpu) {
  return std::make_unique<FastEngine>(threads, std::move(gpu));
}

ChainAlone fast_route(const optimized::MarketColumns& market, const Rational& alpha,
                      const std::optional<std::size_t>& client, int threads, Gpu& gpu) {
  tbb::task_arena arena(threads == 0 ? tbb::task_arena::automatic : threads);
  auto found = with_loops(gpu, [&](optimized::MarketLoops* loops) {
    return arena.execute([&] { return optimized::route(market, alpha, client, loops).answer; });
  });
  ChainAlone alone{network_of_chain(market, std::get_if<Chain>(&found), client), Unreachable{}};
  if (auto* none = std::get_if<Unreachable>(&found)) {
    alone.answer = std::move(*none);
  } else {
    OptimalRoute route{std::get<Chain>(std::move(found)), {}};
    std::iota(route.chain.nodes.begin(), route.chain.nodes.end(), 0);
    alone.answer = std::move(route);
  }
  return alone;
}

std::unique_ptr<Engine> engine_named(const std::string& name, int threads) {
  return name == "reference" ? reference_engine() : fast_engine(threads, gpu_for(name));
}

Json with_engine(Json answer, const char* engine) {
  answer.as_object()->emplace_back("engine", engine);
  return answer;
}

}  // namespace p2pllm::app
