#include <unistd.h>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "proofs/cvc5.hpp"
#include "proofs/fraction.hpp"
#include "proofs/prover.hpp"
#include "reference/market/migration_rules.hpp"

using namespace p2pllm;
using namespace p2pllm::proofs;

namespace {

Outcome proved(std::function<Goal(Scope&)> write, Obligation::Kind kind = Obligation::Kind::forall) {
  return prove({"MIG-3", "test", "a test", "all", std::move(write), kind}, 1);
}
TEST_CASE("a question that cvc5 cannot read is an error, not one that it cannot answer") {
  if (!has_cvc5()) return;
  const auto file = std::filesystem::temp_directory_path() / ("unreadable-" + std::to_string(getpid()) + ".smt2");
  std::ofstream(file) << "(set-logic QF_LIA)\n(declare-fun exists () Int)\n(check-sat)\n";
  CHECK(ask_cvc5(file) == "error");
  std::ofstream(file) << "(set-logic QF_LIA)\n(declare-fun existing () Int)\n(check-sat)\n";
  CHECK(ask_cvc5(file) == "sat");
  std::filesystem::remove(file);
}

}  // namespace

TEST_CASE("a true statement whose planted fault fails holds", "[prover]") {
  const Outcome outcome = proved([](Scope& scope) -> Goal {
    const SymReal x = scope.positive("x"), zero = scope.number(0);
    return {zero < x * x, x < x * x};
  });
  CHECK(outcome.fault.empty());
  CHECK(outcome.holds);
  REQUIRE(outcome.files.size() == 2);
  CHECK(outcome.files[0].second.find("(set-logic QF_NRA)\n(set-info :status unsat)") != std::string::npos);
  CHECK(outcome.files[1].second.find("(set-info :status sat)") != std::string::npos);
}

TEST_CASE("each way in which a proof may be worth nothing is reported", "[prover]") {
  const auto fault = [](std::function<Goal(Scope&)> write) { return proved(std::move(write)).fault; };
  CHECK(fault([](Scope& scope) -> Goal {
          const SymReal x = scope.positive("x"), zero = scope.number(0);
          scope.assume(x < zero);
          return {x == zero, x == zero};
        }) == "the hypotheses: unsatisfiable, not satisfiable");
  CHECK(fault([](Scope& scope) -> Goal {
          const SymReal x = scope.non_negative("x"), one = scope.number(1);
          return {x / x == one, x == one};
        }) == "a denominator may be 0: satisfiable, not unsatisfiable");
  CHECK(fault([](Scope& scope) -> Goal {
          const SymReal x = scope.real("x"), zero = scope.number(0);
          return {x / zero == x / zero, x == zero};
        }) == "a denominator may be 0: satisfiable, not unsatisfiable");
  CHECK(fault([](Scope& scope) -> Goal {
          const Fraction x = scope.positive("x"), zero = scope.number(0), below = scope.number(-2);
          return {zero < x / below, x == zero};
        }) == "a denominator may not be positive: satisfiable, not unsatisfiable");
  CHECK(fault([](Scope& scope) -> Goal {
          const Fraction x = scope.real("x"), one = scope.number(1);
          scope.assume(lnot(x == scope.number(0)));
          return {one / x < one / x + one, x == one};
        }) == "a denominator may not be positive: satisfiable, not unsatisfiable");
  CHECK(fault([](Scope& scope) -> Goal {
          const SymReal x = scope.real("x"), zero = scope.number(0);
          scope.hint(zero < x);
          return {zero < x, x < zero};
        }) == "a hint is not true: satisfiable, not unsatisfiable");
  CHECK(fault([](Scope& scope) -> Goal {
          const SymReal x = scope.real("x"), zero = scope.number(0);
          return {zero < x * x, x < zero};
        }) == "the statement: satisfiable, not unsatisfiable");
  CHECK(fault([](Scope& scope) -> Goal {
          const SymReal x = scope.real("x"), zero = scope.number(0);
          return {zero <= x * x, zero <= x * x * x * x};
        }) == "the planted fault: unsatisfiable, not satisfiable");
}

TEST_CASE("an existence is shown with its values, and its planted fault has none", "[prover]") {
  const Outcome outcome = proved(
      [](Scope& scope) -> Goal {
        const SymReal x = scope.positive("x");
        return {x * scope.number(3) == scope.number(1), x * x == scope.number(-1)};
      },
      Obligation::Kind::exists);
  CHECK(outcome.holds);
  CHECK(outcome.witness == "x = 1/3");
}

TEST_CASE("literals are exact", "[prover]") {
  CHECK(proved([](Scope& scope) -> Goal {
          const SymReal x = scope.real("x");
          const SymReal third = one_like(x) / literal_like(x, 3);
          return {third + third + third == scope.number(1), third == scope.number(Rational(333333, 1000000))};
        }).holds);
}

TEST_CASE("the obligations have distinct names and cite a clause", "[prover]") {
  std::vector<std::string> names;
  for (const Obligation& obligation : all_obligations()) {
    names.push_back(obligation.name);
    CHECK(obligation.clause.find('-') != std::string::npos);
    CHECK(obligation.statement.size() > 10);
  }
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  CHECK(names.size() >= 60);
}
