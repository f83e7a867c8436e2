#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "fuzz/contracts/world.hpp"
#include "properties/property.hpp"
#include "reference/contracts/reference_executor.hpp"

// Random programs of the command language of the contracts (fuzz/README.md).
namespace p2pllm::properties {
namespace {

Bytes draw_program(int bytes_max) {
  const auto byte = rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint8_t>());
  return *rc::gen::resize(bytes_max, rc::gen::container<Bytes>(byte));
}

/// All outcomes that these programs can cause. Not among them are those that earlier guards exclude on a ledger, and
/// `halted`.
constexpr const char* demanded[] = {
    "applied transfer",
    "applied register",
    "applied update",
    "applied migrate",
    "applied top_up",
    "applied unbond",
    "applied rebond",
    "applied withdraw",
    "applied unjail",
    "applied report_equivocation",
    "applied propose",
    "applied accept",
    "applied cancel",
    "applied expire",
    "applied deliver",
    "applied demand",
    "applied publish",
    "applied miss",
    "applied acknowledge",
    "applied finalize",
    "applied timeout",
    "applied challenge",
    "applied post_mid",
    "applied side",
    "applied judge",
    "applied refine",
    "applied forfeit",
    "applied close",
    "applied answer",
    "applied claim",
    "applied settle",
    "applied convict",
    "applied channel_open",
    "applied channel_fund",
    "applied channel_reclaim",
    "applied channel_cooperative_close",
    "applied channel_close",
    "applied channel_refute",
    "applied channel_punish",
    "applied channel_settle",
    "malformed malformed_encoding",
    "malformed wrong_chain",
    "malformed wrong_shard",
    "malformed wrong_signature",
    "malformed amount_out_of_range",
    "malformed terms_out_of_range",
    "refused nonce_used",
    "refused nonce_ahead",
    "refused past_valid_until",
    "refused fee_too_low",
    "refused fee_not_covered",
    "failed wrong_status",
    "failed unknown_object",
    "failed object_exists",
    "failed not_permitted",
    "failed not_covered",
    "failed below_min_stake",
    "failed too_early",
    "failed too_late",
    "failed open_slas",
    "failed still_jailed",
    "failed range_not_served",
    "failed wrong_place",
    "failed not_improving",
    "failed demand_pending",
    "failed already_demanded",
    "failed no_demand",
    "failed not_on_turn",
    "failed not_adjacent",
    "failed wrong_opening",
    "failed wrong_witness",
    "failed bond_too_low",
    "failed not_final",
    "failed not_newer",
    "failed wrong_balances",
    "failed wrong_state_signature",
    "failed not_posted",
    "failed no_offence",
    "failed no_such_unit",
    "failed not_refined",
    "failed already_refined",
    "failed evidence_too_old",
    "failed wrong_order",
    "failed wrong_voucher",
    "failed wrong_receipt",
    "failed wrong_final",
    "failed not_more",
    "failed not_delivered",
    "failed not_closed",
    "judged right",
    "judged wrong",
    "forfeited by the client",
    "forfeited by the provider",
    "slashed for fraud",
    "slashed for non-delivery",
    "migrated",
    "receipts delivered",
    "an honest party's dispute ended",
    "an honest party's session of more units ended",
    "a receipt challenged from Active",
    "an honest party's channel ended after payments",
    "an honest party crashed or woke",
    "a replay",
};

PROPERTY("whatever the parties do, the laws hold, honest ones lose nothing and everything ends",
         "[LEDGER-3][LEDGER-5][LEDGER-7][SLA-8][SLA-13][SHARD-3]", 3000) {
  const Bytes program = draw_program(900);
  fuzz::Classes classes = fuzz::run_contract_program(program, {.has_reference = true}).classes();
  for (const char* name : demanded) reach(name, classes[name] > 0);
}

PROPERTY("transactions of different shards commute", "[SHARD-2]", 300) {
  const Bytes program = draw_program(300);
  fuzz::World world(program);
  world.run();
  const auto busy_shards = [](const fuzz::RecordedBlock& block) {
    std::set<std::int64_t> shards;
    for (const Bytes& encoded : block.transactions)
      if (const auto transaction = contracts::decode_transaction(encoded)) shards.insert(transaction->shard);
    return shards.size();
  };
  reach("three shards in one block", std::ranges::any_of(world.chain().blocks(), [&](const fuzz::RecordedBlock& block) {
          return busy_shards(block) >= 3;
        }));
  const contracts::Genesis& genesis = world.chain().ledger().genesis();
  for (const std::int64_t order : {-1, 0, 1, 2}) {
    reference::ReferenceExecutor other(genesis, ideal_signatures(), contracts::sample_executor());
    fuzz::check_shards_commute(world.chain(), other, order);
  }
}

}  // namespace
}  // namespace p2pllm::properties
