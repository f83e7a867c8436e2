#include "proofs/prover.hpp"

#include <algorithm>

namespace p2pllm::proofs {

namespace {

std::string literal(const z3::expr& numeral) { return Z3_get_numeral_string(numeral.ctx(), numeral); }

}  // namespace

thread_local Denominators* Denominators::current_ = nullptr;

void Denominators::note(const z3::expr& denominator) {
  if (!denominator.is_numeral() || literal(denominator) == "0") current_->all_.push_back(denominator);
}

void Denominators::note_positive(const z3::expr& denominator) {
  if (denominator.is_numeral() && literal(denominator) != "0" && literal(denominator).front() != '-') return;
  const auto same = [&](const z3::expr& other) { return z3::eq(denominator, other); };
  if (std::ranges::none_of(current_->positive_, same)) current_->positive_.push_back(denominator);
}

SymReal Scope::bounded(const std::string& name, int sign) {
  SymReal value = real(name);
  const SymReal zero = number(0);
  assume(sign > 0 ? zero < value : zero <= value);
  return value;
}

SymReal Scope::fraction(const std::string& name) {
  SymReal value = positive(name);
  assume(value < number(1));
  return value;
}

namespace {

/// Questions about one obligation in one context.
class Examination {
 public:
  Examination(const Obligation& obligation, unsigned seed) : obligation_(obligation), seed_(seed) {}

  Outcome outcome() {
    const bool forall = obligation_.kind == Obligation::Kind::forall;
    Scope scope(context_);
    const Denominators denominators;
    const Goal goal = obligation_.write(scope);
    facts_ = scope.hypotheses();
    require("the hypotheses", {}, z3::sat, false);
    for (const z3::expr& denominator : denominators.all())
      require("a denominator may be 0", {denominator == 0}, z3::unsat, false);
    for (const z3::expr& denominator : denominators.positive())
      require("a denominator may not be positive", {denominator <= 0}, z3::unsat, false);
    for (const z3::expr& hint : scope.hints()) require("a hint is not true", {!hint}, z3::unsat, false);
    facts_.insert(facts_.end(), scope.hints().begin(), scope.hints().end());
    const z3::expr& conclusion = goal.conclusion.formula();
    const z3::expr& faulty = goal.faulty.formula();
    require("the statement", {forall ? !conclusion : conclusion}, forall ? z3::unsat : z3::sat, true);
    require("the planted fault", {forall ? !faulty : faulty}, forall ? z3::sat : z3::unsat, true);
    outcome_.holds = outcome_.fault.empty();
    return std::move(outcome_);
  }

 private:
  void require(const std::string& what, const std::vector<z3::expr>& question, z3::check_result expected,
               bool decides) {
    if (!outcome_.fault.empty()) return;
    z3::solver solver = solver_for(question);
    z3::params parameters(context_);
    parameters.set("rlimit", resource_limit);
    parameters.set("random_seed", seed_);
    parameters.set("ctrl_c", false);  // Z3's handler supports one thread, and there are several here
    solver.set(parameters);
    for (const z3::expr& fact : facts_) solver.add(fact);
    for (const z3::expr& part : question) solver.add(part);
    const unsigned before = resources_used(solver);
    const z3::check_result answer = solver.check();
    outcome_.resources = std::max(outcome_.resources, resources_used(solver) - before);
    if (answer != expected) outcome_.fault = what + ": " + in_words(answer) + ", not " + in_words(expected);
    if (decides) export_question(solver, expected);
    if (decides && answer == z3::sat && outcome_.witness.empty() && obligation_.kind == Obligation::Kind::exists)
      outcome_.witness = values(solver.get_model());
  }

  /// Z3 turns bounded integers into bits before solving, which takes a hundred times as long for rules of contracts, so
  /// questions about integers alone go to its plain solver.
  z3::solver solver_for(const std::vector<z3::expr>& question) {
    z3::goal goal(context_);
    for (const z3::expr& fact : facts_) goal.add(fact);
    for (const z3::expr& part : question) goal.add(part);
    const bool integers = z3::probe(context_, "is-qflia")(goal) > 0 || z3::probe(context_, "is-qfnia")(goal) > 0;
    return integers ? z3::solver(context_, z3::solver::simple()) : z3::solver(context_);
  }

  static std::string in_words(z3::check_result answer) {
    return answer == z3::sat ? "satisfiable" : answer == z3::unsat ? "unsatisfiable" : "unknown";
  }

  static unsigned resources_used(const z3::solver& solver) {
    const z3::stats statistics = solver.statistics();
    for (unsigned i = 0; i < statistics.size(); ++i)
      if (statistics.key(i) == "rlimit count") return statistics.uint_value(i);
    return 0;
  }

  void export_question(z3::solver& solver, z3::check_result expected) {
    const bool is_statement = outcome_.files.empty();
    const std::string body = solver.to_smt2();
    const bool integers = body.find("Int)") != std::string::npos;
    const std::string text = "; " + obligation_.clause + ": " + obligation_.statement + "\n; " +
                             (is_statement ? "the statement" : "the planted fault") + ", expected " +
                             (expected == z3::unsat ? "unsat" : "sat") + "\n(set-logic " +
                             (integers ? "QF_NIRA" : "QF_NRA") + ")\n(set-info :status " +
                             (expected == z3::unsat ? "unsat" : "sat") + ")\n" + without_status(body);
    outcome_.files.emplace_back(obligation_.name + (is_statement ? ".smt2" : ".fault.smt2"), text);
  }

  /// Z3 writes a status line of its own.
  static std::string without_status(std::string text) {
    const auto start = text.find("(set-info :status");
    if (start != std::string::npos) text.erase(start, text.find('\n', start) + 1 - start);
    return text;
  }

  static std::string values(const z3::model& model) {
    std::vector<std::string> list;
    for (unsigned i = 0; i < model.num_consts(); ++i) {
      const z3::func_decl name = model.get_const_decl(i);
      const z3::expr value = model.get_const_interp(name);
      list.push_back(name.name().str() + " = " + (value.is_numeral() ? literal(value) : value.to_string()));
    }
    std::ranges::sort(list);
    std::string text;
    for (const std::string& item : list) text += (text.empty() ? "" : ", ") + item;
    return text;
  }

  const Obligation& obligation_;
  unsigned seed_;
  z3::context context_;
  std::vector<z3::expr> facts_;
  Outcome outcome_;
};

}  // namespace

Outcome prove(const Obligation& obligation, unsigned seed) {
  try {
    return Examination(obligation, seed).outcome();
  } catch (const z3::exception& error) {
    return {false, std::string("the solver says: ") + error.msg(), 0, "", {}};
  }
}

std::vector<Obligation> all_obligations() {
  std::vector<Obligation> all;
  for (const auto& topic : {
           routing_obligations,
           pareto_obligations,
           pricing_obligations,
           equilibrium_obligations,
           migration_obligations,
           checker_obligations,
           contracts_ledger_obligations,
           contracts_registration_obligations,
           contracts_parameters_obligations,
           contracts_rotation_obligations,
           contracts_sla_obligations,
           contracts_dispute_obligations,
           contracts_session_obligations,
           contracts_deterrence_obligations,
           contracts_channel_obligations,
           agree_routing_obligations,
           agree_migration_obligations,
           agree_prices_obligations,
           agree_ledger_obligations,
           agree_registration_obligations,
           agree_sla_obligations,
           agree_channel_obligations,
           agree_fits_obligations,
           agree_layers_obligations,
           layer_obligations,
           device_index_obligations,
           device_filter_obligations,
           device_prefill_obligations,
       })
    for (Obligation& obligation : topic()) all.push_back(std::move(obligation));
  return all;
}

}  // namespace p2pllm::proofs
