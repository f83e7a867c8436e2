#include "optimized/market/precise_group.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/market/price_rules.hpp"
#include "kernels/portable/omega.hpp"

namespace p2pllm::optimized {
namespace {

Interval number(const Rational& value, long bits) { return {value, bits}; }
Interval fall(const Rational& exponent, long bits) { return exp(number(-exponent, bits)); }

std::optional<Enclosure> enclosure(const Interval& value) {
  auto lower = value.lower();
  auto upper = value.upper();
  if (!lower || !upper) return std::nullopt;
  return Enclosure{*std::move(lower), *std::move(upper)};
}

/// The y > 0 with y + ln y = x, approximately, as a point: from the double nearest by, or e^x far below, by Newton's
/// method in ln y.
Interval omega_near(const Interval& x) {
  const long bits = x.bits();
  const double start = x.approximate();
  const Interval one = number(1, bits);
  Interval y = one;
  if (start < -600) y = exp(x).midpoint();
  else if (start < 1e15) y = number(Rational::from_canonical(mpq_class(kernels::omega(start))), bits);
  else y = (x - log(x)).midpoint();
  for (long good = 30; good < bits; good *= 2) {
    const Interval step = ((x - y - log(y)) / (one + y)).midpoint();
    y = (y * exp(step)).midpoint();
  }
  return y;
}

}  // namespace

PreciseGroup::PreciseGroup(const MarketColumns& market, const Column& prices, const DemandScale& scale,
                           std::span<const std::uint32_t> nodes)
    : nodes_(nodes), sensitivity_(scale.sensitivity) {
  const Rational per_cost = Rational(to_integer(scale.by_cost)) * scale.unit;
  for (const std::uint32_t i : nodes) {
    const std::uint64_t cost = market.cost.integer(i);
    prices_.push_back(prices.value(i));
    cost_weights_.push_back(per_cost * Rational(to_integer(cost)));
    weights_.push_back(Rational(to_integer(scale.weight(prices.integer(i), cost))) * scale.unit);
  }
  lightest_ = static_cast<std::size_t>(std::ranges::min_element(weights_) - weights_.begin());
  second_ = lightest_ == 0 ? 1 : 0;
  for (std::size_t j = 0; j < weights_.size(); ++j)
    if (j != lightest_ && weights_[j] < weights_[second_]) second_ = j;
}

/// The sum over all nodes but the lightest.
Interval PreciseGroup::sum_above(const Rational& shift, long bits) const {
  Interval sum = number(0, bits);
  for (std::size_t j = 0; j < weights_.size(); ++j)
    if (j != lightest_) sum += fall(weights_[j] - shift, bits);
  return sum;
}

std::vector<PreciseGroup::Rivals> PreciseGroup::rivals_of(std::span<const std::size_t> members, long bits) const {
  // Between two members that are asked for, the terms of the others are summed once; no term is ever subtracted.
  const Rational& shift = weights_[lightest_];
  std::vector<Interval> before(members.size() + 1, number(0, bits));  // sums of the stretches before each member
  std::vector<Interval> own;
  std::size_t next = 0;
  for (std::size_t j = 0; j < weights_.size(); ++j) {
    const Interval term = fall(weights_[j] - shift, bits);
    if (next < members.size() && members[next] == j) {
      own.push_back(term);
      ++next;
    } else {
      before[next] += term;
    }
  }
  std::vector<Interval> after(members.size() + 1, number(0, bits));  // what comes behind each member
  after[members.size()] = before[members.size()];
  for (std::size_t k = members.size(); k-- > 0;) {
    const Interval behind = after[k + 1];
    after[k] = before[k] + own[k] + behind;
  }
  std::vector<Rivals> result;
  Interval passed = number(0, bits);
  for (std::size_t k = 0; k < members.size(); ++k) {
    passed += before[k];
    result.push_back({&shift, passed + after[k + 1]});
    passed += own[k];
    if (members[k] == lightest_) result[k] = {&weights_[second_], sum_above(weights_[second_], bits)};
  }
  return result;
}

PreciseGroup::Odds PreciseGroup::odds_at(const Rational& price, std::size_t member, const Rivals& rivals,
                                         long bits) const {
  const Rational excess = sensitivity_ * price + cost_weights_[member] - *rivals.shift;
  if (excess.sign() >= 0) return {fall(excess, bits), rivals.sum};
  return {number(1, bits), rivals.sum * fall(-excess, bits)};
}

Rational PreciseGroup::best_price(std::size_t member, const Rivals& rivals, long bits) const {
  const Interval x = number(*rivals.shift - cost_weights_[member] - 1, bits) - log(rivals.sum);
  const Interval scaled = number(1, bits) + omega_near(x.midpoint());
  // The exponent of the share needs half of the bits after the binary point of a p*.
  const long whole_bits = static_cast<long>(mpz_sizeinbase(ceil(*scaled.upper()).get_mpz_t(), 2));
  const Interval price = scaled / number(sensitivity_, bits);
  return *price.with_bits(std::min(bits, bits / 2 + 8 + whole_bits)).midpoint().lower();
}

Interval PreciseGroup::stationarity(const Rational& price, std::size_t member, const Rivals& rivals, long bits) const {
  const Odds odds = odds_at(price, member, rivals, bits);
  const Interval one = number(1, bits);
  return kernels::trial_stationarity(number(sensitivity_ * price, bits), odds.rivals, one,
                                     one / kernels::trial_mass(odds.own, odds.rivals, one));
}

PreciseNode PreciseGroup::bracket(std::size_t member, const Rivals& rivals, const Tolerance& tolerance,
                                  long bits) const {
  PreciseNode node{{nodes_[member], prices_[member], {}, {}, {}, {}}, NodeState::open, 0, 0};
  const Interval one = number(1, bits);
  const Odds now = odds_at(prices_[member], member, rivals, bits);
  node.report.share = enclosure(now.own / (now.own + now.rivals));
  const Rational trial = best_price(member, rivals, bits);
  node.report.trial = trial;
  const Rational radius = trial * Rational::power_of_two(-bits / 2);
  const Enclosure around{trial - radius, trial + radius};
  if (certainly(stationarity(around.lower, member, rivals, bits) < one) &&
      certainly(one < stationarity(around.upper, member, rivals, bits)))
    node.report.best_response = around;

  const Odds then = odds_at(trial, member, rivals, bits);
  const Interval p = number(prices_[member], bits), q = number(trial, bits);
  const Interval ratio =
      prices_[member] < trial
          ? kernels::ratio_of_cheaper(p, q, then.own, then.rivals, fall(sensitivity_ * (trial - prices_[member]), bits))
          : kernels::ratio_of_dearer(p, q, then.own, then.rivals, fall(sensitivity_ * (prices_[member] - trial), bits));
  const Interval z = stationarity(trial, member, rivals, bits);
  const Interval factor = exp(z - one) / z;
  const Interval revenue = q * (then.own / (then.own + then.rivals));
  const Interval gain = revenue * kernels::relative_lower(ratio);
  const bool is_free = prices_[member].sign() == 0;
  Interval lower = gain, upper = revenue * (factor - ratio);
  if (!tolerance.absolute) {
    lower = is_free ? one : kernels::relative_lower(ratio);
    upper = is_free ? one : one - ratio / factor;
  }
  const auto least = lower.lower(), most = upper.upper(), least_gain = gain.lower();
  if (least && most) node.report.regret = Enclosure{std::max(Rational(0), *least), *most};
  if (node.report.regret && node.report.regret->upper <= tolerance.epsilon) node.state = NodeState::within;
  if (!least || !least_gain || *least <= tolerance.epsilon) return node;
  node.state = NodeState::exceeds;
  node.regret = *least;
  node.gain = std::max(Rational(0), *least_gain);
  return node;
}

std::vector<PreciseNode> PreciseGroup::evaluate(std::span<const std::size_t> members, const Tolerance& tolerance,
                                                long bits) const {
  const std::vector<Rivals> rivals = rivals_of(members, bits);
  std::vector<PreciseNode> result;
  for (std::size_t k = 0; k < members.size(); ++k) result.push_back(bracket(members[k], rivals[k], tolerance, bits));
  return result;
}

std::vector<Enclosure> PreciseGroup::shares(std::span<const std::size_t> members, long bits) const {
  const std::vector<Rivals> rivals = rivals_of(members, bits);
  std::vector<Enclosure> result;
  for (std::size_t k = 0; k < members.size(); ++k) {
    const Odds odds = odds_at(prices_[members[k]], members[k], rivals[k], bits);
    result.push_back(enclosure(odds.own / (odds.own + odds.rivals)).value_or(Enclosure{0, 1}));
  }
  return result;
}

}  // namespace p2pllm::optimized
