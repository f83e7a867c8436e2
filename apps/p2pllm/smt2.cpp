#include "apps/p2pllm/smt2.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checker/exp_bounds.hpp"
#include "model/encoding/escape.hpp"
#include "model/encoding/json.hpp"

namespace p2pllm::app {
namespace {

using checker::exp_of_minus, checker::rounded;

constexpr long guard_bits = 64;

std::string number(const Rational& value) {
  const std::string numerator = value.numerator().get_str() + ".0";
  return value.denominator() == 1 ? numerator : fmt::format("(/ {} {}.0)", numerator, value.denominator().get_str());
}

/// A quantity >= 0 of the script: its text there, and bounds that follow from those of the exponentials.
struct Term {
  std::string text;
  Enclosure bounds;
};

Term operator+(const Term& x, const Term& y) {
  return {fmt::format("(+ {} {})", x.text, y.text), {x.bounds.lower + y.bounds.lower, x.bounds.upper + y.bounds.upper}};
}

Term operator*(const Rational& factor, const Term& x) {
  return {fmt::format("(* {} {})", number(factor), x.text), {factor * x.bounds.lower, factor * x.bounds.upper}};
}

std::string less(const Term& x, const Term& y) { return fmt::format("(< {} {})", x.text, y.text); }

/// The competition of a group's nodes, relative to e^-unit: the sum of e^-w over all nodes but the best one.
struct Rivals {
  Rational unit;
  std::vector<Term> each;  ///< 0 for the best one
  Term sum;
};

/// A node's e^-w at a price and its rivals' sum, over a common unit.
struct Odds {
  Rational price;
  Term own, rival, total;
};

/// Writes the part of the script about one group's claim.
class GroupWriter {
 public:
  GroupWriter(const Group& group, const Rational& sensitivity, const Rational& per_cost, const EquilibriumClaim& claim,
              const Network& network, const std::vector<Rational>& prices, std::string& script)
      : group_(group),
        network_(network),
        tolerance_(claim.tolerance),
        a_(sensitivity),
        bits_(claim.bits),
        script_(script) {
    for (const std::size_t i : group.nodes) {
      prices_.push_back(prices[i]);
      intrinsic_.push_back(per_cost * network.nodes[i].cost);
      weights_.push_back(sensitivity * prices[i] + intrinsic_.back());
    }
  }

  /// Statements of which at least one is true if the evidence does not prove the group's verdict.
  std::vector<std::string> doubts(const GroupEvidence& evidence) {
    write("; layers {}: {}\n", to_string(group_.range), to_string(evidence.verdict));
    const auto n = static_cast<long>(group_.nodes.size());
    switch (evidence.verdict) {
      case Verdict::undecided: return {};
      case Verdict::no_equilibrium: return {fmt::format("(not (or (= {}.0 1.0) (= {} 0.0)))", n, number(a_))};
      case Verdict::equilibrium: return equality_doubts(Rational(n, n - 1) / a_);
      case Verdict::epsilon_equilibrium: write_rivals(); return regret_doubts(evidence.trials);
      case Verdict::refuted: write_rivals(); return gain_doubts(*evidence.witness);
    }
    return {"true"};
  }

 private:
  template <typename... Values>
  void write(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(script_), format, std::forward<Values>(values)...);
  }

  /// The costs are equal and the prices are n/(a(n-1)) (PRICE-13).
  std::vector<std::string> equality_doubts(const Rational& price) const {
    std::vector<std::string> doubts;
    for (std::size_t k = 0; k < prices_.size(); ++k) {
      doubts.push_back(fmt::format("(distinct {} {})", number(prices_[k]), number(price)));
      doubts.push_back(fmt::format("(distinct {} {})", number(intrinsic_[k]), number(intrinsic_[0])));
    }
    return doubts;
  }

  std::string name(const char* kind, std::size_t k) const { return fmt::format("{}{}", kind, group_.nodes[k]); }

  void bound(const Term& term) {
    write("(assert (and (<= {1} {0}) (<= {0} {2})))\n", term.text, number(term.bounds.lower),
          number(term.bounds.upper));
  }

  Term define(const std::string& name, const Term& value) {
    write("(declare-const {0} Real)\n(assert (= {0} {1}))\n", name, value.text);
    return {name, value.bounds};
  }

  Term exponential(const std::string& name, const Rational& exponent) {
    Term term{name, exp_of_minus(exponent, bits_ + guard_bits)};
    write("(declare-const {} Real)\n", name);
    bound(term);
    return term;
  }

  /// Unknowns are multiplied only here; the bounds follow, and the rest is linear arithmetic.
  Term product(const Term& x, const Term& y) {
    const Term value{fmt::format("(* {} {})", x.text, y.text),
                     {x.bounds.lower * y.bounds.lower, x.bounds.upper * y.bounds.upper}};
    Term term = define(fmt::format("{}_{}", name("m", 0), ++products_), value);
    bound(term);
    return term;
  }

  void write_rivals() {
    best_ = static_cast<std::size_t>(std::ranges::min_element(weights_) - weights_.begin());
    std::vector<Rational> sorted = weights_;
    std::ranges::nth_element(sorted, sorted.begin() + 1);
    others_ = rivals_over("e", sorted[0]);
    best_rivals_ = rivals_over("f", sorted[1]);
  }

  Rivals rivals_over(const char* kind, const Rational& unit) {
    Rivals rivals{unit, {}, {"0.0", {0, 0}}};
    for (std::size_t k = 0; k < weights_.size(); ++k) {
      rivals.each.push_back({"0.0", {0, 0}});
      if (k == best_) continue;
      write("; {} = e^-(w - w'), w of node {}, w' the {} weight of the group\n", name(kind, k),
            printable(network_.nodes[group_.nodes[k]].id), kind[0] == 'e' ? "least" : "second least");
      rivals.each.back() = exponential(name(kind, k), weights_[k] - unit);
      rivals.sum = define(name(kind, k) + "_sum", rivals.sum + rivals.each.back());
    }
    return rivals;
  }

  /// The units are those of the checker (CERT-7): one of the two terms is at least 1.
  Odds odds_at(const Rational& price, std::size_t k, const std::string& suffix) {
    const Rivals& rivals = k == best_ ? best_rivals_ : others_;
    Term rival = rivals.sum;
    if (k != best_) {
      const Enclosure &all = rivals.sum.bounds, &mine = rivals.each[k].bounds;
      rival = {fmt::format("(- (+ 1.0 {}) {})", rivals.sum.text, rivals.each[k].text),
               {1 + std::max(all.lower - mine.upper, Rational(0)), 1 + all.upper - mine.lower}};
    }
    const Rational excess = a_ * price + intrinsic_[k] - rivals.unit;
    const Term decay = exponential(name("o", k) + suffix, abs(excess));
    const bool is_heavier = excess.sign() >= 0;
    const Term own = is_heavier ? decay : Term{"1.0", {1, 1}};
    rival = is_heavier ? define(name("r", k) + suffix, rival) : product(decay, rival);
    return {price, own, rival, define(name("t", k) + suffix, own + rival)};
  }

  /// No price earns more than sup R <= R(q) gamma, and R(p) is near it (PRICE-9).
  std::vector<std::string> regret_doubts(const std::vector<Rational>& trials) {
    std::vector<std::string> doubts;
    for (std::size_t k = 0; k < prices_.size(); ++k) {
      const Rational q = rounded({trials[k], trials[k]}, bits_).lower, &p = prices_[k];
      const Odds trial = odds_at(q, k, "q");
      const Term demand = a_ * q * trial.rival;  // z = demand / total
      const Enclosure z = rounded({demand.bounds.lower / (trial.own.bounds.upper + trial.rival.bounds.lower),
                                   demand.bounds.upper / (trial.own.bounds.lower + trial.rival.bounds.upper)},
                                  bits_ + guard_bits / 2);
      const std::optional<Rational> factor = factor_on(z);
      if (!factor) return {"true"};
      doubts.push_back(less(demand, z.lower * trial.total));
      doubts.push_back(less(z.upper * trial.total, demand));
      // R(p) / R(q) = p paid / (q below)
      const Term decay = exponential(name("d", k), a_ * abs(p - q));
      const Term rival = product(trial.rival, decay), own = p < q ? trial.own : product(trial.own, decay);
      const Term below = p < q ? own + rival : own + trial.rival;
      const Term paid = p < q ? trial.total : own + rival;
      if (tolerance_.absolute) {
        const Term allowed = tolerance_.epsilon * product(trial.total, below) + p * product(trial.own, paid);
        doubts.push_back(less(allowed, *factor * q * product(trial.own, below)));
      } else {
        doubts.push_back(less(p * paid, (1 - tolerance_.epsilon) * *factor * q * below));
      }
    }
    return doubts;
  }

  /// An upper bound of e^(z-1)/z on an interval, where it is greatest at an end.
  std::optional<Rational> factor_on(const Enclosure& z) const {
    Rational factor = 1;
    for (const Rational& end : {z.lower, z.upper}) {
      const Enclosure decay = exp_of_minus(abs(end - 1), bits_ + guard_bits);
      if (end.sign() <= 0 || decay.lower.sign() <= 0) return std::nullopt;
      factor = std::max(factor, end < Rational(1) ? decay.upper / end : 1 / (decay.lower * end));
    }
    return factor;
  }

  /// The witness gains at least the stated amount, and that exceeds the tolerance.
  std::vector<std::string> gain_doubts(const Witness& witness) {
    const auto k = static_cast<std::size_t>(std::ranges::find(group_.nodes, witness.node) - group_.nodes.begin());
    const Odds now = odds_at(prices_[k], k, "p"), then = odds_at(witness.price, k, "q");
    const Term before = now.price * product(now.own, then.total), after = then.price * product(then.own, now.total);
    std::vector<std::string> doubts{less(after, witness.gain * product(then.total, now.total) + before)};
    if (tolerance_.absolute)
      doubts.push_back(fmt::format("(<= {} {})", number(witness.gain), number(tolerance_.epsilon)));
    else if (now.price.sign() > 0)
      doubts.push_back(
          fmt::format("(not {})", less(tolerance_.epsilon * then.price * then.own, witness.gain * then.total)));
    return doubts;
  }

  const Group& group_;
  const Network& network_;
  const Tolerance& tolerance_;
  const Rational& a_;
  long bits_;
  std::string& script_;
  std::vector<Rational> prices_, intrinsic_, weights_;
  std::size_t best_ = 0, products_ = 0;
  Rivals others_, best_rivals_;
};

}  // namespace

std::string smt2_script(const EquilibriumClaim& claim, const Rational& alpha, const Network& network,
                        const std::vector<Rational>& prices) {
  const Rational sensitivity = alpha / (network.price_scale * network.temperature);
  const Rational per_cost = (1 - alpha) / (network.cost_scale * network.temperature);
  std::string script = fmt::format(
      "; \"unsat\" implies: {} at alpha {}, {} epsilon {} (CERT-9)\n; network SHA-256 {}\n"
      "(set-info :status unsat)\n(set-logic QF_NRA)\n",
      to_string(claim.verdict), to_string(alpha), claim.tolerance.absolute ? "absolute" : "relative",
      to_string(claim.tolerance.epsilon), network.sha256);
  const std::vector<Group> groups = groups_of(network);
  std::vector<std::string> doubts;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    GroupWriter writer(groups[g], sensitivity, per_cost, claim, network, prices, script);
    for (std::string& doubt : writer.doubts(claim.groups[g])) doubts.push_back(std::move(doubt));
  }
  return fmt::format("{}(assert (or false\n  {}))\n(check-sat)\n", script, fmt::join(doubts, "\n  "));
}

}  // namespace p2pllm::app
