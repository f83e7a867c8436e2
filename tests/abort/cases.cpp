#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include "model/assert.hpp"
#include "model/encoding/json.hpp"
#include "reference/contracts/reference_executor.hpp"
#include "reference/contracts/rotation.hpp"
#include "reference/market/best_response.hpp"
#include "reference/market/solve.hpp"
#include "reference/market/verify.hpp"
#include "tests/unit/ledger_world.hpp"

// Each case breaks one precondition. The program exits with 1 if the case aborts, and with 0 if it does not.
namespace p2pllm::reference {
namespace {

ReferenceExecutor fresh() { return {small_genesis({person(1)}), ideal_signatures(), sample_executor()}; }

void item_beyond_the_end() {
  const Json list(Json::Array{Json(true)});
  const std::string source = "f";
  (void)JsonCursor(list, source).item(1);
}

void skip_after_a_transaction() {
  LedgerWorld world(small_genesis({person(1)}));
  (void)world.send(person(1), Transfer{person(1).id(), 0, 1});
  world.ledger.skip_to(1);
}

const std::map<std::string, std::function<void()>> cases{
    {"assert", [] { P2PLLM_ASSERT(1 + 1 == 3); }},
    {"verify", [] { P2PLLM_VERIFY(1 + 1 == 3); }},
    {"candidate",
     [] {
       ReferenceExecutor ledger = fresh();
       (void)ledger.candidate(0, {});
       (void)ledger.candidate(0, {});
     }},
    {"round", [] { (void)fresh().candidate(-1, {}); }},
    {"validate",
     [] {
       ReferenceExecutor ledger = fresh();
       (void)ledger.validate(ledger.candidate(0, {}).block);
     }},
    {"apply", [] { fresh().apply(); }},
    {"discard", [] { fresh().discard(); }},
    {"import",
     [] {
       ReferenceExecutor ledger = fresh();
       (void)ledger.candidate(0, {});
       (void)ledger.import_state(ledger.export_state());
     }},
    {"genesis", [] { Ledger(Genesis{}, ideal_signatures(), sample_executor()); }},
    {"skip", skip_after_a_transaction},
    {"compute",
     [] {
       (void)parties::compute(Hash{}, {0, 1}, Bytes{}, 1);
     }},
    {"item", item_beyond_the_end},
    {"solve", [] { (void)solve(Network{}, Rational(1), solve_bits_max + 1); }},
    {"alpha", [] { (void)solve(Network{}, Rational(-1), solve_bits_min); }},
    {"prices",
     [] {
       (void)verify(Network{}, Prices{{1}, ""}, Rational(1), Tolerance{});
     }},
    {"tolerance",
     [] {
       (void)verify(Network{}, Prices{}, Rational(1), Tolerance{1, false});
     }},
    {"competitors", [] { (void)competitors_of({Rational(1)}, 64); }},
    {"sensitivity",
     [] {
       (void)best_response_price(0, 1, {1, Interval(Rational(1), 64)}, 64);
     }},
    {"simplest", [] { (void)simplest_between(2, 1); }},
    {"bits", [] { (void)Interval(Rational(1), 1); }},
    {"ends", [] { (void)Interval(Rational(2), Rational(1), 64); }},
    {"validators",
     [] {
       (void)with_stakes({}, {{person(1).id(), 0}});
     }},
};

}  // namespace
}  // namespace p2pllm::reference

int main(int argc, char** argv) {
  std::signal(SIGABRT, [](int) { std::_Exit(1); });
  const auto chosen = p2pllm::reference::cases.find(argc == 2 ? argv[1] : "");
  if (chosen == p2pllm::reference::cases.end()) return 2;
  chosen->second();
  return 0;
}
