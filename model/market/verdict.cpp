#include "model/market/verdict.hpp"

#include "model/market/allocation.hpp"
#include "model/market/frontier.hpp"

namespace p2pllm {

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::equilibrium: return "equilibrium";
    case Verdict::epsilon_equilibrium: return "epsilon_equilibrium";
    case Verdict::undecided: return "undecided";
    case Verdict::refuted: return "refuted";
    case Verdict::no_equilibrium: return "no_equilibrium";
  }
  return "";
}

std::optional<Verdict> verdict_named(const std::string& name) {
  for (const Verdict verdict : {Verdict::equilibrium, Verdict::epsilon_equilibrium, Verdict::undecided,
                                Verdict::refuted, Verdict::no_equilibrium})
    if (name == to_string(verdict)) return verdict;
  return std::nullopt;
}

const char* to_string(PointClass kind) {
  switch (kind) {
    case PointClass::extreme: return "extreme";
    case PointClass::tie: return "tie";
    case PointClass::unsupported: return "unsupported";
  }
  return "";
}

const char* to_string(MigrationRule rule) { return rule == MigrationRule::share ? "share" : "revenue"; }

std::optional<MigrationRule> migration_rule_named(const std::string& name) {
  for (const MigrationRule rule : {MigrationRule::share, MigrationRule::revenue})
    if (name == to_string(rule)) return rule;
  return std::nullopt;
}

}  // namespace p2pllm
