#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "reference/contracts/registration_rules.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;

namespace {

using Node = Registration<std::int64_t>;
using Taken = RegistrationStep<std::int64_t>;
using enum NodeStatus;

Parameters<std::int64_t> parameters() {
  Parameters<std::int64_t> p{};
  p.min_stake = 200, p.launch_stake = 201, p.min_fee = 1, p.update_cooldown = 5, p.unbonding = 20, p.jail = 7,
  p.evidence_age_max = 10;
  p.deliver_within_max = p.window_min = p.window_max = p.closing_min = p.closing_max = 2;
  p.turn_min = p.turn_max = p.steps_max = p.challenge_bond_min = 1;
  return p;
}
const Parameters<std::int64_t> p = parameters();

// The times of these nodes: updated at 50; released at 90 if Unbonding; in jail until 70 if Jailed.
Node node(NodeStatus status, std::int64_t stake, std::int64_t open_slas = 0) {
  const bool in_jail = status == jailed;
  return {static_cast<std::int64_t>(status), stake, 3, 50, status == unbonding ? 90 : 0, in_jail ? 70 : 0, open_slas};
}
Node with(Node node, std::int64_t Node::*member, std::int64_t value) {
  node.*member = value;
  return node;
}
std::array<std::int64_t, 7> numbers(const Node& n) {
  return {n.status, n.stake, n.version, n.updated_at, n.release_at, n.jailed_until, n.open_slas};
}
std::array<std::int64_t, 4> numbers(const RegistrationFlow<std::int64_t>& f) {
  return {f.from_owner, f.to_owner, f.to_reporter, f.burned};
}

/// One line: an operation, and the reason of its failure or its result.
struct Case {
  std::string says;
  Taken taken;
  Reason reason;
  Node next{};
  std::array<std::int64_t, 4> flow{};
};
void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    INFO(c.says);
    const Reason reason = first_failure(c.taken.guards);
    CHECK(name_of(reason) == name_of(c.reason));
    if (reason != Reason::none || c.reason != Reason::none) continue;
    CHECK(numbers(c.taken.next) == numbers(c.next));
    CHECK(numbers(c.taken.flow) == c.flow);
  }
}

constexpr auto none_ = Reason::none;
constexpr std::array all_statuses{none, active, jailed, unbonding, withdrawn, tombstoned};

}  // namespace

TEST_CASE("genesis parameters of these tests satisfy every constraint", "[REG-1]") {
  for (const auto& constraint : constraints(p)) CHECK((constraint.holds ? "holds" : constraint.name) == "holds");
}

TEST_CASE("an operation is refused from every status that its row does not name", "[REG-1]") {
  using enum RegistrationOperation;
  for (const NodeStatus status : all_statuses) {
    const Node n = with(node(status, 1000, 1), &Node::updated_at, 0);
    const std::vector<std::pair<RegistrationOperation, Taken>> all{
        {enroll, registration_register<std::int64_t>(n, p, 100, 1000)},
        {update, registration_update<std::int64_t>(n, p, 100, true)},
        {migrate, registration_migrate<std::int64_t>(n, true, false, true)},
        {top_up, registration_top_up<std::int64_t>(n, 1, true)},
        {unbond, registration_unbond<std::int64_t>(n, p, 100, true)},
        {rebond, registration_rebond<std::int64_t>(n, p, 80, true)},
        {withdraw, registration_withdraw<std::int64_t>(with(n, &Node::open_slas, 0), 100, true)},
        {unjail, registration_unjail<std::int64_t>(n, p, 100, true)},
        {slash, registration_slash<std::int64_t>(n, p, 100, true, 1000, true)},
        {report, registration_report<std::int64_t>(n, p, 100, 100, true, true, 1000, true)},
        {sla_opened, registration_sla_opened<std::int64_t>(n)},
        {sla_closed, registration_sla_closed<std::int64_t>(n)}};
    REQUIRE(all.size() == registration_machine().transitions.size());
    for (const auto& [operation, taken] : all) {
      INFO(row_of(operation).operation << " from "
                                       << registration_machine().statuses[static_cast<std::size_t>(status)]);
      const bool may = (row_of(operation).from & status_set(status)) != 0;
      CHECK(name_of(first_failure(taken.guards)) == name_of(may ? none_ : Reason::wrong_status));
    }
  }
}

TEST_CASE("the table is the protocol's", "[REG-1]") {
  using enum RegistrationOperation;
  const auto is = [](RegistrationOperation operation, std::string_view name, StatusSet from, StatusSet to) {
    const Transition& row = row_of(operation);
    INFO(name);
    CHECK(row.operation == name);
    CHECK(row.from == from);
    CHECK(row.to == to);
  };
  is(enroll, "register", status_set(none, withdrawn), status_set(active));
  is(update, "update", status_set(active), status_set(active));
  is(migrate, "migrate", status_set(active), status_set(active));
  is(top_up, "top_up", status_set(active, jailed), status_set(active, jailed));
  is(unbond, "unbond", status_set(active, jailed), status_set(unbonding));
  is(rebond, "rebond", status_set(unbonding), status_set(active, jailed));
  is(withdraw, "withdraw", status_set(unbonding), status_set(withdrawn));
  is(unjail, "unjail", status_set(jailed), status_set(active));
  is(slash, "slash", status_set(active, jailed, unbonding, tombstoned), status_set(jailed, unbonding, tombstoned));
  is(report, "report_equivocation", status_set(active, jailed, unbonding), status_set(tombstoned));
  is(sla_opened, "sla_opened", status_set(active), status_set(active));
  is(sla_closed, "sla_closed", status_set(active, jailed, unbonding, tombstoned),
     status_set(active, jailed, unbonding, tombstoned));
  CHECK(registration_machine().final_statuses == status_set(tombstoned));
}

TEST_CASE("register and the changes of a registration", "[REG-2]") {
  const Node fresh{}, back = with(node(withdrawn, 0), &Node::jailed_until, 70), a = node(active, 1000);
  const auto enrolled = [](std::int64_t stake, std::int64_t version, std::int64_t h, std::int64_t jail) {
    return Node{1, stake, version, h, 0, jail, 0};
  };
  const auto moved = with(a, &Node::version, 4);
  check({
      {"one unit too little", registration_register<std::int64_t>(fresh, p, 0, 199), Reason::below_min_stake},
      {"the least stake", registration_register<std::int64_t>(fresh, p, 0, 200), none_, enrolled(200, 1, 0, 0), {200}},
      {"the jail term outlives a withdrawal", registration_register<std::int64_t>(back, p, 69, 200),
       Reason::still_jailed},
      {"its version goes on",
       registration_register<std::int64_t>(back, p, 70, 200),
       none_,
       enrolled(200, 4, 70, 70),
       {200}},
      {"update by another", registration_update<std::int64_t>(a, p, 55, false), Reason::not_permitted},
      {"update a block early", registration_update<std::int64_t>(a, p, 54, true), Reason::too_early},
      {"update after K", registration_update<std::int64_t>(a, p, 55, true), none_, with(moved, &Node::updated_at, 55)},
      {"migrate by another", registration_migrate<std::int64_t>(a, false, false, true), Reason::not_permitted},
      {"migrate for nothing", registration_migrate<std::int64_t>(a, true, false, false), Reason::not_improving},
      {"migrate", registration_migrate<std::int64_t>(a, true, true, true), none_, moved},
      {"with an SLA, within the shard", registration_migrate<std::int64_t>(node(active, 1000, 1), true, false, true),
       none_, with(moved, &Node::open_slas, 1)},
      {"with an SLA, to another", registration_migrate<std::int64_t>(node(active, 1000, 1), true, true, true),
       Reason::open_slas},
  });
}

TEST_CASE("stake comes in, waits and goes out", "[REG-3]") {
  const Node a = node(active, 1000), j = node(jailed, 150), u = node(unbonding, 1000, 0);
  const auto waiting = [](Node n, std::int64_t release) {
    return with(with(n, &Node::status, static_cast<std::int64_t>(unbonding)), &Node::release_at, release);
  };
  const Node gone{4, 0, 3, 50, 0, 0, 0}, active_again = node(active, 1000);
  const Node u_jail = with(u, &Node::jailed_until, 70);
  check({
      {"top up by another", registration_top_up<std::int64_t>(a, 5, false), Reason::not_permitted},
      {"top up", registration_top_up<std::int64_t>(a, 5, true), none_, with(a, &Node::stake, 1005), {5}},
      {"top up in jail", registration_top_up<std::int64_t>(j, 50, true), none_, with(j, &Node::stake, 200), {50}},
      {"unbond by another", registration_unbond<std::int64_t>(a, p, 60, false), Reason::not_permitted},
      {"unbond", registration_unbond<std::int64_t>(a, p, 60, true), none_, waiting(a, 80)},
      {"unbond from jail", registration_unbond<std::int64_t>(j, p, 60, true), none_, waiting(j, 80)},
      {"rebond by another", registration_rebond<std::int64_t>(u, p, 89, false), Reason::not_permitted},
      {"rebond in time", registration_rebond<std::int64_t>(u, p, 89, true), none_, active_again},
      {"rebond too late", registration_rebond<std::int64_t>(u, p, 90, true), Reason::too_late},
      {"rebond with too little", registration_rebond<std::int64_t>(node(unbonding, 199), p, 89, true),
       Reason::below_min_stake},
      {"rebond with just enough", registration_rebond<std::int64_t>(node(unbonding, 200), p, 89, true), none_,
       node(active, 200)},
      {"rebond into jail", registration_rebond<std::int64_t>(u_jail, p, 69, true), none_, node(jailed, 1000)},
      {"rebond after the term", registration_rebond<std::int64_t>(u_jail, p, 70, true), none_,
       with(active_again, &Node::jailed_until, 70)},
      {"withdraw by another", registration_withdraw<std::int64_t>(u, 90, false), Reason::not_permitted},
      {"withdraw a block early", registration_withdraw<std::int64_t>(u, 89, true), Reason::too_early},
      {"withdraw with an SLA", registration_withdraw<std::int64_t>(node(unbonding, 1000, 1), 90, true),
       Reason::open_slas},
      {"withdraw", registration_withdraw<std::int64_t>(u, 90, true), none_, gone, {0, 1000}},
  });
}

TEST_CASE("a slash takes its share, and a tenth of it goes to the reporter", "[REG-4][REG-6]") {
  const Node a = node(active, 1000, 2), j = node(jailed, 1000), u = node(unbonding, 1000);
  const auto slashed = [](Node n, NodeStatus status, std::int64_t stake, std::int64_t jailed_until) {
    n.status = static_cast<std::int64_t>(status), n.stake = stake, n.jailed_until = jailed_until;
    if (status == tombstoned) n.release_at = 0;
    return n;
  };
  const auto take = [](const Node& n, bool fraud, std::int64_t before, bool reporter) {
    return registration_slash<std::int64_t>(n, p, 60, fraud, before, reporter);
  };
  check({
      {"non-delivery", take(a, false, 1000, true), none_, slashed(a, jailed, 990, 67), {0, 0, 1, 9}},
      {"without a reporter", take(a, false, 1000, false), none_, slashed(a, jailed, 990, 67), {0, 0, 0, 10}},
      {"1 % rounds down", take(a, false, 999, true), none_, slashed(a, jailed, 991, 67), {0, 0, 0, 9}},
      {"of the stake of then", take(a, false, 300, true), none_, slashed(a, jailed, 997, 67), {0, 0, 0, 3}},
      {"at least 1 % of MIN_STAKE", take(a, false, 10, true), none_, slashed(a, jailed, 998, 67), {0, 0, 0, 2}},
      {"never more than there was", take(a, false, 1, true), none_, slashed(a, jailed, 999, 67), {0, 0, 0, 1}},
      {"never more than remains",
       take(node(jailed, 1), false, 1000, true),
       none_,
       slashed(node(jailed, 1), jailed, 0, 70),
       {0, 0, 0, 1}},
      {"a longer term stays", take(j, false, 1000, true), none_, slashed(j, jailed, 990, 70), {0, 0, 1, 9}},
      {"Unbonding notes the term", take(u, false, 1000, true), none_, slashed(u, unbonding, 990, 67), {0, 0, 1, 9}},
      {"fraud", take(a, true, 1000, true), none_, slashed(a, tombstoned, 0, 0), {0, 0, 100, 900}},
      {"fraud, stake added since", take(a, true, 400, true), none_, slashed(a, tombstoned, 0, 0), {0, 0, 40, 960}},
      {"fraud, stake lost since", take(a, true, 4000, true), none_, slashed(a, tombstoned, 0, 0), {0, 0, 100, 900}},
      {"fraud in jail", take(j, true, 1000, false), none_, slashed(j, tombstoned, 0, 70), {0, 0, 0, 1000}},
      {"fraud while Unbonding", take(u, true, 1000, true), none_, slashed(u, tombstoned, 0, 0), {0, 0, 100, 900}},
      {"nothing is left to take", take(node(tombstoned, 0, 1), false, 1000, true), none_, node(tombstoned, 0, 1)},
      {"nor by fraud", take(node(tombstoned, 0, 1), true, 1000, true), none_, node(tombstoned, 0, 1)},
  });
}

TEST_CASE("an equivocation is evidence for E blocks, once, of who was in the set", "[REG-5]") {
  const Node a = node(active, 1000);
  const Node gone{5, 0, 3, 50, 0, 0, 0};
  const auto shown = [&](std::int64_t h, std::int64_t g, bool proven, bool is_new, std::int64_t before) {
    return registration_report<std::int64_t>(a, p, h, g, proven, is_new, before, true);
  };
  check({
      {"at once", shown(60, 60, true, true, 1000), none_, gone, {0, 0, 100, 900}},
      {"at the last moment", shown(70, 60, true, true, 1000), none_, gone, {0, 0, 100, 900}},
      {"a block later", shown(71, 60, true, true, 1000), Reason::evidence_too_old},
      {"of the future", shown(60, 61, true, true, 1000), Reason::too_early},
      {"not proven", shown(60, 60, false, true, 1000), Reason::no_offence},
      {"used", shown(60, 60, true, false, 1000), Reason::evidence_used},
      {"not in the set", shown(60, 60, true, true, 0), Reason::no_offence},
      {"in it with one unit", shown(60, 60, true, true, 1), none_, gone, {0, 0, 0, 1000}},
      {"of itself: no reward",
       registration_report<std::int64_t>(a, p, 60, 60, true, true, 1000, false),
       none_,
       gone,
       {0, 0, 0, 1000}},
  });
}

TEST_CASE("a jail term is served", "[REG-6]") {
  const Node j = node(jailed, 1000);
  check({
      {"by another", registration_unjail<std::int64_t>(j, p, 70, false), Reason::not_permitted},
      {"a block early", registration_unjail<std::int64_t>(j, p, 69, true), Reason::still_jailed},
      {"in time", registration_unjail<std::int64_t>(j, p, 70, true), none_,
       with(node(active, 1000), &Node::jailed_until, 70)},
      {"with too little", registration_unjail<std::int64_t>(node(jailed, 199), p, 70, true), Reason::below_min_stake},
  });
}

TEST_CASE("open SLAs are counted", "[REG-7]") {
  check({
      {"opened", registration_sla_opened<std::int64_t>(node(active, 1000, 1)), none_, node(active, 1000, 2)},
      {"closed", registration_sla_closed<std::int64_t>(node(jailed, 1000, 1)), none_, node(jailed, 1000, 0)},
      {"closed when dead", registration_sla_closed<std::int64_t>(node(tombstoned, 0, 1)), none_,
       node(tombstoned, 0, 0)},
      {"none to close", registration_sla_closed<std::int64_t>(node(active, 1000, 0)), Reason::unknown_object},
  });
}

TEST_CASE("attack: a withdrawal does not outrun the slash", "[REG-3][REG-5]") {
  // It equivocates at 100 and unbonds in the same block; evidence counts until 110, and its stake leaves at 120.
  const Node u = registration_unbond<std::int64_t>(node(active, 1000), p, 100, true).next;
  for (std::int64_t h = 100; h < 120; ++h)
    CHECK(first_failure(registration_withdraw<std::int64_t>(u, h, true).guards) == Reason::too_early);
  const Taken late = registration_report<std::int64_t>(u, p, 110, 100, true, true, 1000, true);
  CHECK(first_failure(late.guards) == Reason::none);
  CHECK(late.flow.burned + late.flow.to_reporter == 1000);
  // Rebonding and unbonding once more only delays the release.
  const Node twice =
      registration_unbond<std::int64_t>(registration_rebond<std::int64_t>(u, p, 119, true).next, p, 119, true).next;
  CHECK(twice.release_at == 139);
}

TEST_CASE("attack: no bond comes out of stake, so that none counts twice", "[REG-3]") {
  const Node a = node(active, 1000);
  CHECK(registration_sla_opened<std::int64_t>(a).next.stake == 1000);
  CHECK(numbers(registration_sla_opened<std::int64_t>(a).flow) == numbers(RegistrationFlow<std::int64_t>{}));
  CHECK(numbers(registration_sla_closed<std::int64_t>(node(active, 1000, 1)).flow) ==
        numbers(RegistrationFlow<std::int64_t>{}));
}

TEST_CASE("attack: a slash does not come back to a sybil of the offender", "[REG-4]") {
  // As its own victim, the offender gets nothing of the slash; as its own reporter, a tenth of it at most.
  for (const std::int64_t stake : {200, 209, 1000, 12345}) {
    const auto flow = registration_slash<std::int64_t>(node(active, stake, 1), p, 60, true, stake, true).flow;
    CHECK(flow.to_owner == 0);
    CHECK(10 * flow.to_reporter <= stake);
    CHECK(10 * flow.burned >= 9 * stake);
  }
}

TEST_CASE("attack: many jobs failed at once cost something each", "[REG-4]") {
  // 1 % of the remaining stake would be nothing below 100 units; 1 % of the least stake is taken instead.
  Node n = node(active, 200, 120);
  for (int failed = 0; failed < 100; ++failed)
    n = registration_slash<std::int64_t>(n, p, 60, false, n.stake, true).next;
  CHECK(n.stake == 0);
}

TEST_CASE("attack: leaving and coming back sheds no jail term", "[REG-6]") {
  Parameters<std::int64_t> q = p;
  q.jail = 100;
  const Node j = registration_slash<std::int64_t>(node(active, 1000), q, 60, false, 1000, true).next;
  const Node u = registration_unbond<std::int64_t>(j, q, 60, true).next;
  CHECK(registration_rebond<std::int64_t>(u, q, 61, true).next.status == static_cast<std::int64_t>(jailed));
  const Node w = registration_withdraw<std::int64_t>(u, 80, true).next;
  CHECK(first_failure(registration_register<std::int64_t>(w, q, 159, 1000).guards) == Reason::still_jailed);
  CHECK(first_failure(registration_register<std::int64_t>(w, q, 160, 1000).guards) == Reason::none);
}

TEST_CASE("attack: the last node's stake is not locked", "[REG-3]") {
  const Node u = registration_unbond<std::int64_t>(node(active, 1000), p, 100, true).next;
  CHECK(registration_withdraw<std::int64_t>(u, 120, true).flow.to_owner == 1000);
}
