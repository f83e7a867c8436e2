#pragma once

#include <optional>
#include <string>

// The witnesses of the findings about the paper's claims: each computes its figures anew.
namespace p2pllm::proofs {

/// A sentence with its figures; nothing if they are no witness.
using Witness = std::optional<std::string>;

/// Algorithm 1 as printed takes exponentially many calls.
[[nodiscard]] Witness printed_sort_is_exponential();
/// A Pareto-optimal chain that no alpha selects (PARETO-4).
[[nodiscard]] Witness unsupported_point();
/// A group of one node has no equilibrium (PRICE-8).
[[nodiscard]] Witness sole_server_has_no_equilibrium();
/// A move by Eq. 8 after which the mover earns less (MIG-7).
[[nodiscard]] Witness moving_lowers_revenue();
/// A move by Eq. 8 that raises the least load and lowers the rate of requests that the demand of Eq. 3 lets through.
[[nodiscard]] Witness throughput_falls();
/// A node that earns more at the price equilibrium by declaring a cost that is too low (PRICE-12).
[[nodiscard]] Witness false_cost_pays();
/// A node that earns more at the price equilibrium as two (PRICE-13).
[[nodiscard]] Witness splitting_pays();
/// An allocation at rest of which another one has a greater least load (MIG-9).
[[nodiscard]] Witness rest_is_not_optimal();
/// Equal nodes end as seven on each layer (MIG-5).
[[nodiscard]] Witness equal_costs_end_seven_each();
/// Nodes of random costs hardly ever do.
[[nodiscard]] Witness random_costs_do_not();
/// Seven equal nodes rest at 7/3 (PRICE-13).
[[nodiscard]] Witness equal_costs_price_seven_thirds();
/// Seven nodes of random costs rest at higher prices.
[[nodiscard]] Witness unscaled_costs_price_more();
/// Least-weight routing has other shares than Eq. 3 (PRICE-3).
[[nodiscard]] Witness routing_is_not_boltzmann();
/// The stated rate takes layer 3 to its price of row 100 of Table 1 after 23 steps and no other number (PRICE-5).
[[nodiscard]] Witness table_one_is_slower();
/// No constant rate prints the prices of layer 3 in the rows 100 and 500 (PRICE-5).
[[nodiscard]] Witness no_rate_prints_two_rows();
/// Equal nodes at rest have the prices of row 500 (PRICE-13).
[[nodiscard]] Witness row_500_is_at_rest();
/// A provider of the first layer reads the tokens off the input that it executes a step on (COMMIT-4).
[[nodiscard]] Witness first_layer_reads_the_prompt();

}  // namespace p2pllm::proofs
