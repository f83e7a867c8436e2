#include "optimized/market/verify.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

#include "model/assert.hpp"
#include "optimized/market/market_loops.hpp"
#include "optimized/market/outward.hpp"
#include "optimized/market/precise_group.hpp"
#include "optimized/market/readable_witness.hpp"

namespace p2pllm::optimized {
namespace {

Rational exactly(double value) { return Rational::from_canonical(mpq_class(value)); }

struct Chunk {
  std::size_t group;
  std::size_t begin;  ///< place in the columns
  std::size_t count;
};

std::vector<Chunk> chunks_of(const GroupColumns& groups) {
  std::vector<Chunk> chunks;
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (std::size_t begin = groups.begin[g]; begin < groups.begin[g + 1]; begin += chunk_nodes)
      chunks.push_back({g, begin, std::min(chunk_nodes, groups.begin[g + 1] - begin)});
  return chunks;
}

template <typename Body>
void visit_integers(const Column& column, const Body& body) {
  if (column.is_narrow()) body(column.narrow());
  else body(column.wide());
}

/// The nodes and the integers of both columns in the order of the groups. One pass in file order, which is written to
/// as many places as there are groups.
void group_integers(const MarketColumns& market, const Column& prices, VerifiedPrices& result) {
  result.price.resize(market.size());
  result.cost.resize(market.size());
  double* const grouped_price = result.price.data();
  double* const grouped_cost = result.cost.data();
  visit_integers(prices, [&](const auto price) {
    visit_integers(market.cost, [&](const auto cost) {
      const auto place_integers = [=](std::size_t i, std::size_t place) {
        grouped_price[place] = static_cast<double>(price[i]);
        grouped_cost[place] = static_cast<double>(cost[i]);
      };
      result.groups = group_nodes(market, place_integers, std::move(result.groups));
    });
  });
}

/// Whether the errors of doubles stay relative: every factor and the prices it makes are normal numbers.
bool are_usable(const PriceFactors& factors) {
  const auto is_between = [](double value, double least, double most) { return least <= value && value <= most; };
  return is_between(factors.price_unit, 0x1p-800, 0x1p800) && is_between(factors.by_price, 0x1p-800, 0x1p800) &&
         (factors.by_cost == 0 || is_between(factors.by_cost, 0x1p-800, 0x1p800)) &&
         is_between(factors.sensitivity, 0x1p-100, 0x1p100);
}

class Verification {
 public:
  Verification(const MarketColumns& market, const Column& prices, const DemandScale& scale, const Precision& ladder,
               VerifiedPrices& result, MarketLoops* loops)
      : loops_(loops), market_(market), prices_(prices), scale_(scale), ladder_(ladder), result_(result) {
    const Rational by_cost = Rational(to_integer(scale.by_cost)) * scale.unit;
    factors_.price_unit = prices.unit().raw().get_d();
    factors_.by_price = (scale.sensitivity * prices.unit()).raw().get_d();
    factors_.by_cost = by_cost.raw().get_d();
    factors_.sensitivity = scale.sensitivity.raw().get_d();
    factors_.epsilon_below = rounded_down(result.tolerance.epsilon);
    factors_.epsilon_above = rounded_up(result.tolerance.epsilon);
    factors_.is_absolute = result.tolerance.absolute;
    chunks_ = chunks_of(result.groups);
    factors_.is_usable = are_usable(factors_) || scale.sensitivity.sign() == 0;
  }

  FilterCounts run() {
    if (loops_ != nullptr) {
      decisions_ = loops_->bound_regrets(factors_, scale_.sensitivity.sign() > 0, result_);
    } else {
      sum();
      bound();
    }
    std::size_t first = 0;
    for (std::size_t g = 0; g < result_.groups.size(); ++g) {
      std::size_t last = first;
      while (last < chunks_.size() && chunks_[last].group == g) ++last;
      decide(g, std::span(decisions_).subspan(first, last - first));
      first = last;
    }
    conclude();
    return counts_;
  }

 private:
  [[nodiscard]] std::span<const std::uint32_t> nodes_of(std::size_t group) const {
    const auto& [index, nodes, begin] = result_.groups;
    return std::span(nodes).subspan(begin[group], begin[group + 1] - begin[group]);
  }
  [[nodiscard]] bool has_equilibrium(std::size_t group) const {
    return nodes_of(group).size() >= 2 && scale_.sensitivity.sign() > 0;
  }

  template <typename Body>
  void for_each_chunk(const Body& body) const {
    tbb::parallel_for(std::size_t{0}, chunks_.size(), [&](std::size_t c) {
      const Chunk& chunk = chunks_[c];
      body(c, ChunkInput{std::span(result_.price).subspan(chunk.begin, chunk.count),
                         std::span(result_.cost).subspan(chunk.begin, chunk.count)});
    });
  }

  /// The columns of the shares hold the exponentials between the two passes.
  [[nodiscard]] std::span<double> own_of(const Chunk& chunk) const {
    return std::span(result_.columns.share_lower).subspan(chunk.begin, chunk.count);
  }

  void sum() {
    sums_.resize(chunks_.size());
    for_each_chunk(
        [&](std::size_t c, const ChunkInput& input) { sums_[c] = sum_chunk(factors_, input, own_of(chunks_[c])); });
    std::vector<std::size_t> offsets;
    for (const Chunk& chunk : chunks_) offsets.push_back(chunk.begin);
    for (std::size_t first = 0; first < chunks_.size();) {
      std::size_t last = first;
      while (last < chunks_.size() && chunks_[last].group == chunks_[first].group) ++last;
      groups_.push_back(
          combine(std::span(sums_).subspan(first, last - first), std::span(offsets).subspan(first, last - first)));
      first = last;
    }
  }

  void bound() {
    decisions_.resize(chunks_.size());
    for_each_chunk([&](std::size_t c, const ChunkInput& input) {
      const Chunk& chunk = chunks_[c];
      const auto part = [&](std::vector<double>& column) {
        return std::span(column).subspan(chunk.begin, chunk.count);
      };
      PriceColumns& columns = result_.columns;
      const ChunkOutput output{part(columns.share_lower),    part(columns.share_upper),  part(columns.response_lower),
                               part(columns.response_upper), part(columns.regret_lower), part(columns.regret_upper),
                               part(columns.trial)};
      const GroupSum& group = groups_[chunk.group];
      if (has_equilibrium(chunk.group))
        decisions_[c] = bound_chunk(factors_, group, input, own_of(chunk), sums_[c].least_weight, chunk.begin, output);
      else share_chunk(factors_, group, input, own_of(chunk), sums_[c].least_weight, output);
    });
  }

  /// All costs weigh the same and all prices are n / (a (n - 1)), the only exact equilibria (PRICE-13).
  [[nodiscard]] bool is_symmetric(std::size_t group) const {
    const auto nodes = nodes_of(group);
    const std::uint64_t price = prices_.integer(nodes[0]), cost = market_.cost.integer(nodes[0]);
    const bool are_equal = std::ranges::all_of(nodes, [&](std::uint32_t i) {
      return prices_.integer(i) == price && (scale_.by_cost == 0 || market_.cost.integer(i) == cost);
    });
    if (!are_equal) return false;
    const Rational n(static_cast<long>(nodes.size()));
    return scale_.sensitivity * prices_.value(nodes[0]) * (n - 1) == n;
  }

  void decide(std::size_t group, std::span<const ChunkDecision> chunks) {
    GroupDecision& decision = result_.decisions[group];
    if (!has_equilibrium(group)) {
      decision.verdict = Verdict::no_equilibrium;
      precise_shares(group);
    } else if (is_symmetric(group)) {
      decision.verdict = Verdict::equilibrium;
      state_symmetric(group);
    } else {
      decide_by_regrets(group, chunks, decision);
    }
  }

  void state_symmetric(std::size_t group) {
    const auto nodes = nodes_of(group);
    const Rational share(1, static_cast<long>(nodes.size()));
    const Rational price = prices_.value(nodes[0]);
    PriceColumns& columns = result_.columns;
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      const std::size_t place = result_.groups.begin[group] + k;
      columns.share_lower[place] = rounded_down(share), columns.share_upper[place] = rounded_up(share);
      columns.response_lower[place] = rounded_down(price), columns.response_upper[place] = rounded_up(price);
      columns.regret_lower[place] = columns.regret_upper[place] = 0;
      columns.trial[place] = rounded_down(price);
    }
    counts_.exact += nodes.size();
  }

  void decide_by_regrets(std::size_t group, std::span<const ChunkDecision> chunks, GroupDecision& decision) {
    const std::size_t begin = result_.groups.begin[group];
    std::vector<std::size_t> open;
    const ChunkDecision* worst = nullptr;
    for (const ChunkDecision& chunk : chunks) {
      counts_.approximate += chunk.within + chunk.exceeding;
      for (const std::size_t place : chunk.open) open.push_back(place - begin);
      if (chunk.exceeding > 0 && (worst == nullptr || chunk.worst_regret > worst->worst_regret)) worst = &chunk;
    }
    if (worst != nullptr) {
      decision.verdict = Verdict::refuted;
      decision.witness = stated({result_.groups.nodes[worst->worst], exactly(result_.columns.trial[worst->worst]),
                                 exactly(worst->worst_gain)},
                                exactly(worst->worst_regret),
                                Enclosure{exactly(result_.columns.response_lower[worst->worst]),
                                          exactly(result_.columns.response_upper[worst->worst])});
      offer(*decision.witness, exactly(worst->worst_regret));
      // Only nodes of which doubles say nothing are still of interest.
      std::erase_if(open, [&](std::size_t k) { return std::isfinite(result_.columns.response_upper[begin + k]); });
    }
    if (!open.empty()) climb(group, std::move(open), decision);
    else if (worst == nullptr) decision.verdict = Verdict::epsilon_equilibrium;
  }

  /// Decides the open nodes of a group with rising precision.
  void climb(std::size_t group, std::vector<std::size_t> open, GroupDecision& decision) {
    const PreciseGroup numbers(market_, prices_, scale_, nodes_of(group));
    const bool is_decided = decision.verdict == Verdict::refuted;
    std::optional<PreciseNode> clearest;
    for (long bits = ladder_.first_bits; bits <= ladder_.last_bits && !open.empty(); bits *= 2) {
      const std::vector<PreciseNode> nodes = numbers.evaluate(open, result_.tolerance, bits);
      result_.bits = std::max(result_.bits, bits);
      std::vector<std::size_t> still_open;
      for (std::size_t k = 0; k < open.size(); ++k) {
        set(result_.groups.begin[group] + open[k], nodes[k].report);
        if (nodes[k].state == NodeState::open) still_open.push_back(open[k]);
        if (nodes[k].state == NodeState::exceeds && (!clearest || is_clearer(nodes[k], *clearest))) clearest = nodes[k];
      }
      (bits == ladder_.first_bits ? counts_.wider : counts_.exact) += open.size() - still_open.size();
      open = std::move(still_open);
      if (is_decided || (clearest && (is_plain(*clearest) || open.empty()))) break;
    }
    if (is_decided) return;
    counts_.undecided += open.size();
    decision.verdict = clearest ? Verdict::refuted : open.empty() ? Verdict::epsilon_equilibrium : Verdict::undecided;
    if (!clearest) return;
    decision.witness = stated({clearest->report.node, *clearest->report.trial, clearest->gain}, clearest->regret,
                              clearest->report.best_response);
    offer(*decision.witness, clearest->regret);
  }

  /// Whether the checker, whose exponentials end at 2^-16384, can verify the gain.
  static bool is_plain(const PreciseNode& node) { return node.gain > Rational::power_of_two(-16000); }
  static bool is_clearer(const PreciseNode& a, const PreciseNode& b) {
    if (is_plain(a) != is_plain(b)) return is_plain(a);
    return a.regret != b.regret ? a.regret > b.regret : a.gain > b.gain;
  }

  /// The witness for people, if the best response is enclosed.
  [[nodiscard]] Witness stated(const Witness& witness, const Rational& regret,
                               const std::optional<Enclosure>& best_response) const {
    if (!best_response || best_response->lower.sign() <= 0) return witness;
    return readable_witness(witness, {scale_.sensitivity, regret, *best_response}, result_.tolerance);
  }

  /// Keeps the clearest witness of all groups.
  void offer(const Witness& witness, const Rational& regret) {
    const bool is_first = !result_.witness.has_value();
    const bool plain = witness.gain > Rational::power_of_two(-16000);
    const bool was_plain = !is_first && result_.witness->gain > Rational::power_of_two(-16000);
    if (!is_first && (plain != was_plain ? was_plain : regret <= witness_regret_)) return;
    result_.witness = witness;
    witness_regret_ = regret;
  }

  void set(std::size_t place, const NodeReport& report) {
    PriceColumns& columns = result_.columns;
    const auto put = [place](const std::optional<Enclosure>& value, std::vector<double>& lower,
                             std::vector<double>& upper) {
      if (!value) return;
      lower[place] = rounded_down(value->lower);
      upper[place] = rounded_up(value->upper);
    };
    put(report.share, columns.share_lower, columns.share_upper);
    put(report.best_response, columns.response_lower, columns.response_upper);
    put(report.regret, columns.regret_lower, columns.regret_upper);
    if (report.trial) columns.trial[place] = rounded_down(*report.trial);
    result_.precise.insert_or_assign(place, report);
  }

  /// Shares of a group without equilibrium that doubles could not enclose.
  void precise_shares(std::size_t group) {
    const auto nodes = nodes_of(group);
    const std::size_t begin = result_.groups.begin[group];
    if (nodes.size() == 1) {
      result_.columns.share_lower[begin] = result_.columns.share_upper[begin] = 1;
      return;
    }
    std::vector<std::size_t> open;
    for (std::size_t k = 0; k < nodes.size(); ++k)
      if (result_.columns.share_lower[begin + k] == 0) open.push_back(k);
    if (open.empty()) return;
    const PreciseGroup numbers(market_, prices_, scale_, nodes);
    const auto shares = numbers.shares(open, ladder_.first_bits);
    for (std::size_t k = 0; k < open.size(); ++k)
      set(begin + open[k], {nodes[open[k]], prices_.value(nodes[open[k]]), shares[k], {}, {}, {}});
  }

  void conclude() {
    for (const GroupDecision& decision : result_.decisions)
      result_.verdict = std::max(result_.verdict, decision.verdict);
  }

  MarketLoops* loops_;
  const MarketColumns& market_;
  const Column& prices_;
  const DemandScale& scale_;
  const Precision& ladder_;
  VerifiedPrices& result_;
  PriceFactors factors_;
  std::vector<Chunk> chunks_;
  std::vector<ChunkSum> sums_;
  std::vector<GroupSum> groups_;
  std::vector<ChunkDecision> decisions_;
  Rational witness_regret_ = -1;
  FilterCounts counts_;
};

}  // namespace

void PriceColumns::resize(std::size_t nodes) {
  for (auto* column :
       {&share_lower, &share_upper, &response_lower, &response_upper, &regret_lower, &regret_upper, &trial})
    column->resize(nodes);
}

std::optional<Counted<VerifiedPrices>> verify(const MarketColumns& market, const Column& prices, const Rational& alpha,
                                              const Tolerance& tolerance, const Precision& ladder,
                                              VerifiedPrices buffer, MarketLoops* loops) {
  P2PLLM_ASSERT(prices.size() == market.size() && alpha.sign() >= 0 && alpha <= Rational(1));
  P2PLLM_ASSERT(tolerance.epsilon.sign() >= 0 && (tolerance.absolute || tolerance.epsilon < Rational(1)));
  const auto scale = demand_scale(market, prices, alpha);
  if (!scale) return std::nullopt;
  VerifiedPrices result;
  result.columns = std::move(buffer.columns);
  result.price = std::move(buffer.price);
  result.cost = std::move(buffer.cost);
  result.groups = std::move(buffer.groups);
  result.columns.resize(market.size());
  group_integers(market, prices, result);
  result.decisions.resize(result.groups.size());
  result.tolerance = tolerance;
  result.bits = ladder.first_bits;
  const FilterCounts counts = Verification(market, prices, *scale, ladder, result, loops).run();
  return Counted<VerifiedPrices>{std::move(result), counts};
}

}  // namespace p2pllm::optimized
