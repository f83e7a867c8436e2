#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include "bench/figure.hpp"
#include "bench/interleaved.hpp"
#include "bench/random_market.hpp"
#include "kernels/portable/exp.hpp"
#include "optimized/market/migrate.hpp"
#include "optimized/market/solve.hpp"
#include "optimized/market/verify.hpp"
#include "reference/market/migrate.hpp"
#include "reference/market/verify.hpp"

// Prices and migration of the fast half against their competitors, in one process: medians of interleaved runs.
namespace {

using namespace p2pllm;
using bench::Comparison;

/// Random costs, all nodes on the first of 32 one-layer blocks: nearly everybody has to move.
Network crowd(std::size_t nodes) {
  Network network = bench::random_market({nodes, 1, false}, 1);
  network.layers = 32;
  network.cost_scale = 10;
  for (std::int64_t x = 0; x < network.layers; ++x) network.blocks.push_back({x, x + 1});
  return network;
}

/// The sweeps as they are defined, in doubles, with every share computed anew after each move.
class Recomputing {
 public:
  Recomputing(const Network& network, std::size_t ranges) : ranges_(ranges), loads_(ranges), at_(network.size(), 0) {
    for (const Node& node : network.nodes) weights_.push_back(1 / node.cost.raw().get_d());
    shares_.resize(network.size());
    recompute();
  }

  /// @returns the moves made, at most `moves_max`, or fewer if at rest
  std::size_t run(std::size_t moves_max) {
    std::size_t moves = 0;
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t i = 0; i < at_.size(); ++i) {
        std::size_t best = at_[i];
        double share = shares_[i];
        for (std::size_t r = 0; r < ranges_; ++r) {
          if (r == at_[i]) continue;
          const double there = weights_[i] / (loads_[r] + weights_[i]);
          if (there > share) best = r, share = there;
        }
        if (best == at_[i]) continue;
        at_[i] = static_cast<std::uint32_t>(best);
        recompute();
        moved = true;
        if (++moves == moves_max) return moves;
      }
    }
    return moves;
  }

 private:
  void recompute() {
    std::ranges::fill(loads_, 0);
    for (std::size_t i = 0; i < at_.size(); ++i) loads_[at_[i]] += weights_[i];
    for (std::size_t i = 0; i < at_.size(); ++i) shares_[i] = weights_[i] / loads_[at_[i]];
  }
  std::size_t ranges_;
  std::vector<double> weights_, loads_, shares_;
  std::vector<std::uint32_t> at_;
};

void migration(MigrationRule rule) {
  constexpr std::size_t nodes = 100'000, sampled = 500;
  const Network network = crowd(nodes);
  const optimized::MarketColumns market = *optimized::columns_of(network);
  std::size_t moves = 0;
  FilterCounts counts;
  const auto fast = [&] {
    const auto keys = rule == MigrationRule::share ? optimized::share_keys(market)
                                                   : *optimized::revenue_keys(market, market.price, Rational(1, 2));
    const auto result = optimized::migrate(market, keys);
    moves = result->answer.moves.size();
    counts = result->decisions;
  };
  fast();
  const auto recomputing = [&] { Recomputing(network, 32).run(sampled); };
  const Comparison times = bench::interleave(9, fast, recomputing);
  std::printf(
      "migration to rest by %s, n = 10^5, m = 32: %zu moves; decisions by doubles %lu, 100 bits %lu, exact %lu\n",
      to_string(rule), moves, counts.approximate, counts.wider, counts.exact);
  std::printf("  %.2f ms; all shares anew after each move: %.1f s, from %zu of its moves (%.1f ms)\n",
              times.first * 1e3, times.second * static_cast<double>(moves) / sampled, sampled, times.second * 1e3);
  bench::figure(std::string("migration to rest by ") + to_string(rule) + ", n = 10^5, m = 32",
                "all shares anew after each move", times.second * static_cast<double>(moves) / sampled / times.first,
                bench::at_least(100));
}

void migration_against_reference() {
  const Network network = crowd(2000);
  const optimized::MarketColumns market = *optimized::columns_of(network);
  const auto keys = optimized::share_keys(market);
  const auto weights = reference::share_weights(network);
  const Comparison times = bench::interleave(
      3, [&] { (void)optimized::migrate(market, keys); }, [&] { (void)reference::migrate(network, weights); });
  std::printf("migration of 2000 nodes by share: %.3f ms; reference %.1f ms: %.0f x\n", times.first * 1e3,
              times.second * 1e3, times.second / times.first);
}

/// Runs on this many threads at most.
template <typename Run>
auto on_threads(std::size_t threads, const Run& run) {
  return [arena = std::make_shared<tbb::task_arena>(static_cast<int>(threads)), run] { arena->execute(run); };
}

void verification() {
  constexpr std::size_t nodes = 1'000'000, sample = 10'000;
  Network network = bench::random_market({nodes, 20, false}, 1);
  network.cost_scale = 10;
  const optimized::MarketColumns market = *optimized::columns_of(network);
  network.nodes.resize(sample);
  const Rational half(1, 2);
  optimized::VerifiedPrices answer;
  FilterCounts counts;
  const auto fast = [&] {
    auto verified = *optimized::verify(market, market.price, half, {}, {}, std::move(answer));
    counts = verified.decisions;
    answer = std::move(verified.answer);
  };
  std::vector<double> exponents(nodes), exponentials(nodes);
  for (std::size_t i = 0; i < nodes; ++i) exponents[i] = -static_cast<double>(i % 5000) / 1000;
  const auto exponentials_alone = [&] { kernels::exp(exponents, exponentials); };
  const Comparison times = bench::interleave(15, on_threads(1, fast), on_threads(1, exponentials_alone));
  const double reference_seconds =
      bench::seconds_of([&] { (void)reference::verify(network, posted_prices(network), half, Tolerance{}); });
  const double per_node = times.first / nodes, reference_per_node = reference_seconds / sample;
  std::printf(
      "certified verify, n = 10^6 in 20 groups: %.2f ms, %.1f ns a node; decisions by doubles %lu, 96 bits %lu, "
      "more %lu\n",
      times.first * 1e3, per_node * 1e9, counts.approximate, counts.wider, counts.exact);
  std::printf("  reference, n = 10^4: %.3f ms a node; one exponential a node: %.2f ms\n", reference_per_node * 1e3,
              times.second * 1e3);
  bench::figure("certified verify, n = 10^6", "reference per node", reference_per_node / per_node,
                bench::at_least(1000));
  bench::figure("certified verify, n = 10^6", "one exponential a node", times.first / times.second, bench::at_most(6));
  bench::figure("certified verify, n = 10^6", "the three exponentials a node that it evaluates",
                times.first / times.second / 3, bench::at_most(6));
  const Comparison threads = bench::interleave_threads(41, on_threads(1, fast), on_threads(2, fast));
  std::printf("  one thread %.2f ms, two threads %.2f ms (best quarter)\n", threads.first * 1e3, threads.second * 1e3);
  bench::figure("certified verify, n = 10^6, two threads, best quarter", "one thread", threads.first / threads.second,
                bench::at_least(1.7));
}

/// Gradient ascent as the paper prints it, in doubles with the same exponential, all nodes at once (PRICE-5).
class Ascent {
 public:
  Ascent(const Network& network, double alpha) : a_(alpha / network.price_scale.raw().get_d()) {
    for (const Node& node : network.nodes) {
      cost_weight_.push_back((1 - alpha) * node.cost.raw().get_d() / network.cost_scale.raw().get_d());
      price_.push_back(node.price.raw().get_d());
    }
    term_.resize(price_.size());
  }
  void run(int steps) {
    const std::size_t n = price_.size();
    for (int step = 0; step < steps; ++step) {
      for (std::size_t i = 0; i < n; ++i) term_[i] = -(a_ * price_[i] + cost_weight_[i]);
      kernels::exp(term_, term_);
      double lanes[8] = {};
      for (std::size_t i = 0; i + 8 <= n; i += 8)
        for (std::size_t lane = 0; lane < 8; ++lane) lanes[lane] += term_[i + lane];
      double sum = 0;
      for (const double lane : lanes) sum += lane;
      for (std::size_t i = n / 8 * 8; i < n; ++i) sum += term_[i];
      const double inverse = 1 / sum;
      for (std::size_t i = 0; i < n; ++i) {
        const double share = term_[i] * inverse;
        price_[i] += share * (1 + a_ * price_[i] * (share - 1));  // eta = 1
      }
    }
  }
  [[nodiscard]] const std::vector<double>& prices() const { return price_; }

 private:
  double a_;
  std::vector<double> cost_weight_, price_, term_;
};

void equilibrium() {
  constexpr std::size_t nodes = 100'000;
  Network network = bench::random_market({nodes, 1, false}, 1);
  network.cost_scale = 10;
  const optimized::MarketColumns market = *optimized::columns_of(network);
  const Rational half(1, 2);
  optimized::SolvedPrices solved;
  const auto fast = [&] { solved = optimized::solve_in_doubles(market, half, std::move(solved)); };
  fast();
  Ascent ascent(network, 0.5);
  const auto ascend = [&] {
    Ascent fresh = ascent;
    fresh.run(100);
  };
  const Comparison times = bench::interleave(15, on_threads(1, fast), on_threads(1, ascend));
  ascent.run(1000);
  double width = 0, error = 0, least_error = 1e300;
  for (std::size_t k = 0; k < nodes; ++k) {
    width = std::max(width, (solved.price_upper[k] - solved.price_lower[k]) / solved.price_lower[k]);
    const double own = std::abs(ascent.prices()[solved.groups.nodes[k]] / solved.price_lower[k] - 1);
    error = std::max(error, own), least_error = std::min(least_error, own);
  }
  std::printf(
      "equilibrium, n = 10^5 in one group: %.2f ms, %d steps, enclosed to a relative %.1e; 1000 steps of ascent "
      "at eta = 1: %.0f ms (ten times 100 of them), still off by %.2g to %.2g\n",
      times.first * 1e3, solved.steps, width, times.second * 1e4, least_error, error);
  bench::figure("equilibrium, n = 10^5", "1000 steps of gradient ascent", 10 * times.second / times.first,
                bench::at_least(100));
}

/// @param name  of the number of nodes
void equilibrium_on_threads(std::size_t nodes, const std::string& name, int rounds) {
  Network network = bench::random_market({nodes, 1, false}, 1);
  network.cost_scale = 10;
  const optimized::MarketColumns market = *optimized::columns_of(network);
  optimized::SolvedPrices solved;
  const auto fast = [&] { solved = optimized::solve_in_doubles(market, Rational(1, 2), std::move(solved)); };
  const Comparison threads = bench::interleave_threads(rounds, on_threads(1, fast), on_threads(2, fast));
  std::printf("  equilibrium, n = %s: one thread %.2f ms, two threads %.2f ms (best quarter)\n", name.c_str(),
              threads.first * 1e3, threads.second * 1e3);
  bench::figure("equilibrium, n = " + name + ", two threads, best quarter", "one thread",
                threads.first / threads.second, bench::at_least(1.7));
}

}  // namespace

int main() {
  bench::print_machine();
  equilibrium();
  equilibrium_on_threads(100'000, "10^5", 201);
  equilibrium_on_threads(1'000'000, "10^6", 41);
  verification();
  migration(MigrationRule::share);
  migration(MigrationRule::revenue);
  migration_against_reference();
}
