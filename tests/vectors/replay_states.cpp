#include <catch2/catch.hpp>

#include "reference/contracts/ledger.hpp"
#include "reference/contracts/rotation.hpp"
#include "tests/vectors/fields.hpp"
#include "tests/vectors/vectors.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;
using vectors::Case;
using vectors::Fields;

namespace {

std::map<AccountId, Amount> stakes_at(const JsonCursor& place) {
  std::map<AccountId, Amount> stakes;
  for (const auto& [key, value] : *place.value().as_object()) {
    AccountId id{};
    const auto bytes = from_hex(key);
    if (!bytes || bytes->size() != id.bytes.size()) place.fail("a key is expected here");
    std::copy(bytes->begin(), bytes->end(), id.bytes.begin());
    stakes[id] = place.child(key, value).integer(0, std::int64_t{1} << 58, "a stake is expected here");
  }
  return stakes;
}

/// A state that is put together object by object.
struct Pieces : LedgerState {
  Shard& shard(std::int64_t number) {
    if (std::ssize(shards) <= number) shards.resize(static_cast<std::size_t>(number) + 1);
    return shards[static_cast<std::size_t>(number)];
  }
};

LayerRange layers_of(const Fields& f) { return {f.number("first"), f.number("last")}; }
Receipt receipt_of(const Fields& f, const char* to_shard) {
  return {f.hash("id"), f.number(to_shard), f.key("key"), f.number("amount")};
}

SlaRecord job_of(const Fields& f) {
  SlaRecord job;
  job.client = f.key("client"), job.provider = f.key("provider"), job.layers = layers_of(f);
  job.model = f.hash("model"), job.input = f.hash("input"), job.first_position = f.number("first_position");
  job.inputs = f.hash("inputs"), job.micro_root = f.hash("micro_root"), job.root = f.hash("root"),
  job.shown_inputs = f.hash("shown_inputs");
  job.output = f.hash("output");
  job.left = f.hash("left_state"), job.right = f.hash("right_state"), job.mid = f.hash("mid_state");
  job.right_before = f.hash("right_before"), job.mid_before = f.hash("mid_before");
  job.terms = {.price = f.number("price"),
               .units = f.number("units"),
               .steps_per_unit = f.number("steps_per_unit"),
               .accept_by = f.number("accept_by"),
               .deliver_by = f.number("deliver_by"),
               .window = f.number("window"),
               .turn = f.number("turn"),
               .bond = f.number("bond_agreed"),
               .first_units = f.number("first_units")};
  job.sla = {.status = f.number("status"),
             .escrow = f.number("escrow"),
             .bond = f.number("bond"),
             .challenge_bond = f.number("challenge_bond"),
             .challenge_until = f.number("challenge_until"),
             .demand_by = f.number("demand_by"),
             .demanded = f.number("demanded"),
             .left = f.number("left"),
             .right = f.number("right"),
             .turn = f.number("on_turn"),
             .deadline = f.number("deadline"),
             .refined = f.number("refined"),
             .micro_steps = f.number("micro_steps"),
             .shown_by = f.number("shown_by"),
             .shown = f.number("shown"),
             .owed = f.number("owed"),
             .acknowledged = f.number("acknowledged")};
  job.stake_at_accept = f.number("stake_at_accept"), job.stake_at_receipt = f.number("stake_at_receipt");
  return job;
}

ChannelRecord channel_of(const Fields& f) {
  return {f.key("a"),
          f.key("b"),
          {.status = f.number("status"),
           .deposit_a = f.number("deposit_a"),
           .deposit_b = f.number("deposit_b"),
           .fund_by = f.number("fund_by"),
           .closing_time = f.number("closing_time"),
           .timeout = f.number("timeout"),
           .version = f.number("version"),
           .balance_a = f.number("balance_a"),
           .balance_b = f.number("balance_b"),
           .least_posted_a = f.number("least_posted_a"),
           .least_posted_b = f.number("least_posted_b")}};
}

contracts::RegisteredNode node_of(const Fields& f) {
  contracts::RegisteredNode node;
  node.layers = layers_of(f), node.cost_us = f.number("cost_us"), node.price = f.number("price");
  node.registration = {.status = f.number("status"),
                       .stake = f.number("stake"),
                       .version = f.number("version"),
                       .updated_at = f.number("updated_at"),
                       .release_at = f.number("release_at"),
                       .jailed_until = f.number("jailed_until"),
                       .open_slas = f.number("open_slas")};
  return node;
}

/// @param current  the shard of the object, if it is in one
void put(Pieces& state, const std::string& object, const Fields& f, std::int64_t& current) {
  if (f.place.optional_member("shard")) current = f.number("shard");
  if (object == "chain")
    state.chain = f.hash("chain"), state.height = f.number("height"), state.round = f.number("round");
  else if (object == "account")
    state.shard(current).accounts[f.key("key")] = {f.number("balance"), static_cast<std::uint64_t>(f.number("nonce"))};
  else if (object == "node") state.shard(current).nodes[f.key("key")] = node_of(f);
  else if (object == "away") state.shard(current).away.insert(f.key("key"));
  else if (object == "sla") state.shard(current).slas[f.hash("id")] = job_of(f);
  else if (object == "channel") state.shard(current).channels[f.hash("id")] = channel_of(f);
  else if (object == "evidence") state.shard(current).evidence.insert(f.hash("id"));
  else if (object == "outgoing") state.shard(current).outgoing.push_back(receipt_of(f, "to_shard"));
  else if (object == "migration") state.shard(current).queued_moves.push_back({f.key("key"), layers_of(f)});
  else if (object == "burned") state.shard(current).burned = f.number("amount");
  else if (object == "receipt") state.in_flight.push_back(receipt_of(f, "shard"));
  else if (object == "validator")
    state.validators[f.key("key")] = {f.number("stake"), (f.number("sign") == 0 ? 1 : -1) * f.number("priority")};
  else if (object == "stakes") state.snapshots.push_back({f.number("height"), {}, f.hash("id")});
  else f.place.fail("there is no such object");
}

}  // namespace

TEST_CASE("turns go to whom the vectors say, and what is owed is as they say",
          "[rotation][POS-1][POS-2][POS-3][POS-4]") {
  vectors::replay("rotation", [](const Case& c) {
    const JsonCursor& expect = c.expected();
    expect.require_object({"proposers", "priorities"});
    std::map<AccountId, Amount> stakes;
    Validators validators;
    std::vector<std::string> proposers, stated;
    const JsonCursor owners = expect.member("proposers"), priorities = expect.member("priorities"),
                     blocks = c.given("blocks");
    const auto rows = priorities.items();
    std::size_t at = 0;
    for (const JsonCursor& block : blocks.items()) {
      if (const auto changed = block.optional_member("stakes")) stakes = stakes_at(*changed);
      const std::int64_t round = Fields{block}.number("round");
      validators = with_stakes(validators, stakes);
      proposers.push_back(to_hex(proposer_of(validators, round).bytes));
      validators = after_block(validators, round);
      std::string owed;
      for (const auto& [id, validator] : validators) owed += std::to_string(validator.priority) + " ";
      if (at == rows.size()) return c.require("/expect/priorities", false, owed);
      std::string row;
      for (const JsonCursor& one : rows[at].items())
        row += std::to_string(one.integer(-amount_max, amount_max, "a number is expected here")) + " ";
      c.require(c.where(rows[at++]), row == owed, owed);
    }
    c.require("/expect/priorities", at == rows.size(), std::to_string(at) + " blocks");
    for (const JsonCursor& one : owners.items()) stated.push_back(one.string());
    c.require("/expect/proposers", stated == proposers, proposers.back());
  });
}

TEST_CASE("states have the roots of the vectors", "[state][LEDGER-7]") {
  vectors::replay("state", [](const Case& c) {
    Pieces state;
    std::int64_t current = 0;
    const JsonCursor objects = c.given("objects");
    for (const JsonCursor& object : objects.items())
      put(state, object.member("object").string(), Fields{object}, current);
    c.expected().require_object({"root"});
    c.equal(c.expected().member("root"), to_hex(state_root(state)));
  });
}
