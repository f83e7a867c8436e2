#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "proofs/symbolic.hpp"

namespace p2pllm::proofs {

/// The place where one obligation is written down: its unknowns and the assumptions about them.
class Scope {
 public:
  explicit Scope(z3::context& context) : context_(context) {}

  [[nodiscard]] SymReal real(const std::string& name) const { return SymReal(context_.real_const(name.c_str())); }
  [[nodiscard]] SymReal positive(const std::string& name) { return bounded(name, 1); }
  [[nodiscard]] SymReal non_negative(const std::string& name) { return bounded(name, 0); }
  /// 0 < x < 1.
  [[nodiscard]] SymReal fraction(const std::string& name);
  [[nodiscard]] SymInt integer(const std::string& name) const { return SymInt(context_.int_const(name.c_str())); }
  [[nodiscard]] SymReal number(const Rational& value) const {
    return SymReal(context_.real_val(to_string(value).c_str()));
  }
  [[nodiscard]] SymBool unknown(const std::string& name) const { return SymBool(context_.bool_const(name.c_str())); }
  [[nodiscard]] SymBool truth(bool value) const { return SymBool(context_.bool_val(value)); }

  void assume(const SymBool& fact) { hypotheses_.push_back(fact.formula()); }
  /// A true fact that the solvers may need, such as a square being >= 0. It is proved first.
  void hint(const SymBool& fact) { hints_.push_back(fact.formula()); }
  [[nodiscard]] const std::vector<z3::expr>& hypotheses() const { return hypotheses_; }
  [[nodiscard]] const std::vector<z3::expr>& hints() const { return hints_; }

 private:
  SymReal bounded(const std::string& name, int sign);
  z3::context& context_;
  std::vector<z3::expr> hypotheses_;
  std::vector<z3::expr> hints_;
};

/// The conclusion to be shown in a scope, and a similar one that must fail.
struct Goal {
  SymBool conclusion;
  SymBool faulty;  ///< the same with a planted fault: the opposite answer is required
};

/// A statement about the reference's rules, for all values of its unknowns or for some.
struct Obligation {
  enum class Kind {
    forall,  ///< hypotheses imply the conclusion; the faulty one has a counterexample
    exists,  ///< some values satisfy hypotheses and conclusion; none satisfy the faulty one
  };
  std::string clause;     ///< of spec/
  std::string name;       ///< a file name, unique
  std::string statement;  ///< in words
  std::string instance;   ///< the size or shape for which it is shown
  std::function<Goal(Scope&)> write;
  Kind kind = Kind::forall;
};

/// Every obligation, by topic.
[[nodiscard]] std::vector<Obligation> routing_obligations();
[[nodiscard]] std::vector<Obligation> pareto_obligations();
[[nodiscard]] std::vector<Obligation> pricing_obligations();
[[nodiscard]] std::vector<Obligation> equilibrium_obligations();
[[nodiscard]] std::vector<Obligation> migration_obligations();
[[nodiscard]] std::vector<Obligation> checker_obligations();
[[nodiscard]] std::vector<Obligation> contracts_ledger_obligations();
[[nodiscard]] std::vector<Obligation> contracts_registration_obligations();
[[nodiscard]] std::vector<Obligation> contracts_parameters_obligations();
[[nodiscard]] std::vector<Obligation> contracts_rotation_obligations();
[[nodiscard]] std::vector<Obligation> contracts_sla_obligations();
[[nodiscard]] std::vector<Obligation> contracts_dispute_obligations();
[[nodiscard]] std::vector<Obligation> contracts_session_obligations();
[[nodiscard]] std::vector<Obligation> contracts_deterrence_obligations();
[[nodiscard]] std::vector<Obligation> contracts_channel_obligations();
[[nodiscard]] std::vector<Obligation> agree_routing_obligations();
[[nodiscard]] std::vector<Obligation> agree_migration_obligations();
[[nodiscard]] std::vector<Obligation> agree_prices_obligations();
[[nodiscard]] std::vector<Obligation> agree_ledger_obligations();
[[nodiscard]] std::vector<Obligation> agree_registration_obligations();
[[nodiscard]] std::vector<Obligation> agree_sla_obligations();
[[nodiscard]] std::vector<Obligation> agree_channel_obligations();
[[nodiscard]] std::vector<Obligation> agree_fits_obligations();
[[nodiscard]] std::vector<Obligation> agree_layers_obligations();
[[nodiscard]] std::vector<Obligation> layer_obligations();
[[nodiscard]] std::vector<Obligation> device_index_obligations();
[[nodiscard]] std::vector<Obligation> device_filter_obligations();
[[nodiscard]] std::vector<Obligation> device_prefill_obligations();
[[nodiscard]] std::vector<Obligation> all_obligations();

}  // namespace p2pllm::proofs
