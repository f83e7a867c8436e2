#include "optimized/market/solve.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <cmath>
#include <limits>

#include "kernels/market/price_rules.hpp"
#include "model/assert.hpp"
#include "optimized/market/market_loops.hpp"
#include "optimized/market/precise_equilibrium.hpp"

namespace p2pllm::optimized {
namespace {

constexpr long bits_min = 2;
constexpr long bits_max = 2048;

/// Above this a start in doubles makes no sense.
const Rational cost_weight_max = Rational::power_of_two(900);

Rational exactly(double value) { return Rational::from_canonical(mpq_class(value)); }

/// a, and d per integer of cost.
struct Scale {
  Rational sensitivity, by_cost;
};
Scale scale_of(const MarketColumns& market, const Rational& alpha) {
  return {kernels::sensitivity_of(alpha, market.price_scale, market.temperature),
          kernels::weight_of_cost(alpha, market.cost.unit(), market.cost_scale, market.temperature)};
}

/// Whether doubles hold both factors as normal numbers with room to spare.
bool are_usable(const Scale& scale) {
  const double a = scale.sensitivity.raw().get_d(), by_cost = scale.by_cost.raw().get_d();
  return 0x1p-100 <= a && a <= 0x1p100 && (by_cost == 0 || (0x1p-800 <= by_cost && by_cost <= 0x1p800));
}

void group_costs(const MarketColumns& market, SolvedPrices& result) {
  const auto place_all = [&](const auto integers) {
    double* const grouped = result.cost.data();
    const auto place_cost = [=](std::size_t i, std::size_t place) {
      grouped[place] = static_cast<double>(integers[i]);
    };
    result.groups = group_nodes(market, place_cost, std::move(result.groups));
  };
  result.cost.resize(market.size());
  if (market.cost.is_narrow()) place_all(market.cost.narrow());
  else place_all(market.cost.wide());
}

struct Part {
  std::size_t begin;
  std::size_t count;
  template <typename Vector>
  [[nodiscard]] auto of(Vector& column) const {
    return std::span(column).subspan(begin, count);
  }
};
Part part_of(const GroupColumns& groups, std::size_t group) {
  return {groups.begin[group], groups.begin[group + 1] - groups.begin[group]};
}

Enclosure enclosed(const std::vector<double>& lower, const std::vector<double>& upper, std::size_t place) {
  return {exactly(lower[place]), exactly(upper[place])};
}
bool is_narrow(const std::vector<double>& lower, const std::vector<double>& upper, std::size_t place, long bits) {
  return upper[place] - lower[place] <= std::ldexp(lower[place], static_cast<int>(-bits - 1));
}

/// The group's nodes from the columns; nothing if they are not narrow enough.
std::optional<std::vector<EquilibriumNode>> from_columns(const SolvedPrices& solved, const Part& part, long bits) {
  std::vector<EquilibriumNode> nodes;
  if (bits > 50) return std::nullopt;
  for (std::size_t place = part.begin; place < part.begin + part.count; ++place) {
    if (!is_narrow(solved.price_lower, solved.price_upper, place, bits) ||
        !is_narrow(solved.share_lower, solved.share_upper, place, bits) ||
        !is_narrow(solved.revenue_lower, solved.revenue_upper, place, bits))
      return std::nullopt;
    nodes.push_back({solved.groups.nodes[place], enclosed(solved.price_lower, solved.price_upper, place),
                     enclosed(solved.share_lower, solved.share_upper, place),
                     enclosed(solved.revenue_lower, solved.revenue_upper, place)});
  }
  return nodes;
}

std::optional<std::vector<EquilibriumNode>> refined(const MarketColumns& market, const Scale& scale,
                                                    const SolvedPrices& solved, const Part& part, long bits) {
  std::vector<Rational> cost_weights;
  std::vector<double> cost;
  for (const std::uint32_t i : part.of(solved.groups.nodes)) {
    cost_weights.push_back(scale.by_cost * (market.cost.value(i) / market.cost.unit()));
    if (cost_weights.back() > cost_weight_max) return std::nullopt;
    cost.push_back(cost_weights.back().raw().get_d());
  }
  const JointSolution start = solve_group(cost, 1);
  const auto ends = refine_equilibrium(start, cost_weights, scale.sensitivity, bits);
  if (!ends) return std::nullopt;
  std::vector<EquilibriumNode> nodes;
  for (std::size_t k = 0; k < part.count; ++k)
    nodes.push_back({solved.groups.nodes[part.begin + k], ends->price[k], ends->share[k], ends->revenue[k]});
  return nodes;
}

}  // namespace

SolvedPrices solve_in_doubles(const MarketColumns& market, const Rational& alpha, SolvedPrices buffer,
                              MarketLoops* loops) {
  P2PLLM_ASSERT(alpha.sign() >= 0 && alpha <= Rational(1));
  SolvedPrices result = std::move(buffer);
  group_costs(market, result);
  for (auto* column : {&result.price_lower, &result.price_upper, &result.share_lower, &result.share_upper,
                       &result.revenue_lower, &result.revenue_upper})
    column->resize(market.size());
  const Scale scale = scale_of(market, alpha);
  const bool is_usable = are_usable(scale);
  const double a = scale.sensitivity.raw().get_d(), by_cost = scale.by_cost.raw().get_d();
  const std::size_t groups = result.groups.size();
  result.exists.assign(groups, false);
  std::vector<int> steps(groups);
  for (std::size_t g = 0; g < groups; ++g)
    result.exists[g] = part_of(result.groups, g).count >= 2 && scale.sensitivity.sign() > 0;
  if (loops != nullptr && is_usable && scale.sensitivity.sign() > 0) {
    loops->enclose_equilibria(by_cost, a, result);
    return result;
  }
  tbb::parallel_for(std::size_t{0}, groups, [&](std::size_t g) {
    const Part part = part_of(result.groups, g);
    const auto cost = std::span<const double>(part.of(result.cost));
    const EquilibriumEnds ends{part.of(result.price_lower),   part.of(result.price_upper),
                               part.of(result.share_lower),   part.of(result.share_upper),
                               part.of(result.revenue_lower), part.of(result.revenue_upper)};
    if (result.exists[g] && is_usable) {
      const JointSolution solution = solve_group(cost, by_cost);
      steps[g] = solution.steps;
      if (solution.has_converged && enclose(solution, cost, by_cost, a, ends)) return;
    }
    for (const auto& lower : {ends.price_lower, ends.share_lower, ends.revenue_lower}) std::ranges::fill(lower, 0.0);
    for (const auto& upper : {ends.price_upper, ends.share_upper, ends.revenue_upper})
      std::ranges::fill(upper, std::numeric_limits<double>::infinity());
  });
  result.steps = 0;
  for (const int each : steps) result.steps = std::max(result.steps, each);
  return result;
}

Result<std::vector<EquilibriumGroup>> solve(const MarketColumns& market, const Rational& alpha, long bits,
                                            const Progress& progress, MarketLoops* loops) {
  P2PLLM_ASSERT(bits_min <= bits && bits <= bits_max);
  const SolvedPrices solved = solve_in_doubles(market, alpha, {}, loops);
  const Scale scale = scale_of(market, alpha);
  std::vector<EquilibriumGroup> result;
  for (std::size_t g = 0; g < solved.groups.size(); ++g) {
    const LayerRange& range = solved.groups.index.ranges[g];
    EquilibriumGroup& group = result.emplace_back(EquilibriumGroup{range, solved.exists[g], {}});
    if (group.exists) {
      const Part part = part_of(solved.groups, g);
      auto nodes = from_columns(solved, part, bits);
      if (!nodes) nodes = refined(market, scale, solved, part, bits);
      if (!nodes)
        return limit_reached("the equilibrium of group " + to_string(range) +
                             " was not enclosed within the precision limit");
      group.nodes = *std::move(nodes);
    }
    report(progress, result.size(), solved.groups.size());
  }
  return result;
}

}  // namespace p2pllm::optimized
