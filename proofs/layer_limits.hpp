#pragma once

#include "proofs/fitting.hpp"

// How it is said that the rules of layers keep their numbers within limits, each of which is needed.
namespace p2pllm::proofs {

[[nodiscard]] inline SymInt constant(const SymInt& like, std::int64_t value) { return integer_like(like, value); }

/// The unknown numbers of a statement and their limits, one of which may be wider than it is.
class Limits {
 public:
  Limits(Scope& scope, bool widened) : scope_(scope), widened_(widened), held_(scope.truth(true)), says_(held_) {}

  /// An unknown from `least` to `most`.
  [[nodiscard]] FittingInt number(const std::string& name, std::int64_t least, std::int64_t most) {
    const SymInt value = scope_.integer(name);
    assume(land(constant(value, least) <= value, value <= constant(value, most)));
    return FittingInt(value);
  }
  [[nodiscard]] FittingInt symmetric(const std::string& name, std::int64_t most) { return number(name, -most, most); }
  /// The limit that is needed, and the one of the planted fault.
  [[nodiscard]] std::int64_t needed(std::int64_t most, std::int64_t wider) const { return widened_ ? wider : most; }

  /// States that |a * b| is at most the product of these bounds of |a| and |b|, which the solver proves first.
  void bound_product(const FittingInt& a, std::int64_t most_a, const FittingInt& b, std::int64_t most_b) {
    const SymInt product = a.value() * b.value();
    const SymInt most = constant(product, most_a) * constant(product, most_b);
    const auto within = [](const SymInt& value, std::int64_t bound) {
      return land(constant(value, -bound) <= value, value <= constant(value, bound));
    };
    const SymBool fact = implies(land(within(a.value(), most_a), within(b.value(), most_b)),
                                 land(constant(most, 0) - most <= product, product <= most));
    scope_.hint(fact);
  }
  /// A fact that the solver proves first.
  void hint(const SymBool& fact) { scope_.hint(fact); }
  void assume(const SymBool& fact) { held_ = land(held_, fact); }
  void say(const SymBool& fact) { says_ = land(says_, fact); }
  void say_within(const FittingInt& value, std::int64_t least, std::int64_t most) {
    say(land(constant(value.value(), least) <= value.value(), value.value() <= constant(value.value(), most)));
  }
  [[nodiscard]] SymBool statement(const Results& noted) const { return implies(held_, land(noted.fit(scope_), says_)); }

 private:
  Scope& scope_;
  bool widened_;
  SymBool held_;
  SymBool says_;
};

using Run = std::function<void(Limits&)>;

/// Everything that `run` computes fits, and what it says holds.
[[nodiscard]] inline std::function<Goal(Scope&)> within_limits(const Run& run) {
  return [run](Scope& scope) -> Goal {
    const auto statement = [&](bool widened) {
      Results noted;
      Limits limits(scope, widened);
      run(limits);
      return limits.statement(noted);
    };
    return {statement(false), statement(true)};
  };
}

}  // namespace p2pllm::proofs
