#pragma once

#include <optional>
#include <string>

#include "model/market/certificate.hpp"

namespace p2pllm::fuzz {

/// The limits of a fuzz target for one input; anything larger is skipped.
inline constexpr std::size_t work_nodes_max = 14;
inline constexpr long work_bits_max = 1024;

/// The certificate that the programs write when they are asked one of these lines, for the network's first client:
///     route ALPHA | pareto | verify ALPHA EPSILON relative | verify ALPHA EPSILON absolute
///     balance share | balance ALPHA (the revenue rule)
/// Prices count only in a request that `is_of_prices`.
/// @returns nothing if the text is no such line, no answer is known within the limits, or it has no certificate
[[nodiscard]] std::optional<Certificate> honest_certificate(const std::string& request, const Network& network,
                                                            const std::optional<Prices>& prices);
[[nodiscard]] inline bool is_of_prices(const std::string& request) {
  return request.starts_with("verify") || (request.starts_with("balance") && request != "balance share");
}

}  // namespace p2pllm::fuzz
