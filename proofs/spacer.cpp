#include "proofs/spacer.hpp"

#include "proofs/prover.hpp"

namespace p2pllm::proofs {
namespace {

/// The unknowns of a formula, each once.
void collect_unknowns(const z3::expr& formula, std::vector<bool>& seen, z3::expr_vector& unknowns) {
  const unsigned id = Z3_get_ast_id(formula.ctx(), formula);
  if (seen.size() <= id) seen.resize(id + 1);
  if (seen[id]) return;
  seen[id] = true;
  if (formula.is_const() && formula.decl().decl_kind() == Z3_OP_UNINTERPRETED) unknowns.push_back(formula);
  for (unsigned i = 0; formula.is_app() && i < formula.num_args(); ++i)
    collect_unknowns(formula.arg(i), seen, unknowns);
}

z3::expr for_all_unknowns(const z3::expr& formula) {
  std::vector<bool> seen;
  z3::expr_vector unknowns(formula.ctx());
  collect_unknowns(formula, seen, unknowns);
  return unknowns.empty() ? formula : z3::forall(unknowns, formula);
}

z3::expr_vector terms_of(z3::context& context, const std::vector<SymInt>& values) {
  z3::expr_vector terms(context);
  for (const SymInt& value : values) terms.push_back(value.term());
  return terms;
}

}  // namespace

ReachableStates::ReachableStates(z3::context& context, std::vector<SymInt> state)
    : context_(&context), state_(terms_of(context, state)) {}

void ReachableStates::add_start(const SymBool& condition, const std::vector<SymInt>& values) {
  starts_.push_back({condition.formula(), terms_of(*context_, values)});
}

void ReachableStates::add_step(const SymBool& condition, const std::vector<SymInt>& values) {
  steps_.push_back({condition.formula(), terms_of(*context_, values)});
}

ReachableStates::Finding ReachableStates::query(const SymBool& bad) const {
  z3::fixedpoint engine(*context_);
  z3::params parameters(*context_);
  parameters.set("engine", context_->str_symbol("spacer"));
  parameters.set("timeout", 60'000U);
  engine.set(parameters);
  z3::sort_vector sorts(*context_);
  for (unsigned i = 0; i < state_.size(); ++i) sorts.push_back(context_->int_sort());
  z3::func_decl reached = context_->function("reached", sorts, context_->bool_sort());
  engine.register_relation(reached);
  unsigned number = 0;
  const auto add = [&](const z3::expr& body, const z3::expr& head) {
    z3::expr rule = for_all_unknowns(z3::implies(body, head));
    engine.add_rule(rule, context_->int_symbol(static_cast<int>(number++)));
  };
  for (const Rule& start : starts_) add(start.condition, reached(start.values));
  for (const Rule& step : steps_) add(reached(state_) && step.condition, reached(step.values));
  z3::expr question = z3::exists(state_, reached(state_) && bad.formula());
  const z3::check_result answer = engine.query(question);
  if (answer == z3::sat) return {Answer::reachable, std::nullopt};
  if (answer != z3::unsat) return {};
  z3::expr found = engine.get_cover_delta(-1, reached);
  return {Answer::unreachable, SymBool(found.substitute(state_))};
}

z3::expr ReachableStates::at(const z3::expr& formula, const z3::expr_vector& values) const {
  return z3::expr(formula).substitute(state_, values);
}

bool ReachableStates::is_unsatisfiable(const z3::expr& formula) const {
  z3::solver solver(*context_);
  z3::params parameters(*context_);
  parameters.set("rlimit", resource_limit);
  solver.set(parameters);
  solver.add(formula);
  return solver.check() == z3::unsat;
}

bool ReachableStates::proves(const SymBool& invariant, const SymBool& bad) const {
  const z3::expr& holds = invariant.formula();
  bool proved = is_unsatisfiable(holds && bad.formula());
  for (const Rule& start : starts_) proved = proved && is_unsatisfiable(start.condition && !at(holds, start.values));
  for (const Rule& step : steps_)
    proved = proved && is_unsatisfiable(holds && step.condition && !at(holds, step.values));
  return proved;
}

}  // namespace p2pllm::proofs
