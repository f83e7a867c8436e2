#include "reference/market/verify.hpp"

#include <algorithm>

#include "model/assert.hpp"
#include "reference/market/best_response.hpp"
#include "reference/market/demand_rules.hpp"
#include "reference/market/equilibrium_rules.hpp"
#include "reference/market/regret_rules.hpp"

namespace p2pllm::reference {
namespace {

std::optional<Enclosure> enclosure(const Interval& value) {
  auto lower = value.lower();
  auto upper = value.upper();
  if (!lower || !upper) return std::nullopt;
  return Enclosure{*std::move(lower), *std::move(upper)};
}

/// One node against its competitors at one precision.
class NodeQuestion {
 public:
  NodeQuestion(const GroupMarket& market, std::size_t member, const Competitors& competitors, long bits)
      : sensitivity_(market.sensitivity),
        price_(market.prices[member]),
        own_cost_weight_(market.cost_weights[member]),
        competitors_(competitors),
        bits_(bits) {}

  [[nodiscard]] Interval share_at(const Rational& price) const {
    const Demand demand = demand_from(price);
    return demand_share(demand.own, demand.others);
  }

  [[nodiscard]] Rational best_response() const {
    return best_response_price(sensitivity_, own_cost_weight_, competitors_, bits_);
  }

  /// The interval [q (1 - r), q (1 + r)] around a trial price, if the signs at its ends prove that it holds the best
  /// response.
  /// at its ends.
  [[nodiscard]] std::optional<Enclosure> best_response_around(const Rational& trial) const {
    const Rational radius = trial * Rational::power_of_two(-bits_ / 2);
    const Enclosure around{trial - radius, trial + radius};
    const Interval one(Rational(1), bits_);
    const bool holds = certainly(stationarity_at(around.lower) < one) && certainly(one < stationarity_at(around.upper));
    return holds ? std::optional(around) : std::nullopt;
  }

  struct Regret {
    RegretBracket<Interval> bracket;  ///< in the tolerance's unit
    Interval gain;                    ///< R(trial) - R(price), in price units
  };
  [[nodiscard]] Regret regret_by(const Rational& trial, bool absolute) const {
    const Demand demand = demand_from(trial);
    const Interval rest = rest_share(demand.own, demand.others);
    const Interval one(Rational(1), bits_);
    const Interval z = stationarity(Interval(trial, bits_), rest, Interval(sensitivity_, bits_));
    const Interval factor = regret_factor(z, exp(z - one));
    const Interval ratio = revenue_ratio(trial, demand);
    const Interval trial_revenue = revenue(Interval(trial, bits_), demand_share(demand.own, demand.others));
    const Interval gain = trial_revenue * (one - ratio);
    if (absolute) return {absolute_regret(trial_revenue, ratio, factor), gain};
    if (price_.sign() == 0) return {{one, one}, gain};  // no revenue at all against some
    return {relative_regret(ratio, factor), gain};
  }

 private:
  [[nodiscard]] Demand demand_from(const Rational& price) const {
    return demand_at(demand_weight(sensitivity_, price, own_cost_weight_), competitors_, bits_);
  }

  [[nodiscard]] Interval stationarity_at(const Rational& trial) const {
    const Demand demand = demand_from(trial);
    return stationarity(Interval(trial, bits_), rest_share(demand.own, demand.others), Interval(sensitivity_, bits_));
  }

  [[nodiscard]] Interval revenue_ratio(const Rational& trial, const Demand& demand) const {
    const Interval p(price_, bits_);
    const Interval q(trial, bits_);
    if (price_ < trial)
      return revenue_ratio_below(p, q, demand.own, demand.others, decay(sensitivity_ * (trial - price_), bits_));
    return revenue_ratio_above(p, q, demand.own, demand.others, decay(sensitivity_ * (price_ - trial), bits_));
  }

  const Rational& sensitivity_;
  const Rational& price_;
  const Rational& own_cost_weight_;
  const Competitors& competitors_;
  long bits_;
};

/// A node's certified gain beyond the tolerance, if it has one.
struct Finding {
  Witness witness;
  Rational regret;  ///< a lower bound, in the tolerance's unit
};

std::optional<Finding> finding(const NodeQuestion::Regret& regret, std::size_t node, const Rational& trial,
                               const Tolerance& tolerance) {
  const auto lower = regret.bracket.lower.lower();
  const auto gain = regret.gain.lower();
  if (!lower || !gain || *lower <= tolerance.epsilon) return std::nullopt;
  return Finding{{node, trial, std::max(Rational(0), *gain)}, *lower};
}

/// Whether the checker can verify the gain.
bool is_plain(const Finding& finding) { return finding.witness.gain > Rational::power_of_two(-16000); }

/// Whether a is the better witness: first, a gain that the checker can verify; then the greater regret; then the
/// greater gain.
bool is_clearer(const Finding& a, const std::optional<Finding>& b) {
  if (!b) return true;
  if (is_plain(a) != is_plain(*b)) return is_plain(a);
  return a.regret != b->regret ? a.regret > b->regret : a.witness.gain > b->witness.gain;
}

/// The same finding, for people: at the shortest decimal price that loses almost nothing, with a gain of few digits.
Finding readable(const Finding& found, const NodeQuestion& question, const Tolerance& tolerance) {
  Finding result = found;
  for (int digits = 6; digits < 2000; digits += digits / 2) {
    const Rational price = round_decimal(found.witness.price, digits);
    const auto shorter = finding(question.regret_by(price, tolerance.absolute), found.witness.node, price, tolerance);
    if (shorter && shorter->witness.gain >= found.witness.gain * Rational(99999, 100000)) {
      result = *shorter;
      break;
    }
  }
  // The rounded gain must still exceed epsilon for the checker, which for a relative tolerance divides it by R(trial).
  const Rational gain = round_decimal(result.witness.gain, 12, Rounding::down);
  const bool has_room = tolerance.absolute
                            ? gain > tolerance.epsilon
                            : (result.regret - tolerance.epsilon) * Rational(100'000'000'000) > result.regret;
  if (!has_room) return found;
  result.witness.gain = gain;
  return result;
}

struct GroupAnswer {
  GroupReport report;
  std::optional<Finding> finding;  ///< when refuted
};

/// Reports every node at one precision and draws the conclusion that this precision allows (PRICE-11).
GroupAnswer evaluate(const GroupMarket& market, const Tolerance& tolerance, long bits, const Progress& progress) {
  GroupAnswer answer;
  std::optional<Finding> worst;
  std::size_t worst_member = 0;
  bool all_within = true;
  const std::vector<Competitors> competitors = competitors_of(market.weights, bits);
  for (std::size_t k = 0; k < market.size(); ++k) {
    const NodeQuestion question(market, k, competitors[k], bits);
    NodeReport node{market.nodes[k], market.prices[k], {}, {}, {}, {}};
    node.share = enclosure(question.share_at(node.price));
    node.trial = question.best_response();
    node.best_response = question.best_response_around(*node.trial);
    const auto regret = question.regret_by(*node.trial, tolerance.absolute);
    if (const auto lower = regret.bracket.lower.lower(), upper = regret.bracket.upper.upper(); lower && upper)
      node.regret = {std::max(Rational(0), *lower), *upper};
    all_within = all_within && node.regret && node.regret->upper <= tolerance.epsilon;
    const auto found = finding(regret, node.node, *node.trial, tolerance);
    if (found && is_clearer(*found, worst)) {
      worst = found;
      worst_member = k;
    }
    answer.report.nodes.push_back(std::move(node));
    report(progress, k + 1, market.size());
  }
  answer.report.verdict = all_within ? Verdict::epsilon_equilibrium : Verdict::undecided;
  if (worst) {
    const NodeQuestion question(market, worst_member, competitors[worst_member], bits);
    answer.finding = readable(*worst, question, tolerance);
    answer.report.verdict = Verdict::refuted;
    answer.report.witness = answer.finding->witness;
  }
  return answer;
}

/// Whether all costs weigh the same and all prices are n / (a (n - 1)), the only exact equilibria (PRICE-13).
bool is_symmetric_equilibrium(const GroupMarket& market) {
  const Rational price = symmetric_price(Rational(static_cast<long>(market.size())), market.sensitivity);
  const auto equal_to = [](const Rational& value) {
    return [&value](const Rational& other) { return other == value; };
  };
  return std::all_of(market.cost_weights.begin(), market.cost_weights.end(), equal_to(market.cost_weights.front())) &&
         std::all_of(market.prices.begin(), market.prices.end(), equal_to(price));
}

GroupReport symmetric_report(const GroupMarket& market) {
  GroupReport result;
  result.verdict = Verdict::equilibrium;
  const Rational share(1, static_cast<long>(market.size()));
  for (std::size_t k = 0; k < market.size(); ++k) {
    const Rational& price = market.prices[k];
    result.nodes.push_back({market.nodes[k], price, Enclosure{share, share}, Enclosure{price, price},
                            Enclosure{Rational(0), Rational(0)}, price});
  }
  return result;
}

/// Reports only the shares: revenue grows without bound in the price (PRICE-8).
GroupReport unbounded_report(const GroupMarket& market, long bits) {
  GroupReport result;
  result.verdict = Verdict::no_equilibrium;
  if (market.size() == 1) {
    result.nodes.push_back({market.nodes[0], market.prices[0], Enclosure{Rational(1), Rational(1)}, {}, {}, {}});
    return result;
  }
  const std::vector<Competitors> competitors = competitors_of(market.weights, bits);
  for (std::size_t k = 0; k < market.size(); ++k) {
    const NodeQuestion question(market, k, competitors[k], bits);
    result.nodes.push_back(
        {market.nodes[k], market.prices[k], enclosure(question.share_at(market.prices[k])), {}, {}, {}});
  }
  return result;
}

GroupAnswer decide(const GroupMarket& market, const Tolerance& tolerance, const Precision& ladder, long& bits_used,
                   const Progress& progress) {
  if (!market.has_equilibrium()) return {unbounded_report(market, ladder.first_bits), {}};
  if (is_symmetric_equilibrium(market)) return {symmetric_report(market), {}};
  GroupAnswer answer;
  for (long bits = ladder.first_bits; bits <= ladder.last_bits; bits *= 2) {
    answer = evaluate(market, tolerance, bits, progress);
    bits_used = std::max(bits_used, bits);
    const auto not_enclosed = [](const NodeReport& node) { return !node.regret; };
    const bool may_clear = answer.finding && !is_plain(*answer.finding) &&
                           std::any_of(answer.report.nodes.begin(), answer.report.nodes.end(), not_enclosed);
    if (answer.report.verdict != Verdict::undecided && !may_clear) break;
  }
  return answer;
}

}  // namespace

EquilibriumReport verify(const Network& network, const Prices& prices, const Rational& alpha,
                         const Tolerance& tolerance, const Precision& ladder, const Progress& progress) {
  P2PLLM_ASSERT(prices.values.size() == network.size() && alpha.sign() >= 0 && alpha <= Rational(1));
  P2PLLM_ASSERT(tolerance.epsilon.sign() >= 0 && (tolerance.absolute || tolerance.epsilon < Rational(1)));
  EquilibriumReport result;
  result.tolerance = tolerance;
  result.bits = ladder.first_bits;
  std::optional<Finding> clearest;
  for (const Group& group : groups_of(network)) {
    GroupAnswer answer =
        decide(group_market(network, group, prices.values, alpha), tolerance, ladder, result.bits, progress);
    answer.report.range = group.range;
    result.verdict = std::max(result.verdict, answer.report.verdict);
    if (answer.finding && is_clearer(*answer.finding, clearest)) {
      clearest = answer.finding;
      result.witness = answer.report.witness;
    }
    result.groups.push_back(std::move(answer.report));
  }
  return result;
}

}  // namespace p2pllm::reference
