#include <catch2/catch.hpp>
#include <functional>

#include "tests/unit/sla_step.hpp"

// Disputes that are played to the end, and attacks on SLAs that succeeded elsewhere.
using namespace p2pllm;
using namespace p2pllm::reference;

namespace {

using I = std::int64_t;
using Op = SlaOperation;
using St = SlaStatus;

const Parameters<I> parameters{100, 200, 1, 1, 50, 5, 40, 20, 2, 6, 1, 4, 64, 1000, 3, 2, 5};
const SlaInputs stranger{.sender = false}, forged{.fits = false}, no{.answer = false};

SlaTerms<I> terms_of(I steps, I turn = 2) { return {7, 1, steps, 5, 9, 3, turn, 40, 1}; }
bool is(const Sla<I>& sla, St status) { return sla.status == static_cast<I>(status); }

/// One SLA: an operation takes effect, or the reason for its refusal is returned.
struct SlaCase {
  SlaTerms<I> terms;
  Sla<I> sla = sla_empty(I{0});
  I client = 0, provider = 0;  // the gains of the accounts
  I offence = 0;

  Reason attempt(Op operation, I height, const SlaInputs& in = {}) {
    const auto step = sla_step(operation, sla, terms, parameters, height, in);
    const Reason reason = first_failure(step.guards);
    if (reason != Reason::none) return reason;
    sla = step.next;
    client += step.flow.to_client - step.flow.from_client;
    provider += step.flow.to_provider - step.flow.from_provider;
    offence = step.flow.offence;
    return reason;
  }
  void must(Op operation, I height, const SlaInputs& in = {}) {
    INFO(row_of(operation).operation << " at " << height);
    REQUIRE(name_of(attempt(operation, height, in)) == "none");
  }
};

SlaCase delivered(const SlaTerms<I>& terms) {
  SlaCase job{terms};
  job.must(Op::propose, 1);
  job.must(Op::accept, 2);
  job.must(Op::deliver, 4);
  return job;
}

I ceil_log2(I n) {
  I rounds = 0;
  for (I reach = 1; reach < n; reach *= 2) ++rounds;
  return rounds;
}

bool is_single(const Sla<I>& sla) { return sla.right - sla.left == 1; }

/// Plays every continuation of this dispute, each turn in its last block.
/// @param micro_steps  of each step
void play(const SlaCase& job, I micro_steps, I end, I& latest) {
  const I deadline = job.sla.deadline;
  latest = std::max(latest, deadline + 1);
  CHECK(sla_ends_by(job.sla, job.terms, parameters) <= end);
  SlaCase forfeited = job;
  CHECK(forfeited.attempt(Op::forfeit, deadline) == Reason::too_early);
  forfeited.must(Op::forfeit, deadline + 1);
  if (job.sla.turn == provider_turn) {
    SlaCase posted = job, refined = job, judged = job;
    const bool last = is_single(job.sla), is_refined = job.sla.refined != 0;
    CHECK((posted.attempt(Op::post_mid, deadline) == Reason::none) != last);
    CHECK((refined.attempt(Op::refine, deadline, {.micro_steps = micro_steps}) == Reason::none) ==
          (last && !is_refined));
    CHECK((judged.attempt(Op::judge, deadline) == Reason::none) == (last && is_refined));
    if (!last) play(posted, micro_steps, end, latest);
    else if (!is_refined) play(refined, micro_steps, end, latest);
  } else {
    SlaCase agreed = job, disagreed = job;
    agreed.must(Op::side, deadline);
    disagreed.must(Op::side, deadline, no);
    play(agreed, micro_steps, end, latest);
    play(disagreed, micro_steps, end, latest);
  }
}

/// Plays a provider, whose states are right where a bit is set, against a client that knows all; the last is wrong.
/// @param micro_steps  of the wrong step, whose micro-states are right or wrong likewise, the last being wrong
void play_honest_client(I steps, I micro_steps, unsigned right_states) {
  SlaCase job = delivered(terms_of(steps));
  I height = 5;
  const auto halve = [&](I all) {
    const auto is_right = [&](I state) { return state == 0 || (state < all && (right_states >> state & 1U) != 0); };
    while (!is_single(job.sla)) {
      job.must(Op::post_mid, ++height);
      job.must(Op::side, ++height, {.answer = is_right(dispute_mid(job.sla))});
    }
    // A right step leads from a right state to a right one, so a wrong step of the commitment has been found.
    CHECK(is_right(job.sla.left));
    CHECK_FALSE(is_right(job.sla.right));
  };
  job.must(Op::challenge, height);
  halve(steps);
  job.must(Op::refine, ++height, {.micro_steps = micro_steps});
  halve(micro_steps);
  job.must(Op::judge, ++height, no);
  CHECK(is(job.sla, St::breached));
  CHECK(job.client == 40);
  CHECK(job.provider == -40);
  CHECK(job.offence == offence_fraud);
}

}  // namespace

TEST_CASE("a dispute ends within (2 ceil(log2 n) + 2 ceil(log2 N_MAX) + 2) T + 1 blocks, and may take as long",
          "[SLA-12][SLA-10][SLA-15]") {
  for (I turn : {1, 2})
    for (I steps = 1; steps <= 64; ++steps) {
      INFO(steps << " steps, turns of " << turn);
      SlaCase job = delivered(terms_of(steps, turn));
      job.must(Op::challenge, 6);
      CHECK(job.sla.right == steps);
      const I end = 6 + (2 * ceil_log2(steps) + 2 * ceil_log2(parameters.steps_max) + 2) * turn + 1;
      CHECK(sla_ends_by(job.sla, job.terms, parameters) == end);
      for (const I micro_steps : {I{1}, steps <= 8 ? parameters.steps_max : 5}) {
        I latest = 0;
        play(job, micro_steps, end, latest);
        CHECK(latest == end - 2 * (ceil_log2(parameters.steps_max) - ceil_log2(micro_steps)) * turn);
      }
    }
}

TEST_CASE("an honest client wins against every false computation", "[SLA-13][SLA-8]") {
  for (I steps = 1; steps <= 10; ++steps)
    for (I micro_steps = 1; micro_steps <= 10; ++micro_steps)
      for (unsigned right_states = 0; right_states < 1U << static_cast<unsigned>(std::max(steps, micro_steps));
           right_states += 2)
        play_honest_client(steps, micro_steps, right_states);
}

TEST_CASE("an honest provider wins against every client", "[SLA-13][SLA-11]") {
  for (I steps = 1; steps <= 16; ++steps)
    for (unsigned answers = 0; answers < 16; ++answers) {
      SlaCase job = delivered(terms_of(steps));
      I height = 5;
      job.must(Op::challenge, height);
      const auto halve = [&] {
        for (unsigned round = 0; !is_single(job.sla); ++round) {
          job.must(Op::post_mid, ++height);
          job.must(Op::side, ++height, {.answer = (answers >> round & 1U) != 0});
        }
      };
      halve();
      job.must(Op::refine, ++height, {.micro_steps = 17 - steps});
      halve();
      job.must(Op::judge, ++height);  // whichever step is left, it is right
      CHECK(is(job.sla, St::settled));
      CHECK(job.provider == 7 + 7);
      CHECK(job.client == -7 - 7);
      CHECK(job.offence == 0);
    }
}

TEST_CASE("Truebit's cancelTask: nobody but its client cancels, and no longer once it is accepted", "[SLA-4]") {
  SlaCase job{terms_of(8)};
  job.must(Op::propose, 1);
  CHECK(job.attempt(Op::cancel, 2, stranger) == Reason::not_permitted);
  job.must(Op::accept, 2);
  CHECK(job.attempt(Op::cancel, 3) == Reason::wrong_status);  // otherwise the work would be free
  job.must(Op::deliver, 4);
  CHECK(job.attempt(Op::cancel, 5) == Reason::wrong_status);
}

TEST_CASE("opML's disputes: every turn has an end and every challenge a bond", "[SLA-9][SLA-11]") {
  SlaCase job = delivered(terms_of(8));
  CHECK(job.attempt(Op::challenge, 5, {.bond = 6}) == Reason::bond_too_low);
  job.must(Op::challenge, 5);
  SlaCase silent_provider = job;
  silent_provider.must(Op::forfeit, 8);
  CHECK(is(silent_provider.sla, St::breached));
  CHECK(silent_provider.client == 40);
  job.must(Op::post_mid, 7);
  job.must(Op::forfeit, 10);
  CHECK(is(job.sla, St::settled));
  CHECK(job.client == -7 - 7);
}

TEST_CASE("self-challenge: without its client no delivery settles before the window is over", "[SLA-7][SLA-9]") {
  // Tries everything that parties other than the client may send, in every order, in every block of the window.
  std::function<void(const SlaCase&, I, int)> others = [&](const SlaCase& job, I height, int moves) {
    CHECK((height >= 7 || !is(job.sla, St::settled)));
    if (moves == 0 || height > 8) return;
    others(job, height + 1, moves);
    for (int k = 0; k < 22; ++k) {
      const auto operation = static_cast<Op>(k);
      SlaInputs in{.sender = row_of(operation).sender == "provider"};
      in.is_signed = in.is_vouched = false;  // by the client
      SlaCase next = job;
      if (next.attempt(operation, height, in) == Reason::none) others(next, height, moves - 1);
    }
  };
  others(delivered(terms_of(8)), 4, 4);
}

TEST_CASE("a correct root and no output: what is not published is not delivered", "[SLA-6][SLA-5]") {
  SlaCase job{terms_of(8)};
  job.must(Op::propose, 1);
  job.must(Op::accept, 2);
  CHECK(job.attempt(Op::deliver, 4, forged) == Reason::wrong_opening);  // an output that is not the last state
  job.must(Op::deliver, 4);
  job.must(Op::demand, 6);
  CHECK(job.attempt(Op::publish, 7, forged) == Reason::wrong_opening);
  CHECK(job.attempt(Op::finalize, 8) == Reason::demand_pending);
  job.must(Op::miss, 9);
  CHECK(job.client == 40);
  CHECK(job.provider == -40);
  CHECK(job.offence == offence_non_delivery);
}

TEST_CASE("a challenge does not free the provider from publishing", "[SLA-9][SLA-6]") {
  // Otherwise, a provider with a right root could win the dispute, be paid, and keep the output.
  SlaCase job = delivered(terms_of(8));
  job.must(Op::demand, 5);
  CHECK(job.attempt(Op::challenge, 5) == Reason::demand_pending);
  job.must(Op::publish, 7);
  job.must(Op::challenge, 9);  // the window begins again
}

TEST_CASE("the provider does not choose the number of steps", "[SLA-2][SLA-9]") {
  for (const I steps : {1, 5, 64}) {
    SlaCase job = delivered(terms_of(steps));
    job.must(Op::challenge, 5);
    CHECK(job.sla.left == 0);
    CHECK(job.sla.right == steps);
  }
}

TEST_CASE("a bond is in the SLA and nowhere else", "[SLA-8][SLA-4]") {
  // A bond out of stake would count twice, or drain the stake into a confederate's breached SLA ahead of a slash.
  SlaCase job{terms_of(8)};
  job.must(Op::propose, 1);
  CHECK(sla_value(job.sla) == 7);
  job.must(Op::accept, 2);
  CHECK(job.provider == -40);
  CHECK(sla_value(job.sla) == 47);
  job.must(Op::timeout, 10);
  CHECK(sla_value(job.sla) == 0);
  CHECK(job.client + job.provider == 0);
  CHECK(job.attempt(Op::timeout, 11) == Reason::wrong_status);
}

TEST_CASE("a client that sees a delivery one block later can still challenge it or demand the output", "[SLA-14]") {
  auto hasty = terms_of(8);
  hasty.window = parameters.window_min;
  SlaCase job = delivered(hasty);
  SlaCase challenged = job;
  challenged.must(Op::challenge, 5);
  job.must(Op::demand, 5);
  job.must(Op::publish, 7);
  job.must(Op::challenge, 8);
  // With a window of one block it could not, so no genesis allows one.
  hasty.window = 1;
  job = delivered(hasty);
  CHECK(job.attempt(Op::challenge, 5) == Reason::too_late);
  CHECK(first_failure(sla_terms_form(hasty, parameters)) == Reason::terms_out_of_range);
  auto genesis = parameters;
  const auto breaks = [&] {
    std::size_t broken = 0;
    for (const auto& constraint : constraints(genesis)) broken += constraint.holds ? 0 : 1;
    return broken;
  };
  CHECK(breaks() == 0);
  genesis.window_min = 1;
  CHECK(breaks() == 1);
}
