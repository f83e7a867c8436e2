#include "model/verdict.hpp"

#include "model/frontier.hpp"

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

}  // namespace p2pllm
