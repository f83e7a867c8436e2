#include "proofs/claims.hpp"

#include <algorithm>

#include "proofs/claims_witnesses.hpp"
#include "proofs/prover.hpp"

namespace p2pllm::proofs {
namespace {

constexpr auto proved = Finding::Verdict::proved, refuted = Finding::Verdict::refuted, open = Finding::Verdict::open;

std::string replay(const char* filter) { return "p2pllm prove " + std::string(filter); }

std::vector<PaperClaim> routing_claims() {
  return {
      {1,
       "3.1, App. A, B",
       "Algorithms 1 and 2 find the shortest path in O(V + E)",
       {{refuted,
         "as printed",
         {},
         printed_sort_is_exponential,
         "build/dev/tests/small_worlds/p2pllm_small_worlds \"[ROUTE-4]\""},
        {proved,
         "as corrected (ROUTE-3, ROUTE-7)",
         {"route-3-walk-is-optimal", "route-3-optimum", "route-7-one-layer-step", "cert-2-accepted-is-optimal"},
         {},
         replay("ROUTE-")}}},
      {2, "3.1", "the graph of nodes is acyclic", {{proved, "", {"route-6-no-cycle"}, {}, replay("ROUTE-6")}}},
      {3,
       "3.2",
       "alpha selects a Pareto-optimal chain",
       {{proved, "for 0 < alpha < 1", {"pareto-5-inner-alpha"}, {}, replay("PARETO-5")},
        {refuted,
         "at alpha 0 and 1, by the weight alone",
         {"pareto-5-end-alpha-0", "pareto-5-end-alpha-1"},
         {},
         replay("PARETO-5")},
        {proved,
         "at every alpha, by the order (weight, price, time)",
         {"pareto-5-least-undominated"},
         {},
         replay("PARETO-5")}}},
      {4,
       "3.2",
       "every Pareto-optimal chain is chosen at some alpha",
       {{refuted, "", {"pareto-5-unsupported-exists"}, unsupported_point, replay("PARETO-4")}}},
  };
}

std::vector<PaperClaim> pricing_claims() {
  return {
      {5,
       "3.3",
       "the best price has no closed form",
       {{refuted,
         "by Lambert's W; none by elementary functions is claimed",
         {"price-7-closed-form", "price-7-only-solution"},
         {},
         replay("PRICE-7")}}},
      {6,
       "3.3",
       "dR/dp = P (1 + alpha p (P - 1))",
       {{proved, "", {"price-5-gradient", "price-5-share-slope"}, {}, replay("PRICE-5")}}},
      {7,
       "3.3, Eq. 5",
       "gradient ascent of all nodes at once converges",
       {{refuted,
         "in general: a cycle of two prices at n = 2, eta a = 3",
         {"price-5-ascent-two-cycle", "price-5-ascent-two-cycle-misses-cancel"},
         {},
         replay("ascent")},
        {proved,
         "near the equilibrium of equal nodes iff eta a < 2n^2(n-1)/(n(n-1)+1)",
         {"price-5-ascent-stability-bound"},
         {},
         replay("ascent")},
        {proved,
         "from every positive price, for n >= 2 and eta a <= 1 (the paper has 1/2)",
         {"price-16-step-is-large-enough", "price-16-rising-node-gains", "price-16-falling-node-bound",
          "price-16-gain-is-positive", "price-16-loss-is-bounded", "price-16-losses-below-gains",
          "price-16-cauchy-factor"},
         {},
         replay("PRICE-16")},
        {proved,
         "and from the paper's first prices, all at most 1/a: no price ever falls, and the gap to the equilibrium "
         "shrinks "
         "by a stated factor",
         {"sim-12-below-equilibrium", "sim-12-step-stays-in-region", "sim-12-slopes-are-not-negative",
          "sim-12-less-for-its-rivals", "sim-12-strength-is-at-least"},
         {},
         replay("SIM-12")}}},
      {8,
       "3.4",
       "where the ascent rests is a Nash equilibrium",
       {{proved,
         "for n >= 2, a > 0",
         {"price-5-ascent-rests-at-best-response", "price-6-revenue-log-concave"},
         {},
         replay("PRICE-5")}}},
      {9,
       "3.4",
       "every layer has a price equilibrium",
       {{refuted,
         "for one node, or price-blind clients",
         {"price-8-one-node", "price-8-price-blind-clients"},
         sole_server_has_no_equilibrium,
         "p2pllm verify examples/sole_server.json"}}},
      {10,
       "3.4",
       "the price equilibrium is unique",
       {{proved, "for n >= 2, a > 0", {"price-12-unique", "price-12-share-falls-with-sum"}, {}, replay("PRICE-12")}}},
      {11,
       "3.3",
       "lower cost gives a higher price and revenue",
       {{proved, "for 0 < alpha < 1, n >= 2", {"price-12-cheaper-node-is-better-off"}, {}, replay("PRICE-12")},
        {refuted, "at alpha = 1", {"price-12-costs-do-not-matter-at-one"}, {}, replay("PRICE-12")}}},
  };
}

std::vector<PaperClaim> migration_claims() {
  return {
      {12,
       "3.4, Eq. 8",
       "moving raises the mover's share",
       {{proved, "one at a time, counting the mover", {"mig-3-gain-is-greater-share"}, {}, replay("MIG-3")}}},
      {13,
       "3.4",
       "moving raises the mover's expected revenue",
       {{refuted,
         "at the equilibrium that follows",
         {},
         moving_lowers_revenue,
         "build/dev/tests/p2pllm_unit \"[MIG-7]\""},
        {proved, "at frozen prices, by the revenue rule", {"mig-7-revenue-rises"}, {}, replay("MIG-7")}}},
      {14,
       "3.4",
       "moving raises the throughput, the least load of a layer",
       {{refuted, "", {"mig-6-least-load-may-stay"}, {}, replay("MIG-6")},
        {proved, "in that it never falls", {"mig-6-least-load"}, {}, replay("MIG-6")},
        {refuted,
         "of the throughput that the demand of Eq. 3 can use, which may fall",
         {},
         throughput_falls,
         "p2pllm simulate examples/table1/scaled.json"}}},
      {15,
       "3.4",
       "migration ends",
       {{proved, "one at a time", {"mig-6-fall-is-exact", "mig-6-fall-is-positive"}, {}, replay("MIG-6")},
        {refuted, "all at once", {"mig-6-simultaneous-cycle"}, {}, replay("MIG-6")}}},
      {16,
       "3.4",
       "at rest the network is in an efficient state",
       {{refuted, "", {}, rest_is_not_optimal, "build/dev/tests/small_worlds/p2pllm_small_worlds \"[MIG-9]\""}}},
  };
}

std::vector<PaperClaim> evaluation_claims() {
  return {
      {17,
       "6, Table 1",
       "the nodes end as 7, 7, 7, 7",
       {{proved, "for equal costs", {}, equal_costs_end_seven_each, "build/dev/tests/p2pllm_unit \"[MIG-5]\""},
        {refuted, "for random costs", {}, random_costs_do_not, "p2pllm balance examples/paper.json"}}},
      {18,
       "6, Table 1",
       "the average price at rest is 2.33",
       {{proved,
         "for equal costs; any others average more",
         {"price-13-symmetric-price", "price-13-unequal-groups-are-dearer"},
         equal_costs_price_seven_thirds,
         "p2pllm verify examples/seven_equal.json --epsilon 0"},
        {refuted,
         "for costs in (1, 50) as they stand",
         {},
         unscaled_costs_price_more,
         "p2pllm solve examples/paper.json"}}},
      {19,
       "3.3, Eq. 3",
       "a node is on the optimal path with Boltzmann probability",
       {{refuted, "under least-weight routing", {}, routing_is_not_boltzmann, ""}}},
      {20,
       "6, Table 1",
       "prices rise as Table 1 shows under the stated parameters",
       {{refuted,
         "by 1000 runs with random costs in (1, 50) as they stand, none of which prints the nodes and prices of any "
         "row",
         {},
         {},
         "scripts/table1",
         "table1.md"},
        {refuted,
         "with the equal costs that its last row needs (claim 18) and the stated rate",
         {},
         table_one_is_slower,
         "scripts/table1",
         "table1.md"},
        {refuted,
         "with equal costs and any other rate that stays the same, if no node joins layer 3",
         {},
         no_rate_prints_two_rows,
         "scripts/table1",
         "table1.md"},
        {proved,
         "of row 500 alone, as equal nodes at rest",
         {"price-13-symmetric-price"},
         row_500_is_at_rest,
         "scripts/table1",
         "table1.md"},
        {open, "what printed the table: no reading that was tried has all twelve prices", {}, {}, "", "table1.md"}}},
  };
}

std::vector<PaperClaim> privacy_claims() {
  return {
      {23,
       "Abstract",
       "collaborative computing enhances privacy",
       {{refuted,
         "as built, of the peer that serves the first layer: by construction a step is executed on its input in the "
         "clear "
         "(COMMIT-4, SLA-4), and a judgement of the step publishes the input (SLA-11)",
         {},
         first_layer_reads_the_prompt,
         "build/dev/tests/p2pllm_unit \"[SLA-11]\""},
        {open, "of peers that serve later layers alone: how much their inputs tell is not examined", {}, {}, ""}}},
  };
}

/// What the paper does not say and its reader will ask.
std::vector<PaperClaim> conduct_claims() {
  return {
      {21,
       "3.3, Eq. 3",
       "declaring a false cost never pays",
       {{refuted,
         "by the prices alone, for 0 < alpha < 1",
         {"price-12-cheaper-node-is-better-off"},
         false_cost_pays,
         replay("PRICE-12")}}},
      {22,
       "3.3, Eq. 3",
       "splitting one node in two never pays",
       {{refuted,
         "Eq. 3 gives each part a share of its own",
         {"price-13-symmetric-price"},
         splitting_pays,
         replay("PRICE-13")}}},
  };
}

}  // namespace

const char* to_string(Finding::Verdict verdict) {
  switch (verdict) {
    case Finding::Verdict::proved: return "proved";
    case Finding::Verdict::refuted: return "refuted";
    case Finding::Verdict::open: return "open";
  }
  return "";
}

std::vector<PaperClaim> paper_claims() {
  std::vector<PaperClaim> all;
  for (const auto& part :
       {routing_claims, pricing_claims, migration_claims, evaluation_claims, conduct_claims, privacy_claims})
    for (PaperClaim& claim : part()) all.push_back(std::move(claim));
  return all;
}

JudgedFinding judge(const Finding& finding) {
  JudgedFinding result{&finding, true, "", ""};
  const std::vector<Obligation> all = all_obligations();
  for (const std::string& name : finding.obligations) {
    const auto found = std::ranges::find(all, name, &Obligation::name);
    const Outcome outcome = found == all.end() ? Outcome{false, "no such obligation", 0, "", {}} : prove(*found, 1);
    if (!outcome.holds && result.holds) result = {&finding, false, name + ": " + outcome.fault, ""};
    if (result.witness.empty() && !outcome.witness.empty()) result.witness = "e.g. " + outcome.witness;
  }
  if (finding.witness) {
    const Witness sentence = finding.witness();
    if (!sentence && result.holds) result = {&finding, false, "the witness is none", ""};
    if (sentence) result.witness = *sentence;
  }
  return result;
}

}  // namespace p2pllm::proofs
