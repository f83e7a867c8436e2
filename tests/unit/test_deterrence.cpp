#include <catch2/catch.hpp>
#include <optional>

#include "model/numbers/rational.hpp"
#include "reference/contracts/deterrence_rules.hpp"

// The least bond against every way to cheat in small markets, by enumeration (SLA-16).
using namespace p2pllm;

namespace {

Rational power(const Rational& base, int exponent) {
  Rational result = 1;
  for (; exponent > 0; --exponent) result = result * base;
  return result;
}

struct Deal {
  Rational price, cost, saving, check, bond, stake;
};

/// What a provider is worth at best that has these open sessions, each with its earnings at risk and the units that are
/// left: it chooses in each round which of the next units are false, and every outcome of the checks is counted. Spent
/// costs are not in it.
struct Session {
  Rational earned;
  int left;
};
Rational best_worth(const Deal& deal, const std::vector<Session>& sessions) {
  Rational worth = 0;
  std::vector<Session> open;
  for (const Session& session : sessions) {
    if (session.left > 0) open.push_back(session);
    else worth = worth + session.earned;
  }
  if (open.empty()) return worth;
  const std::size_t choices = std::size_t{1} << open.size();
  std::optional<Rational> best;
  for (std::size_t is_false = 0; is_false < choices; ++is_false) {
    Rational expected = 0;
    for (std::size_t is_checked = 0; is_checked < choices; ++is_checked) {
      Rational chance = 1, at_once = 0;
      std::vector<Session> next;
      const std::size_t caught = is_false & is_checked;
      for (std::size_t k = 0; k < open.size(); ++k) {
        const std::size_t bit = std::size_t{1} << k;
        chance = chance * ((is_checked & bit) != 0 ? deal.check : Rational(1) - deal.check);
        at_once = at_once - deal.cost + ((is_false & bit) != 0 ? deal.saving : Rational(0));
        if ((caught & bit) != 0) at_once = at_once - deal.bond;
        else next.push_back({open[k].earned + deal.price, caught != 0 ? 0 : open[k].left - 1});
      }
      if (caught != 0) at_once = at_once - deal.stake;
      if (chance.sign() > 0) expected = expected + chance * (at_once + best_worth(deal, next));
    }
    if (!best || expected > *best) best = expected;
  }
  return worth + *best;
}

Rational least_bond(const Deal& deal, int streams) {
  return reference::least_deterring_bond(deal.saving, deal.check, deal.stake, Rational(streams),
                                         power(Rational(1) - deal.check, streams));
}

}  // namespace

TEST_CASE("with the least bond no way to cheat is worth more than honest units", "[SLA-16]") {
  for (const Rational& check : {Rational(1, 10), Rational(1, 3), Rational(9, 10), Rational(1)})
    for (const Rational& stake : {Rational(0), Rational(1, 2), Rational(20)})
      for (const Rational& price : {Rational(1), Rational(3, 2)})
        for (const Rational& saving : {Rational(1), Rational(1, 5)})
          for (const auto& [streams, units] : {std::pair{1, 1}, {1, 3}, {2, 1}, {2, 2}, {3, 1}}) {
            Deal deal{price, 1, saving, check, 0, stake};
            deal.bond = least_bond(deal, streams);
            const std::vector<Session> sessions(static_cast<std::size_t>(streams), {0, units});
            const Rational honest = Rational(streams * units) * (price - 1);
            CHECK(best_worth(deal, sessions) == honest);
            if (price != Rational(1) || saving != Rational(1) || deal.bond.sign() == 0) continue;
            deal.bond = deal.bond * Rational(99, 100);
            CHECK(best_worth(deal, sessions) > honest);
          }
}

TEST_CASE("where honest units earn nothing the best round of false ones gains what the rule says", "[SLA-16]") {
  for (const Rational& check : {Rational(1, 10), Rational(1, 3), Rational(1)})
    for (const Rational& stake : {Rational(0), Rational(1, 7), Rational(3)})
      for (const Rational& bond : {Rational(0), Rational(1, 5), Rational(4)})
        for (const int streams : {1, 2, 3}) {
          Rational best = 0;
          for (int units = 1; units <= streams; ++units)
            best = maximum(best, reference::gain_of_false_units(Rational(units), Rational(1), check, bond, stake,
                                                                power(Rational(1) - check, units)));
          CHECK(best_worth({1, 1, 1, check, bond, stake},
                           std::vector<Session>(static_cast<std::size_t>(streams), {0, 1})) == best);
        }
}

TEST_CASE("checks that are seen only at the end deter as well", "[SLA-16]") {
  // All numbers of false units, chosen in advance: the best one is none.
  for (const Rational& check : {Rational(1, 50), Rational(1, 10), Rational(1, 2)})
    for (const int units : {1, 2, 20, 100}) {
      const Rational stake = 1, saving(4, 5), price = 1, cost(4, 5);
      const Rational bond = least_bond({price, cost, saving, check, 0, stake}, 1);
      const auto worth = [&](int lies) {
        const Rational unseen = power(Rational(1) - check, lies);
        return unseen * price * Rational(units) - Rational(units) * cost + Rational(lies) * saving -
               (Rational(1) - unseen) * (bond + stake);
      };
      for (int lies = 1; lies <= units; ++lies) CHECK(worth(lies) <= worth(0));
    }
}

TEST_CASE("bonds of the design's table", "[SLA-16]") {
  // For any number of sessions: 7.2, 39.2 and 79.2 prices at checks of 10, 2 and 1 in a hundred and a saving of 0.8.
  for (const auto& [percent, bond] : {std::pair{10, Rational(36, 5)}, {2, Rational(196, 5)}, {1, Rational(396, 5)}})
    CHECK(least_bond({1, Rational(4, 5), Rational(4, 5), Rational(percent, 100), 0, 0}, 1) == bond);
}
