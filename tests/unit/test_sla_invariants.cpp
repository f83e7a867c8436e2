#include <catch2/catch.hpp>
#include <set>

#include "tests/unit/sla_states.hpp"

// What holds of an SLA in every state, and when it ends.
using namespace p2pllm;
using namespace p2pllm::sla_states;

TEST_CASE("it is known when anyone can end an SLA, and by when it has ended", "[SLA-12]") {
  const auto ends_by = [](const Sla<I>& sla) { return sla_ends_by(sla, terms, parameters); };
  CHECK(sla_closable_from(empty(St::none), terms) == 0);
  CHECK(sla_closable_from(empty(St::breached), terms) == 0);
  CHECK(sla_closable_from(proposed(), terms) == 6);
  CHECK(sla_closable_from(active(), terms) == 10);
  CHECK(sla_closable_from(delivered(7), terms) == 7);
  CHECK(sla_closable_from(delivered(7, 8, 1), terms) == 9);
  CHECK(sla_closable_from(disputed(0, 8, 1, 7), terms) == 8);
  // A dispute of 8 steps, each of at most 16 micro-steps, takes (2 * 3 + 2 * 4 + 2) * 2 + 1 = 33 blocks; the last block
  // of the window still allows a challenge.
  CHECK(ends_by(empty(St::settled)) == 0);
  CHECK(ends_by(disputed(0, 8, 1, 7)) == 7 + 6 * 2 + 18 + 1);
  CHECK(ends_by(disputed(0, 8, 2, 7)) == 7 + 5 * 2 + 18 + 1);
  CHECK(ends_by(disputed(0, 5, 1, 7)) == 7 + 6 * 2 + 18 + 1);
  CHECK(ends_by(disputed(0, 4, 1, 7)) == 7 + 4 * 2 + 18 + 1);
  CHECK(ends_by(disputed(3, 4, 1, 7)) == 7 + 18 + 1);
  CHECK(ends_by(disputed(0, 5, 1, 7, 4, 5)) == 7 + 6 * 2 + 1);
  CHECK(ends_by(disputed(0, 5, 2, 7, 4, 5)) == 7 + 5 * 2 + 1);
  CHECK(ends_by(disputed(2, 3, 1, 7, 4, 5)) == 8);
  CHECK(ends_by(delivered(12, 0, 1)) == 11 + 33);
  CHECK(ends_by(delivered(12, 8, 1)) == 11 + 33);
  CHECK(ends_by(delivered(7, 8, 1)) == 10 + 33);
  CHECK(ends_by(delivered(7)) == 6 + 2 + 3 - 1 + 33);
  CHECK(ends_by(active()) == 11 + 3 - 1 + 2 + 3 - 1 + 33);  // a close may be answered
  Sla<I> closed = delivered(7);
  closed.shown_by = client_turn;
  CHECK(ends_by(closed) == ends_by(delivered(7)) + 3 - 1);
  CHECK(ends_by(proposed()) == ends_by(active()));
}

namespace {

using Set = std::set<std::size_t>;

/// The places of the invariants that do not hold.
Set broken(const Sla<I>& sla) {
  Set failing;
  const auto invariants = sla_invariants(sla, terms, parameters, I{5});
  CHECK(invariants.size() == 10);
  for (std::size_t k = 0; k < invariants.size(); ++k)
    if (!invariants[k].holds) failing.insert(k);
  return failing;
}
Sla<I> with(Sla<I> sla, I Sla<I>::*field, I value) {
  sla.*field = value;
  return sla;
}

}  // namespace

TEST_CASE("what is shown is owed, by no more than all units, and nowhere else", "[SLA-3]") {
  CHECK(broken(with(delivered(8), &Sla<I>::shown_by, 0)) == Set{4});
  CHECK(broken(with(delivered(8), &Sla<I>::shown_by, 3)) == Set{4});
  CHECK(broken(with(delivered(8), &Sla<I>::shown, 1)) == Set{4});  // fewer than the first units
  CHECK(broken(with(delivered(8), &Sla<I>::owed, 1)) == Set{4});
  CHECK(broken(with(delivered(8), &Sla<I>::owed, 3)) == Set{4});
  CHECK(broken(with(delivered(8), &Sla<I>::acknowledged, 3)) == Set{4});
  CHECK(broken(with(delivered(8), &Sla<I>::acknowledged, -1)) == Set{4});
  CHECK(broken(with(active(), &Sla<I>::shown, 1)) == Set{4});
  CHECK(broken(with(active(), &Sla<I>::owed, 1)) == Set{4});
  CHECK(broken(with(active(), &Sla<I>::acknowledged, 1)) == Set{4});
  CHECK(broken(with(active(), &Sla<I>::shown_by, 1)) == Set{4});
  CHECK(broken(with(disputed(0, 4, 1, 7), &Sla<I>::shown, 0)) == Set{4, 9});
  CHECK(broken(with(disputed(0, 8, 1, 7), &Sla<I>::shown, 1)) == Set{9});
  CHECK(broken(with(disputed(0, 8, 1, 7), &Sla<I>::owed, 1)) == Set{4});
  CHECK(broken(with(disputed(0, 8, 1, 7), &Sla<I>::owed, 3)) == Set{4});
  CHECK(broken(with(disputed(0, 8, 1, 7), &Sla<I>::acknowledged, 1)) == Set{4});
  CHECK(broken(with(disputed(0, 8, 1, 7), &Sla<I>::shown_by, 2)) == Set{4});
}

TEST_CASE("every invariant fails in a state made to break it", "[SLA-3]") {
  for (const auto& sla : {empty(St::none), proposed(), active(), delivered(8), delivered(6, 7, 1), delivered(8, 0, 2),
                          disputed(0, 8, 1, 7), disputed(3, 4, 1, 7), disputed(3, 5, 2, 7), micro_steps(0, 5, 1),
                          micro_steps(3, 5, 2), disputed(0, 16, 1, 7, 8, 16), empty(St::expired)})
    CHECK(broken(sla) == Set{});
  CHECK(broken(with(empty(St::none), &Sla<I>::status, 9)) == Set{0});
  CHECK(broken(with(empty(St::none), &Sla<I>::status, -1)) == Set{0});
  CHECK(broken(with(proposed(), &Sla<I>::escrow, 13)) == Set{1});
  CHECK(broken(with(empty(St::settled), &Sla<I>::escrow, 14)) == Set{1});
  CHECK(broken(with(active(), &Sla<I>::bond, 0)) == Set{2});
  CHECK(broken(with(proposed(), &Sla<I>::bond, 40)) == Set{2});
  CHECK(broken(with(disputed(0, 8, 1, 7), &Sla<I>::challenge_bond, 6)) == Set{3});
  CHECK(broken(with(delivered(8), &Sla<I>::challenge_bond, 3)) == Set{3});
  CHECK(broken(delivered(9)) == Set{5});
  CHECK(broken(delivered(0)) == Set{5});
  CHECK(broken(with(active(), &Sla<I>::challenge_until, 8)) == Set{5});
  CHECK(broken(delivered(8, 8, 1)) == Set{6});
  CHECK(broken(delivered(8, 7, 0)) == Set{6});
  CHECK(broken(delivered(8, -1, 1)) == Set{6});
  CHECK(broken(delivered(8, 0, 3)) == Set{6});
  CHECK(broken(delivered(8, 7, 3)) == Set{6});
  CHECK(broken(delivered(8, 0, -1)) == Set{6});
  CHECK(broken(with(active(), &Sla<I>::demanded, 1)) == Set{6, 7});
  CHECK(broken(with(with(active(), &Sla<I>::demanded, 1), &Sla<I>::demand_by, 7)) == Set{6, 7});
  CHECK(broken(disputed(0, 5, 1, 7, 0, 5)) == Set{8});
  CHECK(broken(disputed(0, 5, 1, 7, -1, 5)) == Set{8});
  CHECK(broken(disputed(0, 5, 1, 7, 9, 5)) == Set{8});
  CHECK(broken(disputed(0, 16, 1, 7, 4, 17)) == Set{8});
  CHECK(broken(with(active(), &Sla<I>::micro_steps, 1)) == Set{8});
  CHECK(broken(with(with(active(), &Sla<I>::micro_steps, 1), &Sla<I>::refined, 1)) == Set{8});
  CHECK(broken(disputed(0, 6, 1, 7, 4, 5)) == Set{9});
  CHECK(broken(disputed(4, 4, 1, 7)) == Set{9});
  CHECK(broken(disputed(-1, 4, 1, 7)) == Set{9});
  CHECK(broken(disputed(0, 9, 1, 7)) == Set{9});
  CHECK(broken(disputed(0, 8, 0, 7)) == Set{9});
  CHECK(broken(disputed(0, 8, 3, 7)) == Set{9});
  CHECK(broken(disputed(3, 4, 2, 7)) == Set{9});
  CHECK(broken(disputed(0, 8, 1, 8)) == Set{9});
  CHECK(broken(with(active(), &Sla<I>::left, 1)) == Set{9});
  CHECK(broken(with(active(), &Sla<I>::right, 1)) == Set{9});
  CHECK(broken(with(active(), &Sla<I>::turn, 1)) == Set{9});
  CHECK(broken(with(active(), &Sla<I>::deadline, 1)) == Set{9});
}
